"""A pause for hosts that fail: nobody waits for what will not come, and the host can recover.

Interpreted: as base.py.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from typing import ClassVar, Final, Literal

from typing_extensions import override

from fasterapi.client.errors import CircuitOpenError, FastHTTPConnectionError, FastHTTPTimeoutError
from fasterapi.client.middleware.base import BaseMiddleware, CallNext
from fasterapi.client.request import Request
from fasterapi.client.response import Response

FAILURES: Final = frozenset({500, 502, 503, 504})
_MOST_HOSTS: Final = 1024

CircuitState = Literal["closed", "open", "half-open"]


class _Circuit:
    """One host's."""

    __slots__ = ("failures", "opened_at", "probes", "state", "successes")

    def __init__(self) -> None:
        self.state: CircuitState = "closed"
        self.failures = 0
        self.successes = 0
        self.probes = 0
        self.opened_at = 0.0


class CircuitBreakerMiddleware(BaseMiddleware):
    """Sends nothing to a host for `timeout` seconds after it failed `failure_threshold` times in a row.

    Then up to `half_open_max_calls` requests at once are let through; after `success_threshold` of them succeeded the host
    is trusted again, after one failed the pause begins anew. While it lasts requests fail with `CircuitOpenError`.

    Example: `FastHTTP(middleware=CircuitBreakerMiddleware(failure_threshold=10))`.
    """

    __priority__: ClassVar[int] = 30

    def __init__(
        self,
        failure_threshold: int = 5,
        success_threshold: int = 2,
        timeout: float = 30.0,
        half_open_max_calls: int = 3,
        *,
        failures: Collection[int] = FAILURES,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.failure_threshold = failure_threshold
        self.success_threshold = success_threshold
        self.timeout = timeout
        self.half_open_max_calls: int = max(1, half_open_max_calls)
        self.failures: frozenset[int] = frozenset(failures)
        """The statuses that count as failures, as connections that fail do."""
        self._clock = clock
        self._circuits: dict[str, _Circuit] = {}

    def state(self, origin: str) -> CircuitState:
        """How things are with a host: `state("https://api.example.com")`."""
        circuit = self._circuits.get(origin)
        if circuit is None:
            return "closed"
        if circuit.state == "open" and self._clock() - circuit.opened_at >= self.timeout:
            return "half-open"
        return circuit.state

    @override
    async def around(self, request: Request, call_next: CallNext) -> Response:
        """Let a request through, or not, and learn from it."""
        circuit = self._circuit(request.target.origin)
        is_probe = self._enter(circuit, request)
        try:
            response = await call_next(request)
        except FastHTTPConnectionError as error:
            # That all connections are in use here says nothing of the host.
            if not isinstance(error, FastHTTPTimeoutError) or error.phase != "pool":
                self._failed(circuit)
            raise
        else:
            if response.status_code in self.failures:
                self._failed(circuit)
            else:
                self._succeeded(circuit)
            return response
        finally:
            if is_probe:
                circuit.probes -= 1

    def _circuit(self, origin: str) -> _Circuit:
        circuit = self._circuits.pop(origin, None) or _Circuit()
        # Put last: the hosts that were not asked for longest are forgotten first.
        self._circuits[origin] = circuit
        if len(self._circuits) > _MOST_HOSTS:
            del self._circuits[next(iter(self._circuits))]
        return circuit

    def _enter(self, circuit: _Circuit, request: Request) -> bool:
        if circuit.state == "closed":
            return False
        left = circuit.opened_at + self.timeout - self._clock()
        if circuit.state == "open":
            if left > 0:
                raise self._refusal(request, left)
            circuit.state = "half-open"
            circuit.successes = 0
            circuit.probes = 0
        if circuit.probes >= self.half_open_max_calls:
            raise self._refusal(request, 0.0)
        circuit.probes += 1
        return True

    def _failed(self, circuit: _Circuit) -> None:
        circuit.failures += 1
        if circuit.state == "half-open" or circuit.failures >= self.failure_threshold:
            circuit.state = "open"
            circuit.opened_at = self._clock()

    def _succeeded(self, circuit: _Circuit) -> None:
        circuit.failures = 0
        if circuit.state == "half-open":
            circuit.successes += 1
            if circuit.successes >= self.success_threshold:
                circuit.state = "closed"

    def _refusal(self, request: Request, left: float) -> CircuitOpenError:
        return CircuitOpenError(
            f"{request.target.origin} failed too often of late; nothing is sent to it for another {left:.1f} s.",
            retry_in=left,
            method=request.method,
            url=request.url,
            attempts=request.attempts,
        )
