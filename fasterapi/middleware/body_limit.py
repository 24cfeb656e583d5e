"""A limit on the bodies of requests, whatever application reads them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, cast, final

from mypy_extensions import mypyc_attr

from fasterapi.asgi import ASGIApp, Receive, Scope, Send
from fasterapi.http.responses import JSONResponse
from fasterapi.middleware.messages import RESPONSE_START, call, pass_on, request_fields, take

_LEFT: Final[Mapping[str, Any]] = {"type": "http.disconnect"}
_MOST_DIGITS: Final = 18


@mypyc_attr(allow_interpreted_subclasses=True)
class BodySizeLimitMiddleware:
    """Answers 413 to a request whose body is larger than `max_body_size` bytes.

    Example: `app.add_middleware(BodySizeLimitMiddleware, max_body_size=1024 * 1024)`.

    A body that is announced as too large is not read at all. One that turns out to be is read no further: the client gets
    its answer at once, and for the application it has left. `Faster(max_body_size=...)` does the same for the handlers of
    one application; this is for mounted applications and those of other frameworks.
    """

    def __init__(self, app: ASGIApp, max_body_size: int) -> None:
        if max_body_size < 0:
            raise ValueError(f"max_body_size={max_body_size}: write a number of bytes, 0 or more.")
        self.app = app
        self.max_body_size = max_body_size

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer for the application, or watch what it reads."""
        if scope["type"] != "http":
            await call(self.app, scope, receive, send)
        elif announces_more_than(scope, self.max_body_size):
            await too_large(scope, receive, send)
        else:
            await _Watch(scope, receive, send, self.max_body_size).run(self.app)


RequestBodyLimitMiddleware = BodySizeLimitMiddleware
"""Starlette's name; the same class."""


@final
class _Watch:
    """Counts what one application reads of one body."""

    def __init__(self, scope: Scope, receive: Receive, send: Send, limit: int) -> None:
        self._scope = scope
        self._receive = receive
        self._send = send
        self._left = limit
        self._has_begun = False
        self._is_cut_off = False
        self._is_refused = False

    async def run(self, app: ASGIApp) -> None:
        try:
            await call(app, self._scope, self.receive, self.send)
        except Exception:
            # Once refused, a failure says no more than that the client seemed to leave.
            if not self._is_refused:
                raise

    async def receive(self) -> Mapping[str, Any]:
        if self._is_cut_off:
            return _LEFT
        message = await take(self._receive)
        if message["type"] == "http.request":
            self._left -= len(cast(bytes, message.get("body", b"")))
            if self._left < 0:
                self._is_cut_off = True
                await self._refuse()
                return _LEFT
        return message

    async def send(self, message: Mapping[str, Any]) -> None:
        if self._is_refused:
            return
        if message["type"] == RESPONSE_START:
            self._has_begun = True
        await pass_on(self._send, message)

    async def _refuse(self) -> None:
        """Answer at once; an answer that has begun is left to the application."""
        if not self._has_begun:
            self._is_refused = True
            await too_large(self._scope, self._receive, self._send)


async def too_large(scope: Scope, receive: Receive, send: Send) -> None:
    """The answer to a body that is too large, as the application gives it for its own limit."""
    await JSONResponse({"detail": "Content Too Large"}, 413)(scope, receive, send)


def announces_more_than(scope: Scope, limit: int) -> bool:
    """Whether the request says itself that its body is too large; what is no number is for the server to refuse."""
    for name, value in request_fields(scope):
        if name == b"content-length" and value.isdigit():
            digits = value.lstrip(b"0")
            if len(digits) > _MOST_DIGITS or int(digits or b"0") > limit:
                return True
    return False
