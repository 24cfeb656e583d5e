"""Proxies: where one is, and which of them the environment names for a request."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from typing import Final, final
from urllib.parse import urlsplit

from fasterapi.client.addresses import Network, parse_address
from fasterapi.client.masking import mask_url
from fasterapi.client.target import Target

_SCHEMES: Final = ("http", "https", "socks5", "socks5h")
_OF_WEBSOCKETS: Final = {"ws": "http", "wss": "https"}


def check_proxy(url: str, name: str = "proxy=") -> str:
    """The URL of a proxy as it is; `ValueError` for what is none, which says where it came from."""
    try:
        parts = urlsplit(url)
        is_one = parts.scheme.lower() in _SCHEMES and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_one = False
    if not is_one:
        raise ValueError(f"{name}{mask_url(url)!r} is no proxy. Write a URL such as 'http://proxy:3128' or 'socks5://proxy:1080'.")
    return url


@final
class EnvironmentProxies:
    """The proxies of `HTTP_PROXY`, `HTTPS_PROXY` and `ALL_PROXY`, for all hosts but those of `NO_PROXY`.

    Names in lower case win. `NO_PROXY` has hosts, each with all below it, ports behind them if need be, addresses, networks, or `*`.

    Example: `EnvironmentProxies(os.environ).proxy_for(target)`.
    """

    def __init__(self, environment: Mapping[str, str]) -> None:
        fallback = _read_proxy(environment, "ALL_PROXY")
        self._proxies: dict[str, str | None] = {
            "http": _read_proxy(environment, "HTTP_PROXY") or fallback,
            "https": _read_proxy(environment, "HTTPS_PROXY") or fallback,
        }
        self._reaches_all = False
        self._hosts: list[str] = []
        self._networks: list[Network] = []
        for entry in _read(environment, "NO_PROXY").replace(",", " ").split():
            self._except(entry.lower())

    def is_empty(self) -> bool:
        """Whether every request goes straight to its host."""
        return self._reaches_all or not any(self._proxies.values())

    def proxy_for(self, target: Target) -> str | None:
        """The proxy of a request; `None` where it goes straight to its host."""
        if self._reaches_all or self._is_excepted(target):
            return None
        return self._proxies[_OF_WEBSOCKETS.get(target.scheme, target.scheme)]

    def _except(self, entry: str) -> None:
        if entry == "*":
            self._reaches_all = True
            return
        try:
            self._networks.append(ipaddress.ip_network(entry.strip("[]"), strict=False))
        except ValueError:
            self._hosts.append(entry.removeprefix("*").lstrip("."))

    def _is_excepted(self, target: Target) -> bool:
        address = parse_address(target.host)
        if address is not None:
            return any(address.version == network.version and address in network for network in self._networks)
        name = target.host.rstrip(".")
        for host in self._hosts:
            for own in (name, f"{name}:{target.port}"):
                if own == host or own.endswith("." + host):
                    return True
        return False


def _read_proxy(environment: Mapping[str, str], name: str) -> str | None:
    # What a client of a CGI program sends as "Proxy: …" arrives there under this name, and is nobody's wish.
    is_sent = name == "HTTP_PROXY" and "REQUEST_METHOD" in environment
    found = _read({} if is_sent and name.lower() not in environment else environment, name)
    if not found:
        return None
    return check_proxy(found if "://" in found else f"http://{found}", f"{name}=")


def _read(environment: Mapping[str, str], name: str) -> str:
    return environment.get(name.lower(), environment.get(name, "")).strip()
