"""Traces that go on at the other side: a span for each request, and its context in the headers.

Interpreted: as base.py.
"""

from __future__ import annotations

from typing import ClassVar

from typing_extensions import override

from fasterapi.client.masking import mask_url
from fasterapi.client.middleware.base import BaseMiddleware, CallNext
from fasterapi.client.request import Request
from fasterapi.client.response import Response


class TracingMiddleware(BaseMiddleware):
    """Makes an OpenTelemetry span of each request, further attempts included, and hands its context on.

    Needs `opentelemetry-api`.
    """

    __priority__: ClassVar[int] = 15

    def __init__(self) -> None:
        try:
            from opentelemetry import propagate, trace
        except ImportError as error:
            raise ImportError("TracingMiddleware needs OpenTelemetry. Install it with: pip install opentelemetry-api.") from error
        self._tracer = trace.get_tracer("fasterapi.client")
        self._kind = trace.SpanKind.CLIENT
        self._failed = trace.StatusCode.ERROR
        self._inject = propagate.inject

    @override
    async def around(self, request: Request, call_next: CallNext) -> Response:
        """Stand around the request with a span."""
        attributes: dict[str, str | int] = {
            "http.request.method": request.method,
            "url.full": mask_url(request.url),
            "server.address": request.target.host,
            "server.port": request.target.port,
        }
        with self._tracer.start_as_current_span(request.method, kind=self._kind, attributes=attributes) as span:
            response = await call_next(request)
            span.set_attribute("http.response.status_code", response.status_code)
            if response.attempts > 1:
                span.set_attribute("http.request.resend_count", response.attempts - 1)
            if not response.ok:
                span.set_status(self._failed)
            return response

    @override
    async def outgoing(self, request: Request) -> None:
        """Add the context to what is sent."""
        context: dict[str, str] = {}
        self._inject(context)
        for name, value in context.items():
            request.headers[name] = value
