"""Streams of events for a browser's `EventSource` (WHATWG HTML, 9.2)."""

from __future__ import annotations

from collections.abc import AsyncIterable, Callable, Iterable, Mapping
from typing import Any, ClassVar, Final

from mypy_extensions import mypyc_attr
from typing_extensions import override

from fasterapi.background import BackgroundTask
from fasterapi.http.json_lines import encode_json, without_line_breaks
from fasterapi.http.server_sent_event import ServerSentEvent
from fasterapi.http.streaming import StreamingResponse

KEEPALIVE_COMMENT: Final = b": ping\n\n"
"""What an idle stream sends, so that nobody on the way takes the connection for dead."""

_FIELDS: Final = frozenset({"data", "raw_data", "event", "id", "retry", "comment"})


def format_sse_event(
    *,
    data_str: str | None = None,
    event: str | None = None,
    id: str | None = None,  # noqa: A002  # FastAPI's name, and the field's
    retry: int | None = None,
    comment: str | None = None,
) -> bytes:
    """The bytes of an event whose data is a text already.

    Example: `format_sse_event(data_str="hello", event="greeting")`.
    """
    return encode_event(ServerSentEvent(None, event, id, retry, comment, data_str), encode_json)


def encode_event(event: ServerSentEvent, encode: Callable[[Any], bytes]) -> bytes:
    """The bytes of an event."""
    lines: list[bytes] = []
    if event.comment is not None:
        _add_lines(lines, b": ", event.comment)
    if event.event is not None:
        lines.append(b"event: " + event.event.encode())
    if event.raw_data is not None:
        _add_lines(lines, b"data: ", event.raw_data)
    elif event.data is not None:
        lines.append(_data_line(encode(event.data)))
    if event.id is not None:
        lines.append(b"id: " + event.id.encode())
    if event.retry is not None:
        lines.append(b"retry: %d" % event.retry)
    return b"\n".join([*lines, b"", b""])


def _add_lines(lines: list[bytes], field: bytes, text: str) -> None:
    """A text of several lines takes a field for each. Only these three end a line here, others are letters like any."""
    lines.extend([field + line.encode() for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")])


def _data_line(json: bytes) -> bytes:
    """Encoded data: only JSON that came as it is, a `msgspec.Raw`, can have line breaks, which mean nothing there."""
    return b"data: " + without_line_breaks(json)


@mypyc_attr(allow_interpreted_subclasses=True)
class EventSourceResponse(StreamingResponse):
    """An answer that goes on as long as there are events, and the client stays.

    Example: `return EventSourceResponse(prices())`, where `prices` yields `ServerSentEvent`s, texts (which become the data
    as they are), dictionaries with the fields of an event (`{"data": ..., "event": ...}`), or bytes of whole events.

    As the `response_class` of a handler that yields, everything but a `ServerSentEvent` is data, sent as JSON.

    A stream that is silent for `ping` seconds sends a comment; 0 sends none.
    """

    media_type: ClassVar[str | None] = "text/event-stream"
    idle_piece: ClassVar[bytes] = KEEPALIVE_COMMENT
    ends_with_server: ClassVar[bool] = True
    ping: ClassVar[float] = 15.0
    """The seconds between two pings where nothing else is said."""

    def __init__(
        self,
        content: AsyncIterable[Any] | Iterable[Any],
        status_code: int = 200,
        headers: Mapping[str, str] | None = None,
        media_type: str | None = None,
        background: BackgroundTask | None = None,
        *,
        ping: float | None = None,
        ping_interval: float | None = None,
    ) -> None:
        super().__init__(content, status_code, headers, media_type, background)
        said = ping if ping_interval is None else ping_interval
        self._idle_seconds: float = self.ping if said is None else said
        self.encode_item: Callable[[Any], bytes] | None = None
        """How the items of a handler that yields become data."""
        self.headers.setdefault("cache-control", "no-cache")
        # Asks nginx, and those who learnt it from there, to hand on each event as it comes.
        self.headers.setdefault("x-accel-buffering", "no")

    @override
    def idle_seconds(self) -> float:
        return self._idle_seconds

    @override
    def encode_piece(self, piece: Any) -> bytes:
        if isinstance(piece, ServerSentEvent):
            return encode_event(piece, encode_json)
        encode_item = self.encode_item
        if encode_item is not None:
            return _data_line(encode_item(piece)) + b"\n\n"
        if isinstance(piece, bytes):
            return piece
        if isinstance(piece, str):
            return encode_event(ServerSentEvent(raw_data=piece), encode_json)
        if isinstance(piece, dict):
            return encode_event(_event_of(piece), encode_json)
        return _data_line(encode_json(piece)) + b"\n\n"


def _event_of(fields: dict[str, Any]) -> ServerSentEvent:
    """The event that a dictionary describes; a text among its data is sent as it is."""
    unknown = fields.keys() - _FIELDS
    if unknown:
        names = ", ".join(sorted(map(str, unknown)))
        raise ValueError(f'An event has no {names}. To send the whole dictionary as the data, write {{"data": it}}.')
    data = fields.get("data")
    if isinstance(data, str):
        return ServerSentEvent(None, fields.get("event"), _text(fields.get("id")), fields.get("retry"), fields.get("comment"), data)
    return ServerSentEvent(
        data, fields.get("event"), _text(fields.get("id")), fields.get("retry"), fields.get("comment"), fields.get("raw_data")
    )


def _text(value: object) -> str | None:
    """An id, which may be a number."""
    return None if value is None else str(value)
