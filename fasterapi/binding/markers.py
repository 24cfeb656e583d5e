"""What a handler writes beside a parameter to say where its value comes from.

Each marker is declared to return the type of the parameter it stands for, so that `limit: int = Query("ten")` is an error for
type checkers; what it really returns is a record that start-up reads.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Coroutine, Generator, Iterator, Mapping, Sequence
from types import EllipsisType
from typing import Any, Final, Literal, TypeAlias, TypedDict, TypeVar, cast, final, overload

from typing_extensions import Unpack

from fasterapi.binding.constraints import Constraints

T = TypeVar("T")

PATH: Final = "path"
QUERY: Final = "query"
HEADER: Final = "header"
COOKIE: Final = "cookie"
BODY: Final = "body"

Scope: TypeAlias = Literal["function", "request"]
"""How long a provider with clean-up lives: until the handler returned, or until the response was sent."""


@final
class Missing:
    """The type of `MISSING`."""

    def __repr__(self) -> str:
        return "MISSING"


MISSING: Final = Missing()
"""Stands where no default was given, because `None` is one."""


class ParameterOptions(TypedDict, total=False):
    """What every parameter marker takes beside its default."""

    alias: str
    title: str
    description: str
    gt: float
    ge: float
    lt: float
    le: float
    multiple_of: float
    min_length: int
    max_length: int
    pattern: str
    examples: Sequence[object]
    openapi_examples: Mapping[str, object]
    deprecated: bool | str
    include_in_schema: bool
    json_schema_extra: Mapping[str, object]


class HeaderOptions(ParameterOptions, total=False):
    """What `Header` takes beside its default."""

    convert_underscores: bool


class BodyOptions(ParameterOptions, total=False):
    """What `Body` takes beside its default."""

    embed: bool
    media_type: str


_HEADER_ONLY: Final = HeaderOptions.__annotations__.keys() - ParameterOptions.__annotations__.keys()
_BODY_ONLY: Final = BodyOptions.__annotations__.keys() - ParameterOptions.__annotations__.keys()
_EVERYWHERE: Final = frozenset(ParameterOptions.__annotations__)


@final
class ParameterMarker:
    """The record behind `Path`, `Query`, `Header`, `Cookie` and `Body`."""

    def __init__(self, source: str, default: object, default_factory: Callable[[], object] | None, options: Mapping[str, object]) -> None:
        self.source = source
        self.default: object = MISSING if default is ... else default
        self.default_factory = default_factory
        self.options = dict(options)
        if default_factory is not None and self.default is not MISSING:
            raise TypeError(f"{source.title()}() takes a default or a default_factory, not both.")
        unknown = self.options.keys() - _allowed_options(source)
        if unknown:
            raise TypeError(f"{source.title()}() does not take {', '.join(sorted(unknown))}.")
        self.constraints = _constraints_of(self.options)

    def alias(self) -> str | None:
        """The name in the request, where it is another than the parameter's."""
        return cast("str | None", self.options.get("alias"))

    def flag(self, name: str, default: bool) -> bool:
        """A yes-or-no option."""
        return cast(bool, self.options.get(name, default))

    def __repr__(self) -> str:
        default = "" if self.default is MISSING else repr(self.default)
        return f"{self.source.title()}({default})"


def _allowed_options(source: str) -> frozenset[str]:
    if source == HEADER:
        return _EVERYWHERE | _HEADER_ONLY
    if source == BODY:
        return _EVERYWHERE | _BODY_ONLY
    return _EVERYWHERE


def _constraints_of(options: Mapping[str, object]) -> Constraints:
    return Constraints(
        gt=options.get("gt"),
        ge=options.get("ge"),
        lt=options.get("lt"),
        le=options.get("le"),
        multiple_of=options.get("multiple_of"),
        min_length=cast("int | None", options.get("min_length")),
        max_length=cast("int | None", options.get("max_length")),
        pattern=cast("str | None", options.get("pattern")),
    )


@overload
def Path(default: EllipsisType = ..., **options: Unpack[ParameterOptions]) -> Any: ...
@overload
def Path(default: T, **options: Unpack[ParameterOptions]) -> T: ...
@overload
def Path(*, default_factory: Callable[[], T], **options: Unpack[ParameterOptions]) -> T: ...
def Path(default: object = ..., *, default_factory: Callable[[], object] | None = None, **options: Any) -> Any:
    """A part of the path: `item_id: int = Path(ge=1)`."""
    return ParameterMarker(PATH, default, default_factory, options)


@overload
def Query(default: EllipsisType = ..., **options: Unpack[ParameterOptions]) -> Any: ...
@overload
def Query(default: T, **options: Unpack[ParameterOptions]) -> T: ...
@overload
def Query(*, default_factory: Callable[[], T], **options: Unpack[ParameterOptions]) -> T: ...
def Query(default: object = ..., *, default_factory: Callable[[], object] | None = None, **options: Any) -> Any:
    """A value of the query string: `limit: int = Query(10, le=100)`."""
    return ParameterMarker(QUERY, default, default_factory, options)


@overload
def Header(default: EllipsisType = ..., **options: Unpack[HeaderOptions]) -> Any: ...
@overload
def Header(default: T, **options: Unpack[HeaderOptions]) -> T: ...
@overload
def Header(*, default_factory: Callable[[], T], **options: Unpack[HeaderOptions]) -> T: ...
def Header(default: object = ..., *, default_factory: Callable[[], object] | None = None, **options: Any) -> Any:
    """A request header: `user_agent: str = Header()` reads `user-agent`."""
    return ParameterMarker(HEADER, default, default_factory, options)


@overload
def Cookie(default: EllipsisType = ..., **options: Unpack[ParameterOptions]) -> Any: ...
@overload
def Cookie(default: T, **options: Unpack[ParameterOptions]) -> T: ...
@overload
def Cookie(*, default_factory: Callable[[], T], **options: Unpack[ParameterOptions]) -> T: ...
def Cookie(default: object = ..., *, default_factory: Callable[[], object] | None = None, **options: Any) -> Any:
    """A cookie of the request: `theme: str = Cookie("light")`."""
    return ParameterMarker(COOKIE, default, default_factory, options)


@overload
def Body(default: EllipsisType = ..., **options: Unpack[BodyOptions]) -> Any: ...
@overload
def Body(default: T, **options: Unpack[BodyOptions]) -> T: ...
@overload
def Body(*, default_factory: Callable[[], T], **options: Unpack[BodyOptions]) -> T: ...
def Body(default: object = ..., *, default_factory: Callable[[], object] | None = None, **options: Any) -> Any:
    """The JSON body, or with `embed=True` one key of it: `price: float = Body(gt=0, embed=True)`."""
    return ParameterMarker(BODY, default, default_factory, options)


@final
class Dependency:
    """The record behind `Depends`."""

    def __init__(self, provider: Callable[..., object] | None, use_cache: bool, scope: Scope | None) -> None:
        self.provider = provider
        self.use_cache = use_cache
        self.scope = scope

    def __repr__(self) -> str:
        return f"Depends({getattr(self.provider, '__name__', self.provider)})"


@overload
def Depends(dependency: None = None, *, use_cache: bool = True, scope: Scope | None = None) -> Any: ...
@overload
def Depends(dependency: type[T], *, use_cache: bool = True, scope: Scope | None = None) -> T: ...
@overload
def Depends(dependency: Callable[..., AsyncGenerator[T, Any]], *, use_cache: bool = True, scope: Scope | None = None) -> T: ...
@overload
def Depends(dependency: Callable[..., AsyncIterator[T]], *, use_cache: bool = True, scope: Scope | None = None) -> T: ...
@overload
def Depends(dependency: Callable[..., Generator[T, Any, Any]], *, use_cache: bool = True, scope: Scope | None = None) -> T: ...
@overload
def Depends(dependency: Callable[..., Iterator[T]], *, use_cache: bool = True, scope: Scope | None = None) -> T: ...
@overload
def Depends(dependency: Callable[..., Coroutine[Any, Any, T]], *, use_cache: bool = True, scope: Scope | None = None) -> T: ...
@overload
def Depends(dependency: Callable[..., T], *, use_cache: bool = True, scope: Scope | None = None) -> T: ...
def Depends(dependency: Callable[..., Any] | None = None, *, use_cache: bool = True, scope: Scope | None = None) -> Any:
    """What another function provides: `session: Session = Depends(get_session)`.

    Its static type is what the provider gives, so a parameter of another type is an error for mypy and pyright. Without
    an argument the parameter's annotation is the provider.
    """
    return Dependency(dependency, use_cache, scope)
