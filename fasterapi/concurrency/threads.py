"""Blocking work in a thread pool, so that one slow `def` never stops the event loop."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import Context, copy_context
from typing import Any, Final, ParamSpec, TypeVar, cast, final

P = ParamSpec("P")
T = TypeVar("T")

DEFAULT_THREAD_LIMIT: Final = 40
"""How many blocking calls run at once in a process where nobody says otherwise, as in Starlette."""


@final
class _Pools:
    """The threads of this process.

    Clean-up has threads of its own. Handlers may hold every other one while they wait for something, such as a
    connection of a database, that only the clean-up of another request gives back.
    """

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.work = ThreadPoolExecutor(limit, thread_name_prefix="fasterapi")
        self.cleanup = ThreadPoolExecutor(limit, thread_name_prefix="fasterapi-cleanup")

    def renew(self, limit: int) -> None:
        """Begin with new pools; those before finish what they were given, and end then."""
        self.limit = limit
        self.work = ThreadPoolExecutor(limit, thread_name_prefix="fasterapi")
        self.cleanup = ThreadPoolExecutor(limit, thread_name_prefix="fasterapi-cleanup")

    def renew_after_fork(self) -> None:
        """No thread survives a fork, but a pool would go on counting with them."""
        self.renew(self.limit)


@final
class Abandonment:
    """Tells blocking work of several steps that nobody waits for the steps that are left."""

    def __init__(self) -> None:
        self.is_set = False


_pools: Final = _Pools(DEFAULT_THREAD_LIMIT)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_pools.renew_after_fork)


def set_thread_limit(limit: int) -> None:
    """Let so many blocking handlers, dependencies and `run_in_threadpool` calls run at once in this process (40 otherwise).

    What was begun before goes on beside them.
    Example: `set_thread_limit(100)` for handlers that mostly wait for a database with a pool of 100 connections.
    """
    if limit < 1:
        raise ValueError(f"The thread limit is {limit}, which would let nothing run. Write 1 or more.")
    _pools.renew(limit)


def thread_limit() -> int:
    """How many blocking calls may run at once in this process."""
    return _pools.limit


async def run_in_threadpool(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Call a blocking function in a thread and wait for its result without blocking the loop.

    Context variables are seen by the function, and those that it sets are seen by the caller afterwards. A thread cannot
    be stopped: a cancelled caller still waits for the function's end, as in Starlette, so that whatever follows finds
    nothing half done.

    Example: `text = await run_in_threadpool(path.read_text, encoding="utf-8")`.
    """
    return await _run(_pools.work, function, args, kwargs, None)


async def run_steps(steps: Callable[[], None], abandonment: Abandonment) -> None:
    """Call a blocking function that looks at `abandonment` between its steps, and ends early where it is set."""
    await _run(_pools.work, steps, (), {}, abandonment)


async def run_cleanup(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """The same as `run_in_threadpool`, in the threads that are kept for clean-up."""
    return await _run(_pools.cleanup, function, args, kwargs, None)


async def _run(
    pool: ThreadPoolExecutor,
    function: Callable[..., T],
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
    abandonment: Abandonment | None,
) -> T:
    context = copy_context()
    work = pool.submit(context.run, _call, function, args, kwargs)
    try:
        return await _result_of(work, abandonment)
    finally:
        adopt(context)


async def _result_of(work: Future[T], abandonment: Abandonment | None) -> T:
    try:
        return await asyncio.wrap_future(work)
    except asyncio.CancelledError as error:
        # Raised again only behind this block: compiled, a block that waits forgets what it caught.
        cancelled = error
    if abandonment is not None:
        abandonment.is_set = True
    if not work.cancel():
        await _wait_out(work)
    raise cancelled


def _call(function: Callable[..., T], args: tuple[Any, ...], kwargs: dict[str, Any]) -> T:
    try:
        return function(*args, **kwargs)
    except StopIteration as stop:
        # No future takes it: who waits would never wake up.
        raise RuntimeError(f"{function!r} raised StopIteration") from stop


async def _wait_out(work: Future[Any]) -> None:
    """Wait for work that has begun, however often this is cancelled meanwhile."""
    ended = asyncio.wrap_future(work)
    while not ended.done():
        try:
            await asyncio.wait([ended])
        except asyncio.CancelledError:
            continue
    if not ended.cancelled():
        # Who was cancelled hears of nothing else: that it was asked for keeps the loop from reporting it.
        ended.exception()


def adopt(context: Context) -> None:
    """Set here what was set there, so that a provider's context variables reach the handler."""
    current = copy_context()
    for variable, value in context.items():
        if variable not in current or current[variable] is not value:
            variable.set(cast("object", value))
