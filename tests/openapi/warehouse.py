"""A wide application whose document tools read and whose handlers really answer: for fuzzers and for generated clients."""

from __future__ import annotations

import datetime as dt
import enum
import itertools
import pathlib
import uuid
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Annotated, Any, Final, Generic, Literal, NamedTuple, TypedDict, TypeVar

from msgspec import Meta, Struct

from fasterapi import (
    APIRouter,
    Body,
    Cookie,
    Depends,
    Faster,
    File,
    Form,
    Header,
    HTMLResponse,
    HTTPException,
    Path,
    PlainTextResponse,
    Query,
    RedirectResponse,
    Response,
    Security,
    StreamingResponse,
    UploadFile,
)
from fasterapi.security import APIKeyHeader, HTTPBasic, HTTPBasicCredentials, HTTPBearer, OAuth2PasswordBearer, OAuth2PasswordRequestForm
from fasterapi.sse import EventSourceResponse

T = TypeVar("T")

TOKEN: Final = "of-the-warehouse"
KEY: Final = "key-of-the-warehouse"
PASSWORD: Final = "password-of-the-warehouse"


class Size(enum.Enum):
    SMALL = "small"
    LARGE = "large"


class Grade(enum.IntEnum):
    GOOD = 1
    POOR = 2


class Box(Struct, tag="box"):
    width: float
    height: Annotated[float, Meta(ge=0)] = 1.0


class Barrel(Struct, tag="barrel"):
    litres: Annotated[int, Meta(gt=0, le=1000)]
    is_open: bool = False


class Part(Struct, rename="camel", forbid_unknown_fields=True):
    """A thing that may be made of others."""

    part_name: Annotated[str, Meta(min_length=1, max_length=20)]
    made_of: list[Part] = []
    weight_in_grams: Annotated[int, Meta(ge=0, multiple_of=5)] | None = None


class Item(Struct, kw_only=True):
    """What is stored."""

    name: Annotated[str, Meta(min_length=1, max_length=40, description="What people call it")]
    packing: Box | Barrel
    size: Size = Size.SMALL
    grade: Grade = Grade.GOOD
    tags: Annotated[list[Annotated[str, Meta(pattern="^[a-z]{1,8}$")]], Meta(max_length=5)] = []
    arrived: dt.date | None = None
    counts: dict[str, int] = {}


class StoredItem(Item, kw_only=True):
    number: int


class Invoice(Struct):
    """Numbers or texts come in, texts go out."""

    total: Decimal
    lines: list[Decimal] = []


class Page(Struct, Generic[T]):
    items: list[T]
    next: int | None = None


class Place(NamedTuple):
    row: int
    shelf: str


class Measures(TypedDict, total=False):
    width: float
    unit: Literal["cm", "in"]


@dataclass
class Order:
    number: uuid.UUID
    at: dt.datetime
    lasts: dt.timedelta = dt.timedelta(days=1)
    places: list[Place] = field(default_factory=list)
    measures: Measures = field(default_factory=Measures)
    mode: Literal["fast", "slow", None] = "fast"
    anything: Any = None


@dataclass
class Fault:
    detail: str


class Listing(Struct):
    """The parameters of a list."""

    limit: Annotated[int, Meta(ge=1, le=50)] = 10
    tags: list[str] = []


class Delivery(Struct):
    """A form."""

    street: Annotated[str, Meta(min_length=1)]
    floors: Annotated[int, Meta(ge=0)] = 0


# Items that are made, read, replaced and deleted.

items = APIRouter(prefix="/items", tags=["items"])
stored: dict[int, StoredItem] = {}
numbers = itertools.count(1)
missing: dict[int | str, dict[str, Any]] = {404: {"model": Fault, "description": "There is no such item"}}
Number = Annotated[int, Path(ge=1)]


def find(number: Number) -> StoredItem:
    if number not in stored:
        raise HTTPException(404, f"there is no item {number}")
    return stored[number]


def keep(number: int, item: Item) -> StoredItem:
    values = {name: getattr(item, name) for name in Item.__struct_fields__}
    stored[number] = StoredItem(number=number, **values)
    return stored[number]


@items.get("")
async def list_items(listing: Annotated[Listing, Query()]) -> Page[StoredItem]:
    found = [item for item in stored.values() if not listing.tags or set(listing.tags) & set(item.tags)]
    return Page(found[: listing.limit])


@items.post("", status_code=201)
async def create_item(item: Item, response: Response) -> StoredItem:
    number = next(numbers)
    response.headers["location"] = f"/items/{number}"
    return keep(number, item)


@items.get("/{number}", responses=missing)
async def read_item(item: Annotated[StoredItem, Depends(find)]) -> StoredItem:
    return item


@items.put("/{number}", responses=missing)
async def replace_item(old: Annotated[StoredItem, Depends(find)], item: Item) -> StoredItem:
    return keep(old.number, item)


@items.delete("/{number}", status_code=204, responses=missing)
async def delete_item(item: Annotated[StoredItem, Depends(find)]) -> None:
    del stored[item.number]


# Parameters of every kind and every place.

parameters = APIRouter(prefix="/parameters", tags=["parameters"])


@parameters.get("/query")
async def query(
    needed: int,
    text: Annotated[str | None, Query(min_length=2, max_length=6, pattern="^[a-z]+$", alias="some-text")] = None,
    many: list[int] = Query([], max_length=3),
    size: Size = Size.SMALL,
    grade: Grade | None = None,
    word: Literal["one", "two"] = "one",
    fraction: Annotated[float, Query(ge=0.5, lt=10)] = 1.5,
    flag: bool = False,
    day: dt.date | None = None,
    moment: dt.datetime | None = None,
    clock: dt.time | None = None,
    span: dt.timedelta | None = None,
    identity: uuid.UUID | None = None,
    price: Annotated[Decimal, Query(gt=0)] = Decimal("1.5"),
) -> dict[str, Any]:
    return {"needed": needed, "text": text, "many": many, "size": size, "word": word, "day": day, "identity": identity}


@parameters.get("/path/{number}/{size}/{identity}/{rest:path}")
async def path(number: Annotated[int, Path(ge=-5, le=5)], size: Size, identity: uuid.UUID, rest: pathlib.PurePosixPath) -> dict[str, str]:
    return {"number": str(number), "size": size.value, "identity": str(identity), "rest": str(rest)}


@parameters.get("/headers")
async def headers(
    x_count: Annotated[int, Header(ge=1)],
    x_label: Annotated[list[str] | None, Header()] = None,
    session: Annotated[str | None, Cookie(max_length=30)] = None,
) -> dict[str, int]:
    return {"count": x_count, "labels": len(x_label or ()), "session": len(session or "")}


# Models that come in and go out as they are.

bodies = APIRouter(prefix="/bodies", tags=["bodies"])


@bodies.post("/part")
async def echo_part(part: Part) -> Part:
    return part


@bodies.post("/invoice")
async def echo_invoice(invoice: Invoice) -> Invoice:
    return invoice


@bodies.post("/order")
async def echo_order(order: Order) -> Order:
    return order


@bodies.put("/packings")
async def echo_packings(packings: dict[str, Box | Barrel]) -> dict[str, Box | Barrel]:
    return packings


@bodies.post("/numbers")
async def echo_numbers(numbers: Annotated[list[Annotated[int, Meta(ge=0)]], Body(min_length=1, max_length=4)]) -> list[int]:
    return numbers


@bodies.post("/several")
async def echo_several(box: Box, part: Part | None = None, count: Annotated[int, Body(ge=0)] = 1) -> dict[str, Box | Part | int | None]:
    return {"box": box, "part": part, "count": count}


@bodies.patch("/optional")
async def echo_optional(box: Annotated[Box | None, Body(embed=True)] = None) -> Box | None:
    return box


# Forms and files.

forms = APIRouter(prefix="/forms", tags=["forms"])


@forms.post("/fields")
async def fields(
    name: Annotated[str, Form(min_length=1)], count: Annotated[int, Form(ge=0)] = 0, flags: list[bool] = Form([])
) -> dict[str, int]:
    return {"length": len(name), "count": count, "flags": len(flags)}


@forms.post("/delivery")
async def delivery(delivery: Annotated[Delivery, Form()]) -> Delivery:
    return delivery


@forms.post("/files")
async def files(label: Annotated[str, Form(min_length=1)], file: UploadFile, others: list[UploadFile] | None = None) -> dict[str, int]:
    return {"label": len(label), "file": len(await file.read()), "others": len(others or ())}


@forms.post("/content")
async def content(content: Annotated[bytes, File()]) -> int:
    return len(content)


# Answers of every kind.

answers = APIRouter(prefix="/answers", tags=["answers"])


@answers.get("/page", response_class=HTMLResponse)
async def page() -> str:
    return "<p>A page</p>"


@answers.get("/text", response_class=PlainTextResponse)
async def text() -> str:
    return "a text"


@answers.get("/elsewhere", response_class=RedirectResponse)
async def elsewhere() -> str:
    return "/answers/text"


@answers.get("/pieces", response_class=StreamingResponse, responses={200: {"content": {"text/csv": {}}}})
def pieces() -> StreamingResponse:
    return StreamingResponse(iter(["1,", "2"]), media_type="text/csv")


@answers.get("/lines")
def lines(count: Annotated[int, Query(ge=0, le=3)] = 2) -> Iterator[Box]:
    for number in range(count):
        yield Box(number)


@answers.get("/events", response_class=EventSourceResponse)
async def events() -> AsyncIterator[Box]:
    yield Box(1)


@answers.get("/other-model", response_model=Box)
async def other_model() -> Any:
    return {"type": "box", "width": 1, "secret": "is left out"}


refusals: dict[int | str, dict[str, Any]] = {409: {"model": Fault}, "5XX": {"description": "Broken"}}


@answers.get("/accepted", status_code=202, responses=refusals)
async def accepted(is_taken: bool = False) -> None:
    if is_taken:
        raise HTTPException(409, "taken")


# What is answered to those who show who they are.

guarded = APIRouter(prefix="/guarded", tags=["guarded"], responses={401: {"model": Fault}})
by_token = HTTPBearer(scheme_name="token")
by_key = APIKeyHeader(name="X-Key", scheme_name="key")
by_name = HTTPBasic(scheme_name="name")
by_password = OAuth2PasswordBearer("guarded/sign-in", scopes={"read": "Read"}, scheme_name="password")


def require(is_known: bool) -> None:
    if not is_known:
        raise HTTPException(401, "not known")


@guarded.get("/token")
async def ask_by_token(credentials: Annotated[Any, Depends(by_token)]) -> str:
    require(credentials.credentials == TOKEN)
    return "known"


@guarded.get("/key")
async def ask_by_key(key: Annotated[str, Depends(by_key)]) -> str:
    require(key == KEY)
    return "known"


@guarded.get("/name")
async def ask_by_name(credentials: Annotated[HTTPBasicCredentials, Depends(by_name)]) -> str:
    require(credentials.password == PASSWORD)
    return credentials.username


@guarded.get("/scopes")
async def ask_by_password(token: Annotated[str, Security(by_password, scopes=["read"])]) -> str:
    require(token == TOKEN)
    return "known"


@guarded.post("/sign-in")
async def sign_in(form: Annotated[OAuth2PasswordRequestForm, Depends()]) -> dict[str, str]:
    require(form.password == PASSWORD)
    return {"access_token": TOKEN, "token_type": "bearer"}


app = Faster(title="Warehouse", version="1.0", generate_unique_id_function=lambda route: route.name)
for router in (items, parameters, bodies, forms, answers, guarded):
    app.include_router(router)


@app.webhooks.post("item-arrived")
async def item_arrived(body: StoredItem) -> None: ...
