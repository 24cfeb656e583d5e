"""Metrics for Prometheus: how many requests, how they ended, how long they took."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from time import perf_counter
from typing import Final, final
from weakref import WeakKeyDictionary

from fasterapi.asgi import ASGIApp, Receive, Scope, Send
from fasterapi.contrib.asgi_compat import route_template
from fasterapi.http.request import Request
from fasterapi.http.responses import Response

try:
    from prometheus_client import REGISTRY, CollectorRegistry, Counter, Gauge, Histogram
    from prometheus_client.exposition import choose_encoder
    from prometheus_client.multiprocess import MultiProcessCollector
except ModuleNotFoundError as _missing:
    raise ModuleNotFoundError(
        "fasterapi.contrib.prometheus needs prometheus-client: pip install 'fasterapi-framework[prometheus]'", name=_missing.name
    ) from _missing

DEFAULT_BUCKETS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Upper bounds in seconds, up to which durations are counted."""

_METHODS: Final = frozenset(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "QUERY"])
_CLIENT_LEFT: Final = "499"


@final
class _Metrics:
    """The metrics of one registry, which takes each name one time."""

    def __init__(self, registry: CollectorRegistry, buckets: Sequence[float]) -> None:
        labels = ["method", "route"]
        self.requests = Counter("http_requests", "Requests by how they ended.", [*labels, "status"], registry=registry)
        self.durations = Histogram(
            "http_request_duration_seconds",
            "Seconds from the request to the end of the answer.",
            labels,
            registry=registry,
            buckets=buckets,
        )
        self.in_progress = Gauge(
            "http_requests_in_progress", "Requests that are being answered.", registry=registry, multiprocess_mode="livesum"
        )


_known: Final[WeakKeyDictionary[CollectorRegistry, _Metrics]] = WeakKeyDictionary()


@final
class PrometheusMiddleware:
    """Counts and times every request.

    Example:
        app.add_middleware(PrometheusMiddleware)
        app.get("/metrics", include_in_schema=False)(metrics_endpoint())

    `http_requests_total{method, route, status}`, `http_request_duration_seconds{method, route}` and `http_requests_in_progress`. The
    label `route` is the route as it was declared, `/items/{item_id}`, and empty where none fits; other methods than those of HTTP
    are `OTHER`: clients cannot make labels. The status is 500 for what is raised and 499 for a client that left before the answer.
    Add it last, so that it stands around the other middleware.
    """

    def __init__(self, app: ASGIApp, *, registry: CollectorRegistry = REGISTRY, buckets: Sequence[float] = DEFAULT_BUCKETS) -> None:
        self._app = app
        metrics = _known.get(registry)
        if metrics is None:
            metrics = _known[registry] = _Metrics(registry, buckets)
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Have the request answered, and write down how."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status = _CLIENT_LEFT

        async def watched(message: Mapping[str, object]) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = str(message["status"])
            await send(message)

        metrics = self._metrics
        metrics.in_progress.inc()
        begun = perf_counter()
        try:
            await self._app(scope, receive, watched)
        except Exception:
            # Answered further out. Where the answer had begun, its status tells less than that it broke off.
            status = "500"
            raise
        finally:
            seconds = perf_counter() - begun
            metrics.in_progress.dec()
            method = scope["method"] if scope["method"] in _METHODS else "OTHER"
            route = route_template(scope) or ""
            metrics.requests.labels(method, route, status).inc()
            metrics.durations.labels(method, route).observe(seconds)


def metrics_endpoint(registry: CollectorRegistry = REGISTRY) -> Callable[[Request], Response]:
    """A handler that shows a registry to Prometheus, in the format that it asks for.

    With several workers set `PROMETHEUS_MULTIPROC_DIR` to an empty directory: all of them count there, and any of them shows the sum.
    Keep the path from the outside, at the proxy or by a dependency.
    """

    # No `async`: collecting may read files, and takes its time where there are many metrics.
    def metrics(request: Request) -> Response:
        shown = registry
        if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
            shown = CollectorRegistry()
            MultiProcessCollector(shown)  # type: ignore[no-untyped-call]  # registers itself
        try:
            encode, media_type = choose_encoder(request.headers.get("accept", ""))
        except (TypeError, ValueError):
            # A version that is no number, which prometheus-client takes for one.
            encode, media_type = choose_encoder("")
        return Response(encode(shown), headers={"Content-Type": media_type})

    return metrics
