"""Routers: where routes are declared, grouped and nested. Start-up makes the route records of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, final

from mypy_extensions import mypyc_attr
from typing_extensions import Unpack, override

from fasterapi.binding.markers import MISSING, Dependency
from fasterapi.binding.results import ResultOptions
from fasterapi.http.responses import JSONResponse
from fasterapi.routing.route import ResponseDeclaration, RouteDeclaration, check_dependencies
from fasterapi.routing.verbs import RouteOptions, Verbs


@mypyc_attr(allow_interpreted_subclasses=True)
class FasterRouter(Verbs):
    """Declares routes, for an application or for another router to include.

    Example: `router = FasterRouter(prefix="/users")`, `@router.get("/{user_id}")` above a handler, `app.include_router(router)`.
    """

    def __init__(self, *, prefix: str = "", dependencies: Sequence[object] | None = None) -> None:
        self.prefix: str = _check_prefix(prefix)
        self.dependencies: list[Dependency] = check_dependencies(dependencies)
        self._entries: list[RouteDeclaration | _Inclusion] = []

    @override
    def add_api_route(
        self, path: str, endpoint: Callable[..., Any], *, methods: Sequence[str] | None = None, **options: Unpack[RouteOptions]
    ) -> None:
        unknown = options.keys() - RouteOptions.__annotations__.keys()
        if unknown:
            raise TypeError(f"A route does not take {', '.join(sorted(unknown))}.")
        verbs = ("GET",) if methods is None else methods
        self._entries.append(
            RouteDeclaration(
                self.prefix + path,
                frozenset([verb.upper() for verb in verbs]),
                endpoint,
                _response_declaration(options),
                [*self.dependencies, *check_dependencies(options.get("dependencies"))],
                options.get("name", getattr(endpoint, "__name__", type(endpoint).__name__)),
            )
        )

    def include_router(self, router: FasterRouter, *, prefix: str = "", dependencies: Sequence[object] | None = None) -> None:
        """Add the routes of another router, below a prefix and behind dependencies; those that it gets later too."""
        if router.reaches(self):
            raise ValueError("A router cannot include itself, not through other routers either.")
        self._entries.append(
            _Inclusion(router, self.prefix + _check_prefix(prefix), [*self.dependencies, *check_dependencies(dependencies)])
        )

    def declarations(self) -> list[RouteDeclaration]:
        """The routes of this router and of all it includes, in the order of their declaration."""
        found: list[RouteDeclaration] = []
        for entry in self._entries:
            if isinstance(entry, RouteDeclaration):
                found.append(entry)
            else:
                found.extend([inner.included(entry.prefix, entry.dependencies) for inner in entry.router.declarations()])
        return found

    def reaches(self, other: FasterRouter) -> bool:
        """Whether this is the other router, or includes it."""
        return self is other or any(entry.router.reaches(other) for entry in self._entries if isinstance(entry, _Inclusion))


def _response_declaration(options: RouteOptions) -> ResponseDeclaration:
    filters = ResultOptions(
        include=options.get("response_model_include"),
        exclude=options.get("response_model_exclude"),
        exclude_unset=options.get("response_model_exclude_unset", False),
        exclude_defaults=options.get("response_model_exclude_defaults", False),
        exclude_none=options.get("response_model_exclude_none", False),
        by_alias=options.get("response_model_by_alias", True),
    )
    response_class = options.get("response_class", JSONResponse)
    return ResponseDeclaration(
        options.get("response_model", MISSING),
        filters,
        None if response_class is JSONResponse else response_class,
        options.get("status_code", 200),
    )


@final
class _Inclusion:
    """A router within another, and what is put before its routes there."""

    def __init__(self, router: FasterRouter, prefix: str, dependencies: list[Dependency]) -> None:
        self.router = router
        self.prefix = prefix
        self.dependencies = dependencies


def _check_prefix(prefix: str) -> str:
    if prefix and not prefix.startswith("/"):
        raise ValueError(f"A prefix begins with a slash: write {'/' + prefix!r}.")
    if prefix.endswith("/"):
        raise ValueError(f"A prefix does not end with a slash, as the paths behind it begin with one: write {prefix.rstrip('/')!r}.")
    return prefix
