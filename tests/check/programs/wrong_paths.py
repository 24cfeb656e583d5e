"""Parameters that take something else than the path's converters give."""

from typing import Annotated
from uuid import UUID

from fasterapi import Depends, Faster, Path

app = Faster()


def version(
    number: Annotated[str, Path(alias="version")],
) -> str:
    return number


@app.get("/{a:int}/{b:float}/{c:uuid}/{d:int}")
async def read(
    a: str,
    b: int,
    c: int,
    d: UUID,
) -> None: ...


@app.get("/first/{version:int}")
async def first(version: Annotated[str, Depends(version)]) -> None: ...


@app.get("/second/{version:float}")
async def second(version: Annotated[str, Depends(version)]) -> None: ...
