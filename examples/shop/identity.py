"""Who asks: passwords, tokens, and the account behind a token."""

from __future__ import annotations

import re
import secrets

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from fasterapi import Depends, HTTPException
from fasterapi.contrib.jwt import Claims, Grant, JWTBearer, Key, TokenVerifier
from fasterapi.contrib.jwt_refresh import RefreshTokens
from fasterapi.contrib.passwords import PasswordHasher
from shop.database import Account, get_session
from shop.models import LOGIN_NAME
from shop.settings import settings
from shop.shared import logins

CATALOGUE = "catalogue"
"""The scope of those who say what is sold."""

passwords = PasswordHasher(memory_cost=settings.password_memory)
tokens = RefreshTokens(Key(settings.secret or secrets.token_urlsafe(48)), logins)
verifier = TokenVerifier(Claims, keys=tokens.keys)
bearer = JWTBearer(keys=tokens.keys, token_url="token", scopes={CATALOGUE: "Change what is sold"})  # noqa: S106 - a URL


async def find_grant(session: AsyncSession, name: str, password: str) -> Grant | None:
    """What somebody with this name and password may do."""
    account = await session.scalar(select(Account).where(Account.name == name)) if re.fullmatch(LOGIN_NAME, name) else None
    # Gives the connection back: hashing takes its time and stands in a queue, in which no connection is to wait with it.
    await session.commit()
    # Checked where there is no account, too: it takes as long, so nobody learns which names exist.
    matches = await passwords.verify(password, account.password_hash if account else None)
    return Grant(subject=str(account.id), scopes=account.scopes.split()) if account and matches else None


async def current_account(claims: Claims = Depends(bearer), session: AsyncSession = Depends(get_session)) -> Account:
    account = await session.get(Account, int(claims.sub))
    if account is None:
        raise HTTPException(401, "This account is gone", {"WWW-Authenticate": "Bearer"})
    return account
