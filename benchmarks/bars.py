"""Horizontal bars as SVG: readable on light and dark pages, and the same bytes for the same figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from xml.sax.saxutils import escape

_WIDTH: Final = 800
_LABELS: Final = 230
_VALUES: Final = 130
_HEAD: Final = 46
_STEP: Final = 26
_BAR: Final = 16
_STYLE: Final = (
    "text{font:13px system-ui,sans-serif;fill:#24292f}"
    ".title{font-weight:600;font-size:15px}"
    ".bar{fill:#8c959f}"
    ".ours{fill:#1a7f37}"
    "@media(prefers-color-scheme:dark){text{fill:#e6edf3}.bar{fill:#6e7681}.ours{fill:#3fb950}}"
)


@dataclass(frozen=True)
class Bar:
    """One line of a plot."""

    label: str
    value: float
    text: str
    """What stands behind the bar."""
    ours: bool = False


def plot(title: str, bars: Sequence[Bar]) -> str:
    """An SVG document, the smallest value on top."""
    height = _HEAD + _STEP * len(bars)
    longest = max(bar.value for bar in bars)
    room = _WIDTH - _LABELS - _VALUES
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" width="{_WIDTH}" height="{height}" role="img">',
        f"<title>{escape(title)}</title>",
        f"<style>{_STYLE}</style>",
        f'<text class="title" x="8" y="24">{escape(title)}</text>',
    ]
    for number, bar in enumerate(sorted(bars, key=lambda bar: bar.value)):
        top = _HEAD + _STEP * number
        # A bar that cannot be seen would say that nothing was measured.
        length = max(room * bar.value / longest, 1)
        lines += [
            f'<text x="{_LABELS - 8}" y="{top + 13}" text-anchor="end">{escape(bar.label)}</text>',
            f'<rect class="{"bar ours" if bar.ours else "bar"}" x="{_LABELS}" y="{top}" width="{length:.1f}" height="{_BAR}" rx="2"/>',
            f'<text x="{_LABELS + length + 8:.1f}" y="{top + 13}">{escape(bar.text)}</text>',
        ]
    return "\n".join([*lines, "</svg>"]) + "\n"
