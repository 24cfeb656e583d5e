from __future__ import annotations

import pytest

from fasterapi.testing import TestClient

POT = {"name": "Pot", "cents": 2900, "stock": 5}


def names(shop: TestClient, **query: str | int) -> list[str]:
    return [product["name"] for product in shop.get("/products", params=query).json()]


def test_everybody_sees_what_is_sold(shop: TestClient) -> None:
    assert names(shop) == ["Tea", "Coffee", "Cup"]
    assert shop.get("/products/1").json() == {"id": 1, "name": "Tea", "cents": 450, "stock": 20, "picture": None}


def test_products_are_found_by_a_part_of_their_names(shop: TestClient) -> None:
    assert names(shop, search="cU") == ["Cup"]
    assert names(shop, search="%") == []


def test_products_are_listed_page_by_page(shop: TestClient) -> None:
    assert names(shop, limit=2) == ["Tea", "Coffee"]
    assert names(shop, limit=2, after=2) == ["Cup"]


def test_answers_are_kept_until_something_changes(shop: TestClient, admin: dict[str, str]) -> None:
    assert ["hit" in shop.get("/products").headers["cache-status"] for _ in range(2)] == [False, True]
    shop.post("/products", json=POT, headers=admin)
    assert names(shop) == ["Tea", "Coffee", "Cup", "Pot"]


def test_a_product_is_added_changed_and_deleted(shop: TestClient, admin: dict[str, str]) -> None:
    added = shop.post("/products", json=POT, headers=admin)
    assert added.status_code == 201
    path = f"/products/{added.json()['id']}"
    assert shop.put(path, json={**POT, "cents": 3100}, headers=admin).json()["cents"] == 3100
    assert shop.delete(path, headers=admin).status_code == 204
    assert shop.get(path).status_code == 404


@pytest.mark.parametrize(
    "path", ["/x", "/0", "/-1", f"/{2**31}", f"/{10**30}", "/%00", "?search=%00", "?search=", f"?after={2**63}", "?limit=0"]
)
def test_what_makes_no_sense_is_refused(shop: TestClient, path: str) -> None:
    assert shop.get(f"/products{path}").status_code == 422


@pytest.mark.parametrize("wrong", [{"name": "a\x00"}, {"name": ""}, {"cents": -1}, {"stock": 1.5}, {"stock": 10**9}])
def test_a_product_that_makes_no_sense_is_refused(shop: TestClient, admin: dict[str, str], wrong: dict[str, object]) -> None:
    assert shop.post("/products", json={**POT, **wrong}, headers=admin).status_code == 422


def test_buyers_change_nothing(shop: TestClient, ann: dict[str, str]) -> None:
    assert shop.post("/products", json=POT).status_code == 401
    assert shop.post("/products", json=POT, headers=ann).status_code == 403
    assert shop.delete("/products/1", headers=ann).status_code == 403
    assert shop.put("/products/1/picture", files={"file": b""}, headers=ann).status_code == 403
