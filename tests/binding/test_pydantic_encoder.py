"""Results of pydantic's types: FastAPI's answer is the expected one."""

import datetime
import enum
import warnings
from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Annotated, Any

import pydantic
import pytest
from pydantic import BaseModel, ConfigDict, Field, RootModel

from fasterapi import Faster
from fasterapi.errors import ResponseValidationError
from fasterapi.testing import TestClient
from tests.side_by_side import SideBySide


class Color(enum.Enum):
    RED = "red"


class UserOut(BaseModel):
    name: str


class User(UserOut):
    password: str = "secret"


class Item(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    number: int = Field(validation_alias="given", serialization_alias="sent")
    price: float | None = None
    made: datetime.timedelta = datetime.timedelta(seconds=90)
    owner: UserOut = UserOut(name="nobody")
    color: Color = Color.RED

    @pydantic.computed_field  # type: ignore[prop-decorator]  # pydantic has it so
    @property
    def double(self) -> int:
        return self.number * 2

    @pydantic.field_serializer("price")
    def in_cents(self, price: float | None) -> int | None:
        return None if price is None else round(price * 100)


class Ids(RootModel[list[int]]):
    pass


@pydantic.dataclasses.dataclass
class Checked:
    x: int
    owner: UserOut


ITEM = Item.model_validate({"given": 1})
PRICED = Item.model_validate({"given": 1, "price": 2})
ROW = SimpleNamespace(given=2, price=1.5, made=datetime.timedelta(days=1), owner=User(name="a"), color="red")


def declare(framework: Any, app: Faster, log: list[Any]) -> None:
    def route(path: str, result: object, **options: Any) -> None:
        async def handler() -> Any:
            return result

        app.get(path, **options)(handler)

    route("/instance", ITEM, response_model=Item)
    route("/subclass", User(name="a"), response_model=UserOut)
    route("/dict", {"given": "3", "owner": {"name": "b", "password": "p"}}, response_model=Item)
    route("/row", ROW, response_model=Item)
    route("/list", [ITEM, ROW, {"given": 4}], response_model=list[Item])
    route("/mapping", {"a": [User(name="a")]}, response_model=dict[str, list[UserOut]])
    route("/optional", None, response_model=Item | None)
    route("/union", {"given": 1}, response_model=UserOut | Item)
    route("/root", [1, "2"], response_model=Ids)
    route("/checked", {"x": "1", "owner": User(name="a")}, response_model=Checked)
    route("/link", "http://example.org", response_model=pydantic.HttpUrl)
    route("/upper", "a", response_model=Annotated[str, pydantic.PlainSerializer(str.upper)])
    route("/names", ITEM, response_model=Item, response_model_by_alias=False)
    route("/unset", {"given": 1}, response_model=Item, response_model_exclude_unset=True)
    route("/unset-instance", PRICED, response_model=Item, response_model_exclude_unset=True)
    route("/defaults", PRICED, response_model=Item, response_model_exclude_defaults=True)
    route("/none", ITEM, response_model=Item, response_model_exclude_none=True)
    route("/include", ITEM, response_model=Item, response_model_include={"number", "owner"})
    route("/include-list", ITEM, response_model=Item, response_model_include=["number"])
    route("/exclude", [ITEM], response_model=list[Item], response_model_exclude={"__all__": {"owner": {"name"}, "price": True}})
    route("/undeclared", [ITEM, Ids([1]), {"u": User(name="a")}])
    route("/any", [ITEM, Ids([1]), {"u": User(name="a")}], response_model=Any)
    route("/html", ITEM, response_model=Item, response_class=framework.responses.JSONResponse, status_code=201)
    route("/wrong", {"given": "x"}, response_model=Item)
    route("/wrong-list", ITEM, response_model=list[Item])

    @app.get("/annotated")
    async def annotated() -> Item:
        return ITEM

    @app.get("/drafted")
    async def drafted(response: framework.Response) -> UserOut:
        response.status_code = 202
        return User(name="ü")


@pytest.fixture(scope="module")
def apps() -> SideBySide:
    import fasterapi.responses  # noqa: F401 - `framework.responses`

    return SideBySide(declare)


@pytest.mark.parametrize(
    "path",
    [
        "/instance",
        "/subclass",
        "/dict",
        "/row",
        "/list",
        "/mapping",
        "/optional",
        "/union",
        "/root",
        "/checked",
        "/link",
        "/upper",
        "/names",
        "/unset",
        "/unset-instance",
        "/defaults",
        "/none",
        "/include",
        "/include-list",
        "/exclude",
        "/undeclared",
        "/any",
        "/html",
        "/wrong",
        "/wrong-list",
        "/annotated",
        "/drafted",
    ],
)
def test_a_result_is_sent_as_fastapi_sends_it(apps: SideBySide, path: str) -> None:
    with warnings.catch_warnings():
        # What pydantic says of an object in the place of a model.
        warnings.simplefilter("ignore", UserWarning)
        apps.get(path)


def test_what_a_handler_yields_is_sent_item_by_item() -> None:
    app = Faster()

    @app.get("/")
    async def handler() -> AsyncIterator[UserOut]:
        yield User(name="a")
        yield UserOut(name="b")

    assert TestClient(app).get("/").text == '{"name":"a"}\n{"name":"b"}\n'


def test_a_result_that_does_not_fit_raises_what_it_lacks() -> None:
    app = Faster()

    @app.get("/")
    async def handler() -> UserOut:
        return {"nme": "a"}  # type: ignore[return-value]  # the mistake under test

    with pytest.raises(ResponseValidationError) as caught:
        TestClient(app).get("/")
    assert caught.value.errors() == [{"type": "missing", "loc": ("response", "name"), "msg": "Field required", "input": {"nme": "a"}}]
