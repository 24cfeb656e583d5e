"""What a client may ask of a connection: sizes in bytes, times in seconds.

Bodies are limited by the application; uvicorn's own settings say how long a connection may be idle and how many there may be.
"""

from __future__ import annotations

from typing import Final

MAX_HEAD: Final = 64 * 1024
"""A request line with all its headers."""

MAX_TARGET: Final = 32 * 1024
"""Path and query."""

MAX_HEADERS: Final = 256
"""How many headers."""

MAX_CHUNK_OVERHEAD: Final = 64 * 1024
"""Chunk sizes, chunk extensions and trailers of one body, beyond what the smallest of honest chunks need."""

BODY_HIGH_WATER: Final = 64 * 1024
"""How much of a body is kept that nobody has asked for; then the client has to wait."""

BODY_TO_DRAIN: Final = 64 * 1024
"""How much of an unread body is worth reading to keep the connection."""

REQUESTS_AT_A_TIME: Final = 16
"""How many requests that came at once are begun before other connections have their turn."""

HEAD_SECONDS: Final = 30
"""From the first byte of a head to its last."""

BODY_SECONDS: Final = 30
"""How long a body may stop, in all, while it comes no faster than it has to."""

BODY_RATE: Final = 256
"""How many bytes of a body have to come for each second that it is waited for."""

READER_SECONDS: Final = 60
"""How long the client may take none of an answer that waits for it."""

CLOSING_SECONDS: Final = 2
"""How long what a refused client still sends is read, so that it gets to read its answer."""
