"""Results as tables for a terminal or a Markdown page, and as JSON for other programs."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final, Literal, TypeAlias

from benchmarks.environment import Environment, summary
from benchmarks.figures import Figure

Mark: TypeAlias = Literal["n", "h"]

_LEGEND: Final[dict[Mark, str]] = {
    "n": "n = no checks: accepts a wrong value, or breaks on it with a 500",
    "h": "h = by hand: the framework has no such feature, the handler does the work",
}


@dataclass(frozen=True)
class Column:
    """One kind of figure."""

    name: str
    title: str
    decimals: int = 1


@dataclass(frozen=True)
class Cell:
    """One figure of one contender."""

    figure: Figure
    ratio: float | None = None
    marks: tuple[Mark, ...] = ()


@dataclass
class Table:
    """Contenders by columns; `rows` holds a cell for each column's name, and none where a contender has no figure."""

    title: str
    columns: tuple[Column, ...]
    rows: dict[str, dict[str, Cell]] = field(default_factory=dict)


@dataclass
class Report:
    """All that one run found."""

    mode: str
    settings: dict[str, int | float | str]
    notes: list[str]
    tables: list[Table]
    environment: Environment
    missing: dict[str, str]
    """Contenders without figures, with the reason."""


def to_json(report: Report) -> str:
    """The whole report, every round of every figure included."""
    content = {
        "mode": report.mode,
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "settings": report.settings,
        "environment": report.environment,
        "notes": report.notes,
        "tables": [_table_content(table) for table in report.tables],
        "missing": report.missing,
    }
    return json.dumps(content, indent=1) + "\n"


def _table_content(table: Table) -> dict[str, object]:
    return {
        "title": table.title,
        "columns": {column.name: column.title for column in table.columns},
        "rows": {
            name: {column: _cell_content(cell) for column, cell in cells.items()} for name, cells in table.rows.items()
        },
    }


def _cell_content(cell: Cell) -> dict[str, object]:
    return {
        "median": round(cell.figure.median, 4),
        "spread": round(cell.figure.spread, 4),
        "ratio": None if cell.ratio is None else round(cell.ratio, 3),
        "marks": list(cell.marks),
        "rounds": [round(value, 4) for value in cell.figure.rounds],
    }


def to_text(report: Report) -> str:
    """Aligned columns for a terminal."""
    parts = [summary(report.environment)]
    for table in report.tables:
        grid = _grid(table)
        widths = [max(len(row[index]) for row in grid) for index in range(len(grid[0]))]
        lines = ["  ".join(_align(text, width, index) for index, (text, width) in enumerate(zip(row, widths, strict=True))) for row in grid]
        parts.append("\n".join([table.title, "-" * len(lines[0]), *lines]))
    return "\n\n".join([*parts, "\n".join(_remarks(report))]) + "\n"


def _align(text: str, width: int, index: int) -> str:
    return text.ljust(width) if index == 0 else text.rjust(width)


def to_markdown(report: Report) -> str:
    """Tables for a Markdown page."""
    parts = [summary(report.environment)]
    for table in report.tables:
        head, *rows = _grid(table)
        rule = ["---", *["---:"] * len(table.columns)]
        parts.append("\n".join([f"**{table.title}**", "", *(f"| {' | '.join(row)} |" for row in (head, rule, *rows))]))
    return "\n\n".join([*parts, "\n".join(f"- {remark}" for remark in _remarks(report))]) + "\n"


def _grid(table: Table) -> list[list[str]]:
    grid = [["", *(column.title for column in table.columns)]]
    for name, cells in table.rows.items():
        grid.append([name, *(_cell_text(cells.get(column.name), column) for column in table.columns)])
    return grid


def _cell_text(cell: Cell | None, column: Column) -> str:
    if cell is None:
        return "-"
    parts = [f"{cell.figure.median:,.{column.decimals}f}"]
    if len(cell.figure.rounds) > 1:
        parts.append(f"±{cell.figure.spread / 2:.0%}")
    if cell.ratio is not None:
        parts.append(f"{cell.ratio:.3g}x")
    parts.extend(cell.marks)
    return " ".join(parts)


def _remarks(report: Report) -> list[str]:
    used = {mark for table in report.tables for cells in table.rows.values() for cell in cells.values() for mark in cell.marks}
    remarks = [*report.notes, *(text for mark, text in _LEGEND.items() if mark in used)]
    return remarks + [f"not measured: {reason}" for reason in report.missing.values()]
