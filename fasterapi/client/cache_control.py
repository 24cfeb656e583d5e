"""How long a response may be kept, and for which requests it stands (RFC 9111)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Final, final

from fasterapi.client.request import Request
from fasterapi.datastructures.headers import Headers

KEEPABLE: Final = frozenset({200, 203, 204, 404, 410})
"""The statuses that are kept; those of errors only where the server says for how long."""


@final
class Directives:
    """A `Cache-Control` header, read."""

    def __init__(self, values: list[str]) -> None:
        found: dict[str, str] = {}
        for value in values:
            for item in value.split(","):
                name, _, argument = item.partition("=")
                if name.strip():
                    found[name.strip().lower()] = argument.strip().strip('"')
        self._found = found

    def has(self, name: str) -> bool:
        """Whether a directive is given."""
        return name in self._found

    def seconds(self, name: str) -> float | None:
        """The seconds of a directive; zero where what stands there is no number (RFC 9111, 4.2.1)."""
        text = self._found.get(name)
        if text is None:
            return None
        return float(text[:12]) if text.isascii() and text.isdigit() else 0.0


def may_keep(request: Request, status: int, headers: Headers) -> bool:
    """Whether a private cache may keep a response at all (RFC 9111, 3)."""
    said = Directives(headers.getlist("cache-control"))
    if status not in KEEPABLE or said.has("no-store") or Directives(request.headers.getlist("cache-control")).has("no-store"):
        return False
    if "*" in vary_names(headers):
        return False
    return status in (200, 203, 204) or lifetime(headers) is not None


def lifetime(headers: Headers) -> float | None:
    """For how many seconds a response is fresh, where it says so (RFC 9111, 4.2.1)."""
    said = Directives(headers.getlist("cache-control"))
    if said.has("no-cache"):
        return 0.0
    age = said.seconds("max-age")
    if age is not None:
        return age
    expires = headers.get("expires")
    if expires is None:
        return None
    end = _moment(expires)
    begin = _moment(headers.get("date", ""))
    return 0.0 if end is None or begin is None else max(0.0, end - begin)


def initial_age(headers: Headers) -> float:
    """How old a response was already when it came."""
    text = headers.get("age", "").strip()
    return float(text[:12]) if text.isascii() and text.isdigit() else 0.0


def vary_names(headers: Headers) -> list[str]:
    """The request headers that the response depends on."""
    return sorted({name.strip().lower() for value in headers.getlist("vary") for name in value.split(",") if name.strip()})


def varying_values(names: list[str], headers: Headers) -> dict[str, str]:
    """What a request says in the headers that its response depends on."""
    return {name: ", ".join(headers.getlist(name)) for name in names}


def fits(stored: Mapping[str, str], headers: Headers) -> bool:
    """Whether a request says the same in these headers (RFC 9111, 4.1)."""
    for name, value in stored.items():
        if ", ".join(headers.getlist(name)) != value:
            return False
    return True


def _moment(text: str) -> float | None:
    try:
        parsed = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError):
        return None
    return (parsed if parsed.tzinfo is not None else parsed.replace(tzinfo=UTC)).timestamp()
