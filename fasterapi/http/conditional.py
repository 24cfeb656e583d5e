"""Conditional requests: whether the client has what it asks for already (RFC 9110, 13)."""

from __future__ import annotations

from typing import Final, final

from fasterapi.asgi import RawHeaders
from fasterapi.http.dates import parse_http_date

HOLDS: Final = 200
NOT_MODIFIED: Final = 304
PRECONDITION_FAILED: Final = 412
"""What the preconditions of a request come to: the status of its answer."""


@final
class Validators:
    """What tells one state of a resource from another: its entity tag and the second of its last change, as its headers say them."""

    def __init__(self, etag: str, last_modified: str) -> None:
        self.etag = etag
        self.last_modified: int | None = parse_http_date(last_modified)

    def judge(self, headers: RawHeaders) -> int:
        """What the preconditions of a GET or HEAD come to, in the order of RFC 9110, 13.2.2."""
        match = _field(headers, b"if-match")
        if match is not None:
            if not self._is_among(match, weakly=False):
                return PRECONDITION_FAILED
        elif self._is_changed_since(_field(headers, b"if-unmodified-since")):
            return PRECONDITION_FAILED
        none_match = _field(headers, b"if-none-match")
        if none_match is not None:
            return NOT_MODIFIED if self._is_among(none_match, weakly=True) else HOLDS
        return NOT_MODIFIED if self._is_unchanged_since(_field(headers, b"if-modified-since")) else HOLDS

    def allow_range(self, headers: RawHeaders) -> bool:
        """Whether a part of the resource fits the parts that the client has (RFC 9110, 13.1.5)."""
        condition = _field(headers, b"if-range")
        if condition is None:
            return True
        if '"' in condition:
            return not condition.startswith("W/") and condition == self.etag
        return self.last_modified is not None and parse_http_date(condition) == self.last_modified

    def _is_among(self, field: str, *, weakly: bool) -> bool:
        """Whether a list of entity tags names this state; strongly compared, weak ones are like none (RFC 9110, 8.8.3.2)."""
        if field.strip() == "*":
            return True
        etag = self.etag
        if weakly:
            etag = etag.removeprefix("W/")
        elif etag.startswith("W/"):
            return False
        return etag in entity_tags(field, weakly=weakly)

    def _is_changed_since(self, field: str | None) -> bool:
        """A field that is no date is like none, as in the next."""
        since = None if field is None else parse_http_date(field)
        return since is not None and self.last_modified is not None and self.last_modified > since

    def _is_unchanged_since(self, field: str | None) -> bool:
        since = None if field is None else parse_http_date(field)
        return since is not None and self.last_modified is not None and self.last_modified <= since


def entity_tags(field: str, *, weakly: bool) -> list[str]:
    """The opaque tags of a list such as `"a", W/"b"`, in their quotes; the weak ones of it only if `weakly`.

    A comma may be part of a tag. From what is no tag on, nothing is read.
    """
    found: list[str] = []
    position = 0
    end = len(field)
    while position < end:
        if field[position] in " \t,":
            position += 1
            continue
        is_weak = field.startswith("W/", position)
        start = position + 2 if is_weak else position
        if not field.startswith('"', start):
            break
        close = field.find('"', start + 1)
        if close < 0:
            break
        if weakly or not is_weak:
            found.append(field[start : close + 1])
        position = close + 1
    return found


def _field(headers: RawHeaders, name: bytes) -> str | None:
    """The value of a header; several of one name are one list (RFC 9110, 5.3)."""
    found: bytes | None = None
    for key, value in headers:
        if key == name:
            found = value if found is None else found + b", " + value
    return None if found is None else found.decode("latin-1")
