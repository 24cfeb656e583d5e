"""Applications within an application: below a path, or behind a host's name."""

from __future__ import annotations

from typing import Any, Final, cast, final

from fasterapi.asgi import ASGIApp
from fasterapi.http.exchange import Exchange
from fasterapi.http.message_sender import MessageSender
from fasterapi.routing.paths import PathPattern, parse_path
from fasterapi.routing.tree import PathTarget

REST: Final = "path"
"""The name of the parameter that holds what follows the path of a mount."""

_ANY_METHOD: Final[frozenset[str]] = frozenset()


@final
class Mount:
    """What `mount` or `host` declared: an ASGI application, and the state that its lifespan gave."""

    def __init__(self, app: ASGIApp, name: str | None) -> None:
        self.app: ASGIApp = app
        self.name: str | None = name
        self.state: dict[str, Any] = {}


@final
class MountDeclaration:
    """A mount at a path, until start-up makes a target of it."""

    def __init__(self, path: str, mount: Mount) -> None:
        self.path: str = path
        self.mount: Mount = mount

    def included(self, prefix: str) -> MountDeclaration:
        """The same below a prefix."""
        return MountDeclaration(prefix + self.path, self.mount) if prefix else self


@final
class MountTarget(PathTarget):
    """All paths below a mount's."""

    def __init__(self, declaration: MountDeclaration) -> None:
        super().__init__(parse_path(f"{declaration.path.rstrip('/')}/{{{REST}:path}}"), _ANY_METHOD)
        self.mount: Mount = declaration.mount
        self.name: str | None = declaration.mount.name
        self.path: str = declaration.path.rstrip("/")


@final
class MountedRoute:
    """What the scope around a mount calls its route: behind the answer it knows which one of the mounted application that was."""

    def __init__(self, mount_path: str | None, scope: dict[str, Any]) -> None:
        self._mount_path = mount_path
        self._scope = scope

    @property
    def path(self) -> str | None:
        """The template of the route from the outermost path on; that of the mount where its application names none."""
        inner = getattr(self._scope.get("route"), "path", None)
        if self._mount_path is None:
            return inner if isinstance(inner, str) else None
        return f"{self._mount_path}{inner}" if isinstance(inner, str) else f"{self._mount_path}/{{{REST}:path}}"


@final
class HostTarget:
    """An application for one host, or for all hosts of a pattern such as `{tenant}.example.org`."""

    def __init__(self, host: str, mount: Mount) -> None:
        self.pattern: PathPattern = parse_path("/" + host.lower())
        self.mount: Mount = mount

    def match(self, host: str) -> dict[str, Any] | None:
        """The parameters in the host's name, `None` where it is another host."""
        if self.pattern.is_static:
            return {} if self.pattern.text[1:] == host else None
        values: list[str] = []
        segments = self.pattern.segments
        return self.pattern.read(values) if len(segments) == 1 and segments[0].capture(host, values) else None


def host_name(exchange: Exchange) -> str:
    """The name in the `Host` header, in lower case and without its port."""
    host = (exchange.header(b"host") or b"").decode("latin-1").lower()
    end = host.rfind("]") + 1
    return host[: end + host[end:].find(":")] if ":" in host[end:] else host


def mounted_scope(exchange: Exchange, target: MountTarget) -> dict[str, Any]:
    """The scope as the application at a path sees it: what led there has gone into `root_path`."""
    scope = _scope_within(exchange, target.mount, target.path)
    rest = exchange.path_values[-1]
    root_path = cast(str, scope.get("root_path", ""))
    scope.setdefault("app_root_path", root_path)
    scope["root_path"] = root_path + exchange.path[: len(exchange.path) - len(rest) - 1]
    scope["path_params"] = {name: value for name, value in exchange.path_params().items() if name != REST}
    return scope


def hosted_scope(exchange: Exchange, target: HostTarget, params: dict[str, Any]) -> dict[str, Any]:
    """The scope as the application of a host sees it."""
    scope = _scope_within(exchange, target.mount, None)
    scope["path_params"] = {**exchange.path_params(), **params}
    return scope


def _scope_within(exchange: Exchange, mount: Mount, mount_path: str | None) -> dict[str, Any]:
    outer = exchange.scope()
    scope = dict(outer)
    outer["route"] = MountedRoute(mount_path, scope)
    scope["endpoint"] = mount.app
    # Names of routes are looked up from the outermost application on.
    scope.setdefault("router", exchange.app)
    if mount.state:
        scope["state"] = {**cast("dict[str, Any]", scope.get("state") or {}), **mount.state}
    return scope


async def hand_over(exchange: Exchange, mount: Mount, scope: dict[str, Any]) -> None:
    """Have the mounted application answer."""
    sender = MessageSender(exchange)
    await mount.app(scope, exchange.receive, sender.send)
    if not exchange.responded() and not await exchange.is_disconnected():
        raise RuntimeError(f"The application {mount.app!r} returned without an answer.")
