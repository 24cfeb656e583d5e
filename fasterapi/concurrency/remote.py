"""Calls as the bytes that go to another process or interpreter, and what comes back."""

from __future__ import annotations

import asyncio
import inspect
import logging
import pickle
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Future
from typing import Any, Final, final

from fasterapi.concurrency.remote_call import NOT_LOADED, RETURNED

_logger: Final = logging.getLogger("fasterapi")


class RemoteTraceback(Exception):
    """Where an exception was raised, in a process or interpreter of its own; the `__cause__` of what the caller sees."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text

    def __str__(self) -> str:
        return f'\n"""\n{self.text}"""'


@final
class Answer:
    """What came back."""

    def __init__(self, answer: bytes) -> None:
        how, value, text = pickle.loads(answer)  # noqa: S301 - it comes from a child of this program
        self.is_loaded: bool = how != NOT_LOADED
        self._has_returned: bool = how == RETURNED
        self._value: Any = value
        if not self._has_returned:
            self._value.__cause__ = RemoteTraceback(text)

    def result(self) -> Any:
        """What the function returned; raises what it raised."""
        if self._has_returned:
            return self._value
        raise self._value

    @property
    def failure(self) -> BaseException | None:
        """What the function raised."""
        return None if self._has_returned else self._value


def request_of(function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> bytes:
    """The request to call a function. Raises `TypeError` for one that cannot be called elsewhere."""
    if inspect.iscoroutinefunction(function):
        raise TypeError(f"{name_of(function)} is a coroutine function, which needs no process of its own. Write await instead.")
    try:
        return pickle.dumps((function, args, kwargs), pickle.HIGHEST_PROTOCOL)
    except (pickle.PicklingError, AttributeError, TypeError) as error:
        raise TypeError(
            f"{name_of(function)} cannot be called in another process or interpreter, with these arguments: {error}."
            " Pass a function that a module defines at its top, and values that can be pickled."
        ) from error


def name_of(function: Callable[..., Any]) -> str:
    """The function's name, with its module."""
    return f"{getattr(function, '__module__', '?')}.{getattr(function, '__qualname__', repr(function))}"


async def answer_of(work: Future[bytes], name: str) -> Answer:
    """Wait for an answer. Work that has begun when its caller is cancelled goes on, and a failure of it is logged."""
    try:
        return Answer(await asyncio.wrap_future(work))
    except BrokenExecutor as error:
        raise RuntimeError(f"The process that called {name} ended before it gave an answer: it was killed, or left by itself.") from error
    except asyncio.CancelledError:
        if not work.cancel():
            work.add_done_callback(lambda ended: _report_abandoned(ended, name))
        raise


def _report_abandoned(work: Future[bytes], name: str) -> None:
    error = work.exception()
    if error is None:
        error = Answer(work.result()).failure
    if error is not None:
        _logger.error("%s failed after its caller had given up", name, exc_info=error)
