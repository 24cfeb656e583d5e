"""An answer that the application makes, and that may be kept."""

from __future__ import annotations

from typing import Final, Protocol

from fasterapi.asgi import RawHeaders, Scope, Send
from fasterapi.contrib.cache.answering import judged, send_without_body
from fasterapi.contrib.cache.flights import Flight
from fasterapi.contrib.cache.kept import Cache, Found, KeptAnswer
from fasterapi.contrib.cache.policy import policy_of, tags_of
from fasterapi.contrib.cache.recording import MISS
from fasterapi.contrib.cache.rules import lifetime_of, vary_of
from fasterapi.middleware.messages import with_vary

# What is between two neighbours of a connection (RFC 9110, 7.6.1), and the age, which is counted anew.
_NOT_KEPT: Final = frozenset(
    [b"age", b"cache-status", b"connection", b"keep-alive", b"proxy-connection", b"te", b"trailer", b"transfer-encoding"]
)


class Keeper(Protocol):
    """The middleware, as far as an answer has to know it."""

    cache: Cache
    ttl: float | None
    cacheable_statuses: frozenset[int]

    def private(self, headers: RawHeaders) -> set[str]:
        """The headers of a request that say who asks."""
        ...

    async def keep(self, kept: KeptAnswer, found: Found, headers: RawHeaders) -> None:
        """Keep the answer to a request."""
        ...


class Making:
    """Decides about the answer to one request."""

    def __init__(self, keeper: Keeper, found: Found, scope: Scope, asked: RawHeaders, send: Send) -> None:
        self.flight: Flight | None = None
        self._keeper = keeper
        self._found = found
        self._scope = scope
        self._asked = asked
        self._send = send
        self._lifetime = 0.0
        self._vary: list[str] = []
        self._for_everyone = False

    def wants(self, status: int, headers: RawHeaders) -> RawHeaders | None:
        """The headers to send and to keep; None for an answer that is not to be kept."""
        keeper = self._keeper
        policy = policy_of(self._scope)
        self._lifetime = lifetime_of(headers, keeper.ttl if policy is None else policy.ttl, keeper.cache.clock())
        if status not in keeper.cacheable_statuses or self._lifetime <= 0:
            return None
        self._vary = vary_of(headers, policy)
        self._for_everyone = policy is not None and policy.for_everyone
        if not self._for_everyone and not keeper.private(self._asked) <= set(self._vary):
            return None
        for name in self._vary:
            headers = with_vary(headers, name.encode("latin-1"))
        return [pair for pair in headers if pair[0].lower() not in _NOT_KEPT]

    def give_up(self) -> None:
        """Let those go on who wait for the answer: it is for nobody else."""
        if self.flight is not None:
            self.flight.land()

    async def replaces(self, status: int, headers: RawHeaders, body: bytes) -> bool:  # noqa: ARG002 - what is told to all
        """Answer 304 where the client has the answer already."""
        found = judged(status, headers, self._asked)
        if found == status:
            return False
        await send_without_body(found, [*headers, MISS], self._send)
        return True

    async def take(self, status: int, headers: RawHeaders, body: bytes) -> None:
        """Keep the answer, and let those have it who wait."""
        tags = tags_of(self._scope, policy_of(self._scope))
        now = self._keeper.cache.clock()
        kept = KeptAnswer(status, headers, body, now, self._lifetime, self._vary, self._for_everyone, tags, self._found.epoch)
        await self._keeper.keep(kept, self._found, self._asked)
        self.give_up()
