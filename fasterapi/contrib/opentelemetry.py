"""Traces by OpenTelemetry: a span for every request and WebSocket, in the trace that the client is in."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any, Final, final

from typing_extensions import override

from fasterapi._version import __version__
from fasterapi.asgi import ASGIApp, Receive, Scope, Send
from fasterapi.contrib.asgi_compat import get_header, http_version, route_template

try:
    from opentelemetry.propagate import extract
    from opentelemetry.propagators.textmap import Getter
    from opentelemetry.trace import Span, SpanKind, Status, StatusCode, TracerProvider, get_tracer, use_span
    from opentelemetry.util.types import AttributeValue
except ModuleNotFoundError as _missing:
    raise ModuleNotFoundError(
        "fasterapi.contrib.opentelemetry needs opentelemetry-api: pip install 'fasterapi-framework[opentelemetry]', and"
        " opentelemetry-sdk with an exporter to send the traces somewhere",
        name=_missing.name,
    ) from _missing

_METHODS: Final = frozenset(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "QUERY"])


@final
class _HeaderGetter(Getter[Scope]):
    @override
    def get(self, carrier: Scope, key: str) -> list[str] | None:
        wanted = key.lower().encode("latin-1")
        found = [value.decode("latin-1") for name, value in carrier.get("headers") or () if name.lower() == wanted]
        return found or None

    @override
    def keys(self, carrier: Scope) -> list[str]:
        return [name.decode("latin-1") for name, _ in carrier.get("headers") or ()]


_GETTER: Final = _HeaderGetter()


@final
class OpenTelemetryMiddleware:
    """Opens a span around every request, and ends it with the answer.

    Example:
        app.add_middleware(OpenTelemetryMiddleware, excluded_routes={"/livez", "/readyz"})

    The span is named by method and route, `GET /items/{item_id}`, and has the attributes of OpenTelemetry's conventions for HTTP
    servers; queries, headers other than `User-Agent`, and bodies stay out, as secrets stand there. It goes on with the trace of the
    client (`traceparent`), and what handlers, their threads and their dependencies trace stands below it. What is raised is recorded.

    `excluded_routes` are routes, as declared, without spans of their own: they are known by the path, so name those without parameters.
    """

    def __init__(self, app: ASGIApp, *, tracer_provider: TracerProvider | None = None, excluded_routes: Collection[str] = ()) -> None:
        self._app = app
        self._tracer = get_tracer("fasterapi", __version__, tracer_provider)
        self._excluded = frozenset(excluded_routes)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Have the connection answered in a span."""
        if scope["type"] == "lifespan" or scope["path"] in self._excluded:
            await self._app(scope, receive, send)
            return
        method = _method_of(scope)
        span = self._tracer.start_span(
            method, context=extract(scope, getter=_GETTER), kind=SpanKind.SERVER, attributes=_attributes_of(scope, method)
        )
        watcher = _Watcher(span, send)
        try:
            with use_span(span, end_on_exit=False, record_exception=True, set_status_on_exception=True):
                await self._app(scope, receive, watcher.send)
        except Exception as error:
            span.set_attribute("error.type", type(error).__qualname__)
            raise
        finally:
            route = route_template(scope)
            if route is not None:
                span.update_name(f"{method} {route}")
                span.set_attribute("http.route", route)
            span.end()


@final
class _Watcher:
    """Sees how the answer begins."""

    def __init__(self, span: Span, send: Send) -> None:
        self._span = span
        self._send = send

    async def send(self, message: Mapping[str, Any]) -> None:
        if message["type"] in {"http.response.start", "websocket.http.response.start"}:
            status: int = message["status"]
            self._span.set_attribute("http.response.status_code", status)
            # What is the client's fault is no error of the server (semantic conventions for HTTP spans, Status).
            if status >= 500:
                self._span.set_attribute("error.type", str(status))
                self._span.set_status(Status(StatusCode.ERROR))
        await self._send(message)


def _method_of(scope: Scope) -> str:
    if scope["type"] == "websocket":
        return "GET"
    method: str = scope["method"]
    return method if method in _METHODS else "HTTP"


def _attributes_of(scope: Scope, method: str) -> dict[str, AttributeValue]:
    attributes: dict[str, AttributeValue] = {
        "http.request.method": "_OTHER" if method == "HTTP" else method,
        "url.scheme": scope.get("scheme", "http"),
        "url.path": scope["path"],
        "network.protocol.version": http_version(scope),
    }
    attributes.update(_address("server", scope.get("server")))
    attributes.update(_address("client", scope.get("client")))
    agent = get_header(scope, "user-agent")
    if agent is not None:
        attributes["user_agent.original"] = agent
    return attributes


def _address(of: str, address: Iterable[Any] | None) -> dict[str, AttributeValue]:
    if not address:
        return {}
    host, port = address
    return {f"{of}.address": host} if port is None else {f"{of}.address": host, f"{of}.port": port}
