"""A limit for a whole application."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from fasterapi.asgi import ASGIApp, RawHeaders, Receive, Scope, Send
from fasterapi.contrib.rate_limit.keys import Key, by_client
from fasterapi.contrib.rate_limit.limit import Algorithm, Limit
from fasterapi.contrib.rate_limit.limiter import RETRY_SECONDS, FailurePolicy, Limiter
from fasterapi.contrib.rate_limit.stores import LimitStore
from fasterapi.http.connection import HTTPConnection
from fasterapi.http.responses import JSONResponse
from fasterapi.middleware.messages import field, head_fields, refuse

_HEADS: Final = ("http.response.start", "websocket.accept", "websocket.http.response.start")


class RateLimitMiddleware:
    """Answers 429 to clients that ask too often, requests and WebSocket handshakes alike, before the application hears of them.

    Example: `app.add_middleware(RateLimitMiddleware, limit="100/minute", trusted_proxies=["10.0.0.0/8"])`.

    Every answer says what is left in `RateLimit-Limit`, `RateLimit-Remaining` and `RateLimit-Reset`, a refusal also in `Retry-After`;
    what a route's own `RateLimit` says there stays.
    """

    def __init__(
        self,
        app: ASGIApp,
        limit: str | Limit = "60/minute",
        *,
        algorithm: Algorithm = "sliding_window",
        store: LimitStore | None = None,
        key: Key | None = None,
        trusted_proxies: Sequence[str] = (),
        forwarded_for_header: str = "X-Forwarded-For",
        on_store_failure: FailurePolicy = "fail_open",
        name: str = "application",
        exclude_paths: Sequence[str] = (),
    ) -> None:
        """Wrap an application.

        Args:
            app: The application.
            limit: How much a client may do: `"100/minute"`, or a `Limit`.
            algorithm: How requests are counted.
            store: Where; None for this process alone.
            key: Whom the limit is for; None for the client's address.
            trusted_proxies: The addresses and networks of proxies whose forwarded header counts.
            forwarded_for_header: The header in which they name the client.
            on_store_failure: Whether requests pass while the store is away.
            name: What tells this limit from others in the same store.
            exclude_paths: Paths without a limit, those of health checks for example.
        """
        if key is not None and trusted_proxies:
            raise TypeError(
                "trusted_proxies are for the limit by client: write key=by_header(..., by_client(trusted_proxies)) or the like."
            )
        if isinstance(exclude_paths, str):
            raise TypeError(f"exclude_paths is a list: write [{exclude_paths!r}].")
        self.app = app
        self.key: Key = by_client(trusted_proxies, forwarded_for_header) if key is None else key
        self.limiter: Limiter = Limiter(limit, algorithm, store, on_store_failure)
        self.name = name
        self.exclude_paths: frozenset[str] = frozenset(exclude_paths)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Have a connection answered, if the limit allows it."""
        if scope["type"] not in ("http", "websocket") or scope["path"] in self.exclude_paths:
            await self.app(scope, receive, send)
            return
        key = self.key(HTTPConnection[Any](scope))
        if not key:
            await self.app(scope, receive, send)
            return
        verdict = await self.limiter.take(self.name, key)
        if verdict is None:
            if self.limiter.fails_open:
                await self.app(scope, receive, send)
            else:
                answer = JSONResponse({"detail": "Service Unavailable"}, 503, {"retry-after": str(RETRY_SECONDS)})
                await refuse(answer, scope, receive, send)
            return
        said = verdict.headers()
        if verdict.allowed:
            await self.app(scope, receive, _telling(send, said))
        else:
            headers = {name.decode("ascii"): value.decode("ascii") for name, value in said}
            await refuse(JSONResponse({"detail": "Too Many Requests"}, 429, headers), scope, receive, send)


def _telling(send: Send, said: RawHeaders) -> Send:
    """Sends what is left of the limit with the head, unless it speaks of another limit already."""

    async def send_telling(message: Mapping[str, Any]) -> None:
        if message["type"] in _HEADS:
            headers = head_fields(message)
            if field(headers, b"ratelimit-limit") is None:
                message = {**message, "headers": [*headers, *said]}
        await send(message)

    return send_telling
