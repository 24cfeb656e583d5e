"""Cross-origin resource sharing: which other sites' pages may call the application (https://fetch.spec.whatwg.org/#http-cors-protocol)."""

from __future__ import annotations

import logging
import re
from collections.abc import Collection, Mapping
from typing import Any, Final, final

from mypy_extensions import mypyc_attr

from fasterapi.asgi import ASGIApp, RawHeaders, Receive, Scope, Send
from fasterapi.datastructures.header_fields import encode_header_name
from fasterapi.http.responses import PlainTextResponse
from fasterapi.middleware.messages import RESPONSE_START, call, field, head_fields, pass_on, request_fields, with_vary

_logger: Final = logging.getLogger("fasterapi")

ALL_METHODS: Final = ("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "QUERY")
"""What `*` stands for among the methods."""

SAFELISTED_HEADERS: Final = ("Accept", "Accept-Language", "Content-Language", "Content-Type")
"""The headers that pages may always send."""

_PREFLIGHT_VARY: Final = b"Origin, Access-Control-Request-Method, Access-Control-Request-Headers, Access-Control-Request-Private-Network"
_ORIGIN: Final = re.compile(r"null|[a-z][a-z0-9+.-]*://(?:[^\s/?#@*\[\]:]+|\[[0-9a-f:.]+\])(?::[0-9]+)?", re.IGNORECASE)
_CREDENTIALS: Final = (b"access-control-allow-credentials", b"true")
_ANY_ORIGIN: Final = (b"access-control-allow-origin", b"*")


@mypyc_attr(allow_interpreted_subclasses=True)
class CORSMiddleware:
    """Lets the pages of other origins read answers; without arguments those of none.

    Example: `app.add_middleware(CORSMiddleware, allow_origins=["https://example.org"], allow_methods=["*"])`.

    Preflight requests are answered here: with 200, or with 400 and what is not allowed. Other requests are always
    answered; what a page may see of it is the browser's to decide. `Vary` keeps shared caches from giving one origin the
    answer for another.
    """

    def __init__(
        self,
        app: ASGIApp,
        allow_origins: Collection[str] = (),
        allow_methods: Collection[str] = ("GET",),
        allow_headers: Collection[str] = (),
        allow_credentials: bool = False,
        allow_origin_regex: str | re.Pattern[str] | None = None,
        allow_private_network: bool = False,
        expose_headers: Collection[str] = (),
        max_age: int = 600,
    ) -> None:
        """Wrap an application.

        Args:
            app: The application.
            allow_origins: Origins as browsers send them, `https://example.org:8443`, or `*` for all.
            allow_methods: Methods that preflight requests may ask for, or `*` for all.
            allow_headers: Headers that they may ask for beyond `SAFELISTED_HEADERS`, or `*` for all.
            allow_credentials: Whether pages may send cookies along. Together with the origin `*`, any site may act as its visitor.
            allow_origin_regex: A pattern of further origins, which has to match the whole origin.
            allow_private_network: Whether pages of public networks may reach the application in a private one.
            expose_headers: Headers of answers that pages may read.
            max_age: Seconds for which a browser may remember the answer to a preflight request.
        """
        for name, value in (
            ("allow_origins", allow_origins),
            ("allow_methods", allow_methods),
            ("allow_headers", allow_headers),
            ("expose_headers", expose_headers),
        ):
            if isinstance(value, str):
                raise TypeError(f"{name} is a list: write [{value!r}].")
        self.app = app
        self.allow_origins: frozenset[str] = frozenset([spelling for origin in allow_origins for spelling in _spellings(origin)])
        self.allow_methods: tuple[str, ...] = ALL_METHODS if "*" in allow_methods else _ordered(allow_methods)
        self.allow_all_origins: bool = "*" in allow_origins
        self.allow_all_headers: bool = "*" in allow_headers
        self.allow_credentials = allow_credentials
        self.allow_origin_regex: re.Pattern[str] | None = None if allow_origin_regex is None else re.compile(allow_origin_regex)
        self.allow_private_network = allow_private_network
        headers = sorted({*SAFELISTED_HEADERS, *allow_headers})
        self.allow_headers: frozenset[str] = frozenset(header.lower() for header in headers)
        # One answer for all origins is only allowed without credentials (Fetch, 3.3.5).
        self._names_origin: bool = allow_credentials or not self.allow_all_origins
        self._fields: RawHeaders = self._shared_fields(expose_headers)
        self._preflight_fields: RawHeaders = self._shared_preflight_fields(headers, max_age)
        if allow_credentials and self.allow_all_origins:
            _logger.warning(
                "CORSMiddleware(allow_origins=['*'], allow_credentials=True) lets every site act as its visitor, with the visitor's"
                " cookies. List the origins that may."
            )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a preflight request, or say with the application's answer who may read it."""
        if scope["type"] != "http":
            await call(self.app, scope, receive, send)
            return
        headers = request_fields(scope)
        origin = field(headers, b"origin")
        if origin is not None and scope["method"] == "OPTIONS":
            method = field(headers, b"access-control-request-method")
            if method is not None:
                await self._answer_preflight(origin, method, headers)(scope, receive, send)
                return
        await call(self.app, scope, receive, _CorsSend(self, origin, send).send)

    def is_allowed_origin(self, origin: str) -> bool:
        """Whether pages of this origin may read answers."""
        if self.allow_all_origins:
            return True
        if origin in self.allow_origins:
            return True
        pattern = self.allow_origin_regex
        return pattern is not None and pattern.fullmatch(origin) is not None

    def fields_for(self, origin: bytes | None) -> RawHeaders:
        """What to add to an answer besides `Vary`, for a request that names this origin."""
        if origin is None or not self.is_allowed_origin(origin.decode("latin-1")):
            return []
        if not self._names_origin:
            return [_ANY_ORIGIN, *self._fields]
        return [(b"access-control-allow-origin", origin), *self._fields]

    def _answer_preflight(self, origin: bytes, method: bytes, headers: RawHeaders) -> PlainTextResponse:
        faults: list[str] = []
        fields = list(self._preflight_fields)
        if not self.is_allowed_origin(origin.decode("latin-1")):
            faults.append("origin")
        elif self._names_origin:
            fields.append((b"access-control-allow-origin", origin))
        if method.decode("latin-1") not in self.allow_methods:
            faults.append("method")
        asked = field(headers, b"access-control-request-headers")
        if asked is not None:
            if self.allow_all_headers:
                fields.append((b"access-control-allow-headers", asked))
            elif not self._allows_headers(asked):
                faults.append("headers")
        if field(headers, b"access-control-request-private-network") is not None:
            if self.allow_private_network:
                fields.append((b"access-control-allow-private-network", b"true"))
            else:
                faults.append("private-network")
        text = "Disallowed CORS " + ", ".join(faults) if faults else "OK"
        response = PlainTextResponse(text, 400 if faults else 200)
        response.raw_headers.extend(fields)
        return response

    def _allows_headers(self, asked: bytes) -> bool:
        for part in asked.decode("latin-1").lower().split(","):
            name = part.strip()
            if name and name not in self.allow_headers:
                return False
        return True

    def _shared_fields(self, expose_headers: Collection[str]) -> RawHeaders:
        fields: RawHeaders = []
        if self.allow_credentials:
            fields.append(_CREDENTIALS)
        if expose_headers:
            fields.append((b"access-control-expose-headers", _joined(expose_headers)))
        return fields

    def _shared_preflight_fields(self, headers: Collection[str], max_age: int) -> RawHeaders:
        fields: RawHeaders = [(b"vary", _PREFLIGHT_VARY)]
        if not self._names_origin:
            fields.append(_ANY_ORIGIN)
        fields.append((b"access-control-allow-methods", _joined(self.allow_methods)))
        fields.append((b"access-control-max-age", str(max_age).encode("ascii")))
        if not self.allow_all_headers:
            fields.append((b"access-control-allow-headers", _joined(headers)))
        if self.allow_credentials:
            fields.append(_CREDENTIALS)
        return fields


@final
class _CorsSend:
    """Sends one answer."""

    def __init__(self, middleware: CORSMiddleware, origin: bytes | None, send: Send) -> None:
        self._middleware = middleware
        self._origin = origin
        self._send = send

    async def send(self, message: Mapping[str, Any]) -> None:
        if message["type"] != RESPONSE_START:
            await pass_on(self._send, message)
            return
        fields = self._middleware.fields_for(self._origin)
        headers = head_fields(message)
        if fields:
            replaced = {name for name, _ in fields}
            headers = [pair for pair in headers if pair[0].lower() not in replaced]
        # Also where no origin is named: a cache must not give that answer to a page (Fetch, 3.3.7).
        await pass_on(self._send, {**message, "headers": [*with_vary(headers, b"Origin"), *fields]})


def _spellings(origin: str) -> tuple[str, str]:
    """An origin as it was written and as browsers send it; one that none ever sends is refused."""
    if origin != "*" and _ORIGIN.fullmatch(origin) is None:
        raise ValueError(
            f"allow_origins: {origin!r} is not an origin. Write 'https://example.org' or 'https://example.org:8443', without a path or"
            " a slash at its end; for patterns there is allow_origin_regex."
        )
    return origin, origin.lower()


def _ordered(names: Collection[str]) -> tuple[str, ...]:
    """The names, in the same order in every process where they are a set."""
    return tuple(sorted(names) if isinstance(names, (set, frozenset)) else names)


def _joined(names: Collection[str]) -> bytes:
    for name in names:
        encode_header_name(name)
    return ", ".join(_ordered(names)).encode("ascii")
