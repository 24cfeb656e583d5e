"""OAuth2, as dependencies.

Interpreted, because mypyc does not compile an overloaded `__init__`; what requests run is compiled in `authorization`.
"""

# ruff: noqa: N803 - tokenUrl and its like are OpenAPI's names

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, overload

from fasterapi.security.authorization import TokenScheme
from fasterapi.security.gives import Gives, Text_co
from fasterapi.security.models import OAuthFlowAuthorizationCode, OAuthFlowPassword, OAuthFlows, complete_flows


class OAuth2(Gives[Text_co], TokenScheme):
    """Any flows of OAuth2; gives the whole `Authorization` header.

    Example: `header: str = Depends(OAuth2(flows={"implicit": {"authorizationUrl": "https://login.example.com"}}))`.
    """

    @overload
    def __init__(
        self: OAuth2[str],
        *,
        flows: OAuthFlows | None = None,
        scheme_name: str | None = None,
        description: str | None = None,
        auto_error: Literal[True] = True,
    ) -> None: ...
    @overload
    def __init__(
        self,
        *,
        flows: OAuthFlows | None = None,
        scheme_name: str | None = None,
        description: str | None = None,
        auto_error: bool = True,
    ) -> None: ...
    def __init__(
        self,
        *,
        flows: OAuthFlows | None = None,
        scheme_name: str | None = None,
        description: str | None = None,
        auto_error: bool = True,
    ) -> None:
        super().__init__({"type": "oauth2", "flows": complete_flows(flows or {})}, scheme_name, description, auto_error)


class OAuth2PasswordBearer(OAuth2[Text_co]):
    """A bearer token (RFC 6750) that is given at `tokenUrl` for a username and a password: see `OAuth2PasswordRequestForm`.

    Example:
        read_token = OAuth2PasswordBearer("token", scopes={"items:read": "Read items"})

        async def current_user(token: str = Depends(read_token)) -> User: ...
    """

    @overload
    def __init__(
        self: OAuth2PasswordBearer[str],
        tokenUrl: str,
        scheme_name: str | None = None,
        scopes: Mapping[str, str] | None = None,
        description: str | None = None,
        auto_error: Literal[True] = True,
        refreshUrl: str | None = None,
    ) -> None: ...
    @overload
    def __init__(
        self,
        tokenUrl: str,
        scheme_name: str | None = None,
        scopes: Mapping[str, str] | None = None,
        description: str | None = None,
        auto_error: bool = True,
        refreshUrl: str | None = None,
    ) -> None: ...
    def __init__(
        self,
        tokenUrl: str,
        scheme_name: str | None = None,
        scopes: Mapping[str, str] | None = None,
        description: str | None = None,
        auto_error: bool = True,
        refreshUrl: str | None = None,
    ) -> None:
        password: OAuthFlowPassword = {"tokenUrl": tokenUrl, "refreshUrl": refreshUrl, "scopes": dict(scopes or {})}
        super().__init__(flows={"password": password}, scheme_name=scheme_name, description=description, auto_error=auto_error)
        self.token_type = "bearer"  # noqa: S105 - is no secret


class OAuth2AuthorizationCodeBearer(OAuth2[Text_co]):
    """A bearer token (RFC 6750) that is given at `tokenUrl` for a code from `authorizationUrl`.

    Example: `token: str = Depends(OAuth2AuthorizationCodeBearer("https://login.example.com/authorize", "token"))`.
    """

    @overload
    def __init__(
        self: OAuth2AuthorizationCodeBearer[str],
        authorizationUrl: str,
        tokenUrl: str,
        refreshUrl: str | None = None,
        scheme_name: str | None = None,
        scopes: Mapping[str, str] | None = None,
        description: str | None = None,
        auto_error: Literal[True] = True,
    ) -> None: ...
    @overload
    def __init__(
        self,
        authorizationUrl: str,
        tokenUrl: str,
        refreshUrl: str | None = None,
        scheme_name: str | None = None,
        scopes: Mapping[str, str] | None = None,
        description: str | None = None,
        auto_error: bool = True,
    ) -> None: ...
    def __init__(
        self,
        authorizationUrl: str,
        tokenUrl: str,
        refreshUrl: str | None = None,
        scheme_name: str | None = None,
        scopes: Mapping[str, str] | None = None,
        description: str | None = None,
        auto_error: bool = True,
    ) -> None:
        code: OAuthFlowAuthorizationCode = {
            "authorizationUrl": authorizationUrl,
            "tokenUrl": tokenUrl,
            "refreshUrl": refreshUrl,
            "scopes": dict(scopes or {}),
        }
        super().__init__(flows={"authorizationCode": code}, scheme_name=scheme_name, description=description, auto_error=auto_error)
        self.token_type = "bearer"  # noqa: S105 - is no secret
