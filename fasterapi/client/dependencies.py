"""What requests depend on: functions that change how they are made, and providers of values.

Interpreted: calls what users declare.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Generator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from types import TracebackType
from typing import Any, Self, cast

from fasterapi.binding.markers import MISSING, Dependency
from fasterapi.binding.signature import (
    ASYNC_GENERATOR_CALL,
    AWAITABLE_CALL,
    COROUTINE_CALL,
    DIRECT_CALL,
    GENERATOR_CALL,
    Parameter,
    Signature,
    SignatureError,
    described,
    read_signature,
)
from fasterapi.client.config import merge_configs
from fasterapi.client.errors import DeclarationError
from fasterapi.client.route import Route
from fasterapi.client.types import RequestConfig
from fasterapi.concurrency.threads import run_in_threadpool


class Resolution:
    """The dependencies of one request: what they gave so far, and what is to be cleaned up after it."""

    def __init__(self, route: Route, config: RequestConfig, values: Mapping[str, object]) -> None:
        self.config: RequestConfig = config
        self._route = route
        self._values = values
        self._given: dict[Callable[..., object], object] = {}
        self._visiting: list[Callable[..., object]] = []
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        await self._stack.__aenter__()
        return self

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc_value: BaseException | None, traceback: TracebackType | None
    ) -> None:
        # As on the server's side, a provider cannot swallow what went wrong: there would be no value in its place.
        await self._stack.__aexit__(exc_type, exc_value, traceback)

    async def apply(self, dependency: Dependency) -> None:
        """Run a dependency of the request; a configuration that it gives is what the request is made with."""
        before = self.config
        given = await self.provide(dependency)
        if isinstance(given, dict):
            # One that changed what it was given returns all of it, one that was given nothing returns what it adds.
            self.config = before if given is before else merge_configs(self.config, given)

    async def provide(self, dependency: Dependency) -> object:
        """What a provider gives: once for each request, unless `use_cache=False`."""
        provider = dependency.provider
        assert provider is not None
        if dependency.use_cache and provider in self._given:
            return self._given[provider]
        if provider in self._visiting:
            raise DeclarationError(f"{described(provider)} depends on itself.")
        self._visiting.append(provider)
        signature = _signature_of(provider)
        arguments: list[object] = []
        keywords: dict[str, object] = {}
        for position, parameter in enumerate(signature.parameters):
            value = await self._argument(provider, signature, position, parameter)
            if parameter.keyword_only:
                keywords[parameter.name] = value
            else:
                arguments.append(value)
        given = await self._call(provider, signature.call_kind, arguments, keywords)
        self._visiting.pop()
        self._given[provider] = given
        return given

    async def _argument(self, provider: Callable[..., object], signature: Signature, position: int, parameter: Parameter) -> object:
        nested = next((item for item in (parameter.default, *parameter.metadata) if isinstance(item, Dependency)), None)
        if nested is not None:
            known = nested.provider or cast("Callable[..., object]", parameter.annotation)
            return await self.provide(Dependency(known, nested.use_cache, nested.scope, ()))
        if parameter.name == "route" or parameter.annotation is Route:
            return self._route
        if parameter.name == "config" or parameter.annotation is RequestConfig:
            return self.config
        if parameter.name in self._values:
            return self._values[parameter.name]
        if parameter.default is not MISSING:
            return parameter.default
        if len(signature.parameters) == 2:
            # The documented form, (route, config), under other names.
            return (self._route, self.config)[position]
        raise DeclarationError(
            f"{described(provider)}: nothing gives a value for {parameter.name!r}. A dependency takes route, config,"
            " values that its request is called with, and what other dependencies provide."
        )

    async def _call(self, provider: Callable[..., object], call_kind: int, arguments: list[object], keywords: dict[str, object]) -> object:
        if call_kind in (COROUTINE_CALL, AWAITABLE_CALL):
            return await cast(Any, provider)(*arguments, **keywords)
        if call_kind == ASYNC_GENERATOR_CALL:
            entered = asynccontextmanager(cast("Callable[..., AsyncGenerator[object, None]]", provider))(*arguments, **keywords)
            return await self._stack.enter_async_context(entered)
        if call_kind == GENERATOR_CALL:
            blocking = cast("Callable[..., Generator[object, None, None]]", provider)
            return await self._stack.enter_async_context(_in_thread(blocking, arguments, keywords))
        if call_kind == DIRECT_CALL:
            return provider(*arguments, **keywords)
        return await run_in_threadpool(provider, *arguments, **keywords)


@asynccontextmanager
async def _in_thread(
    provider: Callable[..., Generator[object, None, None]], arguments: list[object], keywords: dict[str, object]
) -> AsyncIterator[object]:
    """A generator that may block, entered and left in a thread."""
    manager = contextmanager(provider)(*arguments, **keywords)
    value = await run_in_threadpool(manager.__enter__)
    try:
        yield value
    except BaseException as error:
        if not await run_in_threadpool(manager.__exit__, type(error), error, error.__traceback__):
            raise
    else:
        await run_in_threadpool(manager.__exit__, None, None, None)


def _signature_of(provider: Callable[..., object]) -> Signature:
    try:
        return read_signature(provider)
    except SignatureError as error:
        raise DeclarationError(f"{described(provider)}: {error}") from error
