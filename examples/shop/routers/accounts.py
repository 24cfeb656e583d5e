"""Accounts: opening one, logging in, staying logged in."""

from __future__ import annotations

from typing import Annotated

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from fasterapi import Depends, FasterRouter, Form, HTTPException, JSONResponse
from fasterapi.contrib.jwt import AccessToken, Grant, oauth2_password_token_response
from fasterapi.contrib.rate_limit import RateLimit
from fasterapi.security import OAuth2PasswordRequestForm
from shop.database import Account, get_session
from shop.identity import current_account, find_grant, passwords, tokens
from shop.models import AccountShown, NewAccount
from shop.shared import limits

router = FasterRouter(tags=["accounts"])

# Together, and refused while nobody counts: whoever guesses passwords gets few guesses.
guarded = Depends(RateLimit("10/minute", store=limits, on_store_failure="fail_closed", name="passwords"))


@router.post(
    "/accounts",
    status_code=201,
    response_model=AccountShown,
    responses={409: {"description": "The name is taken"}},
    dependencies=[guarded],
)
async def open_account(new: NewAccount, session: AsyncSession = Depends(get_session)) -> Account:
    """Open an account."""
    account = Account(name=new.name, password_hash=await passwords.hash(new.password))
    session.add(account)
    try:
        await session.flush()
    except IntegrityError as taken:
        raise HTTPException(409, f"The name {new.name} is taken") from taken
    return account


@router.post("/token", responses={400: {"description": "The password is wrong"}}, dependencies=[guarded])
async def log_in(form: OAuth2PasswordRequestForm = Depends(), session: AsyncSession = Depends(get_session)) -> JSONResponse:
    """Get a token for a name and a password: an access token for fifteen minutes, and a refresh token for the next one."""

    async def authenticate(name: str, password: str) -> Grant | None:
        return await find_grant(session, name, password)

    return await oauth2_password_token_response(
        form, secret=tokens.keys, authenticate=authenticate, expires_minutes=15, refresh_token=tokens.begin
    )


@router.post("/token/refresh", responses={401: {"description": "The token is worth nothing"}})
async def refresh(refresh_token: Annotated[str, Form()]) -> AccessToken:
    """Get the next two tokens for a refresh token, which is good for one time."""
    return await tokens.refresh(refresh_token)


@router.post("/token/revoke", status_code=204)
async def log_out(token: Annotated[str, Form()]) -> None:
    """End the login that a refresh token belongs to."""
    await tokens.revoke(token)


@router.get("/me", response_model=AccountShown, responses={401: {"description": "There is no valid token"}})
async def read_me(account: Account = Depends(current_account)) -> Account:
    """Read one's own account."""
    return account
