"""Traces go on at the other side."""

from __future__ import annotations

import pytest

from fasterapi.client import AsyncSession, FastHTTPConnectionError, RetryMiddleware, TracingMiddleware
from tests.client.sites import LOCAL, Answer, Site, refused_url

export = pytest.importorskip("opentelemetry.sdk.trace.export.in_memory_span_exporter")


@pytest.fixture
def spans(monkeypatch: pytest.MonkeyPatch) -> object:
    from opentelemetry import trace
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor

    exporter = export.InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(trace, "get_tracer", provider.get_tracer)
    return exporter


async def test_a_span_for_each_request(site: Site, spans: export.InMemorySpanExporter) -> None:  # type: ignore[name-defined]  # imported where it is installed
    site.answer_in_turn("/x", Answer("busy", 503), Answer("ok"))
    chain = TracingMiddleware() | RetryMiddleware(backoff_factor=0)
    async with AsyncSession(base_url=site.url(), security=LOCAL, middleware=chain) as session:
        await session.get("/x", params={"token": "s3cret"})
        with pytest.raises(FastHTTPConnectionError):
            await session.get(refused_url())
    good, bad = spans.get_finished_spans()
    assert good.name == "GET"
    assert good.attributes["http.response.status_code"] == 200
    assert good.attributes["http.request.resend_count"] == 1
    assert good.attributes["url.full"] == site.url("/x?token=***")
    trace_id = f"{good.context.trace_id:032x}"
    assert all(trace_id in asked.headers["traceparent"] for asked in site.asked)
    assert bad.status.status_code.name == "ERROR"
