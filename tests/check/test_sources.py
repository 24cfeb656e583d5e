from __future__ import annotations

from pathlib import Path

import pytest

from fasterapi.check.sources import Place, Sources
from tests.check.conftest import WriteModule

TEXT = """\
import functools
from dataclasses import dataclass


def decorate(function):
    @functools.wraps(function)
    def call(*args):
        return function(*args)

    return call


@decorate
@decorate
def decorated(
    first,
    *,
    second=1,
) -> int:
    return 1


@dataclass
class Base:
    inherited: int


@dataclass
class Model(Base):
    own: int


class Service:
    def __init__(
        self,
        limit,
    ):
        pass

    def __call__(self, word): ...

    class Inner: ...


if True:
    in_a_block = lambda word: word

limited = functools.partial(decorated, second=2)
service = Service(1)
"""


@pytest.fixture
def line_of(write_module: WriteModule, folder: Path) -> LineOf:
    return LineOf(write_module("described", TEXT), folder)


class LineOf:
    """Asks for lines of the module by the names in it."""

    def __init__(self, module: object, folder: Path) -> None:
        self._module = module
        self._file = str(folder / "described.py")
        self._sources = Sources()

    def __call__(self, name: str, parameter: str = "", result: bool = False) -> str:
        call = self._module
        for part in name.split("."):
            call = getattr(call, part)
        assert callable(call)
        if parameter:
            place = self._sources.parameter_place(call, parameter)
        else:
            place = self._sources.result_place(call) if result else self._sources.place(call)
        assert place is not None
        assert place.file == self._file
        return TEXT.splitlines()[place.line - 1].strip()


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("decorated", "def decorated("),
        ("limited", "def decorated("),
        ("Model", "class Model(Base):"),
        ("Service", "class Service:"),
        ("Service.Inner", "class Inner: ..."),
        ("service", "def __call__(self, word): ..."),
        ("in_a_block", "in_a_block = lambda word: word"),
    ],
)
def test_a_callable_is_where_its_definition_is(line_of: LineOf, name: str, line: str) -> None:
    assert line_of(name) == line


@pytest.mark.parametrize(
    ("name", "parameter", "line"),
    [
        ("decorated", "first", "first,"),
        ("limited", "second", "second=1,"),
        ("Model", "own", "own: int"),
        ("Model", "inherited", "inherited: int"),
        ("Service", "limit", "limit,"),
        ("service", "word", "def __call__(self, word): ..."),
        ("in_a_block", "word", "in_a_block = lambda word: word"),
    ],
)
def test_a_parameter_is_where_it_is_written(line_of: LineOf, name: str, parameter: str, line: str) -> None:
    assert line_of(name, parameter) == line


def test_an_unknown_parameter_is_where_its_function_is(line_of: LineOf) -> None:
    assert line_of("decorated", "third") == "def decorated("


@pytest.mark.parametrize(("name", "line"), [("decorated", ") -> int:"), ("service", "def __call__(self, word): ...")])
def test_a_result_is_where_it_is_declared_or_else_where_the_function_is(line_of: LineOf, name: str, line: str) -> None:
    assert line_of(name, result=True) == line


def test_what_is_not_written_in_python_is_nowhere() -> None:
    sources = Sources()
    assert sources.place(len) is None
    assert sources.place(int) is None
    assert sources.result_place(len) is None


def test_variables_are_those_that_are_assigned_to(folder: Path) -> None:
    path = folder / "variables.py"
    path.write_text("from os import path\n\na = b = 1\nif a:\n    c: int = 2\n\n\nclass K:\n    d = 3\n\n\ndef f():\n    e = 4\n")
    source = Sources().file(str(path))
    assert source is not None
    assert source.variables == {"a": 3, "b": 3, "c": 5, "K.d": 9}


def test_a_file_that_is_no_python_defines_nothing(folder: Path) -> None:
    path = folder / "broken.py"
    path.write_text("def (")
    assert Sources().file(str(path)) is None


def test_a_place_is_shown_relative_to_the_working_directory(folder: Path) -> None:
    assert str(Place(str(folder / "shop" / "main.py"), 7)) == str(Path("shop/main.py")) + ":7"


def test_a_place_elsewhere_is_shown_in_full(folder: Path) -> None:
    elsewhere = str(folder.parent / "other.py")
    assert str(Place(elsewhere, 7)) == f"{elsewhere}:7"
