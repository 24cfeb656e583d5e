"""Routers: where routes are declared, grouped and nested. Start-up makes the route records of them."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Collection, Sequence
from contextlib import AbstractAsyncContextManager
from enum import Enum
from typing import Any, Final, cast, final

from mypy_extensions import mypyc_attr
from typing_extensions import Unpack, override

from fasterapi.asgi import ASGIApp
from fasterapi.binding.markers import Dependency
from fasterapi.datastructures.url_path import URLPath
from fasterapi.lifespan import EventHandlers, Lifespan, LifespanContext, LifespanState, between, events_context, joined, lifespan_context
from fasterapi.routing.declaration import (
    WEBSOCKET_OPTIONS,
    GroupOptions,
    RouteDeclaration,
    RouteOptions,
    WebSocketOptions,
    check_dependencies,
    group_options,
    name_of,
    refuse_unknown,
    within,
)
from fasterapi.routing.mount import HostTarget, Mount, MountDeclaration
from fasterapi.routing.mount_lifespan import MountLifespan
from fasterapi.routing.reverse import NamedPath, path_for
from fasterapi.routing.table import Declaration, named_paths
from fasterapi.routing.verbs import Verbs
from fasterapi.routing.websocket_route import WebSocketDeclaration

_ASGI: Final = {"version": "3.0", "spec_version": "2.0"}


@mypyc_attr(allow_interpreted_subclasses=True)
class FasterRouter(Verbs):
    """Declares routes, for an application or for another router to include.

    Example: `router = FasterRouter(prefix="/users", tags=["users"])`, `@router.get("/{user_id}")` above a handler,
    `app.include_router(router)`.
    """

    def __init__(
        self,
        *,
        prefix: str = "",
        routes: Sequence[Declaration] | None = None,
        redirect_slashes: bool = True,
        on_startup: Sequence[Callable[[], Any]] | None = None,
        on_shutdown: Sequence[Callable[[], Any]] | None = None,
        lifespan: Lifespan | None = None,
        **options: Unpack[GroupOptions],
    ) -> None:
        self.prefix: str = _check_prefix(prefix)
        self.redirect_slashes: bool = redirect_slashes
        """Only that of the application's own router is asked."""
        self.on_startup: EventHandlers = EventHandlers(on_startup or ())
        self.on_shutdown: EventHandlers = EventHandlers(on_shutdown or ())
        self.revision: int = 0
        """Grows with every change of the routes, those of included routers too."""
        self._options: RouteOptions = group_options(options)
        # In the options as they are here: what is added to these lists counts for the routes that are declared afterwards.
        self.tags: list[str | Enum] = list(self._options.get("tags") or ())
        self.dependencies: list[Dependency] = check_dependencies(self._options.get("dependencies"))
        self._options["tags"] = self.tags
        self._options["dependencies"] = self.dependencies
        self._lifespan: LifespanContext | None = None if lifespan is None else lifespan_context(lifespan)
        self._spanned = 0
        self._includers: list[FasterRouter] = []
        self._entries: list[Declaration | _Inclusion] = list(routes or ())
        self._declared: list[Declaration] | None = None
        self._names: list[NamedPath] | None = None

    @property
    def routes(self) -> Sequence[Declaration]:
        """What this router and all that it includes declare, in this order."""
        return tuple(self.declared())

    @override
    def add_api_route(
        self, path: str, endpoint: Callable[..., Any], *, methods: Collection[str] | None = None, **options: Unpack[RouteOptions]
    ) -> None:
        self._add(RouteDeclaration(path, endpoint, methods=methods, **options).included(self.prefix, self._options))

    @override
    def add_route(
        self,
        path: str,
        endpoint: Callable[[Any], Any],
        methods: Collection[str] | None = None,
        name: str | None = None,
        include_in_schema: bool = True,
    ) -> None:
        self._add(RouteDeclaration(path, endpoint, methods=methods, takes_request=True, name=name, include_in_schema=include_in_schema))

    @override
    def add_api_websocket_route(
        self, path: str, endpoint: Callable[..., Any], name: str | None = None, **options: Unpack[WebSocketOptions]
    ) -> None:
        refuse_unknown("A WebSocket", options, WEBSOCKET_OPTIONS)
        dependencies = check_dependencies(options.get("dependencies"))
        declaration = WebSocketDeclaration(path, endpoint, dependencies, name or name_of(endpoint), options.get("allowed_origins"))
        self._add(declaration.included(self.prefix, self.dependencies))

    @override
    def add_websocket_route(self, path: str, endpoint: Callable[[Any], Any], name: str | None = None) -> None:
        self._add(WebSocketDeclaration(path, endpoint, [], name or name_of(endpoint), takes_websocket=True))

    @override
    def add_event_handler(self, event_type: str, func: Callable[[], Any]) -> None:
        if event_type == "startup":
            self.on_startup.append(func)
        elif event_type == "shutdown":
            self.on_shutdown.append(func)
        else:
            raise ValueError(f"There is no event {event_type!r}. Write 'startup' or 'shutdown'.")

    @override
    def mount(self, path: str, app: ASGIApp, name: str | None = None) -> None:
        if path not in ("", "/") and not path.startswith("/"):
            raise ValueError(f"The path of a mount begins with a slash: write {'/' + path!r}.")
        self._add(MountDeclaration(self.prefix + path, Mount(app, name)))

    @override
    def host(self, host: str, app: ASGIApp, name: str | None = None) -> None:
        self._add(HostTarget(host, Mount(app, name)))

    def include_router(self, router: FasterRouter, *, prefix: str = "", **options: Unpack[GroupOptions]) -> None:
        """Add the routes of another router, below a prefix and with what else holds for all of them; those that it gets later too."""
        if router.reaches(self):
            raise ValueError("A router cannot include itself, not through other routers either.")
        router.notify(self)
        self._add(_Inclusion(router, self.prefix + _check_prefix(prefix), within(self._options, group_options(options))))

    def declared(self) -> list[Declaration]:
        """What `routes` gives, as it is kept here."""
        declared = self._declared
        if declared is None:
            declared = []
            self.collect("", {}, declared)
            self._declared = declared
        return declared

    def declarations(self) -> list[RouteDeclaration]:
        """The routes of this router and of all it includes, in the order of their declaration."""
        return [declared for declared in self.declared() if isinstance(declared, RouteDeclaration)]

    def url_path_for(self, name: str, /, **path_params: Any) -> URLPath:
        """The path of the first route with this name and these parameters: `router.url_path_for("read_user", user_id=7)`.

        Raises `NoMatchFound` where there is none.
        """
        declared = self.declared()
        names = self._names
        if names is None:
            names = named_paths(declared)
            self._names = names
        return path_for(name, path_params, names, [target for target in declared if isinstance(target, HostTarget)])

    def reaches(self, other: FasterRouter) -> bool:
        """Whether this is the other router, or includes it."""
        return self is other or any(entry.router.reaches(other) for entry in self._entries if isinstance(entry, _Inclusion))

    def notify(self, includer: FasterRouter) -> None:
        """Let another router know of every change from now on."""
        if includer not in self._includers:
            self._includers.append(includer)

    def change(self) -> None:
        """Forget what was made of the routes; whoever uses them sees by the revision that there are others."""
        self.revision += 1
        self._declared = None
        self._names = None
        for includer in self._includers:
            includer.change()

    @property
    def lifespan_context(self) -> LifespanContext:
        """The lifespans of this router, of those that it includes and of what is mounted in it, as one.

        Example: `async with app.router.lifespan_context(app): ...` in a test. Another one may be set in its place.
        """
        # As they are now: one that is set in their place may enter them.
        contexts = self.lifespans([], [])

        def span(app: object) -> AbstractAsyncContextManager[LifespanState]:
            return joined(contexts, app)

        return span

    @lifespan_context.setter
    def lifespan_context(self, context: LifespanContext) -> None:
        self._lifespan = context
        # Who sets one has wrapped the one that was there, with all that was included by then.
        self._spanned = len(self._entries)

    def lifespans(self, known: list[FasterRouter], mounts: list[Mount]) -> list[LifespanContext]:
        """The lifespans of this router and of what it holds; those of `known` routers and `mounts` are begun already."""
        if self in known:
            return []
        known.append(self)
        found: list[LifespanContext] = []
        if self._lifespan is not None:
            found.append(self._lifespan)
            self._warn_of_unheard_events()
        elif self.on_startup or self.on_shutdown:
            found.append(events_context(self.on_startup, self.on_shutdown))
        for entry in self._entries[self._spanned :]:
            if isinstance(entry, _Inclusion):
                found.extend(entry.router.lifespans(known, mounts))
            elif isinstance(entry, (MountDeclaration, HostTarget)):
                found.append(_mount_context(entry.mount, mounts))
        return found

    def _warn_of_unheard_events(self) -> None:
        unheard = [name_of(handler) for handler in [*self.on_startup, *self.on_shutdown]]
        if unheard and not self._spanned:
            warnings.warn(
                f"There is a lifespan, so these event handlers are never called: {', '.join(unheard)}. Call them in the lifespan.",
                stacklevel=2,
            )

    def _add(self, entry: Declaration | _Inclusion) -> None:
        self._entries.append(entry)
        self.change()

    def collect(self, prefix: str, outer: RouteOptions, found: list[Declaration]) -> None:
        """Put into `found` what is declared here, below a prefix and within what stands around it.

        What stands around a route is added up on the way to it, and put together with the route once.
        """
        for entry in self._entries:
            if isinstance(entry, _Inclusion):
                entry.router.collect(prefix + entry.prefix, within(outer, entry.options), found)
            elif isinstance(entry, RouteDeclaration):
                found.append(entry.included(prefix, outer))
            elif isinstance(entry, WebSocketDeclaration):
                found.append(entry.included(prefix, cast("list[Dependency]", outer.get("dependencies", []))))
            elif isinstance(entry, MountDeclaration):
                found.append(entry.included(prefix))
            else:
                found.append(entry)


@final
class _Inclusion:
    """A router within another, and what is put around its routes there."""

    def __init__(self, router: FasterRouter, prefix: str, options: RouteOptions) -> None:
        self.router = router
        self.prefix = prefix
        self.options = options


def _mount_context(mount: Mount, mounts: list[Mount]) -> LifespanContext:
    """The lifespan of a mounted application; one that is mounted at several places begins once."""
    earlier = [other for other in mounts if other.app is mount.app]
    mounts.append(mount)

    def context(app: object) -> AbstractAsyncContextManager[LifespanState]:
        lifespan = MountLifespan(mount)

        async def start() -> None:
            if earlier:
                mount.state = earlier[0].state
            else:
                await lifespan.start(_ASGI)

        return between(start, lifespan.stop)(app)

    return context


def _check_prefix(prefix: str) -> str:
    if prefix and not prefix.startswith("/"):
        raise ValueError(f"A prefix begins with a slash: write {'/' + prefix!r}.")
    if prefix.endswith("/"):
        raise ValueError(f"A prefix does not end with a slash, as the paths behind it begin with one: write {prefix.rstrip('/')!r}.")
    return prefix
