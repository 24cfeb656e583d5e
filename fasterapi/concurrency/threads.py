"""Blocking work in a thread pool, so that one slow `def` never stops the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import Context, copy_context
from typing import Final, ParamSpec, TypeVar, cast

P = ParamSpec("P")
T = TypeVar("T")

_THREADS: Final = 40
"""How many blocking calls run at once in a process, as in Starlette."""

_pool: Final = ThreadPoolExecutor(_THREADS, thread_name_prefix="fasterapi")


async def run_in_threadpool(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Call a blocking function in a thread and wait for its result without blocking the loop.

    Context variables are seen by the function, and those that it sets are seen by the caller afterwards.
    """
    context = copy_context()
    work: asyncio.Future[T] = asyncio.get_running_loop().run_in_executor(_pool, lambda: context.run(function, *args, **kwargs))
    try:
        return await work
    finally:
        _adopt(context)


def _adopt(context: Context) -> None:
    """Set here what was set there, so that a provider's context variables reach the handler."""
    current = copy_context()
    for variable, value in context.items():
        if variable not in current or current[variable] is not value:
            variable.set(cast("object", value))
