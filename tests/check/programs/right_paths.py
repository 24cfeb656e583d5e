"""Parameters that take what the path's converters give, or decide themselves what its text becomes."""

from datetime import date, datetime
from decimal import Decimal
from enum import Enum, IntEnum
from typing import Annotated, Literal, NewType
from uuid import UUID

from fasterapi import Depends, Faster, Path

UserId = NewType("UserId", int)
Amount = NewType("Amount", float)


class Level(IntEnum):
    LOW = 1


class Mode(Enum):
    ON = 1


app = Faster()


@app.get("/plain/{a}/{b}/{c}/{d:path}")
async def plain(a: str, b: int, c: date, d: str) -> None: ...


@app.get("/integers/{a:int}/{b:int}/{c:int}/{d:int}/{e:int}/{f:int}/{g:int}/{h:int}/{i:int}")
async def integers(
    a: int,
    b: float,
    c: int | None,
    d: UserId,
    e: Level,
    f: Mode,
    g: Literal[1, 2],
    h: Decimal,
    i: datetime,
) -> None: ...


@app.get("/floats/{a:float}/{b:float}/{c:float}")
async def floats(a: float, b: Decimal, c: Amount) -> None: ...


def item_key(item_id: Annotated[UUID, Path()], version: Annotated[int, Path(alias="v", ge=1)]) -> str:
    return f"{item_id}-{version}"


@app.get("/items/{item_id:uuid}/{v:int}")
async def item(key: Annotated[str, Depends(item_key)]) -> None: ...
