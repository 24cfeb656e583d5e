"""An id for each request, which its answer, its logs and the services behind it can name."""

# Interpreted, as all of this folder.

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from typing import Any, Final, cast

from fasterapi.asgi import ASGIApp, RawHeaders, Receive, Scope, Send
from fasterapi.middleware.messages import head_fields, request_fields, without_field

LONGEST_ID: Final = 128
"""Characters of an id that a client may bring along."""

_HEADS: Final = ("http.response.start", "websocket.accept", "websocket.http.response.start")
_TOKEN: Final = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
# Nothing that a log, a shell, a page or a query could take for more than a name; `=`, `/` and `+` are for ids in base64.
_SAFE: Final = re.compile(rb"[0-9A-Za-z._:=/+@-]{1,%d}" % LONGEST_ID)

_current: Final[ContextVar[str | None]] = ContextVar("fasterapi_request_id", default=None)


def request_id() -> str | None:
    """The id of the request that is answered here and now; None outside of one, and without `RequestIDMiddleware`.

    Example: `await client.get(url, headers={"x-request-id": request_id() or ""})`.
    """
    return _current.get()


def new_request_id() -> str:
    """An id of chance: 32 hexadecimal digits."""
    return uuid.uuid4().hex


class RequestIDMiddleware:
    """Gives each request and WebSocket an id: the one that came with it, or a new one.

    Example: `app.add_middleware(RequestIDMiddleware)`, and in a handler `request.state.request_id`.

    The id stands in the header `X-Request-ID` of the answer and, as long as the request lasts, in `request_id()`. One that a client
    brings along counts if it stands there once and is made of at most 128 letters, digits and `._:=/+@-`; any other one is
    replaced and forgotten. With `trust_inbound=False` none counts.
    """

    def __init__(
        self,
        app: ASGIApp,
        header_name: str = "X-Request-ID",
        *,
        trust_inbound: bool = True,
        generator: Callable[[], str] = new_request_id,
    ) -> None:
        if not _TOKEN.fullmatch(header_name):
            raise ValueError(f"header_name={header_name!r} is no name of a header. Write one such as 'X-Request-ID'.")
        self.app = app
        self.header_name = header_name
        self.trust_inbound = trust_inbound
        self.generator: Callable[[], str] = generator
        self._name: bytes = header_name.lower().encode("ascii")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Have the application answer under an id."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        found = self._inbound(request_fields(scope)) if self.trust_inbound else None
        name = self.generator() if found is None else found
        state: dict[str, Any] = cast("dict[str, Any]", scope).setdefault("state", {})
        state["request_id"] = name
        header = (self._name, name.encode("latin-1"))

        async def send_named(message: Mapping[str, Any]) -> None:
            if message["type"] in _HEADS:
                message = {**message, "headers": [*without_field(head_fields(message), self._name), header]}
            await send(message)

        token = _current.set(name)
        await self.app(scope, receive, send_named)
        # Not after an error: who logs it stands further out, and is to name the request. The variable ends with the request's task.
        _current.reset(token)

    def _inbound(self, headers: RawHeaders) -> str | None:
        """The id that the client brought along, if it is to be had in logs and headers."""
        values = [value for name, value in headers if name.lower() == self._name]
        if len(values) != 1 or not _SAFE.fullmatch(values[0]):
            return None
        return values[0].decode("ascii")
