from typing import Any, Final

import fastapi.security  # noqa: F401 - read off the framework below
import pytest

from fasterapi import Depends, Faster, Form
from fasterapi.security import OAuth2PasswordRequestForm
from fasterapi.testing import TestClient
from tests.side_by_side import SideBySide


def declare(framework: Any, app: Faster, log: list[Any]) -> None:
    lenient: Any = framework.security.OAuth2PasswordRequestForm
    strict: Any = framework.security.OAuth2PasswordRequestFormStrict

    @app.post("/lenient")
    async def read(form: lenient = framework.Depends()) -> Any:
        return vars(form)

    @app.post("/strict")
    async def read_strictly(form: strict = framework.Depends()) -> Any:
        return vars(form)


FORMS: Final[dict[str, dict[str, str]]] = {
    "nothing": {},
    "names only": {"username": "u", "password": "p"},
    "all": {
        "grant_type": "password",
        "username": "u",
        "password": "p",
        "scope": "items:read  users",
        "client_id": "c",
        "client_secret": "s",
    },
    "another grant": {"grant_type": "client_credentials", "username": "u", "password": "p"},
    "grant with more": {"grant_type": "passwords", "username": "u", "password": "p"},
    "no password": {"grant_type": "password", "username": "u"},
    "empty username": {"grant_type": "password", "username": "", "password": "p"},
    "empty scope": {"grant_type": "password", "username": "u", "password": "p", "scope": ""},
    "empty grant": {"grant_type": "", "username": "u", "password": "p"},
    "more than asked for": {"grant_type": "password", "username": "u", "password": "p", "extra": "e"},
}


@pytest.mark.parametrize("path", ["/lenient", "/strict"])
@pytest.mark.parametrize("case", FORMS)
def test_as_fastapi(path: str, case: str) -> None:
    SideBySide(declare).post(path, data=FORMS[case])


@pytest.mark.parametrize("path", ["/lenient", "/strict"])
def test_a_request_without_a_body_as_fastapi(path: str) -> None:
    SideBySide(declare).post(path)


def test_scopes_are_split_at_spaces() -> None:
    assert OAuth2PasswordRequestForm(username="u", password="p", scope="items:read  users").scopes == ["items:read", "users"]


def test_a_subclass_adds_fields() -> None:
    class FormWithCode(OAuth2PasswordRequestForm):
        def __init__(self, username: str = Form(), password: str = Form(), code: int = Form()) -> None:
            super().__init__(username=username, password=password)
            self.code = code

    app = Faster()

    async def login(form: FormWithCode = Depends(FormWithCode)) -> list[object]:
        return [form.username, form.code]

    app.post("/token")(login)
    assert TestClient(app).post("/token", data={"username": "u", "password": "p", "code": "7"}).json() == ["u", 7]
