from __future__ import annotations

import dataclasses
from typing import Annotated, Any, Generic, NamedTuple, Protocol, TypeVar

import attrs
import msgspec
import pytest
from typing_extensions import NotRequired, TypedDict

from fasterapi.binding.markers import MISSING
from fasterapi.binding.models import (
    ARRAY_STRUCT,
    ATTRS,
    DATACLASS,
    NAMED_TUPLE,
    STRUCT,
    TYPED_DICT,
    Model,
    read_model,
    replace_variables,
)

T = TypeVar("T")
K = TypeVar("K")
Out_co = TypeVar("Out_co", covariant=True)
Text = TypeVar("Text", str, bytes)
Whole = TypeVar("Whole", bound=int)


class AStruct(msgspec.Struct, rename="upper", tag="a", forbid_unknown_fields=True):
    x: Annotated[int, msgspec.Meta(ge=1)]
    y: str = "?"


class AnArray(msgspec.Struct, array_like=True):
    x: int


@dataclasses.dataclass
class ADataclass:
    x: int
    y: list[int] = dataclasses.field(default_factory=list)
    z: dataclasses.InitVar[int] = 1


class ATypedDict(TypedDict):
    x: int
    y: NotRequired[int]


class ANamedTuple(NamedTuple):
    x: int
    y: int = 1


@attrs.define
class AnAttrsClass:
    x: int
    _y: int = 1


class Shape(Protocol[Out_co]):
    def area(self) -> Out_co: ...


@dataclasses.dataclass
class Both(Generic[K, T]):
    key: K
    value: T
    maybe: list[T] | None = None


@dataclasses.dataclass
class Half(Both[str, T]):
    own: T | int = 0


@dataclasses.dataclass
class Full(Half[bytes], Shape[int]):
    def area(self) -> int:
        return 0


def model(annotation: Any) -> Model:
    found = read_model(annotation)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("annotation", "kind"),
    [
        (AStruct, STRUCT),
        (AnArray, ARRAY_STRUCT),
        (ADataclass, DATACLASS),
        (ATypedDict, TYPED_DICT),
        (ANamedTuple, NAMED_TUPLE),
        (AnAttrsClass, ATTRS),
    ],
)
def test_tells_models_apart(annotation: Any, kind: int) -> None:
    assert model(annotation).kind == kind


@pytest.mark.parametrize("annotation", [int, str, dict, tuple, list[int], dict[str, int], None, "ADataclass", ADataclass(1), Any])
def test_nothing_else_is_a_model(annotation: Any) -> None:
    assert read_model(annotation) is None


@pytest.mark.parametrize(
    ("annotation", "keys", "required"),
    [
        (AStruct, ["X", "Y"], ["X"]),
        (ADataclass, ["x", "y", "z"], ["x"]),
        (ATypedDict, ["x", "y"], ["x"]),
        (ANamedTuple, ["x", "y"], ["x"]),
        (AnAttrsClass, ["x", "_y"], ["x"]),
    ],
)
def test_reads_names_and_what_is_required(annotation: Any, keys: list[str], required: list[str]) -> None:
    fields = model(annotation).fields
    assert [field.key for field in fields] == keys
    assert [field.key for field in fields if field.required] == required


def test_reads_defaults_and_factories() -> None:
    x, y, z = model(ADataclass).fields
    assert x.default is MISSING
    assert y.factory is list
    assert z.default == 1


def test_an_attrs_argument_has_no_underscore() -> None:
    assert [field.argument for field in model(AnAttrsClass).fields] == ["x", "y"]


def test_reads_tag_and_strictness() -> None:
    found = model(AStruct)
    assert (found.tag, found.tag_field, found.forbids_extra) == ("a", "type", True)


def test_keeps_what_annotations_carry() -> None:
    assert model(AStruct).fields[0].annotation == Annotated[int, msgspec.Meta(ge=1)]


def test_an_init_only_field_keeps_the_decoder_out() -> None:
    assert not model(ADataclass).decodable
    assert model(ADataclass).fields[2].annotation is int


@pytest.mark.parametrize(
    ("annotation", "expected"),
    [
        (Both[int, str], [int, str, list[str] | None]),
        (Both, [Any, Any, list[Any] | None]),
        (Half[int], [str, int, list[int] | None, int]),
        (Full, [str, bytes, list[bytes] | None, bytes | int]),
    ],
)
def test_fills_in_type_variables(annotation: Any, expected: list[object]) -> None:
    assert [field.annotation for field in model(annotation).fields] == expected


@pytest.mark.parametrize(
    ("hint", "expected"),
    [
        (T, int),
        (list.__class_getitem__(T), list[int]),
        (dict.__class_getitem__((str, T)) | None, dict[str, int] | None),
        (str, str),
        (Text, str | bytes),
        (Whole, int),
        (K, Any),
    ],
)
def test_replaces_type_variables(hint: Any, expected: object) -> None:
    assert replace_variables(hint, {T: int}) == expected
