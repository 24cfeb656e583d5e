"""A callable's parameters, read once at start-up.

`inspect` gives what it can; string annotations are resolved in the module of the function that wrote them, whatever
`functools.partial`, `functools.wraps` or a callable object stands around it.
"""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import inspect
import typing
from collections.abc import Callable
from types import SimpleNamespace
from typing import Annotated, Any, Final, cast, final, get_args, get_origin

import msgspec

from fasterapi.binding.aliases import is_alias
from fasterapi.binding.annotations import alias_target
from fasterapi.binding.markers import MISSING

COROUTINE_CALL: Final = 0
"""A plain coroutine function: what it returns is sure to be a coroutine of the interpreter."""
AWAITABLE_CALL: Final = 1
"""Any other callable that says that its result must be awaited."""
THREAD_CALL: Final = 2
"""A function that may block: it runs in the thread pool."""
GENERATOR_CALL: Final = 3
"""A generator function, whose steps may block: they run in the thread pool."""
ASYNC_GENERATOR_CALL: Final = 4
"""An asynchronous generator function."""
DIRECT_CALL: Final = 5
"""A call that is known neither to block nor to need awaiting."""


# What both decorators return runs the same code for all that they decorate.
_CONTEXT_MANAGERS: Final = {
    cast(Any, decorator(cast(Any, None))).__code__: f"@{decorator.__name__}"
    for decorator in (contextlib.contextmanager, contextlib.asynccontextmanager)
}


@final
class Parameter:
    """One parameter: its name, its annotation without `Annotated`, what `Annotated` carried, its default."""

    def __init__(self, name: str, annotation: object, metadata: tuple[object, ...], default: object, keyword_only: bool) -> None:
        self.name = name
        self.annotation = annotation
        self.metadata = metadata
        self.default = default
        self.keyword_only = keyword_only


@final
class Signature:
    """What start-up needs to know of a callable."""

    def __init__(self, parameters: list[Parameter], result: object, call_kind: int) -> None:
        self.parameters = parameters
        self.result = result
        self.call_kind = call_kind


class SignatureError(Exception):
    """A callable whose parameters cannot be read; the message says why."""


def read_signature(call: Callable[..., object]) -> Signature:
    """Read the parameters, the declared result and the way to call."""
    _refuse_context_manager(call)
    try:
        found = inspect.signature(call)
    except (TypeError, ValueError) as error:
        raise SignatureError(f"its parameters cannot be read ({error}). Wrap it in a function with annotated parameters.") from error
    namespace = _namespace_of(call)
    by_name = _takes_names_only(call)
    parameters: list[Parameter] = []
    for parameter in found.parameters.values():
        if parameter.kind is inspect.Parameter.VAR_POSITIONAL or parameter.kind is inspect.Parameter.VAR_KEYWORD:
            raise SignatureError(
                f"its parameter {parameter} can take anything, so nothing says what to read for it. Declare the parameters by name."
            )
        found_parameter = _read_parameter(parameter, namespace)
        found_parameter.keyword_only |= by_name
        parameters.append(found_parameter)
    return Signature(parameters, _read_result(call, found, namespace), _call_kind(call))


def described(call: Callable[..., object]) -> str:
    """The callable's name with its file and line, for messages."""
    name = getattr(call, "__qualname__", None) or repr(call)
    code = getattr(innermost(call), "__code__", None)
    if code is None:
        return str(name)
    return f"{name} ({code.co_filename}:{code.co_firstlineno})"


def innermost(call: Callable[..., object]) -> Callable[..., object]:
    """The function inside partials, decorators, methods, classes and callable objects."""
    inner: Any = call
    while True:
        if isinstance(inner, functools.partial):
            inner = inner.func
        elif inspect.ismethod(inner):
            inner = inner.__func__
        elif hasattr(inner, "__wrapped__"):
            inner = inner.__wrapped__
        elif isinstance(inner, type):
            return cast("Callable[..., object]", inner.__dict__.get("__init__", inner))
        elif not inspect.isroutine(inner) and inspect.isroutine(inspect.getattr_static(type(inner), "__call__", None)):
            inner = type(inner).__call__
        else:
            return cast("Callable[..., object]", inner)


def _refuse_context_manager(call: Callable[..., object]) -> None:
    """A generator function under one of these decorators gives a context manager, which nobody would enter."""
    outer: Any = call
    while isinstance(outer, functools.partial):
        outer = outer.func
    if inspect.ismethod(outer):
        outer = outer.__func__
    decorator = _CONTEXT_MANAGERS.get(getattr(outer, "__code__", None))
    if decorator is not None:
        raise SignatureError(
            f"{decorator} stands on it, so that calling it gives a context manager and not what it yields."
            f" Remove the decorator: a dependency with `yield` needs none."
            f" Where other code needs it too, decorate under another name: managed_{outer.__name__} = {decorator[1:]}({outer.__name__})."
        )


def _namespace_of(call: Callable[..., object]) -> dict[str, object]:
    inner = innermost(call)
    namespace = getattr(inner, "__globals__", None)
    if namespace is None:
        module = inspect.getmodule(inner)
        return {} if module is None else vars(module)
    return cast("dict[str, object]", namespace)


def _read_parameter(parameter: inspect.Parameter, namespace: dict[str, object]) -> Parameter:
    annotation = _resolve(parameter.annotation, parameter.name, namespace)
    metadata: tuple[object, ...] = ()
    while True:
        if get_origin(annotation) is Annotated:
            arguments = get_args(annotation)
            annotation = arguments[0]
            metadata = (*arguments[1:], *metadata)
        elif is_alias(annotation):
            annotation = alias_target(annotation, ())
        elif is_alias(get_origin(annotation)):
            annotation = alias_target(get_origin(annotation), get_args(annotation))
        else:
            break
    return Parameter(
        parameter.name,
        MISSING if annotation is inspect.Parameter.empty else annotation,
        metadata,
        MISSING if parameter.default is inspect.Parameter.empty else parameter.default,
        parameter.kind is inspect.Parameter.KEYWORD_ONLY,
    )


def _takes_names_only(call: Callable[..., object]) -> bool:
    """Whether a decorator hides the parameters behind `**kwargs` alone, so that they can only be handed by name."""
    if not inspect.isfunction(call) or not hasattr(call, "__wrapped__"):
        return False
    outer = inspect.signature(call, follow_wrapped=False).parameters.values()
    kinds = {parameter.kind for parameter in outer}
    return inspect.Parameter.VAR_KEYWORD in kinds and inspect.Parameter.VAR_POSITIONAL not in kinds


def _read_result(call: Callable[..., object], found: inspect.Signature, namespace: dict[str, object]) -> object:
    """The declared result; nothing depends on one that only type checkers can resolve."""
    if isinstance(call, type) or found.return_annotation is inspect.Signature.empty:
        return MISSING
    try:
        return _resolve(found.return_annotation, "return", namespace)
    except SignatureError:
        return MISSING


def _resolve(annotation: object, name: str, namespace: dict[str, object]) -> object:
    """The annotation with every string in it, however deep, replaced by what it names."""
    if isinstance(annotation, type) and not get_args(annotation):
        return annotation
    bearer = SimpleNamespace(__annotations__={name: annotation})
    try:
        return typing.get_type_hints(bearer, namespace, namespace, include_extras=True)[name]
    except NameError as error:
        raise SignatureError(
            f"the annotation {annotation!r} of its parameter {name!r} names something unknown"
            f" ({error}). Import it at run time, outside `if TYPE_CHECKING`, or define it in the module."
        ) from error


def _call_kind(call: Callable[..., object]) -> int:
    """How to call: told by the callable itself, and by what it wraps where a decorator hides what it returns."""
    outer: object = call
    while isinstance(outer, functools.partial):
        outer = outer.func
    if isinstance(outer, type):
        return DIRECT_CALL if _only_keeps_arguments(outer) else THREAD_CALL
    if not inspect.isroutine(outer):
        outer = cast("object", type(outer).__call__)
    inner = innermost(call)
    if inspect.isasyncgenfunction(outer) or inspect.isasyncgenfunction(inner):
        return ASYNC_GENERATOR_CALL
    if inspect.isgeneratorfunction(outer) or inspect.isgeneratorfunction(inner):
        return GENERATOR_CALL
    if _runs_as_coroutine(outer):
        return COROUTINE_CALL
    if inspect.iscoroutinefunction(outer) or inspect.iscoroutinefunction(inner):
        return AWAITABLE_CALL
    return THREAD_CALL


def _only_keeps_arguments(cls: type) -> bool:
    """Whether making an instance runs no code of the user's, which could block."""
    if hasattr(cls, "__post_init__"):
        return False
    if issubclass(cls, msgspec.Struct):
        return True
    # The `__init__` that a dataclass generates was compiled from no file.
    code = getattr(cls.__init__, "__code__", None) if dataclasses.is_dataclass(cls) else None
    return code is not None and code.co_filename == "<string>"


def _runs_as_coroutine(function: object) -> bool:
    """Whether the interpreter itself runs this as `async def`, so that a call is sure to give one of its coroutines."""
    if inspect.ismethod(function):
        function = function.__func__
    return inspect.isfunction(function) and bool(function.__code__.co_flags & inspect.CO_COROUTINE)
