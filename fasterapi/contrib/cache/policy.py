"""What a route says about keeping its answers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple, TypeVar

from fasterapi.asgi import Scope
from fasterapi.http.connection import HTTPConnection

Handler = TypeVar("Handler", bound=Callable[..., Any])

_ATTRIBUTE: Final = "__fasterapi_cache_policy__"
_TAGS: Final = "fasterapi.cache_tags"


class CachePolicy(NamedTuple):
    """How long the answers of a route are kept, and for whom."""

    ttl: float
    tags: tuple[str, ...] = ()
    vary: tuple[str, ...] = ()
    for_everyone: bool = False


def cached(ttl: float, *, tags: Sequence[str] = (), vary: Sequence[str] = (), for_everyone: bool = False) -> Callable[[Handler], Handler]:
    """Have the answers of a handler kept for `ttl` seconds by the `CacheMiddleware` around the application.

    Example:
        @app.get("/items")
        @cached(ttl=60, tags=["items"], vary=["Accept-Language"])
        async def read_items() -> list[Item]: ...

    A kept answer is given without calling anything of the application: dependencies, those that check who asks among them, do not run.
    Requests that bring credentials along (`Authorization`, a cookie, an API key) are therefore not answered from the cache, nor are
    their answers kept, unless `vary` names that header, for an answer of each value's own, or `for_everyone` says that all may have it.
    """
    if isinstance(tags, str) or isinstance(vary, str):
        raise TypeError("tags and vary are lists of texts.")
    if ttl <= 0:
        raise ValueError(f"ttl={ttl!r}: answers are kept for more than 0 seconds. To keep none, leave @cached out.")
    policy = CachePolicy(ttl, tuple(tags), tuple(name.lower() for name in vary), for_everyone)

    def declare(handler: Handler) -> Handler:
        setattr(handler, _ATTRIBUTE, policy)
        return handler

    return declare


def add_cache_tags(connection: HTTPConnection[Any], *tags: str) -> None:
    """Add tags to the answer of this one request.

    Example: `add_cache_tags(request, f"item:{item_id}")` in a handler, and later `await cache.invalidate(f"item:{item_id}")`.
    """
    connection.scope.setdefault(_TAGS, []).extend(tags)


def policy_of(scope: Scope) -> CachePolicy | None:
    """What the route says that answers a request; None if it says nothing, or is not known yet."""
    endpoint = scope.get("endpoint")
    policy = getattr(endpoint, _ATTRIBUTE, None)
    return policy if isinstance(policy, CachePolicy) else None


def tags_of(scope: Scope, policy: CachePolicy | None) -> list[str]:
    """The tags of an answer: those of its route, and its own."""
    own: list[str] = scope.get(_TAGS, [])
    return sorted({*own, *(policy.tags if policy is not None else ())})
