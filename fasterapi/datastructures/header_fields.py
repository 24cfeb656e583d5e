"""Header names and values on their way out: what could end a header, or begin another one, is refused."""

from __future__ import annotations

from typing import Final

_TOKEN: Final = b"!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz"
_CONTROLS: Final = bytes([*range(9), *range(10, 32), 127])


def encode_header_name(name: str) -> bytes:
    """A header's name in lower case: a token and nothing else (RFC 9110, 5.6.2), or `ValueError`."""
    encoded = name.lower().encode("latin-1", "replace")
    # "?" stands in for what Latin-1 lacks, and is in no token.
    if not encoded or encoded.translate(None, _TOKEN):
        raise ValueError(f"{name!r} is not a header name: use letters, digits and hyphens.")
    return encoded


def encode_header_value(name: str, value: str) -> bytes:
    """A header's value without spaces around it; `ValueError` for control characters and what Latin-1 lacks.

    A client could be made to see headers that its sender wrote into a value (RFC 9110, 5.5).
    """
    if value.isascii() and value.isprintable():
        return value.strip(" ").encode("ascii")
    try:
        encoded = value.strip(" \t").encode("latin-1")
    except UnicodeEncodeError:
        raise ValueError(f"The value of header {name!r} has characters beyond Latin-1: {value!r}. Percent-encode them.") from None
    if len(encoded.translate(None, _CONTROLS)) != len(encoded):
        raise ValueError(f"The value of header {name!r} has control characters: {value!r}. Remove them.")
    return encoded
