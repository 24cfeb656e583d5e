"""The same scripted conversation with an application of FastAPI's and one of ours, each through its own test client."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import fastapi
import fastapi.testclient
import starlette.testclient
import starlette.websockets

import fasterapi
from fasterapi.testing import TestClient, WebSocketDenialResponse

Declare = Callable[[Any, Any, list[Any]], None]
"""Declares handlers on an application, with the names of the module it is handed; what they append to the list is compared too."""

_DISCONNECTS: Final = (fasterapi.WebSocketDisconnect, starlette.websockets.WebSocketDisconnect)
_DENIALS: Final = (WebSocketDenialResponse, starlette.testclient.WebSocketDenialResponse)


def converse(client: Any, path: str, script: list[tuple[Any, ...]], **options: Any) -> list[Any]:
    """All that a client sees of a conversation: what it receives at each step of the script, then what comes until the end.

    A step is the name of a session's method and its arguments. The end is that of the application where no step closes.
    """
    seen: list[Any] = []
    try:
        with client.websocket_connect(path, **options) as session:
            seen.append(("accepted", session.accepted_subprotocol, sorted(session.extra_headers)))
            for name, *arguments in script:
                result = getattr(session, name)(*arguments)
                if result is not None:
                    seen.append(result)
    except _DENIALS as denial:
        response: Any = denial
        seen.append(("denied", response.status_code, response.text, response.headers.get("x-why")))
    except _DISCONNECTS as end:
        seen.append(("closed", end.code, end.reason))
    return seen


class Conversations:
    """Two applications that were declared by the same functions."""

    def __init__(self, *declarations: Declare) -> None:
        self.theirs: Final = fastapi.FastAPI()
        self.ours: Final = fasterapi.Faster()
        self.their_log: Final[list[Any]] = []
        self.our_log: Final[list[Any]] = []
        for declare in declarations:
            declare(fastapi, self.theirs, self.their_log)
            declare(fasterapi, self.ours, self.our_log)
        self._their_client: Final = fastapi.testclient.TestClient(self.theirs)
        self._our_client: Final = TestClient(self.ours)

    def compare(self, path: str, *script: tuple[Any, ...], **options: Any) -> list[Any]:
        """Converse with both; what is seen, and the log, must be the same. Gives what is seen."""
        self.their_log.clear()
        self.our_log.clear()
        expected = converse(self._their_client, path, list(script), **options)
        seen = converse(self._our_client, path, list(script), **options)
        assert seen == expected
        assert self.our_log == self.their_log
        return seen
