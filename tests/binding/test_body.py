from __future__ import annotations

import asyncio
import dataclasses
import datetime
import json
import math
import threading
import uuid
from collections.abc import Callable
from decimal import Decimal
from typing import Annotated, Any

import fastapi
import httpx
import msgspec
import pydantic
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import fasterapi
from fasterapi.binding.body import JsonBody
from fasterapi.binding.constraints import NO_CONSTRAINTS, Constraints
from fasterapi.binding.scalars import FAIL
from fasterapi.errors import ErrorItem
from tests.binding.body_oracle import Colour, as_json, our_answer, right_answer


class Item(msgspec.Struct):
    name: str
    price: float
    tags: list[str] = []
    count: Annotated[int, msgspec.Meta(ge=1)] = 1


class ItemModel(pydantic.BaseModel):
    name: str
    price: float
    tags: list[str] = []
    count: Annotated[int, pydantic.Field(ge=1)] = 1


class Node(msgspec.Struct):
    value: int
    next: Node | None = None
    children: list[Node] = []


class NodeModel(pydantic.BaseModel):
    value: int
    next: NodeModel | None = None
    children: list[NodeModel] = []


def decode(annotation: object, raw: bytes, constraints: Constraints = NO_CONSTRAINTS) -> object:
    """The value; there must be no fault."""
    errors: list[ErrorItem] = []
    value = JsonBody(annotation, constraints).decode(raw, errors)
    assert errors == []
    return value


def faults(annotation: object, raw: bytes, constraints: Constraints = NO_CONSTRAINTS) -> list[ErrorItem]:
    errors: list[ErrorItem] = []
    assert JsonBody(annotation, constraints).decode(raw, errors) is FAIL
    return errors


def chain(length: int, end: str) -> bytes:
    """So many nodes, each within the one before."""
    return ('{"value":1,"next":' * length + end + "}" * length).encode()


def test_decodes_what_fits() -> None:
    assert decode(Item, b'{"name":"Axe","price":9.5,"tags":["new"]}') == Item("Axe", 9.5, ["new"])


def test_converts_leniently_as_fastapi() -> None:
    assert decode(Item, b'{"name":"Axe","price":"9.5","count":2.0}') == Item("Axe", 9.5, [], 2)


def test_tells_every_fault_in_the_order_of_fields() -> None:
    assert faults(Item, b'{"count":0,"tags":["a",1],"price":"much"}') == [
        {"type": "missing", "loc": ("body", "name"), "msg": "Field required", "input": {"count": 0, "tags": ["a", 1], "price": "much"}},
        {
            "type": "float_parsing",
            "loc": ("body", "price"),
            "msg": "Input should be a valid number, unable to parse string as a number",
            "input": "much",
        },
        {"type": "string_type", "loc": ("body", "tags", 1), "msg": "Input should be a valid string", "input": 1},
        {
            "type": "greater_than_equal",
            "loc": ("body", "count"),
            "msg": "Input should be greater than or equal to 1",
            "input": 0,
            "ctx": {"ge": 1},
        },
    ]


def test_an_empty_body_is_missing() -> None:
    assert faults(Item, b"") == [{"type": "missing", "loc": ("body",), "msg": "Field required", "input": None}]


def test_null_is_no_model() -> None:
    assert faults(Item, b"null")[0]["type"] == "model_attributes_type"


def test_null_is_none_where_none_may_be() -> None:
    assert decode(Item | None, b"null") is None


def test_the_location_can_be_a_part_of_the_body() -> None:
    errors: list[ErrorItem] = []
    JsonBody(int, NO_CONSTRAINTS, ("body", "count")).decode(b'"x"', errors)
    assert errors[0]["loc"] == ("body", "count")


def test_faults_are_appended() -> None:
    errors: list[ErrorItem] = [{"type": "missing", "loc": ("query", "q"), "msg": "Field required", "input": None}]
    JsonBody(int, NO_CONSTRAINTS).decode(b'"x"', errors)
    assert [error["loc"] for error in errors] == [("query", "q"), ("body",)]


@pytest.mark.parametrize(
    "raw", ["", "null", "{", '{"name":}', '{"name":1,', "1", "[]", '{"name":"a","price":1}x', "\ufeff{}", '{"name":1}']
)
def test_answers_as_fastapi_on_the_wire(raw: str) -> None:
    async def post() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=FASTAPI_APP), base_url="http://test") as client:
            return await client.post("/", content=raw.encode(), headers={"content-type": "application/json"})

    # Of its own thread, so that it has a loop of its own whatever ran before.
    assert as_json(faults(Item, raw.encode())) == in_thread(lambda: asyncio.run(post())).json()["detail"]


FASTAPI_APP = fastapi.FastAPI()


@FASTAPI_APP.post("/")
def post_item(item: ItemModel) -> None: ...


def in_thread(function: Callable[[], Any]) -> Any:
    results: list[Any] = []
    thread = threading.Thread(target=lambda: results.append(function()))
    thread.start()
    thread.join()
    return results[0]


@pytest.mark.parametrize(
    ("annotation", "constraints", "fits", "breaks", "kind"),
    [
        (int, Constraints(gt=3), b"4", b"3", "greater_than"),
        (int | None, Constraints(gt=3), b"null", b"3", "greater_than"),
        (float, Constraints(multiple_of=0.5), b"1.5", b"1.6", "multiple_of"),
        (str, Constraints(pattern="^a"), b'"ab"', b'"b"', "string_pattern_mismatch"),
        (Decimal, Constraints(le=5), b'"4.5"', b"5.5", "less_than_equal"),
        (list[int], Constraints(max_length=1), b"[1]", b"[1,2]", "too_long"),
        (Annotated[int, msgspec.Meta(ge=1)], Constraints(ge=5), b"5", b"3", "greater_than_equal"),
        (int, Constraints(ge=2.0), b"2", b"1", "greater_than_equal"),
    ],
)
def test_holds_the_constraints_of_the_parameter(
    annotation: object, constraints: Constraints, fits: bytes, breaks: bytes, kind: str
) -> None:
    decode(annotation, fits, constraints)
    assert [fault["type"] for fault in faults(annotation, breaks, constraints)] == [kind]


def test_bytes_are_the_text_and_not_base64() -> None:
    assert decode(list[bytes], b'["YWJj"]') == [b"YWJj"]


@pytest.mark.parametrize("raw", [b'"NaN"', b'"-inf"', b'"sNaN1"', b'"\\u004eaN"', b'"I\\u006efinity"'])
def test_a_decimal_is_finite(raw: bytes) -> None:
    assert [fault["type"] for fault in faults(Decimal, raw)] == ["finite_number"]


def test_a_decimal_keeps_every_digit() -> None:
    assert decode(Decimal, b"12345678901234567890.123456789") == Decimal("12345678901234567890.123456789")


@pytest.mark.parametrize(
    ("annotation", "raw", "value"),
    [
        (datetime.time, b'"23:59:59.9999999"', datetime.time(23, 59, 59, 999999)),
        (datetime.datetime, b'"2020-12-31T23:59:59.9999999"', datetime.datetime(2020, 12, 31, 23, 59, 59, 999999)),  # noqa: DTZ001
    ],
)
def test_what_follows_microseconds_is_cut_off(annotation: object, raw: bytes, value: object) -> None:
    assert decode(annotation, raw) == value


@pytest.mark.parametrize("raw", [b'"aa\\n"', b'"aa\\u000a"'])
def test_a_pattern_ends_where_the_text_ends(raw: bytes) -> None:
    assert [fault["type"] for fault in faults(Annotated[str, msgspec.Meta(pattern="^a+$")], raw)] == ["string_pattern_mismatch"]


def test_a_duration_is_written_as_fastapi_wants_it() -> None:
    assert [fault["type"] for fault in faults(datetime.timedelta, b'"p1d"')] == ["time_delta_parsing"]


@pytest.mark.parametrize("raw", [b"1", b'"red"', b'"12345678123456781234567812345678"', b"1.5", b"true"])
@pytest.mark.parametrize("annotation", [int | Colour, float | Decimal, int | uuid.UUID, bool | int | None, Any | int])
def test_a_union_prefers_what_fastapi_prefers(annotation: Any, raw: bytes) -> None:
    assert our_answer(annotation, raw.decode()) == right_answer(annotation, raw.decode())


def test_reads_a_union_that_the_decoder_cannot_be_trusted_with() -> None:
    assert decode(Annotated[str, msgspec.Meta(pattern="^a")] | list[int], b'"abc"') == "abc"
    assert decode(Annotated[int, msgspec.Meta(ge=1)] | tuple[int, int], b"[1,2]") == (1, 2)


def test_nan_is_a_float() -> None:
    value = decode(float, b"NaN")
    assert isinstance(value, float)
    assert math.isnan(value)


def test_decodes_as_deep_as_the_decoder_goes() -> None:
    assert isinstance(decode(Node, chain(300, "null")), Node)


@pytest.mark.parametrize(("opening", "closing"), [('{"value":1,"next":', "}"), ('{"value":1,"children":[', "]}")])
def test_a_second_pass_goes_deep(opening: str, closing: str) -> None:
    assert isinstance(decode(Node, (opening * 100 + '{"value":"1"}' + closing * 100).encode()), Node)


@pytest.mark.skipif(not fasterapi.COMPILED, reason="the interpreter's stack ends earlier")
@pytest.mark.parametrize("length", [254, 255])
@pytest.mark.parametrize(("opening", "closing"), [('{"value":1,"next":', "}"), ('{"value":1,"children":[', "]}")])
def test_a_second_pass_ends_where_fastapis_ends(opening: str, closing: str, length: int) -> None:
    raw = opening * length + '{"value":"1"}' + closing * length
    errors: list[ErrorItem] = []
    JsonBody(Node, NO_CONSTRAINTS).decode(raw.encode(), errors)
    found = [(error["type"], error["loc"][1:], error["msg"]) for error in errors]
    try:
        NodeModel.model_validate(json.loads(raw))
        right = []
    except pydantic.ValidationError as error:
        right = [(item["type"], item["loc"], item["msg"]) for item in error.errors()]
    assert found == right


@pytest.mark.parametrize(("opening", "closing"), [('{"value":1,"next":', "}"), ('{"value":1,"children":[', "]}")])
def test_a_second_pass_has_an_end(opening: str, closing: str) -> None:
    (fault,) = faults(Node, (opening * 300 + '{"value":"1"}' + closing * 300).encode())
    assert fault["type"] == "recursion_depth_exceeded"


@pytest.mark.parametrize("annotation", [Node, int, list[Any], dict[str, Any], Any])
@pytest.mark.parametrize("opening", [b"[", b'{"value":1,"next":', b'{"value":1,"children":['])
def test_endless_nesting_is_refused(annotation: object, opening: bytes) -> None:
    assert [fault["type"] for fault in faults(annotation, opening * 100_000)] == ["json_invalid"]


def test_stops_telling_after_a_thousand_faults() -> None:
    assert len(faults(list[int], b"[" + b'"x",' * 5000 + b'"x"]')) == 1000


def test_unions_within_unions_do_not_multiply_the_work() -> None:
    # Each level asks two models about the level below: without memory this would take 2**60 questions.
    assert isinstance(decode(Left | Right, ('{"child":' * 60 + '{"child":null}' + "}" * 60).encode()), Left)
    assert len(faults(Left | Right, ('{"child":' * 60 + '{"child":1}' + "}" * 60).encode())) <= 1000


class Left(msgspec.Struct):
    child: Left | Right | None


class Right(msgspec.Struct):
    child: Left | Right | None


@dataclasses.dataclass
class Picky:
    value: int

    def __post_init__(self) -> None:
        if self.value == 1:
            raise ValueError("not one")
        if self.value == 2:
            raise KeyError("two")


def test_a_models_own_check_is_a_fault_of_the_body() -> None:
    (fault,) = faults(list[Picky], b'[{"value":1}]')
    assert (fault["type"], fault["loc"], fault["msg"]) == ("value_error", ("body", 0), "Value error, not one")


def test_a_models_own_bug_comes_through() -> None:
    with pytest.raises(KeyError, match="two"):
        JsonBody(Picky, NO_CONSTRAINTS).decode(b'{"value":2}', [])


def test_a_body_that_is_no_json_is_refused_by_models() -> None:
    errors: list[ErrorItem] = []
    assert JsonBody(Item, NO_CONSTRAINTS).refuse(b'{"name":\xff', errors) is FAIL
    assert [(error["type"], error["input"]) for error in errors] == [("model_attributes_type", '{"name":\ufffd')]


def test_a_body_that_is_no_json_is_a_text() -> None:
    assert JsonBody(str, NO_CONSTRAINTS).refuse("Käse".encode(), []) == "Käse"


@pytest.mark.parametrize(
    ("annotation", "constraints", "message"),
    [
        (int, Constraints(ge=1.5), "ge=1.5 does not fit an int"),
        (str, Constraints(ge=1), "ge=1 does not apply to str"),
        (str, Constraints(pattern="("), "pattern='\\(' is no regular expression"),
        (list[int], Constraints(ge=1), r"ge=1 does not apply to list\[int\]"),
        (tuple[int, int], Constraints(min_length=1), r"min_length=1 does not apply to tuple\[int, int\]"),
        (Item, Constraints(min_length=1), "min_length=1 does not apply to"),
        (int | list[int], Constraints(min_length=1), "min_length=1 does not apply to"),
    ],
)
def test_refuses_bounds_that_make_no_sense(annotation: object, constraints: Constraints, message: str) -> None:
    with pytest.raises((TypeError, ValueError), match=message):
        JsonBody(annotation, constraints)


def test_refuses_a_type_that_json_cannot_become() -> None:
    with pytest.raises(TypeError, match=r"<class 'complex'> cannot be read from JSON\. Use a msgspec\.Struct"):
        JsonBody(list[complex], NO_CONSTRAINTS)


@settings(max_examples=50, deadline=None)
@given(st.binary(max_size=60) | st.recursive(st.none() | st.floats() | st.text(), st.lists).map(str).map(str.encode))
@pytest.mark.parametrize("annotation", [Item, Node, list[Decimal], dict[int, datetime.datetime | int], Left | Right])
def test_never_raises(annotation: object, raw: bytes) -> None:
    errors: list[ErrorItem] = []
    value = JsonBody(annotation, NO_CONSTRAINTS).decode(raw, errors)
    assert (value is FAIL) == bool(errors)
