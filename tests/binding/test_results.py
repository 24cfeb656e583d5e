"""Results become the JSON that their model describes."""

from __future__ import annotations

import contextlib
import datetime
import decimal
import gc
import pathlib
import sys
import types
from typing import Annotated, Any

import msgspec
import pytest

from fasterapi.binding.markers import MISSING
from fasterapi.binding.results import IncEx, ResultOptions, encoder_for
from fasterapi.errors import ResponseValidationError
from tests.binding.results_oracle import faults, sent


class Pet(msgspec.Struct):
    name: str
    age: int = 1


class Owner(msgspec.Struct):
    pet: Pet
    others: list[Pet] = []
    by_name: dict[str, Pet] = {}
    favourite: Pet | None = None


class Cat(msgspec.Struct, tag="cat"):
    lives: int


class Dog(msgspec.Struct, tag="dog"):
    tricks: list[str]


class Node(msgspec.Struct):
    children: list[Node] = []


class Files(msgspec.Struct):
    content: bytes
    kept: datetime.timedelta
    path: pathlib.PurePosixPath


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


def test_faults_within_an_instance() -> None:
    owner = Owner(Pet("tom"), [Pet("kit"), 5], {"k": Pet(5)})  # type: ignore[list-item, arg-type]  # on purpose
    assert [item["loc"] for item in faults(Owner, owner)] == [("response", "others", 1), ("response", "by_name", "k", "name")]


def test_faults_of_rows_after_rows_that_fit() -> None:
    rows = [types.SimpleNamespace(name="a", age=1), types.SimpleNamespace(name="b", age="x"), types.SimpleNamespace(age=2)]
    assert [item["loc"] for item in faults(list[Pet], rows)] == [("response", 1, "age"), ("response", 2, "name")]


def test_row_without_what_has_a_default() -> None:
    rows = [types.SimpleNamespace(name="a", age="5"), types.SimpleNamespace(name="b")]
    assert sent(list[Pet], rows) == [{"name": "a", "age": 5}, {"name": "b", "age": 1}]


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
