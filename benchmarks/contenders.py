"""Who is measured, and how each is started."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

STOCK_PROTOCOL: Final = "httptools"
OWN_PROTOCOL: Final = "fasterapi.server:HttpProtocol"

ServerName: TypeAlias = Literal["uvicorn", "granian", "robyn", "sanic", "floor"]
"""Module in `benchmarks.servers`."""


@dataclass(frozen=True)
class Contender:
    """One row of the tables."""

    name: str
    app: str
    """Module in `benchmarks.apps`."""
    framework: str
    """`module:name` that an application of this framework imports first."""
    distribution: str
    """Whose version the results name."""
    environment: Mapping[str, str] = field(default_factory=dict)
    compiled: bool | None = None
    """Which build of fasterapi must run in this row, `None` for the others."""
    server: ServerName = "uvicorn"
    protocol: str = STOCK_PROTOCOL
    """HTTP implementation that uvicorn serves it with."""
    only_served: bool = False
    """Differs from another row in its server alone, or is no ASGI application: only the modes with a server show it."""


_FASTERAPI: Final = "fasterapi:Faster"
_FASTERAPI_DISTRIBUTION: Final = "fasterapi-framework"
_COMPILED: Final = {"FASTERAPI_PURE": "0"}
_PURE: Final = {"FASTERAPI_PURE": "1"}

BASELINE: Final = "fastapi"

CONTENDERS: Final[tuple[Contender, ...]] = (
    Contender("fasterapi", "fasterapi", _FASTERAPI, _FASTERAPI_DISTRIBUTION, _COMPILED, compiled=True, protocol=OWN_PROTOCOL),
    Contender("fasterapi-stock", "fasterapi", _FASTERAPI, _FASTERAPI_DISTRIBUTION, _COMPILED, compiled=True, only_served=True),
    Contender("fasterapi-pure", "fasterapi", _FASTERAPI, _FASTERAPI_DISTRIBUTION, _PURE, compiled=False, protocol=OWN_PROTOCOL),
    Contender("floor", "floor", "httptools:HttpRequestParser", "httptools", server="floor", only_served=True),
    Contender("raw", "raw", "msgspec:Struct", "msgspec"),
    Contender("raw-granian", "raw", "msgspec:Struct", "msgspec", server="granian", only_served=True),
    Contender("faster-api-web", "faster_api_web", "FasterAPI:Faster", "faster-api-web"),
    Contender("blacksheep", "blacksheep", "blacksheep:Application", "blacksheep"),
    Contender("falcon", "falcon", "falcon.asgi:App", "falcon"),
    Contender("starlette", "starlette", "starlette.applications:Starlette", "starlette"),
    Contender("sanic", "sanic", "sanic:Sanic", "sanic", server="sanic", only_served=True),
    Contender("robyn", "robyn", "robyn:Robyn", "robyn", server="robyn", only_served=True),
    Contender("litestar", "litestar", "litestar:Litestar", "litestar"),
    Contender("fastapi-granian", "fastapi", "fastapi:FastAPI", "fastapi", server="granian", only_served=True),
    Contender("fastapi", "fastapi", "fastapi:FastAPI", "fastapi"),
)


class ContenderError(Exception):
    """A contender is unknown, does not start, or does not do what it should; the message says which, and why."""


def find_contender(name: str) -> Contender:
    """The contender of that name; `KeyError` where there is none."""
    return {contender.name: contender for contender in CONTENDERS}[name]


def choose_contenders(only: list[str] | None, *, served: bool) -> list[Contender]:
    """The rows of a mode, in the order of the table; `ContenderError` names what `only` asks for in vain."""
    offered = [contender for contender in CONTENDERS if served or not contender.only_served]
    if only is None:
        return offered
    names = {contender.name for contender in offered}
    unknown = [name for name in only if name not in names]
    if unknown:
        raise ContenderError(f"no contender {', '.join(unknown)} in this mode; choose from {', '.join(sorted(names))}")
    return [contender for contender in offered if contender.name in only]
