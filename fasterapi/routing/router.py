"""Routers: where routes are declared and grouped. Start-up makes the route records of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from mypy_extensions import mypyc_attr
from typing_extensions import Unpack

from fasterapi.routing.paths import parse_path
from fasterapi.routing.route import RouteDeclaration
from fasterapi.routing.verbs import RouteOptions, Verbs


@mypyc_attr(allow_interpreted_subclasses=True)
class FasterRouter(Verbs):
    """Holds the declarations of routes.

    Example: `router = FasterRouter()` and `@router.get("/users/{user_id}")` above a handler.
    """

    def __init__(self) -> None:
        self.declarations: list[RouteDeclaration] = []

    def add_api_route(
        self, path: str, endpoint: Callable[..., Any], *, methods: Sequence[str] | None = None, **options: Unpack[RouteOptions]
    ) -> None:
        """Declare that `endpoint` answers `methods` (GET when none are given) at `path`."""
        unknown = options.keys() - RouteOptions.__annotations__.keys()
        if unknown:
            raise TypeError(f"A route does not take {', '.join(sorted(unknown))}.")
        verbs = ("GET",) if methods is None else methods
        self.declarations.append(
            RouteDeclaration(
                parse_path(path),
                frozenset(verb.upper() for verb in verbs),
                endpoint,
                options.get("status_code", 200),
                options.get("dependencies", ()),
                options.get("name", getattr(endpoint, "__name__", type(endpoint).__name__)),
            )
        )
