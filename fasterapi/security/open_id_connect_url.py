"""OpenID Connect, as a dependency.

Interpreted, because mypyc does not compile an overloaded `__init__`; what requests run is compiled in `authorization`.
"""

# ruff: noqa: N803 - openIdConnectUrl is OpenAPI's name

from __future__ import annotations

from typing import Literal, overload

from fasterapi.security.authorization import TokenScheme
from fasterapi.security.gives import Gives, Text_co


class OpenIdConnect(Gives[Text_co], TokenScheme):
    """What OpenAPI needs to know of an OpenID provider; gives the whole `Authorization` header, which the handler checks.

    Example: `header: str = Depends(OpenIdConnect(openIdConnectUrl="https://login.example.com/.well-known/openid-configuration"))`.
    """

    @overload
    def __init__(
        self: OpenIdConnect[str],
        *,
        openIdConnectUrl: str,
        scheme_name: str | None = None,
        description: str | None = None,
        auto_error: Literal[True] = True,
    ) -> None: ...
    @overload
    def __init__(
        self, *, openIdConnectUrl: str, scheme_name: str | None = None, description: str | None = None, auto_error: bool = True
    ) -> None: ...
    def __init__(
        self, *, openIdConnectUrl: str, scheme_name: str | None = None, description: str | None = None, auto_error: bool = True
    ) -> None:
        super().__init__({"type": "openIdConnect", "openIdConnectUrl": openIdConnectUrl}, scheme_name, description, auto_error)
