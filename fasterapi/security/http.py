"""The authentication schemes of HTTP, as dependencies.

Interpreted, because mypyc does not compile an overloaded `__init__`; what requests run is compiled in `authorization`.
"""

# ruff: noqa: N803 - bearerFormat is OpenAPI's name

from __future__ import annotations

from typing import Literal, overload

from typing_extensions import TypeVar, override

from fasterapi.http.exchange import Exchange
from fasterapi.security.authorization import HTTPScheme, decode_basic
from fasterapi.security.credentials import HTTPAuthorizationCredentials, HTTPBasicCredentials
from fasterapi.security.gives import Gives
from fasterapi.security.models import HTTPModel

__all__ = ["HTTPAuthorizationCredentials", "HTTPBase", "HTTPBasic", "HTTPBasicCredentials", "HTTPBearer", "HTTPDigest"]

Authorization_co = TypeVar("Authorization_co", covariant=True, default=HTTPAuthorizationCredentials | None)
Basic_co = TypeVar("Basic_co", covariant=True, default=HTTPBasicCredentials | None)


class HTTPBase(Gives[Authorization_co], HTTPScheme):
    """Any scheme of HTTP: the `Authorization` header begins with its name.

    Example: `signed: HTTPAuthorizationCredentials = Depends(HTTPBase(scheme="HMAC"))`.
    """

    @overload
    def __init__(
        self: HTTPBase[HTTPAuthorizationCredentials],
        *,
        scheme: str,
        scheme_name: str | None = None,
        description: str | None = None,
        auto_error: Literal[True] = True,
    ) -> None: ...
    @overload
    def __init__(self, *, scheme: str, scheme_name: str | None = None, description: str | None = None, auto_error: bool = True) -> None: ...
    def __init__(self, *, scheme: str, scheme_name: str | None = None, description: str | None = None, auto_error: bool = True) -> None:
        super().__init__({"type": "http", "scheme": scheme}, scheme.title(), scheme_name, description, auto_error)


class HTTPBasic(Gives[Basic_co], HTTPScheme):
    """Username and password with every request (RFC 7617); see `HTTPBasicCredentials` for how to compare them.

    Example: `credentials: HTTPBasicCredentials = Depends(HTTPBasic(realm="back office"))`.

    Credentials that are malformed are refused even with `auto_error=False`.
    """

    @overload
    def __init__(
        self: HTTPBasic[HTTPBasicCredentials],
        *,
        scheme_name: str | None = None,
        realm: str | None = None,
        description: str | None = None,
        auto_error: Literal[True] = True,
    ) -> None: ...
    @overload
    def __init__(
        self,
        *,
        scheme_name: str | None = None,
        realm: str | None = None,
        description: str | None = None,
        auto_error: bool = True,
    ) -> None: ...
    def __init__(
        self,
        *,
        scheme_name: str | None = None,
        realm: str | None = None,
        description: str | None = None,
        auto_error: bool = True,
    ) -> None:
        super().__init__({"type": "http", "scheme": "basic"}, _basic_challenge(realm), scheme_name, description, auto_error)
        self.realm = realm

    @override
    def credentials(self, exchange: Exchange) -> object:
        found = self.authorization(exchange)
        if found is None:
            return self.absent()
        credentials = decode_basic(found[1])
        if credentials is None:
            raise self.make_not_authenticated_error()
        return credentials


class HTTPBearer(Gives[Authorization_co], HTTPScheme):
    """A token with every request (RFC 6750).

    Example: `bearer: HTTPAuthorizationCredentials = Depends(HTTPBearer(bearerFormat="JWT"))`.
    """

    @overload
    def __init__(
        self: HTTPBearer[HTTPAuthorizationCredentials],
        *,
        bearerFormat: str | None = None,
        scheme_name: str | None = None,
        description: str | None = None,
        auto_error: Literal[True] = True,
    ) -> None: ...
    @overload
    def __init__(
        self,
        *,
        bearerFormat: str | None = None,
        scheme_name: str | None = None,
        description: str | None = None,
        auto_error: bool = True,
    ) -> None: ...
    def __init__(
        self,
        *,
        bearerFormat: str | None = None,
        scheme_name: str | None = None,
        description: str | None = None,
        auto_error: bool = True,
    ) -> None:
        model: HTTPModel = {"type": "http", "scheme": "bearer"}
        if bearerFormat is not None:
            model["bearerFormat"] = bearerFormat
        super().__init__(model, "Bearer", scheme_name, description, auto_error)


class HTTPDigest(Gives[Authorization_co], HTTPScheme):
    """The credentials of Digest authentication (RFC 7616) as they were sent: to check them is the handler's.

    Example: `digest: HTTPAuthorizationCredentials = Depends(HTTPDigest())`.
    """

    @overload
    def __init__(
        self: HTTPDigest[HTTPAuthorizationCredentials],
        *,
        scheme_name: str | None = None,
        description: str | None = None,
        auto_error: Literal[True] = True,
    ) -> None: ...
    @overload
    def __init__(self, *, scheme_name: str | None = None, description: str | None = None, auto_error: bool = True) -> None: ...
    def __init__(self, *, scheme_name: str | None = None, description: str | None = None, auto_error: bool = True) -> None:
        super().__init__({"type": "http", "scheme": "digest"}, "Digest", scheme_name, description, auto_error)


def _basic_challenge(realm: str | None) -> str:
    """The realm stands in quotes, with a backslash before quotes and backslashes of its own (RFC 9110, 5.6.4)."""
    if not realm:
        return "Basic"
    quoted = realm.replace("\\", "\\\\").replace('"', '\\"')
    return f'Basic realm="{quoted}"'
