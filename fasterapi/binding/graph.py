"""From a handler to its plan: who provides what, in which order, and every mistake in it.

All mistakes of a graph are collected, so that one start shows all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, cast, final

from mypy_extensions import mypyc_attr

from fasterapi.binding.body_reader import BodyReader, BodySlot, PartsReader
from fasterapi.binding.markers import Dependency, ParameterMarker
from fasterapi.binding.parameters import ParameterError, ParameterReader, marker_of
from fasterapi.binding.plan import Call, Plan
from fasterapi.binding.signature import (
    ASYNC_GENERATOR_CALL,
    DIRECT_CALL,
    GENERATOR_CALL,
    Parameter,
    Signature,
    SignatureError,
    described,
    read_signature,
)
from fasterapi.binding.sources import ExchangeSource, MadeSource, ProvidedSource, Source
from fasterapi.binding.specials import RequestSource, special_source
from fasterapi.security.scheme import SecurityScheme
from fasterapi.security.scopes import SecurityScopes

_GENERATORS: Final = (GENERATOR_CALL, ASYNC_GENERATOR_CALL)
_REQUEST: Final = "request"
_FUNCTION: Final = "function"


@final
class Problem:
    """A mistake in the graph of a handler: who made it, and what to write instead."""

    def __init__(self, route: str, function: Callable[..., object], message: str) -> None:
        self.route = route
        self.function = function
        self.message = message

    def __str__(self) -> str:
        return f"{self.route}: {described(self.function)}: {self.message}"


@mypyc_attr(allow_interpreted_subclasses=True)
class GraphError(Exception):
    """Handlers that could never be called as they are declared; the message names each with what to write instead."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(["The application cannot start:", *[f"- {problem}" for problem in problems]]))
        self.problems = problems


@final
class SignatureBook:
    """The signatures read so far: providers are shared by many handlers."""

    def __init__(self, overrides: dict[Callable[..., object], Callable[..., object]]) -> None:
        self._signatures: dict[object, Signature] = {}
        self._scoped: dict[object, bool] = {}
        self.overrides = overrides
        """Providers by the one they stand in for."""

    def signature_of(self, call: Callable[..., object]) -> Signature:
        """The signature, read at the first need."""
        known = self._signatures.get(call)
        if known is None:
            known = read_signature(call)
            self._signatures[call] = known
        return known

    def sees_scopes(self, function: Callable[..., object]) -> bool:
        """Whether a provider, or one that it depends on, sees the scopes it is asked for with, so that they tell its results apart."""
        known = self._scoped.get(function)
        if known is None:
            self._scoped[function] = False
            known = self._looks_for_scopes(function)
            self._scoped[function] = known
        return known

    def _looks_for_scopes(self, function: Callable[..., object]) -> bool:
        try:
            parameters = self.signature_of(function).parameters
        except SignatureError:
            return False
        for parameter in parameters:
            if _is_class(parameter.annotation, SecurityScopes):
                return True
            for item in (parameter.default, *parameter.metadata):
                if isinstance(item, Dependency):
                    provider = item.provider or parameter.annotation
                    if item.security_scopes or (is_provider(provider) and self.sees_scopes(cast("Callable[..., object]", provider))):
                        return True
        return False


@final
class Needed:
    """A provider as one place of the graph asks for it: with the scopes that were collected on the way there."""

    def __init__(self, provider: Callable[..., object], dependency: Dependency, scopes: tuple[str, ...]) -> None:
        self.provider = provider
        self.dependency = dependency
        self.scopes = scopes


@final
class PlanBuilder:
    """Builds the plan of one handler, of requests or of WebSockets."""

    def __init__(
        self, route: str, path_names: Sequence[str], book: SignatureBook, problems: list[Problem], of_websocket: bool = False
    ) -> None:
        self._route = route
        self._of_websocket = of_websocket
        self._reader = ParameterReader(path_names)
        self._book = book
        self._problems = problems
        self._providers: list[Call] = []
        self._provided_at: dict[tuple[object, tuple[str, ...], str], int] = {}
        self._visiting: list[Callable[..., object]] = []
        self._body_slots: list[BodySlot] = []

    def build(self, handler: Callable[..., object], dependencies: Sequence[Dependency]) -> Plan | None:
        """The plan; `None` after problems were found."""
        before = len(self._problems)
        for dependency in dependencies:
            if dependency.provider is None:
                self._report(handler, "`dependencies=[Depends()]` names no provider. Write Depends(your_function).")
            else:
                self._provide(Needed(dependency.provider, dependency, dependency.security_scopes))
        call = self._call(handler, None, ())
        body = self._body_reader(handler)
        if call is None or len(self._problems) > before:
            return None
        return Plan(self._providers, call, body)

    def build_for_connection(self, handler: Callable[..., object]) -> Plan | None:
        """The plan of a handler that is given its request, or its WebSocket, alone, whatever the parameter is called."""
        try:
            kind = self._book.signature_of(handler).call_kind
        except SignatureError as error:
            self._report(handler, str(error))
            return None
        return Plan([], Call(handler, kind, [RequestSource()], [], True, True), None)

    def _report(self, function: Callable[..., object], message: str) -> None:
        self._problems.append(Problem(self._route, function, message))

    def _call(self, function: Callable[..., object], needed: Needed | None, scopes: tuple[str, ...]) -> Call | None:
        """One node of the graph, after all that it depends on; the handler is the one that nobody needs."""
        if isinstance(function, SecurityScheme) and not function.is_overridden():
            return Call(function.credentials, DIRECT_CALL, [ExchangeSource()], [], needed is None, True)
        try:
            signature = self._book.signature_of(function)
        except SignatureError as error:
            self._report(function, str(error))
            return None
        sources: list[Source] = []
        keywords: list[str] = []
        for parameter in signature.parameters:
            source = self._source(function, signature, parameter, needed, scopes)
            if source is not None:
                sources.append(source)
            if parameter.keyword_only:
                keywords.append(parameter.name)
        until_response = needed is not None and needed.dependency.scope != _FUNCTION
        # The generator of a handler that yields is asked for nothing before its answer is sent.
        kind = DIRECT_CALL if needed is None and signature.call_kind in _GENERATORS else signature.call_kind
        return Call(function, kind, sources, keywords, needed is None, until_response)

    def _source(
        self, function: Callable[..., object], signature: Signature, parameter: Parameter, needed: Needed | None, scopes: tuple[str, ...]
    ) -> Source | None:
        try:
            marker = marker_of(parameter)
            if isinstance(marker, Dependency):
                return self._provided_source(function, signature, parameter, marker, needed, scopes)
            if _is_class(parameter.annotation, SecurityScopes):
                return MadeSource(lambda: SecurityScopes(list(scopes)))
            source = self._unmarked_source(parameter, marker) or self._reader.source_of(parameter)
            if self._of_websocket:
                self._check_not_of_body(parameter, source)
        except ParameterError as error:
            self._report(function, str(error))
            return None
        except (TypeError, ValueError, NameError) as fault:
            self._report(function, f"parameter {parameter.name!r} cannot be read: {fault}")
            return None
        if isinstance(source, BodySlot):
            self._body_slots.append(source)
        return source

    def _provided_source(
        self,
        function: Callable[..., object],
        signature: Signature,
        parameter: Parameter,
        dependency: Dependency,
        needed: Needed | None,
        scopes: tuple[str, ...],
    ) -> Source | None:
        provider = dependency.provider
        if provider is None:
            if not isinstance(parameter.annotation, type):
                what = f"Depends() of parameter {parameter.name!r}"
                raise ParameterError(f"{what} needs a class as its annotation, or a provider: Depends(your_function).")
            provider = parameter.annotation
        if (
            needed is not None
            and needed.dependency.scope != _FUNCTION
            and signature.call_kind in _GENERATORS
            and dependency.scope == _FUNCTION
        ):
            what = f"it lives until the response was sent, and its parameter {parameter.name!r} only until the handler returned"
            self._report(function, f'{what}. Give both scope="function", or neither.')
            return None
        collected = (*scopes, *(scope for scope in dependency.security_scopes if scope not in scopes))
        index = self._provide(Needed(provider, dependency, collected))
        return None if index is None else ProvidedSource(index)

    def _provide(self, needed: Needed) -> int | None:
        """The place of a provider's result; a cached provider runs once for all that ask for it alike."""
        if not is_provider(needed.provider):
            self._report(needed.provider, "it cannot be called, or not be hashed, and so not be a provider. Wrap it in a function.")
            return None
        provider = self._book.overrides.get(needed.provider, needed.provider)
        if provider in self._visiting:
            names = " -> ".join(described(call) for call in [*self._visiting[self._visiting.index(provider) :], provider])
            self._report(provider, f"it depends on itself: {names}. Break the circle.")
            return None
        self._visiting.append(provider)
        uses_scopes = bool(needed.dependency.security_scopes) or self._book.sees_scopes(provider)
        key = (needed.provider, tuple(sorted(set(needed.scopes))) if uses_scopes else (), needed.dependency.scope or "")
        index = self._provided_at.get(key) if needed.dependency.use_cache else None
        if index is None:
            call = self._call(provider, needed, needed.scopes)
            if call is not None:
                call.limit = needed.dependency.limit
                index = len(self._providers)
                self._providers.append(call)
                self._provided_at.setdefault(key, index)
        self._visiting.pop()
        return index

    def _unmarked_source(self, parameter: Parameter, marker: ParameterMarker | None) -> Source | None:
        """Where a parameter comes from whose annotation says it alone, and which a marker would contradict."""
        source = special_source(parameter.annotation, parameter.default, of_websocket=self._of_websocket)
        if source is not None and marker is not None:
            what = f"parameter {parameter.name!r} is {parameter.annotation!r}, which needs no {marker!r}"
            raise ParameterError(f"{what}. Remove the marker.")
        return source

    def _check_not_of_body(self, parameter: Parameter, source: Source) -> None:
        if isinstance(source, BodySlot) or self._reader.form is not None:
            self._reader.form = None
            what = f"parameter {parameter.name!r} is read from a body, and a WebSocket has messages instead"
            raise ParameterError(f"{what}. Read them with `await websocket.receive_json(type=...)`, or write Query().")

    def _body_reader(self, handler: Callable[..., object]) -> BodyReader | None:
        """How the body is read, now that all parameters that ask for it are known."""
        form = self._reader.form
        if form is not None:
            if self._body_slots:
                what = f"parameter {self._body_slots[0].name!r} is read from a JSON body, and others from a form"
                self._report(handler, f"{what}. A request has one of them: write Form() or File() for all.")
            return form
        slots: dict[str, BodySlot] = {}
        for slot in self._body_slots:
            first = slots.setdefault(slot.name, slot)
            if first.annotation != slot.annotation:
                what = f"the body's {slot.name!r} is asked for as {first.annotation!r} and as {slot.annotation!r}"
                self._report(handler, f"{what}. Give the parameters one type or two names.")
        if not slots:
            return None
        if len(slots) == 1 and not self._body_slots[0].is_embedded:
            readers = [slot.read_whole() for slot in self._body_slots]
            return readers[0]
        for slot in self._body_slots:
            slot.read_part()
        return PartsReader()


def is_provider(value: object) -> bool:
    """Whether something can be called for a value, and be told from other providers."""
    try:
        hash(value)
    except TypeError:
        return False
    return callable(value)


def _is_class(annotation: object, wanted: type) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, wanted)
