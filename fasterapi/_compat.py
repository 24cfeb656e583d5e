"""What differs between the two builds: which one runs, and the cheapest way to await a coroutine in it."""

from __future__ import annotations

from collections.abc import Coroutine, Generator
from types import CoroutineType
from typing import Any, Final, cast, final

from mypy_extensions import mypyc_attr

COMPILED: Final = not __file__.endswith(".py")
"""Whether the package runs as C extensions (`True`) or from its Python sources (`False`)."""

COROUTINE: Final = CoroutineType
"""The interpreter's own coroutines: the only awaitables that `Raw` takes."""


@final
@mypyc_attr(free_list_len=1)
class Raw:
    """Awaits a coroutine of unknown make from compiled code, at a third of what a plain `await` of it costs there.

    Compiled code asks an awaited object for its iterator and does not care which kind it gets, so a coroutine, which can
    be sent to, serves as its own iterator and the wrapper object that `coroutine.__await__()` makes is never made.
    CPython itself refuses such an answer: only compiled code may await a `Raw` in the compiled build, and only a real
    coroutine may be handed to it.
    """

    def __init__(self, coroutine: Coroutine[Any, Any, Any]) -> None:
        self.coroutine = coroutine

    def __await__(self) -> Generator[Any, Any, Any]:
        if COMPILED:
            return cast("Generator[Any, Any, Any]", self.coroutine)
        return self.coroutine.__await__()
