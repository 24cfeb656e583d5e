"""Mistakes that keep an application from starting, beside one that a type checker finds."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

from fasterapi import Depends, Faster, Path

app = Faster()


def text() -> str:
    return ""


def first(other: Annotated[str, Depends(second)]) -> str:
    return other


def second(other: Annotated[str, Depends(first)]) -> str:
    return other


def unusable(*texts: str) -> str:
    return ""


@app.get("/items")
async def read_item(item_id: Annotated[int, Path()]) -> None: ...


@app.get("/circle")
async def circle(text: Annotated[str, Depends(first)]) -> None: ...


@app.get("/unusable")
async def uses_unusable(text: Annotated[str, Depends(unusable)]) -> None: ...


@app.get("/unusable/again")
async def uses_unusable_again(text: Annotated[str, Depends(unusable)]) -> None: ...


@app.get("/no-provider")
async def no_provider(text: Annotated[str, Depends(5)]) -> None: ...


@contextmanager
def managed() -> Iterator[str]:
    yield ""


@app.get("/managed")
async def uses_managed(text: Annotated[str, Depends(managed)]) -> None: ...


@app.get("/typed")
async def typed(number: Annotated[int, Depends(text)]) -> None: ...
