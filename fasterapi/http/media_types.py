"""What kind of file a file is, by its name."""

from __future__ import annotations

from mimetypes import guess_type
from typing import Final

ANY_BYTES: Final = "application/octet-stream"

_ENCODED: Final = {
    "br": "application/x-brotli",
    "bzip2": "application/x-bzip2",
    "compress": "application/x-compress",
    "gzip": "application/gzip",
    "xz": "application/x-xz",
}
"""The types of files that something else is packed in, by the name that `mimetypes` has for the packing."""


def media_type_of(filename: str) -> str:
    """The media type of a file, as the module `mimetypes` knows it and the application has extended it.

    What is packed has the type of its packing: a client that is told of the type inside takes the packed bytes for it.
    """
    media_type, encoding = guess_type(filename)
    if encoding is not None:
        return _ENCODED.get(encoding, ANY_BYTES)
    return ANY_BYTES if media_type is None else media_type
