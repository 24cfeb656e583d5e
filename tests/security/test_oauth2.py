import json
from typing import Any, cast

import pytest

from fasterapi.security import OAuth2, OAuth2AuthorizationCodeBearer, OAuth2PasswordBearer
from fasterapi.security.models import OAuthFlowPassword, OAuthFlows


def test_password_flow() -> None:
    scheme = OAuth2PasswordBearer("token", scopes={"items": "Read items"}, refreshUrl="refresh", description="Own accounts")
    assert scheme.model == {
        "type": "oauth2",
        "flows": {"password": {"tokenUrl": "token", "refreshUrl": "refresh", "scopes": {"items": "Read items"}}},
        "description": "Own accounts",
    }


def test_authorization_code_flow() -> None:
    scheme = OAuth2AuthorizationCodeBearer("authorize", "token")
    assert scheme.model == {
        "type": "oauth2",
        "flows": {"authorizationCode": {"authorizationUrl": "authorize", "tokenUrl": "token", "scopes": {}}},
    }


def test_flows_written_as_calls_are_those_written_as_dicts() -> None:
    called = OAuth2(flows=OAuthFlows(password=OAuthFlowPassword(tokenUrl="token", scopes={})))
    assert called.model == OAuth2(flows={"password": {"tokenUrl": "token", "scopes": {}}}).model


def test_without_flows_there_are_none() -> None:
    assert OAuth2().model == {"type": "oauth2", "flows": {}}


def test_extensions_of_openapi_stay() -> None:
    flows = cast("Any", {"implicit": {"authorizationUrl": "authorize", "x-tokenName": "id_token"}, "x-own": True})
    assert json.loads(json.dumps(OAuth2(flows=flows).model))["flows"] == {
        "implicit": {"authorizationUrl": "authorize", "x-tokenName": "id_token", "scopes": {}},
        "x-own": True,
    }


@pytest.mark.parametrize(
    ("flows", "message"),
    [
        ({"authorisationCode": {}}, "'authorisationCode' is no flow of OAuth2. Write one of .*authorizationCode"),
        ({"password": {}}, r"missing required field `tokenUrl` - at `\$\.password`"),
        ({"password": {"tokenUrl": "token", "scopes": ["items"]}}, r"Expected `object`, got `array` - at `\$\.password\.scopes`"),
    ],
)
def test_what_is_no_flow_is_refused(flows: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        OAuth2(flows=flows)
