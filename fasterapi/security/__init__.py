"""Security schemes as dependencies."""

from __future__ import annotations

from fasterapi.security.api_key import APIKeyCookie as APIKeyCookie
from fasterapi.security.api_key import APIKeyHeader as APIKeyHeader
from fasterapi.security.api_key import APIKeyQuery as APIKeyQuery
from fasterapi.security.authorization import get_authorization_scheme_param as get_authorization_scheme_param
from fasterapi.security.credentials import HTTPAuthorizationCredentials as HTTPAuthorizationCredentials
from fasterapi.security.credentials import HTTPBasicCredentials as HTTPBasicCredentials
from fasterapi.security.http import HTTPBase as HTTPBase
from fasterapi.security.http import HTTPBasic as HTTPBasic
from fasterapi.security.http import HTTPBearer as HTTPBearer
from fasterapi.security.http import HTTPDigest as HTTPDigest
from fasterapi.security.oauth2 import OAuth2 as OAuth2
from fasterapi.security.oauth2 import OAuth2AuthorizationCodeBearer as OAuth2AuthorizationCodeBearer
from fasterapi.security.oauth2 import OAuth2PasswordBearer as OAuth2PasswordBearer
from fasterapi.security.open_id_connect_url import OpenIdConnect as OpenIdConnect
from fasterapi.security.password_form import OAuth2PasswordRequestForm as OAuth2PasswordRequestForm
from fasterapi.security.password_form import OAuth2PasswordRequestFormStrict as OAuth2PasswordRequestFormStrict
from fasterapi.security.scheme import SecurityScheme as SecurityScheme
from fasterapi.security.scopes import SecurityScopes as SecurityScopes

__all__ = [
    "APIKeyCookie",
    "APIKeyHeader",
    "APIKeyQuery",
    "HTTPAuthorizationCredentials",
    "HTTPBase",
    "HTTPBasic",
    "HTTPBasicCredentials",
    "HTTPBearer",
    "HTTPDigest",
    "OAuth2",
    "OAuth2AuthorizationCodeBearer",
    "OAuth2PasswordBearer",
    "OAuth2PasswordRequestForm",
    "OAuth2PasswordRequestFormStrict",
    "OpenIdConnect",
    "SecurityScheme",
    "SecurityScopes",
    "get_authorization_scheme_param",
]
