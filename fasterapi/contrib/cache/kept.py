"""Kept answers, and how they are found and forgotten again."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from hashlib import sha256
from typing import Final

import msgspec

from fasterapi.asgi import RawHeaders, Scope
from fasterapi.contrib.stores import MemoryStore, Store
from fasterapi.middleware.messages import joined_field

LONGEST_LIFE: Final = 30 * 24 * 60 * 60.0
"""Seconds that anything is kept for at most; so long an invalidation is remembered."""

_EPOCH: Final = "epoch"


class KeptAnswer(msgspec.Struct, array_like=True, frozen=True):
    """An answer; without `is_answer`, only what the answers of its URL vary by, each of which is kept under a key of its own."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes
    kept_at: float
    lifetime: float
    vary: list[str]
    for_everyone: bool
    tags: list[str]
    epoch: int
    is_answer: bool = True


class Found(msgspec.Struct, frozen=True):
    """What the cache knows of a request."""

    answer: KeptAnswer | None
    epoch: int
    """When the request came: what is invalidated later does not count as fresh, even if it is kept after that."""
    keys: tuple[str, str]
    """Under which its answers are found: all of them, and this request's."""


_decoder: Final = msgspec.msgpack.Decoder(KeptAnswer)
_encoder: Final = msgspec.msgpack.Encoder()


class Cache:
    """The answers in a store; hand it to a `CacheMiddleware` where the application is to invalidate some.

    Example:
        cache = Cache(RedisStore("redis://127.0.0.1:6379/0"))
        app.add_middleware(CacheMiddleware, cache=cache)

        @app.put("/items/{item_id}")
        async def change(item_id: int, item: Item) -> None:
            ...
            await cache.invalidate("items", f"item:{item_id}")
    """

    def __init__(self, store: Store | None = None, *, clock: Callable[[], float] = time.time) -> None:
        self.store: Store = MemoryStore() if store is None else store
        self.clock: Callable[[], float] = clock

    async def invalidate(self, *tags: str) -> None:
        """Forget every answer that has one of these tags, also those that are only being made. Raises `StoreError`.

        Call it behind the change: with a database, behind its commit.
        """
        # Of the clock, so that numbers go on growing after Redis has lost this one.
        epoch = await self.store.increment(_EPOCH, int(self.clock() * 1000), LONGEST_LIFE)
        for tag in tags:
            await self.store.set(_tag_key(tag), b"%d" % epoch, LONGEST_LIFE)

    async def find(self, scope: Scope, headers: RawHeaders) -> Found:
        """The answer for a request, if one is kept and fresh. Raises `StoreError`."""
        key = url_key(scope, headers)
        kept, counted = await self.store.get_many([key, _EPOCH])
        epoch = _number(counted)
        answer = _decoded(kept)
        own_key = key
        if answer is not None and answer.vary:
            own_key = variant_key(key, answer.vary, headers)
            answer = _decoded(await self.store.get(own_key))
        if answer is None or not await self._is_fresh(answer):
            answer = None
        return Found(answer, epoch, (key, own_key))

    async def keep(self, answer: KeptAnswer, key: str, headers: RawHeaders) -> None:
        """Keep an answer to a request with these headers. Raises `StoreError`."""
        if not answer.vary:
            await self.store.set(key, _encoder.encode(answer), answer.lifetime)
            return
        # Kept as long as anything: an answer of another request may live longer than this one.
        pointer = KeptAnswer(0, [], b"", answer.kept_at, LONGEST_LIFE, answer.vary, False, [], 0, False)
        await self.store.set(key, _encoder.encode(pointer), LONGEST_LIFE)
        await self.store.set(variant_key(key, answer.vary, headers), _encoder.encode(answer), answer.lifetime)

    async def _is_fresh(self, answer: KeptAnswer) -> bool:
        if not answer.is_answer or self.clock() >= answer.kept_at + answer.lifetime:
            return False
        if not answer.tags:
            return True
        invalidated = await self.store.get_many([_tag_key(tag) for tag in answer.tags])
        return all(_number(found) <= answer.epoch for found in invalidated)


def url_key(scope: Scope, headers: RawHeaders) -> str:
    """The key of a URL: another one for each, whatever its parts are made of."""
    host = joined_field(headers, b"host") or b""
    path: str = scope["path"]
    parts = [
        str(scope.get("scheme", "http")).encode("ascii", "replace"),
        host,
        path.encode("utf-8", "surrogatepass"),
        # `%2F` and `/` are one path to the application, and two to who reads the URL.
        scope.get("raw_path") or b"",
        scope.get("query_string", b""),
        str(scope.get("root_path", "")).encode("utf-8", "surrogatepass"),
    ]
    return f"answer:{_digest(parts)}"


def variant_key(key: str, vary: Iterable[str], headers: RawHeaders) -> str:
    """The key of what a URL answers to requests with these headers."""
    parts = [key.encode("ascii")]
    for name in vary:
        value = joined_field(headers, name.encode("latin-1"))
        # A header that is empty is another request than one without it.
        parts += [name.encode("latin-1"), b"-" if value is None else b"+" + value]
    return f"variant:{_digest(parts)}"


def _tag_key(tag: str) -> str:
    return f"tag:{_digest([tag.encode('utf-8', 'surrogatepass')])}"


def _digest(parts: Iterable[bytes]) -> str:
    """A name of several parts; each says how long it is, so that none can pass for two."""
    digest = sha256()
    for part in parts:
        digest.update(b"%d:" % len(part))
        digest.update(part)
    return digest.hexdigest()


def _decoded(kept: bytes | None) -> KeptAnswer | None:
    """A kept answer; what is none, of another version for one, is as good as nothing."""
    if kept is None:
        return None
    try:
        return _decoder.decode(kept)
    except msgspec.MsgspecError:
        return None


def _number(kept: bytes | None) -> int:
    return int(kept) if kept is not None and kept.isdigit() else 0
