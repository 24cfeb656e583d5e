"""Load a contender's application in the process that will run it."""

from __future__ import annotations

import importlib
from typing import Protocol, cast, runtime_checkable

from benchmarks.asgi import Application
from benchmarks.contenders import Contender


class AppModule(Protocol):
    """What every module in `benchmarks.apps` offers."""

    BY_HAND: frozenset[str]
    application: Application

    def with_routes(self, count: int) -> Application:
        """An application with so many routes."""
        ...


@runtime_checkable
class LimitedModule(Protocol):
    """What a module offers besides, where the framework cannot do all that the contract asks for."""

    CANNOT: frozenset[str]


@runtime_checkable
class InjectingModule(Protocol):
    """What a module offers besides, where the framework has dependencies that read requests."""

    def with_dependencies(self, count: int) -> Application:
        """An application with so many routes, and ten dependencies behind each."""
        ...


def cannot(module: AppModule) -> frozenset[str]:
    """The endpoints that the module does not offer."""
    limited: object = module
    return limited.CANNOT if isinstance(limited, LimitedModule) else frozenset()


class WrongBuildError(Exception):
    """The fasterapi that is installed here is not the build that the row of the table names."""


def load_app(contender: Contender) -> AppModule:
    """Import the contender's module; `WrongBuildError` where another build would be measured under its name."""
    imported: object = importlib.import_module(f"benchmarks.apps.{contender.app}")
    module = cast("AppModule", imported)
    if contender.compiled is not None:
        _check_build(contender.compiled)
    return module


def _check_build(compiled: bool) -> None:
    import fasterapi  # processes of other contenders must not load it

    if compiled and not fasterapi.COMPILED:
        raise WrongBuildError("fasterapi runs from its sources here; install its compiled wheel to measure this row")
    if not compiled and fasterapi.COMPILED:
        raise WrongBuildError("fasterapi runs compiled although FASTERAPI_PURE is set")
