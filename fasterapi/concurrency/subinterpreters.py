"""Work that keeps a processor busy, beside the event loop: in isolated interpreters where CPython has them, else in processes."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from types import TracebackType
from typing import Final, ParamSpec, Self, TypeVar, cast, final

from fasterapi.concurrency.interpreters import AVAILABLE, InterpreterWorkers
from fasterapi.concurrency.processes import ProcessWorkers
from fasterapi.concurrency.remote import answer_of, name_of, request_of
from fasterapi.concurrency.threads import run_cleanup

P = ParamSpec("P")
T = TypeVar("T")

_logger: Final = logging.getLogger("fasterapi")


@final
class SubInterpreterPool:
    """Calls functions in parallel, each in an interpreter with a lock of its own (CPython 3.13 and later) or in a process.

    A function must stand at the top of a module, and its arguments and result must be such that they can be pickled. An
    isolated interpreter loads no extension module that was not made for it: a function whose module needs one, and so
    each that stands in a module that imports fasterapi, runs in a process instead, and one line in the log says why.

    Example:
        async with SubInterpreterPool(max_workers=4) as pool:
            digest = await pool.run(hash_password, password, rounds=12)
    """

    def __init__(self, max_workers: int | None = None) -> None:
        """`max_workers` is how many calls run at once: one for each processor, unless told otherwise."""
        if max_workers is not None and max_workers < 1:
            raise ValueError(f"SubInterpreterPool() takes max_workers of 1 or more, not {max_workers}.")
        count = max_workers or _processors()
        self._interpreters = InterpreterWorkers(count) if AVAILABLE else None
        self._processes = ProcessWorkers(count)
        self._unloadable: set[str] = set()
        self._is_closed = False

    async def run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Call a function and wait for its result; what it raises has the traceback from there as its `__cause__`.

        What has begun cannot be stopped: when the caller is cancelled it goes on to its end, and is logged if it fails.
        """
        if self._is_closed:
            raise RuntimeError("This SubInterpreterPool was shut down. Make a new one.")
        request = request_of(function, args, kwargs)
        name = name_of(function)
        if self._interpreters is not None and name not in self._unloadable:
            answer = await answer_of(self._interpreters.submit(request), name)
            if answer.is_loaded:
                return cast("T", answer.result())
            self._note_unloadable(name, answer.failure)
        answer = await answer_of(self._processes.submit(request), name)
        return cast("T", answer.result())

    async def run_in_process(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """The same, always in a process."""
        if self._is_closed:
            raise RuntimeError("This SubInterpreterPool was shut down. Make a new one.")
        request = request_of(function, args, kwargs)
        answer = await answer_of(self._processes.submit(request), name_of(function))
        return cast("T", answer.result())

    def shutdown(self) -> None:
        """Take no more work, wait for what is under way, and let go of all workers."""
        self._is_closed = True
        if self._interpreters is not None:
            self._interpreters.close()
        self._processes.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await run_cleanup(self.shutdown)

    def _note_unloadable(self, name: str, failure: BaseException | None) -> None:
        if name not in self._unloadable:
            self._unloadable.add(name)
            _logger.warning(
                "%s runs in a process, because an isolated interpreter cannot load it (%s: %s)."
                " It could run in one from a module that imports neither fasterapi nor other extension modules.",
                name,
                type(failure).__name__,
                failure,
            )


@final
class _Shared:
    """The pool of those who have none of their own; made at the first need, and again after it was closed."""

    def __init__(self) -> None:
        self._pool: SubInterpreterPool | None = None

    def pool(self) -> SubInterpreterPool:
        """The pool."""
        if self._pool is None:
            self._pool = SubInterpreterPool()
        return self._pool

    def take(self) -> SubInterpreterPool | None:
        """The pool if there is one, to be closed by the caller."""
        pool, self._pool = self._pool, None
        return pool


_shared: Final = _Shared()


async def run_in_subinterpreter(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Call a function that keeps a processor busy, in parallel with everything else, and wait for its result.

    It runs in the `SubInterpreterPool` that all such calls of this process share.
    Example: `primes = await run_in_subinterpreter(count_primes, 1_000_000)`.
    """
    return await _shared.pool().run(function, *args, **kwargs)


async def run_in_executor(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """The same, always in a process: for functions that need extension modules, or memory of their own.

    Example: `thumbnail = await run_in_executor(resize, image, width=320)`.
    """
    return await _shared.pool().run_in_process(function, *args, **kwargs)


async def close_pools() -> None:
    """End the workers behind `run_in_subinterpreter` and `run_in_executor`; those who call them later get new ones."""
    pool = _shared.take()
    if pool is not None:
        await run_cleanup(pool.shutdown)


def _processors() -> int:
    """How many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
