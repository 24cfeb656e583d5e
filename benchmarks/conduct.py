"""How a contender keeps the contract: checked before it is measured, and shown beside its figures."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Final, Literal, TypeAlias, TypedDict

from benchmarks.contract import Ask, Endpoint, WrongAnswerError, names_all_faults, verify

Mark: TypeAlias = Literal["n", "h", "1"]

LEGEND: Final[dict[Mark, str]] = {
    "n": "n = no checks: takes a wrong value, or breaks on it with a 500",
    "h": "h = by hand: the framework has no such feature, the handler does the work",
    "1": "1 = names only the first of several mistakes",
}


class Conduct(TypedDict):
    """What there is to say beside a contender's figures, each a list of endpoint names."""

    unchecked: list[str]
    by_hand: list[str]
    first_only: list[str]
    absent: list[str]


def observe(endpoints: Iterable[Endpoint], by_hand: Iterable[str], ask: Ask, cannot: Collection[str] = ()) -> Conduct:
    """Ask all that the contract demands, but for what it `cannot` do; `WrongAnswerError` where an answer is wrong."""
    conduct = Conduct(unchecked=[], by_hand=sorted(by_hand), first_only=[], absent=[])
    for endpoint in endpoints:
        if endpoint.name in cannot:
            conduct["absent"].append(endpoint.name)
            continue
        try:
            checks = verify(endpoint, ask)
        except WrongAnswerError:
            if not endpoint.optional:
                raise
            conduct["absent"].append(endpoint.name)
            continue
        if not checks:
            conduct["unchecked"].append(endpoint.name)
        if not names_all_faults(endpoint, ask):
            conduct["first_only"].append(endpoint.name)
    return conduct


def marks_of(conduct: Conduct, endpoint: Endpoint) -> tuple[Mark, ...]:
    """The marks of one cell."""
    marks: list[Mark] = []
    if endpoint.name in conduct["unchecked"]:
        marks.append("n")
    if endpoint.name in conduct["by_hand"]:
        marks.append("h")
    if endpoint.name in conduct["first_only"]:
        marks.append("1")
    return tuple(marks)
