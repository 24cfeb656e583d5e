"""Findings, as users read them: at their own file and line."""

# Interpreted: see `fasterapi.check`.

from __future__ import annotations

from dataclasses import dataclass

from fasterapi.check.sources import Place


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One thing that was found."""

    file: str
    line: int
    text: str
    code: str


class Findings:
    """What was found so far. What many routes have in common is one finding, which says how many they are."""

    def __init__(self) -> None:
        self._routes: dict[Finding, set[str]] = {}

    def add(self, place: Place | None, text: str, *, code: str = "", route: str = "") -> None:
        """Keep a finding; it has no place where nothing of it was written in Python."""
        file, line = ("", 0) if place is None else place
        self._routes.setdefault(Finding(file, line, text, code), set()).add(route)

    def lines(self) -> list[str]:
        """The findings by file and line: `main.py:41: handler read_items: … [arg-type]`."""
        return [_line(finding, len(self._routes[finding])) for finding in sorted(self._routes)]


def _line(finding: Finding, routes: int) -> str:
    place = f"{Place(finding.file, finding.line)}: " if finding.file else ""
    shared = f", in {routes} routes" if routes > 1 else ""
    code = f" [{finding.code}]" if finding.code else ""
    return f"{place}{finding.text.removesuffix('.')}{shared}{code}"
