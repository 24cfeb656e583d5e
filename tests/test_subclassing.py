"""User code can subclass every public class, on the compiled build too, where a class has to allow it."""

from __future__ import annotations

import enum
import inspect
import pkgutil
import re
from importlib import import_module
from typing import Final

import pytest

import fasterapi

FINAL: Final[dict[str, str]] = {}
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


def required_arguments(public: type) -> tuple[list[None], dict[str, None]]:
    """As many arguments as the class cannot do without. They are of no use to it, but it gets to see them."""
    required = [parameter for parameter in inspect.signature(public).parameters.values() if parameter.default is parameter.empty]
    positional = [parameter for parameter in required if parameter.kind in {parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD}]
    keywords = [parameter.name for parameter in required if parameter.kind == parameter.KEYWORD_ONLY]
    return [None] * len(positional), dict.fromkeys(keywords)


def complaint_about_subclass(public: type) -> str:
    """What an instance of a subclass by user code brings about."""
    subclass = type("UserClass", (public,), {})
    positional, keywords = required_arguments(public)
    try:
        subclass(*positional, **keywords)
    except Exception as error:  # noqa: BLE001 - the arguments are nonsense, and each class has its own way to say so
        return str(error)
    return ""


@pytest.mark.parametrize("name", sorted(PUBLIC.keys() - FINAL.keys()))
def test_user_code_can_subclass(name: str) -> None:
    assert not REFUSAL.search(complaint_about_subclass(PUBLIC[name])), (
        "write @mypyc_attr(allow_interpreted_subclasses=True) above the class"
    )


def test_final_classes_are_public() -> None:
    assert FINAL.keys() - PUBLIC.keys() == set()
