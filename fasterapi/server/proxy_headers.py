"""Who the client is when proxies stand between."""

from __future__ import annotations

from typing import Final, Protocol

from fasterapi.asgi import RawHeaders

Address = tuple[str, int]

_SCHEMES: Final = ("http", "https", "ws", "wss")


class TrustedHosts(Protocol):
    """The proxies whose word is taken, as uvicorn keeps them."""

    def __contains__(self, host: str | None, /) -> bool: ...

    def get_trusted_client_address(self, x_forwarded_for: str, /) -> Address:
        """The last address in the header that is no proxy's."""
        ...


def forwarded_client(trusted_hosts: TrustedHosts, peer: Address | None, headers: RawHeaders) -> Address | None:
    """The client that a trusted peer speaks for, or the peer itself."""
    if (None if peer is None else peer[0]) not in trusted_hosts:
        return peer
    addresses = [value for name, value in headers if name == b"x-forwarded-for"]
    if not addresses:
        return peer
    address = trusted_hosts.get_trusted_client_address(b", ".join(addresses).decode("latin-1"))
    return address if address[0] else peer


def forwarded_scheme(trusted_hosts: TrustedHosts, peer: Address | None, headers: RawHeaders, scheme: str) -> str:
    """The scheme that the client spoke to a trusted peer, or the one that the peer speaks."""
    if (None if peer is None else peer[0]) not in trusted_hosts:
        return scheme
    for name, value in reversed(headers):
        if name == b"x-forwarded-proto":
            forwarded = value.decode("latin-1").strip()
            return forwarded if forwarded in _SCHEMES else scheme
    return scheme
