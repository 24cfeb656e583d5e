"""Which host a request was meant for: what its URL is built on, so nothing that a client sends may bend it."""

from __future__ import annotations

from ipaddress import AddressValueError, IPv6Address
from typing import Final

from fasterapi.asgi import RawHeaders

_DEFAULT_PORTS: Final = {"http": 80, "https": 443, "ws": 80, "wss": 443}
_REGISTERED_NAME: Final = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~%!$&'()*+,;="


def request_authority(headers: RawHeaders, scheme: str, server: tuple[str, int | None] | None) -> str:
    """The host, with its port where it is not the scheme's own, as the client named it or else as the server is called.

    A `Host` header that could be read as anything but a host is not believed, nor are two of them; empty where nothing is known.
    """
    named = ""
    count = 0
    for name, value in headers:
        if name == b"host":
            named = _host_text(value)
            count += 1
    if count == 1 and named:
        return named
    return "" if server is None else _server_text(server, scheme)


def bracketed(host: str) -> str:
    """An IPv6 address as URLs write it, any other host as it is."""
    if ":" not in host or host.startswith("["):
        return host
    return f"[{host}]" if _is_ipv6(host) else host


def _host_text(value: bytes) -> str:
    """The header as text, empty when it is not `host` or `host:port` (RFC 9110, 7.2; RFC 3986, 3.2.2)."""
    end = value.rfind(b"]") + 1
    colon = value.find(b":", end)
    host = value if colon < 0 else value[:colon]
    if colon >= 0 and not _is_port(value[colon + 1 :]):
        return ""
    if end:
        valid = host.startswith(b"[") and end == len(host) and _is_ipv6(host[1:-1].decode("latin-1"))
    else:
        valid = bool(host) and not host.translate(None, _REGISTERED_NAME)
    return value.decode("ascii") if valid else ""


def _server_text(server: tuple[str, int | None], scheme: str) -> str:
    """The server's own name; a Unix socket has a path there, which is none."""
    host, port = server
    if port is None or not host or "/" in host:
        return ""
    host = bracketed(host)
    return host if port == _DEFAULT_PORTS.get(scheme) else f"{host}:{port}"


def _is_port(digits: bytes) -> bool:
    significant = digits.lstrip(b"0")
    return digits.isdigit() and len(significant) <= 5 and int(significant or b"0") <= 65535


def _is_ipv6(text: str) -> bool:
    # A zone ("%eth0") says nothing to the other side, and would have to be escaped in a URL (RFC 6874).
    if "%" in text:
        return False
    try:
        IPv6Address(text)
    except AddressValueError:
        return False
    return True
