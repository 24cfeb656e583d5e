"""Results become the JSON that their model describes."""

from __future__ import annotations

import contextlib
import dataclasses
import datetime
import decimal
import enum
import gc
import json
import pathlib
import sys
import types
from collections.abc import Iterator, Sequence
from typing import Annotated, Any, Generic, Literal, NamedTuple, Optional, TypeVar

import attrs
import msgspec
import pydantic
import pytest
from typing_extensions import TypeAliasType, TypedDict

from fasterapi.binding.markers import MISSING
from fasterapi.binding.results import IncEx, ResultOptions, encoder_for
from fasterapi.errors import ErrorItem, ResponseValidationError

T = TypeVar("T")
LIST: Any = list


class Pet(msgspec.Struct):
    name: str
    age: int = 1


class Owner(msgspec.Struct):
    pet: Pet
    others: list[Pet] = []
    by_name: dict[str, Pet] = {}
    favourite: Pet | None = None


class Chip(msgspec.Struct, rename="camel"):
    chip_number: int
    made_by: str | None = None


class Cat(msgspec.Struct, tag="cat"):
    lives: int


class Dog(msgspec.Struct, tag="dog"):
    tricks: list[str]


class Point(msgspec.Struct, array_like=True):
    x: int
    y: int = 0


class Node(msgspec.Struct):
    children: list[Node] = []


class Page(msgspec.Struct, Generic[T]):
    items: list[T]


class Files(msgspec.Struct):
    content: bytes
    kept: datetime.timedelta
    path: pathlib.PurePosixPath


@dataclasses.dataclass
class Plain:
    name: str
    made: int = dataclasses.field(init=False, default=7)


@dataclasses.dataclass
class Tidy:
    name: str

    def __post_init__(self) -> None:
        if not self.name:
            raise ValueError("a name is needed")
        self.name = self.name.title()


@attrs.define(slots=False)
class Attrs:
    name: str
    _private: str = "private"


class Typed(TypedDict, total=False):
    name: str
    pet: Pet


class Pair(NamedTuple):
    left: int
    right: Pet = Pet("none")


class Colour(enum.Enum):
    RED = "red"


class Raw(enum.Enum):
    BYTES = b"bytes"


Tree = TypeAliasType("Tree", "dict[str, Tree] | list[Tree] | int")


def sent(model: object, result: object, **options: Any) -> Any:
    return json.loads(encoder_for(model, ResultOptions(**options)).encode(result))


def faults(model: object, result: object) -> list[ErrorItem]:
    with pytest.raises(ResponseValidationError) as caught:
        encoder_for(model, ResultOptions()).encode(result)
    return caught.value.errors()


def test_instance_of_the_model() -> None:
    assert sent(Pet, Pet("tom", 3)) == {"name": "tom", "age": 3}


@pytest.mark.parametrize(
    "result",
    [
        {"name": "tom", "age": "3", "password": "x"},
        types.MappingProxyType({"name": "tom", "age": 3}),
        types.SimpleNamespace(name="tom", age=3, password="x"),
        {"name": b"tom", "age": decimal.Decimal(3)},
    ],
)
def test_what_can_be_converted_to_the_model(result: object) -> None:
    assert sent(Pet, result) == {"name": "tom", "age": 3}


def test_defaults_of_fields_that_are_not_given() -> None:
    assert sent(Owner, {"pet": {"name": "tom"}}) == {"pet": {"name": "tom", "age": 1}, "others": [], "by_name": {}, "favourite": None}


def test_default_of_another_type_than_its_field() -> None:
    model = msgspec.defstruct("Sloppy", [("a", int, None)])
    assert sent(model, {}) == {"a": None}
    assert sent(model, model()) == {"a": None}
    assert faults(model, {"a": None})[0]["loc"] == ("response", "a")


@pytest.mark.parametrize("make", [list, tuple, iter, lambda pets: (pet for pet in pets), lambda pets: dict.fromkeys(pets).keys()])
def test_any_iterable_for_a_list(make: Any) -> None:
    pets = [msgspec.structs.replace(pet) for pet in (Hashable("tom"), Hashable("kit"))]
    assert sent(list[Hashable], make(pets)) == [{"name": "tom"}, {"name": "kit"}]


class Hashable(msgspec.Struct, frozen=True):
    name: str


def test_every_fault_is_told_with_its_place() -> None:
    result = {"pet": {"name": 1}, "others": [{"name": "a"}, {"age": "x"}], "by_name": {"k": 5}}
    assert [(item["type"], item["loc"]) for item in faults(Owner, result)] == [
        ("string_type", ("response", "pet", "name")),
        ("missing", ("response", "others", 1, "name")),
        ("int_parsing", ("response", "others", 1, "age")),
        ("model_attributes_type", ("response", "by_name", "k")),
    ]


def test_fault_names_the_object_that_was_returned() -> None:
    row = types.SimpleNamespace(age=1)
    assert faults(Pet, row)[0]["input"] is row


def test_error_keeps_the_result_and_tells_no_values() -> None:
    with pytest.raises(ResponseValidationError) as caught:
        encoder_for(Pet, ResultOptions()).encode({"name": ["secret"]})
    assert caught.value.body == {"name": ["secret"]}
    assert "response.name: Input should be a valid string" in str(caught.value)
    assert "secret" not in str(caught.value)


def test_field_of_an_instance_with_a_value_of_another_type_is_converted() -> None:
    assert sent(Pet, Pet("tom", "3")) == {"name": "tom", "age": 3}  # type: ignore[arg-type]  # on purpose


def test_field_of_an_instance_with_a_value_that_does_not_fit_is_refused() -> None:
    assert faults(Pet, Pet(Pet("x"), 3))[0]["loc"] == ("response", "name")  # type: ignore[arg-type]  # on purpose


def test_attribute_that_raises_is_a_fault() -> None:
    class Row:
        name = "tom"

        @property
        def age(self) -> int:
            raise RuntimeError("detached")

    assert faults(Pet, Row())[0]["msg"] == "Error extracting attribute: RuntimeError: detached"


@pytest.mark.parametrize("result", [None, 5, "x", [1], object(), Pet, datetime.date(2020, 1, 1), lambda: None])
def test_what_has_no_fields_is_no_model(result: object) -> None:
    assert faults(Pet, result)[0]["type"] == "model_attributes_type"


def test_forgotten_await_does_not_pass_for_a_model_of_defaults() -> None:
    model = msgspec.defstruct("AllDefault", [("a", int, 1)])

    async def load() -> None: ...

    coroutine = load()
    assert faults(model, coroutine)[0]["type"] == "model_attributes_type"
    coroutine.close()


def test_renamed_fields() -> None:
    expected = {"chipNumber": 5, "madeBy": "acme"}
    assert sent(Chip, Chip(5, "acme")) == expected
    assert sent(Chip, {"chipNumber": 5, "madeBy": "acme"}) == expected
    assert sent(Chip, {"chip_number": 5, "made_by": "acme"}) == expected
    assert sent(Chip, types.SimpleNamespace(chip_number=5, made_by="acme")) == expected


def test_by_alias_false_sends_the_names_of_the_attributes() -> None:
    assert sent(list[Chip], [Chip(5), {"chipNumber": 6}], by_alias=False) == [
        {"chip_number": 5, "made_by": None},
        {"chip_number": 6, "made_by": None},
    ]


def test_unset_fields_are_not_sent() -> None:
    model = msgspec.defstruct("Partial", [("a", int | msgspec.UnsetType, msgspec.UNSET), ("b", int, 2)])
    assert sent(model, model()) == {"b": 2}
    assert sent(model, model(), exclude_none=True) == {"b": 2}
    assert sent(model, {"a": 1}) == {"a": 1, "b": 2}


def test_tag_is_sent() -> None:
    assert sent(Cat, Cat(9)) == {"type": "cat", "lives": 9}
    assert sent(Cat, Cat(9), exclude_none=True) == {"type": "cat", "lives": 9}


def test_tagged_union() -> None:
    assert sent(list[Cat | Dog], [Dog(["sit"]), {"type": "cat", "lives": "9"}]) == [
        {"type": "dog", "tricks": ["sit"]},
        {"type": "cat", "lives": 9},
    ]


def test_struct_as_an_array() -> None:
    assert sent(list[Point], [Point(1, 2), (3,), {"x": "4"}]) == [[1, 2], [3, 0], [4, 0]]
    assert sent(Point, Point(1, 2), exclude={"y"}) == [1]


def test_omitted_defaults_stay_omitted() -> None:
    model = msgspec.defstruct("Short", [("a", int, 1), ("b", bytes, b"")], omit_defaults=True)
    assert sent(model, model(b=b"x")) == {"b": "x"}


def test_generic_model() -> None:
    assert sent(Page[Pet], {"items": [{"name": "tom"}]}) == {"items": [{"name": "tom", "age": 1}]}
    assert sent(Page[Pet], Page[Pet]([Pet("tom")])) == {"items": [{"name": "tom", "age": 1}]}


def test_dataclass_with_a_field_that_init_does_not_take() -> None:
    assert sent(Plain, Plain("a")) == {"name": "a", "made": 7}
    assert sent(Plain, {"name": "a", "made": 9}) == {"name": "a", "made": 7}


def test_checks_of_a_model_run_for_what_becomes_one() -> None:
    assert sent(Tidy, {"name": "tom"}) == {"name": "Tom"}
    assert faults(Tidy, {"name": ""})[0]["msg"] == "Value error, a name is needed"


def test_checks_of_a_model_do_not_run_again_for_its_instances() -> None:
    model = msgspec.defstruct("Once", [("count", int)], namespace={"__post_init__": _count_up})
    instance = model(1)
    assert sent(model, instance) == {"count": 2}
    subclass = msgspec.defstruct("OnceMore", [("hidden", int, 0)], bases=(model,))
    assert sent(model, subclass(1)) == {"count": 2}


def _count_up(self: Any) -> None:
    self.count += 1


def test_attrs_class_keeps_what_is_private() -> None:
    instance = Attrs("tom")
    instance.extra = "extra"  # type: ignore[attr-defined]  # on purpose
    assert sent(Attrs, instance) == {"name": "tom"}


def test_typed_dict() -> None:
    assert sent(Typed, {"pet": {"name": "tom"}, "password": "x"}) == {"pet": {"name": "tom", "age": 1}}
    assert sent(Typed, {"name": "a"}) == {"name": "a"}


def test_named_tuple() -> None:
    assert sent(Pair, Pair(1)) == [1, {"name": "none", "age": 1}]
    assert sent(Pair, ("1", {"name": "tom"})) == [1, {"name": "tom", "age": 1}]
    assert sent(Pair, {"left": 1}) == [1, {"name": "none", "age": 1}]


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


def test_keys_of_other_types_than_text() -> None:
    assert sent(dict[int, int], {1: 1, "2": 2}) == {"1": 1, "2": 2}
    assert sent(dict[bool, int], {True: 1}) == {"true": 1}
    assert sent(dict[tuple[int, int], int], {(1, 2): 3}) == {"1,2": 3}
    assert sent(dict[datetime.timedelta, int], {datetime.timedelta(1): 1}) == {"P1D": 1}


def test_fault_of_a_key() -> None:
    assert faults(dict[int, int], {"x": 1})[0]["loc"] == ("response", "x", "[key]")


def test_bounds_hold_for_results() -> None:
    bounded = msgspec.defstruct("Bounded", [("a", Annotated[int, msgspec.Meta(ge=1)])])
    assert faults(bounded, bounded(0))[0]["type"] == "greater_than_equal"
    assert faults(Annotated[list[int], msgspec.Meta(max_length=1)], [1, 2])[0]["type"] == "too_long"
    assert faults(Annotated[dict[str, int], msgspec.Meta(min_length=1)], {})[0]["type"] == "too_short"
    aware = Annotated[datetime.datetime, msgspec.Meta(tz=True)]
    assert faults(aware, datetime.datetime(2020, 1, 1))[0]["type"] == "timezone_aware"  # noqa: DTZ001


def test_literal() -> None:
    assert sent(Literal["a", 1], "a") == "a"
    assert faults(Literal["a", 1], "b")[0]["type"] == "literal_error"


def test_union_prefers_what_the_value_is() -> None:
    assert sent(list[Optional[int | str]], ["1", 1, None]) == ["1", 1, None]
    assert sent(Pet | Owner, Owner(Pet("tom")))["pet"] == {"name": "tom", "age": 1}
    assert sent(list[Pet] | Pet, [Pet("tom")]) == [{"name": "tom", "age": 1}]


def test_union_of_lists_goes_by_their_items() -> None:
    assert sent(list[int] | list[Files], [Files(b"a", datetime.timedelta(), pathlib.PurePosixPath("/"))])[0]["content"] == "a"


def test_values_made_while_reading_are_not_mistaken_for_each_other() -> None:
    class Row:
        def __init__(self, number: int) -> None:
            self.number = number

        @property
        def value(self) -> object:
            return {"name": f"pet {self.number}"}

    model: Any = msgspec.defstruct("Holder", [("value", Pet | Chip)])
    assert [row["value"]["name"] for row in sent(LIST[model], (Row(number) for number in range(50)))] == [
        f"pet {number}" for number in range(50)
    ]


def test_recursive_alias() -> None:
    assert sent(Tree, {"a": [1, {"b": "2"}]}) == {"a": [1, {"b": 2}]}


def test_endless_value_of_a_recursive_alias() -> None:
    assert "recursion_depth_exceeded" in {item["type"] for item in faults(Tree, _circular_list())}


def test_recursive_model_may_be_deep() -> None:
    node = Node()
    for _ in range(200):
        node = Node([node])
    assert encoder_for(Node, ResultOptions()).encode(node).count(b"children") == 201


def _circular_list() -> list[Any]:
    circle: list[Any] = []
    circle.append(circle)
    return circle


def _circular_node() -> Node:
    node = Node()
    node.children.append(node)
    return node


def _circular_row() -> Any:
    row = types.SimpleNamespace()
    row.children = [row]
    return row


def _deep_node() -> Node:
    node = Node()
    for _ in range(100_000):
        node = Node([node])
    return node


@pytest.mark.parametrize(
    ("model", "make"),
    [
        (MISSING, _circular_list),
        (Any, _circular_list),
        (Node, _circular_node),
        (MISSING, _circular_node),
        (Node, _circular_row),
        (MISSING, _circular_row),
        (Node, _deep_node),
    ],
)
@pytest.mark.parametrize("options", [{}, {"exclude_none": True}, {"exclude_unset": True}])
def test_endless_result_is_a_fault(model: object, make: Any, options: dict[str, Any]) -> None:
    with pytest.raises(ResponseValidationError) as caught:
        encoder_for(model, ResultOptions(**options)).encode(make())
    assert caught.value.errors()[0]["type"] == "recursion_depth_exceeded"


@pytest.mark.parametrize("model", [object(), type("Unknown", (), {}), list[type("Unknown", (), {})], 5])  # type: ignore[misc]  # on purpose
def test_model_that_cannot_be_sent_is_refused_at_start_up(model: object) -> None:
    with pytest.raises(TypeError, match="cannot be sent as JSON"):
        encoder_for(model, ResultOptions())


def test_annotation_that_cannot_be_read_is_refused_at_start_up() -> None:
    with pytest.raises(TypeError, match="name 'Nowhere' is not defined"):
        encoder_for(msgspec.defstruct("Lost", [("a", "Nowhere")]), ResultOptions())


@pytest.mark.parametrize("model", [Annotated[Pet, msgspec.Meta(ge=1)], Annotated[list[int], msgspec.Meta(ge=1)]])
def test_bound_that_makes_no_sense_is_refused_at_start_up(model: object) -> None:
    with pytest.raises(TypeError, match="ge=1 does not apply"):
        encoder_for(model, ResultOptions())


@pytest.mark.parametrize("include", ["name", 5, {"name": False}])
def test_filter_that_names_no_fields_is_refused_at_start_up(include: Any) -> None:
    with pytest.raises(TypeError, match="response_model_include takes a set of field names"):
        ResultOptions(include=include)


class Score:
    """As the numbers of NumPy are."""

    def __float__(self) -> float:
        return 0.5


class Count:
    def __index__(self) -> int:
        return 5


class Row:
    """As the rows of database drivers are."""

    def keys(self) -> list[str]:
        return ["name", "raw"]

    def __getitem__(self, key: str) -> object:
        return {"name": "tom", "raw": b"raw"}[key]


def test_objects_that_stand_for_numbers() -> None:
    model = msgspec.defstruct("Scored", [("score", float), ("count", int)])
    assert sent(model, {"score": Score(), "count": Count()}) == {"score": 0.5, "count": 5}
    assert sent(MISSING, [Score(), Count()]) == [0.5, 5]


def test_row_where_nothing_is_declared() -> None:
    assert sent(MISSING, [Row()]) == [{"name": "tom", "raw": "raw"}]


@pytest.mark.parametrize("result", [range(2), {0: 0, 1: 1}.keys(), iter([0, 1]), (0, 1)])
def test_any_iterable_where_nothing_is_declared(result: object) -> None:
    assert sent(MISSING, result) == [0, 1]


@pytest.mark.parametrize("result", [object(), Pet, len, Count.__index__, lambda: None])
def test_what_has_no_form_in_json_is_a_fault(result: object) -> None:
    assert faults(MISSING, {"a": [result]})[0]["loc"] == ("response", "a", 0)


def test_exclude_goes_by_the_names_of_a_pydantic_model_of_no_declared_type() -> None:
    model = pydantic.create_model("Aliased", secret=(str, pydantic.Field(serialization_alias="open")))
    assert sent(Any, {"a": model(secret="x")}, exclude={"a": {"secret"}}) == {"a": {}}


@pytest.mark.parametrize(
    ("model", "result"),
    [
        (Owner, Owner(Pet("tom"), [Pet("kit")])),
        (Owner, {"pet": {"name": "tom"}}),
        (list[Pet], [types.SimpleNamespace(name="tom", age="1")]),
        (Files, Files(b"text", datetime.timedelta(1), pathlib.PurePosixPath("/a"))),
        (list[Cat | Dog | int], [{"type": "cat", "lives": "9"}, Dog([]), "5"]),
        (MISSING, {"a": [decimal.Decimal(1), Pet("tom"), {1: b"x"}]}),
        (Pet, {"name": 5}),
    ],
)
def test_results_leave_no_memory_behind(model: object, result: object) -> None:
    encoder = encoder_for(model, ResultOptions())
    blocks: list[int] = []
    for _ in range(5):
        for _ in range(200):
            with contextlib.suppress(ResponseValidationError):
                encoder.encode(result)
        gc.collect()
        blocks.append(sys.getallocatedblocks())
    assert blocks[-1] - blocks[1] < 200, blocks


def test_plain_gives_the_values_of_the_json() -> None:
    assert encoder_for(list[Files], ResultOptions()).plain([]) == []
    assert encoder_for(datetime.date, ResultOptions()).plain(datetime.date(2020, 1, 2)) == "2020-01-02"


def test_generator_is_read_once() -> None:
    def numbers() -> Iterator[int]:
        yield from range(3)

    assert sent(Sequence[int] | list[int], numbers()) == [0, 1, 2]
    assert sent(MISSING, numbers()) == [0, 1, 2]


def test_what_is_excluded_is_excluded_from_each_item_of_a_set() -> None:
    assert sent(frozenset[Hashable], {Hashable("tom")}, exclude={"name"}) == [{}]


@pytest.mark.parametrize(
    ("include", "exclude", "expected"),
    [
        ({"pet"}, None, {"pet": {"name": "tom", "age": 1}}),
        ({"pet": {"name"}, "others": True}, None, {"pet": {"name": "tom"}, "others": [{"name": "kit", "age": 2}]}),
        ({"others": {"__all__": {"age"}}}, None, {"others": [{"age": 2}]}),
        ({"others": {-1: {"age"}}}, None, {"others": [{"age": 2}]}),
        ({"by_name": {"k": {"name"}}}, None, {"by_name": {"k": {"name": "kit"}}}),
        (None, {"pet": {"age"}, "others": {0}, "by_name": ..., "favourite": True}, {"pet": {"name": "tom"}, "others": []}),
    ],
)
def test_include_and_exclude(include: IncEx | None, exclude: IncEx | None, expected: object) -> None:
    kit = Pet("kit", 2)
    owner = Owner(Pet("tom"), [kit], {"k": kit}, kit)
    assert sent(Owner, owner, include=include, exclude=exclude) == expected
