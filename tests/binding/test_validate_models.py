from __future__ import annotations

import dataclasses
from typing import Annotated, Any, ClassVar, Generic, Literal, NamedTuple, TypeVar

import attrs
import msgspec
import pydantic
import pytest
from typing_extensions import NotRequired, Required, TypedDict

from fasterapi.binding.body import JsonBody
from fasterapi.binding.constraints import NO_CONSTRAINTS
from fasterapi.binding.scalars import FAIL
from fasterapi.errors import ErrorItem
from tests.binding.body_oracle import as_json, our_answer, right_answer

T = TypeVar("T")


def decode(annotation: Any, raw: str) -> object:
    """The value; there must be no fault."""
    errors: list[ErrorItem] = []
    found = JsonBody(annotation, NO_CONSTRAINTS).decode(raw.encode(), errors)
    assert errors == []
    return found


def faults(annotation: Any, raw: str) -> list[tuple[object, ...]]:
    """Type and place of each fault."""
    errors: list[ErrorItem] = []
    assert JsonBody(annotation, NO_CONSTRAINTS).decode(raw.encode(), errors) is FAIL
    return [(error["type"], *error["loc"][1:]) for error in errors]


class Renamed(msgspec.Struct, rename="camel", forbid_unknown_fields=True):
    first_name: str
    last_name: str = "?"
    age: int = msgspec.field(name="years", default=1)


class RenamedModel(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(extra="forbid")
    first_name: str = pydantic.Field(alias="firstName")
    last_name: str = pydantic.Field("?", alias="lastName")
    age: int = pydantic.Field(1, alias="years")


class Base(msgspec.Struct, kw_only=True):
    base: int = 1
    tag: ClassVar[str] = "x"


class Derived(Base):
    own: int
    other: list[int] = []


class BaseModel(pydantic.BaseModel):
    base: int = 1


class DerivedModel(BaseModel):
    own: int
    other: list[int] = []


class Page(msgspec.Struct, Generic[T]):
    items: list[T]
    first: T | None = None


class PageModel(pydantic.BaseModel, Generic[T]):
    items: list[T]
    first: T | None = None


class IntPage(Page[int]):
    more: bool = False


class IntPageModel(PageModel[int]):
    more: bool = False


class Cat(msgspec.Struct, tag="cat"):
    lives: int


class CatModel(pydantic.BaseModel):
    type: Literal["cat"] = "cat"
    lives: int


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (Renamed, RenamedModel),
        (Derived, DerivedModel),
        (Page[int], PageModel[int]),
        (IntPage, IntPageModel),
        (Page, PageModel),
        (Page[Cat], PageModel[CatModel]),
        (list[Page[int]] | int, list[PageModel[int]] | int),
        (Cat, CatModel),
    ],
)
@pytest.mark.parametrize(
    "raw",
    [
        "{}",
        "null",
        '{"firstName":1,"last_name":"x","years":"x","zz":1}',
        '{"zz":1,"":2,"firstName":"x"}',
        '{"base":"x","own":"x","other":["x"]}',
        '{"own":null}',
        '{"items":["x",1.5],"first":[]}',
        '{"items":[{"lives":"x"}],"more":2}',
        '{"type":"dog","lives":"9"}',
        '{"type":1}',
        '[{"items":["x"]}]',
    ],
)
def test_a_struct_is_refused_as_a_base_model(ours: Any, theirs: Any, raw: str) -> None:
    found, right = our_answer(ours, raw), right_answer(theirs, raw)
    # In a union a location has the name of the class, which is the one thing that differs.
    assert as_json(found[1]) == [
        {**fault, "loc": [part.replace("PageModel", "Page") if isinstance(part, str) else part for part in fault["loc"]]}
        for fault in right[1]
    ]


@pytest.mark.parametrize(
    ("annotation", "raw", "value"),
    [
        (Renamed, '{"firstName":"a","years":"2"}', Renamed("a", "?", 2)),
        (Derived, '{"own":"1"}', Derived(1)),
        (Page[int], '{"items":["1"]}', Page([1])),
        (IntPage, '{"items":["1"],"first":"2","more":1}', IntPage([1], 2, True)),
        (Cat, '{"type":"cat","lives":"9"}', Cat(9)),
        (Cat, '{"lives":"9"}', Cat(9)),
    ],
)
def test_a_struct_is_converted(annotation: Any, raw: str, value: object) -> None:
    assert decode(annotation, raw) == value


def test_defaults_are_made_anew() -> None:
    first, second = decode(Derived, '{"own":"1"}'), decode(Derived, '{"own":"1"}')
    assert isinstance(first, Derived)
    assert isinstance(second, Derived)
    assert first.other is not second.other


class Point(msgspec.Struct, array_like=True):
    x: int
    y: int = 0
    name: str | None = None


class Line(msgspec.Struct, array_like=True):
    start: Point
    end: Point


class StrictPoint(Point, forbid_unknown_fields=True, tag="p"):
    pass


def test_an_array_struct_is_converted() -> None:
    assert decode(Point, '["1","2"]') == Point(1, 2)


def test_an_array_struct_drops_what_is_too_much() -> None:
    assert decode(Point, '["1",2,"n",4]') == Point(1, 2, "n")


def test_an_array_struct_with_a_tag_is_converted() -> None:
    assert decode(StrictPoint, '["p","1"]') == StrictPoint(1)


def test_the_array_struct_that_fits_is_chosen() -> None:
    assert decode(Line | Point, "[1,2]") == Point(1, 2)
    assert decode(Line | Named, '[1,"x"]') == Named(1, "x")
    assert decode(Named | Line, "[[1],[2]]") == Line(Point(1), Point(2))


@pytest.mark.parametrize(
    ("annotation", "raw", "expected"),
    [
        (Point, "{}", [("list_type",)]),
        (Point, "[]", [("missing", 0)]),
        (Point, '["x","y",1]', [("int_parsing", 0), ("int_parsing", 1), ("string_type", 2)]),
        (StrictPoint, "[]", [("literal_error", 0), ("missing", 1)]),
        (StrictPoint, '["q","x"]', [("literal_error", 0), ("int_parsing", 1)]),
        (StrictPoint, '["p",1,2,"n",4]', [("too_long",)]),
    ],
)
def test_an_array_struct_is_refused(annotation: Any, raw: str, expected: object) -> None:
    assert faults(annotation, raw) == expected


@dataclasses.dataclass
class Closed:
    a: int
    kept: int = dataclasses.field(init=False, default=7)
    late: int = dataclasses.field(init=False)
    items: list[int] = dataclasses.field(default_factory=list)
    shared: ClassVar[int] = 3

    def __post_init__(self) -> None:
        self.late = self.a


@dataclasses.dataclass
class Keyed(Closed):
    _: dataclasses.KW_ONLY
    z: int
    y: Annotated[int, msgspec.Meta(ge=1), pydantic.Field(ge=1)] = 5


@dataclasses.dataclass
class Through:
    a: int
    i: dataclasses.InitVar[int]
    j: dataclasses.InitVar[int] = 3

    def __post_init__(self, i: int, j: int) -> None:
        self.a += i * j


@dataclasses.dataclass(frozen=True, slots=True)
class Frozen:
    a: int
    b: str = "x"


@dataclasses.dataclass(init=False)
class OwnInit:
    a: int

    def __init__(self, x: int) -> None:
        self.a = x * 2


@dataclasses.dataclass
class Checked:
    a: int

    def __post_init__(self) -> None:
        if self.a == 1:
            raise ValueError("not one")
        assert self.a != 2, "not two"
        if self.a == 3:
            raise TypeError


@dataclasses.dataclass
class Box(Generic[T]):
    content: T


@dataclasses.dataclass
class IntBox(Box[int]):
    label: str = ""


class Partial(TypedDict, total=False):
    a: Required[int]
    b: str
    nested: list[Partial]


class Whole(TypedDict):
    a: int
    b: NotRequired[str]


class GenericDict(TypedDict, Generic[T]):
    item: T


class Named(NamedTuple):
    a: int
    b: str = "x"
    rest: tuple[int, ...] = ()


SHARED: list[Any] = [
    Closed, Keyed, Through, Frozen, OwnInit, Checked, Box[int], Box, Partial, Whole, GenericDict[int], Named,
    list[Named], dict[str, Frozen], Checked | None,
]  # fmt: skip


@pytest.mark.parametrize("annotation", SHARED, ids=str)
@pytest.mark.parametrize(
    "raw",
    [
        "{}",
        "[]",
        "null",
        "1",
        '"x"',
        '{"a":1}',
        '{"a":"1","b":"x","z":"2"}',
        '{"a":"x","b":1,"z":"x","y":0,"items":["x"]}',
        '{"a":1,"kept":"x","late":9}',
        '{"a":1,"i":2}',
        '{"a":1,"i":"2","j":"x"}',
        '{"a":1,"i":2,"j":10}',
        '{"a":"2"}',
        '{"content":"1","label":1}',
        '{"content":"x"}',
        '{"item":"x"}',
        '{"a":1,"nested":[{"a":"x"},{}]}',
        "[1]",
        '["1","y",["1"]]',
        '["x",1,["x"]]',
        "[1,2,3,4]",
        '[{"a":1},[1]]',
        '{"k":{"a":1},"l":{}}',
    ],
)
def test_what_pydantic_knows_too_is_answered_as_it_does(annotation: Any, raw: str) -> None:
    assert our_answer(annotation, raw) == right_answer(annotation, raw)


def test_a_dataclass_knows_what_its_generic_base_holds() -> None:
    assert decode(IntBox, '{"content":"1"}') == IntBox(1)
    assert faults(IntBox, '{"content":"x"}') == [("int_parsing", "content")]


def test_a_closed_field_takes_nothing_from_a_request() -> None:
    found = decode(Closed, '{"a":1,"kept":99,"late":99}')
    assert isinstance(found, Closed)
    assert (found.kept, found.late) == (7, 1)


def test_a_model_may_refuse_itself() -> None:
    assert faults(dict[str, Checked], '{"x":{"a":1},"y":{"a":2}}') == [("value_error", "x"), ("assertion_error", "y")]


def test_a_bug_in_a_model_comes_through() -> None:
    with pytest.raises(TypeError):
        JsonBody(Checked, NO_CONSTRAINTS).decode(b'{"a":"3"}', [])


class SelfChecking(msgspec.Struct):
    a: int

    def __post_init__(self) -> None:
        if self.a == 1:
            raise ValueError("not one")
        assert self.a != 2, "not two"


@pytest.mark.parametrize(("raw", "kind"), [('{"a":1}', "value_error"), ('{"a":"1"}', "value_error"), ('{"a":2}', "assertion_error")])
def test_a_struct_may_refuse_itself(raw: str, kind: str) -> None:
    errors: list[ErrorItem] = []
    JsonBody(SelfChecking, NO_CONSTRAINTS).decode(raw.encode(), errors)
    (fault,) = errors
    assert (fault["type"], fault["ctx"]) == (kind, {"error": {}})


@attrs.define
class Plain:
    a: int
    b: list[int] = attrs.field(factory=list)
    _hidden: int = attrs.field(default=3, validator=attrs.validators.ge(3))
    other: int = attrs.field(default=1, alias="known_as")


def _add_hundred(value: int) -> int:
    return value + 100


@attrs.define
class Converting:
    a: int = attrs.field(converter=_add_hundred)
    kept: int = attrs.field(init=False, default=7)


def test_an_attrs_class_is_converted() -> None:
    assert decode(Plain, '{"a":"1","b":["2"],"_hidden":"4","other":"5"}') == Plain(1, [2], 4, 5)


def test_an_attrs_class_runs_its_converters_and_keeps_its_closed_fields() -> None:
    assert decode(Converting, '{"a":1,"kept":9}') == Converting(1)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("{}", [("missing", "a")]),
        ("[]", [("dataclass_type",)]),
        ('{"a":"x","b":["y"],"other":[]}', [("int_parsing", "a"), ("int_parsing", "b", 0), ("int_type", "other")]),
        ('{"a":1,"_hidden":2}', [("value_error",)]),
    ],
)
def test_an_attrs_class_is_refused_as_a_dataclass(raw: str, expected: object) -> None:
    assert faults(Plain, raw) == expected
