"""The ASGI lifespan protocol: what runs before the first request and after the last.

Interpreted: context managers are asynchronous generators here, and the handlers of an event are a list that can be called.
"""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, contextmanager
from traceback import format_exception
from typing import Any, TypeAlias, TypeVar, cast

from fasterapi.asgi import Receive, Scope, Send

LifespanState: TypeAlias = Mapping[str, Any] | None
"""What a lifespan yields: the state of every request, or nothing."""

Lifespan: TypeAlias = Callable[[Any], AbstractAsyncContextManager[LifespanState] | AsyncIterator[LifespanState] | Iterator[LifespanState]]
"""Takes the application and gives an asynchronous context manager, or is the generator, asynchronous or not, that would make one."""

LifespanContext: TypeAlias = Callable[[Any], AbstractAsyncContextManager[LifespanState]]
"""Takes the application and gives a context manager that spans the requests."""

EventHandler = TypeVar("EventHandler", bound=Callable[[], Any])


class EventHandlers(list[Callable[[], Any]]):
    """The functions of one event, in the order of their calls; calling the list decorates one more of them.

    Example: `@app.on_startup` above a function, coroutine or not, or `app.on_startup.append(function)`.
    """

    def __call__(self, handler: EventHandler) -> EventHandler:
        """Add a function and give it back as it was."""
        if not callable(handler):
            raise TypeError(f"{handler!r} is no function. Write the decorator without parentheses, or on_event({handler!r}).")
        self.append(handler)
        return handler


def lifespan_context(lifespan: Lifespan) -> LifespanContext:
    """The lifespan in the one form that all forms can be brought into."""

    @asynccontextmanager
    async def context(app: object) -> AsyncIterator[LifespanState]:
        made = lifespan(app)
        if isinstance(made, AsyncIterator):
            async with asynccontextmanager(_again)(made) as state:
                yield state
        elif isinstance(made, Iterator):
            with contextmanager(_as_is)(made) as state:
                yield state
        else:
            async with made as state:
                yield state

    return context


def events_context(startup: Sequence[Callable[[], Any]], shutdown: Sequence[Callable[[], Any]]) -> LifespanContext:
    """A lifespan of event handlers. When one at start-up fails none of the shutdown is called, as it may need what all of them make."""

    async def start() -> None:
        for handler in startup:
            await _call(handler)

    async def stop() -> None:
        await _call_all(shutdown)

    return between(start, stop)


def between(start: Callable[[], Awaitable[None]], stop: Callable[[], Awaitable[None]]) -> LifespanContext:
    """A lifespan of two coroutine functions."""

    @asynccontextmanager
    async def context(_app: object) -> AsyncIterator[LifespanState]:
        await start()
        try:
            yield None
        finally:
            await stop()

    return context


@asynccontextmanager
async def joined(contexts: Sequence[LifespanContext], app: object) -> AsyncIterator[LifespanState]:
    """Several lifespans as one: begun in their order, ended from the last to the first, also when one of them fails.

    What they yield is put together; where two give the same name the earlier one is heard.
    """
    state: dict[str, Any] | None = None
    async with AsyncExitStack() as stack:
        for context in contexts:
            given = await stack.enter_async_context(context(app))
            if given is not None:
                state = {**given, **(state or {})}
        yield state


async def run_lifespan(
    scope: Scope, receive: Receive, send: Send, context: Callable[[], AbstractAsyncContextManager[LifespanState]]
) -> None:
    """Enter the context at the server's start, leave it at its end.

    A failure is told to the server with its traceback, so that it logs it and does not serve; then it is raised.
    """
    await receive()
    phase = "startup"
    try:
        async with context() as state:
            _hand_over(scope, state)
            await send({"type": "lifespan.startup.complete"})
            phase = "shutdown"
            await receive()
    except BaseException as error:
        # Servers log the message, and not what is raised behind it.
        await send({"type": f"lifespan.{phase}.failed", "message": "".join(format_exception(error))})
        raise
    await send({"type": "lifespan.shutdown.complete"})


async def _call(handler: Callable[[], Any]) -> None:
    given = handler()
    if inspect.isawaitable(given):
        await given


async def _call_all(handlers: Sequence[Callable[[], Any]]) -> None:
    """Call every handler, whatever the others do; what they raise is raised when all are through."""
    errors: list[Exception] = []
    for handler in handlers:
        try:
            await _call(handler)
        except Exception as error:  # noqa: BLE001 - raised below
            errors.append(error)
    if len(errors) == 1:
        raise errors[0]
    if errors:
        raise ExceptionGroup("Several handlers of the shutdown failed", errors)


def _again(iterator: AsyncIterator[LifespanState]) -> AsyncIterator[LifespanState]:
    return iterator


def _as_is(iterator: Iterator[LifespanState]) -> Iterator[LifespanState]:
    return iterator


def _hand_over(scope: Scope, state: LifespanState) -> None:
    """What the lifespan yields becomes the state of every request."""
    if state is None:
        return
    if "state" not in scope:
        raise RuntimeError(
            "The lifespan yields a state, and this server cannot carry one to the requests. Yield nothing, or use another server."
        )
    cast("dict[str, Any]", scope["state"]).update(state)
