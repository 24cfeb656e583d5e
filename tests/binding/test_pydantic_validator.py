"""Bodies of pydantic's types: FastAPI's answer is the expected one, and what it gives the handler."""

import dataclasses
import datetime
import decimal
import enum
from typing import Annotated, Any, Generic, Literal, NamedTuple, NotRequired, TypeVar

import msgspec
import pydantic
import pytest
import typing_extensions
from pydantic import BaseModel, ConfigDict, Field, RootModel

from fasterapi import Faster
from fasterapi.binding.graph import GraphError
from fasterapi.testing import TestClient
from tests.side_by_side import SideBySide

T = TypeVar("T")


class Color(enum.Enum):
    RED = "red"
    BLUE = "blue"


class Part(BaseModel):
    name: str = Field(min_length=2)
    size: decimal.Decimal = Field(decimal.Decimal(2), gt=decimal.Decimal("1.5"))


class Item(BaseModel):
    model_config = ConfigDict(extra="forbid")

    title: str = Field(alias="Title")
    parts: list[Part] = []
    color: Color = Color.RED
    made: datetime.datetime | None = None
    by_name: dict[str, Part] | None = None

    @pydantic.field_validator("title")
    @classmethod
    def is_short(cls, title: str) -> str:
        if len(title) > 5:
            raise ValueError("too long")
        return title.strip()

    @pydantic.model_validator(mode="after")
    def has_luck(self) -> "Item":
        assert self.title != "13", "no luck"
        return self


class Cat(BaseModel):
    kind: Literal["cat"]
    lives: int = 9


class Dog(BaseModel):
    kind: Literal["dog"]
    name: str


class Page(BaseModel, Generic[T]):
    items: list[T]
    total: int = 0


class Node(BaseModel):
    value: int
    children: list["Node"] = []


class Ids(RootModel[list[int]]):
    pass


class Packed(BaseModel):
    packed: pydantic.Json[list[int]]
    count: int


@pydantic.dataclasses.dataclass
class Checked:
    x: int
    cats: list[Cat] = dataclasses.field(default_factory=list)


@dataclasses.dataclass
class Plain:
    cat: Cat
    n: int = 1


class Row(NamedTuple):
    cat: Cat
    n: int = 2


class Entries(typing_extensions.TypedDict):
    cat: Cat
    link: NotRequired[pydantic.HttpUrl]


CAT = {"kind": "cat"}
DOG = {"kind": "dog", "name": "Rex"}


def declare(framework: Any, app: Faster, log: list[Any]) -> None:
    body = framework.Body

    @app.post("/item")
    async def item(given: Item) -> None:
        log.append(repr(given))

    @app.post("/optional")
    async def optional(given: Item | None = None) -> None:
        log.append(repr(given))

    @app.post("/several")
    async def several(item: Item, part: Part, count: Annotated[int, body()] = 1, limit: int = 3) -> None:
        log.append(repr((item, part, count, limit)))

    @app.post("/embedded")
    async def embedded(part: Annotated[Part, body(embed=True)]) -> None:
        log.append(repr(part))

    @app.post("/list")
    async def in_list(given: list[Part]) -> None:
        log.append(repr(given))

    @app.post("/short-list")
    async def in_short_list(given: Annotated[list[Cat], body(max_length=1)]) -> None:
        log.append(repr(given))

    @app.post("/mapping")
    async def in_mapping(given: dict[int, Part]) -> None:
        log.append(repr(given))

    @app.post("/union")
    async def union(given: Cat | Dog) -> None:
        log.append(repr(given))

    @app.post("/tagged")
    async def tagged(given: Annotated[Cat | Dog, Field(discriminator="kind")]) -> None:
        log.append(repr(given))

    @app.post("/page")
    async def page(given: Page[Cat]) -> None:
        log.append(repr(given))

    @app.post("/node")
    async def node(given: Node) -> None:
        log.append(repr(given))

    @app.post("/ids")
    async def ids(given: Ids) -> None:
        log.append(repr(given))

    @app.post("/packed")
    async def packed(given: Packed, limit: int) -> None:
        log.append(repr(given))

    @app.post("/checked")
    async def checked(given: Checked) -> None:
        log.append(repr(given))

    @app.post("/plain")
    async def plain(given: Plain) -> None:
        log.append(repr(given))

    @app.post("/row")
    async def row(given: Annotated[Row, body()]) -> None:
        log.append(repr(given))

    @app.post("/entries")
    async def entries(given: Entries) -> None:
        log.append(repr(given))

    @app.post("/upper")
    async def upper(given: Annotated[str, pydantic.AfterValidator(str.upper), body(max_length=3)]) -> None:
        log.append(given)


@pytest.fixture(scope="module")
def apps() -> SideBySide:
    return SideBySide(declare)


@pytest.mark.parametrize(
    ("path", "given"),
    [
        ("/item", {"Title": "abc", "parts": [{"name": "xx", "size": "2"}], "made": "2020-01-01T00:00:00Z"}),
        ("/item", {"Title": "abcdef", "parts": [{"name": "x", "size": 1}], "color": "green", "more": 1}),
        ("/item", {"Title": "13"}),
        ("/item", {"title": "x", "by_name": {"a": {"name": 1}}}),
        ("/item", []),
        ("/item", "text"),
        ("/item", None),
        ("/optional", {"Title": 1}),
        ("/optional", None),
        ("/several", {"item": {"Title": " a "}, "part": {"name": "xx"}, "count": "2"}),
        ("/several?limit=x", {"item": {}, "part": 3, "count": "x"}),
        ("/several", {}),
        ("/several", []),
        ("/embedded", {"part": {"name": "xx"}}),
        ("/embedded", {"name": "xx"}),
        ("/list", [{"name": "xx"}]),
        ("/list", [{"name": "x"}, {}, 3]),
        ("/short-list", [CAT, CAT]),
        ("/short-list", [CAT]),
        ("/mapping", {"1": {"name": "xx"}}),
        ("/mapping", {"x": {"name": "x"}}),
        ("/union", CAT),
        ("/union", DOG),
        ("/union", {"kind": "bird"}),
        ("/tagged", DOG),
        ("/tagged", {"kind": "bird"}),
        ("/tagged", {"kind": "cat", "lives": "many"}),
        ("/tagged", {}),
        ("/page", {"items": [CAT], "total": "1"}),
        ("/page", {"items": [DOG, 1]}),
        ("/node", {"value": "1", "children": [{"value": 2, "children": [{"value": "x"}]}]}),
        ("/node", {"value": "1", "children": [{"value": 2}]}),
        ("/ids", [1, "2"]),
        ("/ids", ["x"]),
        ("/packed?limit=1", {"packed": "[1, 2]", "count": 1}),
        ("/packed", {"packed": "[1", "count": "x"}),
        ("/checked", {"x": "1", "cats": [CAT]}),
        ("/checked", {"cats": [DOG]}),
        ("/plain", {"cat": CAT}),
        ("/plain", {"cat": DOG, "n": "x"}),
        ("/row", [CAT]),
        ("/row", [DOG, "x", 3]),
        ("/entries", {"cat": CAT, "link": "http://example.org"}),
        ("/entries", {"link": "example"}),
        ("/upper", "abc"),
        ("/upper", "abcd"),
    ],
)
def test_a_body_is_read_as_fastapi_reads_it(apps: SideBySide, path: str, given: object) -> None:
    apps.post(path, json=given)


@pytest.mark.parametrize(
    ("content", "content_type"), [(b"", "application/json"), (b"{", "application/json"), (b'{"Title": "a"}', "text/plain")]
)
@pytest.mark.parametrize("path", ["/item", "/optional", "/several"])
def test_a_body_that_is_no_json_is_answered_as_fastapi_does(apps: SideBySide, path: str, content: bytes, content_type: str) -> None:
    apps.post(path, content=content, headers={"content-type": content_type})


def test_the_faults_of_a_body_with_thousands_are_counted(apps: SideBySide) -> None:
    client = TestClient(apps.ours)
    assert len(client.post("/list", json=[1] * 5000).json()["detail"]) == 5000
    assert client.post("/list", json=[1] * 5001).json() == {
        "detail": [{"type": "too_many_faults", "loc": ["body"], "msg": "Input has 5001 faults", "input": None}]
    }


class Holder(msgspec.Struct):
    cat: Cat


class Unfinished(BaseModel):
    later: "Unknown"  # type: ignore[name-defined]  # noqa: F821 - the mistake under test


@pytest.mark.parametrize(
    ("annotation", "message"),
    [
        (
            Holder,
            r"Cat is pydantic's, and stands in a msgspec.Struct .*\. Make that class a BaseModel or a dataclass, or Cat a msgspec.Struct",
        ),
        (list[Holder | Cat], r"make a msgspec.Struct or attrs class in it a BaseModel or a dataclass"),
        (Unfinished, r"pydantic does not know Unfinished: name 'Unknown' is not defined"),
    ],
)
def test_what_pydantic_cannot_read_is_refused_at_start_up(annotation: Any, message: str) -> None:
    app = Faster()

    @app.post("/")
    async def handler(given: annotation) -> None: ...

    with pytest.raises(GraphError, match=message):
        app.compile()
