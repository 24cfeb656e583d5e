"""Another attempt, where one is safe and promises something.

Interpreted: as base.py.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import ClassVar, Final

from typing_extensions import override

from fasterapi.client.errors import FastHTTPCertificateError, FastHTTPConnectionError, FastHTTPError
from fasterapi.client.middleware.base import BaseMiddleware, CallNext
from fasterapi.client.request import IDEMPOTENT, Request
from fasterapi.client.response import Response

RETRY_ON: Final = frozenset({429, 500, 502, 503, 504})


class RetryBudget:
    """How many further attempts a client may make, so that it does not bury a server that has trouble already.

    There are `minimum` to begin with, and `ratio` more for each request.
    """

    def __init__(self, ratio: float = 0.2, minimum: int = 10) -> None:
        self._ratio = ratio
        self._most = float(max(minimum, 1)) if ratio else float(minimum)
        self._left = float(minimum)

    def deposit(self) -> None:
        """A request was made."""
        self._left = min(self._left + self._ratio, self._most)

    def withdraw(self) -> bool:
        """Whether one more attempt may be made."""
        if self._left < 1:
            return False
        self._left -= 1
        return True


class RetryMiddleware(BaseMiddleware):
    """Sends again what failed for a reason that may pass.

    Methods that are not idempotent are sent again only when the first attempt cannot have reached the server, or when the
    request carries an `Idempotency-Key`. A `Retry-After` is waited for, unless it is longer than `max_delay`.

    Example: `FastHTTP(middleware=RetryMiddleware(max_retries=5, budget=RetryBudget(ratio=0.1)))`.
    """

    __priority__: ClassVar[int] = 20

    def __init__(
        self,
        max_retries: int = 3,
        retry_on: Collection[int] = RETRY_ON,
        backoff_factor: float = 0.5,
        max_delay: float = 30.0,
        retry_exceptions: Sequence[type[Exception]] | Mapping[type[Exception], int] | None = None,
        *,
        methods: Collection[str] = IDEMPOTENT,
        budget: RetryBudget | None = None,
    ) -> None:
        """Set the policy.

        Args:
            max_retries: How many further attempts one request may have.
            retry_on: The statuses that are worth another attempt.
            backoff_factor: Seconds to wait at most before the second attempt; doubled for each one after it. How much of it
                is waited is left to chance, so that many clients do not come back at once.
            max_delay: Seconds to wait at most.
            retry_exceptions: The errors that are worth another attempt, or how many each of them is worth.
            methods: The methods that may be sent again whatever happened to the first attempt.
            budget: Bounds the further attempts of all requests together.
        """
        self.max_retries = max_retries
        self.retry_on: frozenset[int] = frozenset(retry_on)
        self.backoff_factor = backoff_factor
        self.max_delay = max_delay
        self.methods: frozenset[str] = frozenset(method.upper() for method in methods)
        self._worth: dict[type[Exception], int] = _read_exceptions(retry_exceptions, max_retries)
        self._budget = budget

    @override
    async def around(self, request: Request, call_next: CallNext) -> Response:
        """Send, and send again."""
        if self._budget is not None:
            self._budget.deposit()
        while True:
            try:
                response = await call_next(request)
            except Exception as error:
                if isinstance(error, FastHTTPError):
                    error.located(request.method, request.url, request.attempts)
                if not self._is_worth_it(request, error) or not self._may():
                    raise
                delay = self._backoff(request.attempts)
            else:
                if response.status_code not in self.retry_on or not self._is_repeatable(request, None):
                    return response
                wanted = retry_after(response.headers.get("retry-after", ""))
                delay = self._backoff(request.attempts) if wanted is None else wanted
                if request.attempts > self.max_retries or delay > self.max_delay or not self._may():
                    return response
            await asyncio.sleep(delay)
            request.attempts += 1

    def _is_worth_it(self, request: Request, error: Exception) -> bool:
        if isinstance(error, FastHTTPCertificateError) and FastHTTPCertificateError not in self._worth:
            return False
        worth = 0
        for kind in type(error).__mro__:
            if kind in self._worth:
                worth = self._worth[kind]
                break
        return request.attempts <= min(worth, self.max_retries) and self._is_repeatable(request, error)

    def _is_repeatable(self, request: Request, error: Exception | None) -> bool:
        if not request.body.can_be_sent_again:
            return False
        if request.method in self.methods or "idempotency-key" in request.headers:
            return True
        return isinstance(error, FastHTTPConnectionError) and not error.was_sent

    def _may(self) -> bool:
        return self._budget is None or self._budget.withdraw()

    def _backoff(self, attempt: int) -> float:
        # Exponential, with all of it left to chance.
        most = min(self.backoff_factor * 2.0 ** min(attempt - 1, 32), self.max_delay)
        return random.uniform(0, most)  # noqa: S311 - nobody gains by guessing it


def as_retry(given: object) -> RetryMiddleware | None:
    """The middleware of what users write for `retry`: how often, or a `RetryMiddleware`."""
    if given is None or isinstance(given, RetryMiddleware):
        return given
    if isinstance(given, int) and not isinstance(given, bool) and given >= 0:
        return RetryMiddleware(max_retries=given)
    raise TypeError(f"retry={given!r}: write how many further attempts there may be, or RetryMiddleware(…).")


def retry_after(value: str) -> float | None:
    """The seconds that a `Retry-After` header asks to wait, in either of its forms (RFC 9110, 10.2.3)."""
    text = value.strip()
    if not text:
        return None
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, moment.timestamp() - time.time())


def _read_exceptions(given: Sequence[type[Exception]] | Mapping[type[Exception], int] | None, most: int) -> dict[type[Exception], int]:
    if given is None:
        return {FastHTTPConnectionError: most}
    if isinstance(given, Mapping):
        return dict(given)
    return dict.fromkeys(given, most)
