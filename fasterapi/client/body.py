"""Bodies of requests: JSON, forms, uploads, and what is sent as it is."""

from __future__ import annotations

import dataclasses
from collections.abc import AsyncIterable, AsyncIterator, Iterable, Iterator, Mapping, Sequence
from typing import IO, Any, Final, TypeAlias, cast, final
from urllib.parse import urlencode

import msgspec

from fasterapi.client.errors import FastHTTPRequestError

JSON: Final = "application/json"
FORM: Final = "application/x-www-form-urlencoded"
PIECE: Final = 65_536


FileContent: TypeAlias = bytes | str | IO[bytes]
FileValue: TypeAlias = FileContent | tuple[str | None, FileContent] | tuple[str | None, FileContent, str | None]
"""What is uploaded: the content, or `(name, content)`, or `(name, content, content type)`."""
Files: TypeAlias = Mapping[str, FileValue] | Sequence[tuple[str, FileValue]]

Data: TypeAlias = bytes | str | Mapping[str, object] | Iterable[bytes] | AsyncIterable[bytes] | IO[bytes]
"""A form as a mapping, or a body as it is, whole or in pieces."""


@final
class Body:
    """What is sent after the head: at once, or in pieces that can be taken once."""

    def __init__(self, content: bytes | AsyncIterable[bytes], content_type: str | None, length: int | None) -> None:
        self.content = content
        self.content_type = content_type
        self.length = length
        """How many bytes; `None` where nobody knows before the end."""

    @property
    def can_be_sent_again(self) -> bool:
        """Whether a redirect or another attempt can send it once more."""
        return isinstance(self.content, bytes)


EMPTY: Final = Body(b"", None, None)


def make_body(json: object, has_json: bool, data: Data | None, files: Files | None) -> Body:
    """The body of what a request was configured with."""
    if has_json:
        if data is not None or files is not None:
            raise FastHTTPRequestError("A request has one body: write json=, or data= and files=, not both.")
        content = encode_json(json)
        return Body(content, JSON, len(content))
    if files is not None:
        return _make_multipart(data, files)
    if data is None:
        return EMPTY
    return _make_data(data)


def encode_json(value: object) -> bytes:
    """JSON of plain values, Structs, dataclasses, attrs classes and pydantic models."""
    try:
        return msgspec.json.encode(value, enc_hook=_encode_foreign)
    except (TypeError, ValueError, RecursionError, msgspec.MsgspecError) as error:
        raise FastHTTPRequestError(f"The body cannot be written as JSON: {error}.") from error


def plain(value: object) -> object:
    """A model as plain values, for forms and for models of another make."""
    return msgspec.to_builtins(value, enc_hook=_encode_foreign, str_keys=True)


def _encode_foreign(value: Any) -> object:
    dump = getattr(value, "model_dump", None)
    if dump is None:
        raise TypeError(f"{type(value).__name__} is not something that JSON can say")
    return cast("object", dump(mode="json"))


def _make_data(data: Data) -> Body:
    if isinstance(data, bytes):
        return Body(data, None, len(data))
    if isinstance(data, str):
        content = data.encode()
        return Body(content, "text/plain; charset=utf-8", len(content))
    if isinstance(data, Mapping):
        content = urlencode(_form_pairs(cast("Mapping[str, object]", data))).encode("ascii")
        return Body(content, FORM, len(content))
    fields = _fields_of(data)
    if fields is not None:
        return _make_data(fields)
    if isinstance(data, AsyncIterable):
        return Body(_AsyncPieces(data), None, None)
    if isinstance(data, Iterable):
        return Body(_Pieces(_pieces_of(data)), None, None)
    raise FastHTTPRequestError(f"data={data!r} is neither a form nor bytes. Write a mapping, bytes, or an iterator of bytes.")


def _fields_of(data: object) -> dict[str, object] | None:
    """The fields of a model: pydantic's can be iterated too, and would be taken for pieces."""
    if isinstance(data, msgspec.Struct) or dataclasses.is_dataclass(data) or hasattr(data, "model_dump"):
        return cast("dict[str, object]", plain(data))
    return None


def _form_pairs(data: Mapping[str, object]) -> list[tuple[str, str]]:
    pairs: list[tuple[str, str]] = []
    for name, value in data.items():
        items = value if isinstance(value, (list, tuple)) else [value]
        pairs.extend([(name, _form_text(item)) for item in items if item is not None])
    return pairs


def _form_text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _pieces_of(data: Any) -> Iterator[bytes]:
    if hasattr(data, "read"):
        while piece := data.read(PIECE):
            yield piece
    else:
        yield from data


class _Pieces:
    """An iterator of bytes as an asynchronous one."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self._pieces:
            yield _checked(piece)


class _AsyncPieces:
    """An asynchronous iterator of bytes, where it is one."""

    def __init__(self, pieces: AsyncIterable[bytes]) -> None:
        self._pieces = pieces

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for piece in self._pieces:
            yield _checked(piece)


def _checked(piece: object) -> bytes:
    if isinstance(piece, bytes):
        return piece
    if isinstance(piece, (bytearray, memoryview)):
        return bytes(piece)
    raise FastHTTPRequestError(f"data= gave a piece of type {type(piece).__name__}, and bodies are bytes. Write text.encode().")


def _make_multipart(data: Data | None, files: Files) -> Body:
    if data is not None and not isinstance(data, Mapping):
        raise FastHTTPRequestError("Beside files= the fields of the form are a mapping: data={'name': 'value'}.")
    fields: dict[str, list[str]] = {}
    for name, value in _form_pairs(cast("Mapping[str, object]", data or {})):
        fields.setdefault(name, []).append(value)
    pairs = list(files.items() if isinstance(files, Mapping) else files)
    import httpx

    encoded = httpx.Request("POST", "http://host", data=fields, files=cast("Any", pairs))
    content_type = encoded.headers["content-type"]
    if all(_is_whole(value) for _, value in pairs):
        whole = encoded.read()
        return Body(whole, content_type, len(whole))
    length = encoded.headers.get("content-length")
    content = encoded.stream
    assert isinstance(content, AsyncIterable)
    return Body(content, content_type, None if length is None else int(length))


def _is_whole(value: FileValue) -> bool:
    return isinstance(value[1] if isinstance(value, tuple) else value, (bytes, str))
