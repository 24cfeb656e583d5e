"""The half of a connection that faces the network: addresses, flow control, deadlines."""

from __future__ import annotations

from asyncio import Transport
from collections.abc import Callable
from typing import Any

from uvicorn.protocols.utils import get_local_addr, get_remote_addr, is_ssl
from uvicorn.server import ServerState

from fasterapi.concurrency.wakeup import Wakeup
from fasterapi.server.proxy_headers import Address
from fasterapi.server.server_context import ServerContext
from fasterapi.server.sweep import Limited


class Connection(Limited):
    """A transport and what is known of it; what is said over it is the business of `HttpProtocol`."""

    def __init__(self, context: ServerContext, server_state: ServerState, app_state: dict[str, Any]) -> None:
        super().__init__(context.sweep)
        self.context = context
        self.server_state = server_state
        self.app_state = app_state
        self.peer: Address | None = None
        self.server: tuple[str, int | None] | None = None
        self.scheme: str = "http"
        self.lost = False
        self._writing_paused = False
        self._reading_paused = False
        self._writable = Wakeup(context.loop)

    def attach(self, transport: Transport) -> None:
        """Begin with the transport that the loop has made."""
        self.transport = transport
        self.write: Callable[[bytes], None] = transport.write
        self.peer = get_remote_addr(transport)
        self.server = get_local_addr(transport)
        if is_ssl(transport):
            self.scheme = "https"

    def pause_reading(self) -> None:
        """Let the client wait with what it has to say."""
        if not self._reading_paused and not self.lost:
            self._reading_paused = True
            self.transport.pause_reading()

    def resume_reading(self) -> None:
        """Listen again."""
        if self._reading_paused and not self.lost:
            self._reading_paused = False
            self.transport.resume_reading()

    async def writable(self) -> None:
        """Wait until the client has taken most of what was written, or has gone."""
        while self._writing_paused and not self.lost:
            await self._writable.wait()

    def want_body(self) -> None:
        """Somebody waits for more of the current request's body."""
        raise NotImplementedError

    def answered(self, *, last: bool) -> None:
        """The current request has its whole answer; no other follows it if it is the `last`."""
        raise NotImplementedError
