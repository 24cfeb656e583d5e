"""What the middleware and the dependency have in common: a limit, its store, and what happens when the store is away."""

from __future__ import annotations

from hashlib import sha256
from typing import Final, Literal, TypeAlias

from fasterapi.contrib.rate_limit.limit import Algorithm, Limit, Verdict
from fasterapi.contrib.rate_limit.stores import LimitStore, MemoryLimitStore
from fasterapi.contrib.stores import Outage, StoreError

FailurePolicy: TypeAlias = Literal["fail_open", "fail_closed"]
"""Whether requests pass while the store cannot be asked, or are refused with status 503."""

_WHAT_NOW: Final = {"fail_open": "requests are not limited", "fail_closed": "limited requests are refused with status 503"}

RETRY_SECONDS: Final = 5
"""When a client may come back that was refused because the store is away."""


class Limiter:
    """A limit that is asked about one key after the other."""

    def __init__(self, limit: str | Limit, algorithm: Algorithm, store: LimitStore | None, on_store_failure: FailurePolicy) -> None:
        if on_store_failure not in _WHAT_NOW:
            raise ValueError(f"on_store_failure={on_store_failure!r}: write 'fail_open' or 'fail_closed'.")
        self.limit: Limit = Limit.parse(limit, algorithm) if isinstance(limit, str) else limit.checked()
        self.store: LimitStore = MemoryLimitStore() if store is None else store
        self.fails_open: bool = on_store_failure == "fail_open"
        self._outage: Outage = Outage(_WHAT_NOW[on_store_failure])

    async def take(self, scope: str, key: str) -> Verdict | None:
        """What the limit says about one request of `key`; None if it cannot be asked."""
        # Hashed, so that no two pairs are one name, however odd they are, and none is long.
        name = sha256(f"{len(scope)}:{scope}{key}".encode("utf-8", "surrogatepass")).hexdigest()
        try:
            verdict = await self.store.take(name, self.limit)
        except StoreError as error:
            self._outage.begin(error)
            return None
        self._outage.end()
        return verdict
