"""Which sites may open a WebSocket.

Browsers let any page open a WebSocket to any host and send the host's cookies along; nothing but the `Origin` header tells
whose page it was (RFC 6455, 10.2).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, final
from urllib.parse import urlsplit

from fasterapi.http.exchange import Exchange

_DEFAULT_PORTS: Final = {"http": ":80", "https": ":443"}
_OPAQUE: Final = "null"


@final
class AllowedOrigins:
    """The origins that a route takes handshakes from.

    Example: `AllowedOrigins(["https://example.com", None])`, where `None` stands for clients that say no origin, as all that are
    not browsers.
    """

    def __init__(self, origins: Sequence[str | None]) -> None:
        """Raises `TypeError` or `ValueError` for what no browser would send."""
        if isinstance(origins, str):
            raise TypeError(f"allowed_origins takes a list of origins, not one string. Write [{origins!r}].")
        self._takes_none: bool = None in origins
        self._origins: frozenset[str] = frozenset([_checked(origin) for origin in origins if origin is not None])

    def allow(self, exchange: Exchange) -> bool:
        """Whether a handshake comes from one of them; two `Origin` headers come from none."""
        found = [value for name, value in exchange.headers() if name == b"origin"]
        if not found:
            return self._takes_none
        return len(found) == 1 and found[0].decode("latin-1").lower() in self._origins


def _checked(origin: str) -> str:
    """The origin as browsers write it: in lower case, without a default port (RFC 6454, 6.2)."""
    if origin == _OPAQUE:
        return origin
    lowered = origin.lower()
    parts = urlsplit(lowered)
    if not parts.scheme or not parts.hostname or lowered != f"{parts.scheme}://{parts.netloc}" or "@" in parts.netloc:
        raise ValueError(f"{origin!r} is no origin. Write scheme, host and port alone, as in 'https://example.com'.")
    if not lowered.isascii():
        raise ValueError(f"Browsers send the host of {origin!r} in Punycode. Write it as 'xn--...'.")
    return lowered.removesuffix(_DEFAULT_PORTS.get(parts.scheme, ":"))
