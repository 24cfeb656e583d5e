"""The keys that tokens are signed and verified with, each for one algorithm.

That a key is for one algorithm alone is what rules algorithm confusion out (RFC 8725, 3.1): a token says which algorithm it
claims, and only keys of that algorithm are tried on it. There is no key for `none`.
"""

from __future__ import annotations

import json
import time
import urllib.request
from collections.abc import Collection, Mapping, Sequence
from http.client import HTTPException, HTTPMessage
from typing import IO, Any, Final, Literal, Protocol, TypeAlias, cast, final
from urllib.parse import urlsplit

from fasterapi.concurrency.limit import ConcurrencyLimit
from fasterapi.concurrency.threads import run_in_threadpool
from fasterapi.logger import logger

try:
    import jwt
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
    from cryptography.hazmat.primitives.asymmetric.ed448 import Ed448PrivateKey
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from jwt.algorithms import Algorithm as Rules
except ModuleNotFoundError as _missing:
    raise ModuleNotFoundError("fasterapi.contrib.jwt needs PyJWT: pip install 'fasterapi-framework[jwt]'", name=_missing.name) from _missing

Algorithm: TypeAlias = Literal[
    "HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"
]
"""How a token is signed: HS by a secret that both ends know, the others by a private key that one end knows."""

ALGORITHMS: Final[frozenset[str]] = frozenset(
    ["HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
)

_PRIVATE_KEYS: Final = (RSAPrivateKey, EllipticCurvePrivateKey, Ed25519PrivateKey, Ed448PrivateKey)
_LARGEST_KEY_SET: Final = 1_000_000
_LOOPBACK: Final = frozenset(["localhost", "127.0.0.1", "::1"])


class KeysUnavailable(Exception):
    """The keys that tokens are to be verified with cannot be had now; the client is to try again later."""


@final
class Key:
    """A key and the one algorithm that it is for.

    Example: `Key(settings.secret, "HS256", kid="2026-11")`, `Key(private_pem, "ES256", kid="a")`.

    What it is made of is a secret of bytes, or a key in PEM: a private one signs and verifies, a public one verifies.
    """

    def __init__(self, material: str | bytes, algorithm: Algorithm = "HS256", kid: str | None = None) -> None:
        if algorithm not in ALGORITHMS:
            raise ValueError(f"{algorithm!r} is no algorithm for tokens here. Write one of {', '.join(sorted(ALGORITHMS))}.")
        rules = jwt.get_algorithm_by_name(algorithm)
        try:
            self._adopt(rules, cast("Any", rules).prepare_key(material), algorithm, kid)
        except (jwt.exceptions.InvalidKeyError, TypeError, ValueError) as fault:
            raise ValueError(f"This is no key for {algorithm}: {fault}") from fault

    @classmethod
    def from_jwk(cls, jwk: Mapping[str, Any], algorithm: Algorithm | None = None) -> Key:
        """A key as a JSON Web Key (RFC 7517); the algorithm is the one it names, or that its type is known for."""
        try:
            parsed = jwt.PyJWK(dict(jwk), algorithm)
        except jwt.PyJWTError as fault:
            raise ValueError(f"This is no key: {fault}") from fault
        named = parsed.algorithm_name
        if named not in ALGORITHMS:
            raise ValueError(f"A key for {named} is of no use here. Those for {', '.join(sorted(ALGORITHMS))} are.")
        key = cls.__new__(cls)
        kid = jwk.get("kid")
        key._adopt(parsed.Algorithm, parsed.key, cast("Algorithm", named), kid if isinstance(kid, str) else None)  # noqa: SLF001 - of its own class
        return key

    def _adopt(self, rules: Rules, prepared: Any, algorithm: Algorithm, kid: str | None) -> None:
        weakness = rules.check_key_length(prepared)
        if weakness:
            hint = ' Make one with: python -c "import secrets; print(secrets.token_urlsafe(48))"' if algorithm.startswith("HS") else ""
            raise ValueError(f"{weakness}{hint}")
        self.algorithm: Algorithm = algorithm
        self.kid: str | None = kid
        self.signing: Any = prepared if algorithm.startswith("HS") or isinstance(prepared, _PRIVATE_KEYS) else None
        """What signs; `None` for a public key."""
        self.verifying: Any = prepared.public_key() if isinstance(prepared, _PRIVATE_KEYS) else prepared
        """What verifies."""

    def public_jwk(self) -> dict[str, Any]:
        """The public half as a JSON Web Key, for `/.well-known/jwks.json`. A secret has none, and is refused."""
        if self.algorithm.startswith("HS"):
            raise ValueError("A secret has no public half: whoever sees it can sign. Use an RS, PS, ES or EdDSA key.")
        jwk: dict[str, Any] = cast("Any", jwt.get_algorithm_by_name(self.algorithm)).to_jwk(self.verifying, as_dict=True)
        jwk.pop("key_ops", None)
        return {**jwk, "use": "sig", "alg": self.algorithm, **({} if self.kid is None else {"kid": self.kid})}

    def __repr__(self) -> str:
        return f"Key('***', {self.algorithm!r}, kid={self.kid!r})"


class KeySource(Protocol):
    """Gives the keys that may have signed a token."""

    async def candidates(self, kid: str | None, algorithm: str) -> list[Key]:
        """The keys of this algorithm and, where a token names one and they have one, of this id."""
        ...


@final
class KeyRing:
    """Keys of our own: the first signs, all verify. That is how keys are rotated: put the new one in front, drop the old one later.

    Example: `KeyRing([Key(new_secret, "HS256", kid="2026-11"), Key(old_secret, "HS256", kid="2026-05")])`.
    """

    def __init__(self, keys: Sequence[Key]) -> None:
        if not keys:
            raise ValueError("A key ring without keys verifies nothing. Write KeyRing([Key(secret)]).")
        named = [(key.kid, key.algorithm) for key in keys if key.kid is not None]
        if len(set(named)) != len(named):
            raise ValueError("Two keys of the ring have the same kid. Give each its own.")
        self.keys: list[Key] = list(keys)

    @classmethod
    def from_jwks(cls, document: str | bytes | Mapping[str, Any]) -> KeyRing:
        """The keys of a JSON Web Key Set (RFC 7517, 5); those that are not for signatures, or of types unknown here, are left out."""
        return cls(_read_key_set(json.loads(document) if isinstance(document, (str, bytes)) else document))

    @property
    def signing_key(self) -> Key:
        """The key that signs."""
        return self.keys[0]

    async def candidates(self, kid: str | None, algorithm: str) -> list[Key]:
        """The keys that may have signed a token."""
        return _fitting(self.keys, kid, algorithm)

    def jwks(self) -> dict[str, list[dict[str, Any]]]:
        """The public halves as a JSON Web Key Set, for others to verify our tokens with.

        Example: `app.get("/.well-known/jwks.json")(ring.jwks)`.
        """
        return {"keys": [key.public_jwk() for key in self.keys]}


@final
class RemoteKeys:
    """The keys of somebody else, read from where they publish them; asked for again when they grow old, or at a key that is not known.

    Example: `RemoteKeys("https://login.example.com/.well-known/jwks.json")`.

    `lifetime` is how long they are good, in seconds, `cooldown` how long after one reading there is no other, whatever tokens
    name: nobody makes this server ask without end. While the other side is away the keys that are known go on to serve, for
    `grace` seconds beyond their life; after that, and before the first reading, requests get 503.
    """

    def __init__(
        self,
        url: str,
        *,
        lifetime: float = 600,
        cooldown: float = 10,
        grace: float = 86_400,
        timeout: float = 5,
        allow_secrets: bool = False,
    ) -> None:
        parts = urlsplit(url)
        if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOOPBACK):
            raise ValueError(f"{url}: whoever stands in between could put keys of their own there. Write an https:// URL.")
        self._url = url
        self._lifetime = lifetime
        self._cooldown = cooldown
        self._grace = grace
        self._timeout = timeout
        self._allow_secrets = allow_secrets
        self._keys: list[Key] = []
        self._read_at = -float("inf")
        self._tried_at = -float("inf")
        self._one_at_a_time = ConcurrencyLimit(1)

    async def candidates(self, kid: str | None, algorithm: str) -> list[Key]:
        """The keys that may have signed a token. Raises `KeysUnavailable` where there are none to be had."""
        found = _fitting(self._keys, kid, algorithm)
        if not found or time.monotonic() - self._read_at > self._lifetime:
            await self._refresh()
            found = _fitting(self._keys, kid, algorithm)
        return found

    async def _refresh(self) -> None:
        place = await self._one_at_a_time.take()
        try:
            # Who waited finds what the one before has read.
            if time.monotonic() - self._tried_at > self._cooldown:
                await self._read()
        finally:
            place.give_back()
        if time.monotonic() - self._read_at > self._lifetime + self._grace:
            raise KeysUnavailable(f"The keys at {self._url} cannot be read.")

    async def _read(self) -> None:
        self._tried_at = time.monotonic()
        try:
            document = await run_in_threadpool(_download, self._url, self._timeout)
            self._keys = [key for key in _read_key_set(document) if self._allow_secrets or not key.algorithm.startswith("HS")]
            self._read_at = time.monotonic()
        except (OSError, ValueError, RecursionError, HTTPException) as fault:
            logger.warning("The keys at %s cannot be read: %s", self._url, fault)


def _fitting(keys: Collection[Key], kid: str | None, algorithm: str) -> list[Key]:
    return [key for key in keys if key.algorithm == algorithm and (kid is None or key.kid is None or key.kid == kid)]


def _read_key_set(document: object) -> list[Key]:
    entries = document.get("keys") if isinstance(document, Mapping) else None
    if not isinstance(entries, list):
        raise ValueError('this is no JSON Web Key Set: there is no list of "keys" in it.')  # noqa: TRY004 - it is the document that is wrong
    keys: list[Key] = []
    for entry in entries:
        if not isinstance(entry, Mapping) or entry.get("use", "sig") != "sig":
            continue
        try:
            keys.append(Key.from_jwk(entry))
        except (ValueError, TypeError) as fault:
            # RFC 7517, 5: what is not understood is passed over.
            logger.debug("A key of a key set is passed over: %s", fault)
    return keys


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str) -> None:
        """Follow none: the keys are where the application said, or nowhere."""


def _download(url: str, timeout: float) -> object:
    opener = urllib.request.build_opener(_NoRedirects)
    with opener.open(url, timeout=timeout) as response:
        body: bytes = response.read(_LARGEST_KEY_SET + 1)
    if len(body) > _LARGEST_KEY_SET:
        raise ValueError(f"this is no key set: it is larger than {_LARGEST_KEY_SET} bytes.")
    return json.loads(body)
