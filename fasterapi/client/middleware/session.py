"""Cookies between requests, as middleware.

Interpreted: as base.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from typing_extensions import override

from fasterapi.client.cookies import CookieJar
from fasterapi.client.middleware.base import BaseMiddleware
from fasterapi.client.request import Request
from fasterapi.client.transport import WireResponse


class SessionMiddleware(BaseMiddleware):
    """Keeps cookies from one request, and from one run, to the next; the same as `FastHTTP(cookie_jar=CookieJar())`.

    Example: `FastHTTP(middleware=SessionMiddleware({"theme": "dark"}))`.
    """

    __priority__: ClassVar[int] = 60

    def __init__(self, cookies: Mapping[str, str] | None = None, *, jar: CookieJar | None = None) -> None:
        self.jar: CookieJar = CookieJar() if jar is None else jar
        for name, value in (cookies or {}).items():
            self.jar.set(name, value)

    @property
    def cookies(self) -> dict[str, str]:
        """The cookies by name."""
        return dict(self.jar.items())

    def get_cookies(self) -> dict[str, str]:
        """The cookies by name."""
        return self.cookies

    def clear(self) -> None:
        """Forget all cookies."""
        self.jar.clear()

    @override
    async def outgoing(self, request: Request) -> None:
        """Send the cookies that belong to the request."""
        self.jar.add_to(request.target, request.headers)

    @override
    async def incoming(self, request: Request, response: WireResponse) -> None:
        """Keep the cookies of the response."""
        for name, value in response.headers:
            if name == b"set-cookie":
                self.jar.store(request.target, value.decode("latin-1"))
