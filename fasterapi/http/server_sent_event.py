"""One event of an event stream.

Interpreted: a Struct, which loses its options compiled.
"""

from __future__ import annotations

from typing import Any

import msgspec


class ServerSentEvent(msgspec.Struct, frozen=True):
    """An event for a browser's `EventSource`.

    `data` is any value that JSON can carry and is sent as JSON, texts too; `raw_data` is a text that is sent as it is, of
    as many lines as it has. `event` names the kind of event, `id` is what the browser asks from after a reconnection,
    `retry` is after how many milliseconds it tries one, `comment` is for those who read the stream itself.

    Example: `yield ServerSentEvent({"price": 42}, event="price", id="7")`.
    """

    data: Any = None
    event: str | None = None
    id: str | None = None
    retry: int | None = None
    comment: str | None = None
    raw_data: str | None = None

    def __post_init__(self) -> None:
        if self.data is not None and self.raw_data is not None:
            raise ValueError("An event has data or raw_data, not both. Write data= for a value that is to be sent as JSON.")
        # Annotations hold nobody to them here: an event may be made of what came from anywhere.
        lines: tuple[tuple[str, object], ...] = (("event", self.event), ("id", self.id))
        for name, value in lines:
            if value is None:
                continue
            if not isinstance(value, str):
                raise TypeError(f"The {name} of an event is a str, not {type(value).__name__}. Write {name}=str(...).")
            if any(character in value for character in "\r\n\0"):
                raise ValueError(f"The {name} {value!r} of an event has a line break or a NUL, by which it could say anything else.")
        texts: tuple[tuple[str, object], ...] = (("raw_data", self.raw_data), ("comment", self.comment))
        for name, value in texts:
            if value is not None and not isinstance(value, str):
                raise TypeError(f"The {name} of an event is a str, not {type(value).__name__}. Write data= for any other value.")
        retry: object = self.retry
        if retry is not None and (not isinstance(retry, int) or isinstance(retry, bool) or retry < 0):
            raise ValueError(f"The retry of an event is a number of milliseconds, as an int from 0 on, not {retry!r}.")
