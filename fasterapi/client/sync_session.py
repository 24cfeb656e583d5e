"""Requests without declarations and without an event loop of one's own.

Interpreted: manages contexts.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import AbstractAsyncContextManager, contextmanager
from types import TracebackType
from typing import Any, Self, TypeVar

from typing_extensions import Unpack

from fasterapi.client.options import SendOptions
from fasterapi.client.response import Response
from fasterapi.client.session import AsyncSession, SessionOptions
from fasterapi.client.stream import StreamedResponse

T = TypeVar("T")
Hook = TypeVar("Hook", bound=Callable[..., Any])

_ENDED = object()


class Session:
    """The same as `AsyncSession` for programs without an event loop: it has one in a thread of its own.

    Threads may share a session; their requests run at once.

    Example:
        with Session(base_url="https://api.example.com") as session:
            user = session.get("/users/1").json(User)
    """

    def __init__(self, **options: Unpack[SessionOptions]) -> None:
        self._session = AsyncSession(**options)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()

    def open(self) -> None:
        """Start the event loop; the first request does it too."""
        self._running_loop()

    def close(self) -> None:
        """Close all connections and stop the event loop."""
        with self._lock:
            loop, thread = self._loop, self._thread
            self._loop = self._thread = None
        if loop is None or thread is None:
            return
        asyncio.run_coroutine_threadsafe(self._session.close(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()

    def get(self, url: str, **options: Unpack[SendOptions]) -> Response:
        """Send a GET."""
        return self.request("GET", url, **options)

    def post(self, url: str, **options: Unpack[SendOptions]) -> Response:
        """Send a POST."""
        return self.request("POST", url, **options)

    def put(self, url: str, **options: Unpack[SendOptions]) -> Response:
        """Send a PUT."""
        return self.request("PUT", url, **options)

    def patch(self, url: str, **options: Unpack[SendOptions]) -> Response:
        """Send a PATCH."""
        return self.request("PATCH", url, **options)

    def delete(self, url: str, **options: Unpack[SendOptions]) -> Response:
        """Send a DELETE."""
        return self.request("DELETE", url, **options)

    def head(self, url: str, **options: Unpack[SendOptions]) -> Response:
        """Send a HEAD."""
        return self.request("HEAD", url, **options)

    def options(self, url: str, **options: Unpack[SendOptions]) -> Response:
        """Send an OPTIONS."""
        return self.request("OPTIONS", url, **options)

    def request(self, method: str, url: str, **options: Unpack[SendOptions]) -> Response:
        """Send a request of any method."""
        return self._wait(self._session.request(method, url, **options))

    @contextmanager
    def stream(self, method: str, url: str, **options: Unpack[SendOptions]) -> Iterator[SyncStreamedResponse]:
        """Send a request whose response is read piece by piece."""
        manager: AbstractAsyncContextManager[StreamedResponse] = self._session.stream(method, url, **options)
        streamed = self._wait(manager.__aenter__())
        try:
            yield SyncStreamedResponse(streamed, self._wait)
        except BaseException as error:
            self._wait(manager.__aexit__(type(error), error, error.__traceback__))
            raise
        else:
            self._wait(manager.__aexit__(None, None, None))

    def on_request(self, hook: Hook) -> Hook:
        """Decorate a function `(route, config)` that is told of each request before it is made."""
        return self._session.on_request(hook)

    def on_response(self, hook: Hook) -> Hook:
        """Decorate a function `(response)` that is told of each response."""
        return self._session.on_response(hook)

    def on_error(self, hook: Hook) -> Hook:
        """Decorate a function `(error, route)` that is told of each request that fails."""
        return self._session.on_error(hook)

    def __enter__(self) -> Self:
        self.open()
        return self

    def __exit__(self, exc_type: type[BaseException] | None, exc_value: BaseException | None, traceback: TracebackType | None) -> None:
        self.close()

    def _wait(self, work: Coroutine[Any, Any, T]) -> T:
        future = asyncio.run_coroutine_threadsafe(work, self._running_loop())
        try:
            return future.result()
        except BaseException:
            # Ctrl-C here must not leave the request running there.
            future.cancel()
            raise

    def _running_loop(self) -> asyncio.AbstractEventLoop:
        with self._lock:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                self._thread = threading.Thread(target=self._loop.run_forever, name="fasterapi-session", daemon=True)
                self._thread.start()
            return self._loop


class SyncStreamedResponse:
    """What comes back, as it comes."""

    def __init__(self, response: StreamedResponse, wait: Callable[[Coroutine[Any, Any, Any]], Any]) -> None:
        self.head: StreamedResponse = response
        """Status, headers and all else that is known before the body is read."""
        self._wait = wait

    @property
    def status_code(self) -> int:
        """The status."""
        return self.head.status_code

    def iter_bytes(self) -> Iterator[bytes]:
        """The body, unpacked."""
        return self._each(self.head.aiter_bytes())

    def iter_text(self) -> Iterator[str]:
        """The body as text."""
        return self._each(self.head.aiter_text())

    def iter_lines(self) -> Iterator[str]:
        """The lines of the body."""
        return self._each(self.head.aiter_lines())

    def read(self) -> Response:
        """All of it, as an ordinary response, no larger than the limits allow."""
        response = self._wait(self.head.read())
        assert isinstance(response, Response)
        return response

    def _each(self, pieces: Any) -> Iterator[Any]:
        async def following() -> object:
            return await anext(pieces, _ENDED)

        while (piece := self._wait(following())) is not _ENDED:
            yield piece
