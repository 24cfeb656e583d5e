"""Metrics, traces on the console, health.

    pip install 'fasterapi-framework[prometheus,opentelemetry]' opentelemetry-sdk
    fasterapi run examples/observed.py

Try /items/1, /metrics, /livez and /readyz.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, ConsoleSpanExporter

from fasterapi import Depends, Faster, HTTPException
from fasterapi.contrib.health import health_router
from fasterapi.contrib.opentelemetry import OpenTelemetryMiddleware
from fasterapi.contrib.prometheus import PrometheusMiddleware, metrics_endpoint

provider = TracerProvider()
provider.add_span_processor(BatchSpanProcessor(ConsoleSpanExporter()))

ITEMS = {1: "pen", 2: "book"}


def get_items() -> dict[int, str]:
    return ITEMS


async def stock(items: dict[int, str] = Depends(get_items)) -> bool:
    return bool(items)


@asynccontextmanager
async def lifespan(app: Faster) -> AsyncIterator[None]:
    yield
    # What is not sent yet is sent now.
    provider.shutdown()


app = Faster(lifespan=lifespan)
app.add_middleware(OpenTelemetryMiddleware, tracer_provider=provider, excluded_routes={"/livez", "/readyz", "/metrics"})
app.add_middleware(PrometheusMiddleware)
app.include_router(health_router({"stock": stock}))
app.get("/metrics", include_in_schema=False)(metrics_endpoint())


@app.get("/items/{item_id}", responses={404: {"description": "There is no such item"}})
async def read_item(item_id: int, items: dict[int, str] = Depends(get_items)) -> str:
    if item_id not in items:
        raise HTTPException(404, f"There is no item {item_id}")
    return items[item_id]
