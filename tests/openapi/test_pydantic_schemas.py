"""What documents say of pydantic's types: what FastAPI's say."""

import dataclasses
import datetime
import decimal
import enum
from collections.abc import Callable
from typing import Annotated, Any, Generic, Literal, TypeAlias, TypeVar

import fastapi
import pydantic
import pytest
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, HttpUrl, RootModel

import fasterapi
from fasterapi import Faster

T = TypeVar("T")


class Color(enum.Enum):
    """What it looks like."""

    RED = "red"
    BLUE = "blue"


class Cat(BaseModel):
    """A cat."""

    kind: Literal["cat"]
    lives: int = Field(9, ge=0, description="How many are left.", examples=[9])


class Dog(BaseModel):
    kind: Literal["dog"]
    color: Color = Color.RED
    name: str | None = None


class Page(BaseModel, Generic[T]):
    items: list[T]
    total: int


class Ids(RootModel[list[int]]):
    pass


class Split(BaseModel):
    """What a request gives is not what an answer gives."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"number": 1}]})

    number: int = Field(serialization_alias="sent", validation_alias="given")
    price: decimal.Decimal = decimal.Decimal("1.5")
    data: bytes = b""
    made: datetime.timedelta = datetime.timedelta(seconds=1)
    cats: list[Cat] = []


class Computing(BaseModel):
    x: int

    @pydantic.computed_field  # type: ignore[prop-decorator]  # pydantic has it so
    @property
    def double(self) -> int:
        return self.x * 2


class Knot(BaseModel):
    inner: "Knot | None" = None
    others: list["Knot"] = []


@pydantic.dataclasses.dataclass
class Checked:
    x: int
    dogs: list[Dog] = dataclasses.field(default_factory=list)


@dataclasses.dataclass
class Plain:
    cat: Cat


class Filters(BaseModel):
    limit: int = Field(100, gt=0, title="Limit", description="How many at most.")
    tags: list[str] = []
    color: Color | None = None
    link: HttpUrl = Field(alias="the-link", deprecated=True)


class Login(BaseModel):
    username: str
    password: pydantic.SecretStr = Field(min_length=3)


def same_name(module: str, kind: type) -> Any:
    return pydantic.create_model("Same", __module__=module, field=(kind, ...))


One: TypeAlias = same_name("one", int)  # type: ignore[valid-type]  # made at run time
Other: TypeAlias = same_name("other", str)  # type: ignore[valid-type]  # made at run time


def bodies(framework: Any, app: Faster) -> None:
    @app.post("/cat")
    async def cat(given: Cat) -> Cat:
        raise NotImplementedError

    @app.post("/optional")
    async def optional(given: Annotated[Dog | None, framework.Body(title="A dog", description="Or none.")] = None) -> Dog | None:
        raise NotImplementedError

    @app.post("/tagged")
    async def tagged(
        given: Annotated[Cat | Dog, Field(discriminator="kind")],
    ) -> list[Annotated[Cat | Dog, Field(discriminator="kind")]]:
        raise NotImplementedError

    @app.post("/several")
    async def several(
        cat: Cat, dogs: list[Dog], color: Annotated[Color, framework.Body()], count: Annotated[int, framework.Body()] = 1
    ) -> Any: ...

    @app.post("/embedded")
    async def embedded(cat: Annotated[Cat | None, framework.Body(embed=True, examples=[{"kind": "cat"}])] = None) -> Any: ...

    @app.post("/page")
    async def page(given: Page[Page[Cat]]) -> Page[int]:
        raise NotImplementedError

    @app.post("/ids")
    async def ids(given: Ids) -> RootModel[dict[str, Color]]:
        raise NotImplementedError

    @app.post("/checked")
    async def checked(given: Checked) -> Plain:
        raise NotImplementedError

    @app.post("/link")
    async def link(given: Annotated[HttpUrl, framework.Body()]) -> dict[str, HttpUrl]:
        raise NotImplementedError


def directions(framework: Any, app: Faster) -> None:
    @app.post("/split")
    async def split(given: Split) -> Split:
        raise NotImplementedError

    further: dict[int | str, dict[str, Any]] = {404: {"model": list[Cat]}, 409: {"model": Computing}}

    @app.post("/computing", responses=further)
    async def computing(given: Computing) -> Computing:
        raise NotImplementedError


def parameters(framework: Any, app: Faster) -> None:
    @app.get("/query/{color}")
    async def of_query(
        color: Color,
        filters: Annotated[Filters, framework.Query()],
        upper: Annotated[str, AfterValidator(str.upper), Field(description="A text", json_schema_extra={"x-list": [1]})] = "a",
        home: Annotated[HttpUrl, framework.Query(description="A link", examples=["http://a.b"])] = HttpUrl("http://example.org"),
        links: Annotated[list[HttpUrl], framework.Query(max_length=3)] = [],  # noqa: B006 - is not changed
    ) -> None: ...

    @app.get("/optional")
    async def optional(filters: Annotated[Filters | None, framework.Header()] = None) -> Dog:
        raise NotImplementedError

    @app.post("/form")
    async def form(given: Annotated[Login, framework.Form()]) -> None: ...

    @app.post("/fields")
    async def fields(link: Annotated[HttpUrl, framework.Form()], links: Annotated[list[HttpUrl], framework.Form()]) -> None: ...


def names(framework: Any, app: Faster) -> None:
    @app.post("/one")
    async def one(given: One) -> Other:
        raise NotImplementedError

    @app.post("/both")
    async def both(given: list[One | Other]) -> None: ...


def described(value: Any) -> Any:
    """The document without titles of components: ours have the names of the components where two have one title."""
    document: dict[str, Any] = value.openapi()
    for component in document["components"]["schemas"].values():
        component.pop("title", None)
    return document


@pytest.mark.parametrize("declare", [bodies, directions, parameters, names])
@pytest.mark.parametrize("is_split", [True, False])
def test_the_document_is_that_of_fastapi(declare: Callable[[Any, Any], None], is_split: bool) -> None:
    theirs = fastapi.FastAPI(title="Both", separate_input_output_schemas=is_split)
    ours = Faster(title="Both", separate_input_output_schemas=is_split)
    declare(fastapi, theirs)
    declare(fasterapi, ours)
    assert described(ours) == described(theirs)


def test_a_model_that_refers_to_itself_is_there_once() -> None:
    app = Faster()

    @app.post("/")
    async def handler(given: Knot) -> Knot:
        raise NotImplementedError

    assert app.openapi()["components"]["schemas"].keys() - {"ValidationError", "HTTPValidationError"} == {"Knot"}


def test_what_stands_behind_a_form_feed_is_for_no_reader() -> None:
    class Noted(BaseModel):
        """A thing.\f Not for readers."""

    app = Faster()

    @app.post("/")
    async def handler(given: Noted) -> None: ...

    assert app.openapi()["components"]["schemas"]["Noted"]["description"] == "A thing."


def test_a_file_of_a_model_is_binary() -> None:
    class Upload(BaseModel):
        document: fasterapi.UploadFile

    app = Faster()

    @app.post("/")
    async def handler(given: Annotated[Upload, fasterapi.Form()]) -> None: ...

    properties = app.openapi()["components"]["schemas"]["Upload"]["properties"]
    assert properties == {"document": {"type": "string", "contentMediaType": "application/octet-stream", "title": "Document"}}
