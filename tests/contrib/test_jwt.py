from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Annotated, Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from hypothesis import given
from hypothesis import strategies as st

from fasterapi import Depends, Faster, Form, JSONResponse, Security, WebSocket
from fasterapi.contrib.jwt import (
    AccessToken,
    Algorithm,
    Claims,
    Grant,
    InvalidToken,
    JWTBearer,
    Key,
    KeyRing,
    RemoteKeys,
    TokenVerifier,
    create_access_token,
    oauth2_access_token_json,
    oauth2_password_token_response,
)
from fasterapi.contrib.jwt_refresh import MemoryRefreshStore, RefreshTokens
from fasterapi.security import OAuth2PasswordRequestForm
from fasterapi.testing import TestClient

SECRET = "a secret that is long enough for HS256"
OTHER = "another secret that is long enough too"


def pem(private: Any) -> tuple[str, str]:
    secret = private.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    public = private.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return secret.decode(), public.decode()


RSA_PRIVATE, RSA_PUBLIC = pem(rsa.generate_private_key(65537, 2048))
EC_PRIVATE, EC_PUBLIC = pem(ec.generate_private_key(ec.SECP256R1()))


def client_of(bearer: JWTBearer[Claims], scopes: list[str] | None = None) -> TestClient:
    app = Faster()

    @app.get("/me")
    async def read_me(claims: Claims = Security(bearer, scopes=scopes or [])) -> dict[str, Any]:
        return {"sub": claims.sub, "scopes": claims.scopes}

    return TestClient(app)


def with_token(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def segment(value: object) -> str:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def good_payload() -> dict[str, Any]:
    return {"sub": "ann", "exp": int(time.time()) + 60}


def test_a_token_tells_who_asks() -> None:
    token = create_access_token("ann", SECRET, scopes=["a", "b"])
    answer = client_of(JWTBearer(secret=SECRET)).get("/me", headers=with_token(token))
    assert (answer.status_code, answer.json()) == (200, {"sub": "ann", "scopes": ["a", "b"]})


@pytest.mark.parametrize("scheme", ["bearer", "BEARER"])
def test_the_scheme_is_told_in_any_case(scheme: str) -> None:
    token = create_access_token("ann", SECRET)
    assert client_of(JWTBearer(secret=SECRET)).get("/me", headers={"Authorization": f"{scheme} {token}"}).status_code == 200


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer "}, {"Authorization": "Basic YTpi"}, {"Authorization": "Bearer"}])
def test_without_a_token_there_is_no_entry(headers: dict[str, str]) -> None:
    answer = client_of(JWTBearer(secret=SECRET)).get("/me", headers=headers)
    assert (answer.status_code, answer.json(), answer.headers["www-authenticate"]) == (401, {"detail": "Not authenticated"}, "Bearer")


def test_an_expired_token_is_refused_with_the_reason() -> None:
    token = create_access_token("ann", SECRET, expires_delta=timedelta(seconds=-1))
    answer = client_of(JWTBearer(secret=SECRET)).get("/me", headers=with_token(token))
    assert (answer.status_code, answer.json()) == (401, {"detail": "The token has expired"})
    assert answer.headers["www-authenticate"] == 'Bearer error="invalid_token", error_description="The token has expired"'


def test_clocks_may_differ_by_the_leeway() -> None:
    token = create_access_token("ann", SECRET, expires_delta=timedelta(seconds=-1))
    assert client_of(JWTBearer(secret=SECRET, leeway=30)).get("/me", headers=with_token(token)).status_code == 200


HOSTILE = {
    "of no algorithm": f"{segment({'alg': 'none'})}.{segment(good_payload())}.",
    "of None": f"{segment({'alg': 'None'})}.{segment(good_payload())}.",
    "of an empty algorithm": f"{segment({'alg': ''})}.{segment(good_payload())}.",
    "without algorithm": f"{segment({})}.{segment(good_payload())}.",
    "of an algorithm that is a list": f"{segment({'alg': ['HS256']})}.{segment(good_payload())}.",
    "of another strength": jwt.encode(good_payload(), SECRET * 2, "HS512"),
    "of another secret": jwt.encode(good_payload(), OTHER, "HS256"),
    "without expiry": jwt.encode({"sub": "ann"}, SECRET, "HS256"),
    "with an expiry that is no number": jwt.encode({"sub": "ann", "exp": "soon"}, SECRET, "HS256"),
    "with an endless expiry": jwt.encode({"sub": "ann", "exp": float("inf")}, SECRET, "HS256"),
    "that is not good yet": jwt.encode({**good_payload(), "nbf": int(time.time()) + 600}, SECRET, "HS256"),
    "from the future": jwt.encode({**good_payload(), "iat": int(time.time()) + 600}, SECRET, "HS256"),
    "of nobody": jwt.encode({"exp": int(time.time()) + 60}, SECRET, "HS256"),
    "of a number": jwt.encode({"sub": 7, "exp": int(time.time()) + 60}, SECRET, "HS256"),
    "for somebody else": jwt.encode({**good_payload(), "aud": "others"}, SECRET, "HS256"),
    "that is a refresh token": jwt.encode(good_payload(), SECRET, "HS256", {"typ": "refresh+jwt"}),
    "with a critical header": jwt.encode(good_payload(), SECRET, "HS256", {"crit": ["unknown"]}),
    "with a key id that is a path": jwt.encode(good_payload(), OTHER, "HS256", {"kid": "../../dev/null"}),
    "with a key of its own": jwt.encode(good_payload(), OTHER, "HS256", {"jwk": {"kty": "oct", "k": segment(OTHER.encode())}}),
    "that nests without end": f"{segment(b'[' * 3000)}.{segment(good_payload())}.x",
    "with a claim that nests without end": f"{segment({'alg': 'HS256'})}.{segment(b'[' * 5000)}.x",
    "with a header without end": f"{segment({'alg': 'HS256', 'x': 'y' * 9000})}.{segment(good_payload())}.x",
    "of one part": "abc",
    "of two parts": "abc.def",
    "of many parts": "." * 200,
    "of no Base64": "ä.ö.ü",
    "of bytes that are no text": f"{segment(bytes([255, 254]))}.x.y",
    "that is JSON null": f"{segment(None)}.{segment(None)}.x",
}


@pytest.mark.parametrize("token", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_token_that_proves_nothing_is_refused(token: str) -> None:
    headers = {b"Authorization": f"Bearer {token}".encode("latin-1")}
    answer = client_of(JWTBearer(secret=SECRET)).get("/me", headers=headers)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith('Bearer error="invalid_token"')


VERIFIER = TokenVerifier(Claims, secret=SECRET)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=4,
)
HEADERS = st.dictionaries(
    st.sampled_from(["alg", "kid", "typ", "crit", "b64", "jwk", "zip"]), JSON | st.sampled_from(["HS256", "none", "JWT"])
)


def claims_of(token: str) -> Claims:
    """What a token says, read without an event loop: keys of our own wait for nothing."""
    with pytest.raises(StopIteration) as read:
        VERIFIER.verify(token).send(None)
    claims: Claims = read.value.value
    return claims


@given(st.text() | st.builds(lambda *parts: ".".join(segment(part) for part in parts), HEADERS, JSON, st.binary()))
def test_nothing_but_a_token_of_ours_is_taken(token: str) -> None:
    with pytest.raises(InvalidToken):
        claims_of(token)


@given(st.dictionaries(st.sampled_from(["sub", "exp", "iat", "nbf", "iss", "aud", "jti", "scope"]), JSON))
def test_odd_claims_of_a_maker_we_trust_are_refused_or_read(claims: dict[str, Any]) -> None:
    signed = jwt.api_jws.encode(json.dumps(claims).encode(), SECRET.encode(), "HS256")
    try:
        found = claims_of(signed)
    except InvalidToken:
        return
    assert (found.sub, found.exp) == (claims["sub"], claims["exp"])


def test_cve_2022_29217_a_public_key_is_no_secret() -> None:
    forged = f"{segment({'alg': 'HS256', 'typ': 'JWT'})}.{segment(good_payload())}"
    signature = hmac.new(RSA_PUBLIC.encode(), forged.encode(), hashlib.sha256).digest()
    client = client_of(JWTBearer(secret=RSA_PUBLIC, algorithm="RS256"))
    assert client.get("/me", headers=with_token(f"{forged}.{segment(signature)}")).status_code == 401
    with pytest.raises(ValueError, match="no key for HS256"):
        JWTBearer(secret=RSA_PUBLIC)


def test_a_weak_secret_is_refused_at_the_start() -> None:
    with pytest.raises(ValueError, match=r"32 bytes.*token_urlsafe"):
        JWTBearer(secret="secret")


@pytest.mark.parametrize("algorithm", ["none", "HS1", "RSA-OAEP"])
def test_unknown_algorithms_are_refused_at_the_start(algorithm: Any) -> None:
    with pytest.raises(ValueError, match="Write one of"):
        Key(SECRET, algorithm)


@pytest.mark.parametrize(
    ("algorithm", "private", "public"),
    [("RS256", RSA_PRIVATE, RSA_PUBLIC), ("PS256", RSA_PRIVATE, RSA_PUBLIC), ("ES256", EC_PRIVATE, EC_PUBLIC)],
)
def test_who_has_the_public_key_verifies(algorithm: Algorithm, private: str, public: str) -> None:
    token = create_access_token("ann", private, algorithm=algorithm)
    assert client_of(JWTBearer(secret=public, algorithm=algorithm)).get("/me", headers=with_token(token)).status_code == 200
    with pytest.raises(ValueError, match="signs nothing"):
        create_access_token("ann", public, algorithm=algorithm)


def test_audience_and_issuer_have_to_be_the_expected_ones() -> None:
    client = client_of(JWTBearer(secret=SECRET, audience="shop", issuer="login"))
    assert client.get("/me", headers=with_token(create_access_token("a", SECRET, audience="shop", issuer="login"))).status_code == 200
    assert client.get("/me", headers=with_token(create_access_token("a", SECRET, audience="bank", issuer="login"))).status_code == 401
    assert client.get("/me", headers=with_token(create_access_token("a", SECRET, audience="shop", issuer="me"))).status_code == 401
    assert client.get("/me", headers=with_token(create_access_token("a", SECRET))).status_code == 401


def test_scopes_that_are_missing_are_named() -> None:
    client = client_of(JWTBearer(secret=SECRET), ["items:read", "items:write"])
    token = create_access_token("ann", SECRET, scopes=["items:read"])
    answer = client.get("/me", headers=with_token(token))
    assert answer.status_code == 403
    assert answer.headers["www-authenticate"] == 'Bearer error="insufficient_scope", scope="items:read items:write"'
    enough = create_access_token("ann", SECRET, scopes=["items:write", "items:read"])
    assert client.get("/me", headers=with_token(enough)).status_code == 200


def test_without_auto_error_only_a_missing_token_is_let_pass() -> None:
    app = Faster()

    @app.get("/")
    async def read(claims: Claims | None = Depends(JWTBearer(secret=SECRET, auto_error=False))) -> str | None:
        return None if claims is None else claims.sub

    client = TestClient(app)
    assert client.get("/").json() is None
    assert client.get("/", headers=with_token(create_access_token("ann", SECRET))).json() == "ann"
    assert client.get("/", headers=with_token("no.good.token")).status_code == 401


class Tenant(Claims, kw_only=True):
    tenant: int


def test_claims_of_ones_own_are_checked() -> None:
    app = Faster()

    @app.get("/")
    async def read(claims: Tenant = Depends(JWTBearer(secret=SECRET, claims=Tenant))) -> int:
        return claims.tenant

    client = TestClient(app)
    assert client.get("/", headers=with_token(create_access_token("a", SECRET, extra_claims={"tenant": 7}))).json() == 7
    assert client.get("/", headers=with_token(create_access_token("a", SECRET, extra_claims={"tenant": "x"}))).status_code == 401
    assert client.get("/", headers=with_token(create_access_token("a", SECRET))).status_code == 401


def test_extra_claims_never_replace_what_the_token_says() -> None:
    with pytest.raises(ValueError, match="exp, sub"):
        create_access_token("ann", SECRET, extra_claims={"sub": "root", "exp": 0})


def test_keys_are_rotated_without_a_refusal() -> None:
    old, new = Key(OTHER, kid="old"), Key(SECRET, kid="new")
    before = create_access_token("ann", KeyRing([old]))
    client = client_of(JWTBearer(keys=KeyRing([new, old])))
    after = create_access_token("ann", KeyRing([new, old]))
    assert jwt.get_unverified_header(after)["kid"] == "new"
    assert [client.get("/me", headers=with_token(token)).status_code for token in (before, after)] == [200, 200]
    assert client_of(JWTBearer(keys=KeyRing([new]))).get("/me", headers=with_token(before)).status_code == 401


def test_the_key_set_holds_public_halves_alone() -> None:
    document = KeyRing([Key(EC_PRIVATE, "ES256", kid="a"), Key(RSA_PRIVATE, "RS256", kid="b")]).jwks()
    assert [(key["kid"], key["alg"], "d" in key) for key in document["keys"]] == [("a", "ES256", False), ("b", "RS256", False)]
    with pytest.raises(ValueError, match="no public half"):
        KeyRing([Key(SECRET)]).jwks()


def test_a_key_set_passes_over_what_it_does_not_know() -> None:
    known = Key(EC_PUBLIC, "ES256", kid="a").public_jwk()
    ring = KeyRing.from_jwks(json.dumps({"keys": [{"kty": "new"}, "odd", {**known, "kid": "b", "use": "enc"}, known]}))
    assert [key.kid for key in ring.keys] == ["a"]


def test_keys_never_show_in_logs() -> None:
    assert SECRET not in repr(Key(SECRET))


class Published:
    """A server of key sets, which can go away and come back at the same port."""

    def __init__(self) -> None:
        self.document: bytes = b""
        self.asked = 0
        self.port = 0

    @contextmanager
    def serving(self) -> Iterator[str]:
        published = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                published.asked += 1
                self.send_response(200)
                self.end_headers()
                self.wfile.write(published.document)

            def log_message(self, *_: object) -> None:
                pass

        server = HTTPServer(("127.0.0.1", self.port), Handler)
        self.port = server.server_port
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{self.port}/jwks.json"
        finally:
            server.shutdown()
            thread.join()
            server.server_close()


def jwks(*keys: Key) -> bytes:
    return json.dumps(KeyRing(keys).jwks()).encode()


FIRST, SECOND = Key(EC_PRIVATE, "ES256", kid="1"), Key(RSA_PRIVATE, "RS256", kid="2")


def test_keys_of_others_survive_their_absence_and_take_up_rotations() -> None:
    published = Published()
    published.document = jwks(FIRST)
    with published.serving() as url:
        client = client_of(JWTBearer(keys=RemoteKeys(url, cooldown=0, lifetime=0)))
        assert client.get("/me", headers=with_token(create_access_token("a", FIRST))).status_code == 200
    assert client.get("/me", headers=with_token(create_access_token("a", FIRST))).status_code == 200
    assert client.get("/me", headers=with_token(create_access_token("a", SECOND))).status_code == 401
    published.document = jwks(SECOND)
    with published.serving():
        assert client.get("/me", headers=with_token(create_access_token("a", SECOND))).status_code == 200
        assert client.get("/me", headers=with_token(create_access_token("a", FIRST))).status_code == 401


def test_without_any_keys_the_client_is_told_to_come_back() -> None:
    published = Published()
    with published.serving() as url:
        pass
    client = client_of(JWTBearer(keys=RemoteKeys(url, cooldown=0)))
    answer = client.get("/me", headers=with_token(create_access_token("a", FIRST)))
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    published.document = jwks(FIRST)
    with published.serving():
        assert client.get("/me", headers=with_token(create_access_token("a", FIRST))).status_code == 200


def test_unknown_keys_in_tokens_do_not_make_us_ask_without_end() -> None:
    published = Published()
    published.document = jwks(FIRST)
    with published.serving() as url:
        client = client_of(JWTBearer(keys=RemoteKeys(url)))
        for number in range(20):
            token = create_access_token("a", Key(EC_PRIVATE, "ES256", kid=f"made up {number}"))
            assert client.get("/me", headers=with_token(token)).status_code == 401
    assert published.asked == 1


@pytest.mark.parametrize("document", [b"", b"{}", b"[]", b'{"keys": 7}', b"[" * 100_000])
def test_a_key_set_that_is_none_is_no_key_set(document: bytes) -> None:
    published = Published()
    published.document = document
    with published.serving() as url:
        client = client_of(JWTBearer(keys=RemoteKeys(url)))
        assert client.get("/me", headers=with_token(create_access_token("a", FIRST))).status_code == 503


def test_secrets_of_others_are_not_taken() -> None:
    published = Published()
    published.document = json.dumps({"keys": [{"kty": "oct", "alg": "HS256", "k": segment(SECRET.encode())}]}).encode()
    with published.serving() as url:
        client = client_of(JWTBearer(keys=RemoteKeys(url)))
        assert client.get("/me", headers=with_token(create_access_token("a", SECRET))).status_code == 401


def test_keys_are_not_read_in_the_clear() -> None:
    with pytest.raises(ValueError, match="https://"):
        RemoteKeys("http://login.example.com/jwks.json")


def check_password(username: str, password: str) -> Grant | None:
    return Grant(subject=username, scopes=["read", "write"]) if password == "right" else None


async def check_password_in_the_loop(username: str, password: str) -> str | None:
    return username if password == "right" else None


def login_client() -> TestClient:
    app = Faster()
    tokens = RefreshTokens(Key(SECRET), MemoryRefreshStore())
    bearer = JWTBearer(secret=SECRET, token_url="token", scopes={"read": "Read"})

    @app.post("/token")
    async def login(form: OAuth2PasswordRequestForm = Depends()) -> JSONResponse:
        return await oauth2_password_token_response(form, secret=SECRET, authenticate=check_password, refresh_token=tokens.begin)

    @app.post("/plain")
    async def plain(form: OAuth2PasswordRequestForm = Depends()) -> JSONResponse:
        return await oauth2_password_token_response(form, secret=SECRET, authenticate=check_password_in_the_loop)

    @app.post("/refresh")
    async def refresh(refresh_token: Annotated[str, Form()]) -> AccessToken:
        return await tokens.refresh(refresh_token)

    @app.post("/revoke", status_code=204)
    async def revoke(token: Annotated[str, Form()]) -> None:
        await tokens.revoke(token)

    @app.get("/me")
    async def read_me(claims: Claims = Depends(bearer)) -> dict[str, Any]:
        return {"sub": claims.sub, "scopes": claims.scopes}

    return TestClient(app)


def log_in(client: TestClient, **fields: str) -> dict[str, Any]:
    answer = client.post("/token", data={"username": "ann", "password": "right", **fields})
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    given: dict[str, Any] = answer.json()
    return given


def test_a_password_gives_a_token() -> None:
    client = login_client()
    given = log_in(client)
    assert (given["token_type"], given["expires_in"], given["scope"]) == ("bearer", 3600, "read write")
    assert client.get("/me", headers=with_token(given["access_token"])).json() == {"sub": "ann", "scopes": ["read", "write"]}


def test_a_check_that_awaits_gives_a_token_without_scopes() -> None:
    answer = login_client().post("/plain", data={"username": "ann", "password": "right"})
    assert (answer.status_code, sorted(answer.json())) == (200, ["access_token", "expires_in", "token_type"])


@pytest.mark.parametrize("path", ["/token", "/plain"])
def test_a_wrong_password_is_an_invalid_grant(path: str) -> None:
    answer = login_client().post(path, data={"username": "ann", "password": "wrong"})
    assert (answer.status_code, answer.json()["error"], answer.headers["cache-control"]) == (400, "invalid_grant", "no-store")


def test_nobody_gets_more_scopes_than_granted() -> None:
    client = login_client()
    assert log_in(client, scope="read admin")["scope"] == "read"
    refused = client.post("/token", data={"username": "ann", "password": "right", "scope": "admin"})
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_scope")


def test_a_refresh_token_is_good_for_one_time_and_its_theft_ends_the_login() -> None:
    client = login_client()
    first = log_in(client)["refresh_token"]
    second = client.post("/refresh", data={"refresh_token": first}).json()
    assert client.get("/me", headers=with_token(second["access_token"])).json() == {"sub": "ann", "scopes": ["read", "write"]}
    assert client.post("/refresh", data={"refresh_token": first}).status_code == 401
    assert client.post("/refresh", data={"refresh_token": second["refresh_token"]}).status_code == 401


def test_refresh_and_access_tokens_are_not_taken_for_each_other() -> None:
    client = login_client()
    given = log_in(client)
    assert client.get("/me", headers=with_token(given["refresh_token"])).status_code == 401
    assert client.post("/refresh", data={"refresh_token": given["access_token"]}).status_code == 401


def test_a_revoked_login_is_over() -> None:
    client = login_client()
    given = log_in(client)["refresh_token"]
    assert client.post("/revoke", data={"token": "nonsense"}).status_code == 204
    assert client.post("/revoke", data={"token": given}).status_code == 204
    assert client.post("/refresh", data={"refresh_token": given}).status_code == 401


def test_the_pages_of_the_documentation_know_where_tokens_come_from() -> None:
    schemes = login_client().get("/openapi.json").json()["components"]["securitySchemes"]
    assert schemes["JWTBearer"] == {"type": "oauth2", "flows": {"password": {"scopes": {"read": "Read"}, "tokenUrl": "token"}}}


def test_websockets_are_asked_too() -> None:
    app = Faster()

    @app.websocket("/ws")
    async def echo(websocket: WebSocket, claims: Claims = Depends(JWTBearer(secret=SECRET))) -> None:
        await websocket.accept()
        await websocket.send_text(claims.sub)

    with TestClient(app).websocket_connect("/ws", headers=with_token(create_access_token("ann", SECRET))) as websocket:
        assert websocket.receive_text() == "ann"


def test_the_answer_has_the_names_of_oauth2() -> None:
    assert oauth2_access_token_json("x", expires_in=60) == {"access_token": "x", "token_type": "bearer", "expires_in": 60}
