"""Who asks, told by a JSON Web Token (RFC 7519): tokens are made, verified, and given for a password."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, Final, Generic, Literal, NotRequired, TypeAlias, TypedDict, cast, final, overload
from uuid import uuid4

import msgspec
from typing_extensions import TypeVar, Unpack, override

from fasterapi.concurrency.threads import run_in_threadpool
from fasterapi.contrib.jwt_keys import Algorithm, Key, KeyRing, KeySource, KeysUnavailable, RemoteKeys
from fasterapi.errors import HTTPException
from fasterapi.http.connection import HTTPConnection
from fasterapi.http.responses import JSONResponse
from fasterapi.security.authorization import get_authorization_scheme_param
from fasterapi.security.gives import Gives
from fasterapi.security.models import HTTPModel, OAuth2Model, SchemeModel, complete_flows
from fasterapi.security.password_form import OAuth2PasswordRequestForm
from fasterapi.security.scheme import SecurityScheme
from fasterapi.security.scopes import SecurityScopes

import jwt  # isort: skip - behind jwt_keys, which says which extra is missing
from jwt.utils import base64url_decode  # isort: skip

__all__ = [
    "AccessToken",
    "Algorithm",
    "Claims",
    "Grant",
    "InvalidToken",
    "JWTBearer",
    "Key",
    "KeyRing",
    "KeySource",
    "KeysUnavailable",
    "RemoteKeys",
    "TokenVerifier",
    "create_access_token",
    "oauth2_access_token_json",
    "oauth2_password_token_response",
]

ACCESS_TYPES: Final[frozenset[str | None]] = frozenset([None, "jwt", "at+jwt", "application/at+jwt"])
"""The `typ` of tokens that requests may carry: a refresh token is none of them (RFC 8725, 3.11; RFC 9068, 2.1)."""

_OURS: Final = frozenset(["sub", "exp", "iat", "jti", "aud", "iss", "scope"])
_NO_SCOPES: Final = SecurityScopes()
_RETRY_AFTER: Final = {"Retry-After": "5"}
_NO_STORE: Final = {"Cache-Control": "no-store"}


class Claims(msgspec.Struct, kw_only=True):
    """What a token says. Subclass it for claims of your own: `class Mine(Claims): tenant: str`."""

    sub: str
    exp: float
    iat: float | None = None
    nbf: float | None = None
    iss: str | None = None
    aud: str | list[str] | None = None
    jti: str | None = None
    scope: str = ""

    @property
    def scopes(self) -> list[str]:
        """What the token allows."""
        return self.scope.split()


ClaimsT = TypeVar("ClaimsT")
Claims_co = TypeVar("Claims_co", covariant=True, default=Claims)
Secret: TypeAlias = str | bytes | Key | KeyRing
"""What signs a token: a secret, a private key in PEM, a key, or the first of a ring."""


class InvalidToken(HTTPException):
    """A token that proves nothing. Not handled, it is answered with 401 and with why."""

    def __init__(self, reason: str) -> None:
        super().__init__(401, reason, {"WWW-Authenticate": f'Bearer error="invalid_token", error_description="{reason}"'})


class _Header(msgspec.Struct):
    alg: str
    kid: str | None = None
    typ: str | None = None


class JWTOptions(TypedDict, total=False):
    """What a token has to be, beside signed."""

    secret: str | bytes
    """What it is signed with; or the public key that it is verified with, in PEM."""
    algorithm: Algorithm
    """The one algorithm that `secret` is for: HS256."""
    keys: KeySource
    """Where the keys come from, instead of `secret`."""
    audience: str | Sequence[str]
    """For whom it must be made. A token that is made for somebody is refused without this."""
    issuer: str | Sequence[str]
    """Who must have made it."""
    leeway: float
    """By how many seconds the clocks of maker and reader may differ: 0."""
    require: Sequence[str]
    """The claims that it must have; `exp` always is one."""


class BearerOptions(JWTOptions, total=False):
    """How `JWTBearer` shows in the OpenAPI document."""

    token_url: str
    """Where the token is given for a password, so that the pages of the documentation can ask for one."""
    scopes: Mapping[str, str]
    """What tokens can allow, with what it means."""
    scheme_name: str
    description: str


@final
class TokenVerifier(Generic[ClaimsT]):
    """Verifies tokens, and gives what they say as a Struct.

    Example: `claims = await TokenVerifier(Claims, secret=settings.secret).verify(token)`.
    """

    def __init__(self, claims: type[ClaimsT], *, types: frozenset[str | None] = ACCESS_TYPES, **options: Unpack[JWTOptions]) -> None:
        secret = options.get("secret")
        keys = options.get("keys")
        if (secret is None) == (keys is None):
            raise TypeError("Tokens are verified with either secret= or keys=.")
        if secret is not None:
            keys = KeyRing([_key_of(secret, options.get("algorithm", "HS256"))])
        elif "algorithm" in options:
            raise TypeError("algorithm= belongs to secret=. Each of the keys= has its own.")
        assert keys is not None
        self._keys: KeySource = keys
        self._types = types
        self._claims = claims
        self._audience = options.get("audience")
        self._issuer = options.get("issuer")
        self._leeway = options.get("leeway", 0)
        required = ["exp", *options.get("require", ())]
        self._reader = jwt.PyJWT({"require": required, "strict_aud": False})
        self._decode_header = msgspec.json.Decoder(_Header).decode

    async def verify(self, token: str) -> ClaimsT:
        """What a token says. Raises `InvalidToken`, or `KeysUnavailable`."""
        header = self._header_of(token)
        if (header.typ and header.typ.lower()) not in self._types:
            raise InvalidToken("The token is of another type")
        for key in await self._keys.candidates(header.kid, header.alg):
            try:
                return self._claims_of(token, key)
            except jwt.InvalidSignatureError:
                continue
        raise InvalidToken("The token is not signed by a known key")

    def _header_of(self, token: str) -> _Header:
        # The header is read before anything is verified, so it is held short: ours are shorter than 200 characters.
        encoded = token.partition(".")[0]
        if len(encoded) > 4096:
            raise InvalidToken("The token is malformed")
        try:
            return self._decode_header(base64url_decode(encoded))
        except (ValueError, RecursionError) as fault:
            raise InvalidToken("The token is malformed") from fault

    def _claims_of(self, token: str, key: Key) -> ClaimsT:
        try:
            payload = self._reader.decode(
                token, key.verifying, algorithms=[key.algorithm], audience=self._audience, issuer=self._issuer, leeway=self._leeway
            )
            return msgspec.convert(payload, self._claims)
        except jwt.InvalidSignatureError:
            raise
        except jwt.ExpiredSignatureError as fault:
            raise InvalidToken("The token has expired") from fault
        except (jwt.PyJWTError, ValueError, OverflowError, RecursionError) as fault:
            raise InvalidToken("The token is not valid here") from fault


class JWTBearer(Gives[Claims_co], SecurityScheme):
    """A JSON Web Token in the `Authorization` header; gives what it says.

    Example:
        current = JWTBearer(secret=settings.secret)

        @app.get("/me")
        async def read_me(claims: Claims = Depends(current)) -> dict[str, str]:
            return {"id": claims.sub}

        @app.delete("/items/{item_id}")
        async def delete_item(item_id: int, claims: Claims = Security(current, scopes=["items:write"])) -> None: ...

    A request without a token, or with one that is not valid, gets 401; one whose token allows less than is asked for, 403
    (RFC 6750, 3.1). With `auto_error=False` the handler gets `None` where there is no token; one that is not valid is refused
    all the same.
    """

    @overload
    def __init__(self: JWTBearer[Claims], *, auto_error: Literal[True] = True, **options: Unpack[BearerOptions]) -> None: ...
    @overload
    def __init__(
        self: JWTBearer[ClaimsT], *, claims: type[ClaimsT], auto_error: Literal[True] = True, **options: Unpack[BearerOptions]
    ) -> None: ...
    @overload
    def __init__(self: JWTBearer[Claims | None], *, auto_error: bool, **options: Unpack[BearerOptions]) -> None: ...
    @overload
    def __init__(self: JWTBearer[ClaimsT | None], *, claims: type[ClaimsT], auto_error: bool, **options: Unpack[BearerOptions]) -> None: ...
    def __init__(self, *, claims: type[Any] = Claims, auto_error: bool = True, **options: Unpack[BearerOptions]) -> None:
        token_url = options.pop("token_url", None)
        scopes = options.pop("scopes", {})
        scheme_name = options.pop("scheme_name", None)
        description = options.pop("description", None)
        super().__init__(_scheme_of(token_url, scopes), "Bearer", scheme_name, description, auto_error)
        self._verifier: TokenVerifier[Any] = TokenVerifier(claims, **cast("JWTOptions", options))

    @override
    async def __call__(self, request: HTTPConnection, security_scopes: SecurityScopes = _NO_SCOPES) -> Claims_co:
        """What the token of the request says."""
        header = request.exchange.header(b"authorization")
        kind, token = get_authorization_scheme_param(None if header is None else header.decode("latin-1"))
        if kind.lower() != "bearer" or not token:
            return cast("Claims_co", self.absent())
        try:
            claims = await self._verifier.verify(token)
        except KeysUnavailable as fault:
            raise HTTPException(503, "Tokens cannot be verified now", _RETRY_AFTER) from fault
        if security_scopes.scopes:
            allowed = str(getattr(claims, "scope", "")).split()
            if not set(security_scopes.scopes).issubset(allowed):
                challenge = f'Bearer error="insufficient_scope", scope="{security_scopes.scope_str}"'
                raise HTTPException(403, "Not enough permissions", {"WWW-Authenticate": challenge})
        return cast("Claims_co", claims)


def create_access_token(
    subject: str,
    secret: Secret,
    *,
    algorithm: Algorithm = "HS256",
    expires_delta: timedelta | None = None,
    expires_minutes: float = 60,
    audience: str | Sequence[str] | None = None,
    issuer: str | None = None,
    extra_claims: Mapping[str, Any] | None = None,
    scopes: Sequence[str] = (),
) -> str:
    """A token that says who its bearer is, signed.

    Example: `create_access_token(str(user.id), settings.secret, expires_minutes=15, scopes=["items:read"])`.

    Whoever has the token can read it: nothing in it is secret.
    """
    lifetime = timedelta(minutes=expires_minutes) if expires_delta is None else expires_delta
    claims: dict[str, Any] = {}
    if audience is not None:
        claims["aud"] = audience if isinstance(audience, str) else list(audience)
    if issuer is not None:
        claims["iss"] = issuer
    if scopes:
        claims["scope"] = " ".join(scopes)
    extra = dict(extra_claims or {})
    taken = sorted(_OURS.intersection(extra))
    if taken:
        raise ValueError(f"extra_claims may not hold {', '.join(taken)}: there are parameters for that.")
    return sign({**extra, **claims}, subject, lifetime, _key_of(secret, algorithm), "JWT")


def sign(claims: Mapping[str, Any], subject: str, lifetime: timedelta, key: Key, kind: str) -> str:
    """A token with these claims, and with those that all tokens have."""
    if key.signing is None:
        raise ValueError("A public key signs nothing. Sign with the private one.")
    now = datetime.now(UTC)
    payload = {
        **claims,
        "sub": subject,
        "iat": int(now.timestamp()),
        "exp": int((now + lifetime).timestamp()),
        "jti": uuid4().hex,
    }
    headers: dict[str, Any] = {"typ": kind} if key.kid is None else {"typ": kind, "kid": key.kid}
    return jwt.encode(payload, key.signing, key.algorithm, headers)


class AccessToken(TypedDict):
    """The answer to a request for a token (RFC 6749, 5.1)."""

    access_token: str
    token_type: str
    expires_in: NotRequired[int]
    refresh_token: NotRequired[str]
    scope: NotRequired[str]


def oauth2_access_token_json(access_token: str, *, token_type: str = "bearer", expires_in: int | None = None) -> AccessToken:  # noqa: S107 - is no secret
    """What a client of OAuth2 expects to be told of its token.

    Example: `return oauth2_access_token_json(token, expires_in=3600)`.
    """
    answer: AccessToken = {"access_token": access_token, "token_type": token_type}
    if expires_in is not None:
        answer["expires_in"] = expires_in
    return answer


class Grant(msgspec.Struct, kw_only=True):
    """Who somebody is, and all that they may do: of which a client can ask for a part."""

    subject: str
    scopes: Sequence[str] = ()
    claims: Mapping[str, Any] = {}


Authenticated: TypeAlias = Grant | str | None
"""What a check of a password gives: who it is, or `None`."""


async def oauth2_password_token_response(
    form: OAuth2PasswordRequestForm,
    *,
    secret: Secret,
    authenticate: Callable[[str, str], Awaitable[Authenticated] | Authenticated],
    expires_minutes: float = 60,
    algorithm: Algorithm = "HS256",
    audience: str | Sequence[str] | None = None,
    issuer: str | None = None,
    refresh_token: Callable[[Grant], Awaitable[str]] | None = None,
) -> JSONResponse:
    """Answers a login by username and password (RFC 6749, 4.3): with a token, or with 400 and `invalid_grant`.

    Example:
        @app.post("/token")
        async def login(form: OAuth2PasswordRequestForm = Depends()) -> JSONResponse:
            return await oauth2_password_token_response(form, secret=settings.secret, authenticate=check_password)

    `authenticate(username, password)` gives who it is, a `Grant` where there are scopes, or `None`; a plain function is called in a
    thread. The token allows what the client asked for, never more than was granted.
    """
    if inspect.iscoroutinefunction(authenticate):
        found = await authenticate(form.username, form.password)
    else:
        found = await run_in_threadpool(authenticate, form.username, form.password)
        if inspect.isawaitable(found):
            found = await found
    if found is None:
        return token_error("invalid_grant", "Incorrect username or password")
    granted = Grant(subject=found) if isinstance(found, str) else cast("Grant", found)
    asked = form.scopes or list(granted.scopes)
    scopes = [scope for scope in dict.fromkeys(asked) if scope in granted.scopes]
    if asked and not scopes:
        return token_error("invalid_scope", "None of these scopes is granted")
    token = create_access_token(
        granted.subject,
        secret,
        algorithm=algorithm,
        expires_minutes=expires_minutes,
        audience=audience,
        issuer=issuer,
        extra_claims=granted.claims,
        scopes=scopes,
    )
    answer = oauth2_access_token_json(token, expires_in=int(expires_minutes * 60))
    if scopes:
        answer["scope"] = " ".join(scopes)
    if refresh_token is not None:
        answer["refresh_token"] = await refresh_token(Grant(subject=granted.subject, scopes=scopes, claims=granted.claims))
    return JSONResponse(answer, headers=_NO_STORE)


def token_error(code: str, description: str) -> JSONResponse:
    """The refusal of a token (RFC 6749, 5.2)."""
    return JSONResponse({"error": code, "error_description": description}, 400, _NO_STORE)


def _key_of(secret: Secret, algorithm: Algorithm) -> Key:
    if isinstance(secret, Key):
        return secret
    return secret.signing_key if isinstance(secret, KeyRing) else _key_made_of(secret, algorithm)


@lru_cache(maxsize=16)
def _key_made_of(secret: str | bytes, algorithm: Algorithm) -> Key:
    return Key(secret, algorithm)


def _scheme_of(token_url: str | None, scopes: Mapping[str, str]) -> SchemeModel:
    if token_url is None:
        model: HTTPModel = {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
        return model
    flows = complete_flows({"password": {"tokenUrl": token_url, "scopes": dict(scopes)}})
    password: OAuth2Model = {"type": "oauth2", "flows": flows}
    return password
