"""One request that makes an answer while others wait for it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any


class Flight:
    """An answer in the making; `scope` is that of the request that makes it."""

    def __init__(self, scope: Mapping[str, Any]) -> None:
        self.scope = scope
        self._landed: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def land(self) -> None:
        """Let those go on who wait: there is an answer, or will be none."""
        if not self._landed.done():
            self._landed.set_result(None)

    async def landed(self, seconds: float) -> None:
        """Wait until there is an answer, but not for ever."""
        await asyncio.wait([self._landed], timeout=seconds)


class Flights:
    """The answers that are being made in this process, by their keys."""

    def __init__(self) -> None:
        self._flights: dict[str, Flight] = {}

    def of(self, key: str) -> Flight | None:
        """The flight that would bring an answer."""
        return self._flights.get(key)

    def begin(self, key: str, scope: Mapping[str, Any]) -> Flight:
        """Say that an answer is in the making."""
        flight = Flight(scope)
        self._flights[key] = flight
        return flight

    def end(self, key: str, flight: Flight) -> None:
        """Say that it is made, or will not be."""
        flight.land()
        if self._flights.get(key) is flight:
            del self._flights[key]
