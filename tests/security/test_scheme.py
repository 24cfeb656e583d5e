"""What users do with schemes: subclass them, override a part, ask them by hand."""

import gc
import weakref

import pytest

from fasterapi import Depends, Faster, HTTPException, Security
from fasterapi.http.connection import HTTPConnection
from fasterapi.http.exchange import Exchange
from fasterapi.http.request import Request
from fasterapi.security import APIKeyHeader, HTTPBearer, OAuth2PasswordBearer, SecurityScheme, SecurityScopes
from fasterapi.testing import TestClient

ABC = {"authorization": "Bearer abc"}


class Loud(OAuth2PasswordBearer[str]):
    async def __call__(self, request: HTTPConnection) -> str:
        return (await super().__call__(request)).upper()


class FromCookie(OAuth2PasswordBearer):
    async def __call__(self, request: Request) -> str | None:  # type: ignore[override]  # as FastAPI's users write it
        return request.cookies.get("token") or await super().__call__(request)


class Forbidding(HTTPBearer):
    def make_not_authenticated_error(self) -> HTTPException:
        return HTTPException(403, "Keep out")


class Reversed(APIKeyHeader):
    def credentials(self, exchange: Exchange) -> object:
        return str(super().credentials(exchange))[::-1]


class SignedRequest(SecurityScheme):
    def __init__(self) -> None:
        super().__init__({"type": "apiKey", "in": "header", "name": "X-Signature"}, "Signature")

    async def __call__(self, request: HTTPConnection) -> str:
        signature = request.headers.get("X-Signature")
        if signature is None:
            raise self.make_not_authenticated_error()
        return signature


def client_of(scheme: SecurityScheme) -> TestClient:
    app = Faster()

    async def handler(found: object = Depends(scheme)) -> object:
        return found

    app.get("/")(handler)
    return TestClient(app)


def connection(headers: dict[str, str]) -> HTTPConnection:
    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    return HTTPConnection({"type": "http", "method": "GET", "path": "/", "query_string": b"", "headers": raw})


def test_an_overridden_call_goes_on_to_the_one_of_the_scheme() -> None:
    assert client_of(Loud("token")).get("/", headers=ABC).json() == "ABC"


def test_a_refusal_passes_through_an_overridden_call() -> None:
    assert client_of(Loud("token")).get("/").status_code == 401


def test_an_overridden_call_may_ask_for_the_request() -> None:
    assert client_of(FromCookie("token")).get("/", headers={"cookie": "token=xyz"}).json() == "xyz"


def test_an_overridden_refusal_is_the_answer() -> None:
    answer = client_of(Forbidding()).get("/")
    assert (answer.status_code, answer.json(), answer.headers.get("www-authenticate")) == (403, {"detail": "Keep out"}, None)


def test_overridden_credentials_are_what_the_handler_gets() -> None:
    assert client_of(Reversed(name="x-key")).get("/", headers={"x-key": "abc"}).json() == "cba"


@pytest.mark.parametrize(("headers", "status", "body"), [({"x-signature": "s"}, 200, "s"), ({}, 401, {"detail": "Not authenticated"})])
def test_a_scheme_of_ones_own(headers: dict[str, str], status: int, body: object) -> None:
    answer = client_of(SignedRequest()).get("/", headers=headers)
    assert (answer.status_code, answer.json()) == (status, body)


@pytest.mark.parametrize("scheme", [OAuth2PasswordBearer("token"), Forbidding(), Reversed(name="x-key")])
def test_a_scheme_that_inherits_its_call_is_not_overridden(scheme: SecurityScheme) -> None:
    assert not scheme.is_overridden()


@pytest.mark.parametrize("scheme", [Loud("token"), FromCookie("token"), SignedRequest()])
def test_a_scheme_with_its_own_call_is_overridden(scheme: SecurityScheme) -> None:
    assert scheme.is_overridden()


async def test_a_scheme_can_be_asked_by_hand() -> None:
    assert await OAuth2PasswordBearer("token")(connection(ABC)) == "abc"


async def test_a_scheme_asked_by_hand_raises_its_refusal() -> None:
    with pytest.raises(HTTPException, match="Not authenticated") as raised:
        await OAuth2PasswordBearer("token")(connection({}))
    assert raised.value.headers == {"WWW-Authenticate": "Bearer"}


def test_a_scheme_has_the_name_of_its_class() -> None:
    assert [OAuth2PasswordBearer("token").scheme_name, Loud("token").scheme_name] == ["OAuth2PasswordBearer", "Loud"]


def test_a_scheme_can_have_another_name() -> None:
    assert OAuth2PasswordBearer("token", "own accounts").scheme_name == "own accounts"


def test_a_description_leaves_the_given_model_as_it_was() -> None:
    model = SignedRequest().model
    SecurityScheme(model, "Signature", description="Signed")
    assert "description" not in model


def test_an_override_stands_in_for_a_scheme() -> None:
    scheme, app = OAuth2PasswordBearer("token"), Faster()

    async def handler(token: str = Depends(scheme)) -> str:
        return token

    app.get("/")(handler)
    app.dependency_overrides[scheme] = lambda: "of the test"
    assert TestClient(app).get("/").json() == "of the test"


def test_scopes_stand_beside_a_scheme() -> None:
    scheme, app = OAuth2PasswordBearer("token"), Faster()

    async def user(scopes: SecurityScopes, token: str = Depends(scheme)) -> list[str]:
        return [token, scopes.scope_str]

    async def handler(user: list[str] = Security(user, scopes=["items", "me"])) -> list[str]:
        return user

    app.get("/")(handler)
    assert TestClient(app).get("/", headers=ABC).json() == ["abc", "items me"]


def test_a_weak_reference_to_a_scheme_ends_with_it() -> None:
    scheme = OAuth2PasswordBearer("token")
    reference = weakref.ref(scheme)
    del scheme
    gc.collect()
    assert reference() is None
