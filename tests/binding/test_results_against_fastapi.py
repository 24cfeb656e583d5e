"""The same results, for the same models, by FastAPI and by this package."""

from __future__ import annotations

import collections
import dataclasses
import datetime
import decimal
import enum
import ipaddress
import pathlib
import re
import types
import uuid
from collections.abc import Callable
from typing import Any, NamedTuple

import msgspec
import pydantic
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from typing_extensions import TypedDict

from fasterapi.binding.markers import MISSING
from fasterapi.binding.results import DIFFERENCES
from tests.binding.body_oracle import twins
from tests.binding.results_oracle import REFUSED, answer, right_answer
from tests.side_by_side import SideBySide

UTC = datetime.UTC
NO_ZONE = None
# Types that are made at run time are no types for checkers.
LIST: Any = list
TUPLE: Any = tuple
DICT: Any = dict


OPTIONS: list[dict[str, Any]] = [
    {},
    {"exclude_unset": True},
    {"exclude_defaults": True},
    {"exclude_none": True},
    {"include": {"a"}},
    {"include": {"inner", "items", 0}},
    {"include": {"inner": {"a"}, "items": {0: {"a"}}, "named": {"k": ...}, 0: {"a", "z"}, "x": {"a"}}},
    {"include": {"inner": {"a": True}, "items": {"__all__": {"b"}}, -1: True}},
    {"include": set()},
    {"exclude": {"a", "inner", 0}},
    {"exclude": {"inner": {"a"}, "items": {-1: {"a"}}, "named": {"k": {"b"}}, "entry": True, "__all__": {"c"}}},
    {"include": {"inner", "items"}, "exclude": {"inner": {"b"}, "items": {0}}},
    {"exclude_none": True, "exclude_defaults": True, "by_alias": False},
]


class Text(str):
    __slots__ = ()


class Number(int):
    pass


class Fraction(float):
    pass


class Colour(enum.StrEnum):
    RED = "red"
    ONE = "1"


class Level(enum.IntEnum):
    LOW = 1


class Mixed(enum.Enum):
    TEXT = "x"
    NUMBER = 1


SINGLE_VALUES = [
    None, True, False, 0, 1, -1, 2**70, 0.0, 1.5, 2.0, "1", "x", "red", Text("x"), Number(1), Fraction(1.0), b"1", b"x", bytearray(b"x"),
    decimal.Decimal(1), decimal.Decimal("1.5"), decimal.Decimal("1E+2"), Colour.RED, Colour.ONE, Level.LOW, Mixed.TEXT,
    datetime.datetime(2020, 1, 2, tzinfo=NO_ZONE), datetime.datetime(2020, 1, 2, 3, 4, 5, 6, tzinfo=UTC), datetime.date(2020, 1, 2),
    datetime.datetime(2020, 1, 2, tzinfo=datetime.timezone(datetime.timedelta(hours=5, minutes=30))),
    datetime.time(1, 2, 3), datetime.time(1, 2, 3, 4, tzinfo=UTC), datetime.timedelta(0), datetime.timedelta(400, 3661, 500_000),
    datetime.timedelta(-1), datetime.timedelta(microseconds=-1), datetime.timedelta(days=999_999_999),
    uuid.UUID(int=5), uuid.UUID(int=5).bytes, str(uuid.UUID(int=5)), pathlib.PurePosixPath("/a"), ipaddress.ip_address("1.1.1.1"),
    "2020-01-02", "2020-01-02T03:04:05Z", "03:04:05", "P1DT1H", float("inf"), object(), [1], (1,), {1}, {"a": 1},
]  # fmt: skip

SINGLE_TYPES: list[Any] = [
    str, int, float, bool, bytes, decimal.Decimal, datetime.datetime, datetime.date, datetime.time, datetime.timedelta, uuid.UUID,
    Colour, Level, Mixed, pathlib.PurePosixPath, ipaddress.IPv4Address, type(None), list[int], set[int], tuple[int, ...], dict[str, int],
]  # fmt: skip


@pytest.mark.parametrize("model", SINGLE_TYPES, ids=str)
def test_every_kind_of_value_for_every_type(model: Any) -> None:
    for value in SINGLE_VALUES:
        if (model in {Level, Mixed} and value == 2**70) or (model in {int, Level} and value is Mixed.TEXT):
            continue  # DIFFERENCES names them, here and in scalars.py
        expected = right_answer(model, value)
        found = answer(model, value)
        assert found == expected or _is_refusal(found, expected), value


def _is_refusal(found: object, expected: object) -> bool:
    """Whether both refuse, and FastAPI for a reason that it does not tell as a fault."""
    return expected == REFUSED and isinstance(found, list) and isinstance(found[0], tuple)


UNDECLARED: list[Any] = [
    None, True, 1, 2**70, 1.5, "x", Text("x"), Number(1), Fraction(1.5), b"x", decimal.Decimal("1.10"), decimal.Decimal(1),
    decimal.Decimal("1E+2"), decimal.Decimal("1E-10"), Colour.RED, Level.LOW, Mixed.NUMBER, datetime.datetime(2020, 1, 2, tzinfo=NO_ZONE),
    datetime.datetime(2020, 1, 2, 3, 4, 5, 6, tzinfo=UTC), datetime.date(2020, 1, 2), datetime.time(1, 2, tzinfo=UTC),
    datetime.timedelta(1, 5), uuid.UUID(int=5), pathlib.PurePosixPath("/a"), ipaddress.ip_network("10.0.0.0/8"), re.compile("a+"),
    [1, "x", None], (1, 2), {1}, frozenset({1}), collections.deque([1, 2]), {"a": {"b": [1]}}, {1: 2, 1.5: 3, Colour.RED: 5}, {True: 4},
    {uuid.UUID(int=5): 1, datetime.date(2020, 1, 2): 2, decimal.Decimal("1.5"): 3}, collections.OrderedDict(a=1), {"a": Text("x")},
    types.SimpleNamespace(a=1, b=[decimal.Decimal(1)]), [types.SimpleNamespace(a={"b": datetime.timedelta(1)})],
    pydantic.create_model("Model", a=(decimal.Decimal, ...))(a=1), pydantic.SecretStr("x"), [pydantic.AnyUrl("http://a.b/")],
    float("nan"), [float("inf")], object(), type("Klass", (), {}), {"_sa_state": 1, "a": {"_sa_state": object()}},
]  # fmt: skip


def shown(value: object) -> str:
    """The value without the address that it happens to have."""
    return repr(value).partition(" at 0x")[0]


@pytest.mark.parametrize("value", UNDECLARED, ids=shown)
def test_values_of_handlers_that_declare_nothing(value: object) -> None:
    expected = right_answer(MISSING, value)
    found = answer(MISSING, value)
    assert found == expected or _is_refusal(found, expected)


@pytest.mark.parametrize("value", [value for value in UNDECLARED if not isinstance(value, pathlib.PurePath)], ids=shown)
def test_values_of_any_type(value: object) -> None:
    expected = right_answer(Any, value)
    found = answer(Any, value)
    assert found == expected or _is_refusal(found, expected)


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_generated_results(data: st.DataObject) -> None:
    twin = data.draw(twins())
    assume("Sequence[typing.Any]" not in repr(twin.ours))
    value = data.draw(twin.values)
    assert answer(twin.ours, value) == right_answer(twin.theirs, value)


@st.composite
def makers(draw: st.DrawFn, value: Any) -> Callable[[], Any]:
    """What makes a Python value that could stand for a JSON value."""
    if isinstance(value, list):
        items = [draw(makers(item)) for item in value]
        make: Any = draw(st.sampled_from([list, tuple, collections.deque, list]))
        return lambda: make([item() for item in items])
    if isinstance(value, dict):
        entries = {key: draw(makers(item)) for key, item in value.items()}
        wrap: Any = draw(
            st.sampled_from([dict, collections.OrderedDict, types.MappingProxyType, lambda given: types.SimpleNamespace(**given)])
        )
        return lambda: wrap({key: item() for key, item in entries.items()})
    found = draw(st.sampled_from([value, value, value, *_stand_ins(value)]))
    return lambda: found


def _stand_ins(value: Any) -> list[Any]:
    if type(value) is str:
        return [value.encode(), *(found for found in map(_parsed, [datetime.datetime, datetime.date, uuid.UUID], [value] * 3) if found)]
    if type(value) is int:
        return [Number(value), decimal.Decimal(value), float(value)]
    return []


def _parsed(kind: Any, text: str) -> object:
    try:
        return kind(text) if kind is uuid.UUID else kind.fromisoformat(text)
    except ValueError:
        return None


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_generated_python_values(data: st.DataObject) -> None:
    twin = data.draw(twins())
    assume(not re.search("Dataclass|Sequence|Annotated|Union.*Any", repr(twin.ours)))
    make = data.draw(twin.values.flatmap(makers))
    options: dict[str, Any] = data.draw(st.sampled_from(OPTIONS))
    expected = right_answer(twin.theirs, make(), **options)
    # What DIFFERENCES names.
    assume(expected != REFUSED and "dataclass_type" not in repr(expected))
    assert answer(twin.ours, make(), **options) == expected


class Family(NamedTuple):
    """The same models in both frameworks."""

    inner: Any
    inner_more: Any
    outer: Any
    outer_more: Any
    other: Any
    entry: Any


def family(make: Callable[..., Any]) -> Family:
    inner = make("Inner", None, a=int, b=(str, "x"), c=(int | None, None))
    entry = make_typed_dict("Entry", inner=inner, count=int)
    outer = make(
        "Outer",
        None,
        inner=inner,
        items=(LIST[inner], []),
        named=(DICT[str, inner], {}),
        maybe=(inner | None, None),
        entry=(entry, {}),
        anything=(Any, None),
        when=(datetime.datetime, datetime.datetime(2020, 1, 2, tzinfo=UTC)),
        cost=(decimal.Decimal, decimal.Decimal("1.50")),
        kept=(datetime.timedelta, datetime.timedelta(1)),
        raw=(bytes, b"raw"),
    )
    return Family(
        inner,
        make("InnerMore", inner, hidden=(str, "HIDDEN")),
        outer,
        make("OuterMore", outer, hidden=(str, "HIDDEN")),
        make("Other", None, z=int),
        entry,
    )


def make_typed_dict(name: str, **fields: Any) -> Any:
    return TypedDict(name, fields, total=False)  # type: ignore[operator]  # a dynamic class


def make_ours(name: str, base: Any, **fields: Any) -> Any:
    members = [(field, *(hint if isinstance(hint, tuple) else (hint,))) for field, hint in fields.items()]
    return msgspec.defstruct(name, members, bases=None if base is None else (base,))


def make_theirs(name: str, base: Any, **fields: Any) -> Any:
    members = {field: hint if isinstance(hint, tuple) else (hint, ...) for field, hint in fields.items()}
    create: Any = pydantic.create_model
    return create(name, __base__=base, **members)


OURS, THEIRS = family(make_ours), family(make_theirs)

RESULTS: list[Callable[[Family], tuple[Any, Any]]] = [
    lambda f: (f.inner, f.inner(a=1)),
    lambda f: (f.inner, f.inner_more(a=1)),
    lambda f: (f.inner, {"a": "1", "hidden": 1}),
    lambda f: (f.inner, {"a": 1, "b": "x"}),
    lambda f: (f.inner, {"b": 1}),
    lambda f: (f.inner, types.SimpleNamespace(a=1, hidden=1)),
    lambda f: (f.inner, types.SimpleNamespace(b=1)),
    lambda f: (f.inner, f.other(z=1)),
    lambda f: (f.inner, 5),
    lambda f: (f.outer, f.outer(inner=f.inner(a=1))),
    lambda f: (f.outer, f.outer(inner=f.inner(a=1), items=[f.inner(a=2), f.inner(a=3)], named={"k": f.inner(a=4)}, maybe=f.inner(a=5))),
    lambda f: (f.outer, f.outer(inner=f.inner_more(a=1), items=[f.inner_more(a=2)], named={"k": f.inner_more(a=4)})),
    lambda f: (f.outer, f.outer(inner=f.inner(a=1), maybe=f.inner_more(a=5))),
    lambda f: (f.outer, f.outer_more(inner=f.inner_more(a=1), entry={"inner": f.inner_more(a=1), "count": 2})),
    lambda f: (f.outer, {"inner": f.inner_more(a=1), "items": ({"a": 1} for _ in range(2)), "named": {"k": types.SimpleNamespace(a=1)}}),
    lambda f: (f.outer, {"inner": {"a": "x"}, "items": [{"a": 1}, {}], "named": {"k": 5}, "entry": {"count": "x", "other": 1}}),
    lambda f: (f.outer, {"inner": {"a": 1, "c": None}, "entry": {"count": 1}, "anything": {"a": [f.inner_more(a=1)]}, "cost": "2.0"}),
    lambda f: (LIST[f.inner], [f.inner_more(a=1), {"a": 2, "b": "x"}, types.SimpleNamespace(a=3)]),
    lambda f: (LIST[f.inner], [f.inner(a=1), {"a": "x"}, 5]),
    lambda f: (LIST[f.inner], (f.inner_more(a=number) for number in range(3))),
    lambda f: (DICT[str, f.inner], {"x": f.inner_more(a=1), "y": {"a": 2}}),
    lambda f: (DICT[int, f.inner], {1: f.inner(a=1), "2": f.inner(a=1), "z": f.inner(a=1)}),
    lambda f: (TUPLE[f.inner, int], (f.inner_more(a=1), "2")),
    lambda f: (f.inner | None, None),
    lambda f: (f.inner | None, f.inner_more(a=1)),
    lambda f: (f.inner | f.other, f.other(z=1)),
    lambda f: (f.inner | f.other, f.inner_more(a=1)),
    lambda f: (f.inner | f.other, {"z": 1}),
    lambda f: (f.inner | f.other, {"q": 1}),
    lambda f: (LIST[f.inner | f.other | int], [f.inner_more(a=1), {"z": "1"}, 5]),
    lambda f: (f.inner | f.inner_more, f.inner_more(a=1)),
    lambda f: (f.inner_more | f.inner, f.inner(a=1)),
    lambda f: (LIST[f.inner] | f.inner, [f.inner_more(a=1)]),
    lambda f: (f.entry, {"inner": f.inner_more(a=1), "count": "5", "other": 1}),
    lambda f: (f.entry, {"count": 5}),
    lambda f: (Any, {"a": f.inner_more(a=1), "b": [f.outer(inner=f.inner_more(a=1))]}),
    lambda f: (MISSING, f.outer(inner=f.inner_more(a=1))),
    lambda f: (MISSING, [{"k": f.inner_more(a=1)}]),
]  # fmt: skip


@pytest.mark.parametrize("options", OPTIONS, ids="-".join)
def test_models(options: dict[str, Any]) -> None:
    for number, make in enumerate(RESULTS):
        their_model, their_result = make(THEIRS)
        our_model, our_result = make(OURS)
        expected = right_answer(their_model, their_result, **options)
        assert answer(our_model, our_result, **options) == expected, number


def test_aliases() -> None:
    ours = msgspec.defstruct("Aliased", [("a", int), ("b", int, 2)], rename={"a": "AA"})
    theirs = pydantic.create_model("Aliased", a=(int, pydantic.Field(alias="AA")), b=(int, 2))
    for options in [*OPTIONS, {"by_alias": False}, {"include": {"AA"}}]:
        assert answer(ours, {"AA": 1}, **options) == right_answer(theirs, {"AA": 1}, **options)


def test_dataclasses() -> None:
    model = dataclasses.make_dataclass("Plain", [("a", int), ("b", str | None, None)])
    more = dataclasses.make_dataclass("More", [("hidden", str, "HIDDEN")], bases=(model,))
    for options in OPTIONS:
        for result in [model(1), more(1), {"a": "1", "z": 1}, {"b": 1}, [1], model(1, "x")]:
            assert answer(model, result, **options) == right_answer(model, result, **options)


def test_over_http() -> None:
    def declare(framework: Any, app: Any, log: list[Any]) -> None:
        for number, make in enumerate(DECLARED):
            declare_one(app, f"/{number}", make, THEIRS if framework.__name__ == "fastapi" else OURS)

    both = SideBySide(declare)
    for number in range(len(DECLARED)):
        both.get(f"/{number}")
        both.get(f"/{number}/less")


DECLARED = [make for make in RESULTS if make(OURS)[0] is not MISSING]


def declare_one(app: Any, path: str, make: Callable[[Family], tuple[Any, Any]], models: Family) -> None:
    def handler() -> Any:
        return make(models)[1]

    model = make(models)[0]
    app.get(path, response_model=model)(handler)
    app.get(f"{path}/less", response_model=model, response_model_exclude_unset=True, response_model_exclude={"a"})(handler)


def test_differences_have_two_sides() -> None:
    assert all(all(row) and row[1] != row[2] for row in DIFFERENCES)
