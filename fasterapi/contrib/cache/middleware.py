"""Answers requests with what was answered before."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, NamedTuple, TypeGuard

from fasterapi.asgi import ASGIApp, RawHeaders, Receive, Scope, Send
from fasterapi.contrib.cache.answering import answer
from fasterapi.contrib.cache.flights import Flight, Flights
from fasterapi.contrib.cache.kept import Cache, Found, KeptAnswer
from fasterapi.contrib.cache.making import Making
from fasterapi.contrib.cache.policy import policy_of
from fasterapi.contrib.cache.recording import Recording
from fasterapi.contrib.cache.rules import CACHEABLE_STATUSES, PRIVATE_HEADERS, Asked, asked_of
from fasterapi.contrib.redis import DEFAULT_URL, RedisConnection, RedisStore
from fasterapi.contrib.stores import Outage, Store, StoreError
from fasterapi.middleware.messages import request_fields

if TYPE_CHECKING:
    from redis.asyncio import Redis

LARGEST_BODY: Final = 1024 * 1024
WAIT_SECONDS: Final = 5.0
_POLL_SECONDS: Final = 0.05
_MOST_KNOWN: Final = 10_000


class _Lock(NamedTuple):
    is_ours: bool
    was_taken: bool
    """Whether somebody else had it before, who may have made the answer meanwhile."""


class CacheMiddleware:
    """Keeps the answers of routes that are `@cached`, and those whose `Cache-Control` gives them a time.

    Example:
        app.add_middleware(CacheMiddleware, store=RedisStore("redis://127.0.0.1:6379/0"))

        @app.get("/items")
        @cached(ttl=60)
        async def read_items() -> list[Item]: ...

    Answers to GET are kept whole and as they were sent, with an entity tag, so that clients who have one get status 304. Kept are
    no answers that set cookies, say `private`, `no-store` or `no-cache`, or are larger than `max_body_bytes`; no answers to requests
    with one of the `private_headers`, unless the route says otherwise; and none for longer than `Cache-Control` allows. Of several
    requests for one answer that is not there, one makes it, and the others wait for up to `wait_seconds`. While the store is away,
    nothing is kept.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        cache: Cache | None = None,
        store: Store | None = None,
        ttl: float | None = None,
        cacheable_statuses: Sequence[int] = CACHEABLE_STATUSES,
        max_body_bytes: int = LARGEST_BODY,
        private_headers: Sequence[str] = PRIVATE_HEADERS,
        wait_seconds: float = WAIT_SECONDS,
    ) -> None:
        """Wrap an application.

        Args:
            app: The application.
            cache: The cache, which something else may invalidate; None for one of its own.
            store: Where answers are kept, in place of `cache`; None for this process's memory.
            ttl: Seconds for answers that say nothing, of routes that say nothing; None, to keep none of these.
            cacheable_statuses: The statuses of answers that may be kept.
            max_body_bytes: The largest body that is kept.
            private_headers: Headers that say who asks.
            wait_seconds: How long a request waits for another one that makes the same answer.
        """
        if cache is not None and store is not None:
            raise TypeError("cache= and store= are two ways to say the same: give one.")
        if isinstance(private_headers, str):
            raise TypeError(f"private_headers is a list: write [{private_headers!r}].")
        self.app = app
        self.cache: Cache = Cache(store) if cache is None else cache
        self.ttl = ttl
        self.cacheable_statuses: frozenset[int] = frozenset(cacheable_statuses)
        self.max_body_bytes = max_body_bytes
        self.private_headers: frozenset[str] = frozenset(name.lower() for name in private_headers)
        self.wait_seconds = wait_seconds
        self._flights = Flights()
        self._known: OrderedDict[str, None] = OrderedDict()
        self._outage = Outage("nothing is answered from the cache")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request from the cache, or have it answered and keep that."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = request_fields(scope)
        asked = asked_of(scope, headers)
        if not asked.may_keep and not asked.takes_kept:
            await self.app(scope, receive, send)
            return
        found = await self._find(scope, headers)
        if found is None:
            await self.app(scope, receive, send)
        elif self._may_have(found.answer, asked, headers):
            await answer(found.answer, self.cache.clock(), scope, headers, send)
        else:
            await self._make(found, asked, scope, headers, receive, send)

    async def _find(self, scope: Scope, headers: RawHeaders) -> Found | None:
        try:
            found = await self.cache.find(scope, headers)
        except StoreError as error:
            self._outage.begin(error)
            return None
        self._outage.end()
        return found

    async def _make(self, found: Found, asked: Asked, scope: Scope, headers: RawHeaders, receive: Receive, send: Send) -> None:
        """Have a request answered by the application, unless another one has just that done already."""
        if not asked.may_keep:
            await self.app(scope, receive, send)
            return
        making = Making(self, found, scope, headers, send)
        recording = Recording(send, making, self.max_body_bytes)
        if not asked.takes_kept or self.private(headers):
            await self.app(scope, receive, recording.send)
            return
        key = found.keys[1]
        flight = self._flights.of(key)
        if flight is not None:
            if self._may_bring_something(flight):
                await flight.landed(self.wait_seconds)
                if await self._answer_kept(asked, scope, headers, send):
                    return
            await self.app(scope, receive, recording.send)
            return
        making.flight = self._flights.begin(key, scope)
        # Other processes are asked only where an answer is likely to be kept: it costs a round trip.
        lock = _Lock(False, False)
        try:
            if self.ttl is not None or key in self._known:
                lock = await self._lock(key)
                if lock.was_taken and await self._answer_kept(asked, scope, headers, send):
                    return
            await self.app(scope, receive, recording.send)
        finally:
            self._flights.end(key, making.flight)
            if lock.is_ours:
                await self._unlock(key)

    async def keep(self, kept: KeptAnswer, found: Found, headers: RawHeaders) -> None:
        """Keep the answer to a request."""
        try:
            await self.cache.keep(kept, found.keys[0], headers)
        except StoreError as error:
            self._outage.begin(error)
            return
        self._known[found.keys[1]] = None
        self._known.move_to_end(found.keys[1])
        if len(self._known) > _MOST_KNOWN:
            self._known.popitem(last=False)

    def private(self, headers: RawHeaders) -> set[str]:
        """The headers of a request that say who asks."""
        return {name.decode("latin-1") for name, _ in headers} & self.private_headers

    def _may_have(self, kept: KeptAnswer | None, asked: Asked, headers: RawHeaders) -> TypeGuard[KeptAnswer]:
        if kept is None or not asked.takes_kept or self.cache.clock() - kept.kept_at > asked.max_age:
            return False
        return kept.for_everyone or self.private(headers) <= set(kept.vary)

    def _may_bring_something(self, flight: Flight) -> bool:
        """Whether to wait for another request: not where it has met a route that keeps nothing."""
        return self.ttl is not None or flight.scope.get("endpoint") is None or policy_of(flight.scope) is not None

    async def _answer_kept(self, asked: Asked, scope: Scope, headers: RawHeaders, send: Send) -> bool:
        """Look once more, and say whether there was an answer now."""
        found = await self._find(scope, headers)
        if found is None or not self._may_have(found.answer, asked, headers):
            return False
        await answer(found.answer, self.cache.clock(), scope, headers, send)
        return True

    async def _lock(self, key: str) -> _Lock:
        """Take the lock of an answer, once the process that has it lets it go; not for longer than anybody waits."""
        end = asyncio.get_running_loop().time() + self.wait_seconds
        was_taken = False
        try:
            while not await self.cache.store.add(f"making:{key}", b"1", self.wait_seconds):
                was_taken = True
                if asyncio.get_running_loop().time() > end:
                    return _Lock(False, was_taken)
                await asyncio.sleep(_POLL_SECONDS)
        except StoreError as error:
            self._outage.begin(error)
            return _Lock(False, was_taken)
        return _Lock(True, was_taken)

    async def _unlock(self, key: str) -> None:
        try:
            await self.cache.store.delete(f"making:{key}")
        except StoreError as error:
            self._outage.begin(error)


class RedisCacheMiddleware(CacheMiddleware):
    """The cache in Redis, which keeps every answer to GET that may be kept, for `ttl` seconds unless it says otherwise.

    Example: `app.add_middleware(RedisCacheMiddleware, redis="redis://127.0.0.1:6379/0", ttl=60)`.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        redis: RedisConnection | Redis | str = DEFAULT_URL,
        ttl: float | None = 60.0,
        prefix: str = "fasterapi:cache:",
        cacheable_statuses: Sequence[int] = CACHEABLE_STATUSES,
        max_body_bytes: int = LARGEST_BODY,
        private_headers: Sequence[str] = PRIVATE_HEADERS,
        wait_seconds: float = WAIT_SECONDS,
    ) -> None:
        super().__init__(
            app,
            store=RedisStore(redis, prefix=prefix),
            ttl=ttl,
            cacheable_statuses=cacheable_statuses,
            max_body_bytes=max_body_bytes,
            private_headers=private_headers,
            wait_seconds=wait_seconds,
        )
