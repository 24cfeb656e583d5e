"""Which requests may be answered from the cache, and which answers kept (RFC 9111)."""

from __future__ import annotations

from typing import Final, NamedTuple

from fasterapi.asgi import RawHeaders, Scope
from fasterapi.contrib.cache.kept import LONGEST_LIFE
from fasterapi.contrib.cache.policy import CachePolicy
from fasterapi.http.dates import parse_http_date
from fasterapi.middleware.messages import field, joined_field

PRIVATE_HEADERS: Final = ("authorization", "cookie", "proxy-authorization", "x-api-key")
"""What says who asks: its answer may be for nobody else."""

CACHEABLE_STATUSES: Final = (200, 203, 300, 301, 308)

_LONGEST_NUMBER: Final = 10


class Asked(NamedTuple):
    """What a request asks of caches."""

    takes_kept: bool
    """Whether a kept answer will do."""
    may_keep: bool
    """Whether its answer may be kept."""
    max_age: float
    """How many seconds a kept answer may be old."""


_NEITHER: Final = Asked(False, False, 0.0)


def asked_of(scope: Scope, headers: RawHeaders) -> Asked:
    """What a request asks of caches. Those that do not read, or bring a body along, are none of theirs."""
    if scope["method"] not in ("GET", "HEAD") or len([name for name, _ in headers if name == b"host"]) > 1:
        return _NEITHER
    # A body is not part of the key, and could choose what others are answered.
    if field(headers, b"transfer-encoding") is not None or (field(headers, b"content-length") or b"0").strip(b"0"):
        return _NEITHER
    if field(headers, b"range") is not None:
        return _NEITHER
    said = directives(joined_field(headers, b"cache-control"))
    if "no-store" in said:
        return _NEITHER
    wants_new = "no-cache" in said or said.get("max-age") == "0"
    if not said and b"no-cache" in (joined_field(headers, b"pragma") or b"").lower():
        wants_new = True
    return Asked(not wants_new, scope["method"] == "GET", _seconds(said["max-age"]) if "max-age" in said else LONGEST_LIFE)


def lifetime_of(headers: RawHeaders, default: float | None, now: float) -> float:
    """Seconds for which an answer may be kept: what it says itself, or else `default`; 0 for one that may not be."""
    said = directives(joined_field(headers, b"cache-control"))
    if {"no-store", "private", "no-cache"} & said.keys() or field(headers, b"set-cookie") is not None:
        return 0
    if b"*" in (joined_field(headers, b"vary") or b""):
        return 0
    if (field(headers, b"content-type") or b"").lower().startswith(b"text/event-stream"):
        return 0
    for name in ("s-maxage", "max-age"):
        if name in said:
            return _seconds(said[name])
    expires = field(headers, b"expires")
    if expires is not None:
        moment = parse_http_date(expires.decode("latin-1"))
        return 0 if moment is None else min(max(moment - now, 0), LONGEST_LIFE)
    return 0 if default is None else min(default, LONGEST_LIFE)


def vary_of(headers: RawHeaders, policy: CachePolicy | None) -> list[str]:
    """The headers of the request that an answer depends on, in an order of their own."""
    said = (joined_field(headers, b"vary") or b"").decode("latin-1").lower().split(",")
    return sorted({*(name.strip() for name in said if name.strip()), *(policy.vary if policy is not None else ())})


def directives(value: bytes | None) -> dict[str, str]:
    """What `Cache-Control` says, in lower case (RFC 9111, 5.2)."""
    said: dict[str, str] = {}
    if value is not None:
        for part in value.decode("latin-1").lower().split(","):
            name, _, argument = part.partition("=")
            if name.strip():
                # Of two the first counts, as a number of seconds that is no number counts as none: both are on the safe side.
                said.setdefault(name.strip(), argument.strip().strip('"'))
    return said


def _seconds(text: str) -> float:
    if not text.isascii() or not text.isdigit():
        return 0
    return LONGEST_LIFE if len(text) > _LONGEST_NUMBER else min(float(text), LONGEST_LIFE)
