"""The `Cookie` header, read leniently: one odd cookie loses no other."""

from __future__ import annotations

import re
from typing import Final

from fasterapi.asgi import RawHeaders

_ESCAPE: Final = re.compile(r"\\(?:([0-3][0-7][0-7])|(.))")


def parse_cookies(headers: RawHeaders) -> dict[str, str]:
    """Every cookie of the request by name; of two with one name the later holds, as browsers send the most specific first."""
    cookies: dict[str, str] = {}
    for key, raw in headers:
        if key == b"cookie":
            for pair in raw.decode("latin-1").split(";"):
                middle = pair.find("=")
                if middle < 0:
                    name = ""
                    value = pair.strip()
                else:
                    name = pair[:middle].strip()
                    value = pair[middle + 1 :].strip()
                if name or value:
                    cookies[name] = _unquote(value)
    return cookies


def _unquote(value: str) -> str:
    """A quoted value without its quotes and escapes (RFC 2109, 4.1, which the standard library still writes)."""
    if len(value) < 2 or value[0] != '"' or value[-1] != '"':
        return value
    inner = value[1:-1]
    if "\\" not in inner:
        return inner
    return _ESCAPE.sub(_unescape, inner)


def _unescape(found: re.Match[str]) -> str:
    octal: str | None = found.group(1)
    return chr(int(octal, 8)) if octal is not None else str(found.group(2))
