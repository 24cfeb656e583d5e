"""What parent and children write to each other, apart from the plain numbers."""

from __future__ import annotations

from typing import TypedDict


class Command(TypedDict):
    """To a worker: what to measure next."""

    endpoint: str
    requests: int


class Ready(TypedDict):
    """From a server: where it listens, which endpoints its handlers do by hand, and which it cannot do at all."""

    port: int
    by_hand: list[str]
    cannot: list[str]


class Vitals(TypedDict):
    """From the server under a soak: what must not grow."""

    memory: int
    descriptors: int
    tasks: int
    objects: int
    errors: int
    compiled: bool
