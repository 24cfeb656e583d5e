"""What middleware asks of an ASGI scope."""

from __future__ import annotations

from fasterapi.asgi import Scope


def get_header(scope: Scope, name: str) -> str | None:
    """The first header of this name, in any case; `None` without one.

    Example: `get_header(scope, "User-Agent")`.
    """
    wanted = name.lower().encode("latin-1")
    for key, value in scope.get("headers") or ():
        if key.lower() == wanted:
            text: str = value.decode("latin-1")
            return text
    return None


def get_server_host(scope: Scope) -> str | None:
    """The host that the server listens at, whatever the client wrote into its `Host` header; `None` where the server tells none."""
    server = scope.get("server")
    return None if not server else str(server[0])


def http_version(scope: Scope) -> str:
    """The version of HTTP: `1.0`, `1.1`, `2` or `3`. It is `1.1` where the server tells none."""
    version: str = scope.get("http_version") or "1.1"
    return version.removesuffix(".0") if version in {"2.0", "3.0"} else version


def is_http2(scope: Scope) -> bool:
    """Whether the connection speaks HTTP/2."""
    return http_version(scope) == "2"


def route_template(scope: Scope) -> str | None:
    """The path of the route that answers as it was declared: `/items/{item_id}`; `None` before there is one, and where there is none.

    Of few values, whatever clients ask for: fit for the names of metrics. In middleware it is known behind the answer, and begins with the
    path of the mount where a mounted application answers.
    """
    path = getattr(scope.get("route"), "path", None)
    return path if isinstance(path, str) else None
