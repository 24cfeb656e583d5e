from __future__ import annotations

from typing import Any

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

from fasterapi import Depends, Faster, HTTPException, JSONResponse, WebSocket
from fasterapi.contrib.opentelemetry import OpenTelemetryMiddleware
from fasterapi.testing import TestClient

TRACE = "0af7651916cd43dd8448eb211c80319c"
PARENT = "b7ad6b7169203331"


class Traced:
    """An application whose spans are kept."""

    def __init__(self, **given: Any) -> None:
        self.exporter = InMemorySpanExporter()
        provider = TracerProvider()
        provider.add_span_processor(SimpleSpanProcessor(self.exporter))
        tracer = provider.get_tracer("handlers")
        self.app = Faster()
        self.app.add_middleware(OpenTelemetryMiddleware, tracer_provider=provider, **given)
        self.client = TestClient(self.app, raise_server_exceptions=False)

        def in_a_thread() -> None:
            with tracer.start_as_current_span("in a thread"):
                pass

        @self.app.get("/items/{item_id}")
        async def read(item_id: int, _: None = Depends(in_a_thread)) -> int:
            with tracer.start_as_current_span("inner"):
                return item_id

        @self.app.get("/missing")
        async def missing() -> None:
            raise HTTPException(404)

        @self.app.get("/broken")
        async def broken() -> None:
            raise RuntimeError("a bug")

        @self.app.get("/refused")
        async def refused() -> JSONResponse:
            return JSONResponse({}, 503)

        @self.app.get("/livez")
        async def livez() -> None: ...

        @self.app.websocket("/rooms/{room}")
        async def room(websocket: WebSocket, room: str) -> None:
            await websocket.accept()
            await websocket.send_text(format(trace.get_current_span().get_span_context().trace_id, "032x"))

    def spans(self) -> dict[str, ReadableSpan]:
        return {span.name: span for span in self.exporter.get_finished_spans()}

    def span(self) -> ReadableSpan:
        (span,) = [span for span in self.exporter.get_finished_spans() if span.kind is SpanKind.SERVER]
        return span


def attributes(span: ReadableSpan) -> dict[str, object]:
    return dict(span.attributes or {})


def test_a_span_is_named_by_its_route() -> None:
    traced = Traced()
    traced.client.get("/items/7?token=secret", headers={"User-Agent": "test", "Authorization": "Bearer secret"})
    span = traced.span()
    assert span.name == "GET /items/{item_id}"
    assert attributes(span) == {
        "http.request.method": "GET",
        "http.route": "/items/{item_id}",
        "http.response.status_code": 200,
        "url.scheme": "http",
        "url.path": "/items/7",
        "network.protocol.version": "1.1",
        "server.address": "testserver",
        "server.port": 80,
        "client.address": "testclient",
        "client.port": 50000,
        "user_agent.original": "test",
    }


def test_a_span_of_a_mounted_application_is_named_by_its_route() -> None:
    traced, inner = Traced(), Faster()
    inner.get("/orders/{order_id}")(lambda order_id: order_id)
    traced.app.mount("/v1", inner)
    traced.client.get("/v1/orders/7")
    assert (traced.span().name, attributes(traced.span())["http.route"]) == ("GET /v1/orders/{order_id}", "/v1/orders/{order_id}")


def test_it_goes_on_with_the_trace_of_the_client() -> None:
    traced = Traced()
    traced.client.get("/items/7", headers={"traceparent": f"00-{TRACE}-{PARENT}-01"})
    span = traced.span()
    assert span.context is not None
    assert span.parent is not None
    assert (f"{span.context.trace_id:032x}", f"{span.parent.span_id:016x}") == (TRACE, PARENT)


@pytest.mark.parametrize("header", ["", "nonsense", f"00-{'0' * 32}-{PARENT}-01", "00-" + "f" * 5000, f"ff-{TRACE}-{PARENT}-01"])
def test_a_trace_that_is_none_begins_a_new_one(header: str) -> None:
    traced = Traced()
    assert traced.client.get("/items/7", headers={"traceparent": header}).status_code == 200
    assert traced.span().parent is None


def test_what_handlers_and_threads_trace_stands_below() -> None:
    traced = Traced()
    traced.client.get("/items/7")
    spans = traced.spans()
    outer = spans["GET /items/{item_id}"].context
    assert outer is not None
    inner, thread = spans["inner"].parent, spans["in a thread"].parent
    assert inner is not None
    assert thread is not None
    assert (inner.span_id, thread.span_id) == (outer.span_id, outer.span_id)


def test_what_is_raised_is_recorded() -> None:
    traced = Traced()
    assert traced.client.get("/broken").status_code == 500
    span = traced.span()
    assert (span.status.status_code, attributes(span)["error.type"]) == (StatusCode.ERROR, "RuntimeError")
    assert [dict(event.attributes or {})["exception.message"] for event in span.events] == ["a bug"]


def test_an_answer_that_is_an_error_of_the_server_is_one() -> None:
    traced = Traced()
    traced.client.get("/refused")
    span = traced.span()
    assert (span.status.status_code, attributes(span)["error.type"]) == (StatusCode.ERROR, "503")


@pytest.mark.parametrize(("path", "name"), [("/missing", "GET /missing"), ("/nowhere", "GET"), ("/items/x", "GET /items/{item_id}")])
def test_what_is_the_clients_fault_is_no_error(path: str, name: str) -> None:
    traced = Traced()
    traced.client.get(path)
    assert (traced.span().name, traced.span().status.status_code) == (name, StatusCode.UNSET)


def test_clients_cannot_make_names() -> None:
    traced = Traced()
    traced.client.request("MADEUP", "/made/up")
    assert (traced.span().name, attributes(traced.span())["http.request.method"]) == ("HTTP", "_OTHER")


def test_websockets_have_a_span() -> None:
    traced = Traced()
    with traced.client.websocket_connect("/rooms/blue", headers={"traceparent": f"00-{TRACE}-{PARENT}-01"}) as websocket:
        assert websocket.receive_text() == TRACE
    assert traced.span().name == "GET /rooms/{room}"


def test_excluded_routes_have_none() -> None:
    traced = Traced(excluded_routes={"/livez"})
    assert traced.client.get("/livez").status_code == 200
    assert traced.spans() == {}
