"""URLs: taken apart, changed, and built of a request so that its path stays its path."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, TypedDict
from urllib.parse import SplitResult, parse_qsl, urlencode, urlsplit

from mypy_extensions import mypyc_attr
from typing_extensions import Unpack

from fasterapi.asgi import Scope
from fasterapi.datastructures.authority import bracketed, request_authority

# What would end a path or a query, or is dropped silently by those who parse URLs.
_UNSAFE_IN_PATH: Final = re.compile(r"[\x00-\x1f\x7f?#\\]")
_UNSAFE_IN_QUERY: Final = re.compile(r"[\x00-\x20\x7f-\xff#]")


class URLChanges(TypedDict, total=False):
    """The parts of a URL that `URL.replace` takes."""

    scheme: str
    netloc: str
    path: str
    query: str
    fragment: str
    username: str | None
    password: str | None
    hostname: str | None
    port: int | None


@mypyc_attr(allow_interpreted_subclasses=True)
class URL:
    """A URL and its parts.

    Example: `request.url.path`, `request.url.include_query_params(page=2)`, `URL("http://a/b").replace(scheme="https")`.
    """

    def __init__(self, url: str = "", scope: Scope | None = None, **components: Unpack[URLChanges]) -> None:
        if bool(url) + (scope is not None) + bool(components) > 1:
            raise TypeError("URL takes one of a text, scope= and components, not several.")
        self._parts: SplitResult | None = None
        self._text = url
        if scope is not None:
            self._parts = _scope_parts(scope)
            self._text = _joined(self._parts)
        elif components:
            self._parts = _replaced(urlsplit(""), components)
            self._text = self._parts.geturl()

    @property
    def components(self) -> SplitResult:
        """All parts at once."""
        parts = self._parts
        if parts is None:
            parts = urlsplit(self._text)
            self._parts = parts
        return parts

    @property
    def scheme(self) -> str:
        """`https` of `https://host/path`."""
        return self.components.scheme

    @property
    def netloc(self) -> str:
        """`user@host:8000` of `https://user@host:8000/path`."""
        return self.components.netloc

    @property
    def path(self) -> str:
        """`/path` of `https://host/path?query`."""
        return self.components.path

    @property
    def query(self) -> str:
        """What follows the question mark."""
        return self.components.query

    @property
    def fragment(self) -> str:
        """What follows the `#`."""
        return self.components.fragment

    @property
    def username(self) -> str | None:
        """The user before the host."""
        return self.components.username

    @property
    def password(self) -> str | None:
        """The password before the host."""
        return self.components.password

    @property
    def hostname(self) -> str | None:
        """The host without its port, in lower case."""
        return self.components.hostname

    @property
    def port(self) -> int | None:
        """The port, where the URL names one."""
        return self.components.port

    @property
    def is_secure(self) -> bool:
        """Whether what is sent there is encrypted."""
        return self.scheme in ("https", "wss")

    def replace(self, **components: Unpack[URLChanges]) -> URL:
        """The same URL with other parts."""
        return URL(_replaced(self.components, components).geturl())

    def include_query_params(self, **params: object) -> URL:
        """The same URL with these parameters in its query, in the place of those with the same names."""
        kept = [(name, value) for name, value in self._query_pairs() if name not in params]
        return self.replace(query=urlencode([*kept, *params.items()]))

    def replace_query_params(self, **params: object) -> URL:
        """The same URL with these parameters as its query."""
        return self.replace(query=urlencode(params))

    def remove_query_params(self, keys: str | Sequence[str]) -> URL:
        """The same URL without these parameters."""
        names = [keys] if isinstance(keys, str) else list(keys)
        return self.replace(query=urlencode([(name, value) for name, value in self._query_pairs() if name not in names]))

    def _query_pairs(self) -> list[tuple[str, str]]:
        return parse_qsl(self.query, keep_blank_values=True)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, (str, URL)) and self._text == str(other)

    def __hash__(self) -> int:
        return hash(self._text)

    def __str__(self) -> str:
        return self._text

    def __repr__(self) -> str:
        shown = self._text
        if self.password:
            shown = str(self.replace(password="********"))  # noqa: S106 - the mask, not a password
        return f"{type(self).__name__}({shown!r})"


def _scope_parts(scope: Scope) -> SplitResult:
    """The parts as they are, not as a parser would see them in the joined text.

    Whoever decides by `request.url.path` must see the path that routes see, whatever stands in it or in the `Host` header.
    """
    scheme = scope.get("scheme", "http")
    server = scope.get("server")
    authority = request_authority(list(scope["headers"]), scheme, None if server is None else tuple(server))
    path = _UNSAFE_IN_PATH.sub(_percent_encoded, scope["path"])
    if not authority:
        scheme = ""
        if path.startswith("//"):
            # Without a host before it, a parser would take what follows for one (RFC 3986, 4.2).
            path = "/%2F" + path[2:]
    elif not path.startswith("/"):
        path = "/" + path
    query = scope.get("query_string", b"").decode("latin-1")
    return SplitResult(scheme, authority, path, _UNSAFE_IN_QUERY.sub(_percent_encoded, query), "")


def _joined(parts: SplitResult) -> str:
    """As `geturl()`, for parts that are known to need none of its care."""
    text = f"{parts.scheme}://{parts.netloc}{parts.path}" if parts.netloc else parts.path
    return f"{text}?{parts.query}" if parts.query else text


def _percent_encoded(found: re.Match[str]) -> str:
    return f"%{ord(found.group()):02X}"


def _replaced(parts: SplitResult, changes: URLChanges) -> SplitResult:
    netloc = changes.get("netloc", parts.netloc)
    if "username" in changes or "password" in changes or "hostname" in changes or "port" in changes:
        netloc = _netloc(
            changes.get("hostname"),
            changes.get("port", parts.port),
            changes.get("username", parts.username),
            changes.get("password", parts.password),
            parts.netloc,
        )
    return SplitResult(
        changes.get("scheme", parts.scheme),
        netloc,
        changes.get("path", parts.path),
        changes.get("query", parts.query),
        changes.get("fragment", parts.fragment),
    )


def _netloc(hostname: str | None, port: int | None, username: str | None, password: str | None, current: str) -> str:
    if hostname is None:
        # Cut out of the text: a parser gives the host in lower case and without brackets.
        host = current.rpartition("@")[2]
        if host and not host.endswith("]"):
            host = host.rsplit(":", 1)[0]
    else:
        host = bracketed(hostname)
    netloc = host if port is None else f"{host}:{port}"
    if username is None:
        return netloc
    return f"{username}@{netloc}" if password is None else f"{username}:{password}@{netloc}"
