"""From the name of a route back to its path."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, Literal, Protocol, cast, final

from fasterapi.datastructures.url_path import URLPath
from fasterapi.errors import NoMatchFound
from fasterapi.routing.mount import REST, HostTarget, Mount
from fasterapi.routing.paths import PathPattern

_HTTP: Final = "http"


class NamesPaths(Protocol):
    """What knows the paths of its routes: applications of ours, and those of Starlette and FastAPI."""

    def url_path_for(self, name: str, /, **path_params: Any) -> Any:
        """The path of the route of this name."""
        ...


@final
class NamedPath:
    """The path of a route, or what a mount stands at."""

    def __init__(self, name: str | None, pattern: PathPattern, protocol: Literal["http", "websocket"], mount: Mount | None) -> None:
        self.name: str | None = name
        self.pattern: PathPattern = pattern
        self.protocol: Literal["http", "websocket"] = protocol
        self.mount: Mount | None = mount


def path_for(name: str, params: dict[str, Any], paths: Sequence[NamedPath], hosts: Sequence[HostTarget]) -> URLPath:
    """The path of the first route with this name and exactly these parameters.

    Raises `NoMatchFound` where there is none.
    """
    for path in paths:
        found = _within_mount(path, path.mount, name, params) if path.mount is not None else _of_route(path, name, params)
        if found is not None:
            return found
    for host in hosts:
        found = _behind_host(host, name, params)
        if found is not None:
            return found
    raise NoMatchFound(name, params)


def _of_route(path: NamedPath, name: str, params: dict[str, Any]) -> URLPath | None:
    if path.name != name or path.pattern.converters.keys() != params.keys():
        return None
    return URLPath(path.pattern.format(params), path.protocol)


def _within_mount(path: NamedPath, mount: Mount, name: str, params: dict[str, Any]) -> URLPath | None:
    """`name` with `path=` for a mount itself, `name:inner` for a route of the application there, `inner` where it has no name."""
    own_names = [known for known in path.pattern.parameter_names if known != REST]
    if mount.name and name == mount.name and params.keys() == {*own_names, REST}:
        return URLPath(path.pattern.format({**params, REST: str(params[REST]).lstrip("/")}), _HTTP)
    inner = _inner_name(mount, name)
    if inner is None or not all(known in params for known in own_names) or not _names_paths(mount):
        return None
    found = _ask(mount, inner, {known: value for known, value in params.items() if known not in own_names})
    if found is None:
        return None
    outer = path.pattern.format({**{known: params[known] for known in own_names}, REST: ""})
    return URLPath(outer.rstrip("/") + str(found), found.protocol, found.host)


def _behind_host(target: HostTarget, name: str, params: dict[str, Any]) -> URLPath | None:
    inner = _inner_name(target.mount, name)
    own_names = target.pattern.parameter_names
    if inner is None or not all(known in params for known in own_names) or not _names_paths(target.mount):
        return None
    found = _ask(target.mount, inner, {known: value for known, value in params.items() if known not in own_names})
    if found is None:
        return None
    return URLPath(str(found), found.protocol, target.pattern.format({known: params[known] for known in own_names})[1:])


def _inner_name(mount: Mount, name: str) -> str | None:
    """What a name is within a mounted application."""
    if not mount.name:
        return name
    prefix = mount.name + ":"
    return name[len(prefix) :] if name.startswith(prefix) else None


def _names_paths(mount: Mount) -> bool:
    return hasattr(mount.app, "url_path_for")


def _ask(mount: Mount, name: str, params: dict[str, Any]) -> URLPath | None:
    """The path within a mounted application; one of another make has its own exception for what it does not know."""
    try:
        found = cast("NamesPaths", mount.app).url_path_for(name, **params)
    except Exception as unknown:
        if type(unknown).__name__ != "NoMatchFound":
            raise
        return None
    return URLPath(str(found), cast("Any", getattr(found, "protocol", "")), str(getattr(found, "host", "")))
