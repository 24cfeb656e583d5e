"""The decorators that declare routes, shared by applications and routers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypedDict, TypeVar

from mypy_extensions import mypyc_attr
from typing_extensions import Unpack

from fasterapi.binding.results import IncEx
from fasterapi.http.responses import Response

Handler = TypeVar("Handler", bound=Callable[..., Any])


class RouteOptions(TypedDict, total=False):
    """What a route's decorator takes beside the path."""

    status_code: int
    dependencies: Sequence[object]
    name: str
    response_model: Any
    response_model_include: IncEx | None
    response_model_exclude: IncEx | None
    response_model_by_alias: bool
    response_model_exclude_unset: bool
    response_model_exclude_defaults: bool
    response_model_exclude_none: bool
    response_class: type[Response]


@mypyc_attr(allow_interpreted_subclasses=True)
class Verbs:
    """Declares routes by decorators; each gives the handler back as it was."""

    def add_api_route(
        self, path: str, endpoint: Callable[..., Any], *, methods: Sequence[str] | None = None, **options: Unpack[RouteOptions]
    ) -> None:
        """Declare that `endpoint` answers `methods` (GET when none are given) at `path`."""
        raise NotImplementedError

    def api_route(
        self, path: str, *, methods: Sequence[str] | None = None, **options: Unpack[RouteOptions]
    ) -> Callable[[Handler], Handler]:
        """Decorate a handler of several methods: `@router.api_route("/x", methods=["GET", "POST"])`."""

        def declare(handler: Handler) -> Handler:
            self.add_api_route(path, handler, methods=methods, **options)
            return handler

        return declare

    def get(self, path: str, **options: Unpack[RouteOptions]) -> Callable[[Handler], Handler]:
        """Decorate the handler of GET, and of HEAD with it."""
        return self.api_route(path, methods=("GET",), **options)

    def post(self, path: str, **options: Unpack[RouteOptions]) -> Callable[[Handler], Handler]:
        """Decorate the handler of POST."""
        return self.api_route(path, methods=("POST",), **options)

    def put(self, path: str, **options: Unpack[RouteOptions]) -> Callable[[Handler], Handler]:
        """Decorate the handler of PUT."""
        return self.api_route(path, methods=("PUT",), **options)

    def patch(self, path: str, **options: Unpack[RouteOptions]) -> Callable[[Handler], Handler]:
        """Decorate the handler of PATCH."""
        return self.api_route(path, methods=("PATCH",), **options)

    def delete(self, path: str, **options: Unpack[RouteOptions]) -> Callable[[Handler], Handler]:
        """Decorate the handler of DELETE."""
        return self.api_route(path, methods=("DELETE",), **options)

    def head(self, path: str, **options: Unpack[RouteOptions]) -> Callable[[Handler], Handler]:
        """Decorate the handler of HEAD, where it is another than that of GET."""
        return self.api_route(path, methods=("HEAD",), **options)

    def options(self, path: str, **options: Unpack[RouteOptions]) -> Callable[[Handler], Handler]:
        """Decorate the handler of OPTIONS, where the list of allowed methods is not answer enough."""
        return self.api_route(path, methods=("OPTIONS",), **options)
