"""Who a request says it is: what is added to it, and what is done when the server asks for more."""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
from collections.abc import Callable
from typing import Final, TypeAlias, cast, final

from fasterapi.client.errors import FastHTTPRequestError
from fasterapi.client.request import Auth, Request

AuthLike: TypeAlias = Auth | tuple[str, str] | Callable[[Request], None]
"""An `Auth`, a user and a password, or a function that changes the request."""


@final
class BasicAuth(Auth):
    """User and password with every request (RFC 7617)."""

    def __init__(self, username: str, password: str) -> None:
        if ":" in username:
            raise ValueError(f"The user name {username!r} has a colon, which Basic auth cannot carry.")
        self._header = "Basic " + base64.b64encode(f"{username}:{password}".encode()).decode("ascii")

    async def apply(self, request: Request) -> None:
        """Add the header."""
        request.headers["authorization"] = self._header

    def identity(self) -> str:
        """Tells users apart."""
        return fingerprint(self._header)

    def __repr__(self) -> str:
        return "BasicAuth(***)"


@final
class BearerAuth(Auth):
    """A token with every request (RFC 6750)."""

    def __init__(self, token: str) -> None:
        self._header = f"Bearer {token}"

    async def apply(self, request: Request) -> None:
        """Add the header."""
        request.headers["authorization"] = self._header

    def identity(self) -> str:
        """Tells users apart."""
        return fingerprint(self._header)

    def __repr__(self) -> str:
        return "BearerAuth(***)"


@final
class FunctionAuth(Auth):
    """A function that changes the request."""

    def __init__(self, change: Callable[[Request], None]) -> None:
        self._change = change

    async def apply(self, request: Request) -> None:
        """Let the function change the request."""
        self._change(request)


@final
class Challenge:
    """What a server wants to have answered (RFC 7616, 3.3)."""

    def __init__(self, realm: str, nonce: str, algorithm: str, qop: str, opaque: str | None, is_session: bool) -> None:
        self.realm = realm
        self.nonce = nonce
        self.algorithm = algorithm
        self.qop = qop
        self.opaque = opaque
        self.is_session = is_session
        self.count = 0


_HASHES: Final = {"MD5": "md5", "SHA-256": "sha256", "SHA-512-256": "sha512_256", "SHA-512": "sha512"}
_MOST_CHALLENGES: Final = 64
# What stands between commas, unless they stand in quotes.
_ITEM: Final = re.compile(r'(?:[^",]|"(?:[^"\\]|\\.)*")+')


@final
class DigestAuth(Auth):
    """User and password as the answer to a challenge (RFC 7616): the password itself is never sent."""

    def __init__(self, username: str, password: str) -> None:
        self._username = username
        self._password = password
        self._challenges: dict[str, Challenge] = {}

    async def apply(self, request: Request) -> None:
        """Answer the challenge that this server set before."""
        challenge = self._challenges.get(request.target.origin)
        if challenge is not None:
            request.headers["authorization"] = self._answer(request, challenge)

    async def challenged(self, request: Request, challenges: list[str]) -> bool:
        """Answer the challenge; not a second time where the server only repeats it."""
        known = self._challenges.get(request.target.origin)
        challenge = _read_challenges(challenges)
        if challenge is None:
            return False
        if known is not None and known.nonce == challenge.nonce and "authorization" in request.headers:
            return False
        if len(self._challenges) >= _MOST_CHALLENGES:
            self._challenges.pop(next(iter(self._challenges)))
        self._challenges[request.target.origin] = challenge
        request.headers["authorization"] = self._answer(request, challenge)
        return True

    def identity(self) -> str:
        """Tells users apart."""
        return fingerprint("digest", self._username, self._password)

    def _answer(self, request: Request, challenge: Challenge) -> str:
        challenge.count += 1
        count = f"{challenge.count:08x}"
        cnonce = secrets.token_hex(16)
        digest = _digest_of(challenge.algorithm)
        user = digest(f"{self._username}:{challenge.realm}:{self._password}")
        if challenge.is_session:
            user = digest(f"{user}:{challenge.nonce}:{cnonce}")
        what = digest(f"{request.method}:{request.target.path}")
        if challenge.qop:
            answer = digest(f"{user}:{challenge.nonce}:{count}:{cnonce}:{challenge.qop}:{what}")
        else:
            # RFC 2069, which some devices still speak.
            answer = digest(f"{user}:{challenge.nonce}:{what}")
        fields = [
            ("username", _quoted(self._username)),
            ("realm", _quoted(challenge.realm)),
            ("nonce", _quoted(challenge.nonce)),
            ("uri", _quoted(request.target.path)),
            ("response", _quoted(answer)),
            ("algorithm", f"{challenge.algorithm}-sess" if challenge.is_session else challenge.algorithm),
        ]
        if challenge.opaque is not None:
            fields.append(("opaque", _quoted(challenge.opaque)))
        if challenge.qop:
            fields.extend([("qop", challenge.qop), ("nc", count), ("cnonce", _quoted(cnonce))])
        return "Digest " + ", ".join([f"{name}={value}" for name, value in fields])

    def __repr__(self) -> str:
        return "DigestAuth(***)"


def as_auth(given: object) -> Auth | None:
    """The `Auth` of what users write for one."""
    if given is None or isinstance(given, Auth):
        return given
    if isinstance(given, tuple) and len(given) == 2:
        return BasicAuth(str(given[0]), str(given[1]))
    if callable(given):
        return FunctionAuth(cast(Callable[[Request], None], given))
    raise FastHTTPRequestError("auth= takes an Auth such as BasicAuth(user, password), or (user, password).")


def _digest_of(algorithm: str) -> Callable[[str], str]:
    name = _HASHES[algorithm]

    def digest(text: str) -> str:
        return hashlib.new(name, text.encode(), usedforsecurity=False).hexdigest()

    return digest


def _read_challenges(challenges: list[str]) -> Challenge | None:
    """The first Digest challenge that can be answered."""
    for text in challenges:
        position = text.lower().find("digest ")
        challenge = None if position < 0 else _read_challenge(text[position + len("digest ") :])
        if challenge is not None:
            return challenge
    return None


def fingerprint(*parts: str) -> str:
    """A text that tells credentials apart and gives none of them away."""
    joined = "".join([f"{len(part)}:{part}" for part in parts])
    return hashlib.sha256(joined.encode()).hexdigest()


def _read_challenge(text: str) -> Challenge | None:
    fields: dict[str, str] = {}
    for item in _ITEM.findall(text):
        name, equals, value = item.partition("=")
        if equals:
            fields.setdefault(name.strip().lower(), value.strip().strip('"'))
    wanted = fields.get("algorithm", "MD5").upper()
    is_session = wanted.endswith("-SESS")
    algorithm = wanted.removesuffix("-SESS")
    if algorithm not in _HASHES or "nonce" not in fields or "realm" not in fields:
        return None
    offered = [quality.strip() for quality in fields.get("qop", "").split(",") if quality.strip()]
    if offered and "auth" not in offered:
        return None
    return Challenge(fields["realm"], fields["nonce"], algorithm, "auth" if offered else "", fields.get("opaque"), is_session)


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
