"""How OpenAPI describes security schemes: its Security Scheme Objects (OpenAPI 3.1, 4.8.27), as JSON has them.

Interpreted, because compiled TypedDict classes lose what they declare, which flows are checked against.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NotRequired, TypeAlias, TypedDict, cast

import msgspec

KeyLocation: TypeAlias = Literal["query", "header", "cookie"]
"""Where an API key stands."""

APIKeyModel = TypedDict(
    "APIKeyModel",
    {"type": Literal["apiKey"], "in": KeyLocation, "name": str, "description": NotRequired[str]},
)
"""An API key."""


class HTTPModel(TypedDict):
    """An authentication scheme of HTTP."""

    type: Literal["http"]
    scheme: str
    bearerFormat: NotRequired[str]
    description: NotRequired[str]


class OAuthFlowImplicit(TypedDict):
    """The authorization endpoint gives the token itself."""

    authorizationUrl: str
    refreshUrl: NotRequired[str | None]
    scopes: NotRequired[Mapping[str, str]]


class OAuthFlowPassword(TypedDict):
    """The token is given for a username and a password."""

    tokenUrl: str
    refreshUrl: NotRequired[str | None]
    scopes: NotRequired[Mapping[str, str]]


class OAuthFlowClientCredentials(TypedDict):
    """The token is given to the client itself, for its own secret."""

    tokenUrl: str
    refreshUrl: NotRequired[str | None]
    scopes: NotRequired[Mapping[str, str]]


class OAuthFlowAuthorizationCode(TypedDict):
    """The authorization endpoint gives a code, for which the token is given."""

    authorizationUrl: str
    tokenUrl: str
    refreshUrl: NotRequired[str | None]
    scopes: NotRequired[Mapping[str, str]]


class OAuthFlows(TypedDict, total=False):
    """The ways to a token that a server has; each scope with what it allows.

    Example: `OAuthFlows(password={"tokenUrl": "token", "scopes": {"items:read": "Read items"}})`.
    """

    implicit: OAuthFlowImplicit
    password: OAuthFlowPassword
    clientCredentials: OAuthFlowClientCredentials
    authorizationCode: OAuthFlowAuthorizationCode


class OAuth2Model(TypedDict):
    """OAuth2."""

    type: Literal["oauth2"]
    flows: OAuthFlows
    description: NotRequired[str]


class OpenIdConnectModel(TypedDict):
    """OpenID Connect."""

    type: Literal["openIdConnect"]
    openIdConnectUrl: str
    description: NotRequired[str]


SchemeModel: TypeAlias = APIKeyModel | HTTPModel | OAuth2Model | OpenIdConnectModel
"""Any security scheme."""


def complete_flows(flows: OAuthFlows) -> OAuthFlows:
    """The flows as OpenAPI wants them: with scopes, if only none, and without `None`. Raises `ValueError` for what is no flow.

    What begins with `x-` is an extension of OpenAPI, and may stand anywhere.
    """
    for name in flows:
        if name not in OAuthFlows.__annotations__ and not name.startswith("x-"):
            raise ValueError(f"{name!r} is no flow of OAuth2. Write one of {', '.join(OAuthFlows.__annotations__)}.")
    try:
        msgspec.convert(flows, OAuthFlows)
    except msgspec.ValidationError as error:
        raise ValueError(f"The flows of OAuth2 are not as OpenAPI has them: {error}.") from error
    complete: dict[str, object] = {}
    for name, flow in flows.items():
        if name in OAuthFlows.__annotations__:
            present = {key: value for key, value in cast("dict[str, object]", flow).items() if value is not None}
            complete[name] = {"scopes": {}, **present}
        else:
            complete[name] = flow
    return cast("OAuthFlows", complete)
