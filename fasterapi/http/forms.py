"""Reads the form in a request's body, piece by piece: what is not kept in memory goes to disk as it arrives."""

from __future__ import annotations

from typing import Final

from python_multipart.multipart import parse_options_header

from fasterapi.http.body_pieces import BodyPieces
from fasterapi.http.exchange import BODY_CUT_OFF, Exchange
from fasterapi.http.forms_data import FormData
from fasterapi.http.forms_limits import FormFault, FormLimits, FormRefused
from fasterapi.http.forms_multipart import MultipartReader
from fasterapi.http.forms_reader import FormReader
from fasterapi.http.forms_urlencoded import UrlencodedReader

_CHARSETS: Final = {
    "utf-8": "utf-8",
    "utf8": "utf-8",
    "us-ascii": "ascii",
    "ascii": "ascii",
    "iso-8859-1": "latin-1",
    "latin-1": "latin-1",
    "latin1": "latin-1",
    "windows-1252": "cp1252",
}
"""The encodings that forms may be in. Not every one that Python knows: some take time in the square of what they decode."""


async def read_form(exchange: Exchange, limits: FormLimits) -> FormData | FormFault:
    """The form, which is empty where the body is of another type; read once, and then known to the exchange.

    Whoever ends the request closes `exchange.form`.
    """
    known = exchange.form
    if known is not None:
        return known
    try:
        reader = _reader_for(exchange.content_type(), limits)
    except FormRefused as refused:
        return FormFault(400, refused.message)
    form = FormData() if reader is None else await _read(exchange, reader)
    if isinstance(form, FormData):
        exchange.form = form
    return form


def _reader_for(content_type: bytes | None, limits: FormLimits) -> FormReader | None:
    media_type, options = parse_options_header(content_type)
    media_type = media_type.strip().lower()
    is_multipart = media_type == b"multipart/form-data"
    if not is_multipart and media_type != b"application/x-www-form-urlencoded":
        return None
    given = options.get(b"charset", b"utf-8").decode("latin-1")
    charset = _CHARSETS.get(given.lower())
    if charset is None:
        raise FormRefused(f"The charset {given!r} of the form is not supported: send UTF-8.")
    if is_multipart:
        return MultipartReader(options.get(b"boundary", b""), charset, limits)
    return UrlencodedReader(charset, limits)


async def _read(exchange: Exchange, reader: FormReader) -> FormData | FormFault:
    pieces = BodyPieces(exchange)
    ended: FormFault | BaseException
    try:
        while True:
            piece = await pieces.next()
            if not isinstance(piece, bytes):
                ended = _body_fault(piece)
                break
            if not piece:
                await reader.finish()
                return FormData(reader.items)
            reader.feed(piece)
            await reader.store()
    except FormRefused as refused:
        ended = FormFault(400, refused.message)
    except BaseException as error:  # noqa: BLE001  # raised again below
        ended = error
    # Behind the handlers: compiled code loses an exception that is raised again after an `await` within one.
    await reader.abandon()
    if isinstance(ended, FormFault):
        return ended
    raise ended


def _body_fault(outcome: int) -> FormFault:
    if outcome == BODY_CUT_OFF:
        return FormFault(400, "The client left before the form was whole.", True)
    return FormFault(413, "Content Too Large")
