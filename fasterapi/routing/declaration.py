"""Routes as they are declared: what decorators, routers and inclusions say, and how it adds up.

Interpreted: compiled TypedDict classes lose what they declare, and no request reads any of this.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import Enum
from functools import cached_property
from typing import Any, Final, TypeAlias, TypedDict, cast

from typing_extensions import Unpack

from fasterapi.binding.markers import MISSING, Dependency
from fasterapi.binding.results import IncEx, ResultOptions
from fasterapi.http.responses import Response

Responses: TypeAlias = Mapping[int | str, Mapping[str, Any]] | Mapping[int, Mapping[str, Any]] | Mapping[str, Mapping[str, Any]]
"""What the OpenAPI document says of answers, by their status: `{404: {"model": Problem}}`."""


class CommonOptions(TypedDict, total=False):
    """What routes, routers and inclusions take alike. `None` is the same as saying nothing."""

    tags: Sequence[str | Enum] | None
    dependencies: Sequence[object] | None
    responses: Responses | None
    callbacks: Sequence[object] | None
    deprecated: bool | None
    include_in_schema: bool
    generate_unique_id_function: Callable[[Any], str] | None
    strict_content_type: bool
    max_body_size: int | None


class GroupOptions(CommonOptions, total=False):
    """What holds for all routes of a router, or of one inclusion of it."""

    default_response_class: type[Response] | None


class RouteOptions(CommonOptions, total=False):
    """What a route's decorator takes beside the path."""

    response_model: Any
    status_code: int | None
    summary: str | None
    description: str | None
    response_description: str
    operation_id: str | None
    response_model_include: IncEx | None
    response_model_exclude: IncEx | None
    response_model_by_alias: bool
    response_model_exclude_unset: bool
    response_model_exclude_defaults: bool
    response_model_exclude_none: bool
    response_class: type[Response] | None
    name: str | None
    openapi_extra: Mapping[str, Any] | None
    stream_request_body: bool
    """Taken for those who come from FasterAPI: no body is ever read before the handler, or a parameter of it, asks for it."""


class WebSocketOptions(TypedDict, total=False):
    """What the decorator of a WebSocket's handler takes beside path and name."""

    dependencies: Sequence[object] | None
    allowed_origins: Sequence[str | None] | None
    """The sites that may open it: see `WebSocketDeclaration`."""


_CONVERTER: Final = re.compile(r":\w+}")
_ROUTE_OPTIONS: Final = frozenset(RouteOptions.__annotations__)
_GROUP_OPTIONS: Final = frozenset(GroupOptions.__annotations__)
WEBSOCKET_OPTIONS: Final = frozenset(WebSocketOptions.__annotations__)
_OUTSIDE: Final = {
    "route_class": "routes are compiled at start-up, so no class of yours can stand in for them: write a dependency or a middleware",
    "default": "a router answers nothing by itself: mount an application at '', or declare an exception handler for 404",
    "dependency_overrides_provider": "the application that includes the router has the overrides",
}


def refuse_unknown(what: str, options: Mapping[str, object], known: frozenset[str]) -> None:
    """Raise `TypeError` for keywords that nobody knows."""
    if options.keys() <= known:
        return
    unknown = sorted(options.keys() - known)
    reasons = [f" {name}: {_OUTSIDE[name]}." for name in unknown if name in _OUTSIDE]
    raise TypeError(f"{what} does not take {', '.join(unknown)}.{''.join(reasons)}")


def group_options(options: GroupOptions) -> RouteOptions:
    """What a router or an inclusion says, as options of each of its routes."""
    refuse_unknown("A router", options, _GROUP_OPTIONS)
    said: dict[str, Any] = dict(options)
    if "default_response_class" in said:
        said["response_class"] = said.pop("default_response_class")
    return _said(said)


def within(outer: RouteOptions, inner: RouteOptions) -> RouteOptions:
    """The options of a route, or a group of routes, inside another group.

    Lists are joined, those of the outer group first; a route is hidden or deprecated where either says so; of anything else
    the inner one is heard.
    """
    if not outer:
        return inner
    merged: RouteOptions = {**outer, **inner}
    if "tags" in outer:
        merged["tags"] = [*(outer["tags"] or ()), *(inner.get("tags") or ())]
    if "dependencies" in outer:
        merged["dependencies"] = [*(outer["dependencies"] or ()), *(inner.get("dependencies") or ())]
    if "callbacks" in outer:
        merged["callbacks"] = [*(outer["callbacks"] or ()), *(inner.get("callbacks") or ())]
    if "responses" in outer:
        merged["responses"] = _merged(outer["responses"], inner.get("responses"))
    if outer.get("deprecated"):
        merged["deprecated"] = True
    if not outer.get("include_in_schema", True):
        merged["include_in_schema"] = False
    return merged


def check_dependencies(dependencies: Sequence[object] | None) -> list[Dependency]:
    """What stands in a `dependencies=[…]` list."""
    checked: list[Dependency] = []
    for dependency in dependencies or ():
        if not isinstance(dependency, Dependency):
            raise TypeError(f"dependencies takes Depends(...) entries, not {dependency!r}. Write Depends(your_function).")
        checked.append(dependency)
    return checked


class ResponseDeclaration:
    """What a decorator said of the answer."""

    def __init__(self, options: RouteOptions) -> None:
        self.model: object = options.get("response_model", MISSING)
        self.options: ResultOptions = ResultOptions(
            include=options.get("response_model_include"),
            exclude=options.get("response_model_exclude"),
            exclude_unset=options.get("response_model_exclude_unset", False),
            exclude_defaults=options.get("response_model_exclude_defaults", False),
            exclude_none=options.get("response_model_exclude_none", False),
            by_alias=options.get("response_model_by_alias", True),
        )
        self.response_class: type[Response] | None = options.get("response_class")
        """`None` where neither the route nor a group around it names one."""
        status_code = options.get("status_code")
        self.status_code: int | None = None if status_code is None else int(status_code)
        """`None` leaves it to the response class: 200 for most."""


class Documentation:
    """What the OpenAPI document says of a route."""

    def __init__(self, options: RouteOptions, endpoint: Callable[..., Any]) -> None:
        self.tags: list[str | Enum] = list(options.get("tags") or ())
        self.summary: str | None = options.get("summary")
        self.description: str = options.get("description") or _docstring_of(endpoint)
        self.response_description: str = options.get("response_description", "Successful Response")
        self.responses: dict[int | str, Mapping[str, Any]] = _merged(options.get("responses"), None)
        self.deprecated: bool | None = options.get("deprecated")
        self.operation_id: str | None = options.get("operation_id")
        self.include_in_schema: bool = options.get("include_in_schema", True)
        self.openapi_extra: Mapping[str, Any] | None = options.get("openapi_extra")
        self.callbacks: list[RouteDeclaration] = cast("list[RouteDeclaration]", list(options.get("callbacks") or ()))
        self.generate_unique_id_function: Callable[[Any], str] | None = options.get("generate_unique_id_function")


class RouteDeclaration:
    """One route as it was declared, until start-up makes a `Route` of it; FastAPI's users know it as `APIRoute`.

    Example: `for route in app.routes: if isinstance(route, APIRoute): route.operation_id = route.name`.

    With `takes_request` the handler is called with the request alone, as Starlette's are.
    """

    def __init__(
        self,
        path: str,
        endpoint: Callable[..., Any],
        *,
        methods: Iterable[str] | None = None,
        takes_request: bool = False,
        **options: Unpack[RouteOptions],
    ) -> None:
        refuse_unknown("A route", options, _ROUTE_OPTIONS)
        if not callable(endpoint):
            raise TypeError(f"{path}: {endpoint!r} cannot be called, so it is no handler. Write a function.")
        refuse_text("methods", methods)
        said = _said(options)
        self.path: str = path
        self.endpoint: Callable[..., Any] = endpoint
        self.methods: frozenset[str] = frozenset(("GET",) if methods is None else [method.upper() for method in methods])
        self.takes_request: bool = takes_request
        self.name: str = said.get("name") or name_of(endpoint)
        self.dependencies: list[Dependency] = cast("list[Dependency]", said.get("dependencies", []))
        self.response: ResponseDeclaration = ResponseDeclaration(said)
        self.strict_content_type: bool = said.get("strict_content_type", True)
        """Whether a JSON body has to say that it is one."""
        self.max_body_size: int | None = said.get("max_body_size")
        """`None` leaves it to the application."""
        self._options = said

    @property
    def handler(self) -> Callable[..., Any]:
        """The function that answers."""
        return self.endpoint

    @cached_property
    def documentation(self) -> Documentation:
        """What the OpenAPI document says of the route; put together when it is first asked for."""
        return Documentation(self._options, self.endpoint)

    @property
    def tags(self) -> list[str | Enum]:
        """What the documentation groups the route by."""
        return self.documentation.tags

    @property
    def include_in_schema(self) -> bool:
        """Whether the documentation speaks of the route."""
        return self.documentation.include_in_schema and not self.takes_request

    @property
    def operation_id(self) -> str | None:
        """The name in the documentation; it may be set until the document is made."""
        return self.documentation.operation_id

    @operation_id.setter
    def operation_id(self, operation_id: str | None) -> None:
        self.documentation.operation_id = operation_id

    @property
    def path_format(self) -> str:
        """The path without the converters of its parameters: `/files/{path}` for `/files/{path:path}`."""
        return _CONVERTER.sub("}", self.path)

    def included(self, prefix: str, outer: RouteOptions) -> RouteDeclaration:
        """The same route below a prefix and within a group. A handler that takes the request alone has its prefix only."""
        options = self._options if self.takes_request else within(outer, self._options)
        if not prefix and options is self._options:
            return self
        return RouteDeclaration(prefix + self.path, self.endpoint, methods=self.methods, takes_request=self.takes_request, **options)

    def __str__(self) -> str:
        return f"{' '.join(sorted(self.methods))} {self.path}"

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self}>"


def _said(options: Mapping[str, Any]) -> RouteOptions:
    """The options without those that say nothing. A response model of `None` says that there is none."""
    said = {name: value for name, value in options.items() if value is not None or name == "response_model"}
    if "tags" in said:
        refuse_text("tags", said["tags"])
    if "dependencies" in said:
        said["dependencies"] = check_dependencies(said["dependencies"])
    return cast("RouteOptions", said)


def _merged(outer: Responses | None, inner: Responses | None) -> dict[int | str, Mapping[str, Any]]:
    return {**cast("dict[int | str, Mapping[str, Any]]", outer or {}), **cast("dict[int | str, Mapping[str, Any]]", inner or {})}


def refuse_text(name: str, value: object) -> None:
    """Raise `TypeError` for a text where a list is meant, of which each character would be taken for an entry."""
    if isinstance(value, str):
        raise TypeError(f"{name} takes a list, not one text. Write {name}=[{value!r}].")


def name_of(endpoint: Callable[..., Any]) -> str:
    """What a handler is called where nothing else names its route."""
    return str(getattr(endpoint, "__name__", type(endpoint).__name__))


def _docstring_of(endpoint: Callable[..., Any]) -> str:
    """The docstring up to a form feed, behind which authors write what is not for the documentation."""
    return inspect.cleandoc(endpoint.__doc__ or "").partition("\f")[0].strip()
