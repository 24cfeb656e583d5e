"""URLs of requests: read once, so that what was judged, what is connected to and what is sent are the same."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, time
from enum import Enum
from functools import lru_cache
from typing import Final, TypeAlias, final
from urllib.parse import quote, unquote, urlencode, urljoin, urlsplit
from uuid import UUID

import idna

from fasterapi.client.errors import FastHTTPRequestError
from fasterapi.client.masking import mask_url

ParamValue: TypeAlias = str | int | float | bool | date | time | Enum | UUID | None
Params: TypeAlias = Mapping[str, "ParamValue | Sequence[ParamValue]"] | Sequence[tuple[str, ParamValue]] | str
"""Parameters of a query: of a value `None` nothing is sent, of a list one parameter for each item."""

DEFAULT_PORTS: Final[dict[str, int]] = {"http": 80, "https": 443, "ws": 80, "wss": 443}

_SCHEME: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
# What parsers drop silently, or read as "/": one of them would see another host than the other.
_AMBIGUOUS: Final = re.compile(r"[\x00-\x20\x7f\\]")
_UNENCODED: Final = re.compile(r"[ \x80-\xff]+")
_HOST: Final = re.compile(r"[a-z0-9_.-]+|[0-9a-f:.]+")
_SAFE_IN_PATH: Final = "/:@!$&'()*+,;=~-._%"
_SAFE_IN_QUERY: Final = "/?:@!$&'()*+,;=~-._%[]"


@final
class Target:
    """A URL taken apart: to whom it leads and what is asked there."""

    def __init__(self, scheme: str, host: str, port: int, path: str, userinfo: str) -> None:
        self.scheme = scheme
        self.host = host
        """In lower case and ASCII, an IPv6 address without brackets."""
        self.port = port
        self.path = path
        """The path with its query, as it is sent."""
        self.userinfo = userinfo

    @property
    def authority(self) -> str:
        """The host with its port, where the port is not the usual one of the scheme."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def origin(self) -> str:
        """The scheme and the authority: what shares its secrets."""
        return f"{self.scheme}://{self.authority}"

    def is_secure(self) -> bool:
        """Whether what is sent there is encrypted."""
        return self.scheme in ("https", "wss")

    def __str__(self) -> str:
        return f"{self.origin}{self.path}"

    def __repr__(self) -> str:
        return f"Target({mask_url(str(self))!r})"


def complete_url(url: str, base_url: str | None) -> str:
    """The URL with its scheme and host: those of `base_url` for a relative one, `https://` where only the scheme is missing."""
    if _SCHEME.match(url):
        return url
    if base_url is not None:
        base = base_url if _SCHEME.match(base_url) else f"https://{base_url}"
        return f"{base.rstrip('/')}/{url.lstrip('/')}" if url and not url.startswith("?") else f"{base}{url}"
    if not url or url.startswith(("/", "?", "#")):
        raise FastHTTPRequestError(f"{url!r} is a relative URL. Give FastHTTP, the router or the session a base_url.")
    return f"https://{url}"


def parse_target(url: str, params: Params | None = None) -> Target:
    """Read a URL, and add parameters to its query.

    Raises `FastHTTPRequestError` for what is not the URL of a request, or could be read in two ways.
    """
    target = _parse(url)
    if not params:
        return target
    query = _encode_params(params)
    if not query:
        return target
    path = f"{target.path}{'&' if '?' in target.path else '?'}{query}"
    return Target(target.scheme, target.host, target.port, path, target.userinfo)


def join_target(base: Target, location: str) -> Target:
    """The URL that a `Location` header leads to from another one (RFC 9110, 10.2.2).

    Spaces and what is not ASCII, which do not belong there and are sent all the same, are encoded byte by byte.
    """
    encoded = _UNENCODED.sub(_encode_bytes, location.strip())
    # Before they are joined, which drops some of what is looked for.
    _refuse_ambiguous(encoded)
    return _parse(urljoin(str(base), encoded))


def _encode_bytes(found: re.Match[str]) -> str:
    return quote(found.group().encode("latin-1"))


def quote_segment(value: object) -> str:
    """A value as one segment of a path: it can neither end it nor climb out of it."""
    text = _param_text(value)
    if text in ("", ".", ".."):
        raise FastHTTPRequestError(f"{text!r} cannot be a part of a path.")
    return quote(text, safe="")


@lru_cache(maxsize=1024)
def _parse(url: str) -> Target:
    shown = mask_url(url)
    _refuse_ambiguous(url)
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise FastHTTPRequestError(f"{shown!r} is not a URL: {error}.") from None
    scheme = parts.scheme.lower()
    if scheme not in DEFAULT_PORTS:
        raise FastHTTPRequestError(f"{shown!r}: requests go to http:// and https:// only.")
    userinfo, at, _ = parts.netloc.rpartition("@")
    host = _read_host(parts.hostname or "", shown)
    path = quote(parts.path or "/", safe=_SAFE_IN_PATH)
    if parts.query:
        path = f"{path}?{quote(parts.query, safe=_SAFE_IN_QUERY)}"
    return Target(scheme, host, DEFAULT_PORTS[scheme] if port is None else port, path, unquote(userinfo) if at else "")


def _refuse_ambiguous(url: str) -> None:
    if _AMBIGUOUS.search(url) is not None:
        raise FastHTTPRequestError(f"{mask_url(url)!r} has spaces, backslashes or control characters. Percent-encode them.")


def _read_host(host: str, shown: str) -> str:
    if not host:
        raise FastHTTPRequestError(f"{shown!r} has no host.")
    name = host.lower()
    if not name.isascii():
        try:
            name = idna.encode(name, uts46=True).decode("ascii")
        except idna.IDNAError as error:
            raise FastHTTPRequestError(f"{shown!r} has a host that is no name: {error}.") from None
    if _HOST.fullmatch(name) is None:
        raise FastHTTPRequestError(f"{shown!r} has characters in its host that no host has.")
    return name


def _encode_params(params: Params) -> str:
    if isinstance(params, str):
        return quote(params.removeprefix("?"), safe=_SAFE_IN_QUERY)
    pairs: list[tuple[str, str]] = []
    items = params.items() if isinstance(params, Mapping) else params
    for name, value in items:
        if isinstance(value, Sequence) and not isinstance(value, str):
            pairs.extend([(name, _param_text(item)) for item in value if item is not None])
        elif value is not None:
            pairs.append((name, _param_text(value)))
    return urlencode(pairs)


def _param_text(value: object) -> str:
    if value is True:
        return "true"
    if value is False:
        return "false"
    if isinstance(value, Enum):
        return _param_text(value.value)
    if isinstance(value, (date, time)):
        return value.isoformat()
    return str(value)
