"""The dependency graph as a program of calls, whose lines lead back to who is given what.

What a provider gives is a global variable, so that every route takes the same; a handler is called in a function:

    given_1 = resolved(made(lambda: module_1.get_session(
    ))[0])[0]


    # GET /items/{item_id:int}
    async def route_1() -> None:
        await module_1.read_item(
            path_int,
            given_1,
            anything,
        )

The lambda keeps a provider that never returns from making everything behind it unreachable, where no checker looks.
"""

# Interpreted: see `fasterapi.check`.

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple, TypeAlias

from fasterapi.binding.signature import ASYNC_GENERATOR_CALL, AWAITABLE_CALL, COROUTINE_CALL, GENERATOR_CALL
from fasterapi.check.graph import Argument, Function, RouteGraph
from fasterapi.check.names import ANYTHING, Callee, Namer
from fasterapi.check.paths import path_type

MODULE: Final = "fasterapi_check"
"""The name of the rendered module."""

HANDLER: Final = "handler"
PROVIDER: Final = "provider"

# Whatever the user's configuration asks of people's code, this program is read for what does not fit and nothing else.
_PROLOGUE: Final = f"""\
# mypy: disallow-any-expr=False, disallow-any-explicit=False, disallow-any-generics=False
# mypy: disallow-any-decorated=False, disallow-any-unimported=False, disallow-untyped-calls=False, warn-unreachable=False
# mypy: disable-error-code="deprecated, func-returns-value, import-untyped, no-untyped-call, unused-ignore, var-annotated"
# mypy: enable-error-code="arg-type, attr-defined, call-arg, call-overload, misc, union-attr, unused-coroutine"
# pyright: basic, reportDeprecated=false, reportPrivateImportUsage=false, reportMissingTypeStubs=false
from collections.abc import AsyncIterable, Awaitable, Callable, Iterable
from functools import partial
from typing import Any, TypeVar
from uuid import UUID

%s

Value = TypeVar("Value")

{ANYTHING}: Any
path_int: int
path_float: float
path_uuid: UUID
%s


def made(call: Callable[[], Value]) -> list[Value]:
    raise NotImplementedError


def resolved(value: Awaitable[Value]) -> list[Value]:
    raise NotImplementedError


def entered(value: Iterable[Value]) -> list[Value]:
    raise NotImplementedError


def entered_async(value: AsyncIterable[Value]) -> list[Value]:
    raise NotImplementedError


def unused(value: Value) -> Value:
    raise NotImplementedError


"""

_FINISHED_BY: Final = {
    COROUTINE_CALL: "resolved",
    AWAITABLE_CALL: "resolved",
    GENERATOR_CALL: "entered",
    ASYNC_GENERATOR_CALL: "entered_async",
}
"""What makes a value of what the calls of some kinds give."""


@dataclass(slots=True, eq=False)
class CallLine:
    """A line on which a function is called."""

    function: Function
    role: str
    callee: Callee
    converters: Mapping[str, str]
    needs: list[CallLine] = field(default_factory=list)
    """The calls whose results it is given."""


@dataclass(frozen=True, slots=True)
class ArgumentLine:
    """A line on which one parameter of that function gets its value."""

    call: CallLine
    argument: Argument
    provider: Callee | None


@dataclass(slots=True)
class ProbeLine:
    """A line on which the checker is asked what it takes a callable for: nothing that it does not know is passed over in silence."""

    role: str
    callee: Callee
    is_given: bool = False
    """Whether any of its parameters is given something that could be wrong."""


Line: TypeAlias = CallLine | ArgumentLine | ProbeLine


@dataclass(frozen=True, slots=True)
class Program:
    """The text of the rendered module, and what its lines stand for."""

    text: str
    lines: Mapping[int, Line]
    modules: Sequence[str]
    """The modules that it imports."""
    nameless: Sequence[ProbeLine]
    """The callables that it cannot call, for want of a name."""
    _routes: Sequence[tuple[str, list[CallLine]]]

    def routes_by_call(self) -> dict[CallLine, set[str]]:
        """The routes for which each call is made."""
        found: dict[CallLine, set[str]] = {}
        for route, calls in self._routes:
            pending = list(calls)
            while pending:
                call = pending.pop()
                routes = found.setdefault(call, set())
                if route not in routes:
                    routes.add(route)
                    pending.extend(call.needs)
        return found


def render(graphs: Iterable[RouteGraph], namer: Namer) -> Program:
    """Write the program."""
    writer = _Writer(namer)
    for graph in graphs:
        writer.write_route(graph)
    return writer.finished()


class _Value(NamedTuple):
    """What a provider gives: the name of the variable, and the call that it comes from."""

    variable: str
    call: CallLine


class _Writer:
    def __init__(self, namer: Namer) -> None:
        self._namer = namer
        self._text: list[str] = []
        self._lines: dict[int, Line] = {}
        self._probes: dict[Callee, ProbeLine] = {}
        self._values: dict[tuple[Function, tuple[tuple[str, str], ...]], _Value] = {}
        self._routes: list[tuple[str, list[CallLine]]] = []

    def write_route(self, graph: RouteGraph) -> None:
        """Write the handler's call, after those of all that it needs."""
        dependencies = [self._value(function, graph.converters) for function in graph.dependencies]
        call, arguments = self._prepare(graph.handler, HANDLER, graph.converters)
        self._routes.append((str(graph), [call, *[value.call for value in dependencies]]))
        self._write("", "", f"# {graph}", f"async def route_{len(self._routes)}() -> None:")
        if call.callee.expression is not None:
            opening = "await " if _FINISHED_BY.get(graph.handler.call_kind) == "resolved" else ""
            self._write_call(f"    {opening}{call.callee.expression}(", call, arguments, "    )")
        for value in dependencies:
            self._write_line(f"    unused({value.variable})", value.call)
        self._write("    return", "", "")

    def finished(self) -> Program:
        """The whole program, ending with the probes."""
        self._write("def probes() -> None:")
        for probe in self._probes.values():
            if probe.callee.expression is not None:
                self._write_line(f"    reveal_type({probe.callee.expression})", probe)
        self._write("    return", "")
        imports = "\n".join(f"import {module} as {alias}" for module, alias in self._namer.aliases.items())
        instances = "\n".join(f"{name}: {cls}  # type: ignore" for name, cls in self._namer.instances.items())
        prologue = _PROLOGUE % (imports, instances)
        offset = prologue.count("\n")
        lines = {offset + number: line for number, line in self._lines.items()}
        nameless = [probe for probe in self._probes.values() if probe.callee.expression is None]
        return Program(prologue + "\n".join(self._text), lines, list(self._namer.aliases), nameless, self._routes)

    def _value(self, function: Function, converters: Mapping[str, str]) -> _Value:
        """What a provider gives. It is the same for all routes, but for those whose paths give it, or its providers, another type."""
        read = tuple(sorted((name, converters[name]) for name in function.path_names if name in converters))
        known = self._values.get((function, read))
        if known is None:
            known = self._write_value(function, converters)
            self._values[function, read] = known
        return known

    def _write_value(self, function: Function, converters: Mapping[str, str]) -> _Value:
        call, arguments = self._prepare(function, PROVIDER, converters)
        if call.callee.expression is None:
            return _Value(ANYTHING, call)
        variable = f"given_{len(self._values) + 1}"
        finish = _FINISHED_BY.get(function.call_kind)
        opening, closing = ("made(", ")[0]") if finish is None else (f"{finish}(made(", ")[0])[0]")
        self._write_call(f"{variable} = {opening}lambda: {call.callee.expression}(", call, arguments, f"){closing}")
        return _Value(variable, call)

    def _prepare(self, function: Function, role: str, converters: Mapping[str, str]) -> tuple[CallLine, list[tuple[str, ArgumentLine]]]:
        """A call with its arguments as they are written, after all that it needs was written."""
        callee = self._namer.callee(function.call)
        probe = self._probes.setdefault(callee, ProbeLine(role, callee))
        call = CallLine(function, role, callee, converters)
        arguments: list[tuple[str, ArgumentLine]] = []
        for argument in function.arguments:
            provider: Callee | None = None
            if argument.provider is not None:
                value = self._value(argument.provider, converters)
                call.needs.append(value.call)
                provider = value.call.callee
                text = value.variable
            else:
                converted = path_type(converters.get(argument.path_name, ""), argument.annotation)
                text = ANYTHING if converted is None else f"path_{converted.__name__.lower()}"
            keyword = f"{argument.parameter}=" if argument.keyword_only else ""
            arguments.append((f"{keyword}{text}", ArgumentLine(call, argument, provider)))
            probe.is_given = probe.is_given or text != ANYTHING
        return call, arguments

    def _write_call(self, opening: str, call: CallLine, arguments: Sequence[tuple[str, ArgumentLine]], closing: str) -> None:
        self._write_line(opening, call)
        for text, line in arguments:
            self._write_line(f"        {text},", line)
        self._write_line(closing, call)

    def _write_line(self, text: str, line: Line) -> None:
        self._write(text)
        self._lines[len(self._text)] = line

    def _write(self, *texts: str) -> None:
        self._text.extend(texts)
