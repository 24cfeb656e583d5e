"""Login by password, tokens with scopes, refresh tokens.

    JWT_SECRET=$(python -c "import secrets; print(secrets.token_urlsafe(48))") fasterapi run examples/jwt_login.py

The one user is ann, with the password `correct horse`.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

from fasterapi import Depends, Faster, Form, JSONResponse, Security
from fasterapi.contrib.jwt import AccessToken, Claims, Grant, JWTBearer, Key, oauth2_password_token_response
from fasterapi.contrib.jwt_refresh import MemoryRefreshStore, RefreshTokens
from fasterapi.contrib.passwords import PasswordHasher
from fasterapi.security import OAuth2PasswordRequestForm

# Without a secret of its own every start makes one, and the tokens of the one before are worth nothing.
key = Key(os.environ.get("JWT_SECRET") or secrets.token_urlsafe(48))
tokens = RefreshTokens(key, MemoryRefreshStore())
passwords = PasswordHasher()
users: dict[str, str] = {}


@asynccontextmanager
async def lifespan(app: Faster) -> AsyncIterator[None]:
    users["ann"] = await passwords.hash("correct horse")
    yield


app = Faster(lifespan=lifespan)
bearer = JWTBearer(keys=tokens.keys, token_url="token", scopes={"notes:read": "Read notes"})  # noqa: S106 - a URL


async def check_password(username: str, password: str) -> Grant | None:
    if not await passwords.verify(password, users.get(username)):
        return None
    return Grant(subject=username, scopes=["notes:read"])


@app.post("/token", responses={400: {"description": "The password is wrong"}})
async def login(form: OAuth2PasswordRequestForm = Depends()) -> JSONResponse:
    return await oauth2_password_token_response(form, secret=key, authenticate=check_password, refresh_token=tokens.begin)


@app.post("/token/refresh", responses={401: {"description": "The token is worth nothing"}})
async def refresh(refresh_token: Annotated[str, Form()]) -> AccessToken:
    return await tokens.refresh(refresh_token)


@app.get("/me", responses={401: {"description": "There is no valid token"}})
async def read_me(claims: Claims = Depends(bearer)) -> dict[str, str]:
    return {"id": claims.sub}


@app.get("/notes", responses={401: {"description": "There is no valid token"}, 403: {"description": "The token is not for notes"}})
async def read_notes(claims: Claims = Security(bearer, scopes=["notes:read"])) -> list[str]:
    return [f"A note of {claims.sub}"]
