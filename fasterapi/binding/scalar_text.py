"""Text to text, bytes, UUIDs, and what a class makes of text by itself: paths and IP addresses."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Interface, IPv4Network, IPv6Address, IPv6Interface, IPv6Network
from pathlib import Path, PurePath, PurePosixPath
from typing import Final, final
from uuid import UUID

import msgspec
from mypy_extensions import i64

from fasterapi.binding.constraints import Constraints
from fasterapi.binding.scalar_converter import FAIL, OTHERS, TEXTS, Converter
from fasterapi.binding.scalar_limits import TextLimits, faults_of
from fasterapi.errors import ErrorItem, Location


@final
class AnyConverter(Converter):
    """Text as it is, for `Any` and `object`."""

    def __init__(self) -> None:
        super().__init__("any", True, TEXTS)

    def convert(self, text: str) -> object:
        """The text."""
        return text

    def explain(self, text: str, location: Location) -> list[ErrorItem]:  # noqa: ARG002 - there is nothing to explain
        """No text is refused."""
        return []


def _is_unicode(text: str) -> bool:
    """Whether a text can be written in UTF-8, which half a surrogate pair cannot."""
    if text.isascii():
        return True
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _explain_unicode(text: str, location: Location) -> ErrorItem:
    words = "Input should be a valid string, unable to parse raw data as a unicode string"
    return {"type": "string_unicode", "loc": location, "msg": words, "input": text}


@final
class StrConverter(Converter):
    """Text to `str`: any text that no constraint is against, but with constraints half a surrogate pair is refused, as in pydantic."""

    def __init__(self, constraints: Constraints) -> None:
        super().__init__("str" if constraints.is_empty else "constrained-str", True, TEXTS)
        self._limits: TextLimits | None = None if constraints.is_empty else TextLimits(str, "str", constraints.written)

    def convert(self, text: str) -> object:
        """The text, or `FAIL`."""
        if self._limits is None or (self._limits.admits_text(text) and _is_unicode(text)):
            return text
        return FAIL

    def explain(self, text: str, location: Location) -> list[ErrorItem]:
        """Why `convert` refuses this text."""
        if self._limits is None:
            return []
        if not _is_unicode(text):
            return [_explain_unicode(text, location)]
        return faults_of(self._limits, text, text, location)


@final
class BytesConverter(Converter):
    """Text to `bytes`, in UTF-8."""

    def __init__(self, constraints: Constraints) -> None:
        super().__init__("bytes" if constraints.is_empty else "constrained-bytes", False, OTHERS)
        self._limits: TextLimits | None = None if constraints.is_empty else TextLimits(bytes, "bytes", constraints.written)

    def convert(self, text: str) -> object:
        """The bytes, or `FAIL`."""
        if not _is_unicode(text):
            return FAIL
        value = text.encode("utf-8")
        return FAIL if self._limits is not None and not self._limits.admits(value) else value

    def explain(self, text: str, location: Location) -> list[ErrorItem]:
        """Why `convert` refuses this text."""
        if not _is_unicode(text):
            return [_explain_unicode(text, location)]
        return faults_of(self._limits, text.encode("utf-8"), text, location)


_UUID_GROUPS: Final = (8, 4, 4, 4, 12)
_URN: Final = "urn:uuid:"
_convert: Final = msgspec.convert


@final
class UuidConverter(Converter):
    """Text to `UUID`: with hyphens, also in braces or as a URN (RFC 9562, section 4), or as 32 hexadecimal digits."""

    def __init__(self) -> None:
        super().__init__("uuid", False, OTHERS)

    def convert(self, text: str) -> object:
        """The UUID, or `FAIL`."""
        size: i64 = len(text)
        digits = text
        if size == 38 and text[0] == "{" and text[37] == "}":
            digits = text[1:37]
        elif size == 45 and text.startswith(_URN):
            digits = text[9:]
        if not _is_hyphenated(digits) and not (size == 32 and _is_hexadecimal(text, 0, 32)):
            return FAIL
        # Half the time of calling the class, which is slow for the many forms it takes.
        return _convert(digits, UUID)

    def explain(self, text: str, location: Location) -> list[ErrorItem]:
        """Why `convert` refuses this text."""
        if self.convert(text) is not FAIL:
            return []
        reason = _uuid_fault(text)
        return [
            {
                "type": "uuid_parsing",
                "loc": location,
                "msg": f"Input should be a valid UUID, {reason}",
                "input": text,
                "ctx": {"error": reason},
            }
        ]


def _is_hyphenated(text: str) -> bool:
    if len(text) != 36 or text[8] != "-" or text[13] != "-" or text[18] != "-" or text[23] != "-":
        return False
    return (
        _is_hexadecimal(text, 0, 8)
        and _is_hexadecimal(text, 9, 13)
        and _is_hexadecimal(text, 14, 18)
        and _is_hexadecimal(text, 19, 23)
        and _is_hexadecimal(text, 24, 36)
    )


def _is_hexadecimal(text: str, start: i64, end: i64) -> bool:
    for index in range(start, end):
        if not _is_hexadecimal_digit(ord(text[index])):
            return False
    return True


def _is_hexadecimal_digit(code: i64) -> bool:
    return 48 <= code <= 57 or 97 <= code <= 102 or 65 <= code <= 70


def _uuid_fault(text: str) -> str:
    """What is wrong with a UUID, as pydantic sees it: first the characters, then the number of groups, then their lengths."""
    size = len(text.encode("utf-8", "replace"))
    if size > 45:
        return f"invalid length: found {size}"
    body, start = text, 0
    if size > 1 and size != 36 and text[0] == "{" and text[-1] == "}":
        body, start = text[1:-1], 1
    elif size != 36 and text.startswith(_URN):
        body, start = text[len(_URN) :], len(_URN)
    is_simple = start == 0 and size != 36
    if size - len(text) + len(body) == 36:
        # Where the length is right, pydantic counts from the first digit, not from the brace or prefix before it.
        text, start = body, 0
    for index, character in enumerate(body):
        if character != "-" and not _is_hexadecimal_digit(ord(character)):
            return f"invalid character: found `{character}` at {start + index}"
    groups = body.split("-")
    if len(groups) == 1 and is_simple:
        return f"invalid length: found {size}"
    if len(groups) != len(_UUID_GROUPS):
        return f"invalid group count: expected 5, found {len(groups)}"
    for index in range(4):
        if len(groups[index]) != _UUID_GROUPS[index]:
            return f"invalid group length in group {index}: expected {_UUID_GROUPS[index]}, found {len(groups[index])}"
    # Elsewhere, it counts brace and prefix to the last group.
    return f"invalid group length in group 4: expected 12, found {len(text) - 24}"


_CLASSES: Final[dict[object, tuple[str, str]]] = {
    IPv4Address: ("ip_v4_address", "Input is not a valid IPv4 address"),
    IPv4Interface: ("ip_v4_interface", "Input is not a valid IPv4 interface"),
    IPv4Network: ("ip_v4_network", "Input is not a valid IPv4 network"),
    IPv6Address: ("ip_v6_address", "Input is not a valid IPv6 address"),
    IPv6Interface: ("ip_v6_interface", "Input is not a valid IPv6 interface"),
    IPv6Network: ("ip_v6_network", "Input is not a valid IPv6 network"),
    Path: ("path_type", "Input is not a valid path"),
    PurePath: ("path_type", "Input is not a valid path"),
    PurePosixPath: ("path_type", "Input is not a valid path"),
}
"""The classes that make something of text by themselves, with the words for text that they refuse."""


@final
class ClassConverter(Converter):
    """Text to an instance of a class that takes text: a path, or an IP address, interface or network."""

    def __init__(self, kind: type) -> None:
        super().__init__(kind.__name__, False, OTHERS)
        self._kind = kind

    @staticmethod
    def suits(annotation: object) -> bool:
        """Whether a type is such a class."""
        return annotation in _CLASSES

    def convert(self, text: str) -> object:
        """The instance, or `FAIL`."""
        try:
            return self._kind(text)
        except ValueError:
            return FAIL

    def explain(self, text: str, location: Location) -> list[ErrorItem]:
        """Why `convert` refuses this text."""
        if self.convert(text) is not FAIL:
            return []
        kind, words = _CLASSES[self._kind]
        return [{"type": kind, "loc": location, "msg": words, "input": text}]
