"""Headers as a mapping: names in any case, several headers of one name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Self, TypeVar, overload

from mypy_extensions import mypyc_attr

from fasterapi.asgi import RawHeaders, Scope
from fasterapi.datastructures.header_fields import encode_header_name, encode_header_value

T = TypeVar("T")


@mypyc_attr(allow_interpreted_subclasses=True)
class Headers(Mapping[str, str]):  # noqa: PLW1641 - compares by content, as any mapping: no hash
    """The headers of a request; of several with one name, `headers[name]` is the first and `getlist` gives all.

    Example: `request.headers["Content-Type"]`, `request.headers.getlist("accept")`.
    """

    def __init__(self, headers: Mapping[str, str] | None = None, raw: RawHeaders | None = None, scope: Scope | None = None) -> None:
        if (headers is not None) + (raw is not None) + (scope is not None) > 1:
            raise TypeError("Headers takes one of headers=, raw= and scope=, not several.")
        self._pairs: RawHeaders = []
        if raw is not None:
            self._pairs = raw
        elif scope is not None:
            self._pairs = list(scope["headers"])
        elif headers is not None:
            self._pairs = [(encode_header_name(name), encode_header_value(name, value)) for name, value in headers.items()]

    @property
    def raw(self) -> RawHeaders:
        """The pairs as they travel."""
        return list(self._pairs)

    def getlist(self, key: str) -> list[str]:
        """The values of all headers of this name."""
        name = _lookup_name(key)
        return [value.decode("latin-1") for found, value in self._pairs if found == name]

    def mutablecopy(self) -> MutableHeaders:
        """A copy that can be changed."""
        return MutableHeaders(None, list(self._pairs))

    @overload
    def get(self, key: str, default: None = None, /) -> str | None: ...
    @overload
    def get(self, key: str, default: str, /) -> str: ...
    @overload
    def get(self, key: str, default: T, /) -> str | T: ...
    def get(self, key: str, default: object = None, /) -> object:
        """The first value of this name, or the default."""
        value = self._first(key)
        return default if value is None else value.decode("latin-1")

    # Lists, as Starlette's, because one name may stand there several times.

    def keys(self) -> list[str]:  # type: ignore[override]  # a list where Mapping has a view
        """The name of each header, in their order."""
        return [name.decode("latin-1") for name, _ in self._pairs]

    def values(self) -> list[str]:  # type: ignore[override]  # as keys
        """The value of each header, in their order."""
        return [value.decode("latin-1") for _, value in self._pairs]

    def items(self) -> list[tuple[str, str]]:  # type: ignore[override]  # as keys
        """Each header, in their order."""
        return [(name.decode("latin-1"), value.decode("latin-1")) for name, value in self._pairs]

    def __getitem__(self, key: str) -> str:
        value = self._first(key)
        if value is None:
            raise KeyError(key)
        return value.decode("latin-1")

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str) and self._first(key) is not None

    def __iter__(self) -> Iterator[str]:
        return iter(self.keys())

    def __len__(self) -> int:
        return len(self._pairs)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Headers) and sorted(self._pairs) == sorted(other._pairs)

    def __repr__(self) -> str:
        pairs = self.items()
        unique = dict(pairs)
        if len(unique) == len(pairs):
            return f"{type(self).__name__}({unique!r})"
        return f"{type(self).__name__}(raw={self._pairs!r})"

    def _first(self, key: str) -> bytes | None:
        name = _lookup_name(key)
        for found, value in self._pairs:
            if found == name:
                return value
        return None


@mypyc_attr(allow_interpreted_subclasses=True)
class MutableHeaders(Headers):
    """The headers of a response. Names and values that could be taken for further headers are refused with `ValueError`.

    Example: `response.headers["cache-control"] = "no-store"`.
    """

    @property
    def raw(self) -> RawHeaders:
        """The pairs themselves: a change shows in the headers."""
        return self._pairs

    def append(self, key: str, value: str) -> None:
        """Add a header, next to those of the same name."""
        self._pairs.append((encode_header_name(key), encode_header_value(key, value)))

    def setdefault(self, key: str, value: str) -> str:
        """Add the header where none of this name is there; the value that holds now."""
        known = self._first(key)
        if known is not None:
            return known.decode("latin-1")
        self.append(key, value)
        return value

    def update(self, other: Mapping[str, str]) -> None:
        """Set each header of another mapping."""
        for key, value in other.items():
            self[key] = value

    def add_vary_header(self, vary: str) -> None:
        """Say that the answer also depends on this header of the request (RFC 9110, 12.5.5)."""
        names = [name.strip() for header in self.getlist("vary") for name in header.split(",")]
        if vary.lower() not in [name.lower() for name in names] and "*" not in names:
            self["vary"] = ", ".join([*names, vary])

    def __setitem__(self, key: str, value: str) -> None:
        name = encode_header_name(key)
        encoded = encode_header_value(key, value)
        self._pairs.insert(self._remove(name), (name, encoded))

    def __delitem__(self, key: str) -> None:
        self._remove(_lookup_name(key))

    def __ior__(self, other: Mapping[str, str]) -> Self:
        self.update(other)
        return self

    def __or__(self, other: Mapping[str, str]) -> MutableHeaders:
        joined = self.mutablecopy()
        joined.update(other)
        return joined

    def _remove(self, name: bytes) -> int:
        """Remove all headers of a name; where the first of them stood, or the end."""
        pairs = self._pairs
        position = len(pairs)
        for index in range(len(pairs) - 1, -1, -1):
            if pairs[index][0] == name:
                del pairs[index]
                position = index
        return position


def _lookup_name(key: str) -> bytes:
    # "?" is in no header's name: a key beyond Latin-1 finds nothing.
    return key.lower().encode("latin-1", "replace")
