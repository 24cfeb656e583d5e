"""User code can subclass every public class, on the compiled build too, where a class has to allow it."""

from __future__ import annotations

import enum
import pkgutil
import re
from collections.abc import Iterator
from importlib import import_module
from typing import Final

import pytest

import fasterapi

FINAL: Final = {
    "fasterapi.client.auth.BasicAuth": "a way of its own derives from Auth",
    "fasterapi.client.auth.BearerAuth": "as BasicAuth",
    "fasterapi.client.auth.DigestAuth": "as BasicAuth",
    "fasterapi.client.guard.Guard": "what it lets pass must not depend on who wrote it",
    "fasterapi.client.limits.Limits": "a record",
    "fasterapi.client.limits.Timeout": "a record",
    "fasterapi.client.request.Request": "the client makes it",
    "fasterapi.concurrency.subinterpreters.SubInterpreterPool": "closes with the application, whatever it holds",
    "fasterapi.routing.websocket_route.WebSocketDeclaration": "is what FastAPI calls APIWebSocketRoute, for isinstance",
    "fasterapi.server.protocol.HttpProtocol": "only uvicorn makes it, and its methods are called without being looked up",
}
"""The public classes that cannot be subclassed on purpose, and why."""

# What mypyc says on creating an instance of the subclass, or on handing it to one of the methods that it inherits.
REFUSAL: Final = re.compile(r"interpreted classes cannot inherit from compiled|object expected; got \S*\bUserClass$")


def public_classes() -> dict[str, type]:
    """Every class that `fasterapi` or a public module directly under it hands out, by name."""
    names = [module.name for module in pkgutil.iter_modules(fasterapi.__path__) if not module.name.startswith("_")]
    modules = [fasterapi, *(import_module(f"fasterapi.{name}") for name in names)]
    found = {}
    for module in modules:
        for name in getattr(module, "__all__", ()):
            value = getattr(module, name)
            # Python itself forbids the subclasses of an enumeration with members.
            if isinstance(value, type) and not issubclass(value, enum.Enum):
                found[f"{value.__module__}.{value.__qualname__}"] = value
    return found


PUBLIC: Final = public_classes()


def complaints_about_subclass(public: type) -> Iterator[str]:
    """What instances of a subclass by user code bring about, made with any number of arguments that are of no use."""
    subclass = type("UserClass", (public,), {})
    for count in range(10):
        try:
            subclass(*[None] * count)
        except Exception as error:  # noqa: BLE001 - each class has its own way to say that the arguments are nonsense
            yield str(error)


@pytest.mark.parametrize("name", sorted(PUBLIC.keys() - FINAL.keys()))
def test_user_code_can_subclass(name: str) -> None:
    refusals = [complaint for complaint in complaints_about_subclass(PUBLIC[name]) if REFUSAL.search(complaint)]
    assert not refusals, "write @mypyc_attr(allow_interpreted_subclasses=True) above the class"


def test_final_classes_are_public() -> None:
    assert FINAL.keys() - PUBLIC.keys() == set()
