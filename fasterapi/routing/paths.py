"""Route paths: how they are written, which texts fit them, and how values are filled back in.

A route path is plain text, never percent-encoded, in which `{name}` or `{name:converter}` stands for a parameter.
Parameters may stand beside other text and each other: `/files/{name}.{extension}`. Converters and the texts they take:

    str     the default: one character or more, no "/"
    int     digits
    float   digits, with or without a fraction
    uuid    a UUID in hexadecimal digits, with or without its dashes
    path    anything, "/" and the empty text included

Where several ways fit, each parameter takes as much as it can, from left to right, as in a greedy regular expression.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from enum import Enum
from typing import Final, final
from urllib.parse import quote, unquote

MAX_SEGMENTS: Final = 128
"""The most segments that a route path may have; it bounds how deep the route tree grows."""

# RFC 3986 section 3.3: what may stand unencoded in a segment beside letters, digits and "-._~", which `quote` never touches.
_SEGMENT_SAFE: Final = "!$&'()*+,;=:@"
_PATH_SAFE: Final = _SEGMENT_SAFE + "/"
_HEXADECIMAL: Final = "0123456789abcdefABCDEF"


@final
class PathError(ValueError):
    """A route path that is written wrongly; the message says what to write instead."""


class Piece:
    """A stretch of a route path: literal text or a parameter."""

    def ends(self, text: str, after: list[int]) -> list[int]:
        """For each index of `text` where this piece may start, the furthest index where it can end, or -1.

        It may end only where `after` is not -1, which is where the pieces behind it fit all the text that is left.
        """
        raise NotImplementedError


@final
class Literal(Piece):
    """Text that stands for itself."""

    def __init__(self, text: str) -> None:
        self.text = text

    def ends(self, text: str, after: list[int]) -> list[int]:
        ends = [-1] * len(after)
        start = text.find(self.text)
        while start >= 0:
            end = start + len(self.text)
            if after[end] >= 0:
                ends[start] = end
            start = text.find(self.text, start + 1)
        return ends


class Converter:
    """Which texts a parameter takes. Of two at one position the one with the lower rank is tried first."""

    def __init__(self, name: str, rank: int, description: str) -> None:
        self.name = name
        self.rank = rank
        self.description = description

    def fits(self, text: str) -> bool:
        """Whether all of `text` may be the parameter's value."""
        raise NotImplementedError

    def ends(self, text: str, after: list[int]) -> list[int]:
        """As `Piece.ends`."""
        raise NotImplementedError


@final
class _UUIDConverter(Converter):
    def fits(self, text: str) -> bool:
        return self._end(text, 0) == len(text)

    def ends(self, text: str, after: list[int]) -> list[int]:
        ends = [-1] * len(after)
        for start in range(len(text)):
            end = self._end(text, start)
            if end >= 0 and after[end] >= 0:
                ends[start] = end
        return ends

    def _end(self, text: str, start: int) -> int:
        """The index behind the UUID that starts at `start`, -1 where none does."""
        index = start
        for digit in range(32):
            if digit in (8, 12, 16, 20) and text.startswith("-", index):
                index += 1
            if index >= len(text) or text[index] not in _HEXADECIMAL:
                return -1
            index += 1
        return index


@final
class _IntConverter(Converter):
    def fits(self, text: str) -> bool:
        return _are_digits(text)

    def ends(self, text: str, after: list[int]) -> list[int]:
        return _ends_of_digits(text, after)


@final
class _FloatConverter(Converter):
    def fits(self, text: str) -> bool:
        dot = text.find(".")
        if dot < 0:
            return _are_digits(text)
        return _are_digits(text[:dot]) and _are_digits(text[dot + 1 :])

    def ends(self, text: str, after: list[int]) -> list[int]:
        ends = _ends_of_digits(text, after)
        fraction_end = -1
        for start in range(len(text) - 1, -1, -1):
            if text[start] == ".":
                fraction_end = ends[start + 1]
            elif not _is_digit(text[start]):
                fraction_end = -1
            elif fraction_end >= 0:
                ends[start] = fraction_end
        return ends


@final
class _StrConverter(Converter):
    def fits(self, text: str) -> bool:
        return text != "" and "/" not in text

    def ends(self, text: str, after: list[int]) -> list[int]:
        ends = [-1] * len(after)
        furthest = -1
        for start in range(len(text) - 1, -1, -1):
            if text[start] == "/":
                furthest = -1
                continue
            if furthest < 0 and after[start + 1] >= 0:
                furthest = start + 1
            ends[start] = furthest
        return ends


@final
class _PathConverter(Converter):
    def fits(self, text: str) -> bool:
        return True

    def ends(self, text: str, after: list[int]) -> list[int]:
        ends = [-1] * len(after)
        furthest = -1
        for start in range(len(text), -1, -1):
            if furthest < 0 and after[start] >= 0:
                furthest = start
            ends[start] = furthest
        return ends


def _is_digit(character: str) -> bool:
    return "0" <= character <= "9"


def _are_digits(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _ends_of_digits(text: str, after: list[int]) -> list[int]:
    ends = [-1] * len(after)
    furthest = -1
    for start in range(len(text) - 1, -1, -1):
        if not _is_digit(text[start]):
            furthest = -1
            continue
        if furthest < 0 and after[start + 1] >= 0:
            furthest = start + 1
        ends[start] = furthest
    return ends


_CONVERTERS: Final[dict[str, Converter]] = {
    "uuid": _UUIDConverter("uuid", 0, "a UUID"),
    "int": _IntConverter("int", 1, "digits only"),
    "float": _FloatConverter("float", 2, "digits, with or without a fraction"),
    "str": _StrConverter("str", 3, "text without '/' and not empty; a '{name:path}' parameter takes slashes"),
    "path": _PathConverter("path", 4, "any text"),
}


@final
class Parameter(Piece):
    """A named stretch whose text becomes a value."""

    def __init__(self, name: str, converter: Converter) -> None:
        self.name = name
        self.converter = converter

    def ends(self, text: str, after: list[int]) -> list[int]:
        return self.converter.ends(text, after)

    def encode(self, value: object) -> str:
        """The percent-encoded text for `value`; a `ValueError` where matching would not read it back."""
        text = _text_of(value)
        if not self.converter.fits(text):
            raise ValueError(f"{text!r} cannot be the path parameter {self.name!r}, which takes {self.converter.description}")
        return quote(text, safe=_PATH_SAFE if self.converter.name == "path" else _SEGMENT_SAFE)


def _text_of(value: object) -> str:
    if isinstance(value, Enum):
        return _text_of(value.value)
    if isinstance(value, float):
        # Positional notation: no converter takes an exponent, which `str` writes for small and large numbers.
        return format(Decimal(repr(value)), "f")
    return str(value)


@final
class Segment:
    """What stands between two slashes of a route path, or all that follows a slash once a `path` parameter comes."""

    def __init__(self, pieces: list[Piece]) -> None:
        parameters = [piece for piece in pieces if isinstance(piece, Parameter)]
        literals = [piece.text for piece in pieces if isinstance(piece, Literal)]
        names = [parameter.converter.name for parameter in parameters]
        self.shape = "".join([_shape_of(piece) for piece in pieces])
        """Its text with the converter in each parameter's place: segments of one shape fit the same texts."""
        self.is_static = not parameters
        """Whether it has no parameters."""
        self.is_tail = "path" in names
        """Whether it takes slashes and so runs to the end of the path."""
        literal_length = sum(len(literal) for literal in literals)
        self.order: list[int] = [0 if literals else 1, -literal_length, *[parameter.converter.rank for parameter in parameters]]
        """Of two segments at one position the lower is tried first: text beside parameters before bare ones, then the one
        with more text, then the one whose converters have the lower ranks."""
        self._pieces = pieces
        # The text before the first parameter, between each two, and behind the last.
        texts = _SHAPE_OF_PARAMETER.split(self.shape)
@final
class PathPattern:
    """One parsed route path; `parse_path` makes it."""

    def __init__(self, text: str, pieces: list[Piece]) -> None:
        self.text = text
        """The route path as it was written."""
        self.segments = _segments(pieces)
        """What follows each slash, in order."""
        self.shape = "/" + "/".join([segment.shape for segment in self.segments])
        """The text with each parameter's name replaced by its converter: paths of one shape match the same requests."""
        parameters = [piece for piece in pieces if isinstance(piece, Parameter)]
        self.parameter_names: tuple[str, ...] = tuple([parameter.name for parameter in parameters])
        """The parameters' names in the order in which they stand in the path."""
        self.converters: dict[str, str] = {parameter.name: parameter.converter.name for parameter in parameters}
        """The name of each parameter's converter."""
        self.is_static = not parameters
        """Whether the path has no parameters."""
        self._pieces = pieces

    def format(self, values: Mapping[str, object]) -> str:
        """The percent-encoded path with `values` filled in; a `ValueError` says which of them do not fit.

        Example: `parse_path("/users/{name}").format({"name": "Zoë"})` is `"/users/Zo%C3%AB"`.
        """
        missing = [name for name in self.parameter_names if name not in values]
        if missing:
            raise ValueError(f"route path {self.text!r} needs a value for {_listed(missing)}")
        unknown = [name for name in values if name not in self.converters]
        if unknown:
            raise ValueError(f"route path {self.text!r} has no parameter {_listed(unknown)}")
        path = ""
        for piece in self._pieces:
            if isinstance(piece, Parameter):
                path += piece.encode(values[piece.name])
            elif isinstance(piece, Literal):
                path += quote(piece.text, safe=_PATH_SAFE)
        # RFC 3986 section 3.3: what follows "//" at the start of a reference is a host.
        return "/%2F" + path[2:] if path.startswith("//") else path


def parse_path(text: str) -> PathPattern:
    """Reads a route path such as `/users/{user_id}/files/{rest:path}`; a `PathError` says what is wrong with a bad one."""
    if not text.startswith("/"):
        raise _fault(text, f"it must start with '/': write {'/' + text!r}")
    if text.count("/") > MAX_SEGMENTS:
        raise _fault(text, f"it has more than {MAX_SEGMENTS} segments; take the deeper ones as one '{{rest:path}}' parameter")
    pieces: list[Piece] = []
    names: set[str] = set()
    position = 0
    while position < len(text):
        opening = text.find("{", position)
        if opening < 0:
            opening = len(text)
        if opening > position:
            pieces.append(_literal(text, text[position:opening]))
        if opening == len(text):
            break
        closing = text.find("}", opening)
        if closing < 0:
            raise _fault(text, f"{text[opening:]!r} is never closed: write '{{name}}'")
        parameter = _parameter(text, text[opening + 1 : closing])
        if parameter.name in names:
            raise _fault(text, f"the parameter {parameter.name!r} occurs twice; give each its own name")
        names.add(parameter.name)
        pieces.append(parameter)
        position = closing + 1
    return PathPattern(text, pieces)


def _literal(path: str, text: str) -> Literal:
    if "}" in text:
        raise _fault(path, f"the '}}' in {text!r} closes nothing: write '{{name}}'")
    percent = text.find("%")
    while percent >= 0:
        digits = text[percent + 1 : percent + 3]
        if len(digits) == 2 and digits[0] in _HEXADECIMAL and digits[1] in _HEXADECIMAL:
            raise _fault(path, f"it is percent-encoded, but route paths are plain text: write {unquote(path)!r}")
        percent = text.find("%", percent + 1)
    return Literal(text)


def _parameter(path: str, text: str) -> Parameter:
    name, colon, converter_name = text.partition(":")
    if not name:
        raise _fault(path, f"'{{{text}}}' has no name: write '{{name{colon}{converter_name}}}'")
    if not name.isidentifier():
        raise _fault(path, f"{name!r} is not a parameter name; a name has letters, digits and '_', as in '{{user_id}}'")
    converter = _CONVERTERS.get(converter_name if colon else "str")
    if converter is None:
        known = ", ".join(sorted(_CONVERTERS))
        raise _fault(path, f"{converter_name!r} is not a converter; write '{{{name}}}' or one of {known} as in '{{{name}:int}}'")
    return Parameter(name, converter)


def _fault(path: str, what: str) -> PathError:
    return PathError(f"route path {path!r}: {what}")


def _listed(names: list[str]) -> str:
    return ", ".join([repr(name) for name in names])


def _segments(pieces: list[Piece]) -> tuple[Segment, ...]:
    """Cuts the pieces at each slash up to the segment of the first `path` parameter, which takes all the rest."""
    segments: list[Segment] = []
    current: list[Piece] = []
    in_tail = False
    for piece in pieces:
        if isinstance(piece, Literal) and not in_tail:
            first, *others = piece.text.split("/")
            if first:
                current.append(Literal(first))
            for other in others:
                segments.append(Segment(tuple(current)))
                current = [Literal(other)] if other else []
            continue
        current.append(piece)
        in_tail = in_tail or (isinstance(piece, Parameter) and piece.converter.name == "path")
    segments.append(Segment(tuple(current)))
    # What stands before the first slash is always empty.
    return tuple(segments[1:])
