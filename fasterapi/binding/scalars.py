"""Text from path, query, header, cookie and form becomes the scalar that the handler declared."""

from __future__ import annotations

from typing import Final

from fasterapi.binding.constraints import Constraints
from fasterapi.errors import ErrorItem, Location

FAIL: Final = object()
"""Stands for "no value": the text was refused."""


class Converter:
    """Turns text into one scalar type, or says in FastAPI's words why it cannot."""

    def convert(self, text: str) -> object:
        """The value, or `FAIL`. Never raises."""
        raise NotImplementedError

    def explain(self, text: str, location: Location) -> list[ErrorItem]:
        """Why `convert` refused this text: at least one item."""
        raise NotImplementedError


def converter_for(annotation: object, constraints: Constraints) -> Converter | None:
    """The converter of a scalar annotation, `None` where it is no scalar (a list, a model …)."""
    raise NotImplementedError
