"""Functions that are told of each request, response and error.

Interpreted: calls what users declare.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, TypeVar

from fasterapi.client.response import Response
from fasterapi.client.route import Route
from fasterapi.client.types import RequestConfig

Hook = TypeVar("Hook", bound=Callable[..., Any])


class EventHooks:
    """Collects hooks; a hook may be `def` or `async def`.

    Example:
        @app.on_response
        async def count(response: Response) -> None:
            statuses[response.status_code] += 1
    """

    def __init__(self) -> None:
        self.request_hooks: list[Callable[..., Any]] = []
        self.response_hooks: list[Callable[..., Any]] = []
        self.error_hooks: list[Callable[..., Any]] = []

    def on_request(self, hook: Hook) -> Hook:
        """Decorate a function `(route, config)` that sees, and may change or replace, how a request is made."""
        self.request_hooks.append(hook)
        return hook

    def on_response(self, hook: Hook) -> Hook:
        """Decorate a function `(response)` that sees, and may replace, every response, those with error statuses too."""
        self.response_hooks.append(hook)
        return hook

    def on_error(self, hook: Hook) -> Hook:
        """Decorate a function `(error, route)` that sees every request fail."""
        self.error_hooks.append(hook)
        return hook

    def merge(self, other: EventHooks) -> EventHooks:
        """The hooks of both, these first."""
        merged = EventHooks()
        for hooks in (self, other):
            merged.request_hooks.extend(hooks.request_hooks)
            merged.response_hooks.extend(hooks.response_hooks)
            merged.error_hooks.extend(hooks.error_hooks)
        return merged

    async def process_request(self, route: Route, config: RequestConfig) -> RequestConfig:
        """Tell of a request; the configuration that holds afterwards."""
        for hook in self.request_hooks:
            changed = await _result(hook(route, config))
            if changed is not None:
                config = changed
        return config

    async def process_response(self, response: Response) -> Response:
        """Tell of a response; the response that holds afterwards."""
        for hook in self.response_hooks:
            changed = await _result(hook(response))
            if isinstance(changed, Response):
                response = changed
        return response

    async def process_error(self, error: Exception, route: Route) -> None:
        """Tell of an error."""
        for hook in self.error_hooks:
            await _result(hook(error, route))


async def _result(value: Any) -> Any:
    return await value if inspect.isawaitable(value) else value
