"""Answers whose body comes in pieces."""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Iterable, Mapping
from typing import Any, ClassVar, Final, cast

from mypy_extensions import mypyc_attr

from fasterapi.background import BackgroundTask
from fasterapi.concurrency.iteration import ThreadedIterator
from fasterapi.http.exchange import Exchange
from fasterapi.http.pump import END, Pump
from fasterapi.http.request import ClientDisconnect
from fasterapi.http.responses import Response

DIFFERENCES: Final[tuple[tuple[str, str, str], ...]] = (
    ("A stream that fails before its first piece, within 50 ms", "is broken off", "status 500"),
    ("A stream without a single piece", "is sent in chunks", "has `content-length: 0`"),
    ("`HEAD` for a stream, or a status that has no body", "runs the generator to its end for nothing", "closes it unbegun"),
    ("A generator whose client has left", "is left to the garbage collector", "is closed, and so is all else that has `close` or `aclose`"),
    ("A generator that reads the request while it streams", "may miss pieces of the body", "gets all of them"),
    ("A `str` or `bytes` as the content of a stream", "is taken apart into characters or numbers", "is one piece"),
    ("JSON that a handler yields without a declared type", "is written with spaces and escaped letters", "is written as all JSON is"),
    ("`response_model` of a handler that yields", "is not looked at", "is the model of each item"),
    ("A handler that yields with `response_class=HTMLResponse`", "fails with each request", "is refused at start-up"),
    ("What `EventSourceResponse(content)` is given", "is bytes of whole events", "may be events, texts and dictionaries, too"),
)
"""Where we part from Starlette's and FastAPI's streams on purpose: the case, what they do, what we do."""


@mypyc_attr(allow_interpreted_subclasses=True)
class StreamingResponse(Response):
    """An answer whose pieces are sent as an iterable gives them: bytes, or text.

    Example: `return StreamingResponse(rows(), media_type="text/csv")`, where `rows` is a generator.

    A plain iterable may block: it is asked in the thread pool. A client that reads slowly slows the iterable down, and one
    that leaves ends it: what waits is cancelled. The iterable is closed when all is over, however it ends.

    A `content-length` among the headers is kept, and the pieces are held to it; else the length is unknown.
    """

    is_streamed: ClassVar[bool] = True
    idle_piece: ClassVar[bytes] = b""
    """What is sent when there was nothing to send for `idle_seconds`."""
    ends_with_server: ClassVar[bool] = False
    """Whether the stream may end anywhere, and does when the server is asked to stop, as far as the server tells it."""

    def __init__(
        self,
        content: AsyncIterable[Any] | Iterable[Any],
        status_code: int = 200,
        headers: Mapping[str, str] | None = None,
        media_type: str | None = None,
        background: BackgroundTask | None = None,
    ) -> None:
        super().__init__(None, status_code, headers, media_type, background)
        self.body_iterator: AsyncIterable[Any] = _asynchronous(content)

    def idle_seconds(self) -> float:
        """After how long a silence `idle_piece` is sent; 0 for never."""
        return 0.0

    def encode_piece(self, piece: Any) -> bytes:
        """An item of the iterable as it is sent."""
        if isinstance(piece, bytes):
            return piece
        if isinstance(piece, str):
            return piece.encode(self.charset)
        if isinstance(piece, (bytearray, memoryview)):
            return bytes(piece)
        raise TypeError(f"{type(self).__name__} takes pieces of bytes or str, not {type(piece).__name__}. Encode them before.")

    async def stream(self, exchange: Exchange) -> None:
        """Send the pieces."""
        # Closing it takes more than an iterator has to have: generators and streams of other libraries have it.
        source: Any = self.body_iterator.__aiter__()
        error: BaseException | None = None
        try:
            await self._send_all(exchange, source)
        except BaseException as raised:  # noqa: BLE001  # whatever it was, the iterator is closed before it is raised again
            error = raised
            exchange.break_off()
        # Not in a `finally`: compiled, one that has to wait loses what was raised.
        if hasattr(source, "aclose"):
            await source.aclose()
        # A producer that reads the request's body may find out first that the client has gone.
        if error is not None and not isinstance(error, ClientDisconnect):
            try:
                raise error
            finally:
                # Its traceback knows this frame.
                error = None

    async def _send_all(self, exchange: Exchange, source: AsyncIterator[Any]) -> None:
        head = self.head()
        await exchange.start(head, self.announced_length())
        if not exchange.carries_body(head):
            await exchange.finish()
            return
        pump = Pump(exchange, source, self.idle_seconds(), self.idle_piece, self.ends_with_server)
        try:
            while True:
                item = await pump.next()
                if item is END:
                    await pump.settle()
                    await exchange.finish()
                    return
                if not await pump.send(self.encode_piece(item)):
                    return
        finally:
            pump.stop()


def _asynchronous(content: AsyncIterable[Any] | Iterable[Any]) -> AsyncIterable[Any]:
    if isinstance(content, AsyncIterable):
        return content
    if isinstance(content, (bytes, str, bytearray, memoryview)):
        # Themselves iterables, of numbers or of single characters.
        return cast("AsyncIterable[Any]", ThreadedIterator((content,)))
    return cast("AsyncIterable[Any]", ThreadedIterator(content))
