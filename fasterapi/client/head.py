"""What every response has before its body is read."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from mypy_extensions import mypyc_attr

from fasterapi.client.masking import mask_url
from fasterapi.client.request import Request
from fasterapi.client.transport import WireResponse
from fasterapi.datastructures.headers import Headers
from fasterapi.errors import reason_phrase

_CHARSET: Final = re.compile(r";\s*charset\s*=\s*[\"']?([^\s\"';]+)", re.IGNORECASE)
_COOKIE_PAIR: Final = re.compile(r"\s*([^=;]+?)\s*=\s*([^;]*?)\s*(?:;|$)")


@mypyc_attr(allow_interpreted_subclasses=True)
class ResponseHead:
    """Status and headers, and the request that they answer."""

    def __init__(self, request: Request, wire: WireResponse) -> None:
        self.request: Request = request
        self.status_code: int = wire.status
        self.headers: Headers = Headers(raw=wire.headers)
        """In any case, several of one name by `getlist`."""
        self.http_version: str = wire.http_version
        self.reason: str = wire.reason or reason_phrase(wire.status)
        self.attempts: int = request.attempts
        """How often the request was sent until this came."""

    @property
    def status(self) -> int:
        """The status, by the name that users of the forerunner know."""
        return self.status_code

    @property
    def ok(self) -> bool:
        """Whether the status is none of an error."""
        return self.status_code < 400

    @property
    def is_redirect(self) -> bool:
        """Whether the response leads to another URL."""
        return self.status_code in (301, 302, 303, 307, 308) and "location" in self.headers

    @property
    def url(self) -> str:
        """Where the response came from, after redirects."""
        return self.request.url

    @property
    def method(self) -> str:
        """The method of the request that it answers."""
        return self.request.method

    @property
    def query(self) -> str:
        """The query of the URL."""
        return self.request.target.path.partition("?")[2]

    @property
    def req_headers(self) -> Headers:
        """The headers that were sent."""
        return self.request.headers

    @property
    def cookies(self) -> dict[str, str]:
        """The cookies that this response sets."""
        found: dict[str, str] = {}
        for value in self.headers.getlist("set-cookie"):
            match = _COOKIE_PAIR.match(value)
            if match is not None:
                found[match.group(1)] = match.group(2)
        return found

    @property
    def content_type(self) -> str:
        """The media type without its parameters, in lower case."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    @property
    def encoding(self) -> str:
        """How the body's text is encoded: as the content type says, or UTF-8."""
        return charset_of(self.headers.get("content-type", ""))

    def __repr__(self) -> str:
        return f"<{type(self).__name__} [{self.status_code}] {self.method} {mask_url(self.url)}>"


@lru_cache(maxsize=256)
def charset_of(content_type: str) -> str:
    """The charset of a content type; UTF-8 where it names none, or one that Python does not know."""
    found = _CHARSET.search(content_type)
    if found is None:
        return "utf-8"
    charset = found.group(1).lower()
    try:
        "".encode(charset)
    except (LookupError, UnicodeError):
        return "utf-8"
    return charset
