"""What the programs beside this file do not bring about, as checkers would say it."""

from __future__ import annotations

from types import ModuleType

import pytest

from fasterapi.binding.graph import SignatureBook
from fasterapi.check.checkers import CheckerError, Diagnostic
from fasterapi.check.diagnosis import Diagnosis
from fasterapi.check.findings import Findings
from fasterapi.check.graph import GraphReader
from fasterapi.check.names import Namer
from fasterapi.check.program import ProbeLine, Program, render
from fasterapi.check.sources import Sources
from tests.check.conftest import WriteModule

TEXT = """\
from typing import Annotated
from fasterapi import Depends, Faster
app = Faster()
def text(): ...
@app.get("/{number:int}")
def read(number: int, word: Annotated[str, Depends(text)]): ...
"""


class Told:
    """A program of one route, and what becomes of what is said of its lines."""

    def __init__(self, module: ModuleType) -> None:
        reader = GraphReader(SignatureBook({}))
        self.sources = Sources()
        self.program: Program = render(map(reader.read, module.app.router.declarations()), Namer([module], self.sources))
        self.mistakes = Findings()
        self.unchecked = Findings()

    def line(self, text: str) -> int:
        return self.program.text.splitlines().index(text) + 1

    def tell(self, *diagnostics: Diagnostic) -> None:
        """Tell them, with an answer to each probe."""
        probes = [number for number, line in self.program.lines.items() if isinstance(line, ProbeLine)]
        answers = [Diagnostic(number, "", 'Revealed type is "def () -> str"', is_error=False) for number in probes]
        Diagnosis(self.program, self.sources, self.mistakes, self.unchecked).tell([*answers, *diagnostics], "mypy")


@pytest.fixture
def told(write_module: WriteModule) -> Told:
    return Told(write_module("told", TEXT))


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("arg-type", 'Argument 2 to "read" has incompatible type "int"; expected "str"'),
        ("arg-type", 'Argument "word" to "read" has incompatible type "int"; expected "str"'),
        ("reportArgumentType", 'Argument of type "int" cannot be assigned to parameter "word" of type "str" in function "read"\n  …'),
        ("reportArgumentType", 'Argument of type "int" cannot be assigned to parameter of type "str"'),
    ],
)
def test_types_that_do_not_fit_are_named(told: Told, code: str, message: str) -> None:
    told.tell(Diagnostic(told.line("        given_1,"), code, message, is_error=True))
    assert told.mistakes.lines() == [
        f"told.py:6: handler read: parameter 'word' takes str, its provider text (told.py:4) gives int [{code}]"
    ]


def test_a_type_with_quotes_in_it_is_named(told: Told) -> None:
    message = 'Argument 2 to "read" has incompatible type "Literal[\'"; expected "\']"; expected "str"'
    told.tell(Diagnostic(told.line("        given_1,"), "arg-type", message, is_error=True))
    assert "takes str, its provider text (told.py:4) gives Literal['\"; expected \"']" in told.mistakes.lines()[0]


@pytest.mark.parametrize("code", ["arg-type", "call-overload"])
def test_what_is_not_understood_is_told_in_the_words_of_the_checker(told: Told, code: str) -> None:
    told.tell(Diagnostic(told.line("        given_1,"), code, "Something else\nand more", is_error=True))
    assert told.mistakes.lines() == [f"told.py:6: handler read: Something else [{code}]"]


def test_notes_are_no_mistakes(told: Told) -> None:
    told.tell(Diagnostic(told.line("        given_1,"), "", "Consider this", is_error=False))
    assert told.mistakes.lines() == []


def test_what_the_checker_does_not_find_is_not_checked(told: Told) -> None:
    message = 'Module has no attribute "read"'
    for text in ("    module_1.read(", "    reveal_type(module_1.read)"):
        told.tell(Diagnostic(told.line(text), "attr-defined", message, is_error=True))
    assert told.mistakes.lines() == []
    assert told.unchecked.lines() == ["told.py:6: not checked: handler read is not what mypy finds in its module"]


@pytest.mark.parametrize("message", ['Revealed type is "Any"', 'Type of "module_1.read" is "Unknown"'])
def test_what_has_no_type_is_not_checked(told: Told, message: str) -> None:
    told.tell(Diagnostic(told.line("    reveal_type(module_1.read)"), "", message, is_error=False))
    assert told.unchecked.lines() == [
        "told.py:6: not checked: handler read has no type for mypy: a decorator or a module without annotations hides it"
    ]


def test_a_checker_that_does_not_know_the_modules_is_refused(told: Told) -> None:
    with pytest.raises(CheckerError, match='mypy does not know what the application imports: No module named "told"'):
        told.tell(Diagnostic(told.line("import told as module_1"), "import-not-found", 'No module named "told"', is_error=True))
