"""How single values leave."""

from __future__ import annotations

import datetime
import enum
import pathlib
from typing import Annotated, Any, Literal

import msgspec

from fasterapi.binding.markers import MISSING
from tests.binding.results_oracle import faults, sent


class Files(msgspec.Struct):
    content: bytes
    kept: datetime.timedelta
    path: pathlib.PurePosixPath


class Colour(enum.Enum):
    RED = "red"


class Raw(enum.Enum):
    BYTES = b"bytes"


class Score:
    """As the numbers of NumPy are."""

    def __float__(self) -> float:
        return 0.5


class Count:
    def __index__(self) -> int:
        return 5


def test_formats_that_the_encoder_does_not_know() -> None:
    files = Files(b"text", datetime.timedelta(days=400, seconds=1), pathlib.PurePosixPath("/a"))
    assert sent(Files, files) == {"content": "text", "kept": "P1Y35DT1S", "path": "/a"}


def test_bytes_that_are_no_text_are_refused() -> None:
    assert faults(bytes, b"\xff")[0]["type"] == "bytes_invalid_encoding"


def test_subclasses_of_single_types_are_sent_as_the_type() -> None:
    class Text(str):
        __slots__ = ()

    class Moment(datetime.datetime):
        pass

    assert sent(str, Text("a")) == "a"
    assert sent(datetime.datetime, Moment(2020, 1, 2)) == "2020-01-02T00:00:00"
    assert sent(dict[str, Any], {"a": Text("b")}) == {"a": "b"}


def test_enum_members() -> None:
    assert sent(list[Colour], [Colour.RED, "red"]) == ["red", "red"]
    assert sent(Raw, Raw.BYTES) == "bytes"


def test_literal() -> None:
    assert sent(Literal["a", 1], "a") == "a"
    assert faults(Literal["a", 1], "b")[0]["type"] == "literal_error"


def test_bounds_hold_for_results() -> None:
    bounded = msgspec.defstruct("Bounded", [("a", Annotated[int, msgspec.Meta(ge=1)])])
    assert faults(bounded, bounded(0))[0]["type"] == "greater_than_equal"
    assert faults(Annotated[list[int], msgspec.Meta(max_length=1)], [1, 2])[0]["type"] == "too_long"
    assert faults(Annotated[dict[str, int], msgspec.Meta(min_length=1)], {})[0]["type"] == "too_short"
    aware = Annotated[datetime.datetime, msgspec.Meta(tz=True)]
    assert faults(aware, datetime.datetime(2020, 1, 1))[0]["type"] == "timezone_aware"  # noqa: DTZ001


def test_objects_that_stand_for_numbers() -> None:
    model = msgspec.defstruct("Scored", [("score", float), ("count", int)])
    assert sent(model, {"score": Score(), "count": Count()}) == {"score": 0.5, "count": 5}
    assert sent(MISSING, [Score(), Count()]) == [0.5, 5]
