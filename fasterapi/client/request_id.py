"""Ids of requests."""

from __future__ import annotations

import os
import time
import uuid


def new_request_id(version: str) -> str:
    """A new id: `v4`, of chance alone, or `v7`, which sorts by its time (RFC 9562, 5.7)."""
    if version == "v4":
        return str(uuid.uuid4())
    if version != "v7":
        raise ValueError(f"startup_uuid_version={version!r}: write 'v4' or 'v7'.")
    milliseconds = time.time_ns() // 1_000_000
    chance = int.from_bytes(os.urandom(10), "big")
    number = (milliseconds & (2**48 - 1)) << 80 | 0x7 << 76 | (chance >> 68 & 0xFFF) << 64 | 0x2 << 62 | (chance & (2**62 - 1))
    return str(uuid.UUID(int=number))
