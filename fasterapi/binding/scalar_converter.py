"""What every converter of a scalar is."""

from __future__ import annotations

from typing import Final

from fasterapi.errors import ErrorItem, Location

FAIL: Final = object()
"""Stands for "no value": the text was refused."""

NUMBERS: Final = 1
"""The values of a converter have the order of numbers."""
TEXTS: Final = 2
"""The values of a converter are text."""
OTHERS: Final = 0
"""The values of a converter take no general constraint; those that they do take it knows itself."""


class Converter:
    """Turns text into one scalar type, or says in FastAPI's words why it cannot.

    `label` names the converter in the error locations of a union; `is_exact` says that text is what the type means already,
    which a union prefers to any conversion; `nature` says which constraints can be put on its values from outside.
    """

    def __init__(self, label: str, is_exact: bool, nature: int) -> None:
        self.label: Final = label
        self.is_exact: Final = is_exact
        self.nature: Final = nature

    def convert(self, text: str) -> object:
        """The value, or `FAIL`. Never raises."""
        raise NotImplementedError

    def explain(self, text: str, location: Location) -> list[ErrorItem]:
        """Why `convert` refuses this text; empty where it does not."""
        raise NotImplementedError
