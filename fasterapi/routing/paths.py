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

from collections.abc import Callable, Mapping
from decimal import Decimal
from enum import Enum
from typing import Any, Final, final
from urllib.parse import quote, unquote
from uuid import UUID

MAX_SEGMENTS: Final = 128
"""The most segments that a route path may have; it bounds how deep the route tree grows."""

# RFC 3986 section 3.3: what may stand unencoded in a segment beside letters, digits and "-._~", which `quote` never touches.
_SEGMENT_SAFE: Final = "!$&'()*+,;=:@"
_PATH_SAFE: Final = _SEGMENT_SAFE + "/"
_HEXADECIMAL: Final = "0123456789abcdefABCDEF"


@final
class PathError(ValueError):
    """A route path that is written wrongly; the message says what to write instead."""


class Converter:
    """Which texts a parameter takes. Of two at one position the one with the lower rank is tried first."""

    def __init__(self, name: str, rank: int, description: str) -> None:
        self.name = name
        self.rank = rank
        self.description = description

    def fits(self, text: str) -> bool:
        """Whether all of `text` may be a parameter's value."""
        raise NotImplementedError

    def ends(self, text: str, may_end: list[bool]) -> list[int]:
        """For each index of `text`, its end included, where a value that starts there must end, or -1 where none can start.

        `may_end` tells for each index whether what follows the value fits the text from there on. The end is the furthest
        such index, and all of them are found in one pass.
        """
        raise NotImplementedError


@final
class _UUIDConverter(Converter):
    def fits(self, text: str) -> bool:
        return self._end(text, 0) == len(text)

    def ends(self, text: str, may_end: list[bool]) -> list[int]:
        ends = [-1] * len(may_end)
        for start in range(len(text)):
            end = self._end(text, start)
            if end >= 0 and may_end[end]:
                ends[start] = end
        return ends

    def _end(self, text: str, start: int) -> int:
        """The index behind the UUID that starts at `start`, -1 where none does."""
        index = start
        for count in range(32):
            if count in (8, 12, 16, 20) and text.startswith("-", index):
                index += 1
            if index >= len(text) or text[index] not in _HEXADECIMAL:
                return -1
            index += 1
        return index


class _RunConverter(Converter):
    """Takes one or more characters of a kind."""

    def takes(self, character: str) -> bool:
        raise NotImplementedError

    def ends(self, text: str, may_end: list[bool]) -> list[int]:
        ends = [-1] * len(may_end)
        furthest = -1
        for start in range(len(text) - 1, -1, -1):
            if not self.takes(text[start]):
                furthest = -1
                continue
            if furthest < 0 and may_end[start + 1]:
                furthest = start + 1
            ends[start] = furthest
        return ends


@final
class _IntConverter(_RunConverter):
    def takes(self, character: str) -> bool:
        return "0" <= character <= "9"

    def fits(self, text: str) -> bool:
        return text.isascii() and text.isdigit()


@final
class _StrConverter(_RunConverter):
    def takes(self, character: str) -> bool:
        return character != "/"

    def fits(self, text: str) -> bool:
        return text != "" and "/" not in text


_INT: Final = _IntConverter("int", 1, "digits only")
_STR: Final = _StrConverter("str", 3, "text without '/' and not empty; a '{name:path}' parameter takes any text")


@final
class _FloatConverter(Converter):
    def fits(self, text: str) -> bool:
        dot = text.find(".")
        if dot < 0:
            return _INT.fits(text)
        return _INT.fits(text[:dot]) and _INT.fits(text[dot + 1 :])

    def ends(self, text: str, may_end: list[bool]) -> list[int]:
        integer_ends = _INT.ends(text, may_end)
        ends = integer_ends.copy()
        fraction_end = -1
        for start in range(len(text) - 1, -1, -1):
            if text[start] == ".":
                fraction_end = integer_ends[start + 1]
            elif not _INT.takes(text[start]):
                fraction_end = -1
            elif fraction_end >= 0:
                ends[start] = fraction_end
        return ends


@final
class _PathConverter(Converter):
    def fits(self, text: str) -> bool:  # noqa: ARG002 - any text fits
        return True

    def ends(self, text: str, may_end: list[bool]) -> list[int]:
        ends = [-1] * len(may_end)
        furthest = -1
        for start in range(len(text), -1, -1):
            if furthest < 0 and may_end[start]:
                furthest = start
            ends[start] = furthest
        return ends


_PATH: Final = _PathConverter("path", 4, "any text")
_CONVERTERS: Final[dict[str, Converter]] = {
    "uuid": _UUIDConverter("uuid", 0, "a UUID"),
    "int": _INT,
    "float": _FloatConverter("float", 2, "digits, with or without a fraction"),
    "str": _STR,
    "path": _PATH,
}


@final
class Parameter:
    """A named part of a route path."""

    def __init__(self, name: str, converter: Converter) -> None:
        self.name = name
        self.converter = converter

    def encode(self, value: object) -> str:
        """The percent-encoded text for `value`; a `ValueError` where the parameter would not take it."""
        text = _text_of(value)
        if not self.converter.fits(text):
            raise ValueError(f"{text!r} cannot be the path parameter {self.name!r}, which takes {self.converter.description}")
        return quote(text, safe=_PATH_SAFE if self.converter is _PATH else _SEGMENT_SAFE)


def _text_of(value: object) -> str:
    if isinstance(value, Enum):
        value = value.value
    if isinstance(value, float):
        # Positional notation: no converter takes an exponent, which `str` writes for small and large numbers.
        return format(Decimal(repr(value)), "f")
    return str(value)


@final
class Segment:
    """What stands between two slashes of a route path, or all that follows a slash once a `path` parameter comes."""

    def __init__(self, texts: list[str], parameters: list[Parameter]) -> None:
        """`texts` stand before, between and behind the `parameters`, so there is one more of them."""
        converters = [parameter.converter for parameter in parameters]
        self.shape: str = _shape(texts, parameters)
        """Its text with each parameter replaced by its converter: segments of one shape fit the same texts."""
        self.is_static: bool = not parameters
        """Whether it is plain text."""
        self.is_tail: bool = _PATH in converters
        """Whether it takes slashes and so runs to the end of a path."""
        text_length = sum(len(text) for text in texts)
        is_bare = len(parameters) == 1 and text_length == 0
        self.order: list[int] = [1 if is_bare else 0, -text_length, *[converter.rank for converter in converters]]
        """Of two segments at one position the one with the lower order is tried first: parameters among text before bare
        ones, then more text before less, then the lower ranks of converters."""
        self._before = texts[0]
        self._between = texts[1:-1]
        self._behind = texts[-1]
        self._converters = converters
        self._is_plain = len(parameters) == 1 or all(converter is _STR for converter in converters)

    def capture(self, text: str, values: list[str]) -> bool:
        """Whether all of `text` fits this segment, which is not static; if so, its parameters' texts are appended to `values`."""
        start = len(self._before)
        end = len(text) - len(self._behind)
        if start > end or not text.startswith(self._before) or not text.endswith(self._behind):
            return False
        if self._is_plain:
            return self._capture_plain(text[start:end], values)
        return self._capture_any(text[start:end], values)

    def _capture_plain(self, text: str, values: list[str]) -> bool:
        """Cuts at the last place of each text between, from the right: all that the parameters before it can have."""
        found: list[str] = []
        for index in range(len(self._between) - 1, -1, -1):
            separator = self._between[index]
            start = text.rfind(separator, 0, len(text) - 1)
            if start < 0:
                return False
            found.append(text[start + len(separator) :])
            text = text[:start]
        if not self._converters[0].fits(text):
            return False
        values.append(text)
        if found:
            found.reverse()
            values.extend(found)
        return True

    def _capture_any(self, text: str, values: list[str]) -> bool:
        """Works out all possible ends from the last parameter to the first: linear where backtracking is a power of the length."""
        may_end = [False] * len(text) + [True]
        ends_by_parameter: list[list[int]] = []
        for index in range(len(self._converters) - 1, -1, -1):
            ends = self._converters[index].ends(text, may_end)
            ends_by_parameter.append(ends)
            if index > 0:
                may_end = _before_text(self._between[index - 1], text, ends)
        start = 0
        if ends_by_parameter[-1][start] < 0:
            return False
        for separator in [*self._between, ""]:
            end = ends_by_parameter.pop()[start]
            values.append(text[start:end])
            start = end + len(separator)
        return True


def _before_text(separator: str, text: str, ends: list[int]) -> list[bool]:
    """For each index of `text` whether `separator` stands there, followed by where a value can start."""
    found = [False] * len(ends)
    start = text.find(separator)
    while start >= 0:
        found[start] = ends[start + len(separator)] >= 0
        start = text.find(separator, start + 1)
    return found


def _shape(texts: list[str], parameters: list[Parameter]) -> str:
    shape = texts[0]
    for index, parameter in enumerate(parameters):
        shape += "{" + parameter.converter.name + "}" + texts[index + 1]
    return shape


@final
class PathPattern:
    """One parsed route path; `parse_path` makes it."""

    def __init__(self, text: str, texts: list[str], parameters: list[Parameter]) -> None:
        self.text = text
        """The route path as it was written."""
        self.shape: str = _shape(texts, parameters)
        """The text with each parameter replaced by its converter: paths of one shape match the same requests."""
        self.segments: list[Segment] = _segments(texts, parameters)
        """What follows each slash, in order."""
        self.parameter_names: tuple[str, ...] = tuple([parameter.name for parameter in parameters])
        """The parameters' names in the order in which they stand in the path."""
        self.converters: dict[str, str] = {parameter.name: parameter.converter.name for parameter in parameters}
        """The name of each parameter's converter."""
        self.is_static: bool = not parameters
        """Whether the path has no parameters."""
        self._texts = texts
        self._parameters = parameters

    def read(self, values: list[str]) -> dict[str, Any]:
        """The texts that were matched, by name, each as its converter reads it: `{n:int}` gives an integer."""
        return {name: _READERS[self.converters[name]](values[index]) for index, name in enumerate(self.parameter_names)}

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
        path = quote(self._texts[0], safe=_PATH_SAFE)
        for index, parameter in enumerate(self._parameters):
            path += parameter.encode(values[parameter.name]) + quote(self._texts[index + 1], safe=_PATH_SAFE)
        # RFC 3986 section 4.2: a reference that begins with "//" names a host.
        return "/%2F" + path[2:] if path.startswith("//") else path


def parse_path(text: str) -> PathPattern:
    """Reads a route path such as `/users/{user_id}/files/{rest:path}`; a `PathError` says what is wrong with a bad one."""
    if not text.startswith("/"):
        raise _fault(text, f"it must start with '/': write {'/' + text!r}")
    if text.count("/") > MAX_SEGMENTS:
        raise _fault(text, f"it has more than {MAX_SEGMENTS} segments; take the deeper ones as one '{{rest:path}}' parameter")
    first, *others = text.split("{")
    texts = [_literal(text, first)]
    parameters: list[Parameter] = []
    names: set[str] = set()
    for other in others:
        inside, closing, behind = other.partition("}")
        if not closing:
            raise _fault(text, f"the '{{' before {other!r} is never closed: write '{{name}}'")
        parameter = _parameter(text, inside)
        if parameter.name in names:
            raise _fault(text, f"the parameter {parameter.name!r} occurs twice: give each its own name")
        names.add(parameter.name)
        parameters.append(parameter)
        texts.append(_literal(text, behind))
    return PathPattern(text, texts, parameters)


_READERS: Final[dict[str, Callable[[str], Any]]] = {"str": str, "path": str, "int": int, "float": float, "uuid": UUID}


def _literal(path: str, text: str) -> str:
    if "}" in text:
        raise _fault(path, f"the '}}' in {text!r} closes nothing: write '{{name}}'")
    if unquote(text) != text:
        raise _fault(path, f"it is percent-encoded, but route paths are plain text: write {unquote(path)!r}")
    return text


def _parameter(path: str, text: str) -> Parameter:
    name, colon, converter_name = text.partition(":")
    if not name.isidentifier():
        raise _fault(path, f"'{{{text}}}' needs a name of letters, digits and '_', as in '{{user_id}}' or '{{user_id:int}}'")
    converter = _CONVERTERS.get(converter_name if colon else "str")
    if converter is None:
        known = ", ".join(_CONVERTERS)
        raise _fault(path, f"{converter_name!r} in '{{{text}}}' is not a converter: write '{{{name}}}' or use one of {known}")
    return Parameter(name, converter)


def _fault(path: str, what: str) -> PathError:
    return PathError(f"route path {path!r}: {what}")


def _listed(names: list[str]) -> str:
    return ", ".join([repr(name) for name in names])


def _segments(texts: list[str], parameters: list[Parameter]) -> list[Segment]:
    """Cuts a path at each slash up to its first `path` parameter, whose segment takes all the rest."""
    segments: list[Segment] = []
    open_texts: list[str] = []
    open_parameters: list[Parameter] = []
    in_tail = False
    for index, text in enumerate(texts):
        *closed, last = [text] if in_tail else text.split("/")
        for part in closed:
            segments.append(Segment([*open_texts, part], open_parameters))
            open_texts = []
            open_parameters = []
        open_texts.append(last)
        if index < len(parameters):
            open_parameters.append(parameters[index])
            in_tail = in_tail or parameters[index].converter is _PATH
    segments.append(Segment(open_texts, open_parameters))
    # Nothing stands before the first slash.
    return segments[1:]
