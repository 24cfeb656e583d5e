"""What FastAPI makes of a text, and what we make of it, in one shape: FastAPI is asked what is right."""

from __future__ import annotations

import datetime
import functools
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

import pydantic
from fastapi.encoders import jsonable_encoder
from hypothesis import strategies as st

from fasterapi.binding.constraints import Constraints
from fasterapi.binding.scalars import FAIL, Converter, converter_for

LOCATION = ("query", "x")


@dataclass(frozen=True)
class Outcome:
    """A value with its type, or the error items as JSON holds them."""

    value: object = None
    items: object = None

    @property
    def is_refused(self) -> bool:
        return self.items is not None


def ours(annotation: Any, text: str, bounds: Mapping[str, Any]) -> Outcome:
    """The converter's outcome; `convert` and `explain` must not contradict each other."""
    converter = _converter(annotation, tuple(bounds.items()))
    value = converter.convert(text)
    items = converter.explain(text, LOCATION)
    assert (value is FAIL) == bool(items)
    return Outcome(items=jsonable_encoder(items)) if value is FAIL else Outcome(_comparable(value))


def fastapis(annotation: Any, text: str, bounds: Mapping[str, Any]) -> Outcome | None:
    """FastAPI's outcome, `None` where it answers with status 500."""
    adapter = _adapter(annotation, tuple(bounds.items()))
    try:
        return Outcome(_comparable(adapter.validate_python(text)))
    except pydantic.ValidationError as error:
        items = [{**item, "loc": (*LOCATION, *item["loc"])} for item in error.errors(include_url=False)]
        return Outcome(items=jsonable_encoder(items))
    except (OverflowError, TypeError):
        return None


@functools.cache
def _converter(annotation: Any, bounds: tuple[tuple[str, Any], ...]) -> Converter:
    converter = converter_for(annotation, Constraints(**dict(bounds)))
    assert converter is not None
    return converter


@functools.cache
def _adapter(annotation: Any, bounds: tuple[tuple[str, Any], ...]) -> pydantic.TypeAdapter[Any]:
    return pydantic.TypeAdapter(Annotated[annotation, pydantic.Field(**dict(bounds))] if bounds else annotation)


def _comparable(value: object) -> tuple[type, object]:
    if isinstance(value, float) and math.isnan(value):
        return float, "nan"
    if isinstance(value, (datetime.datetime, datetime.time)):
        # Pydantic has time zones of its own class.
        return type(value), (value.replace(tzinfo=None), value.utcoffset())
    return type(value), repr(value)


def texts_near(seeds: list[str], alphabet: str) -> st.SearchStrategy[str]:
    """Well-formed texts with a few characters put in, taken out or changed."""
    edit = st.tuples(st.integers(0, 60), st.sampled_from(["put in", "take out", "change"]), st.sampled_from(alphabet))
    return st.builds(_edited, st.sampled_from(seeds), st.lists(edit, max_size=3))


def _edited(text: str, edits: list[tuple[int, str, str]]) -> str:
    for place, what, character in edits:
        at = place % (len(text) + 1)
        text = text[:at] + ("" if what == "take out" else character) + text[at if what == "put in" else at + 1 :]
    return text
