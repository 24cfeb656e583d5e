"""Which fields of a result are sent: `response_model_include` and `response_model_exclude`, read once."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from typing import Final, TypeAlias, cast, final

IncEx: TypeAlias = "set[int] | set[str] | Mapping[int, IncEx | bool] | Mapping[str, IncEx | bool]"
"""Names of fields or indexes of items, or a mapping of them to what is meant within each: `{"user": {"id"}, 0: {"__all__": {"id"}}}`."""

_ALL: Final = "__all__"
_UNNAMED: Final = object()


@final
class Filter:
    """What is sent of one value and of what stands within it."""

    def __init__(self) -> None:
        self.is_open: bool = True
        """Whether it lets everything through."""
        self._named: dict[object, Filter | None] = {}
        self._others: Filter | None = None

    def of(self, name: object) -> Filter | None:
        """The filter for the value of a field, `None` where the field is not sent."""
        if self.is_open:
            return self
        return self._named.get(name, self._others)

    def at(self, index: int, length: int) -> Filter | None:
        """The filter for an item of an array; a negative index in the options counts from the end."""
        if self.is_open or index in self._named:
            return self.of(index)
        return self.of(index - length)

    def narrow(self, include: dict[object, object] | None, exclude: dict[object, object] | None) -> None:
        """Let through only what is included and not excluded."""
        self.is_open = False
        for name in [*(include or {}), *(exclude or {})]:
            if name != _ALL and name not in self._named:
                self._named[name] = _filter_within(include, exclude, name)
        self._others = _filter_within(include, exclude, _UNNAMED)


EVERYTHING: Final = Filter()
"""Nothing is left out."""


def filter_of(include: object, exclude: object) -> Filter:
    """The filter that the two options ask for.

    Raises `TypeError` for what names no fields.
    Example: `filter_of({"id", "name"}, None)`.
    """
    return _filter(_entries("response_model_include", include), _entries("response_model_exclude", exclude))


def _filter(include: dict[object, object] | None, exclude: dict[object, object] | None) -> Filter:
    if include is None and exclude is None:
        return EVERYTHING
    narrowed = Filter()
    narrowed.narrow(include, exclude)
    return narrowed


def _entries(option: str, written: object) -> dict[object, object] | None:
    """Each name with what is meant within it; `True` for all of it."""
    if written is None:
        return None
    if isinstance(written, Mapping):
        return {name: _meaning(option, within) for name, within in written.items()}
    if isinstance(written, (AbstractSet, list, tuple)):
        return dict.fromkeys(written, True)
    raise TypeError(f'{option} takes a set of field names or a mapping of them, not {written!r}. Write {option}={{"name"}}.')


def _meaning(option: str, within: object) -> object:
    if within is None:
        return None
    return True if within is True or within is ... else _entries(option, within)


def _filter_within(include: dict[object, object] | None, exclude: dict[object, object] | None, name: object) -> Filter | None:
    left_out = _named_in(exclude, name)
    if True in left_out:
        return None
    taken = _named_in(include, name)
    if include is not None and not taken:
        return None
    included = None if True in taken or None in taken else _merged(taken)
    return _filter(included, _merged([within for within in left_out if within is not None]))


def _named_in(entries: dict[object, object] | None, name: object) -> list[object]:
    """What is written for a name, and what is written for all of them."""
    if entries is None:
        return []
    return [entries[key] for key in (name, _ALL) if key in entries]


def _merged(all_entries: list[object]) -> dict[object, object] | None:
    if not all_entries:
        return None
    merged: dict[object, object] = {}
    for entries in all_entries:
        for name, within in cast("dict[object, object]", entries).items():
            known = merged.get(name, within)
            if isinstance(known, dict) and isinstance(within, dict) and known is not within:
                merged[name] = _merged([known, within])
            else:
                merged[name] = True if known is True else within
    return merged
