"""What the command line asked for, as every mode takes it."""

from __future__ import annotations

from dataclasses import dataclass

from benchmarks.contract import Endpoint


@dataclass(frozen=True)
class Settings:
    """How much to measure, of whom, and on which interpreter."""

    python: str
    only: list[str] | None
    rounds: int
    requests: int
    seconds: int
    workers: int
    endpoints: tuple[Endpoint, ...]
    """Of the modes with a server."""
    routes: tuple[int, ...]
