"""Work that waits until the answer is on its way."""

from __future__ import annotations

import inspect
import logging
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Final, ParamSpec, cast

from mypy_extensions import mypyc_attr

from fasterapi.concurrency.threads import run_in_threadpool

P = ParamSpec("P")

_logger: Final = logging.getLogger("fasterapi")


@mypyc_attr(allow_interpreted_subclasses=True)
class BackgroundTask:
    """One call to make after the answer; a function that is not `async def` runs in the thread pool.

    Example: `return JSONResponse({"sent": True}, background=BackgroundTask(send_mail, "ada@example.org"))`.
    """

    def __init__(self, func: Callable[P, object], *args: P.args, **kwargs: P.kwargs) -> None:
        self.func = func
        self.args: tuple[object, ...] = args
        self.kwargs: dict[str, object] = kwargs
        self.is_async: bool = is_async(func)

    async def __call__(self) -> None:
        """Make the call; what it raises is raised."""
        func: Callable[..., Any] = self.func
        if self.is_async:
            await func(*self.args, **self.kwargs)
            return
        result: object = await run_in_threadpool(func, *self.args, **self.kwargs)
        if inspect.isawaitable(result):
            await result

    async def run(self) -> list[Exception]:
        """Make the call. Nobody waits for it any more: a failure is logged and given back."""
        try:
            await self.__call__()
        except Exception as error:
            _logger.exception("Background task %s raised %s", _name(self.func), type(error).__name__)
            return [error]
        return []


@mypyc_attr(allow_interpreted_subclasses=True)
class BackgroundTasks(BackgroundTask):
    """Several calls to make after the answer, one after the other; one that fails does not keep the next from running.

    Example:
        @app.post("/orders")
        async def order(tasks: BackgroundTasks) -> None:
            tasks.add_task(send_mail, "ada@example.org", subject="Your order")
    """

    def __init__(self, tasks: Sequence[BackgroundTask] | None = None) -> None:
        # Itself no call: a task only so that it can stand wherever a single one can.
        self.tasks: list[BackgroundTask] = [] if tasks is None else list(tasks)

    def add_task(self, func: Callable[P, object], *args: P.args, **kwargs: P.kwargs) -> None:
        """Add a call."""
        self.tasks.append(BackgroundTask(func, *args, **kwargs))

    async def __call__(self) -> None:
        """Make the calls; failures are logged."""
        await self.run()

    async def run(self) -> list[Exception]:
        """Make the calls. Failures are logged and given back."""
        failures: list[Exception] = []
        for task in self.tasks:
            failures.extend(await task.run())
        return failures


def is_async(func: object) -> bool:
    """Whether a call gives a coroutine; told by the function inside partials and callable objects."""
    while isinstance(func, partial):
        func = func.func
    if inspect.iscoroutinefunction(func):
        return True
    return not inspect.isroutine(func) and not isinstance(func, type) and inspect.iscoroutinefunction(cast(Any, type(func)).__call__)


def _name(func: object) -> str:
    return str(getattr(func, "__qualname__", None) or repr(func))
