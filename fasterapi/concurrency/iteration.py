"""Blocking iterators, pulled in the thread pool."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable
from typing import Any, Final, TypeVar, cast, final

from fasterapi.concurrency.threads import run_cleanup, run_in_threadpool

T = TypeVar("T")

_END: Final = object()


@final
class ThreadedIterator:
    """Takes one item at a time, each in a thread; of a list or a tuple, which never block, without one."""

    def __init__(self, iterable: Iterable[Any]) -> None:
        self._iterator = iter(iterable)
        self._is_ready = isinstance(iterable, (list, tuple))

    def __aiter__(self) -> ThreadedIterator:
        return self

    async def __anext__(self) -> Any:
        item = next(self._iterator, _END) if self._is_ready else await run_in_threadpool(next, self._iterator, _END)
        if item is _END:
            raise StopAsyncIteration
        return item

    async def aclose(self) -> None:
        """Close what can be closed: a generator runs its `finally`, a file lets go of its descriptor."""
        iterator: Any = self._iterator
        if hasattr(iterator, "close"):
            close: Callable[[], object] = iterator.close
            await run_cleanup(close)


def iterate_in_threadpool(iterator: Iterable[T]) -> AsyncIterator[T]:
    """Iterate over something that may block without blocking the loop.

    Example: `async for line in iterate_in_threadpool(open("words.txt")): ...`.
    """
    return cast("AsyncIterator[T]", ThreadedIterator(iterator))
