"""Published ASGI middleware of others, unchanged, around our applications and between our own middleware."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from typing import Any, Final
from uuid import uuid4

import pytest
import sentry_sdk
from asgi_correlation_id import CorrelationIdMiddleware, correlation_id
from opentelemetry import trace
from opentelemetry.instrumentation.asgi import OpenTelemetryMiddleware
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from sentry_sdk.integrations.asgi import SentryAsgiMiddleware
from sentry_sdk.integrations.logging import LoggingIntegration
from sentry_sdk.transport import Transport

from fasterapi import Faster, Request, Response
from fasterapi.asgi import ASGIApp, Receive, Send
from fasterapi.middleware import BaseHTTPMiddleware, BodySizeLimitMiddleware, CORSMiddleware, GZipMiddleware, SessionMiddleware
from fasterapi.middleware.base import RequestResponseEndpoint
from fasterapi.testing import TestClient
from tests.server.servers import Serving

ID: Final = uuid4().hex
TRACE: Final = "4bf92f3577b34da6a3ce929d0e0e4736"


class PassOn(BaseHTTPMiddleware):
    async def dispatch(self, request: Request, call_next: RequestResponseEndpoint) -> Response:
        return await call_next(request)


def bare(app: ASGIApp) -> ASGIApp:
    return app


def among_ours(app: ASGIApp) -> ASGIApp:
    """The application inside all of our own middleware."""
    return PassOn(GZipMiddleware(CORSMiddleware(SessionMiddleware(BodySizeLimitMiddleware(PassOn(app), 1000), "key"), ["*"]), 0))


@pytest.fixture(params=[bare, among_ours])
def inside(request: pytest.FixtureRequest) -> Callable[[ASGIApp], ASGIApp]:
    """What stands between the foreign middleware and the application."""
    wrap: Callable[[ASGIApp], ASGIApp] = request.param
    return wrap


# asgi-correlation-id.


def make_identified_app() -> Faster:
    app = Faster()

    @app.get("/async")
    async def handler() -> str | None:
        return correlation_id.get()

    @app.get("/sync")
    def blocking_handler() -> str | None:
        return correlation_id.get()

    @app.get("/header")
    async def header(request: Request) -> str | None:
        return request.headers.get("x-request-id")

    return app


@pytest.mark.parametrize("path", ["/async", "/sync", "/header"])
def test_requests_have_an_id(inside: Callable[[ASGIApp], ASGIApp], path: str) -> None:
    client = TestClient(CorrelationIdMiddleware(inside(make_identified_app())))
    answer = client.get(path, headers={"x-request-id": ID})
    assert (answer.json(), answer.headers["x-request-id"]) == (ID, ID)
    made = client.get(path)
    assert made.json() == made.headers["x-request-id"] != ID


def test_ids_are_not_handed_down_to_the_next_request(inside: Callable[[ASGIApp], ASGIApp]) -> None:
    client = TestClient(CorrelationIdMiddleware(inside(make_identified_app())))
    assert len({client.get("/async").json() for _ in range(5)}) == 5


def test_middleware_of_ours_around_it_sees_the_id() -> None:
    seen: list[str | None] = []

    async def look(request: Request, call_next: RequestResponseEndpoint) -> Response:
        response = await call_next(request)
        seen.append(correlation_id.get())
        return response

    client = TestClient(BaseHTTPMiddleware(CorrelationIdMiddleware(make_identified_app()), dispatch=look))
    client.get("/async", headers={"x-request-id": ID})
    assert seen == [ID]


# sentry-sdk.


class KeptEvents(Transport):
    """Keeps events instead of sending them."""

    def __init__(self) -> None:
        super().__init__()
        self.events: list[dict[str, Any]] = []

    def capture_envelope(self, envelope: Any) -> None:
        event = envelope.get_event() or envelope.get_transaction_event()
        if event is not None:
            self.events.append(event)


@pytest.fixture
def events() -> Iterator[list[dict[str, Any]]]:
    """What Sentry would be sent."""
    transport = KeptEvents()
    client = sentry_sdk.Client(
        dsn="https://key@sentry.example/1",
        transport=transport,
        traces_sample_rate=1.0,
        default_integrations=False,
        integrations=[LoggingIntegration(event_level=logging.ERROR)],
        auto_enabling_integrations=False,
    )
    with sentry_sdk.isolation_scope() as scope:
        scope.set_client(client)
        yield transport.events


def make_watched_app() -> Faster:
    app = Faster()

    @app.get("/tell")
    async def tell() -> None:
        sentry_sdk.capture_message("told")

    @app.get("/fail")
    async def fail() -> None:
        raise ZeroDivisionError("of the handler")

    return app


def test_what_a_handler_tells_sentry_names_its_request(inside: Callable[[ASGIApp], ASGIApp], events: list[dict[str, Any]]) -> None:
    client = TestClient(SentryAsgiMiddleware(inside(make_watched_app())))
    assert client.get("/tell?a=1").status_code == 200
    message, transaction = events
    assert message["message"] == "told"
    assert (message["request"]["url"], message["request"]["query_string"]) == ("http://testserver/tell", "a=1")
    assert transaction["type"] == "transaction"
    assert message["contexts"]["trace"]["trace_id"] == transaction["contexts"]["trace"]["trace_id"]


def test_sentry_hears_of_a_handler_that_fails(inside: Callable[[ASGIApp], ASGIApp], events: list[dict[str, Any]]) -> None:
    client = TestClient(SentryAsgiMiddleware(inside(make_watched_app())), raise_server_exceptions=False)
    assert client.get("/fail").status_code == 500
    values = [event["exception"]["values"][-1]["value"] for event in events if "exception" in event]
    assert "of the handler" in values


def test_sentry_hears_of_an_application_that_fails(inside: Callable[[ASGIApp], ASGIApp], events: list[dict[str, Any]]) -> None:
    async def app(scope: Any, receive: Receive, send: Send) -> None:
        raise ZeroDivisionError("of the application")

    with pytest.raises(ZeroDivisionError):
        TestClient(SentryAsgiMiddleware(inside(app))).get("/")
    failures = [event["exception"]["values"] for event in events if "exception" in event]
    assert [[value["value"] for value in values] for values in failures] == [["of the application"]]


# opentelemetry-instrumentation-asgi.


@pytest.fixture
def spans() -> InMemorySpanExporter:
    return InMemorySpanExporter()


def traced(app: ASGIApp, spans: InMemorySpanExporter) -> ASGIApp:
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(spans))
    wrapped: ASGIApp = OpenTelemetryMiddleware(app, tracer_provider=provider, exclude_spans=["receive", "send"])
    return wrapped


def make_traced_app() -> Faster:
    app = Faster()

    @app.get("/async")
    async def handler() -> int:
        return trace.get_current_span().get_span_context().span_id

    @app.get("/sync")
    def blocking_handler() -> int:
        return trace.get_current_span().get_span_context().span_id

    return app


@pytest.mark.parametrize("path", ["/async", "/sync"])
def test_handlers_run_within_the_span_of_their_request(
    inside: Callable[[ASGIApp], ASGIApp], spans: InMemorySpanExporter, path: str
) -> None:
    client = TestClient(traced(inside(make_traced_app()), spans))
    answer = client.get(path, headers={"traceparent": f"00-{TRACE}-00f067aa0ba902b7-01"})
    span: ReadableSpan
    (span,) = spans.get_finished_spans()
    assert span.attributes is not None
    assert span.context is not None
    assert (span.name.split()[0], span.attributes["http.status_code"]) == ("GET", 200)
    assert (answer.json(), f"{span.context.trace_id:032x}") == (span.context.span_id, TRACE)


def test_each_request_has_a_span_of_its_own(inside: Callable[[ASGIApp], ASGIApp], spans: InMemorySpanExporter) -> None:
    client = TestClient(traced(inside(make_traced_app()), spans))
    assert len({client.get("/async").json() for _ in range(5)}) == 5
    assert [span.parent for span in spans.get_finished_spans()] == [None] * 5


# All of them.


def test_they_work_together_on_a_real_server(
    inside: Callable[[ASGIApp], ASGIApp], spans: InMemorySpanExporter, events: list[dict[str, Any]]
) -> None:
    app = traced(SentryAsgiMiddleware(CorrelationIdMiddleware(inside(make_identified_app()))), spans)
    with Serving(app) as serving, serving.connect() as client:
        for _ in range(3):
            client.send(b"GET /async HTTP/1.1\r\nhost: localhost\r\nx-request-id: %b\r\n\r\n" % ID.encode())
            answer = client.answer()
            assert (answer.status, answer.body) == (200, b'"%b"' % ID.encode())
            assert answer.headers["x-request-id"] == ID
    assert len(spans.get_finished_spans()) == 3


# What others may do with heads.


def test_heads_that_are_changed_in_place_do_not_change_the_next_answer() -> None:
    app = Faster()

    @app.get("/", status_code=204)
    async def nothing() -> None: ...

    def marking(inner: ASGIApp) -> ASGIApp:
        async def outer(scope: Any, receive: Receive, send: Send) -> None:
            async def send_marked(message: Any) -> None:
                if message["type"] == "http.response.start":
                    message["headers"].append([b"x-mark", b"1"])
                await send(message)

            await inner(scope, receive, send_marked)

        return outer

    client = TestClient(PassOn(marking(app)))
    for _ in range(3):
        assert client.get("/").headers.get_list("x-mark") == ["1"]


def test_pairs_of_headers_may_be_lists(inside: Callable[[ASGIApp], ASGIApp]) -> None:
    app = Faster()

    @app.get("/")
    async def look(request: Request) -> str | None:
        return request.headers.get("x-mark")

    def marking(inner: ASGIApp) -> ASGIApp:
        async def outer(scope: Any, receive: Receive, send: Send) -> None:
            await inner({**scope, "headers": [*scope["headers"], [b"x-mark", b"1"]]}, receive, send)

        return outer

    assert TestClient(marking(inside(app))).get("/").json() == "1"
