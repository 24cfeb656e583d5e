"""The whole check: start-up, hidden routes, results, and the dependency graph through a type checker."""

# Interpreted: see `fasterapi.check`.

from __future__ import annotations

import inspect
import os
import re
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from fasterapi.app import Faster
from fasterapi.binding.graph import SignatureBook
from fasterapi.binding.markers import MISSING
from fasterapi.check.checkers import TypeChecker
from fasterapi.check.diagnosis import Diagnosis
from fasterapi.check.environment import own_modules
from fasterapi.check.findings import Findings
from fasterapi.check.graph import GraphReader, RouteGraph
from fasterapi.check.names import Namer
from fasterapi.check.program import HANDLER, MODULE, PROVIDER, render
from fasterapi.check.results import can_fit
from fasterapi.check.routes import hidden_routes, start_up_problems
from fasterapi.check.sources import Sources
from fasterapi.routing.declaration import RouteDeclaration
from fasterapi.routing.websocket_route import WebSocketDeclaration


@dataclass(frozen=True, slots=True)
class Report:
    """What a check found."""

    routes: int
    mistakes: Sequence[str]
    unchecked: Sequence[str]
    """What no type checker can see; not mistakes, but not passed over in silence either."""


def check_application(app: Faster, checker: TypeChecker) -> Report:
    """Check an application, with one run of the checker for all of its routes.

    Raises `CheckerError` where the checker cannot do its work.
    """
    check = _Check(app)
    check.start_up()
    check.hidden_routes()
    check.results()
    check.types(checker)
    return Report(len(check.declarations) + len(check.websockets), check.mistakes.lines(), check.unchecked.lines())


class _Check:
    def __init__(self, app: Faster) -> None:
        self.declarations = app.router.declarations()
        self.websockets = [declared for declared in app.router.declared() if isinstance(declared, WebSocketDeclaration)]
        self.mistakes = Findings()
        self.unchecked = Findings()
        self._app = app
        self._book = SignatureBook(app.dependency_overrides)
        self._sources = Sources()
        self._namer = Namer(own_modules(), self._sources)
        self._graphs: list[RouteGraph] = []

    def start_up(self) -> None:
        """What keeps the application from starting; the routes that could start are read for the steps that follow."""
        problems = start_up_problems(self._app)
        handled: list[RouteDeclaration | WebSocketDeclaration] = [*self.declarations, *self.websockets]
        handlers = {str(declaration): self._namer.callee(declaration.handler) for declaration in handled}
        for problem in problems:
            message = problem.message.replace(f"{Path.cwd()}{os.sep}", "")
            handler = handlers.get(problem.route)
            if handler is None:
                # What is mounted has no handler.
                self.mistakes.add(None, f"{problem.route}: {message}", code="graph")
                continue
            function: object = problem.function
            callee = self._namer.callee(function) if callable(function) else handler
            name = f"{HANDLER if function is handler.call else PROVIDER} {callee.label if callee.call is function else repr(function)}"
            self.mistakes.add(callee.place or handler.place, f"{name}: {message}", code="graph", route=problem.route)
        broken = {problem.route for problem in problems}
        reader = GraphReader(self._book)
        self._graphs = [reader.read(declaration) for declaration in handled if str(declaration) not in broken]

    def hidden_routes(self) -> None:
        """Routes that earlier ones hide."""
        for hidden in hidden_routes(self.declarations):
            callee = self._namer.callee(hidden.route.handler)
            earlier = self._namer.callee(hidden.earlier.handler)
            requests = f"{' '.join(hidden.methods) or 'any method'} {hidden.route.path}"
            text = f"{HANDLER} {callee.label}: is never called for {requests}, which {earlier} answers. Remove one of them"
            self.mistakes.add(callee.place, text, code="hidden-route")

    def results(self) -> None:
        """Declared results that cannot fit."""
        for graph in self._graphs:
            if isinstance(graph.declaration, WebSocketDeclaration):
                continue
            model = graph.declaration.response.model
            handler = graph.handler.call
            result = self._book.signature_of(handler).result
            if model is None or model is MISSING or result is MISSING or can_fit(result, model):
                continue
            callee = self._namer.callee(handler)
            text = f"{HANDLER} {callee.label}: returns {_type_name(result)}, which can never fit its response model {_type_name(model)}"
            place = self._sources.result_place(handler) or callee.place
            self.mistakes.add(place, text, code="response-model", route=str(graph.declaration))

    def types(self, checker: TypeChecker) -> None:
        """What the type checker says."""
        program = render(self._graphs, self._namer)
        for probe in program.nameless:
            if str(getattr(probe.callee.call, "__module__", "")).startswith("fasterapi."):
                # Of this package, whose own types are checked where it is made.
                continue
            self.unchecked.add(probe.callee.place, f"not checked: {probe.role} {probe.callee.label} {probe.callee.reason}")
        if not self._graphs:
            return
        with tempfile.TemporaryDirectory(prefix="fasterapi-check-") as name:
            folder = Path(name)
            (folder / f"{MODULE}.py").write_text(program.text, encoding="utf-8")
            diagnostics = checker.judge(program, folder)
        Diagnosis(program, self._sources, self.mistakes, self.unchecked).tell(diagnostics, checker.name)


def _type_name(annotation: object) -> str:
    """A type as its user writes it, without the modules of its parts."""
    name = "None" if annotation is type(None) else inspect.formatannotation(annotation)
    return re.sub(r"\b(?:\w+\.)+(?=\w)", "", name)
