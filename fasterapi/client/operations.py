"""What was declared, ready to run: HTTP requests that end in their handlers.

Interpreted: calls what users declare.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, cast

from fasterapi.binding.markers import COOKIE, FILE, FORM, HEADER, MISSING, PATH, QUERY
from fasterapi.binding.signature import ASYNC_GENERATOR_CALL, AWAITABLE_CALL, COROUTINE_CALL, GENERATOR_CALL, described
from fasterapi.client.body import JSON
from fasterapi.client.config import merge_configs
from fasterapi.client.dependencies import Resolution
from fasterapi.client.engine import Engine
from fasterapi.client.errors import DeclarationError, FastHTTPRequestError, FastHTTPValidationError
from fasterapi.client.hooks import EventHooks
from fasterapi.client.response import Response, bad_status
from fasterapi.client.route import HandlerShape, Route
from fasterapi.client.router import Surroundings, join_urls
from fasterapi.client.types import RequestConfig
from fasterapi.client.verbs import Declared
from fasterapi.concurrency.threads import run_in_threadpool

_PASSED_ON: Final = ("path_params", "response_model", "request_model", "responses", "raise_for_status", "retry")


class Performed:
    """The value of a handler, and the response that it had."""

    __slots__ = ("response", "value")

    def __init__(self, value: object, response: Response | None) -> None:
        self.value: object = value
        self.response: Response | None = response


class Operation:
    """Something declared that can run."""

    def __init__(self, declared: Declared, around: Surroundings, defaults: RequestConfig) -> None:
        self.hooks: EventHooks = around.hooks
        self._declared = declared
        self._defaults = defaults
        options: dict[str, Any] = {name: declared.options[name] for name in _PASSED_ON if declared.options.get(name) is not None}
        self.route: Route = Route(
            self.wire_method,
            join_urls(around.prefix, declared.url),
            declared.handler,
            config=declared.config(),
            tags=[*around.tags, *(declared.options.get("tags") or ())],
            dependencies=[*around.dependencies, *(declared.options.get("dependencies") or ())],
            base_url=around.base_url,
            **options,
        )

    @property
    def wire_method(self) -> str:
        """The method that is sent."""
        return self._declared.method

    def configured(self) -> RequestConfig:
        """How it is made, before dependencies and middleware change that."""
        return merge_configs(self._defaults, self.route.config)

    async def perform(self, engine: Engine, arguments: Mapping[str, object]) -> Performed:
        """Run it with values for the handler's parameters; told to hooks and middleware is what goes wrong."""
        config = self.configured()
        try:
            return await self._perform(engine, config, arguments)
        except Exception as error:
            await engine.report(error, self.route, config, self.hooks)
            raise

    async def _perform(self, engine: Engine, config: RequestConfig, arguments: Mapping[str, object]) -> Performed:
        raise NotImplementedError

    def names(self) -> Sequence[str]:
        """The names of the values that it takes, in the order of the handler's parameters."""
        return ()

    def bind(self, args: Sequence[object], kwargs: Mapping[str, object]) -> dict[str, object]:
        """Values by name, of how the operation was called."""
        names = self.names()
        if len(args) > len(names):
            raise DeclarationError(f"{self.route.name} takes {len(names)} values, not {len(args)}.")
        bound = dict(zip(names, args, strict=False))
        unknown = kwargs.keys() - set(names)
        if unknown:
            raise DeclarationError(f"{self.route.name} takes no {', '.join(sorted(unknown))}. It takes {', '.join(names) or 'no values'}.")
        return {**bound, **kwargs}


class HTTPOperation(Operation):
    """A request, and the handler of its response."""

    def __init__(self, declared: Declared, around: Surroundings, defaults: RequestConfig) -> None:
        super().__init__(declared, around, defaults)
        self.shape: HandlerShape = HandlerShape(declared.handler, self.route.template)
        if self.shape.call_kind in (GENERATOR_CALL, ASYNC_GENERATOR_CALL):
            raise DeclarationError(
                f"{described(declared.handler)}: a handler cannot be a generator. Return the value instead of yielding it."
            )

    def names(self) -> Sequence[str]:
        """The handler's parameters beside the response, and the places of the URL that it does not ask for."""
        return [*[argument.name for argument in self.shape.arguments], *self.shape.unasked]

    async def _perform(self, engine: Engine, config: RequestConfig, arguments: Mapping[str, object]) -> Performed:
        route = self.route
        values: dict[str, object] = {**route.path_params, **arguments}
        if self.shape.arguments:
            config = self._fill(config, values)
        url = route.template.fill(values)
        async with Resolution(route, config, values) as resolution:
            for dependency in route.dependencies:
                await resolution.apply(dependency)
            for argument in self.shape.arguments:
                if argument.dependency is not None and argument.name not in values:
                    values[argument.name] = await resolution.provide(argument.dependency)
            response = await engine.fetch(route, url, resolution.config, self.hooks)
            if route.template.names:
                response.path_params = {name: values[name] for name in route.template.names}
            return Performed(await self._handle(response, values), response)

    def _fill(self, config: RequestConfig, values: dict[str, object]) -> RequestConfig:
        """Put the values of parameters where they are sent, and defaults where nothing was given."""
        params: dict[str, Any] = {}
        headers: dict[str, str] = {}
        cookies: dict[str, str] = {}
        bodies: dict[str, object] = {}
        forms: dict[str, object] = {}
        files: list[tuple[str, object]] = []
        added: dict[str, Any] = {"params": params, "headers": headers, "cookies": cookies, "files": files}
        for argument in self.shape.arguments:
            if argument.dependency is not None:
                continue
            value = values.setdefault(argument.name, argument.default)
            if value is MISSING:
                raise FastHTTPRequestError(
                    f"{self.route.name} needs a value for {argument.name!r}. Call it with one:"
                    f" app.call({self.route.name}, {argument.name}=…); or give the parameter a default.",
                    method=self.route.method,
                    url=self.route.url,
                )
            if value is None or argument.source == PATH:
                continue
            if argument.source == QUERY:
                params[argument.alias] = value
            elif argument.source == HEADER:
                headers[argument.alias] = str(value)
            elif argument.source == COOKIE:
                cookies[argument.alias] = str(value)
            elif argument.source == FORM:
                forms[argument.alias] = value
            elif argument.source == FILE:
                files.extend([(argument.alias, each) for each in (value if isinstance(value, list) else [value])])
            elif argument.media_type not in (None, JSON):
                added["data"] = value
                headers.setdefault("Content-Type", str(argument.media_type))
            else:
                bodies[argument.alias] = value
        if forms:
            added["data"] = forms
        if bodies:
            added["json"] = next(iter(bodies.values())) if len(bodies) == 1 else bodies
        return merge_configs(config, {name: value for name, value in added.items() if value})

    async def _handle(self, response: Response, values: Mapping[str, object]) -> object:
        shape = self.shape
        first: object = response
        if shape.body_model is not None:
            if not response.ok:
                raise bad_status(response, response.model)
            try:
                first = shape.body_model.read(response.content)
            except FastHTTPValidationError as error:
                raise error.located(response.method, response.url, response.attempts) from error.__cause__
        keywords = {argument.name: values[argument.name] for argument in shape.arguments}
        return await call_handler(shape.handler, shape.call_kind, first, keywords)


async def call_handler(handler: Any, call_kind: int, first: object, keywords: Mapping[str, object]) -> object:
    """What a handler returns: `async def` in the event loop, `def`, which may block, in a thread."""
    if call_kind in (COROUTINE_CALL, AWAITABLE_CALL):
        return cast(object, await handler(first, **keywords))
    return await run_in_threadpool(handler, first, **keywords)
