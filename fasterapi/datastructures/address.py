"""Where a client is."""

from __future__ import annotations

from typing import NamedTuple


class Address(NamedTuple):
    """A host and a port: `request.client.host`."""

    host: str
    port: int
