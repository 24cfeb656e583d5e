from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import CollectorRegistry
from prometheus_client.parser import text_string_to_metric_families

from fasterapi import Faster, HTTPException, PlainTextResponse, WebSocket
from fasterapi.contrib.prometheus import PrometheusMiddleware, metrics_endpoint
from fasterapi.testing import TestClient
from tests.contrib.test_sqlalchemy import scope_of


class Measured:
    """An application with a registry of its own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.app = Faster()
        self.app.add_middleware(PrometheusMiddleware, registry=self.registry)
        self.client = TestClient(self.app, raise_server_exceptions=False)
        self.app.get("/metrics")(metrics_endpoint(self.registry))

        @self.app.get("/items/{item_id}")
        async def read(item_id: int) -> int:
            if item_id == 0:
                raise HTTPException(404)
            if item_id < 0:
                raise RuntimeError("a bug")
            return item_id

    def requests(self) -> dict[tuple[str, str, str], float]:
        """The counter, by method, route and status."""
        text = self.client.get("/metrics").text
        samples = [sample for family in text_string_to_metric_families(text) for sample in family.samples]
        return {
            (sample.labels["method"], sample.labels["route"], sample.labels["status"]): sample.value
            for sample in samples
            if sample.name == "http_requests_total"
        }

    def value(self, name: str, **labels: str) -> float | None:
        return self.registry.get_sample_value(name, labels)


def test_requests_are_counted_by_route_and_status() -> None:
    measured = Measured()
    for path in ("/items/1", "/items/2", "/items/0", "/items/-1", "/items/x"):
        measured.client.get(path)
    route = "/items/{item_id}"
    assert measured.requests() == {
        ("GET", route, "200"): 2,
        ("GET", route, "404"): 1,
        ("GET", route, "500"): 1,
        ("GET", route, "422"): 1,
    }


def test_clients_cannot_make_labels() -> None:
    measured = Measured()
    for number in range(50):
        measured.client.request(f"METHOD{number}", f"/made/up/{number}")
        measured.client.get(f"/made/up/{number}")
        measured.client.request(f"METHOD{number}", "/items/1")
    assert set(measured.requests()) == {("OTHER", "", "404"), ("GET", "", "404"), ("OTHER", "", "405")}


def test_durations_are_observed() -> None:
    measured = Measured()
    measured.client.get("/items/1")
    labels = {"method": "GET", "route": "/items/{item_id}"}
    assert measured.value("http_request_duration_seconds_count", **labels) == 1
    seconds = measured.value("http_request_duration_seconds_sum", **labels)
    assert seconds is not None
    assert 0 < seconds < 10


def test_requests_in_progress_are_seen_from_inside() -> None:
    measured = Measured()

    @measured.app.get("/now")
    async def now() -> float | None:
        return measured.value("http_requests_in_progress")

    assert measured.client.get("/now").json() == 1
    assert measured.value("http_requests_in_progress") == 0


def test_a_client_that_leaves_before_the_answer_is_499() -> None:
    measured = Measured()
    entered = asyncio.Event()

    @measured.app.post("/held")
    async def hold() -> None:
        entered.set()
        await asyncio.Event().wait()

    async def receive() -> dict[str, Any]:
        await asyncio.Event().wait()
        return {}

    async def send(message: dict[str, Any]) -> None:
        pass

    async def leave() -> None:
        task = asyncio.create_task(measured.app(scope_of("/held"), receive, send))
        await entered.wait()
        task.cancel()
        await asyncio.wait([task])

    asyncio.run(leave())
    assert measured.value("http_requests_total", method="POST", route="/held", status="499") == 1
    assert measured.value("http_requests_in_progress") == 0


def test_the_format_is_the_one_that_is_asked_for() -> None:
    measured = Measured()
    assert measured.client.get("/metrics").headers["content-type"].startswith("text/plain")
    asked = measured.client.get("/metrics", headers={"Accept": "application/openmetrics-text; version=1.0.0"})
    assert asked.headers["content-type"].startswith("application/openmetrics-text")
    assert asked.text.endswith("# EOF\n")


@pytest.mark.parametrize(
    "accept", ["", ";;;,", "*/*;q=x", "a" * 5000, "application/openmetrics-text; version=x.y", "text/plain; version=; escaping=?"]
)
def test_odd_wishes_get_some_format(accept: str) -> None:
    assert Measured().client.get("/metrics", headers={"Accept": accept}).status_code == 200


def test_two_applications_may_share_a_registry() -> None:
    first, second = Measured(), Faster()
    second.add_middleware(PrometheusMiddleware, registry=first.registry)

    @second.get("/other")
    async def other() -> PlainTextResponse:
        return PlainTextResponse("other")

    first.client.get("/items/1")
    TestClient(second).get("/other")
    assert set(first.requests()) == {("GET", "/items/{item_id}", "200"), ("GET", "/other", "200")}


def test_mounted_applications_are_counted_by_their_routes() -> None:
    measured, inner = Measured(), Faster()
    inner.get("/items/{item_id}")(lambda item_id: item_id)
    measured.app.mount("/v1", inner)
    for path in ("/v1/items/1", "/v1/items/2", "/v1/nowhere"):
        measured.client.get(path)
    assert measured.requests() == {("GET", "/v1/items/{item_id}", "200"): 2, ("GET", "/v1/{path:path}", "404"): 1}


def test_websockets_pass_uncounted() -> None:
    measured = Measured()

    @measured.app.websocket("/ws")
    async def hello(websocket: WebSocket) -> None:
        await websocket.accept()
        await websocket.send_text("hello")

    with measured.client.websocket_connect("/ws") as websocket:
        assert websocket.receive_text() == "hello"
    assert measured.requests() == {}


WORKER = """
from fasterapi import Faster
from fasterapi.contrib.prometheus import PrometheusMiddleware, metrics_endpoint
from fasterapi.testing import TestClient

app = Faster()
app.add_middleware(PrometheusMiddleware)
app.get("/metrics")(metrics_endpoint())
app.get("/a")(lambda: 1)
client = TestClient(app)
client.get("/a")
print(client.get("/metrics").text)
"""


def test_workers_are_added_up(tmp_path: Path) -> None:
    environment = {**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(tmp_path)}
    shown = [
        subprocess.run([sys.executable, "-c", WORKER], env=environment, capture_output=True, text=True, check=True).stdout for _ in range(2)
    ]
    assert 'http_requests_total{method="GET",route="/a",status="200"} 2.0' in shown[1]
