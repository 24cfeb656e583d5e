"""Which types are left to pydantic, and that nobody else pays for it."""

import dataclasses
import subprocess
import sys
from typing import Annotated, Any, Generic, Literal, NewType, TypeVar

import annotated_types
import msgspec
import pydantic
import pytest
import typing_extensions
from pydantic import AfterValidator, BaseModel, Field, StringConstraints

from fasterapi import UploadFile
from fasterapi.binding.pydantic_types import is_pydantics

T = TypeVar("T")


class Item(BaseModel):
    x: int


class Struct(msgspec.Struct):
    item: Item


@dataclasses.dataclass
class Holder:
    items: list[Item]


@dataclasses.dataclass
class Box(Generic[T]):
    content: T


@dataclasses.dataclass
class Knot:
    inner: "list[Knot]"


class Entries(typing_extensions.TypedDict):
    entries: "dict[str, Entries]"
    mail: pydantic.EmailStr


Mail = NewType("Mail", pydantic.EmailStr)
Bound = TypeVar("Bound", bound=Item)
Tree = typing_extensions.TypeAliasType("Tree", "list[Tree] | Item")
Numbers = typing_extensions.TypeAliasType("Numbers", "dict[str, Numbers] | int")


@pytest.mark.parametrize(
    "annotation",
    [
        Item,
        list[Item],
        dict[str, Item | None],
        tuple[Item, ...],
        Holder,
        Box[Item],
        Entries,
        Mail,
        Bound,
        Tree,
        pydantic.HttpUrl,
        pydantic.StrictInt,
        pydantic.UUID4,
        pydantic.SecretStr,
        pydantic.RootModel[int],
        Annotated[int, AfterValidator(abs)],
        list[Annotated[int, Field(strict=True)]],
        Annotated[str, StringConstraints(to_lower=True)],
        pydantic.condecimal(max_digits=3),
        Annotated[int | str, Field(union_mode="left_to_right")],
    ],
)
def test_what_only_pydantic_knows_is_left_to_it(annotation: Any) -> None:
    assert is_pydantics(annotation)


@pytest.mark.parametrize(
    "annotation",
    [
        int,
        list[int],
        dict[str, Any],
        Struct,
        list[Struct],
        Box[int],
        Knot,
        Numbers,
        T,
        UploadFile,
        Literal["a"],
        pydantic.PositiveInt,
        pydantic.conint(gt=1),
        Annotated[int, Field(gt=1, description="bounds")],
        Annotated[str, Field(pattern="a", max_length=3)],
        Annotated[str, StringConstraints(min_length=2)],
        Annotated[int, annotated_types.Ge(1)],
        Annotated[int, msgspec.Meta(ge=1)],
        None,
        "int",
    ],
)
def test_what_others_know_too_is_not(annotation: Any) -> None:
    assert not is_pydantics(annotation)


PROGRAM = """
import sys
import msgspec
from fasterapi import Faster
from fasterapi.testing import TestClient

class Item(msgspec.Struct):
    x: int

app = Faster()

@app.post("/")
async def handler(item: Item, limit: int = 1) -> list[Item]:
    return [item] * limit

assert TestClient(app).post("/?limit=2", json={"x": 1}).json() == [{"x": 1}, {"x": 1}]
assert TestClient(app).get("/openapi.json").status_code == 200
print([name for name in sys.modules if name.partition(".")[0] in ("pydantic", "pydantic_core")])
"""


def test_an_application_without_pydantic_does_not_import_it() -> None:
    ran = subprocess.run([sys.executable, "-P", "-c", PROGRAM], capture_output=True, text=True, check=True, timeout=120)
    assert ran.stdout == "[]\n"
