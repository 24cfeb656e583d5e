"""Which addresses are those of the public internet."""

from __future__ import annotations

import ipaddress
from typing import Final, TypeAlias

Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address
Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network

# Written out, because what Python calls global has changed from release to release: the special-purpose registries of IANA
# (RFC 6890 and its successors), multicast, and the address that Azure's machines find their host at.
_NOT_PUBLIC_4: Final = tuple(
    ipaddress.IPv4Network(network)
    for network in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "168.63.129.16/32",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/3",
    )
)
_PUBLIC_6: Final = ipaddress.IPv6Network("2000::/3")
_NOT_PUBLIC_6: Final = tuple(ipaddress.IPv6Network(network) for network in ("2001::/23", "2001:db8::/32", "3fff::/20"))
# Prefixes whose last 32 bits are an IPv4 address that a gateway may forward to (RFC 6052, 2.1; RFC 4291, 2.5.5; RFC 2765, 2.1).
_CARRIES_4: Final = tuple(ipaddress.IPv6Network(network) for network in ("64:ff9b::/96", "::ffff:0:0/96", "::ffff:0:0:0/96", "::/96"))
# The IPv4 address stands behind the prefix here (RFC 3056, 2).
_SIX_TO_FOUR: Final = ipaddress.IPv6Network("2002::/16")


def embedded_address(address: Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address that an IPv6 address leads to, if it does."""
    if isinstance(address, ipaddress.IPv4Address):
        return None
    if address in _SIX_TO_FOUR:
        return ipaddress.IPv4Address(int(address) >> 80 & 0xFFFFFFFF)
    for network in _CARRIES_4:
        if address in network:
            return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return None


def is_public(address: Address) -> bool:
    """Whether an address is one of the public internet: not of this host, this network or this cloud."""
    if isinstance(address, ipaddress.IPv4Address):
        for network in _NOT_PUBLIC_4:
            if address in network:
                return False
        return True
    inner = embedded_address(address)
    if inner is not None:
        return is_public(inner)
    for block in _NOT_PUBLIC_6:
        if address in block:
            return False
    return address in _PUBLIC_6


def parse_address(host: str) -> Address | None:
    """The address that a host is written as, in the spellings that resolvers take (`127.1`, `0x7f000001`, `2130706433`)."""
    text = host.strip("[]").partition("%")[0]
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return _parse_short_ipv4(text)


def _parse_short_ipv4(text: str) -> ipaddress.IPv4Address | None:
    """One to four numbers, each decimal, octal or hexadecimal; the last fills what is left (inet_aton)."""
    parts = text.removesuffix(".").split(".")
    if not 1 <= len(parts) <= 4:
        return None
    numbers: list[int] = []
    for part in parts:
        number = _parse_number(part)
        if number < 0:
            return None
        numbers.append(number)
    room = 256 ** (5 - len(numbers))
    if numbers[-1] >= room or max(numbers[:-1], default=0) > 255:
        return None
    value = numbers[-1]
    for position, number in enumerate(numbers[:-1]):
        value += number << (8 * (3 - position))
    return ipaddress.IPv4Address(value)


def _parse_number(text: str) -> int:
    """The number, or -1."""
    if not text.isascii() or not text.isalnum() or len(text) > 16:
        return -1
    base = 16 if text[:2].lower() == "0x" else 8 if text[0] == "0" and len(text) > 1 else 10
    digits = text[2:] if base == 16 else text
    if not digits:
        return 0
    try:
        return int(digits, base)
    except ValueError:
        return -1
