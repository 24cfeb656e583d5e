"""Who a request says it is."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import re
from typing import Any

import pytest

from fasterapi.client import (
    AsyncSession,
    Auth,
    BasicAuth,
    BearerAuth,
    DigestAuth,
    FastHTTP,
    FastHTTPBadStatusError,
    FastHTTPRequestError,
    FastHTTPValidationError,
    OAuth2ClientCredentials,
    Request,
    Response,
)
from tests.client.middleware.test_circuit import Clock
from tests.client.sites import LOCAL, Answer, Asked, Site


@pytest.mark.parametrize(
    ("auth", "header"),
    [
        (BasicAuth("user", "pässword"), "Basic " + base64.b64encode("user:pässword".encode()).decode()),
        (("user", "pw"), "Basic dXNlcjpwdw=="),
        (BearerAuth("token"), "Bearer token"),
        (lambda request: request.headers.update({"authorization": "Own 1"}), "Own 1"),
    ],
)
async def test_schemes_without_a_challenge(site: Site, session: AsyncSession, auth: Any, header: str) -> None:
    await session.get("/x", auth=auth)
    assert site.last.headers["authorization"] == header


async def test_users_in_a_url(site: Site, session: AsyncSession) -> None:
    response = await session.get(f"http://us%40er:pw@127.0.0.1:{site.port}/x")
    assert base64.b64decode(site.last.headers["authorization"][6:]) == b"us@er:pw"
    assert "pw" not in response.url


async def test_schemes_of_ones_own(site: Site, session: AsyncSession) -> None:
    class Key(Auth):
        async def apply(self, request: Request) -> None:
            request.headers["x-key"] = "1"

        async def challenged(self, request: Request, challenges: list[str]) -> bool:
            request.headers["x-key"] = challenges[0]
            return True

    site.answer("/x", status=401, headers={"WWW-Authenticate": "Key next"})
    assert (await session.post("/x", auth=Key(), data=b"body")).status_code == 401
    assert [asked.headers["x-key"] for asked in site.asked] == ["1", "Key next"], "one more try, and no third"
    assert site.last.body == b"body"


async def test_what_is_no_auth(session: AsyncSession) -> None:
    with pytest.raises(FastHTTPRequestError, match="BasicAuth"):
        await session.get("/x", auth="token")  # type: ignore[arg-type]  # the mistake


def test_secrets_are_not_shown() -> None:
    assert "s3cret" not in repr([BasicAuth("a", "s3cret"), BearerAuth("s3cret"), DigestAuth("a", "s3cret")])
    assert "s3cret" not in repr(OAuth2ClientCredentials("https://x/", "a", "s3cret"))
    with pytest.raises(ValueError, match="colon"):
        BasicAuth("a:b", "c")


def test_auth_of_the_app_and_of_a_request(site: Site) -> None:
    app = FastHTTP(base_url=site.url(), security=LOCAL, auth=BearerAuth("app"))

    @app.get("/a")
    async def a(response: Response) -> None: ...

    @app.get("/b", auth=BearerAuth("own"))
    async def b(response: Response) -> None: ...

    app.run()
    assert {asked.path: asked.headers["authorization"] for asked in site.asked} == {"/a": "Bearer app", "/b": "Bearer own"}


class DigestServer:
    """Checks answers as RFC 7616 says."""

    def __init__(self, algorithm: str = "SHA-256", qop: str | None = "auth, auth-int") -> None:
        self.algorithm = algorithm
        self.qop = qop
        self.nonce = "n1"
        self.counts: list[str] = []

    def __call__(self, asked: Asked) -> Answer:
        fields = dict(re.findall(r'(\w+)="?([^",]*)"?', asked.headers.get("authorization", "").removeprefix("Digest ")))
        if fields.get("nonce") != self.nonce or fields["response"] != self._expected(asked, fields):
            qop = "" if self.qop is None else f', qop="{self.qop}"'
            challenge = f'Digest realm="a, b", nonce="{self.nonce}", opaque="o", algorithm={self.algorithm}{qop}'
            return Answer("no", 401, {"WWW-Authenticate": f'Basic realm="x", {challenge}'})
        self.counts.append(fields.get("nc", ""))
        return Answer("welcome")

    def _expected(self, asked: Asked, fields: dict[str, str]) -> str:
        name = {"MD5": "md5", "SHA-256": "sha256", "SHA-512-256": "sha512_256"}[self.algorithm.removesuffix("-sess")]

        def digest(text: str) -> str:
            return hashlib.new(name, text.encode()).hexdigest()

        user = digest("user:a, b:pw")
        if self.algorithm.endswith("-sess"):
            user = digest(f"{user}:{self.nonce}:{fields['cnonce']}")
        uri = f"{asked.path}?{asked.query}" if asked.query else asked.path
        what = digest(f"{asked.method}:{uri}")
        if self.qop is None:
            return digest(f"{user}:{self.nonce}:{what}")
        return digest(f"{user}:{self.nonce}:{fields['nc']}:{fields['cnonce']}:auth:{what}")


@pytest.mark.parametrize("algorithm", ["MD5", "MD5-sess", "SHA-256", "SHA-256-sess", "SHA-512-256"])
async def test_digest(site: Site, session: AsyncSession, algorithm: str) -> None:
    server = DigestServer(algorithm)
    site.answers["/x"] = server
    auth = DigestAuth("user", "pw")
    for _ in range(3):
        assert (await session.post("/x?q=1", auth=auth, json={})).text == "welcome"
    assert (len(site.asked), server.counts) == (4, ["00000001", "00000002", "00000003"])
    server.nonce = "n2"
    assert (await session.get("/x", auth=auth)).text == "welcome"


async def test_digest_of_old_servers(site: Site, session: AsyncSession) -> None:
    site.answers["/x"] = DigestServer("MD5", None)
    assert (await session.get("/x", auth=DigestAuth("user", "pw"))).text == "welcome"


async def test_a_wrong_password_ends(site: Site, session: AsyncSession) -> None:
    site.answers["/x"] = DigestServer()
    auth = DigestAuth("user", "wrong")
    assert (await session.get("/x", auth=auth)).status_code == 401
    assert (await session.get("/x", auth=auth)).status_code == 401
    assert len(site.asked) == 3


@pytest.mark.parametrize("challenge", ["Basic realm=x", 'Digest realm="x"', 'Digest realm="x", nonce="n", algorithm=ROT13', ""])
async def test_challenges_that_cannot_be_answered(site: Site, session: AsyncSession, challenge: str) -> None:
    site.answer("/x", status=401, headers={"WWW-Authenticate": challenge})
    assert (await session.get("/x", auth=DigestAuth("user", "pw"))).status_code == 401


class TokenServer:
    """Gives tokens that count."""

    def __init__(self, site: Site, **given: object) -> None:
        self.given = 0
        self.valid = ""
        self.answer: dict[str, object] = {"token_type": "bearer", "expires_in": 3600, **given}
        site.answers["/token"] = self.token
        site.answers["/api"] = self.api

    def token(self, asked: Asked) -> Answer:
        self.given += 1
        self.valid = f"t{self.given}"
        return Answer({"access_token": self.valid, **self.answer})

    def api(self, asked: Asked) -> Answer:
        is_valid = asked.headers.get("authorization") == f"Bearer {self.valid}"
        return Answer("ok" if is_valid else "no", 200 if is_valid else 401)


async def test_a_token_is_asked_for_once(site: Site, session: AsyncSession) -> None:
    server = TokenServer(site)
    auth = OAuth2ClientCredentials(site.url("/token"), "id:1", "s&t", ["a", "b"], {"audience": "x"}, security=LOCAL)
    responses = await asyncio.gather(*(session.get("/api", auth=auth) for _ in range(20)))
    assert ({response.text for response in responses}, server.given) == ({"ok"}, 1)
    asked = next(asked for asked in site.asked if asked.path == "/token")
    assert base64.b64decode(asked.headers["authorization"][6:]) == b"id%3A1:s%26t"
    assert asked.body == b"grant_type=client_credentials&audience=x&scope=a+b"


async def test_a_token_that_ended_or_was_withdrawn_is_replaced(site: Site, session: AsyncSession) -> None:
    clock = Clock()
    server = TokenServer(site)
    auth = OAuth2ClientCredentials(site.url("/token"), "id", "secret", client_auth="body", clock=clock, security=LOCAL)
    assert (await session.get("/api", auth=auth)).text == "ok"
    clock.now += 3571
    assert (await session.get("/api", auth=auth)).text == "ok"
    assert server.given == 2
    server.valid = "withdrawn"
    responses = await asyncio.gather(*(session.get("/api", auth=auth) for _ in range(5)))
    assert ({response.text for response in responses}, server.given) == ({"ok"}, 3)
    assert b"client_secret=secret" in next(asked for asked in site.asked if asked.path == "/token").body


def test_a_token_serves_several_runs(site: Site) -> None:
    server = TokenServer(site)
    auth = OAuth2ClientCredentials(site.url("/token"), "id", "secret", security=LOCAL)
    app = FastHTTP(base_url=site.url(), security=LOCAL, auth=auth, raise_for_status=True)
    for _ in range(20):

        @app.get("/api")
        async def get(response: Response) -> None: ...

    assert [app.run().errors, app.run().errors, server.given] == [[], [], 1]


async def test_tokens_that_are_not_given(site: Site, session: AsyncSession) -> None:
    auth = OAuth2ClientCredentials(site.url("/nowhere"), "id", "s3cret", security=LOCAL)
    with pytest.raises(FastHTTPBadStatusError) as raised:
        await session.get("/api", auth=auth)
    assert "s3cret" not in str(raised.value)
    TokenServer(site, token_type="mac")
    with pytest.raises(FastHTTPValidationError, match="Bearer"):
        await session.get("/api", auth=OAuth2ClientCredentials(site.url("/token"), "id", "secret", security=LOCAL))
