"""How long a request may take, how much a response may bring, how many connections are kept."""

from __future__ import annotations

from typing import Final, final

MEGABYTE: Final = 1024 * 1024


@final
class Timeout:
    """Seconds to wait: for a connection, for each piece of the response, for sending each piece, for a free connection, in all.

    Where a number is taken for a timeout it bounds each of these and all of them together. `None` waits for ever. A response that is
    read as a stream may last longer than the total.

    Example: `Timeout(connect=2, total=10)`.
    """

    def __init__(
        self,
        *,
        connect: float | None = 10.0,
        read: float | None = 30.0,
        write: float | None = 30.0,
        pool: float | None = None,
        total: float | None = None,
    ) -> None:
        self.connect = connect
        self.read = read
        self.write = write
        self.pool = pool
        self.total = total

    def phases(self) -> dict[str, float | None]:
        """All but the total, by name."""
        return {"connect": self.connect, "read": self.read, "write": self.write, "pool": self.pool}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Timeout) and self.phases() == other.phases() and self.total == other.total

    def __hash__(self) -> int:
        return hash((self.connect, self.read, self.write, self.pool, self.total))

    def __repr__(self) -> str:
        return f"Timeout(connect={self.connect}, read={self.read}, write={self.write}, pool={self.pool}, total={self.total})"


DEFAULT_TIMEOUT: Final = Timeout()


def as_timeout(given: object) -> Timeout:
    """A timeout of what users write for one; `TypeError` or `ValueError` for anything else."""
    if isinstance(given, Timeout):
        return given
    if given is None:
        return Timeout(connect=None, read=None, write=None)
    if isinstance(given, bool) or not isinstance(given, (int, float)):
        raise TypeError(f"timeout={given!r}: write seconds, Timeout(connect=…, read=…, total=…) or None.")
    seconds = float(given)
    if not seconds > 0:
        raise ValueError(f"timeout={given!r}: write a positive number of seconds, or None to wait for ever.")
    return Timeout(connect=seconds, read=seconds, write=seconds, pool=seconds, total=seconds)


@final
class Limits:
    """What bounds responses and connections.

    Example: `FastHTTP(limits=Limits(max_response_bytes=1_000_000, max_connections=20))`.
    """

    def __init__(
        self,
        *,
        max_response_bytes: int = 100 * MEGABYTE,
        max_decompression_ratio: int = 200,
        max_redirects: int = 10,
        max_url_length: int = 65_536,
        max_connections: int = 100,
        max_keepalive_connections: int = 20,
        keepalive_expiry: float = 5.0,
    ) -> None:
        """Set limits; each has a default that ordinary APIs stay below.

        Args:
            max_response_bytes: How large a body may be, after decompression; streams are not bounded by it.
            max_decompression_ratio: How many times larger than what was sent a body may become, beyond its first megabyte.
            max_redirects: How many redirects are followed for one request.
            max_url_length: How many characters a URL may have.
            max_connections: How many connections there are at once.
            max_keepalive_connections: How many unused connections are kept open.
            keepalive_expiry: Seconds that an unused connection is kept open.
        """
        self.max_response_bytes = max_response_bytes
        self.max_decompression_ratio = max_decompression_ratio
        self.max_redirects = max_redirects
        self.max_url_length = max_url_length
        self.max_connections = max_connections
        self.max_keepalive_connections = max_keepalive_connections
        self.keepalive_expiry = keepalive_expiry


DEFAULT_LIMITS: Final = Limits()
