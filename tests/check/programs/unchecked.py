"""Callables that no type checker can see, and mistakes around them."""

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import Annotated, Any

from fasterapi import Depends, Faster

app = Faster()


def text() -> str:
    return ""


def make_provider(word: str) -> Callable[[], int]:
    def provider(
        number: Annotated[int, Depends(text)],
    ) -> int:
        return number

    return provider  # type: ignore[return-value]  # pyright: ignore[reportReturnType]


named: Callable[[int], int] = make_provider("")  # type: ignore[assignment]  # pyright: ignore[reportAssignmentType]


def hide(function):  # type: ignore[no-untyped-def]  # as many write them
    return function


def replace(function: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(function)
    def call(*args: object) -> object:
        return function(*args)

    return call


@app.get("/locals")
async def uses_locals(
    unnamed: Annotated[str, Depends(make_provider(""))],
    anonymous: Annotated[str, Depends(lambda: 1)],
    number: Annotated[int, Depends(named)],
    other: Annotated[int, Depends(text)],
) -> None: ...


def limit(function: Callable[..., str]) -> Callable[..., str]:
    @wraps(function)
    def call(*args: object) -> str:
        return function(*args)

    return call


@limit
def limited(number: Annotated[int, Depends(text)]) -> str:
    return str(number)


@lru_cache
def cached(number: Annotated[int, Depends(text)]) -> str:
    return str(number)


@limit
def takes_nothing(number: int = 1) -> str:
    return str(number)


@app.get("/limited")
def uses_limited(
    word: Annotated[str, Depends(limited)],
    other: Annotated[str, Depends(cached)],
    number: Annotated[int, Depends(takes_nothing)],
) -> None: ...


@hide  # type: ignore[untyped-decorator]
@app.get("/hidden")
async def hidden(number: Annotated[int, Depends(text)]) -> None: ...


@replace
@app.get("/replaced")
async def replaced(number: Annotated[int, Depends(text)]) -> None: ...


def declare_routes() -> None:
    @app.get("/inner")
    async def inner(number: Annotated[int, Depends(text)]) -> None: ...


declare_routes()
