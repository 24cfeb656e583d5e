"""Serves the description of an app's requests on this machine, and makes them from there: declared ones, and no others.

Whoever has the token may do so, and only in pages that came from here: other sites can neither read nor send anything.
"""

from __future__ import annotations

import hmac
import json
import re
import secrets
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from contextlib import AbstractAsyncContextManager
from typing import Any, Final, TypeAlias, cast
from urllib.parse import parse_qs

from fasterapi.client.engine import Engine
from fasterapi.client.errors import FastHTTPError, FastHTTPRequestError
from fasterapi.client.middleware.logs import LOGGER
from fasterapi.client.response import Response
from fasterapi.client.web.describe import Described, Description
from fasterapi.client.web.values import Refusal, Sent, read_fields, read_values
from fasterapi.openapi.assets import ASSETS
from fasterapi.openapi.docs import swagger_ui_page

Message: TypeAlias = MutableMapping[str, Any]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
Receive: TypeAlias = Callable[[], Awaitable[Message]]

COOKIE_NAME: Final = "fasterapi-client"
_MOST_BYTES: Final = 10_000_000
_HOST_PORT: Final = re.compile(r":\d+$")
_LOOPBACK: Final = ("127.0.0.1", "localhost", "[::1]")
_NO_SCRIPTS: Final = [(b"content-security-policy", b"sandbox; default-src 'none'"), (b"x-content-type-options", b"nosniff")]


class WebPages:
    """An ASGI application with the pages of one app."""

    def __init__(
        self,
        description: Description,
        opened: AbstractAsyncContextManager[object],
        engine: Callable[[], Engine],
        base_url: str,
        host: str,
        port: int,
    ) -> None:
        self._opened = opened
        self._engine = engine
        self._base = base_url.rstrip("/")
        own = f"[{host}]" if ":" in host else host
        self._hosts = frozenset({*_LOOPBACK, own.lower()})
        self._requests: list[Described] = description.requests
        servers = [f"{self._base}/request/{number}" for number in range(len(self._requests))]
        self._document: dict[str, Any] = description.page_document(servers)
        self.token: str = secrets.token_urlsafe(24)
        """What a browser needs to come in."""
        self.url: str = f"http://{own}:{port}{self._base}/docs?token={self.token}"
        """Where a browser comes in."""

    async def __call__(self, scope: Mapping[str, Any], receive: Receive, send: Send) -> None:
        """Answer a request, or keep the app open as long as the server runs."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        if scope["type"] != "http":
            raise ValueError(f"There is nothing for {scope['type']!r} here.")
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        try:
            status, more, body = await self._answer(scope, headers, receive)
        except Refusal as refusal:
            status, more, body = refusal.status, [_JSON], json.dumps({"detail": str(refusal)}).encode()
        length = (b"content-length", str(len(body)).encode())
        await send({"type": "http.response.start", "status": status, "headers": [*more, length]})
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        try:
            await self._opened.__aenter__()
        except Exception as error:  # noqa: BLE001 - the server is to know, whatever it is
            await send({"type": "lifespan.startup.failed", "message": f"{type(error).__name__}: {error}"})
            return
        LOGGER.info("✔ Open %s", self.url)
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self._opened.__aexit__(None, None, None)
        await send({"type": "lifespan.shutdown.complete"})

    async def _answer(self, scope: Mapping[str, Any], headers: Mapping[str, str], receive: Receive) -> _Answer:
        # A name of another site that leads here (DNS rebinding) is told by the host that it asks for.
        if _HOST_PORT.sub("", headers.get("host", "").lower()) not in self._hosts:
            raise Refusal(421, "This host is not served here.")
        path = cast(str, scope["path"]).removeprefix(self._base)
        query = parse_qs(scope["query_string"].decode("latin-1"), keep_blank_values=True)
        if path == "/docs":
            return self._docs(query.get("token", [""])[0], headers)
        self._check(headers)
        if path == "/openapi.json":
            return 200, [_JSON, *_NO_SCRIPTS], json.dumps(self._document).encode()
        for asset in ASSETS.values():
            if path == f"/{asset.file_name}":
                kind = b"text/css" if asset.file_name.endswith(".css") else b"text/javascript"
                return 200, [(b"content-type", kind), (b"content-encoding", b"gzip")], asset.compressed()
        if path.startswith("/request/"):
            raw_path = scope.get("raw_path")
            asked = raw_path.decode("latin-1").removeprefix(self._base) if isinstance(raw_path, bytes) else path
            number, _, rest = asked.removeprefix("/request/").partition("/")
            body = await _read(receive)
            sent = Sent(f"/{rest}", query, headers, body, await read_fields(scope, body))
            return await self._make(number, scope["method"], sent)
        raise Refusal(404, "There is nothing here.")

    def _docs(self, token: str, headers: Mapping[str, str]) -> _Answer:
        cookies: list[tuple[bytes, bytes]] = []
        if token:
            self._check_token(token)
            cookie = f"{COOKIE_NAME}={token}; Path={self._base or '/'}; HttpOnly; SameSite=Strict"
            cookies.append((b"set-cookie", cookie.encode()))
        else:
            self._check_token(_cookie(headers))
        script, style = (f"{self._base}/{ASSETS[name].file_name}" for name in ("swagger-ui.js", "swagger-ui.css"))
        page = swagger_ui_page(f"{self._base}/openapi.json", str(self._document["info"]["title"]), script, style, None, None, None, None)
        given = [(name.lower().encode(), value.encode()) for name, value in page.headers().items()]
        return 200, [(b"content-type", b"text/html; charset=utf-8"), *cookies, *given], page.html().encode()

    def _check(self, headers: Mapping[str, str]) -> None:
        if headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
            raise Refusal(403, "Only pages from here may ask.")
        self._check_token(_cookie(headers) or headers.get("authorization", "").removeprefix("Bearer "))

    def _check_token(self, given: str) -> None:
        if not hmac.compare_digest(given.encode(), self.token.encode()):
            raise Refusal(403, "The token is missing or wrong. Open the URL that was logged when the pages were started.")

    async def _make(self, number: str, method: str, sent: Sent) -> _Answer:
        """Make a declared request with the values that a browser gave, and hand its response on."""
        if not number.isdecimal() or int(number) >= len(self._requests):
            raise Refusal(404, "No such request is declared.")
        described = self._requests[int(number)]
        operation = described.operation
        if operation.route.method != method:
            raise Refusal(405, f"The request is declared as {operation.route.method}.")
        values = read_values(operation, described.path, sent)
        try:
            performed = await operation.perform(self._engine(), values)
        except FastHTTPError as error:
            response = getattr(error, "response", None)
            if isinstance(response, Response):
                return _passed_on(response)
            status = 422 if isinstance(error, FastHTTPRequestError) else 502
            raise Refusal(status, f"{type(error).__name__}: {error}") from error
        except Exception as error:
            raise Refusal(500, f"The handler failed: {type(error).__name__}: {error}") from error
        assert performed.response is not None
        return _passed_on(performed.response)


_Answer: TypeAlias = tuple[int, list[tuple[bytes, bytes]], bytes]
_JSON: Final = (b"content-type", b"application/json")


def _passed_on(response: Response) -> _Answer:
    """A response of elsewhere, which must not run anything here."""
    kind = response.headers.get("content-type", "application/octet-stream").encode("latin-1")
    return response.status_code, [(b"content-type", kind), *_NO_SCRIPTS], response.content


def _cookie(headers: Mapping[str, str]) -> str:
    for pair in headers.get("cookie", "").split(";"):
        name, _, value = pair.strip().partition("=")
        if name == COOKIE_NAME:
            return value
    return ""


async def _read(receive: Receive) -> bytes:
    body = b""
    while True:
        message = await receive()
        body += cast(bytes, message.get("body", b""))
        if len(body) > _MOST_BYTES:
            raise Refusal(413, "The body is too large to be passed on.")
        if not message.get("more_body", False):
            return body
