"""Cookies, both ways: read leniently, written strictly."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Final, Literal, TypeAlias

from fasterapi.asgi import RawHeaders
from fasterapi.http.dates import http_date

SameSite: TypeAlias = Literal["lax", "strict", "none"]

_ESCAPE: Final = re.compile(r"\\(?:([0-3][0-7][0-7])|(.))")

_NAME: Final = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_PLAIN_VALUE: Final = re.compile(r"[!#$%&'*+\-.^_`|~:0-9A-Za-z]+")
_TO_ESCAPE: Final = re.compile(r"""[^!#$%&'*+\-.^_`|~:0-9A-Za-z ()/<=>?@\[\]{}]""")
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")
# What would end an attribute or the header, or is beyond what headers carry (RFC 6265, 4.1.1).
_UNSAFE_IN_ATTRIBUTE: Final = re.compile(r"[\x00-\x1f\x7f;]|[^\x00-\xff]")


def parse_cookies(headers: RawHeaders) -> dict[str, str]:
    """Every cookie of the request by name; of two with one name the later holds, as browsers send the most specific first.

    One odd cookie loses no other.
    """
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


def encode_cookie(
    name: str,
    value: str = "",
    max_age: int | None = None,
    expires: datetime | str | int | None = None,
    path: str | None = "/",
    domain: str | None = None,
    secure: bool = False,
    httponly: bool = False,
    samesite: SameSite | None = "lax",
    partitioned: bool = False,
) -> bytes:
    """The value of a `Set-Cookie` header, in the spelling of the standard library.

    `expires` is a moment, its text, or a number of seconds from now. Raises `ValueError` for a name that is no token and
    for a value or an attribute that could be read as another attribute, or as another header.
    """
    if _NAME.fullmatch(name) is None:
        raise ValueError(f"{name!r} is not the name of a cookie: use letters, digits, hyphens and underscores.")
    parts = [f"{name}={_quote(name, value)}"]
    if domain:
        parts.append(f"Domain={_attribute(name, 'domain', domain)}")
    if expires is not None and expires != "":
        parts.append(f"expires={_attribute(name, 'expires', _expiry(expires))}")
    if httponly:
        parts.append("HttpOnly")
    if max_age is not None:
        parts.append(f"Max-Age={max_age:d}")
    if partitioned:
        parts.append("Partitioned")
    if path:
        parts.append(f"Path={_attribute(name, 'path', path)}")
    if samesite is not None:
        if samesite.lower() not in ("lax", "strict", "none"):
            raise ValueError(f"samesite={samesite!r} of cookie {name!r}: write 'lax', 'strict', 'none' or None.")
        parts.append(f"SameSite={samesite}")
    if secure:
        parts.append("Secure")
    return "; ".join(parts).encode("latin-1")


def _expiry(expires: datetime | str | int) -> str:
    if isinstance(expires, str):
        return expires
    if isinstance(expires, int):
        return http_date(datetime.now(UTC) + timedelta(seconds=expires))
    return http_date(expires)


def _attribute(name: str, attribute: str, value: str) -> str:
    if _UNSAFE_IN_ATTRIBUTE.search(value) is not None:
        raise ValueError(f"{attribute}={value!r} of cookie {name!r} has a semicolon, a control character or one beyond Latin-1.")
    return value


def _quote(name: str, value: str) -> str:
    """A value that browsers would cut or refuse is put in quotes, what they cannot carry as octal escapes (RFC 2109, 4.1)."""
    if _PLAIN_VALUE.fullmatch(value) is not None:
        return value
    if _CONTROL.search(value) is not None:
        raise ValueError(f"The value of cookie {name!r} has control characters: {value!r}. Remove them.")
    try:
        return f'"{_TO_ESCAPE.sub(_escape, value)}"'
    except UnicodeEncodeError:
        raise ValueError(f"The value of cookie {name!r} has characters beyond Latin-1: {value!r}. Percent-encode them.") from None


def _escape(found: re.Match[str]) -> str:
    character = found.group()
    if character in ('"', "\\"):
        return "\\" + character
    return f"\\{character.encode('latin-1')[0]:03o}"


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
