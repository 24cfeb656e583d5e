"""What schemes give, for type checkers.

Interpreted, and apart from the compiled schemes: on CPython 3.11 a weak reference to an instance of a compiled class with
type parameters outlives it, and then crashes the process.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic

from typing_extensions import TypeVar

if TYPE_CHECKING:
    from fasterapi.http.connection import HTTPConnection

Given_co = TypeVar("Given_co", covariant=True)

Text_co = TypeVar("Text_co", covariant=True, default=str | None)
"""What is given by schemes whose credentials are one text; a subclass that does not say gives `None` too."""


class Gives(Generic[Given_co]):
    """Stands before the compiled class of a scheme and says what depending on the scheme gives."""

    if TYPE_CHECKING:

        async def __call__(self, request: HTTPConnection) -> Given_co:
            """What the request carries."""
            ...
