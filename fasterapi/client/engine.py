"""The way of one request from its configuration to its checked response: what apps and sessions share.

Interpreted: calls what users declare, and manages contexts.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fasterapi.client.certificates import ClientCertificate, Verify
from fasterapi.client.config import build_request, merge_configs
from fasterapi.client.cookies import CookieJar
from fasterapi.client.errors import FastHTTPError, FastHTTPValidationError
from fasterapi.client.guard import Guard, as_guard
from fasterapi.client.hooks import EventHooks
from fasterapi.client.limits import DEFAULT_LIMITS, Limits
from fasterapi.client.middleware.base import MiddlewareManager, Middlewares
from fasterapi.client.middleware.retry import as_retry
from fasterapi.client.models import check_request
from fasterapi.client.proxies import EnvironmentProxies, check_proxy
from fasterapi.client.request import Request
from fasterapi.client.response import Response, bad_status
from fasterapi.client.route import Route
from fasterapi.client.routed_transport import RoutedTransport
from fasterapi.client.sender import Sender
from fasterapi.client.stream import StreamedResponse
from fasterapi.client.target import Target
from fasterapi.client.transport import NetworkTransport, Transport
from fasterapi.client.types import RequestConfig


class Settings:
    """What holds for every request of an app or a session."""

    def __init__(
        self,
        *,
        base_url: str | None = None,
        config: RequestConfig | None = None,
        http2: bool = False,
        proxy: str | None = None,
        trust_env: bool = False,
        security: bool | Guard = True,
        middleware: Middlewares = None,
        cookie_jar: CookieJar | None = None,
        raise_for_status: bool = False,
        limits: Limits | None = None,
        verify: Verify = True,
        cert: ClientCertificate | None = None,
        transport: Transport | None = None,
    ) -> None:
        self.base_url = base_url
        self.config: RequestConfig = config or {}
        self.http2 = http2
        self._proxy: str | None = None if proxy is None else check_proxy(proxy)
        named = EnvironmentProxies(os.environ if trust_env and proxy is None else {})
        self._named_proxies: EnvironmentProxies | None = None if named.is_empty() else named
        self.guard: Guard | None = as_guard(security)
        self.middleware: MiddlewareManager = MiddlewareManager(middleware)
        self.cookie_jar = cookie_jar
        self.raise_for_status = raise_for_status
        self.limits: Limits = limits or DEFAULT_LIMITS
        self.verify: Verify = verify
        self.cert: ClientCertificate | None = cert
        self.transport: Transport | None = transport

    def make_transport(self) -> Transport:
        """New connections, for one event loop."""
        if self.transport is not None:
            return self.transport
        return self._through(self._proxy) if self._named_proxies is None else RoutedTransport(self._named_proxies.proxy_for, self._through)

    def proxy_for(self, target: Target) -> str | None:
        """The proxy of what goes to a target; `None` where it goes straight there."""
        return self._proxy if self._named_proxies is None else self._named_proxies.proxy_for(target)

    def _through(self, proxy: str | None) -> Transport:
        return NetworkTransport(guard=self.guard, limits=self.limits, http2=self.http2, proxy=proxy, verify=self.verify, cert=self.cert)


class Engine:
    """Makes requests over connections that belong to one event loop."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._transport = settings.make_transport()
        self._sender = Sender(self._transport, settings.middleware, settings.cookie_jar, settings.guard, settings.limits)

    async def close(self) -> None:
        """Close the connections."""
        if self._settings.transport is None:
            await self._transport.close()

    async def fetch(self, route: Route, url: str, config: RequestConfig, hooks: EventHooks) -> Response:
        """The response to a request, checked against its models."""
        try:
            request = await self._prepare(route, url, config, hooks)
            manager = self._settings.middleware
            response = await manager.around(request, self._sender.send, as_retry(route.retry))
            for middleware in reversed(manager.overriding("response", route.method)):
                response = await middleware.response(response)
            response = await hooks.process_response(response)
            self._check(route, response)
        except FastHTTPError as error:
            error.located(route.method, url)
            raise
        return response

    @asynccontextmanager
    async def stream(self, route: Route, url: str, config: RequestConfig, hooks: EventHooks) -> AsyncIterator[StreamedResponse]:
        """A response whose body is read by the caller."""
        try:
            sent, wire = await self._sender.open(await self._prepare(route, url, config, hooks))
        except FastHTTPError as error:
            error.located(route.method, url)
            raise
        try:
            yield StreamedResponse(sent, wire, self._settings.limits)
        finally:
            await wire.close()

    async def report(self, error: Exception, route: Route, config: RequestConfig, hooks: EventHooks) -> None:
        """Tell middleware and hooks of an error."""
        for middleware in self._settings.middleware.overriding("on_error", route.method):
            await middleware.on_error(error, route, config)
        await hooks.process_error(error, route)

    async def _prepare(self, route: Route, url: str, config: RequestConfig, hooks: EventHooks) -> Request:
        settings = self._settings
        merged: Any = merge_configs(settings.config, config)
        for middleware in settings.middleware.overriding("request", route.method):
            merged = await middleware.request(route.method, url, merged)
        if hooks.request_hooks:
            merged = await hooks.process_request(route, merged)
        if route.request_model is not None:
            _check_request(route, merged)
        return build_request(route.method, url, merged, route.base_url or settings.base_url, settings.limits.max_url_length)

    def _check(self, route: Route, response: Response) -> None:
        """Read the models of a response, and raise an error status where that is wanted."""
        model = route.model if response.ok else route.status_models.get(response.status_code)
        if model is not None and not (response.ok and response.method == "HEAD"):
            try:
                response.model = model.read(response.content)
            except FastHTTPValidationError as error:
                # A status is the news; that its body is another than declared must not hide it.
                if response.ok:
                    raise error.located(response.method, response.url, response.attempts) from error.__cause__
        if not response.ok and (route.raise_for_status or self._settings.raise_for_status):
            raise bad_status(response, response.model)


def _check_request(route: Route, config: RequestConfig) -> None:
    body = config.get("json")
    if body is None:
        body = config.get("data")
    check_request(route.request_model, body)
