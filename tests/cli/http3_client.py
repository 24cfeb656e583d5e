"""A client of HTTP/3, on aioquic."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aioquic.asyncio.client import connect
from aioquic.asyncio.protocol import QuicConnectionProtocol
from aioquic.h3.connection import H3_ALPN, H3Connection
from aioquic.h3.events import DataReceived, HeadersReceived
from aioquic.quic.configuration import QuicConfiguration
from aioquic.quic.events import QuicEvent

from tests.cli.projects import DEADLINE


@dataclass
class Http3Answer:
    """What has come of an answer so far."""

    headers: dict[str, str] = field(default_factory=dict)
    content: bytes = b""
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    ended: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def status(self) -> int:
        return int(self.headers[":status"])

    async def received(self, content: bytes) -> None:
        """Wait until this has come."""
        async with asyncio.timeout(DEADLINE):
            while content not in self.content:
                self.changed.clear()
                await self.changed.wait()

    async def end(self) -> None:
        """Wait until all has come."""
        async with asyncio.timeout(DEADLINE):
            await self.ended.wait()


class Http3Client(QuicConnectionProtocol):
    """One connection."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._http = H3Connection(self._quic)
        self._answers: dict[int, Http3Answer] = {}

    def begin(self, method: str, path: str, *, ends: bool = True) -> tuple[int, Http3Answer]:
        """Send the head of a request; gives the number of its stream."""
        stream = self._quic.get_next_available_stream_id()
        answer = self._answers[stream] = Http3Answer()
        head = {":method": method, ":scheme": "https", ":authority": "localhost", ":path": path}
        self._http.send_headers(stream, [(name.encode(), value.encode()) for name, value in head.items()], end_stream=ends)
        self.transmit()
        return stream, answer

    def send(self, stream: int, content: bytes, *, ends: bool = False) -> None:
        """Send a piece of a body."""
        self._http.send_data(stream, content, end_stream=ends)
        self.transmit()

    async def ask(self, method: str, path: str, pieces: Iterable[bytes] = ()) -> Http3Answer:
        """Send a request, and wait for its answer."""
        pieces = list(pieces)
        stream, answer = self.begin(method, path, ends=not pieces)
        for number, piece in enumerate(pieces, 1):
            self.send(stream, piece, ends=number == len(pieces))
        await answer.end()
        return answer

    def quic_event_received(self, event: QuicEvent) -> None:
        for http_event in self._http.handle_event(event):
            assert isinstance(http_event, HeadersReceived | DataReceived)
            answer = self._answers[http_event.stream_id]
            if isinstance(http_event, HeadersReceived):
                answer.headers.update({name.decode(): value.decode() for name, value in http_event.headers})
            else:
                answer.content += http_event.data
            answer.changed.set()
            if http_event.stream_ended:
                answer.ended.set()


@asynccontextmanager
async def http3(port: int, authority: Path) -> AsyncIterator[Http3Client]:
    """A connection to a server on this machine whose certificate this authority has signed."""
    configuration = QuicConfiguration(is_client=True, alpn_protocols=H3_ALPN, server_name="localhost")
    configuration.load_verify_locations(str(authority))
    async with asyncio.timeout(DEADLINE), connect("127.0.0.1", port, configuration=configuration, create_protocol=Http3Client) as client:
        assert isinstance(client, Http3Client)
        yield client
