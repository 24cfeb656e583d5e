"""What a server is to the app under test: its lifespan, and a conversation for each request."""

# Interpreted: see `fasterapi.testing`.

from __future__ import annotations

from contextlib import AsyncExitStack

import httpx

from fasterapi.asgi import ASGIApp, State
from fasterapi.testing.conversation import Conversation
from fasterapi.testing.http_conversation import HttpConversation
from fasterapi.testing.lifespan_conversation import LifespanConversation
from fasterapi.testing.scope import Address, http_scope, websocket_scope
from fasterapi.testing.websocket_conversation import WebSocketConversation


class InProcessServer:
    """Calls the app in the running event loop, as a server would; nothing goes over a socket."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        root_path: str,
        client: Address,
        raise_failures: bool,
        lifespan_seconds: float | None,
    ) -> None:
        self._app = app
        self._root_path = root_path
        self._client = client
        self._raise_failures = raise_failures
        self._lifespan_seconds = lifespan_seconds
        self._lifespan: LifespanConversation | None = None
        self._open: list[Conversation] = []

    @property
    def started(self) -> bool:
        """Whether the app's lifespan runs."""
        return self._lifespan is not None

    async def start(self) -> None:
        """Start the app's lifespan."""
        if self.started:
            raise RuntimeError("the client's `with` block is open already: the app can start a second time only after it has ended")
        lifespan = LifespanConversation(self._app, self._lifespan_seconds)
        await lifespan.startup()
        self._lifespan = lifespan

    async def stop(self) -> None:
        """Leave every open conversation, then end the app's lifespan; a failure of one keeps no other from its end."""
        lifespan, self._lifespan = self._lifespan, None
        conversations, self._open = self._open, []
        async with AsyncExitStack() as stack:
            for conversation in [lifespan, *conversations]:
                if conversation is not None:
                    stack.push_async_callback(conversation.close)

    def request(self, request: httpx.Request) -> HttpConversation:
        """Put an HTTP request to the app."""
        scope = http_scope(request, self._root_path, self._client, self._state())
        conversation = HttpConversation(self._app, scope, request, raise_failures=self._raise_failures)
        self._begin(conversation)
        return conversation

    def connect(self, request: httpx.Request) -> WebSocketConversation:
        """Put a WebSocket handshake to the app."""
        scope = websocket_scope(request, self._root_path, self._client, self._state())
        conversation = WebSocketConversation(self._app, scope, raise_failures=self._raise_failures)
        self._begin(conversation)
        return conversation

    def _begin(self, conversation: Conversation) -> None:
        self._open = [other for other in self._open if not other.finished]
        self._open.append(conversation)
        conversation.start()

    def _state(self) -> State:
        return {} if self._lifespan is None else self._lifespan.state
