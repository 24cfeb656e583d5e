"""Refresh tokens: what a client gets new access tokens with, each good for one time (RFC 9700, 4.14.2)."""

from __future__ import annotations

from collections.abc import Awaitable, Sequence
from datetime import timedelta
from typing import Any, Final, TypeVar, final
from uuid import uuid4

import msgspec

from fasterapi.contrib.jwt import (
    AccessToken,
    Claims,
    Grant,
    InvalidToken,
    Key,
    KeyRing,
    TokenVerifier,
    create_access_token,
    oauth2_access_token_json,
    sign,
)
from fasterapi.contrib.refresh_stores import MemoryRefreshStore, RedisRefreshStore, RefreshStore
from fasterapi.contrib.stores import StoreError
from fasterapi.errors import HTTPException

__all__ = ["MemoryRefreshStore", "RedisRefreshStore", "RefreshClaims", "RefreshStore", "RefreshTokens"]

T = TypeVar("T")

_TYPE: Final = "refresh+jwt"
_TYPES: Final[frozenset[str | None]] = frozenset([_TYPE])
_RETRY_AFTER: Final = {"Retry-After": "5"}


class RefreshClaims(Claims, kw_only=True):
    """What a refresh token says: the login that it goes back to, and what its access tokens say beside."""

    family: str
    token: str
    extra: dict[str, Any] = msgspec.field(default_factory=dict)


@final
class RefreshTokens:
    """Gives refresh tokens, and takes each one time for a new pair.

    Example:
        tokens = RefreshTokens(KeyRing([Key(settings.secret)]), MemoryRefreshStore())

        @app.post("/token")
        async def login(form: OAuth2PasswordRequestForm = Depends()) -> JSONResponse:
            return await oauth2_password_token_response(
                form, secret=tokens.keys, authenticate=check_password, refresh_token=tokens.begin
            )

        @app.post("/token/refresh")
        async def refresh(refresh_token: Annotated[str, Form()]) -> AccessToken:
            return await tokens.refresh(refresh_token)

    A token that comes a second time was stolen, by who sent it first or by who sends it now: the whole login ends then. A client
    that never got the answer to its refresh has to log in anew. While the store is away the answer is 503 with `Retry-After`, and no
    login ends.
    """

    def __init__(
        self,
        keys: Key | KeyRing,
        store: RefreshStore,
        *,
        lifetime: timedelta = timedelta(days=30),
        access_lifetime: timedelta = timedelta(minutes=15),
        audience: str | Sequence[str] | None = None,
        issuer: str | None = None,
    ) -> None:
        self.keys: KeyRing = KeyRing([keys]) if isinstance(keys, Key) else keys
        self._store = store
        self._lifetime = lifetime
        self._access_lifetime = access_lifetime
        self._audience = audience
        self._issuer = issuer
        self._verifier = TokenVerifier(RefreshClaims, types=_TYPES, keys=self.keys)

    async def begin(self, grant: Grant) -> str:
        """The first refresh token of a login."""
        family = uuid4().hex
        first = uuid4().hex
        await _answered(self._store.begin(family, first, self._lifetime.total_seconds()))
        return self._signed(grant.subject, family, first, " ".join(grant.scopes), dict(grant.claims))

    async def refresh(self, token: str) -> AccessToken:
        """A new access token, and the next refresh token. Raises `InvalidToken` for one that is not good, or not any more."""
        claims = await self._verifier.verify(token)
        following = uuid4().hex
        if not await _answered(self._store.replace(claims.family, claims.token, following, self._lifetime.total_seconds())):
            raise InvalidToken("The token was used before, or its login has ended")
        access = create_access_token(
            claims.sub,
            self.keys,
            expires_delta=self._access_lifetime,
            audience=self._audience,
            issuer=self._issuer,
            extra_claims=claims.extra,
            scopes=claims.scopes,
        )
        answer = oauth2_access_token_json(access, expires_in=int(self._access_lifetime.total_seconds()))
        answer["refresh_token"] = self._signed(claims.sub, claims.family, following, claims.scope, claims.extra)
        return answer

    async def revoke(self, token: str) -> None:
        """End the login that a refresh token belongs to. One that is not good ends nothing, and is no error (RFC 7009, 2.2)."""
        try:
            claims = await self._verifier.verify(token)
        except InvalidToken:
            return
        await _answered(self._store.forget(claims.family))

    def _signed(self, subject: str, family: str, token_id: str, scope: str, extra: dict[str, Any]) -> str:
        claims = {"family": family, "token": token_id, "scope": scope, "extra": extra}
        return sign(claims, subject, self._lifetime, self.keys.signing_key, _TYPE)


async def _answered(answer: Awaitable[T]) -> T:
    try:
        return await answer
    except StoreError as fault:
        raise HTTPException(503, "Logins cannot be looked up now", _RETRY_AFTER) from fault
