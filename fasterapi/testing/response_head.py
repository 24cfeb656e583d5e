"""The start of a response, checked as a server would."""

# Interpreted: see `fasterapi.testing`.

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from fasterapi.asgi import RawHeaders
from fasterapi.testing.conversation import Message

_TOKEN: Final = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_CONTROL_CHARACTER: Final = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class ResponseHead:
    """The status and the headers that the app answered with."""

    status: int
    headers: RawHeaders

    @classmethod
    def of(cls, message: Message) -> ResponseHead:
        """Take them from the message that starts a response."""
        status = message["status"]
        if not isinstance(status, int) or not 200 <= status <= 599:
            raise RuntimeError(f"the status of a response is a number from 200 to 599, not {status!r}")
        return cls(int(status), checked_headers(message.get("headers", ())))

    @property
    def content_length(self) -> int | None:
        """How long the body has to be, if the headers say so."""
        for name, value in self.headers:
            if name.lower() == b"content-length":
                if not value.isdigit():
                    raise RuntimeError(f"not a Content-Length: {value!r}")
                return int(value)
        return None


def checked_headers(headers: Iterable[tuple[object, object]]) -> RawHeaders:
    """Refuse what a server cannot send (RFC 9110, 5.1 and 5.5)."""
    checked: RawHeaders = []
    for name, value in headers:
        if not isinstance(name, bytes) or not isinstance(value, bytes):
            raise TypeError(f"the names and values of headers are bytes: ({name!r}, {value!r})")
        if not _TOKEN.fullmatch(name):
            raise RuntimeError(f"not a name of a header: {name!r}")
        if _CONTROL_CHARACTER.search(value):
            raise RuntimeError(f"the value of the header {name.decode('ascii')} has a control character in it: {value!r}")
        checked.append((name, value))
    return checked
