"""Put the committed figures into `docs/performance.md`, as tables and as plots: `make bench-page` (see README.md).

The page keeps its text; what stands between `<!-- figures: NAME -->` and `<!-- end -->` is written here.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final, TypedDict

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.bars import Bar, plot
from benchmarks.conduct import LEGEND, Mark
from benchmarks.environment import Environment, summary

_ROOT: Final = Path(__file__).resolve().parent.parent
RESULTS: Final = _ROOT / "benchmarks" / "results"
DOCS: Final = _ROOT / "docs"
PYTHON: Final = "3.13.0"
"""The CPython whose figures are on the page."""

_OURS: Final = frozenset({"fasterapi", "fasterapi-stock", "fasterapi-pure"})
_TITLES: Final = {
    "fasterapi": "fasterapi",
    "fasterapi-stock": "fasterapi, uvicorn's protocol",
    "fasterapi-pure": "fasterapi, interpreted",
    "floor": "floor: httptools, canned bytes",
    "raw": "raw ASGI, uvicorn",
    "raw-granian": "raw ASGI, granian",
    "faster-api-web": "faster-api-web, uvicorn",
    "blacksheep": "BlackSheep, uvicorn",
    "falcon": "Falcon, uvicorn",
    "starlette": "Starlette, uvicorn",
    "sanic": "Sanic",
    "robyn": "Robyn",
    "litestar": "Litestar, uvicorn",
    "fastapi-granian": "FastAPI, granian",
    "fastapi": "FastAPI, uvicorn",
}
_FIGURES: Final = re.compile(r"(<!-- figures: ([a-z0-9 -]+) -->\n).*?(<!-- end -->)", re.DOTALL)


class CellContent(TypedDict):
    """A figure, as `report.to_json` writes it."""

    median: float
    spread: float
    ratio: float | None
    marks: list[Mark]


class TableContent(TypedDict):
    """Figures of all contenders."""

    title: str
    columns: dict[str, str]
    rows: dict[str, dict[str, CellContent]]


class ReportContent(TypedDict):
    """What one run wrote."""

    date: str
    settings: dict[str, int]
    environment: Environment
    tables: list[TableContent]
    missing: dict[str, str]


Form = Callable[[CellContent], str]


def main() -> int:
    """Write the plots and fill in the page."""
    page = DOCS / "performance.md"
    page.write_text(filled(page.read_text(), figures()))
    for name, content in plots().items():
        path = DOCS / "plots" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(content)
    return 0


def read(name: str) -> ReportContent:
    """The committed report of a mode."""
    content: ReportContent = json.loads((RESULTS / f"{name}-{PYTHON}.json").read_text())
    return content


def filled(page: str, content: Mapping[str, str]) -> str:
    """The page with these figures between its marks."""
    return _FIGURES.sub(lambda found: f"{found[1]}{content[found[2]]}\n{found[3]}", page)


def figures() -> dict[str, str]:
    """What belongs between the marks, by their names."""
    http, two = read("http"), read("http-2-workers")
    instructions, idle = read("instructions"), read("idle")
    return {
        "where": _where(http),
        "cpu": _by_case(http, "cpu", _with_ratio(1)),
        "rate": _by_case(http, "rate", _plain(0)),
        "p50": _by_case(http, "p50", _plain(2)),
        "p99": _by_case(http, "p99", _plain(2)),
        "two-cpu": _by_case(two, "cpu", _with_ratio(1)),
        "two-rate": _by_case(two, "rate", _plain(0)),
        "instructions": _table(instructions["tables"][0], _with_ratio(0)) + _remarks(instructions),
        "idle": _table(idle["tables"][0], _plain(2)),
    }


def plots() -> dict[str, str]:
    """The plots, by the names of their files."""
    http, instructions, idle = read("http"), read("instructions"), read("idle")
    drawn = {}
    for table in http["tables"]:
        unit = table["columns"]["cpu"].removeprefix("CPU µs per ")
        drawn[f"cpu-{_slug(table['title'])}.svg"] = _plot(f"{table['title']}: server CPU µs per {unit}", table, "cpu", _plain(1))
    first = http["tables"][0]
    drawn[f"p99-{_slug(first['title'])}.svg"] = _plot(f"{first['title']}: p99 in ms at 64 connections", first, "p99", _plain(2))
    counted = instructions["tables"][0]
    for column, title in counted["columns"].items():
        drawn[f"instructions-{_slug(title)}.svg"] = _plot(f"{title}: instructions of the server process", counted, column, _plain(0))
    drawn["idle.svg"] = _plot("KB of memory for a connection that rests", idle["tables"][0], "memory", _plain(2))
    return drawn


def _slug(title: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")


def _plot(title: str, table: TableContent, column: str, form: Form) -> str:
    bars = [
        Bar(_TITLES[name], cells[column]["median"], form(cells[column]), name in _OURS)
        for name, cells in table["rows"].items()
        if column in cells
    ]
    return plot(title, bars)


def _plain(decimals: int) -> Form:
    return lambda cell: f"{cell['median']:,.{decimals}f}"


def _with_ratio(decimals: int) -> Form:
    def form(cell: CellContent) -> str:
        ratio = cell["ratio"]
        ratio_text = "" if ratio is None else f"{ratio:.2f}x" if ratio < 10 else f"{ratio:.1f}x"
        return " ".join(filter(None, [f"{cell['median']:,.{decimals}f}", ratio_text, *cell["marks"]]))

    return form


def _where(report: ReportContent) -> str:
    versions = ", ".join(f"{name} {version}" for name, version in report["environment"]["versions"].items())
    return f"{summary(report['environment'])}\n\n{versions}"


def _by_case(report: ReportContent, column: str, form: Form) -> str:
    """One column of every table, side by side, with the widest spread below."""
    names = list(dict.fromkeys(name for table in report["tables"] for name in table["rows"]))
    rows = {name: [_text(table["rows"].get(name, {}).get(column), form) for table in report["tables"]] for name in names}
    spreads = [row[column]["spread"] / 2 for table in report["tables"] for row in table["rows"].values()]
    taken = report["settings"]
    note = f"{taken['rounds']} rounds of {taken['seconds']} s; half the distance between the quartiles is {_typical(spreads)}"
    remarks = _remarks(report) if column == "cpu" else ""
    return _markdown([table["title"] for table in report["tables"]], rows) + f"\n\n{note}.{remarks}"


def _typical(spreads: list[float]) -> str:
    middle = sorted(spreads)[len(spreads) // 2]
    return f"{middle:.0%} of a figure in the middle, {max(spreads):.0%} at most"


def _table(table: TableContent, form: Form) -> str:
    rows = {name: [_text(cells.get(column), form) for column in table["columns"]] for name, cells in table["rows"].items()}
    return _markdown(list(table["columns"].values()), rows)


def _text(cell: CellContent | None, form: Form) -> str:
    return "" if cell is None else form(cell)


def _markdown(titles: list[str], rows: Mapping[str, list[str]]) -> str:
    lines = [["", *titles], ["---", *["---:"] * len(titles)]]
    lines += [[f"**{_TITLES[name]}**" if name in _OURS else _TITLES[name], *texts] for name, texts in rows.items()]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _remarks(report: ReportContent) -> str:
    """The marks that are used, and who is not in the tables."""
    used = {mark for table in report["tables"] for cells in table["rows"].values() for cell in cells.values() for mark in cell["marks"]}
    remarks = [text for mark, text in LEGEND.items() if mark in used] + [f"not measured: {reason}" for reason in report["missing"].values()]
    return "".join(f"\n- {remark}" for remark in remarks).replace("\n", "\n\n", 1)


if __name__ == "__main__":
    sys.exit(main())
