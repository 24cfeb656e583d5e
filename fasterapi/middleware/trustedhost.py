"""Only requests for hosts that are the application's own."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import AddressValueError, IPv6Address
from typing import Final

from mypy_extensions import mypyc_attr

from fasterapi.asgi import ASGIApp, RawHeaders, Receive, Scope, Send
from fasterapi.datastructures.authority import request_authority
from fasterapi.datastructures.url import URL
from fasterapi.http.responses import PlainTextResponse, RedirectResponse, Response
from fasterapi.middleware.messages import call, refuse, request_fields

_HOST_CHARACTERS: Final = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-._~")


@mypyc_attr(allow_interpreted_subclasses=True)
class TrustedHostMiddleware:
    """Refuses requests and WebSockets whose `Host` header names another host than those allowed, with status 400.

    Example: `app.add_middleware(TrustedHostMiddleware, allowed_hosts=["example.org", "*.example.org", "[::1]"])`.

    `*.example.org` stands for every host below example.org, `*` for any host at all. Ports are not compared. Where only
    `www.example.org` is allowed, `example.org` is redirected there. Two `Host` headers, or a malformed one, are refused;
    `X-Forwarded-Host` is not read.
    """

    def __init__(self, app: ASGIApp, allowed_hosts: Sequence[str] | None = None, www_redirect: bool = True) -> None:
        if isinstance(allowed_hosts, str):
            raise TypeError(f"allowed_hosts is a list: write [{allowed_hosts!r}].")
        self.app = app
        self.www_redirect = www_redirect
        self.allowed_hosts: list[str] = [_pattern(host) for host in (["*"] if allowed_hosts is None else allowed_hosts)]
        self.allow_any: bool = "*" in self.allowed_hosts
        self._hosts: frozenset[str] = frozenset(host for host in self.allowed_hosts if not host.startswith("*"))
        self._suffixes: tuple[str, ...] = tuple(host[1:] for host in self.allowed_hosts if host.startswith("*."))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a connection in, or refuse it."""
        if self.allow_any or scope["type"] not in ("http", "websocket"):
            await call(self.app, scope, receive, send)
            return
        host = requested_host(request_fields(scope))
        if host in self._hosts or (len(self._suffixes) > 0 and host.endswith(self._suffixes)):
            await call(self.app, scope, receive, send)
        else:
            await refuse(self._refusal(host, scope), scope, receive, send)

    def _refusal(self, host: str, scope: Scope) -> Response:
        if self.www_redirect and host and f"www.{host}" in self._hosts:
            url = URL("", scope)
            return RedirectResponse(url.replace(netloc=f"www.{url.netloc}"))
        return PlainTextResponse("Invalid host header", 400)


def requested_host(headers: RawHeaders) -> str:
    """The host that a request is for, without its port and in lower case; empty for none, for two, and for a malformed one."""
    authority = request_authority(headers, "", None).lower()
    if authority.startswith("["):
        return _ipv6(authority[1 : authority.index("]")])
    return authority.partition(":")[0]


def _pattern(host: str) -> str:
    """An allowed host as requests are compared with it; one that no request could ever match is refused."""
    if host == "*":
        return host
    pattern = host.lower()
    if ":" in pattern:
        address = pattern[1:-1] if pattern.startswith("[") and pattern.endswith("]") else pattern
        try:
            return _ipv6(address)
        except AddressValueError:
            raise ValueError(f"allowed_hosts: {host!r} is not a host. Leave out the scheme and the port, which are not compared.") from None
    name = pattern.removeprefix("*.")
    if not name or not _HOST_CHARACTERS.issuperset(name):
        raise ValueError(
            f"allowed_hosts: {host!r} is not a host. Write 'example.org', '*.example.org' for all hosts below it, or '*' for any;"
            " names beyond ASCII as browsers send them, 'xn--...'."
        )
    return pattern


def _ipv6(address: str) -> str:
    """One of the many spellings of an address, always the same."""
    return f"[{IPv6Address(address).compressed}]"
