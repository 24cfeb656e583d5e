"""One request on its way out: what is sent, and what its senders note on it."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Final, cast, final

from mypy_extensions import mypyc_attr

from fasterapi._version import __version__
from fasterapi.client.body import Body
from fasterapi.client.codings import accepted_codings
from fasterapi.client.errors import FastHTTPRequestError
from fasterapi.client.limits import Timeout
from fasterapi.client.masking import mask_url
from fasterapi.client.target import Target
from fasterapi.datastructures.headers import MutableHeaders

IDEMPOTENT: Final = frozenset({"GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"})
"""The methods that change nothing more when they are sent twice (RFC 9110, 9.2.2)."""

_DEFAULTS: Final = [
    (b"user-agent", f"fasterapi/{__version__}".encode("ascii")),
    (b"accept", b"*/*"),
    (b"connection", b"keep-alive"),
]


@mypyc_attr(allow_interpreted_subclasses=True)
class Auth:
    """Adds to a request who sends it. Derive from it for a scheme of your own.

    Example:
        class Key(Auth):
            async def apply(self, request: Request) -> None:
                request.headers["x-api-key"] = KEY
    """

    async def apply(self, request: Request) -> None:
        """Add what is known before the request is sent."""

    async def challenged(self, request: Request, challenges: list[str]) -> bool:  # noqa: ARG002 - for those that override it
        """The server answered 401 with these challenges: whether `request`, as this changed it, is worth one more try."""
        return False

    def identity(self) -> str | None:
        """A text that tells senders apart, for caches; `None` where nothing tells, so that nothing is kept."""
        return None


@final
class Request:
    """What is about to be sent: middleware and auth may change it until it is.

    Example: `request.headers["x-trace"] = trace_id`.
    """

    def __init__(self, method: str, target: Target, headers: MutableHeaders, body: Body, timeout: Timeout) -> None:
        self.method = method
        self.target = target
        self.headers = headers
        self.body = body
        self.timeout = timeout
        self.follow_redirects = True
        self.auth: Auth | None = None
        """Who it says it is, which is added when it is sent."""
        self.own_cookies: str = headers.get("cookie", "")
        """The cookies that it was configured with, beside which those of a jar are sent."""
        self.attempts = 1
        """Which attempt this is."""
        self.is_foreign = False
        """Whether a redirect led it to another origin, which must see no secrets."""
        self.streams = False
        """Whether the response's body is left to be read by the caller."""

    @property
    def url(self) -> str:
        """The whole URL."""
        return str(self.target)

    def content(self) -> bytes:
        """The body; raises `FastHTTPRequestError` for one that is sent in pieces."""
        content = self.body.content
        if not isinstance(content, bytes):
            raise FastHTTPRequestError("The body is sent in pieces, so it is not known before. Give data= as bytes.")
        return content

    def redirected(self, target: Target, method: str, body: Body) -> Request:
        """The request that a redirect asks for."""
        other = Request(method, target, MutableHeaders(raw=self.headers.raw.copy()), body, self.timeout)
        other.headers["host"] = target.authority
        other.auth = self.auth
        other.attempts = self.attempts
        other.streams = self.streams
        other.is_foreign = self.is_foreign or target.origin != self.target.origin
        other.own_cookies = "" if other.is_foreign else self.own_cookies
        return other

    def again(self) -> Request:
        """The same request, to add auth and cookies to for one attempt."""
        other = Request(self.method, self.target, MutableHeaders(raw=self.headers.raw.copy()), self.body, self.timeout)
        other.auth = self.auth
        other.follow_redirects = self.follow_redirects
        other.streams = self.streams
        other.attempts = self.attempts
        return other

    def __repr__(self) -> str:
        return f"<Request {self.method} {mask_url(self.url)}>"


def make_request(method: str, target: Target, headers: Mapping[str, str], body: Body, timeout: Timeout) -> Request:
    """A request with the headers that every request has; `FastHTTPRequestError` for headers that cannot be sent."""
    verb = method.upper()
    if not verb.isascii() or not verb.replace("-", "").replace("_", "").isalnum():
        raise FastHTTPRequestError(f"{method!r} is not the name of a method.", url=str(target))
    given = [(b"host", target.authority.encode("ascii")), *_DEFAULTS, (b"accept-encoding", accepted_codings())]
    fields = MutableHeaders(raw=given)
    try:
        for name, value in cast("Mapping[object, object]", headers).items():
            fields[_text(name, name)] = _text(name, value)
    except (TypeError, ValueError) as error:
        raise FastHTTPRequestError(str(error), method=verb, url=str(target)) from error
    if "content-length" in fields or "transfer-encoding" in fields:
        raise FastHTTPRequestError(
            "Content-Length and Transfer-Encoding follow from the body. Leave them out.", method=verb, url=str(target)
        )
    _add_body_headers(fields, body, verb)
    if target.userinfo and "authorization" not in fields:
        fields["authorization"] = "Basic " + base64.b64encode(target.userinfo.encode()).decode("ascii")
    return Request(verb, target, fields, body, timeout)


def _text(name: object, value: object) -> str:
    """A part of a header; what the types say of it is true only where a checker was asked."""
    if isinstance(value, str):
        return value
    raise TypeError(f"The header {name!r} is of type {type(value).__name__}, and headers are text. Write str(…) around it.")


def _add_body_headers(fields: MutableHeaders, body: Body, method: str) -> None:
    if body.content_type is not None:
        fields.setdefault("content-type", body.content_type)
    if body.length is None:
        if not isinstance(body.content, bytes):
            fields["transfer-encoding"] = "chunked"
    elif body.length or method in ("POST", "PUT", "PATCH"):
        fields["content-length"] = str(body.length)
    if isinstance(body.content, bytes) and not body.content and method in ("POST", "PUT", "PATCH"):
        fields["content-length"] = "0"
