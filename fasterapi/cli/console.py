"""What people see in a terminal: tables, and numbers with their nouns."""

# Interpreted: see `fasterapi.cli`.

from __future__ import annotations

from collections.abc import Sequence

import click


def counted(count: int, noun: str) -> str:
    """A number with its noun."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """The lines of a table, as wide as its widest cells; the last column ends where it ends."""
    widths = [max(len(row[column]) for row in [headings, *rows]) for column in range(len(headings))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in [headings, *rows]]
    return [click.style(lines[0], bold=True), *lines[1:]]
