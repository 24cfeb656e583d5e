"""A handler's dependency graph, flattened at start-up into calls that requests only execute."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any, Final, cast, final

from fasterapi._compat import Raw
from fasterapi.binding.body_reader import BodyReader
from fasterapi.binding.scalars import FAIL
from fasterapi.binding.signature import ASYNC_GENERATOR_CALL, AWAITABLE_CALL, COROUTINE_CALL, DIRECT_CALL, GENERATOR_CALL, THREAD_CALL
from fasterapi.binding.sources import Source
from fasterapi.concurrency.cleanup import Provider
from fasterapi.concurrency.threads import run_in_threadpool
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
        self.providers = providers
        self.handler = handler
        self.body = body
        self.has_cleanup: bool = (body is not None and body.is_form) or any(
            call.kind in (GENERATOR_CALL, ASYNC_GENERATOR_CALL) for call in providers
        )


async def provide(plan: Plan, exchange: Exchange) -> None:
    """Run the providers; each one's result takes its place on the exchange, `FAIL` where the request lacks what it needs."""
    provided: list[object] = []
    exchange.provided = provided
    for call in plan.providers:
        if call.kind == COROUTINE_CALL:
            started = call.start(exchange)
            provided.append(started if started is FAIL else await Raw(cast("Coroutine[Any, Any, object]", started)))
        elif call.kind == DIRECT_CALL:
            provided.append(call.start(exchange))
        else:
            provided.append(await finish(call, exchange))


async def finish(call: Call, exchange: Exchange) -> object:
    """The result of a call of any kind, `FAIL` when the request lacks what it needs."""
    if call.kind == DIRECT_CALL:
        return call.start(exchange)
    if call.kind in (COROUTINE_CALL, AWAITABLE_CALL):
        started = call.start(exchange)
        return started if started is FAIL else await cast("Coroutine[Any, Any, object]", started)
    arguments = call.arguments(exchange)
    if arguments is None:
        return FAIL
    if call.kind == THREAD_CALL:
        return await run_in_threadpool(call.apply, arguments)
    cleanups = exchange.cleanups
    assert cleanups is not None
    return await cleanups.enter(cast("Provider", call.apply(arguments)), call.until_response)


def _source_rank(error: ErrorItem) -> int:
    return _SOURCE_ORDER[str(error["loc"][0])]
