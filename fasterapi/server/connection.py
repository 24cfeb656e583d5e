"""The half of a connection that faces the network."""

from __future__ import annotations

from asyncio import Transport
from collections.abc import Callable
from typing import Any

from uvicorn.protocols.utils import get_local_addr, get_remote_addr, is_ssl
from uvicorn.server import ServerState

from fasterapi.server.server_context import ServerContext
from fasterapi.server.sweep import Limited


class Connection(Limited):
    """A transport with its addresses and its flow control; what is said over it is the business of a subclass."""

    def __init__(self, context: ServerContext, server_state: ServerState, app_state: dict[str, Any]) -> None:
        super().__init__()
        self.context = context
        self.server_state = server_state
        self.app_state = app_state
        self.lost = False
        self.client: tuple[str, int] | None = None
        self.server: tuple[str, int | None] | None = None
        self.scheme = "http"
        self.write_paused = False
        self._read_paused = False

    def attach(self, transport: Transport) -> None:
        """Take the transport over."""
        self.transport = transport
        self.write: Callable[[bytes], None] = transport.write
        self.client = get_remote_addr(transport)
        self.server = get_local_addr(transport)
        if is_ssl(transport):
            self.scheme = "https"

    def default_lines(self) -> bytes:
        """The header lines that the server adds to every answer."""
        return self.context.default_lines(self.server_state.default_headers)

    def pause_reading(self) -> None:
        """Let the client wait with what it has to say."""
        if not self._read_paused and not self.lost:
            self._read_paused = True
            self.transport.pause_reading()

    def resume_reading(self) -> None:
        """Hear the client again."""
        if self._read_paused and not self.lost:
            self._read_paused = False
            self.transport.resume_reading()

    def answered(self, last: bool) -> None:
        """The current request has its whole answer; `last` says that it was the connection's last."""
        raise NotImplementedError
