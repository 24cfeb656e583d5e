"""A mapping in which a key may have several values."""

from __future__ import annotations

from collections.abc import ItemsView, Iterable, Iterator, KeysView, Mapping, ValuesView
from operator import itemgetter
from typing import Generic, TypeVar, cast, overload

from mypy_extensions import mypyc_attr

K = TypeVar("K")
V_co = TypeVar("V_co", covariant=True)
T = TypeVar("T")


@mypyc_attr(allow_interpreted_subclasses=True)
class ImmutableMultiDict(Mapping[K, V_co], Generic[K, V_co]):  # noqa: PLW1641 - compares by content, as any mapping: no hash
    """Keys and their values in the order they came; `multi[key]` is the last value and `getlist` gives all.

    Example: `ImmutableMultiDict([("a", 1), ("a", 2)]).getlist("a")` is `[1, 2]`.
    """

    def __init__(self, items: Mapping[K, V_co] | Iterable[tuple[K, V_co]] = (), /, **more: V_co) -> None:
        pairs: list[tuple[K, V_co]]
        if isinstance(items, ImmutableMultiDict):
            pairs = cast("list[tuple[K, V_co]]", items.multi_items())
        elif isinstance(items, Mapping):
            pairs = list(cast("Mapping[K, V_co]", items).items())
        else:
            pairs = list(items)
        pairs.extend(cast("Iterable[tuple[K, V_co]]", more.items()))
        self._pairs = pairs
        self._last: dict[K, V_co] = dict(pairs)

    def getlist(self, key: K) -> list[V_co]:
        """All values of a key."""
        return [value for found, value in self._pairs if found == key]

    def multi_items(self) -> list[tuple[K, V_co]]:
        """Every pair, in the order they came."""
        return list(self._pairs)

    @overload
    def get(self, key: K, default: None = None, /) -> V_co | None: ...
    @overload
    def get(self, key: K, default: V_co, /) -> V_co: ...  # type: ignore[misc]  # the default may be of the values' type: Mapping.get says so too
    @overload
    def get(self, key: K, default: T, /) -> V_co | T: ...
    def get(self, key: K, default: object = None, /) -> object:
        """The last value of a key, or the default."""
        return cast("dict[K, object]", self._last).get(key, default)

    def keys(self) -> KeysView[K]:
        """Each key once."""
        return self._last.keys()

    def values(self) -> ValuesView[V_co]:
        """The last value of each key."""
        return self._last.values()

    def items(self) -> ItemsView[K, V_co]:
        """Each key with its last value."""
        return self._last.items()

    def __getitem__(self, key: K) -> V_co:
        return self._last[key]

    def __contains__(self, key: object) -> bool:
        return key in self._last

    def __iter__(self) -> Iterator[K]:
        return iter(self._last)

    def __len__(self) -> int:
        return len(self._last)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, ImmutableMultiDict) or not isinstance(other, type(self)):
            return False
        return sorted(self._pairs, key=itemgetter(0)) == sorted(other.multi_items(), key=itemgetter(0))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._pairs!r})"
