"""No more requests in a time than the other side allows.

Interpreted: as base.py.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import ClassVar, Final

from typing_extensions import override

from fasterapi.client.middleware.base import BaseMiddleware, CallNext
from fasterapi.client.request import Request
from fasterapi.client.response import Response

_MOST_HOSTS: Final = 1024


class RateLimitMiddleware(BaseMiddleware):
    """Lets `rate` requests through in `per` seconds, for each host of its own; the others wait for their turn.

    Up to `burst` of them may come at once; without it they are spread evenly after the first.

    Example: `FastHTTP(middleware=RateLimitMiddleware(100, per=60, burst=10))`.
    """

    __priority__: ClassVar[int] = 40

    def __init__(self, rate: float, per: float = 1.0, burst: int = 1, *, clock: Callable[[], float] = time.monotonic) -> None:
        if not rate > 0 or not per > 0 or burst < 1:
            raise ValueError("RateLimitMiddleware takes a positive rate and time, and a burst of one or more.")
        self._interval = per / rate
        self._slack = self._interval * (burst - 1)
        self._clock = clock
        self._due: dict[str, float] = {}

    @override
    async def around(self, request: Request, call_next: CallNext) -> Response:
        """Wait for the turn, then send."""
        delay = self._take_turn(request.target.origin)
        if delay > 0:
            await asyncio.sleep(delay)
        return await call_next(request)

    def _take_turn(self, origin: str) -> float:
        """Seconds until the turn that is taken with this."""
        now = self._clock()
        due = max(self._due.pop(origin, 0.0), now - self._slack)
        self._due[origin] = due + self._interval
        if len(self._due) > _MOST_HOSTS:
            del self._due[next(iter(self._due))]
        return due - now
