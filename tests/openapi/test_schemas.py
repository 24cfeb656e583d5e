"""The schemas of models that only fasterapi takes, and how models are named."""

from __future__ import annotations

import decimal
from typing import Annotated, Any, Generic, Literal, TypeVar

import attrs
import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from fasterapi import Faster

T = TypeVar("T")


def document_of(*models: Any, result: Any = None) -> dict[str, Any]:
    """A document with a route for each model as its body."""
    app = Faster()
    for number, model in enumerate(models):

        async def handler(body: Any) -> Any: ...

        handler.__annotations__ = {"body": model, "return": result}
        app.post(f"/{number}")(handler)
    return app.openapi()


def definitions(*models: Any, result: Any = None) -> dict[str, Any]:
    """What the models' schemas are, without those of faults."""
    found = document_of(*models, result=result)["components"]["schemas"]
    return {name: schema for name, schema in found.items() if not name.endswith("ValidationError")}


def body_schema(model: Any) -> Any:
    """The schema of a body of this type."""
    return document_of(model)["paths"]["/0"]["post"]["requestBody"]["content"]["application/json"]["schema"]


class Plain(Struct):
    """A Struct."""

    needed: int
    text: str = "x"
    items: list[int] = []
    made: list[int] = msgspec.field(default_factory=lambda: [1])
    unset: int | UnsetType = UNSET
    maybe: int | None = None


def test_a_struct() -> None:
    assert definitions(Plain) == {
        "Plain": {
            "type": "object",
            "title": "Plain",
            "description": "A Struct.",
            "properties": {
                "needed": {"type": "integer", "title": "Needed"},
                "text": {"type": "string", "title": "Text", "default": "x"},
                "items": {"type": "array", "items": {"type": "integer"}, "title": "Items", "default": []},
                "made": {"type": "array", "items": {"type": "integer"}, "title": "Made"},
                "unset": {"type": "integer", "title": "Unset"},
                "maybe": {"anyOf": [{"type": "integer"}, {"type": "null"}], "title": "Maybe"},
            },
            "required": ["needed"],
        }
    }


def test_what_meta_says() -> None:
    price = Annotated[
        float,
        Meta(gt=0, title="The price", description="In euros", examples=[1.5], extra_json_schema={"x-unit": "EUR"}),
    ]
    assert body_schema(list[price]) == {
        "type": "array",
        "items": {
            "type": "number",
            "exclusiveMinimum": 0,
            "title": "The price",
            "description": "In euros",
            "examples": [1.5],
            "x-unit": "EUR",
        },
        "title": "Body",
    }


class Renamed(Struct, rename="camel"):
    first_name: str
    other: int = msgspec.field(name="another", default=1)


def test_fields_have_the_names_that_they_have_in_json() -> None:
    schema = definitions(Renamed)["Renamed"]
    assert (list(schema["properties"]), schema["required"]) == (["firstName", "another"], ["firstName"])


class Row(Struct, array_like=True):
    """A row."""

    name: str
    count: int = 1


class ExactRow(Struct, array_like=True, forbid_unknown_fields=True, tag="exact"):
    name: str


def test_a_struct_that_travels_as_an_array() -> None:
    name = {"type": "string", "title": "Name"}
    assert definitions(Row)["Row"] == {
        "type": "array",
        "title": "Row",
        "description": "A row.",
        "prefixItems": [name, {"type": "integer", "title": "Count", "default": 1}],
        "minItems": 1,
    }
    assert definitions(ExactRow)["ExactRow"] == {
        "type": "array",
        "title": "ExactRow",
        "prefixItems": [{"type": "string", "const": "exact"}, name],
        "minItems": 2,
        "maxItems": 2,
    }


class Circle(Struct, tag=1, tag_field="kind"):
    radius: float


class Square(Struct, tag=2, tag_field="kind"):
    side: float


def test_structs_that_a_tag_tells_apart() -> None:
    described = Annotated[Circle, Meta(description="round")]
    assert body_schema(described | Square | list[int] | None) == {
        "anyOf": [
            {
                "oneOf": [{"$ref": "#/components/schemas/Circle", "description": "round"}, {"$ref": "#/components/schemas/Square"}],
                "discriminator": {
                    "propertyName": "kind",
                    "mapping": {"1": "#/components/schemas/Circle", "2": "#/components/schemas/Square"},
                },
            },
            {"type": "array", "items": {"type": "integer"}},
            {"type": "null"},
        ],
        "title": "Body",
    }
    assert definitions(Circle | Square)["Circle"]["properties"]["kind"] == {"type": "integer", "const": 1, "title": "Kind"}


class Page(Struct, Generic[T]):
    items: list[T]


class Tree(Struct):
    children: list[Tree] = []


def test_generic_models_have_names_with_their_arguments() -> None:
    found = definitions(Page[Row], Page[int], Page[dict[str, int | None]])
    names = ["Page_Row_", "Page_dict_str__Union_int__NoneType___", "Page_int_", "Row"]
    assert sorted(found) == names
    assert (found["Page_int_"]["title"], found["Page_Row_"]["properties"]["items"]["items"]) == (
        "Page[int]",
        {"$ref": "#/components/schemas/Row"},
    )


def test_a_model_that_refers_to_itself() -> None:
    children = definitions(Tree, result=Tree)["Tree"]["properties"]["children"]
    assert children["items"] == {"$ref": "#/components/schemas/Tree"}


@attrs.define
class Attrs:
    """An attrs class."""

    needed: int
    made: list[int] = attrs.field(factory=list)
    closed: int = attrs.field(default=1, init=False)
    _private: int = 3


def test_an_attrs_class() -> None:
    found = definitions(Attrs, result=Attrs)
    assert found["Attrs-Input"]["properties"] == {
        "needed": {"type": "integer", "title": "Needed"},
        "made": {"type": "array", "items": {"type": "integer"}, "title": "Made"},
        "_private": {"type": "integer", "title": "Private", "default": 3},
    }
    assert found["Attrs-Output"]["properties"].keys() - found["Attrs-Input"]["properties"].keys() == {"closed"}
    assert found["Attrs-Input"]["description"] == "An attrs class."


class Priced(Struct):
    price: decimal.Decimal


class Cart(Struct):
    goods: list[Priced]


def test_models_are_told_apart_by_direction_only_where_they_differ() -> None:
    assert sorted(definitions(Cart, Page[Row], result=list[Cart | Page[Row]])) == [
        "Cart-Input",
        "Cart-Output",
        "Page_Row_",
        "Priced-Input",
        "Priced-Output",
        "Row",
    ]
    assert sorted(definitions(Cart)) == ["Cart", "Priced"]


def item_of(module: str, **fields: Any) -> Any:
    """A Struct called `Item` that is defined in some module."""
    return msgspec.defstruct("Item", list(fields.items()), module=module)


def test_two_models_of_one_name_are_told_apart_by_their_modules() -> None:
    found = definitions(item_of("shop.models", number=int), item_of("bank.models", amount=float))
    assert {name: list(schema["properties"]) for name, schema in found.items()} == {
        "shop__models__Item": ["number"],
        "bank__models__Item": ["amount"],
    }


def test_two_models_of_one_name_and_one_module_are_told_apart_by_a_number() -> None:
    found = definitions(item_of("shop", number=int), item_of("shop", amount=float))
    assert sorted(list(schema["properties"]) for schema in found.values()) == [["amount"], ["number"]]


def test_two_equal_models_of_one_name_are_one() -> None:
    assert list(definitions(item_of("shop", number=int), item_of("bank", number=int))) == ["Item"]


def test_models_that_refer_to_others_of_one_name_are_told_apart_too() -> None:
    def basket(item: Any) -> Any:
        return msgspec.defstruct("Basket", [("item", item)], module=item.__module__)

    found = definitions(basket(item_of("shop", number=int)), basket(item_of("bank", amount=float)))
    assert found["shop__Basket"]["properties"]["item"] == {"$ref": "#/components/schemas/shop__Item"}
    assert found["bank__Basket"]["properties"]["item"] == {"$ref": "#/components/schemas/bank__Item"}


def test_what_nothing_is_known_of_may_be_anything() -> None:
    assert body_schema(msgspec.Raw) == {"title": "Body"}


def test_a_union_names_each_choice_once() -> None:
    assert body_schema(list[int] | Annotated[list[int], Meta(title="again")] | Literal[1]) == {
        "anyOf": [
            {"type": "array", "items": {"type": "integer"}},
            {"type": "array", "items": {"type": "integer"}, "title": "again"},
            {"type": "integer", "const": 1},
        ],
        "title": "Body",
    }


def test_models_nested_as_deeply_as_anybody_likes() -> None:
    model: Any = Plain
    for number in range(3000):
        model = msgspec.defstruct(f"Level{number}", [("inner", model)])
    assert len(definitions(model)) == 3001
