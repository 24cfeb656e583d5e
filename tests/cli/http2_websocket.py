"""A WebSocket inside HTTP/2, RFC 8441, on h2 and wsproto."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from h2.connection import H2Connection
from h2.events import DataReceived, Event, RemoteSettingsChanged, ResponseReceived
from h2.settings import SettingCodes
from wsproto.connection import Connection, ConnectionType
from wsproto.events import Message, TextMessage

from tests.cli.projects import DEADLINE

STREAM: Final = 1


class Http2WebSocket:
    """A conversation on the first stream of a connection."""

    def __init__(self, connection: socket.socket, path: str) -> None:
        self._socket = connection
        self._http = H2Connection()
        self._frames = Connection(ConnectionType.CLIENT)
        self._http.initiate_connection()
        # The server has to allow it first, RFC 8441, section 3.
        self._wait_for(RemoteSettingsChanged)
        assert self._http.remote_settings[SettingCodes.ENABLE_CONNECT_PROTOCOL] == 1
        head = {":method": "CONNECT", ":protocol": "websocket", ":scheme": "http", ":authority": "localhost", ":path": path}
        self._http.send_headers(STREAM, [*head.items(), ("sec-websocket-version", "13")])
        answer = self._wait_for(ResponseReceived)
        assert isinstance(answer, ResponseReceived)
        self.status = int(dict(answer.headers)[b":status"])

    def send(self, text: str) -> None:
        """Send a message."""
        self._http.send_data(STREAM, self._frames.send(TextMessage(text)))

    def receive(self) -> str:
        """The next message."""
        text = ""
        while True:
            data = self._wait_for(DataReceived)
            assert isinstance(data, DataReceived)
            self._frames.receive_data(data.data)
            for event in self._frames.events():
                assert isinstance(event, Message)
                text += str(event.data)
                if event.message_finished:
                    return text

    def _wait_for(self, kind: type[Event]) -> Event:
        while True:
            self._socket.sendall(self._http.data_to_send())
            received = self._socket.recv(65536)
            assert received, "the server has closed"
            for event in self._http.receive_data(received):
                if isinstance(event, kind):
                    return event


@contextmanager
def http2_websocket(port: int, path: str) -> Iterator[Http2WebSocket]:
    """A WebSocket to a server on this machine."""
    with socket.create_connection(("127.0.0.1", port), DEADLINE) as connection:
        connection.settimeout(DEADLINE)
        yield Http2WebSocket(connection, path)
