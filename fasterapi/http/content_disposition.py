"""The header that says whether a client shows an answer or saves it, and under which name (RFC 6266)."""

from __future__ import annotations

from typing import Final
from urllib.parse import quote

_IN_TOKENS: Final = "!#$&'*+-.^_`|~"
_IN_EXTENDED: Final = "!#$&+.^_`|~-"
"""What may stand in an extended value as it is, beside letters and digits (RFC 8187, 3.2.1)."""


def content_disposition(kind: str, filename: str) -> str:
    """The value of a `Content-Disposition`: `attachment` or `inline`, and the name of the file.

    A name of other characters than plain ones stands there twice: exact for the clients of today, and with underscores for
    those that know ASCII alone (RFC 6266, appendix D). None of its characters can end the name, or the header.
    """
    if not kind or [character for character in kind if not _is_token(character)]:
        raise ValueError(f"{kind!r} is no way to handle a file. Write content_disposition_type='attachment' or 'inline'.")
    plain = "".join([character if _is_plain(character) else "_" for character in filename])
    if plain == filename:
        return f'{kind}; filename="{plain}"'
    # Half a surrogate pair stands for a byte of a file's name that is no UTF-8, and which no client could write down.
    exact = quote(filename, safe=_IN_EXTENDED, errors="replace")
    return f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{exact}"


def _is_token(character: str) -> bool:
    return character.isascii() and (character.isalnum() or character in _IN_TOKENS)


def _is_plain(character: str) -> bool:
    """Whether all clients take a character in a quoted name for itself: some read escapes, percent signs and paths."""
    return character.isascii() and character.isprintable() and character not in '"\\%/'
