"""Whom a limit is for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from hashlib import sha256
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any, Final, TypeAlias

from fasterapi.asgi import RawHeaders
from fasterapi.http.connection import HTTPConnection

Key: TypeAlias = Callable[[HTTPConnection[Any]], str]
"""Gives what the requests of one client have in common; an empty text is for those that are not limited."""

_Network: TypeAlias = IPv4Network | IPv6Network

_UNIX: Final = "unix"

_MOST_HOPS: Final = 32
"""Proxies in a row that are believed: nobody's network has more, so a longer header was made to be long."""


def by_client(trusted_proxies: Sequence[str] = (), forwarded_for_header: str = "X-Forwarded-For") -> Key:
    """By the address of the client; of an IPv6 address its /64 network counts, which is what one customer has.

    Example: `by_client(trusted_proxies=["10.0.0.0/8"])`.

    Behind proxies the address is the last one in `X-Forwarded-For` that is not itself one of `trusted_proxies`: what stands before
    it, anybody can write there. Without `trusted_proxies`, or where somebody else connects, the header is not read at all. A proxy
    that connects by a Unix socket has no address: it is trusted as `"unix"`, and without that all that comes from it is one client.
    """
    if isinstance(trusted_proxies, str):
        raise TypeError(f"trusted_proxies is a list: write [{trusted_proxies!r}].")
    networks: list[_Network] = [ip_network(proxy) for proxy in trusted_proxies if proxy != _UNIX]
    trusts_sockets = _UNIX in trusted_proxies
    header = forwarded_for_header.lower().encode("ascii")

    def key(connection: HTTPConnection[Any]) -> str:
        peer = connection.client
        # Of a Unix socket servers tell no address, or an empty one.
        address = peer[0] if peer is not None and peer[0] else "unknown"
        if trusts_sockets if address == "unknown" else _is_among(address, networks):
            address = _forwarded(connection.exchange.headers(), header, address, networks)
        return f"client:{_customer(address)}"

    return key


def by_header(name: str, otherwise: Key | None = None) -> Key:
    """By the value of a header, an API key for one; requests without it are limited by `otherwise`, which is `by_client()`.

    Anybody can write a header: where a key is not checked before, limit by the client too, or a new value each time is without a limit.
    """
    header = name.lower().encode("ascii")
    fallback = by_client() if otherwise is None else otherwise

    def key(connection: HTTPConnection[Any]) -> str:
        values = [value for field, value in connection.exchange.headers() if field == header]
        if not values:
            return fallback(connection)
        # Hashed: keys of APIs are secrets, and of any length.
        return f"header:{sha256(b','.join(values)).hexdigest()}"

    return key


def by_user(otherwise: Key | None = None) -> Key:
    """By `request.user`, which a middleware for authentication has set; requests without one are limited by `otherwise`, `by_client()`."""
    fallback = by_client() if otherwise is None else otherwise

    def key(connection: HTTPConnection[Any]) -> str:
        user: object = connection.scope.get("user")
        if user is None or not getattr(user, "is_authenticated", True):
            return fallback(connection)
        identity: object = getattr(user, "identity", None) or getattr(user, "id", None) or user
        return f"user:{sha256(str(identity).encode('utf-8', 'surrogatepass')).hexdigest()}"

    return key


def _forwarded(headers: RawHeaders, name: bytes, peer: str, networks: list[_Network]) -> str:
    """The client behind trusted proxies: each has added the one who asked it at the end."""
    # Only the end is looked at, however long somebody has made it.
    hops = b",".join([value for field, value in headers if field == name]).rsplit(b",", _MOST_HOPS)[-_MOST_HOPS:]
    address = peer
    for hop in reversed(hops):
        found = _address(hop.decode("latin-1").strip())
        if found is None:
            # The proxy that wrote this cannot be told from a liar: the last one that is known is who counts.
            return address
        address = found
        if not _is_among(address, networks):
            return address
    return address


def _address(text: str) -> str | None:
    """An address as proxies write it, some with a port."""
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        return str(ip_address(text))
    except ValueError:
        return None


def _is_among(address: str, networks: list[_Network]) -> bool:
    try:
        found = ip_address(address)
    except ValueError:
        return False
    if isinstance(found, IPv6Address) and found.ipv4_mapped is not None:
        found = found.ipv4_mapped
    return any(found in network for network in networks)


def _customer(address: str) -> str:
    """What one customer of a provider has: an IPv4 address, or an IPv6 network of 2^64 addresses."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    if not isinstance(found, IPv6Address):
        return str(found)
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return f"{IPv6Address(int(found) >> 64 << 64)}/64"
