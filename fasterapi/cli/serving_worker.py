"""What a process of hypercorn serves: the application, as uvicorn would call it, and its log in uvicorn's form."""

# Interpreted: see `fasterapi.cli`.

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable, MutableMapping
from multiprocessing import parent_process
from pathlib import Path
from typing import Any, Final, TypeAlias, cast, final

import msgspec
import uvicorn
from hypercorn.logging import Logger
from typing_extensions import override
from uvicorn.protocols.utils import get_client_addr, get_path_with_query_string

from fasterapi.check.application import load_object

VARIABLE: Final = "FASTERAPI_SERVED"
"""The environment variable that holds what is served, for the processes to come."""

APPLICATION: Final = f"asgi:{__name__}:application()"
"""The application, as hypercorn is told it."""

Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
Application: TypeAlias = Callable[[Message, Receive, Send], Awaitable[None]]

here: object = None
"""The application in the process that has imported it already; workers do it themselves."""


class Served(msgspec.Struct, frozen=True, kw_only=True):
    """What is served."""

    target: str
    folder: str
    factory: bool
    root_path: str
    settings: dict[str, Any]
    """What `uvicorn.Config` is told."""

    def announce(self) -> None:
        """Leave this to the processes to come."""
        os.environ[VARIABLE] = msgspec.json.encode(self).decode()


def application() -> Application:
    """The application behind what uvicorn would have put in front of it; the logs are configured."""
    served = msgspec.json.decode(os.environ[VARIABLE], type=Served)
    if parent_process() is not None:
        # The first worker that has ended makes hypercorn terminate the others. They are told to end in another way, and answer first.
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    found = here if here is not None else load_object(served.target, Path(served.folder), factory=served.factory)
    config = uvicorn.Config(cast(Any, found), **served.settings)
    config.load()
    return Door(cast(Application, config.loaded_app), served.root_path)


@final
class Door:
    """Hands requests on as uvicorn does, and holds the end of an answer back until the request has ended."""

    def __init__(self, app: Application, root_path: str) -> None:
        self._app = app
        self._root_path = root_path

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one request, or serve one WebSocket, or live one lifespan."""
        if scope["type"] != "lifespan" and self._root_path:
            scope["root_path"] = self._root_path
            scope["path"] = self._root_path + scope["path"]
            scope["raw_path"] = self._root_path.encode() + scope["raw_path"]
        if scope["type"] != "http" or scope["http_version"] < "2":
            await self._app(scope, receive, send)
            return
        body = _Body(receive)

        async def send_after_the_body(message: Message) -> None:
            if message["type"] == "http.response.body" and not message.get("more_body", False):
                if message.get("body"):
                    await send({**message, "more_body": True})
                await body.drain()
                message = {"type": "http.response.body", "body": b""}
            await send(message)

        try:
            await self._app(scope, body.receive, send_after_the_body)
        finally:
            await body.drain()


class _Body:
    """The body of a request.

    hypercorn forgets a stream that has been answered. What still arrives of it would end the connection with all its other streams in
    HTTP/2, and everybody's in HTTP/3.
    """

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._has_ended = False

    async def receive(self) -> Message:
        """The next message."""
        message = await self._receive()
        if message["type"] != "http.request" or not message.get("more_body", False):
            self._has_ended = True
        return message

    async def drain(self) -> None:
        """Take what nobody has asked for, unless the server is about to end."""
        task = asyncio.current_task()
        assert task is not None
        while not (self._has_ended or task.cancelling()):
            await self.receive()


@final
class AccessLog(Logger):
    """Writes a line for each answer, as uvicorn does."""

    @override
    async def access(self, request: Any, response: Any, request_time: float) -> None:
        # Without an answer, the client has left before it.
        if self.access_logger is not None and response is not None:
            self.access_logger.info(
                '%s - "%s %s HTTP/%s" %d',
                get_client_addr(request),
                request.get("method", "WEBSOCKET"),
                get_path_with_query_string(request),
                request["http_version"],
                response["status"],
            )
