"""Results as tables for a terminal or a Markdown page, and as JSON for other programs."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from benchmarks.conduct import LEGEND, Mark
from benchmarks.environment import Environment, summary
from benchmarks.figures import Figure


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
    settings: dict[str, int]
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
        "rows": {name: {column: _cell_content(cell) for column, cell in cells.items()} for name, cells in table.rows.items()},
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
        columns = [_aligned_column(table, column) for column in table.columns]
        names = _pad(["", *table.rows], str.ljust)
        lines = ["   ".join(cells).rstrip() for cells in zip(names, *columns, strict=True)]
        parts.append("\n".join([table.title, "-" * max(map(len, lines)), *lines]))
    return "\n\n".join([*parts, "\n".join(_remarks(report))]) + "\n"


def _aligned_column(table: Table, column: Column) -> list[str]:
    """The column's title and cells, all of one width, with the parts of the cells under each other."""
    cells = [_cell_parts(row.get(column.name), column) for row in table.rows.values()]
    parts = [_pad([cell[index] for cell in cells], str.rjust) for index in range(_CELL_PARTS)]
    lines = [" ".join(part for part in line if part) for line in zip(*parts, strict=True)]
    return _pad([column.title, *lines], str.rjust)


def _pad(texts: list[str], justify: Callable[[str, int], str]) -> list[str]:
    width = max(map(len, texts), default=0)
    return [justify(text, width) for text in texts]


def to_markdown(report: Report) -> str:
    """Tables for a Markdown page."""
    parts = [summary(report.environment)]
    for table in report.tables:
        rows = [["", *(column.title for column in table.columns)], ["---", *["---:"] * len(table.columns)]]
        for name, cells in table.rows.items():
            texts = [_cell_parts(cells.get(column.name), column) for column in table.columns]
            rows.append([name, *(" ".join(filter(None, text)) for text in texts)])
        parts.append("\n".join([f"**{table.title}**", "", *(f"| {' | '.join(row)} |" for row in rows)]))
    return "\n\n".join([*parts, "\n".join(f"- {remark}" for remark in _remarks(report))]) + "\n"


_CELL_PARTS: Final = 4


def _cell_parts(cell: Cell | None, column: Column) -> tuple[str, str, str, str]:
    """Value, spread, ratio and marks, each empty where there is none."""
    if cell is None:
        return ("-", "", "", "")
    return (
        f"{cell.figure.median:,.{column.decimals}f}",
        f"±{cell.figure.spread / 2:.0%}" if len(cell.figure.rounds) > 1 else "",
        "" if cell.ratio is None else f"{cell.ratio:.2f}x" if cell.ratio < 10 else f"{cell.ratio:.1f}x",
        " ".join(cell.marks),
    )


def _remarks(report: Report) -> list[str]:
    used = {mark for table in report.tables for cells in table.rows.values() for cell in cells.values() for mark in cell.marks}
    remarks = [*report.notes, *(text for mark, text in LEGEND.items() if mark in used)]
    return remarks + [f"not measured: {reason}" for reason in report.missing.values()]
