"""Tokens that a program gets for itself (OAuth 2.0, RFC 6749, 4.4).

Interpreted: Structs.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, Literal
from urllib.parse import quote

import msgspec
from typing_extensions import Unpack

from fasterapi.client.auth import BasicAuth, fingerprint
from fasterapi.client.errors import FastHTTPValidationError
from fasterapi.client.request import Auth, Request
from fasterapi.client.session import AsyncSession, SessionOptions

EARLY: Final = 30.0
"""Seconds before its end that a token is taken for one that ended."""


class TokenResponse(msgspec.Struct):
    """What a token endpoint gives (RFC 6749, 5.1)."""

    access_token: str
    token_type: str = "Bearer"  # noqa: S105 - the name of a kind of token
    expires_in: float | None = None


class OAuth2ClientCredentials(Auth):
    """Gets a token for the program itself, sends it with every request, and gets another before it ends.

    However many requests need one at the same time, it is asked for once. A server that refuses a token is asked once more
    with a new one.

    Example: `FastHTTP(auth=OAuth2ClientCredentials("https://login.example.com/token", client_id, client_secret))`.
    """

    def __init__(
        self,
        token_url: str,
        client_id: str,
        client_secret: str,
        scopes: Sequence[str] | None = None,
        extra: Mapping[str, str] | None = None,
        *,
        client_auth: Literal["basic", "body"] = "basic",
        clock: Callable[[], float] = time.monotonic,
        **session: Unpack[SessionOptions],
    ) -> None:
        """Name the service that gives tokens.

        Args:
            token_url: Where tokens are asked for.
            client_id: Who asks.
            client_secret: What proves it.
            scopes: What the token is to allow.
            extra: Further fields of the token request, `audience` for example.
            client_auth: Whether id and secret are sent as Basic auth or in the body (RFC 6749, 2.3.1).
            clock: Tells seconds.
            session: How the service is reached: `security=`, `verify=`, `timeout=` and all else that a session takes.
        """
        self._token_url = token_url
        self._client_id = client_id
        self._client_secret = client_secret
        self._scopes = list(scopes or ())
        self._extra = dict(extra or {})
        self._client_auth = client_auth
        self._clock = clock
        self._session: Any = session
        self._token: str | None = None
        self._ends_at = 0.0
        self._fetching: asyncio.Task[str] | None = None

    async def apply(self, request: Request) -> None:
        """Add the token."""
        request.headers["authorization"] = f"Bearer {await self._valid_token()}"

    async def challenged(self, request: Request, challenges: list[str]) -> bool:  # noqa: ARG002 - there is one answer to all
        """Get a new token, unless another request did in the meantime."""
        if self._token is not None and request.headers.get("authorization") == f"Bearer {self._token}":
            self._token = None
        await self.apply(request)
        return True

    def identity(self) -> str:
        """Tells clients apart."""
        return fingerprint(self._token_url, self._client_id, self._client_secret, *self._scopes)

    async def _valid_token(self) -> str:
        token = self._token
        if token is not None and self._clock() < self._ends_at:
            return token
        fetching = self._fetching
        if fetching is None or fetching.done() or fetching.get_loop() is not asyncio.get_running_loop():
            fetching = asyncio.create_task(self._fetch())
            self._fetching = fetching
        # Shielded: that one request gives up must not take the token from the others.
        return await asyncio.shield(fetching)

    async def _fetch(self) -> str:
        fields = {"grant_type": "client_credentials", **self._extra}
        if self._scopes:
            fields["scope"] = " ".join(self._scopes)
        auth: Auth | None = None
        if self._client_auth == "basic":
            auth = BasicAuth(quote(self._client_id, safe=""), quote(self._client_secret, safe=""))
        else:
            fields["client_id"] = self._client_id
            fields["client_secret"] = self._client_secret
        async with AsyncSession(**self._session) as session:
            response = await session.post(self._token_url, data=fields, auth=auth, headers={"Accept": "application/json"})
        given = response.raise_for_status().json(TokenResponse)
        if given.token_type.lower() != "bearer":
            raise FastHTTPValidationError(f"The service gives {given.token_type!r} tokens; only Bearer is known.", url=self._token_url)
        lasts = 3600.0 if given.expires_in is None else given.expires_in
        self._token = given.access_token
        self._ends_at = self._clock() + max(lasts - EARLY, lasts / 2)
        return given.access_token

    def __repr__(self) -> str:
        return "OAuth2ClientCredentials(***)"
