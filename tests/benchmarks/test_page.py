"""The page shows the figures that are committed, and its plots show them in proportion."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from tests.checkouts import CHECKOUT

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(autouse=True)
def importable(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let `benchmarks` be imported, with the checkout last on the path."""
    monkeypatch.setattr(sys, "path", [*sys.path, str(CHECKOUT)])


def plotted(*bars: tuple[str, float]) -> ElementTree.Element:
    from benchmarks.bars import Bar, plot

    return ElementTree.fromstring(plot("a < b & c", [Bar(label, value, f"{value}") for label, value in bars]))


def widths(document: ElementTree.Element) -> list[float]:
    return [float(bar.attrib["width"]) for bar in document.iter(f"{SVG}rect")]


def test_bars_are_as_long_as_their_values() -> None:
    short, long = widths(plotted(("long", 40.0), ("short", 10.0)))
    assert short * 4 == pytest.approx(long, rel=0.01)


def test_the_smallest_value_stands_on_top() -> None:
    texts = [text.text for text in plotted(("b", 2.0), ("a", 1.0)).iter(f"{SVG}text")]
    assert texts == ["a < b & c", "a", "1.0", "b", "2.0"]


def test_a_value_too_small_for_a_bar_still_has_one() -> None:
    assert widths(plotted(("nothing", 0.0001), ("much", 1000.0)))[0] == 1


def test_only_what_stands_between_the_marks_is_written() -> None:
    from benchmarks.page import filled

    page = "before\n<!-- figures: cpu -->\nold\n<!-- end -->\nbehind\n"
    assert filled(page, {"cpu": "new"}) == "before\n<!-- figures: cpu -->\nnew\n<!-- end -->\nbehind\n"


def test_the_page_shows_the_committed_figures() -> None:
    from benchmarks.page import DOCS, figures, filled

    page = (DOCS / "performance.md").read_text()
    assert filled(page, figures()) == page, "run `make bench-page`"


def test_the_plots_show_the_committed_figures() -> None:
    from benchmarks.page import DOCS, plots

    drawn = {path.name: path.read_text() for path in Path(DOCS, "plots").glob("*.svg")}
    assert drawn == plots(), "run `make bench-page`"


def test_every_plot_stands_on_the_page() -> None:
    from benchmarks.page import DOCS, plots

    page = (DOCS / "performance.md").read_text()
    assert set(re.findall(r"\(plots/([a-z0-9-]+\.svg)\)", page)) == set(plots())


def test_no_result_names_a_folder_of_a_machine() -> None:
    results: list[Any] = sorted(Path(CHECKOUT, "benchmarks", "results").glob("*.json"))
    assert results
    assert [path.name for path in results if re.search(r"/(home|root|tmp|work|usr)/", path.read_text())] == []
