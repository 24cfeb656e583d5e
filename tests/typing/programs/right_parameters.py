"""Markers are of the type of their parameter, decorators leave handlers as they are."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Annotated, Any, assert_type

from fasterapi import Body, Cookie, FastAPI, Faster, Header, Path, Query, Response

app = Faster()


@app.get("/items/{item_id}", status_code=200)
async def read(
    item_id: int,
    limit: int = Query(10, ge=1, le=100),
    required: str = Query(),
    also_required: str = Query(..., min_length=3, pattern="^a"),
    optional: str | None = Query(None, title="Optional", deprecated=True),
    made: list[int] = Query(default_factory=list[int]),
    part: int = Path(ge=0),
    agent: str = Header(convert_underscores=False),
    session: str = Cookie("none"),
    price: float = Body(gt=0, embed=True),
    annotated: Annotated[int, Query(alias="a")] = 5,
) -> list[int]:
    return [item_id]


assert_type(Query(10), int)
assert_type(Query(None), None)
assert_type(Query("a", alias="b"), str)


@app.post("/plain")
def plain(value: int) -> Response:
    return Response()


read_as_it_was: Callable[..., Coroutine[Any, Any, list[int]]] = read
assert_type(plain(1), Response)
assert_type(FastAPI(), Faster)
