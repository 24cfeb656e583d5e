"""Where requests may go: the guard against forged requests to one's own network (SSRF).

A name is judged before it is resolved, every address it resolves to before it is connected to, and the address that was
judged is the one that is connected to: a name that changes its address in between changes nothing.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from typing import Final, final

from fasterapi.client.addresses import Address, Network, embedded_address, is_public, parse_address
from fasterapi.client.errors import SSRFBlockedError

_LOCAL_NAMES: Final = frozenset({"localhost", "localhost.localdomain", "ip6-localhost", "ip6-loopback"})
_METADATA_NAMES: Final = frozenset({"metadata", "metadata.google.internal", "metadata.goog", "instance-data", "instance-data.ec2.internal"})


@final
class Guard:
    """Lets requests go to the public internet and to what `allow` names; never to what `deny` names.

    Entries are hosts (`"localhost"`), hosts with all below them (`".internal.example"`), addresses and networks
    (`"10.0.0.0/8"`). An allowed host may have any address.

    Example: `FastHTTP(security=Guard(allow=["127.0.0.1", "localhost"]))`.
    """

    def __init__(self, *, allow: Sequence[str] = (), deny: Sequence[str] = (), allow_downgrade: bool = False) -> None:
        if isinstance(allow, str) or isinstance(deny, str):
            raise TypeError("Guard takes lists of hosts and networks, not one string. Write allow=['host'].")
        self._allowed_hosts, self._allowed_networks = _read_entries(allow)
        self._denied_hosts, self._denied_networks = _read_entries(deny)
        self.allow_downgrade = allow_downgrade
        """Whether a redirect may lead from https to http."""

    def check_host(self, host: str) -> bool:
        """Judge a host as it is written: `True` where any address of it is allowed; raises `SSRFBlockedError`.

        This is all that can be judged where a proxy resolves the name.
        """
        name = host.lower().rstrip(".")
        if _is_listed(name, self._denied_hosts):
            raise SSRFBlockedError(f"{host} is denied by the guard.")
        if _is_listed(name, self._allowed_hosts):
            return True
        address = parse_address(name)
        if address is not None:
            self.check_address(address, host)
        elif name in _LOCAL_NAMES or name in _METADATA_NAMES or name.endswith(".localhost"):
            raise _blocked(host, name)
        return False

    def check_address(self, address: Address, host: str) -> None:
        """Judge an address of a host; raises `SSRFBlockedError`."""
        inner = embedded_address(address)
        if _is_within(address, self._denied_networks) or (inner is not None and _is_within(inner, self._denied_networks)):
            raise SSRFBlockedError(f"{host} is at {address}, which is denied by the guard.")
        if _is_within(address, self._allowed_networks):
            return
        if not is_public(address):
            raise _blocked(host, str(address))

    def __repr__(self) -> str:
        allowed = [*self._allowed_hosts, *map(str, self._allowed_networks)]
        denied = [*self._denied_hosts, *map(str, self._denied_networks)]
        return f"Guard(allow={allowed}, deny={denied})"


def as_guard(security: object) -> Guard | None:
    """The guard of what users write for `security`: `True` for the usual one, `False` for none, or a guard."""
    if isinstance(security, Guard):
        return security
    if isinstance(security, bool):
        return DEFAULT_GUARD if security else None
    raise TypeError(f"security={security!r}: write True, False or Guard(allow=[…]).")


def _blocked(host: str, where: str) -> SSRFBlockedError:
    at = host if where == host else f"{host} ({where})"
    return SSRFBlockedError(f"{at} is not on the public internet. If it is meant, write security=Guard(allow=[{host!r}]).")


def _read_entries(entries: Sequence[str]) -> tuple[tuple[str, ...], tuple[Network, ...]]:
    hosts: list[str] = []
    networks: list[Network] = []
    for entry in entries:
        if not entry.strip():
            raise ValueError("The guard takes hosts, addresses and networks; an empty text is none.")
        try:
            networks.append(ipaddress.ip_network(entry.strip("[]"), strict=False))
        except ValueError:
            if "/" in entry or ":" in entry or "*" in entry:
                raise ValueError(
                    f"{entry!r} is neither a host nor a network. Write 'host', '.domain' for all hosts below it, or '10.0.0.0/8'."
                ) from None
            hosts.append(entry.lower().rstrip("."))
    return tuple(hosts), tuple(networks)


def _is_listed(name: str, hosts: tuple[str, ...]) -> bool:
    for host in hosts:
        if name == host or (host.startswith(".") and (name.endswith(host) or name == host[1:])):
            return True
    return False


def _is_within(address: Address, networks: tuple[Network, ...]) -> bool:
    for network in networks:
        if address.version == network.version and address in network:
            return True
    return False


DEFAULT_GUARD: Final = Guard()
"""Lets requests go to the public internet."""
