"""A path that was built of a route's name, and where it leads from.

Interpreted: mypyc compiles no subclasses of `str`.
"""

from __future__ import annotations

from typing import Literal, Self

from fasterapi.datastructures.url import URL

_SECURE: dict[str, dict[bool, str]] = {"http": {True: "https", False: "http"}, "websocket": {True: "wss", False: "ws"}}


class URLPath(str):
    """The path of a named route; with the host where the route belongs to one, and the protocol where that is known.

    Example: `app.url_path_for("read_user", user_id=7).make_absolute_url("https://example.org/")`.
    """

    __slots__ = ("host", "protocol")

    host: str
    protocol: Literal["http", "websocket", ""]

    def __new__(cls, path: str, protocol: Literal["http", "websocket", ""] = "", host: str = "") -> Self:
        """Make one of its text; the others say more about it."""
        made = super().__new__(cls, path)
        made.protocol = protocol
        made.host = host
        return made

    def make_absolute_url(self, base_url: str | URL) -> URL:
        """The whole URL below `base_url`, whose path is what the application is mounted at."""
        base = base_url if isinstance(base_url, URL) else URL(base_url)
        scheme = _SECURE[self.protocol][base.is_secure] if self.protocol else base.scheme
        return base.replace(scheme=scheme, netloc=self.host or base.netloc, path=base.path.rstrip("/") + str(self), query="", fragment="")
