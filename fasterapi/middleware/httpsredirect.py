"""From plain to encrypted connections."""

from __future__ import annotations

from typing import Final, Literal, cast
from urllib.parse import quote

from mypy_extensions import mypyc_attr

from fasterapi.asgi import ASGIApp, Receive, Scope, Send
from fasterapi.datastructures.authority import request_authority
from fasterapi.http.responses import PlainTextResponse, RedirectResponse, Response
from fasterapi.middleware.messages import call, refuse, request_fields

_SECURE: Final = {"http": "https", "ws": "wss"}
# What a path and a query may have as it is (RFC 3986, 3.3 and 3.4); "%" begins what is encoded already.
_IN_PATH: Final = "/:@!$&'()*+,;=~-._"
_IN_QUERY: Final = _IN_PATH + "%?"


@mypyc_attr(allow_interpreted_subclasses=True)
class HTTPSRedirectMiddleware:
    """Redirects `http` to `https` and `ws` to `wss`, with the same method and body.

    Example: `app.add_middleware(HTTPSRedirectMiddleware)`.

    The answer is 307, or 308 with `status_code=308`, which clients may remember. It leads to the host that the request
    names: put `TrustedHostMiddleware` around this one for hosts that are yours only. A request without a well-formed
    `Host` header gets status 400.
    """

    def __init__(self, app: ASGIApp, *, status_code: Literal[307, 308] = 307) -> None:
        if status_code not in (307, 308):
            raise ValueError(f"status_code={status_code}: write 307, or 308 for good. Others may turn a POST into a GET.")
        self.app = app
        self.status_code: int = status_code

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let an encrypted connection in, and redirect others."""
        scheme = _SECURE.get(scope.get("scheme", "")) if scope["type"] in ("http", "websocket") else None
        if scheme is None:
            await call(self.app, scope, receive, send)
        else:
            await refuse(self._redirection(scheme, scope), scope, receive, send)

    def _redirection(self, scheme: str, scope: Scope) -> Response:
        authority = request_authority(request_fields(scope), "", None)
        if not authority:
            return PlainTextResponse("Invalid host header", 400)
        authority = authority.removesuffix(":80").removesuffix(":443")
        return RedirectResponse(f"{scheme}://{authority}{_target(scope)}", self.status_code)


def _target(scope: Scope) -> str:
    """Path and query as the client wrote them: a slash that was encoded must not become one that is not."""
    raw_path = scope.get("raw_path")
    if raw_path:
        path = quote(cast(bytes, raw_path).partition(b"?")[0], safe=_IN_PATH + "%")
    else:
        path = quote(cast(str, scope["path"]).encode("utf-8", "surrogateescape"), safe=_IN_PATH)
    # `OPTIONS *` is for the server as a whole.
    target = path if path.startswith("/") else "/"
    query = cast(bytes, scope.get("query_string", b""))
    return f"{target}?{quote(query, safe=_IN_QUERY)}" if query else target
