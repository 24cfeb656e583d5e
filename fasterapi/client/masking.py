"""Secrets out of what people read: logs, messages of errors, representations."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final
from urllib.parse import urlsplit, urlunsplit

MASK: Final = "***"

_SECRET_HEADERS: Final = frozenset(
    {"authorization", "proxy-authorization", "cookie", "set-cookie", "x-api-key", "api-key", "x-auth-token", "x-signature", "x-csrf-token"}
)
_SECRET_WORD: Final = re.compile(
    r"(?:^|[-_.])(?:api-?_?key|apikey|auth|authorization|credentials?|pass|passwd|password|secret|sig|signature|token|jwt|session-?_?id)(?:$|[-_.])"
    r"|(?:token|secret|password|apikey|signature)$",
    re.IGNORECASE,
)


def is_secret_name(name: str) -> bool:
    """Whether a header, parameter or cookie of this name is taken for a secret."""
    return name.lower() in _SECRET_HEADERS or _SECRET_WORD.search(name) is not None


def mask_url(url: str) -> str:
    """The URL without its password and without the values of secret parameters.

    Example: `mask_url("https://me:pw@host/?token=abc&page=2")` is `"https://***@host/?token=***&page=2"`.
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        return MASK
    netloc = parts.netloc
    if "@" in netloc:
        netloc = f"{MASK}@{netloc.rpartition('@')[2]}"
    return urlunsplit((parts.scheme, netloc, parts.path, _mask_query(parts.query), _mask_query(parts.fragment)))


def mask_headers(headers: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The headers with secret values replaced; several of one name are joined."""
    shown: dict[str, str] = {}
    for name, value in headers:
        text = MASK if is_secret_name(name) else value
        shown[name] = f"{shown[name]}, {text}" if name in shown else text
    return shown


def _mask_query(query: str) -> str:
    if "=" not in query:
        return query
    pairs: list[str] = []
    for pair in query.split("&"):
        name, equals, _ = pair.partition("=")
        pairs.append(f"{name}={MASK}" if equals and is_secret_name(name) else pair)
    return "&".join(pairs)
