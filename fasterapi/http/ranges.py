"""Parts of a resource: what a `Range` header asks for, and how several parts travel in one body (RFC 9110, 14)."""

from __future__ import annotations

from typing import Final, TypeAlias, final

Span: TypeAlias = tuple[int, int]
"""The bytes from a position up to, and without, another one."""

RANGE_IGNORED: Final = 0
RANGE_MALFORMED: Final = 1
RANGE_UNSATISFIABLE: Final = 2
"""Why a header selects no part: the whole is to be sent, status 400, status 416."""

_MOST_DIGITS: Final = 18
_BEYOND: Final = 10**_MOST_DIGITS
"""Stands for every position with more digits: no file reaches it."""


def select_ranges(field: str, size: int, most: int) -> list[Span] | int:
    """The parts of a resource of `size` bytes that a `Range` header asks for, or why there are none.

    Parts that touch or overlap are sent as one, where the first of them was asked for, so that no byte is sent twice. A
    header with more than `most` parts is ignored: it would cost more than it saves (RFC 9110, 14.2 and 17.15).
    """
    unit, separator, specifiers = field.partition("=")
    if not separator:
        return RANGE_MALFORMED
    if unit.strip().lower() != "bytes" or specifiers.count(",") >= most:
        return RANGE_IGNORED
    spans: list[Span] = []
    is_asked = False
    for element in specifiers.split(","):
        specifier = element.strip(" \t")
        if not specifier:
            # An empty element of a list is none (RFC 9110, 5.6.1.2).
            continue
        span = _read(specifier, size)
        if span is None:
            return RANGE_MALFORMED
        is_asked = True
        if span[0] < span[1]:
            spans.append(span)
        elif specifier.startswith("-") and size == 0 and specifier.strip("-0"):
            # The last bytes of an empty resource are all of it, which no Content-Range can say (RFC 9110, 14.1.2).
            return RANGE_IGNORED
    if not is_asked:
        return RANGE_MALFORMED
    return _coalesced(spans) if spans else RANGE_UNSATISFIABLE


def _read(specifier: str, size: int) -> Span | None:
    """The bytes that `first-last`, `first-` or `-length` mean, empty where there are none; `None` where it means nothing."""
    first, separator, last = specifier.partition("-")
    if not separator:
        return None
    if not first:
        length = _number(last)
        return None if length < 0 else (max(size - length, 0), size)
    start = _number(first)
    if start < 0:
        return None
    if not last:
        return (start, size)
    end = _number(last)
    return None if end < start else (start, min(end + 1, size))


def _number(text: str) -> int:
    """The number that ASCII digits write, -1 for other text; long ones are not worked out."""
    if not text.isascii() or not text.isdigit():
        return -1
    text = text.lstrip("0")
    if len(text) > _MOST_DIGITS:
        return _BEYOND
    return int(text) if text else 0


def _coalesced(spans: list[Span]) -> list[Span]:
    """The spans without overlaps and seams, in the order in which they were asked for (RFC 9110, 15.3.7.2)."""
    if len(spans) == 1:
        return spans
    joined: list[tuple[int, int, int]] = []
    for start, stop, rank in sorted([(span[0], span[1], rank) for rank, span in enumerate(spans)]):
        if joined and start <= joined[-1][2]:
            earliest, first, last = joined[-1]
            joined[-1] = (min(earliest, rank), first, max(last, stop))
        else:
            joined.append((rank, start, stop))
    joined.sort()
    return [(start, stop) for _, start, stop in joined]


def content_range(span: Span, size: int) -> bytes:
    """The value of the `Content-Range` of a part."""
    return b"bytes %d-%d/%d" % (span[0], span[1] - 1, size)


@final
class Parts:
    """A body in the making: parts of a file, each behind its text, and a text at the end."""

    def __init__(self, spans: list[Span], before: list[bytes], end: bytes) -> None:
        self.spans = spans
        self.before = before
        self.end = end
        self.content_length: int = sum([stop - start for start, stop in spans])
        self.length: int = self.content_length + sum([len(text) for text in before]) + len(end)


def one_part(start: int, stop: int) -> Parts:
    """A body of one part alone."""
    return Parts([(start, stop)], [b""], b"")


def multipart(spans: list[Span], size: int, content_type: bytes, boundary: bytes) -> Parts:
    """A body of type multipart/byteranges (RFC 9110, 14.6)."""
    before: list[bytes] = []
    delimiter = b"--" + boundary + b"\r\n"
    for span in spans:
        said_type = b"Content-Type: " + content_type + b"\r\n" if content_type else b""
        before.append(delimiter + said_type + b"Content-Range: " + content_range(span, size) + b"\r\n\r\n")
        delimiter = b"\r\n--" + boundary + b"\r\n"
    return Parts(spans, before, b"\r\n--" + boundary + b"--\r\n")
