"""What a limit allows, and what it says about one request."""

from __future__ import annotations

import math
import re
from typing import Final, Literal, NamedTuple, Self, TypeAlias

from fasterapi.asgi import RawHeaders

Algorithm: TypeAlias = Literal["sliding_window", "token_bucket"]
"""How requests are counted.

`sliding_window` allows so many in any period: the window before counts as far as it still reaches into the last period, as if its
requests had come evenly. `token_bucket` allows so many at once, and gives one back every `seconds / amount`.
"""

_PERIODS: Final = {"second": 1, "minute": 60, "hour": 3600, "day": 86_400}
_LIMIT: Final = re.compile(r"\s*([0-9]{1,9})\s*(?:/|per)\s*([0-9]{1,9})?\s*(second|minute|hour|day)s?\s*", re.IGNORECASE | re.ASCII)


class Limit(NamedTuple):
    """So many requests in so many seconds.

    Example: `Limit.parse("100/minute")`, `Limit.parse("5 per 10 seconds")`, `Limit(100, 60, "token_bucket")`.
    """

    amount: int
    seconds: float
    algorithm: Algorithm = "sliding_window"

    @classmethod
    def parse(cls, text: str, algorithm: Algorithm = "sliding_window") -> Self:
        """A limit as people write it. Raises `ValueError` if it cannot be read."""
        found = _LIMIT.fullmatch(text)
        if found is None:
            raise ValueError(f"{text!r} is no limit: write '100/minute', '5 per 10 seconds' or the like.")
        return cls(int(found[1]), int(found[2] or 1) * _PERIODS[found[3].lower()], algorithm).checked()

    def checked(self) -> Self:
        """The limit itself. Raises `ValueError` if nothing could ever pass it."""
        if self.amount < 1 or not 0 < self.seconds < math.inf:
            raise ValueError(f"{self!r} lets nothing pass: it needs an amount and seconds above 0.")
        if self.algorithm not in ("sliding_window", "token_bucket"):
            raise ValueError(f"algorithm={self.algorithm!r}: write 'sliding_window' or 'token_bucket'.")
        return self


class Verdict(NamedTuple):
    """What a limit says about one request."""

    allowed: bool
    limit: int
    remaining: int
    """How many more would pass now."""
    reset_after: float
    """Seconds until as many as at first would pass."""
    retry_after: float
    """Seconds until one more passes; 0 where it does now."""

    def headers(self) -> RawHeaders:
        """The fields that tell the client (draft-ietf-httpapi-ratelimit-headers-06, and RFC 9110, 10.2.3)."""
        fields = [
            (b"ratelimit-limit", b"%d" % self.limit),
            (b"ratelimit-remaining", b"%d" % self.remaining),
            (b"ratelimit-reset", b"%d" % math.ceil(self.reset_after)),
        ]
        if not self.allowed:
            # Rounded up: a client that comes back on the second is let in.
            fields.append((b"retry-after", b"%d" % max(1, math.ceil(self.retry_after))))
        return fields
