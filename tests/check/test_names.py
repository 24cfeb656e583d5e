from __future__ import annotations

from functools import lru_cache, partial
from types import ModuleType

import pytest

from fasterapi.check.names import Callee, Namer
from fasterapi.check.sources import Sources
from tests.check.conftest import WriteModule

TEXT = """\
from functools import lru_cache, partial, wraps


def function(*args, limit=1): ...


class Service:
    scheme = partial(function)

    def __call__(self): ...

    def method(self): ...

    @classmethod
    def made(cls): ...

    @staticmethod
    def static(): ...


def make():
    def inner(): ...

    class Local:
        def __call__(self): ...

    return inner, Local()


def replace(function):
    @wraps(function)
    def call(): ...

    return call


@lru_cache
def cached(): ...


def original(): ...


replaced = original
original = replace(original)
del replaced
service = Service()
named_inner = make()[0]
named_lambda = lambda: 1
"""


@pytest.fixture
def module(write_module: WriteModule) -> ModuleType:
    return write_module("named", TEXT)


def callee(module: ModuleType, call: object) -> Callee:
    assert callable(call)
    return Namer([module], Sources()).callee(call)


@pytest.mark.parametrize(
    "name",
    [
        "function",
        "Service",
        "Service.made",
        "Service.static",
        "Service.scheme",
        "cached",
        "service",
        "service.method",
        "named_inner",
        "named_lambda",
        "original",
    ],
)
def test_what_a_module_names_is_written_by_that_name(module: ModuleType, name: str) -> None:
    found: object = module
    for part in name.split("."):
        found = getattr(found, part)
    named = callee(module, found)
    assert (named.label, named.expression) == (name, f"module_1.{name}")


def test_a_name_in_another_module_is_looked_for_where_it_is_assigned_to(module: ModuleType, write_module: WriteModule) -> None:
    importer = write_module("importer", "from named import service\n")
    namer = Namer([importer, module], Sources())
    namer.callee(module.service)
    assert namer.aliases == {"named": "module_1"}


def test_an_instance_that_nothing_names_is_written_as_one_of_its_class(module: ModuleType) -> None:
    namer = Namer([module], Sources())
    named = namer.callee(module.Service())
    assert (named.label, named.expression) == ("Service()", "instance_1")
    assert namer.instances == {"instance_1": "module_1.Service"}


def test_a_method_of_an_instance_that_nothing_names_is_written_so_too(module: ModuleType) -> None:
    assert callee(module, module.Service().method).expression == "instance_1.method"


def test_a_partial_that_nothing_names_is_written_out(module: ModuleType) -> None:
    named = callee(module, partial(module.function, 1, limit=2))
    assert (named.label, named.expression) == ("partial(function)", "partial(module_1.function, anything, limit=anything)")


@pytest.mark.parametrize(
    ("number", "reason"),
    [
        (0, "is defined inside a function"),
        (1, "is a lambda that has no name"),
        (2, "is defined inside a function"),
        (3, "is not what its module has under its name: a decorator or another definition has taken that over"),
        (4, "is defined inside a function"),
        (5, "is defined inside a function"),
    ],
)
def test_for_want_of_a_name_there_is_a_reason(module: ModuleType, number: int, reason: str) -> None:
    inner, local = module.make()
    calls = [inner, lambda: 1, local, module.original.__wrapped__, partial(inner), lru_cache(inner)]
    named = callee(module, calls[number])
    assert (named.expression, named.reason) == (None, reason)


def test_a_variable_is_where_it_is_assigned_to(module: ModuleType) -> None:
    place = callee(module, module.named_inner).place
    assert place is not None
    assert TEXT.splitlines()[place.line - 1] == "named_inner = make()[0]"
