"""What a type checker says of the rendered program, as what it means for the application."""

# Interpreted: see `fasterapi.check`.

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final, NamedTuple

from fasterapi.binding.signature import ASYNC_GENERATOR_CALL, AWAITABLE_CALL, COROUTINE_CALL, GENERATOR_CALL
from fasterapi.check.checkers import CheckerError, Diagnostic
from fasterapi.check.findings import Findings
from fasterapi.check.program import ArgumentLine, CallLine, ProbeLine, Program
from fasterapi.check.sources import Place, Sources

_MISFIT_CODES: Final = ("arg-type", "reportArgumentType")
"""A value that does not fit the parameter that it is handed to."""

_UNUSED_CODES: Final = ("unused-coroutine", "reportUnusedCoroutine")

_ACCESS_CODES: Final = ("attr-defined", "has-type", "union-attr", "reportAttributeAccessIssue", "reportOptionalMemberAccess")
"""A callable that the checker does not find; the line that probes it tells that already."""

_MYPY_MISFIT: Final = re.compile(r'has incompatible type "(.+)"; expected "(.+)"$')
_PYRIGHT_MISFIT: Final = re.compile(
    r'^Argument of type "(.+)" cannot be assigned to parameter (?:"\w+" )?of type "(.+?)"(?: in function .*)?$'
)
_UNTYPED: Final = re.compile(r'^(Revealed type is|Type of ".*" is) "(Any|Unknown)"$')
_TAKES_ANYTHING: Final = re.compile(
    r'^(Revealed type is "(def \(\*Any, \*\*Any\)|functools\._lru_cache_wrapper\[)|Type of ".*" is "(\(\.\.\.\) -> |_lru_cache_wrapper\[))'
)

_DECLARED_AS: Final = {
    GENERATOR_CALL: ("yields what it provides", "an Iterator"),
    ASYNC_GENERATOR_CALL: ("yields what it provides", "an AsyncIterator"),
    COROUTINE_CALL: ("is awaited", "a coroutine function"),
    AWAITABLE_CALL: ("is awaited", "a coroutine function"),
}


class Diagnosis:
    """Sorts diagnostics into mistakes and callables that cannot be checked."""

    def __init__(self, program: Program, sources: Sources, mistakes: Findings, unchecked: Findings) -> None:
        self._program = program
        self._sources = sources
        self._mistakes = mistakes
        self._unchecked = unchecked

    def tell(self, diagnostics: Iterable[Diagnostic], checker: str) -> None:
        """Take in all that the checker said. Raises `CheckerError` where it did not understand the program at all."""
        routes = self._program.routes_by_call()
        unanswered = {number: line for number, line in self._program.lines.items() if isinstance(line, ProbeLine)}
        for diagnostic in diagnostics:
            line = self._program.lines.get(diagnostic.line)
            if isinstance(line, ProbeLine):
                unanswered.pop(diagnostic.line, None)
                self._tell_probe(line, diagnostic, checker)
            elif not diagnostic.is_error or diagnostic.code in _ACCESS_CODES:
                continue
            elif line is None:
                raise CheckerError(f"{checker} does not know what the application imports: {_first_line(diagnostic)}")
            else:
                call = line.call if isinstance(line, ArgumentLine) else line
                place, what = self._explained(line, diagnostic)
                text = f"{call.role} {call.callee.label}: {what}"
                for route in routes[call]:
                    self._mistakes.add(place, text, code=diagnostic.code, route=route)
        if unanswered:
            what = f"{checker} says nothing of {next(iter(unanswered.values())).callee}, as if it was told to ignore all errors"
            raise CheckerError(f"{what}. Look into its configuration, or use another --checker.")

    def _tell_probe(self, line: ProbeLine, diagnostic: Diagnostic, checker: str) -> None:
        if diagnostic.is_error:
            reason = f"is not what {checker} finds in its module"
        elif _UNTYPED.match(diagnostic.message):
            reason = f"has no type for {checker}: a decorator or a module without annotations hides it"
        elif line.is_given and _TAKES_ANYTHING.match(diagnostic.message):
            reason = f"takes anything for {checker}: a decorator hides its parameters"
        else:
            return
        self._unchecked.add(line.callee.place, f"not checked: {line.role} {line.callee.label} {reason}")

    def _explained(self, line: CallLine | ArgumentLine, diagnostic: Diagnostic) -> tuple[Place | None, str]:
        """Where the mistake is, and what it is."""
        misfit = _misfit(diagnostic)
        if isinstance(line, CallLine):
            return line.callee.place, _call_mistake(line, diagnostic, misfit)
        if misfit is None:
            return line.call.callee.place, _first_line(diagnostic)
        name = line.argument.parameter
        place = self._sources.parameter_place(line.call.function.call, name) or line.call.callee.place
        return place, f"parameter {name!r} takes {misfit.taken}, {_source(line)} gives {misfit.given}"


class _Misfit(NamedTuple):
    given: str
    taken: str


def _call_mistake(line: CallLine, diagnostic: Diagnostic, misfit: _Misfit | None) -> str:
    """A call that is wrong whatever it is given: the function is declared as something else than what start-up sees."""
    if diagnostic.code in _UNUSED_CODES:
        return "gives a coroutine, which nothing awaits. Await it there, or write async def"
    if misfit is not None and line.function.call_kind in _DECLARED_AS:
        is_what, wanted = _DECLARED_AS[line.function.call_kind]
        return f"{is_what}, so it has to be declared as {wanted}, and is declared as {misfit.given}"
    return _first_line(diagnostic)


def _source(line: ArgumentLine) -> str:
    """Where the value comes from."""
    if line.provider is not None:
        return f"its provider {line.provider}"
    name = line.argument.path_name
    return f"the path's {{{name}:{line.call.converters[name]}}}"


def _misfit(diagnostic: Diagnostic) -> _Misfit | None:
    """The type that is given and the one that is taken, where the diagnostic is of these."""
    if diagnostic.code not in _MISFIT_CODES:
        return None
    text = _first_line(diagnostic)
    found = _MYPY_MISFIT.search(text) or _PYRIGHT_MISFIT.match(text)
    return None if found is None else _Misfit(found[1], found[2])


def _first_line(diagnostic: Diagnostic) -> str:
    return diagnostic.message.partition("\n")[0]
