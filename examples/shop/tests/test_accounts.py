from __future__ import annotations

import pytest

from fasterapi.testing import TestClient
from shop.tests.conftest import log_in

ANN = {"name": "ann", "password": "correct horse"}
ANNS = {"username": "ann", "password": "correct horse"}


def test_who_opens_an_account_can_log_in(shop: TestClient) -> None:
    opened = shop.post("/accounts", json=ANN)
    assert (opened.status_code, opened.json()["name"]) == (201, "ann")
    assert shop.get("/me", headers=log_in(shop, "ann", "correct horse")).json() == opened.json()


def test_a_name_belongs_to_who_came_first(shop: TestClient) -> None:
    shop.post("/accounts", json=ANN)
    assert shop.post("/accounts", json=ANN).status_code == 409


@pytest.mark.parametrize("name", ["", "A", "ann\n", "../ann", "a" * 31])
def test_a_name_that_is_none_is_refused(shop: TestClient, name: str) -> None:
    assert shop.post("/accounts", json={"name": name, "password": "correct horse"}).status_code == 422


@pytest.mark.parametrize("username", ["ann", "nobody", "' OR 1=1 --", "\x00", "a" * 10_000])
def test_a_wrong_password_gives_nothing(shop: TestClient, ann: dict[str, str], username: str) -> None:
    assert shop.post("/token", data={"username": username, "password": "wrong"}).json()["error"] == "invalid_grant"


def test_who_guesses_gets_few_guesses(shop: TestClient) -> None:
    guesses = [shop.post("/token", data={"username": "admin", "password": str(guess)}).status_code for guess in range(11)]
    assert guesses == [400] * 10 + [429]


def test_a_refresh_token_is_good_for_one_time(shop: TestClient, ann: dict[str, str]) -> None:
    first = shop.post("/token", data=ANNS).json()["refresh_token"]
    second = shop.post("/token/refresh", data={"refresh_token": first}).json()
    assert shop.get("/me", headers={"Authorization": f"Bearer {second['access_token']}"}).status_code == 200
    assert shop.post("/token/refresh", data={"refresh_token": first}).status_code == 401
    assert shop.post("/token/refresh", data={"refresh_token": second["refresh_token"]}).status_code == 401


def test_who_has_logged_out_gets_no_further_token(shop: TestClient, ann: dict[str, str]) -> None:
    given = shop.post("/token", data=ANNS).json()["refresh_token"]
    assert shop.post("/token/revoke", data={"token": given}).status_code == 204
    assert shop.post("/token/refresh", data={"refresh_token": given}).status_code == 401
