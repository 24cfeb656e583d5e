"""Responses that need not be asked for again (RFC 9111).

Interpreted: as base.py.
"""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Callable, Collection
from typing import ClassVar, Final, TypedDict

import msgspec
from typing_extensions import override

from fasterapi.client.cache_control import Directives, fits, initial_age, lifetime, may_keep, vary_names, varying_values
from fasterapi.client.cache_store import MOST_VARIANTS, CacheStore, Entry, KeptResponse, MemoryStore
from fasterapi.client.middleware.base import BaseMiddleware, CallNext
from fasterapi.client.request import Request
from fasterapi.client.response import Response
from fasterapi.client.target import parse_target
from fasterapi.client.transport import EmptyStream, WireResponse
from fasterapi.datastructures.headers import Headers, MutableHeaders

_logger: Final = logging.getLogger("fasterapi.client")

_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
_CONDITIONAL: Final = ("if-none-match", "if-modified-since", "if-match", "if-unmodified-since", "range")


class CacheStats(TypedDict):
    """How often the cache had an answer."""

    hits: int
    misses: int
    revalidated: int


class CacheMiddleware(BaseMiddleware):
    """Answers from what came before, as long as the server's headers allow, and asks whether it still holds after that.

    It is private: what came for one `Authorization` or one `auth=` is not given to another, and what came for an `auth=`
    that it cannot tell apart is not kept. A response that does not say how long it holds is kept for `ttl` seconds.

    Example: `FastHTTP(middleware=CacheMiddleware(ttl=60))`.
    """

    __priority__: ClassVar[int] = 10

    def __init__(
        self,
        ttl: float = 3600,
        max_size: int = 100,
        cache_methods: Collection[str] = ("GET",),
        *,
        store: CacheStore | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        unsafe = {method.upper() for method in cache_methods} - {"GET", "HEAD"}
        if unsafe:
            raise ValueError(f"Responses to {', '.join(sorted(unsafe))} cannot be kept: they depend on what was sent. Use GET and HEAD.")
        self.ttl = ttl
        self.store: CacheStore = MemoryStore(max_size) if store is None else store
        self._methods = frozenset(method.upper() for method in cache_methods)
        self._clock = clock
        self._is_away = False
        self._stats: CacheStats = {"hits": 0, "misses": 0, "revalidated": 0}

    async def clear(self) -> None:
        """Forget everything."""
        await self.store.clear()

    def get_stats(self) -> CacheStats:
        """How often the cache had an answer so far."""
        return {**self._stats}

    @override
    async def around(self, request: Request, call_next: CallNext) -> Response:
        """Answer, or ask and keep the answer."""
        identity = _identity(request)
        if identity is None or any(name in request.headers for name in _CONDITIONAL):
            return await call_next(request)
        if request.method not in self._methods:
            response = await call_next(request)
            if request.method not in _SAFE and response.ok:
                # What is kept of it is no longer true (RFC 9111, 4.4).
                for method in self._methods:
                    await self._forget(_key(method, request, identity))
            return response
        key = _key(request.method, request, identity)
        entry = _read(await self._find(key))
        kept = next((variant for variant in entry.variants if fits(variant.varying, request.headers)), None)
        if kept is not None and self._is_fresh(kept, request):
            self._stats["hits"] += 1
            return _restored(request, kept)
        self._stats["misses"] += 1
        response = await call_next(_conditional(request, kept) if kept is not None else request)
        if kept is not None and response.status_code == 304:
            self._stats["revalidated"] += 1
            _refresh(kept, response.headers)
            response = _restored(request, kept)
        elif response.history or response.from_cache:
            return response
        await self._keep(key, entry, kept, request, response)
        return response

    def _is_fresh(self, kept: KeptResponse, request: Request) -> bool:
        wanted = Directives(request.headers.getlist("cache-control"))
        if wanted.has("no-cache") or wanted.has("no-store") or "no-cache" in request.headers.get("pragma", "").lower():
            return False
        age = self._clock() - kept.kept_at + kept.age
        limit = wanted.seconds("max-age")
        return age < kept.lifetime and (limit is None or age < limit)

    async def _keep(self, key: str, entry: Entry, kept: KeptResponse | None, request: Request, response: Response) -> None:
        others = [variant for variant in entry.variants if variant is not kept]
        if not may_keep(request, response.status_code, response.headers):
            if kept is not None and response.ok:
                entry.variants = others
                await self._put(key, entry, 0.0)
            return
        said = lifetime(response.headers)
        # Of what the request carries only at the end of its way, cookies above all, the sent headers know.
        fresh = KeptResponse(
            response.status_code,
            response.headers.raw,
            response.reason,
            response.http_version,
            response.content,
            response.url,
            varying_values([name for name in vary_names(response.headers) if name != "authorization"], response.request.headers),
            self._clock(),
            initial_age(response.headers),
            float(self.ttl) if said is None else said,
        )
        entry.variants = [fresh, *others][:MOST_VARIANTS]
        await self._put(key, entry, fresh.lifetime)

    # A store that is away costs the answers that it has, never the request.

    async def _find(self, key: str) -> bytes | None:
        try:
            found = await self.store.get(key)
        except Exception as error:  # noqa: BLE001 - stores of any make, each with its own exceptions
            self._note_outage(error)
            return None
        self._is_away = False
        return found

    async def _put(self, key: str, entry: Entry, seconds: float) -> None:
        try:
            await self.store.set(key, msgspec.msgpack.encode(entry), seconds)
        except Exception as error:  # noqa: BLE001 - as above
            self._note_outage(error)

    async def _forget(self, key: str) -> None:
        try:
            await self.store.delete(key)
        except Exception as error:  # noqa: BLE001 - as above
            self._note_outage(error)

    def _note_outage(self, error: Exception) -> None:
        """Say once that the store is away, until it is back."""
        if not self._is_away:
            self._is_away = True
            _logger.warning("The cache's store is away, so responses are asked for again: %s: %s", type(error).__name__, error)


def _identity(request: Request) -> str | None:
    """What tells the sender of a request from others; `None` where nothing does."""
    given = request.headers.get("authorization", "")
    return given if request.auth is None else request.auth.identity()


def _key(method: str, request: Request, identity: str) -> str:
    """A key that no two requests share, and that gives no secret away."""
    digest = hashlib.sha256()
    for part in (method, request.url, identity):
        encoded = part.encode()
        digest.update(len(encoded).to_bytes(8, "big") + encoded)
    return digest.hexdigest()


def _read(stored: bytes | None) -> Entry:
    if stored is None:
        return Entry([])
    try:
        return msgspec.msgpack.decode(stored, type=Entry)
    except msgspec.MsgspecError:
        # Another version wrote it.
        return Entry([])


def _conditional(request: Request, kept: KeptResponse) -> Request:
    """The request that asks whether what is kept still holds (RFC 9111, 4.3.1)."""
    headers = Headers(raw=kept.headers)
    asked = request.again()
    etag = headers.get("etag")
    modified = headers.get("last-modified")
    if etag is not None:
        asked.headers["if-none-match"] = etag
    if modified is not None:
        asked.headers["if-modified-since"] = modified
    return asked


def _refresh(kept: KeptResponse, headers: Headers) -> None:
    """Take over what a 304 says anew (RFC 9111, 3.2)."""
    updated = MutableHeaders(raw=list(kept.headers))
    for name in set(headers.keys()) - {"content-length", "content-encoding", "content-type", "transfer-encoding"}:
        del updated[name]
        for value in headers.getlist(name):
            updated.append(name, value)
    kept.headers = updated.raw


def _restored(request: Request, kept: KeptResponse) -> Response:
    sent = request.again()
    sent.target = parse_target(kept.url)
    response = Response(
        sent, WireResponse(kept.status, list(kept.headers), kept.http_version, kept.reason, EmptyStream()), kept.content, 0.0
    )
    response.from_cache = True
    return response
