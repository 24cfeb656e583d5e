"""The schemas that stand once in the document and are referred to by name, and how two of one name are told apart."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection
from typing import Any, Final, final

import msgspec

from fasterapi.openapi.json_values import Json

INPUT: Final = 0
"""What a request gives."""
OUTPUT: Final = 1
"""What an answer gives."""

PREFIX: Final = "#/components/schemas/"

_MODE_TITLES: Final = ("Input", "Output")
_UNNAMEABLE: Final = re.compile(r"[^a-zA-Z0-9.\-_]")
_MOST_ROUNDS: Final = 100

_digest: Final = msgspec.json.Encoder(order="sorted").encode


@final
class Component:
    """One model, enum or alias: its definition in each direction in which it is used."""

    def __init__(self, annotation: object, index: int, name: str, path: str) -> None:
        self.annotation = annotation
        self.name: Final = component_name(name)
        self.path: Final = component_name(path)
        """The name with the path of its module."""
        self.definitions: list[Json | None] = [None, None]
        self.depends_on_direction: bool = False
        """Whether requests give something else than answers, in this or in something that it refers to."""
        self.refers: Final[set[Component]] = set()
        """Those that it refers to."""
        self.used: Final = [False, False]
        self._placeholder: Final = f"{PREFIX}\0{index}"

    def placeholder(self, mode: int) -> str:
        """What stands for its name in the document until all names are known."""
        return f"{self._placeholder}\0{mode}"

    def lacks(self, mode: int) -> bool:
        """Whether it needs a definition for a direction that it has none for."""
        return self.depends_on_direction and self.used[mode] and self.definitions[mode] is None


@final
class _Entry:
    """One definition that gets a name of its own."""

    def __init__(self, component: Component, modes: list[int], number: int) -> None:
        self.modes: Final = modes
        self.definition: Final[Json] = component.definitions[modes[0]] or {}
        self.placeholders: Final = [component.placeholder(mode) for mode in (modes if component.depends_on_direction else (INPUT, OUTPUT))]
        names = [component.name]
        if len(modes) == 1:
            names.append(f"{component.name}-{_MODE_TITLES[modes[0]]}")
        names.append(component.path)
        if len(modes) == 1:
            names.append(f"{component.path}-{_MODE_TITLES[modes[0]]}")
        names.append(f"{component.path}__{number}")
        self.names: Final = names
        """The names that it may get, the one that is wanted most first."""
        self.name = names[-1]


def component_name(name: str) -> str:
    """The name with nothing in it that a reference cannot carry."""
    return _UNNAMEABLE.sub("_", name).replace(".", "__")


def spread(components: list[Component]) -> None:
    """Pass on to each component what holds for those that it refers to, and to these how it is used."""
    changed = True
    while changed:
        changed = False
        for component in components:
            for other in component.refers:
                if other.depends_on_direction and not component.depends_on_direction:
                    component.depends_on_direction = changed = True
                for mode in (INPUT, OUTPUT):
                    if component.used[mode] and not other.used[mode]:
                        other.used[mode] = changed = True


def _resolved(value: Any, names: dict[str, str]) -> Any:
    """The value with each placeholder replaced by the reference that it stands for."""
    if isinstance(value, str):
        return names.get(value, value)
    if isinstance(value, dict):
        return {key: _resolved(item, names) for key, item in value.items()}
    if isinstance(value, list):
        return [_resolved(item, names) for item in value]
    return value


@final
class NamedComponents:
    """The definitions by their names, with placeholders in them, and the reference for each placeholder."""

    def __init__(self, components: list[Component], taken: Collection[str]) -> None:
        """No component gets one of the names that are taken."""
        entries: list[_Entry] = []
        for number, component in enumerate(components):
            modes = [mode for mode in (INPUT, OUTPUT) if component.used[mode]]
            if component.depends_on_direction:
                entries.extend([_Entry(component, [mode], number) for mode in modes])
            elif modes:
                if component.definitions[modes[0]] is None:
                    modes.reverse()
                entries.append(_Entry(component, modes, number))
        _choose_names(entries, taken)
        self.references: Final[dict[str, str]] = {}
        for entry in entries:
            for placeholder in entry.placeholders:
                self.references[placeholder] = PREFIX + entry.name
        titles = Counter({entry.name: entry.definition.get("title") for entry in entries}.values())
        self.definitions: Final[dict[str, Json]] = {}
        for entry in entries:
            definition = entry.definition
            if titles[definition.get("title")] > 1 and "title" in definition:
                # Generators of clients name their classes by titles.
                definition = {**definition, "title": entry.name}
            self.definitions[entry.name] = definition


def _choose_names(entries: list[_Entry], taken: Collection[str]) -> None:
    """Give each entry the first of its names that no other definition wants; equal definitions share a name.

    Whether two are equal depends on the names of what they refer to, so this goes on until no name changes.
    """
    wanted_by: dict[str, list[_Entry]] = {}
    for entry in entries:
        for name in entry.names:
            wanted_by.setdefault(name, []).append(entry)
    disputed: list[_Entry] = []
    for entry in entries:
        if len(wanted_by[entry.names[0]]) == 1 and entry.names[0] not in taken:
            entry.name = entry.names[0]
        else:
            disputed.append(entry)
    if not disputed:
        return
    for _ in range(_MOST_ROUNDS):
        references = {placeholder: entry.name for entry in entries for placeholder in entry.placeholders}
        digests = {id(entry): _digest(_resolved(entry.definition, references)) for entry in disputed}
        is_stable = True
        for entry in disputed:
            name = _first_undisputed(entry, wanted_by, digests, taken)
            if name != entry.name:
                entry.name = name
                is_stable = False
        if is_stable:
            return


def _first_undisputed(entry: _Entry, wanted_by: dict[str, list[_Entry]], digests: dict[int, bytes], taken: Collection[str]) -> str:
    digest = digests[id(entry)]
    for name in entry.names:
        if name not in taken and all(digests.get(id(other)) == digest for other in wanted_by[name]):
            return name
    return entry.names[-1]
