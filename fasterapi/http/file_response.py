"""Files as answers: whole or in parts, or not at all to those who have them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import UTC, datetime
from secrets import token_hex
from time import time
from typing import ClassVar, Final, final

from mypy_extensions import mypyc_attr

from fasterapi.asgi import RawHeaders
from fasterapi.background import BackgroundTask
from fasterapi.concurrency.threads import run_cleanup, run_in_threadpool
from fasterapi.http.conditional import HOLDS, NOT_MODIFIED, Validators
from fasterapi.http.content_disposition import content_disposition
from fasterapi.http.dates import http_date
from fasterapi.http.exchange import Exchange
from fasterapi.http.file_reader import FileReader, look_at
from fasterapi.http.head import ResponseHead
from fasterapi.http.media_types import media_type_of
from fasterapi.http.ranges import RANGE_IGNORED, RANGE_MALFORMED, Parts, content_range, multipart, one_part, select_ranges
from fasterapi.http.responses import PlainTextResponse, Response

_ABOUT_THE_BODY: Final = frozenset(
    {
        b"accept-ranges",
        b"content-disposition",
        b"content-encoding",
        b"content-language",
        b"content-range",
        b"content-type",
        b"last-modified",
    }
)
"""What a 304 does not say: its client has it already (RFC 9110, 15.4.5)."""


@mypyc_attr(allow_interpreted_subclasses=True)
class FileResponse(Response):
    """A file. It is read by a thread, piece by piece, as fast as the client takes it.

    Example: `return FileResponse("reports/2026.pdf", filename="Report 2026.pdf")`.

    With a `filename` clients save it under this name, or show it if `content_disposition_type` is `"inline"`. Its ETag and
    the date of its last change let clients ask whether they still have it, and go on with an interrupted download by `Range`.
    A file that is not there is status 500; one that becomes shorter while it is sent breaks the connection off.
    """

    is_streamed: ClassVar[bool] = True
    chunk_size: ClassVar[int] = 256 * 1024
    """How many bytes are read, and kept in memory, at a time."""
    max_ranges: ClassVar[int] = 100
    """How many parts one request may ask for; one that asks for more gets the whole file."""

    def __init__(
        self,
        path: str | os.PathLike[str],
        status_code: int = 200,
        headers: Mapping[str, str] | None = None,
        media_type: str | None = None,
        background: BackgroundTask | None = None,
        filename: str | None = None,
        stat_result: os.stat_result | None = None,
        content_disposition_type: str = "attachment",
    ) -> None:
        self.path: str = os.fspath(path)
        self.filename = filename
        self.stat_result = stat_result
        self._etag = b""
        self._last_modified = b""
        known_type = self.media_type if media_type is None else media_type
        super().__init__(None, status_code, headers, known_type or media_type_of(filename or self.path), background)
        _say(self.raw_headers, b"accept-ranges", b"", b"bytes")
        if filename is not None:
            disposition = content_disposition(content_disposition_type, filename)
            _say(self.raw_headers, b"content-disposition", b"", disposition.encode("ascii"))
        if stat_result is not None:
            self._etag, self._last_modified = self._describe(self.raw_headers, stat_result)

    async def stream(self, exchange: Exchange) -> None:
        """Send what the request asks for; `RuntimeError` where the file is not there, or not whole any more."""
        reader = FileReader(self.path)
        failure: BaseException | None = None
        try:
            await self._stream_from(reader, exchange)
        except BaseException as raised:  # noqa: BLE001 - a cancellation too lets the file go
            # Raised again only behind this block: compiled, a block that waits forgets what it caught.
            failure = raised
        if reader.is_open:
            await run_cleanup(reader.close)
        if failure is not None:
            raise failure

    async def _stream_from(self, reader: FileReader, exchange: Exchange) -> None:
        answer = await run_in_threadpool(self._begin, reader, exchange.method, exchange.headers())
        await exchange.start(answer.head, answer.parts.length)
        if not answer.takes_body or await self._send(exchange, reader, answer):
            await exchange.finish()

    async def _send(self, exchange: Exchange, reader: FileReader, answer: _FileAnswer) -> bool:
        """Send the body; whether somebody was there to take it."""
        parts = answer.parts
        piece = answer.first
        left = parts.content_length
        for index, (start, stop) in enumerate(parts.spans):
            text = parts.before[index]
            position = start
            while position < stop:
                if not piece:
                    size = min(self.chunk_size, stop - position)
                    piece = await run_in_threadpool(reader.read, position, size, size == left)
                position += len(piece)
                left -= len(piece)
                if not await exchange.write(text + piece if text else piece):
                    return False
                text = piece = b""
        return not parts.end or await exchange.write(parts.end)

    def _begin(self, reader: FileReader, method: str, headers: RawHeaders) -> _FileAnswer:
        """Find out what to answer, and read the first piece if it takes any; all in one go, as it waits for the disk."""
        found = self.stat_result
        if found is None:
            found = look_at(self.path)
        answer = self._answer(found, method, headers)
        if answer.takes_content():
            now = reader.open()
            if now.st_size != found.st_size or now.st_mtime != found.st_mtime:
                answer = self._answer(now, method, headers)
        if answer.takes_content():
            start, stop = answer.parts.spans[0]
            size = min(self.chunk_size, stop - start)
            answer.first = reader.read(start, size, size == answer.parts.content_length)
        return answer

    def _answer(self, found: os.stat_result, method: str, asked: RawHeaders) -> _FileAnswer:
        """The answer to a request for a file that is like this."""
        headers = list(self.head().headers)
        self._describe(headers, found)
        # A HEAD is answered as the GET would be (RFC 9110, 9.3.2).
        if self.status_code != 200 or method not in ("GET", "HEAD"):
            return _whole(method, self.status_code, headers, found.st_size)
        validators = Validators(_value(headers, b"etag") or "", _value(headers, b"last-modified") or "")
        outcome = validators.judge(asked)
        if outcome == NOT_MODIFIED:
            return _FileAnswer(method, 304, [pair for pair in headers if pair[0] not in _ABOUT_THE_BODY], Parts([], [], b""))
        if outcome != HOLDS:
            return _refusal(method, PlainTextResponse("Precondition Failed", outcome))
        field = _value(asked, b"range")
        if field is None or not validators.allow_range(asked):
            return _whole(method, 200, headers, found.st_size)
        return self._answer_range(field, method, headers, found.st_size)

    def _answer_range(self, field: str, method: str, headers: RawHeaders, size: int) -> _FileAnswer:
        """The answer to a request for parts of the file."""
        spans = select_ranges(field, size, self.max_ranges)
        if isinstance(spans, int):
            if spans == RANGE_IGNORED:
                return _whole(method, 200, headers, size)
            if spans == RANGE_MALFORMED:
                return _refusal(method, PlainTextResponse("Malformed Range header", 400))
            return _refusal(method, PlainTextResponse("", 416, {"content-range": f"bytes */{size}"}))
        if len(spans) == 1:
            return _FileAnswer(method, 206, [*headers, (b"content-range", content_range(spans[0], size))], one_part(*spans[0]))
        # As many random bytes as are in no file by accident.
        boundary = token_hex(16).encode("ascii")
        said_type = (_value(headers, b"content-type") or "").encode("latin-1")
        others = [pair for pair in headers if pair[0] != b"content-type"]
        new_type = (b"content-type", b"multipart/byteranges; boundary=" + boundary)
        return _FileAnswer(method, 206, [*others, new_type], multipart(spans, size, said_type, boundary))

    def _describe(self, headers: RawHeaders, found: os.stat_result) -> tuple[bytes, bytes]:
        """Say which state of the file this is."""
        etag = b'"%x-%x"' % (int(found.st_mtime * 1_000_000), found.st_size)
        # No later than now (RFC 9110, 8.8.2.1), and no earlier than every platform can say.
        changed = datetime.fromtimestamp(int(max(min(found.st_mtime, time()), 0.0)), UTC)
        last_modified = http_date(changed).encode("ascii")
        _say(headers, b"etag", self._etag, etag)
        _say(headers, b"last-modified", self._last_modified, last_modified)
        return etag, last_modified


@final
class _FileAnswer:
    """What a request for a file comes to; `first` is the first piece of the file in its body."""

    def __init__(self, method: str, status: int, headers: RawHeaders, parts: Parts) -> None:
        self.head = ResponseHead(status, headers)
        self.parts = parts
        self.takes_body: bool = method != "HEAD" and self.head.allows_body
        self.first: bytes = b""

    def takes_content(self) -> bool:
        """Whether anything of the file is sent."""
        return self.takes_body and self.parts.content_length > 0


def _whole(method: str, status: int, headers: RawHeaders, size: int) -> _FileAnswer:
    """An answer with all of the file."""
    return _FileAnswer(method, status, headers, one_part(0, size))


def _refusal(method: str, response: Response) -> _FileAnswer:
    """An answer without anything of the file, its headers included: caches may not take it for the file."""
    return _FileAnswer(method, response.status_code, response.head().headers, Parts([], [], response.body))


def _say(headers: RawHeaders, name: bytes, before: bytes, value: bytes) -> None:
    """Add a header or put it in the place of the one `before`; one that the application has set, or removed, stays so."""
    for index, (known, said) in enumerate(headers):
        if known == name:
            if said == before:
                headers[index] = (name, value)
            return
    if not before:
        headers.append((name, value))


def _value(headers: RawHeaders, name: bytes) -> str | None:
    """The first header of a name."""
    for key, value in headers:
        if key == name:
            return value.decode("latin-1")
    return None
