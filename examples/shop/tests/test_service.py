from __future__ import annotations

from fasterapi.testing import TestClient


def test_the_landing_page_says_where_the_documentation_is(shop: TestClient) -> None:
    assert '<a href="/docs">' in shop.get("/").text
    assert shop.get("/docs").status_code == 200


def test_it_is_ready(shop: TestClient) -> None:
    assert shop.get("/readyz").json() == {"status": "ok", "checks": {"database": "ok", "redis": "ok"}}


def test_requests_are_counted_by_their_routes(shop: TestClient) -> None:
    shop.get("/products/3")
    assert 'http_requests_total{method="GET",route="/products/{product_id}",status="200"}' in shop.get("/metrics").text


def test_every_answer_has_the_id_of_its_request(shop: TestClient) -> None:
    assert shop.get("/products", headers={"X-Request-ID": "mine"}).headers["x-request-id"] == "mine"


def test_every_client_has_so_many_requests(shop: TestClient) -> None:
    assert shop.get("/").headers["ratelimit-limit"] == "600"
