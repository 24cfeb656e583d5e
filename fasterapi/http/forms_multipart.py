"""Forms in parts, as browsers send files (RFC 7578), read piece by piece.

The parser is python-multipart's; what it finds is judged and kept here, and files are written in the thread pool.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import Final, final

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from typing_extensions import override

from fasterapi.concurrency.threads import run_in_threadpool
from fasterapi.datastructures.headers import Headers
from fasterapi.http.forms_data import close_uploads
from fasterapi.http.forms_limits import FormLimits, FormRefused
from fasterapi.http.forms_reader import FormReader
from fasterapi.http.uploads import SPOOL_SIZE, UploadFile, spooled_upload

_BATCH: Final = 256 * 1024
"""How many bytes of files are kept before they are written: each visit of the thread pool costs as much as writing many of them."""

_SILENT: Final = logging.Logger("fasterapi.forms.parser", logging.CRITICAL + 1)  # noqa: LOG001 - see below
"""Made here and known to nobody: a logging configuration would switch one of the tree on again."""


@final
class MultipartReader(FormReader):
    """Makes texts and uploads of the parts of a body."""

    def __init__(self, boundary: bytes, charset: str, limits: FormLimits) -> None:
        """Raises `FormRefused` for a boundary that cannot be one."""
        super().__init__()
        self._charset = charset
        self._limits = limits
        self._fields = 0
        self._uploads: list[UploadFile] = []
        self._ended = False
        self._fed = False
        self._name = ""
        self._upload: UploadFile | None = None
        self._text = bytearray()
        self._headers: list[tuple[bytes, bytes]] = []
        self._header_name = b""
        self._header_value = b""
        self._batch: list[tuple[UploadFile, bytes]] = []
        self._batch_size = 0
        self._parser = self._make_parser(boundary)

    @override
    def feed(self, piece: bytes) -> None:
        self._fed = True
        try:
            self._parser.write(piece)
        except FormParserError as error:
            raise FormRefused(f"Invalid multipart data: {error}.") from None

    async def store(self) -> None:
        """Write what came of files, if that is enough to be worth it."""
        if self._batch_size >= _BATCH:
            await self._write_batch([])

    async def finish(self) -> None:
        """Write the rest; the last boundary must have come."""
        if not self._ended and self._fed:
            raise FormRefused("Invalid multipart data: the body ends before its last boundary.")
        self._let_go_of_parser()
        await self._write_batch(self._uploads)

    async def abandon(self) -> None:
        """Close the files."""
        self._let_go_of_parser()
        self._batch = []
        await close_uploads(self._uploads)

    def _make_parser(self, boundary: bytes) -> MultipartParser:
        if not boundary:
            raise FormRefused("Missing boundary in multipart.")
        try:
            parser = MultipartParser(
                boundary,
                {
                    "on_part_begin": self._begin_part,
                    "on_part_data": self._take_data,
                    "on_part_end": self._end_part,
                    "on_header_field": self._take_header_name,
                    "on_header_value": self._take_header_value,
                    "on_header_end": self._end_header,
                    "on_headers_finished": self._end_headers,
                    "on_end": self._end,
                },
                max_header_count=self._limits.max_part_headers,
                max_header_size=self._limits.max_part_header_size,
            )
        except FormParserError as error:
            raise FormRefused(f"Invalid multipart data: {error}.") from None
        # The client is told what is wrong with its form; a log that it could fill at will is of no use.
        parser.logger = _SILENT
        return parser

    async def _write_batch(self, finished: list[UploadFile]) -> None:
        """Write what came of files, and take those that are finished back to their beginning."""
        batch = self._batch
        self._batch = []
        self._batch_size = 0
        if _outgrew_memory([upload for upload, _ in batch]) or _outgrew_memory(finished):
            await run_in_threadpool(_write, batch, finished)
        else:
            _write(batch, finished)

    def _let_go_of_parser(self) -> None:
        """It knows this reader by its callbacks: without this, only the garbage collector would find that both are done."""
        self._parser.callbacks = {}

    # What the parser calls.

    def _begin_part(self) -> None:
        self._name = ""
        self._upload = None
        self._text = bytearray()
        self._headers = []

    def _take_header_name(self, data: bytes, start: int, end: int) -> None:
        self._header_name += data[start:end]

    def _take_header_value(self, data: bytes, start: int, end: int) -> None:
        self._header_value += data[start:end]

    def _end_header(self) -> None:
        self._headers.append((self._header_name.lower(), self._header_value))
        self._header_name = b""
        self._header_value = b""

    def _end_headers(self) -> None:
        headers = Headers(None, self._headers)
        _, options = parse_options_header(headers.get("content-disposition"))
        name = options.get(b"name")
        if name is None:
            raise FormRefused('The Content-Disposition header field "name" must be provided.')
        self._name = self._decode(name, "name of a field")
        filename = options.get(b"filename")
        if filename is not None:
            self._begin_file(self._decode(filename, "name of a file"), headers)
            return
        self._fields += 1
        if self._fields > self._limits.max_fields:
            raise FormRefused(f"Too many fields. Maximum number of fields is {self._limits.max_fields:.0f}.")

    def _begin_file(self, filename: str, headers: Headers) -> None:
        if len(self._uploads) >= self._limits.max_files:
            raise FormRefused(f"Too many files. Maximum number of files is {self._limits.max_files:.0f}.")
        upload = spooled_upload(filename, headers)
        self._upload = upload
        self._uploads.append(upload)

    def _take_data(self, data: bytes, start: int, end: int) -> None:
        size = end - start
        upload = self._upload
        if upload is not None:
            upload.size = (upload.size or 0) + size
            self._batch.append((upload, data[start:end]))
            self._batch_size += size
            return
        text = self._text
        if len(text) + size > self._limits.max_part_size:
            raise FormRefused(f"Part exceeded maximum size of {self._limits.max_part_size / 1024:.0f}KB.")
        text += data[start:end]

    def _end_part(self) -> None:
        upload = self._upload
        if upload is not None:
            self.items.append((self._name, upload))
        else:
            self.items.append((self._name, self._decode(self._text, f"text of field {self._name!r}")))

    def _end(self) -> None:
        self._ended = True

    def _decode(self, encoded: bytes | bytearray, what: str) -> str:
        try:
            return encoded.decode(self._charset)
        except UnicodeDecodeError:
            raise FormRefused(f"Invalid multipart data: the {what} is not {self._charset.upper()}.") from None


def _outgrew_memory(uploads: Iterable[UploadFile]) -> bool:
    for upload in uploads:
        if (upload.size or 0) > SPOOL_SIZE:
            return True
    return False


def _write(batch: list[tuple[UploadFile, bytes]], finished: list[UploadFile]) -> None:
    for upload, piece in batch:
        upload.file.write(piece)
    for upload in finished:
        upload.file.seek(0)
