"""What a handler writes beside a parameter to say where its value comes from.

Each marker is declared to return the type of the parameter it stands for, so that `limit: int = Query("ten")` is an error for
type checkers; what it really returns is a record that start-up reads.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Coroutine, Generator, Iterator, Mapping, Sequence
from types import EllipsisType
from typing import Any, Final, Literal, NoReturn, TypeAlias, TypedDict, TypeVar, cast, final, overload

from typing_extensions import Unpack

from fasterapi.binding.constraints import Constraints
from fasterapi.concurrency.limit import ConcurrencyLimit

T = TypeVar("T")

PATH: Final = "path"
QUERY: Final = "query"
HEADER: Final = "header"
COOKIE: Final = "cookie"
BODY: Final = "body"
FORM: Final = "form"
FILE: Final = "file"

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
    validation_alias: str
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


class FormOptions(ParameterOptions, total=False):
    """What `Form` and `File` take beside their default."""

    media_type: str


_HEADER_ONLY: Final = HeaderOptions.__annotations__.keys() - ParameterOptions.__annotations__.keys()
_BODY_ONLY: Final = BodyOptions.__annotations__.keys() - ParameterOptions.__annotations__.keys()
_FORM_ONLY: Final = FormOptions.__annotations__.keys() - ParameterOptions.__annotations__.keys()
_OF_PYDANTIC: Final = (
    "alias_priority",
    "serialization_alias",
    "discriminator",
    "strict",
    "validate_default",
    "union_mode",
    "fail_fast",
    "allow_inf_nan",
    "max_digits",
    "decimal_places",
)
_EVERYWHERE: Final = frozenset(ParameterOptions.__annotations__)


@final
class ParameterMarker:
    """The record behind `Path`, `Query`, `Header`, `Cookie`, `Body`, `Form` and `File`."""

    def __init__(self, source: str, default: object, default_factory: Callable[[], object] | None, options: Mapping[str, object]) -> None:
        self.source = source
        self.default: object = MISSING if default is ... else default
        self.default_factory = default_factory
        self.options: dict[str, object] = dict(options)
        if default_factory is not None and self.default is not MISSING:
            raise TypeError(f"{source.title()}() takes a default or a default_factory, not both.")
        unknown = self.options.keys() - _allowed_options(source)
        if unknown:
            raise TypeError(" ".join(f"{source.title()}() does not take {name}. {_instead_of(name)}".rstrip() for name in sorted(unknown)))
        self.constraints: Constraints = _constraints_of(self.options)

    def alias(self) -> str | None:
        """The name in the request, where it is another than the parameter's."""
        return cast("str | None", self.options.get("validation_alias") or self.options.get("alias"))

    def flag(self, name: str, default: bool) -> bool:
        """A yes-or-no option."""
        return cast(bool, self.options.get(name, default))

    def __repr__(self) -> str:
        default = "" if self.default is MISSING else repr(self.default)
        return f"{self.source.title()}({default})"


def _instead_of(option: str) -> str:
    """What to write for an option that FastAPI takes."""
    if option == "regex":
        return "Write pattern."
    if option == "example":
        return "Write examples=[...]."
    return f"Write pydantic's Field({option}=...) beside it in Annotated." if option in _OF_PYDANTIC else ""


def _allowed_options(source: str) -> frozenset[str]:
    if source == HEADER:
        return _EVERYWHERE | _HEADER_ONLY
    if source == BODY:
        return _EVERYWHERE | _BODY_ONLY
    if source in (FORM, FILE):
        return _EVERYWHERE | _FORM_ONLY
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


@overload
def Form(default: EllipsisType = ..., **options: Unpack[FormOptions]) -> Any: ...
@overload
def Form(default: T, **options: Unpack[FormOptions]) -> T: ...
@overload
def Form(*, default_factory: Callable[[], T], **options: Unpack[FormOptions]) -> T: ...
def Form(default: object = ..., *, default_factory: Callable[[], object] | None = None, **options: Any) -> Any:
    """A field of a form, urlencoded or multipart: `name: str = Form(max_length=80)`."""
    return ParameterMarker(FORM, default, default_factory, options)


@overload
def File(default: EllipsisType = ..., **options: Unpack[FormOptions]) -> Any: ...
@overload
def File(default: T, **options: Unpack[FormOptions]) -> T: ...
@overload
def File(*, default_factory: Callable[[], T], **options: Unpack[FormOptions]) -> T: ...
def File(default: object = ..., *, default_factory: Callable[[], object] | None = None, **options: Any) -> Any:
    """An uploaded file, as `bytes` or `UploadFile`: `photo: UploadFile = File()`."""
    return ParameterMarker(FILE, default, default_factory, options)


class DependencyOptions(TypedDict, total=False):
    """What `Depends` takes beside the provider."""

    use_cache: bool
    scope: Scope | None
    max_concurrency: int | None


@final
class Dependency:
    """The record behind `Depends` and `Security`."""

    def __init__(
        self,
        provider: Callable[..., object] | None,
        use_cache: bool,
        scope: Scope | None,
        security_scopes: tuple[str, ...],
        limit: ConcurrencyLimit | None = None,
    ) -> None:
        self.provider = provider
        self.use_cache = use_cache
        self.scope: Scope | None = scope
        self.security_scopes = security_scopes
        self.limit = limit

    def __repr__(self) -> str:
        return f"Depends({getattr(self.provider, '__name__', self.provider)})"


# A provider that only raises gives nothing, but the call of `Depends` comes back: its type must not end the module for checkers.
@overload
def Depends(
    dependency: Callable[..., NoReturn] | Callable[..., Coroutine[Any, Any, NoReturn]], **options: Unpack[DependencyOptions]
) -> Any: ...
@overload
def Depends(dependency: None = None, **options: Unpack[DependencyOptions]) -> Any: ...
@overload
def Depends(dependency: type[T], **options: Unpack[DependencyOptions]) -> T: ...
@overload
def Depends(dependency: Callable[..., AsyncGenerator[T, Any]], **options: Unpack[DependencyOptions]) -> T: ...
@overload
def Depends(dependency: Callable[..., AsyncIterator[T]], **options: Unpack[DependencyOptions]) -> T: ...
@overload
def Depends(dependency: Callable[..., Generator[T, Any, Any]], **options: Unpack[DependencyOptions]) -> T: ...
@overload
def Depends(dependency: Callable[..., Iterator[T]], **options: Unpack[DependencyOptions]) -> T: ...
@overload
def Depends(dependency: Callable[..., Coroutine[Any, Any, T]], **options: Unpack[DependencyOptions]) -> T: ...
@overload
def Depends(dependency: Callable[..., T], **options: Unpack[DependencyOptions]) -> T: ...
def Depends(
    dependency: Callable[..., Any] | None = None, *, use_cache: bool = True, scope: Scope | None = None, max_concurrency: object = None
) -> Any:
    """What another function provides: `session: Session = Depends(get_session)`.

    Its static type is what the provider gives, so a parameter of another type is an error for mypy and pyright. Without
    an argument the parameter's annotation is the provider.

    With `max_concurrency` no more than so many of its calls run at once for one `Depends`, in an event loop; the others
    wait for their turn. A provider with clean-up counts until that has run.
    """
    return Dependency(dependency, use_cache, _checked_scope(scope), (), _limit_of(max_concurrency))


@overload
def Security(
    dependency: Callable[..., NoReturn] | Callable[..., Coroutine[Any, Any, NoReturn]],
    *,
    scopes: Sequence[str] | None = None,
    use_cache: bool = True,
) -> Any: ...
@overload
def Security(dependency: None = None, *, scopes: Sequence[str] | None = None, use_cache: bool = True) -> Any: ...
@overload
def Security(dependency: type[T], *, scopes: Sequence[str] | None = None, use_cache: bool = True) -> T: ...
@overload
def Security(dependency: Callable[..., AsyncGenerator[T, Any]], *, scopes: Sequence[str] | None = None, use_cache: bool = True) -> T: ...
@overload
def Security(dependency: Callable[..., AsyncIterator[T]], *, scopes: Sequence[str] | None = None, use_cache: bool = True) -> T: ...
@overload
def Security(dependency: Callable[..., Generator[T, Any, Any]], *, scopes: Sequence[str] | None = None, use_cache: bool = True) -> T: ...
@overload
def Security(dependency: Callable[..., Iterator[T]], *, scopes: Sequence[str] | None = None, use_cache: bool = True) -> T: ...
@overload
def Security(dependency: Callable[..., Coroutine[Any, Any, T]], *, scopes: Sequence[str] | None = None, use_cache: bool = True) -> T: ...
@overload
def Security(dependency: Callable[..., T], *, scopes: Sequence[str] | None = None, use_cache: bool = True) -> T: ...
def Security(dependency: Callable[..., Any] | None = None, *, scopes: Sequence[str] | None = None, use_cache: bool = True) -> Any:
    """`Depends` with scopes that the provider, and all that it depends on, find in their `SecurityScopes`.

    Example: `user: User = Security(get_current_user, scopes=["items"])`.
    """
    if isinstance(scopes, str):
        raise TypeError(f"Security() takes a list of scopes, not one string. Write scopes=[{scopes!r}].")
    return Dependency(dependency, use_cache, None, tuple(scopes or ()))


def _checked_scope(scope: Scope | None) -> Scope | None:
    if scope not in (None, "function", "request"):
        raise ValueError(f'Depends() takes scope="function" or scope="request", not {scope!r}.')
    return scope


def _limit_of(max_concurrency: object) -> ConcurrencyLimit | None:
    if max_concurrency is None:
        return None
    if isinstance(max_concurrency, bool) or not isinstance(max_concurrency, int) or max_concurrency < 1:
        raise ValueError(f"Depends() takes a max_concurrency of 1 or more, not {max_concurrency!r}.")
    return ConcurrencyLimit(max_concurrency)
