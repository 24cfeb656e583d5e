"""How a contender keeps the contract: checked before it is measured, and shown beside its figures."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Literal, TypeAlias, TypedDict

from benchmarks.contract import Ask, Endpoint, verify

Mark: TypeAlias = Literal["n", "h"]

LEGEND: Final[dict[Mark, str]] = {
    "n": "n = no checks: takes a wrong value, or breaks on it with a 500",
    "h": "h = by hand: the framework has no such feature, the handler does the work",
}


class Conduct(TypedDict):
    """What there is to say beside a contender's figures, each a list of endpoint names."""

    unchecked: list[str]
    by_hand: list[str]


def observe(endpoints: Iterable[Endpoint], by_hand: Iterable[str], ask: Ask) -> Conduct:
    """Ask all that the contract demands; `WrongAnswerError` where an answer is wrong."""
    unchecked = [endpoint.name for endpoint in endpoints if not verify(endpoint, ask)]
    return Conduct(unchecked=unchecked, by_hand=sorted(by_hand))


def marks_of(conduct: Conduct, endpoint: Endpoint) -> tuple[Mark, ...]:
    """The marks of one cell."""
    marks: list[Mark] = []
    if endpoint.name in conduct["unchecked"]:
        marks.append("n")
    if endpoint.name in conduct["by_hand"]:
        marks.append("h")
    return tuple(marks)
