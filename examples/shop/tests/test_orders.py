from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from fasterapi.testing import TestClient
from fasterapi.websocket import WebSocketDisconnect


def token_in(headers: dict[str, str]) -> str:
    return headers["Authorization"].removeprefix("Bearer ")


def test_an_order_takes_from_the_stock(shop: TestClient, ann: dict[str, str]) -> None:
    placed = shop.post("/orders", json={"product_id": 1, "quantity": 3}, headers=ann)
    assert placed.status_code == 201
    assert (placed.json()["product"], placed.json()["cents"]) == ("Tea", 1350)
    assert shop.get("/products/1").json()["stock"] == 17
    assert shop.get("/orders", headers=ann).json()[0]["placed_at"] == placed.json()["placed_at"]


@pytest.mark.parametrize("order", [{"product_id": 1, "quantity": 21}, {"product_id": 99}])
def test_what_is_not_there_cannot_be_ordered(shop: TestClient, ann: dict[str, str], order: dict[str, int]) -> None:
    assert shop.post("/orders", json=order, headers=ann).status_code == 409
    assert shop.get("/orders", headers=ann).json() == []


@pytest.mark.parametrize("order", [{"product_id": 1, "quantity": 0}, {"product_id": 1, "quantity": 101}, {"product_id": 2**31}, {}])
def test_an_order_that_makes_no_sense_is_refused(shop: TestClient, ann: dict[str, str], order: dict[str, int]) -> None:
    assert shop.post("/orders", json=order, headers=ann).status_code == 422


def test_the_last_piece_is_sold_once(shop: TestClient, ann: dict[str, str]) -> None:
    def buy(_: int) -> int:
        return shop.post("/orders", json={"product_id": 3, "quantity": 20}, headers=ann).status_code

    with ThreadPoolExecutor(4) as buyers:
        assert sorted(buyers.map(buy, range(4))) == [201, 409, 409, 409]


def test_orders_are_their_buyers_own(shop: TestClient, ann: dict[str, str], admin: dict[str, str]) -> None:
    shop.post("/orders", json={"product_id": 1}, headers=ann)
    assert shop.get("/orders", headers=admin).json() == []
    assert shop.get("/orders").status_code == 401


def test_a_buyer_is_told_when_an_order_is_confirmed(shop: TestClient, ann: dict[str, str]) -> None:
    with shop.websocket_connect("/notices") as notices:
        notices.send_text(token_in(ann))
        order = shop.post("/orders", json={"product_id": 1}, headers=ann).json()
        assert (order["status"], notices.receive_json()) == ("placed", {"order_id": order["id"], "status": "confirmed"})
    assert shop.get("/orders", headers=ann).json()[0]["status"] == "confirmed"


def test_who_connects_later_hears_the_last_notices(shop: TestClient, ann: dict[str, str]) -> None:
    for _ in range(2):
        order = shop.post("/orders", json={"product_id": 2}, headers=ann).json()
        with shop.websocket_connect("/notices") as notices:
            notices.send_text(token_in(ann))
            heard = [notices.receive_json()["order_id"] for _ in range(order["id"])]
        assert heard == list(range(1, order["id"] + 1))


def test_notices_are_for_who_says_who_it_is(shop: TestClient) -> None:
    with shop.websocket_connect("/notices") as notices:
        notices.send_text("nonsense")
        with pytest.raises(WebSocketDisconnect) as left:
            notices.receive_json()
    assert left.value.code == 1008
