"""Schemes that do not give what is asked for. Each mistake's line names the error that mypy and pyright give for it."""

from __future__ import annotations

from fasterapi import Depends, Faster
from fasterapi.http.connection import HTTPConnection
from fasterapi.security import (
    APIKeyHeader,
    HTTPAuthorizationCredentials,
    HTTPBasic,
    HTTPBearer,
    OAuth2,
    OAuth2PasswordBearer,
    SecurityScheme,
)

app = Faster()


@app.get("/")
async def handler(
    number: int = Depends(OAuth2PasswordBearer("token")),  # mypy: assignment, pyright: reportArgumentType
    required: str = Depends(OAuth2PasswordBearer("token", auto_error=False)),  # mypy: assignment, pyright: reportArgumentType
    key: str = Depends(APIKeyHeader(name="key", auto_error=False)),  # mypy: assignment, pyright: reportArgumentType
    text: str = Depends(HTTPBearer()),  # mypy: assignment, pyright: reportArgumentType
    bearer: HTTPAuthorizationCredentials = Depends(HTTPBasic()),  # mypy: assignment, pyright: reportArgumentType
) -> None: ...


class Numbered(OAuth2PasswordBearer):
    async def __call__(self, request: HTTPConnection) -> int:  # mypy: override, pyright: reportIncompatibleMethodOverride
        return 1


OAuth2(flows={"password": {"scopes": {}}})  # mypy: call-overload, pyright: reportCallIssue+reportArgumentType
OAuth2(flows={"authorisationCode": {}})  # mypy: call-overload, pyright: reportCallIssue+reportArgumentType
APIKeyHeader("X-API-Key")  # mypy: call-overload, pyright: reportCallIssue
SecurityScheme({"type": "apiKey", "in": "body", "name": "key"}, "APIKey")  # mypy: typeddict-item, pyright: reportArgumentType
