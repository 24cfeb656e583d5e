"""A scheme is of the type of what it gives: `None` only where `auto_error` lets requests without credentials pass."""

from __future__ import annotations

from typing import Annotated, assert_type

from fasterapi import Depends, Faster, HTTPException, Security
from fasterapi.http.connection import HTTPConnection
from fasterapi.security import (
    APIKeyCookie,
    APIKeyHeader,
    APIKeyQuery,
    HTTPAuthorizationCredentials,
    HTTPBase,
    HTTPBasic,
    HTTPBasicCredentials,
    HTTPBearer,
    HTTPDigest,
    OAuth2,
    OAuth2AuthorizationCodeBearer,
    OAuth2PasswordBearer,
    OAuth2PasswordRequestForm,
    OAuth2PasswordRequestFormStrict,
    OpenIdConnect,
    SecurityScheme,
)
from fasterapi.security.models import OAuthFlowPassword, OAuthFlows

app = Faster()
optional = bool(app)


class User: ...


assert_type(Depends(APIKeyCookie(name="key")), str)
assert_type(Depends(APIKeyCookie(name="key", auto_error=True)), str)
assert_type(Depends(APIKeyCookie(name="key", auto_error=False)), str | None)
assert_type(Depends(APIKeyCookie(name="key", auto_error=optional)), str | None)
assert_type(Depends(APIKeyHeader(name="key")), str)
assert_type(Depends(APIKeyHeader(name="key", auto_error=False)), str | None)
assert_type(Depends(APIKeyQuery(name="key")), str)
assert_type(Depends(APIKeyQuery(name="key", auto_error=False)), str | None)
assert_type(Depends(HTTPBase(scheme="hmac")), HTTPAuthorizationCredentials)
assert_type(Depends(HTTPBase(scheme="hmac", auto_error=False)), HTTPAuthorizationCredentials | None)
assert_type(Depends(HTTPBasic(realm="office")), HTTPBasicCredentials)
assert_type(Depends(HTTPBasic(auto_error=False)), HTTPBasicCredentials | None)
assert_type(Depends(HTTPBearer(bearerFormat="JWT")), HTTPAuthorizationCredentials)
assert_type(Depends(HTTPBearer(auto_error=False)), HTTPAuthorizationCredentials | None)
assert_type(Depends(HTTPDigest()), HTTPAuthorizationCredentials)
assert_type(Depends(HTTPDigest(auto_error=False)), HTTPAuthorizationCredentials | None)
assert_type(Depends(OAuth2()), str)
assert_type(Depends(OAuth2(auto_error=False)), str | None)
assert_type(Depends(OAuth2PasswordBearer("token")), str)
assert_type(Depends(OAuth2PasswordBearer("token", None, None, None, False)), str | None)
assert_type(Depends(OAuth2AuthorizationCodeBearer("authorize", "token")), str)
assert_type(Depends(OAuth2AuthorizationCodeBearer("authorize", "token", auto_error=False)), str | None)
assert_type(Depends(OpenIdConnect(openIdConnectUrl="https://login.example.com")), str)
assert_type(Depends(OpenIdConnect(openIdConnectUrl="https://login.example.com", auto_error=False)), str | None)
assert_type(Security(OAuth2PasswordBearer("token"), scopes=["me"]), str)

OAuth2(flows={"password": {"tokenUrl": "token", "scopes": {"me": "Read oneself"}}})
OAuth2(flows=OAuthFlows(password=OAuthFlowPassword(tokenUrl="token")))


class Unspecified(OAuth2PasswordBearer): ...


class Required(OAuth2PasswordBearer[str]): ...


class Renamed(HTTPBearer):
    def __init__(self, auto_error: bool = True) -> None:
        super().__init__(bearerFormat="JWT", auto_error=auto_error)

    def make_not_authenticated_error(self) -> HTTPException:
        return HTTPException(403)


class WithFallback(OAuth2PasswordBearer):
    async def __call__(self, request: HTTPConnection) -> str:
        return await super().__call__(request) or "anonymous"


class CurrentUser(SecurityScheme):
    async def __call__(self, request: HTTPConnection) -> User:
        return User()


assert_type(Depends(Unspecified("token")), str | None)
assert_type(Depends(Required("token")), str)
assert_type(Depends(Renamed()), HTTPAuthorizationCredentials | None)
assert_type(Depends(WithFallback("token")), str)
assert_type(Depends(CurrentUser({"type": "http", "scheme": "hmac"}, "Hmac")), User)

read_token = OAuth2PasswordBearer("token")
any_scheme: SecurityScheme = read_token


@app.post("/")
async def handler(
    token: str = Depends(read_token),
    key: str | None = Depends(APIKeyHeader(name="key", auto_error=False)),
    basic: HTTPBasicCredentials = Depends(HTTPBasic()),
    form: OAuth2PasswordRequestForm = Depends(),
    strict: OAuth2PasswordRequestFormStrict = Depends(OAuth2PasswordRequestFormStrict),
    annotated: Annotated[str, Depends(read_token)] = "",
) -> dict[str, str]:
    return {"token": token, "username": basic.username, "scope": " ".join(form.scopes)}
