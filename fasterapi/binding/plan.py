"""A handler's dependency graph, flattened at start-up into calls that requests only execute."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Coroutine, Generator
from typing import Any, Final, cast, final

from fasterapi._compat import Raw
from fasterapi.binding.body_reader import BodyReader
from fasterapi.binding.scalars import FAIL
from fasterapi.binding.signature import ASYNC_GENERATOR_CALL, AWAITABLE_CALL, COROUTINE_CALL, DIRECT_CALL, GENERATOR_CALL, THREAD_CALL
from fasterapi.binding.sources import Source
from fasterapi.concurrency.limit import ConcurrencyLimit
from fasterapi.concurrency.threads import Abandonment, run_in_threadpool, run_steps
from fasterapi.errors import ErrorItem
from fasterapi.http.exchange import Exchange

_SOURCE_ORDER: Final = {"path": 0, "query": 1, "header": 2, "cookie": 3, "body": 4}


@final
class Call:
    """One function of the graph: how to call it and where each argument comes from."""

    def __init__(
        self, call: Callable[..., Any], kind: int, sources: list[Source], keywords: list[str], is_handler: bool, until_response: bool
    ) -> None:
        self.call = call
        self.kind = kind
        self._sources = sources
        self._arity = -1 if keywords else len(sources)
        self._keywords = keywords
        self._is_handler = is_handler
        self.until_response = until_response
        self.limit: ConcurrencyLimit | None = None
        """How many of its calls may run at once, where there is a limit; set before the plan is made."""
        self.together: list[Call] | None = None
        """This call and those that follow it in the same thread."""
        self.is_done_before = False
        """Whether this is a handler that runs in the thread of the providers before it."""

    def start(self, exchange: Exchange) -> object:
        """Bind and call; `FAIL` when the request does not have what the call needs.

        The common arities are written out: a positional call of known arity needs no list of its arguments.
        """
        arity = self._arity
        if arity == 0:
            return self.call()
        sources = self._sources
        known = exchange.error_count()
        if arity == 1:
            first = sources[0].value(exchange)
            if exchange.errors is None:
                return self.call(first)
            arguments = [first]
        elif arity == 2:
            first = sources[0].value(exchange)
            second = sources[1].value(exchange)
            if exchange.errors is None:
                return self.call(first, second)
            arguments = [first, second]
        elif arity == 3:
            first = sources[0].value(exchange)
            second = sources[1].value(exchange)
            third = sources[2].value(exchange)
            if exchange.errors is None:
                return self.call(first, second, third)
            arguments = [first, second, third]
        else:
            arguments = [source.value(exchange) for source in sources]
            if exchange.errors is None:
                return self.apply(arguments)
        return self.apply(arguments) if self._usable(arguments, exchange, known) else FAIL

    def arguments(self, exchange: Exchange) -> list[object] | None:
        """The bound arguments, or `None` when the request does not have what the call needs."""
        known = exchange.error_count()
        arguments = [source.value(exchange) for source in self._sources]
        if exchange.errors is None or self._usable(arguments, exchange, known):
            return arguments
        return None

    def apply(self, arguments: list[object]) -> object:
        """Call with bound arguments."""
        keywords = self._keywords
        if not keywords:
            return self.call(*arguments)
        positional = len(arguments) - len(keywords)
        return self.call(*arguments[:positional], **dict(zip(keywords, arguments[positional:], strict=True)))

    def _usable(self, arguments: list[object], exchange: Exchange, known: int) -> bool:
        """Whether this may be called in a request that has faults: a provider where it has all it needs, the handler never.

        Its own faults are put into FastAPI's order: path, query, header, cookie, body, whatever the order of the parameters.
        """
        errors = exchange.errors
        if errors is not None and len(errors) - known > 1:
            errors[known:] = sorted(errors[known:], key=_source_rank)
        if self._is_handler:
            return False
        for argument in arguments:
            if argument is FAIL:
                return False
        return True


@final
class Plan:
    """What a request executes: providers in the order of their needs, then the handler."""

    def __init__(self, providers: list[Call], handler: Call, body: BodyReader | None) -> None:
        self.providers: list[Call] = _with_trips_joined(providers, handler)
        self.handler = handler
        self.body = body
        self.has_cleanup: bool = (body is not None and body.is_form) or any(
            call.kind in (GENERATOR_CALL, ASYNC_GENERATOR_CALL) for call in providers
        )
        self.is_direct: bool = not self.providers and not self.has_cleanup and handler.kind == COROUTINE_CALL
        """Whether there is nothing but a body to read and a coroutine to await."""


@final
class ThreadTrip:
    """Calls that may block, one after the other in one thread: every trip there costs more than most of them do."""

    def __init__(self, calls: list[Call], first: int, arguments: list[object], exchange: Exchange) -> None:
        self._calls = calls
        self._first = first
        self._arguments = arguments
        self._exchange = exchange
        self.abandonment: Abandonment = Abandonment()

    def run(self) -> None:
        """Make the calls; what they give takes its place on the exchange."""
        exchange = self._exchange
        provided = exchange.provided
        assert provided is not None
        calls = self._calls
        provided.append(_call_in_thread(calls[self._first], self._arguments, exchange))
        for index in range(self._first + 1, len(calls)):
            if self.abandonment.is_set:
                return
            arguments = calls[index].arguments(exchange)
            provided.append(FAIL if arguments is None else _call_in_thread(calls[index], arguments, exchange))


async def provide(plan: Plan, exchange: Exchange) -> None:
    """Run the providers; each one's result takes its place on the exchange, `FAIL` where the request lacks what it needs."""
    provided: list[object] = []
    exchange.provided = provided
    for call in plan.providers:
        if call.limit is not None:
            provided.append(await _finish_limited(call, call.limit, exchange))
        elif call.kind == COROUTINE_CALL:
            started = call.start(exchange)
            provided.append(started if started is FAIL else await Raw(cast("Coroutine[Any, Any, object]", started)))
        elif call.kind == DIRECT_CALL:
            provided.append(call.start(exchange))
        elif call.together is not None:
            await _provide_in_thread(call.together, provided, exchange)
        else:
            provided.append(await finish(call, exchange))


async def finish(call: Call, exchange: Exchange) -> object:
    """The result of a call of any kind, `FAIL` when the request lacks what it needs."""
    if call.is_done_before:
        provided = exchange.provided
        assert provided is not None
        return provided.pop()
    if call.kind == DIRECT_CALL:
        return call.start(exchange)
    if call.kind in (COROUTINE_CALL, AWAITABLE_CALL):
        started = call.start(exchange)
        return started if started is FAIL else await cast("Coroutine[Any, Any, object]", started)
    arguments = call.arguments(exchange)
    return FAIL if arguments is None else await _finish_bound(call, arguments, exchange)


async def _finish_bound(call: Call, arguments: list[object], exchange: Exchange) -> object:
    if call.kind in (THREAD_CALL, GENERATOR_CALL):
        return await run_in_threadpool(_call_in_thread, call, arguments, exchange)
    given = call.apply(arguments)
    if call.kind == DIRECT_CALL:
        return given
    if call.kind != ASYNC_GENERATOR_CALL:
        return await cast("Coroutine[Any, Any, object]", given)
    cleanups = exchange.cleanups
    assert cleanups is not None
    return await cleanups.enter(cast("AsyncGenerator[object, Any]", given), call.until_response)


async def _finish_limited(call: Call, limit: ConcurrencyLimit, exchange: Exchange) -> object:
    """The result of a call that waits for its place; one with clean-up keeps the place until after it."""
    arguments = call.arguments(exchange)
    if arguments is None:
        return FAIL
    place = await limit.take()
    cleanups = exchange.cleanups
    if cleanups is not None and call.kind in (GENERATOR_CALL, ASYNC_GENERATOR_CALL):
        cleanups.keep(place, call.until_response)
        return await _finish_bound(call, arguments, exchange)
    try:
        return await _finish_bound(call, arguments, exchange)
    finally:
        place.give_back()


async def _provide_in_thread(calls: list[Call], provided: list[object], exchange: Exchange) -> None:
    """Make calls that share a thread; a request that has what none of them needs is spared the trip."""
    for index in range(len(calls)):
        arguments = calls[index].arguments(exchange)
        if arguments is not None:
            trip = ThreadTrip(calls, index, arguments, exchange)
            await run_steps(trip.run, trip.abandonment)
            return
        provided.append(FAIL)


def _call_in_thread(call: Call, arguments: list[object], exchange: Exchange) -> object:
    given = call.apply(arguments)
    if call.kind != GENERATOR_CALL:
        return given
    cleanups = exchange.cleanups
    assert cleanups is not None
    return cleanups.enter_in_thread(cast("Generator[object, Any, Any]", given), call.until_response)


def _with_trips_joined(providers: list[Call], handler: Call) -> list[Call]:
    """The providers without those that run in the thread of one before them, where the handler may join them."""
    left: list[Call] = []
    together: list[Call] | None = None
    for call in providers:
        is_free = call.limit is None
        blocks = is_free and call.kind in (THREAD_CALL, GENERATOR_CALL)
        if together is not None and (blocks or (is_free and call.kind == DIRECT_CALL)):
            together.append(call)
            continue
        together = None
        if blocks:
            together = [call]
            call.together = together
        left.append(call)
    if together is not None and handler.kind == THREAD_CALL:
        together.append(handler)
        handler.is_done_before = True
    return left


def _source_rank(error: ErrorItem) -> int:
    return _SOURCE_ORDER[str(error["loc"][0])]
