"""Requests that prove who sent them and that nothing was changed on the way, once.

What is signed is what is sent: method, host, path with its query, the bytes of the body, the moment and a number that is
used once. Whoever knows the key verifies it with `RequestSigner.verify`, on any framework.

Interpreted: as base.py.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from collections.abc import Callable, Collection, Mapping
from typing import ClassVar, Final

from typing_extensions import override

from fasterapi.client.errors import SecurityError
from fasterapi.client.middleware.base import BaseMiddleware
from fasterapi.client.request import Request
from fasterapi.client.target import parse_target

_LEAST_KEY: Final = 16


class SeenNonces:
    """The numbers that were used in the last while, so that none is used twice.

    For one process; several share them through an object with the same method.
    """

    def __init__(self, max_entries: int = 100_000) -> None:
        self._seen: dict[str, float] = {}
        self._max_entries = max_entries

    def is_new(self, nonce: str, now: float, seconds: float) -> bool:
        """Whether this number was not used in the last `seconds`; it is used from now on."""
        for known, until in list(self._seen.items()):
            if until > now:
                break
            del self._seen[known]
        if nonce in self._seen or len(self._seen) >= self._max_entries:
            return False
        self._seen[nonce] = now + seconds
        return True


class RequestSigner:
    """Signs requests, and verifies them at the other end.

    Example:
        signer.verify(request.method, str(request.url), request.headers, await request.body())
    """

    def __init__(
        self, secret_key: bytes | str, *, max_age: float = 300.0, nonces: SeenNonces | None = None, clock: Callable[[], float] = time.time
    ) -> None:
        key = secret_key.encode() if isinstance(secret_key, str) else secret_key
        if len(key) < _LEAST_KEY:
            raise ValueError(f"A key of {len(key)} bytes can be guessed. Give at least {_LEAST_KEY}, secrets.token_bytes(32) for example.")
        self._key = key
        self._max_age = max_age
        self._nonces = SeenNonces() if nonces is None else nonces
        self._clock = clock

    def sign(self, method: str, url: str, body: bytes) -> dict[str, str]:
        """The headers that sign a request."""
        timestamp = str(int(self._clock()))
        nonce = secrets.token_hex(16)
        return {
            "x-timestamp": timestamp,
            "x-nonce": nonce,
            "x-signature": self._signature(method, url, body, timestamp, nonce),
        }

    def verify(self, method: str, url: str, headers: Mapping[str, str], body: bytes) -> None:
        """Raise `SecurityError` unless this request was signed with the key, lately, and did not come before."""
        given = {name.lower(): value for name, value in headers.items()}
        timestamp = given.get("x-timestamp", "")
        nonce = given.get("x-nonce", "")
        signature = self._signature(method, url, body, timestamp, nonce)
        if not hmac.compare_digest(signature.encode(), given.get("x-signature", "").encode()):
            raise SecurityError("The signature is not one of this request.")
        now = self._clock()
        if abs(now - int(timestamp)) > self._max_age:
            raise SecurityError("The signature is too old, or of the future.")
        # A number is remembered until its timestamp is too old on both sides of the clock.
        if not self._nonces.is_new(nonce, now, self._max_age * 2):
            raise SecurityError("The request came before.")

    def _signature(self, method: str, url: str, body: bytes, timestamp: str, nonce: str) -> str:
        target = parse_target(url)
        digest = hashlib.sha256(body).hexdigest()
        text = f"{method.upper()}\n{target.authority}\n{target.path}\n{timestamp}\n{nonce}\n{digest}"
        return hmac.new(self._key, text.encode(), hashlib.sha256).hexdigest()


class SigningMiddleware(BaseMiddleware):
    """Signs what is sent: each attempt anew, and only to the hosts that are to see it.

    Example: `FastHTTP(middleware=SigningMiddleware(RequestSigner(key), hosts=["api.example.com"]))`.
    """

    __priority__: ClassVar[int] = 90

    def __init__(self, signer: RequestSigner, *, hosts: Collection[str] | None = None) -> None:
        self.signer = signer
        self._hosts = None if hosts is None else frozenset(host.lower() for host in hosts)

    @override
    async def outgoing(self, request: Request) -> None:
        """Add the headers."""
        if request.is_foreign or (self._hosts is not None and request.target.host not in self._hosts):
            return
        for name, value in self.signer.sign(request.method, request.url, request.content()).items():
            request.headers[name] = value
