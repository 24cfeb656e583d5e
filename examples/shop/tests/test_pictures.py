from __future__ import annotations

import httpx
import pytest

from fasterapi.testing import TestClient
from shop.pictures import FOLDER, LARGEST_PICTURE

PNG = b"\x89PNG\r\n\x1a\n and more"
WEBP = b"RIFF\x04\x00\x00\x00WEBP and more"


def send(shop: TestClient, admin: dict[str, str], content: bytes, name: str = "tea.png") -> httpx.Response:
    return shop.put("/products/1/picture", files={"file": (name, content, "text/html")}, headers=admin)


@pytest.mark.parametrize(("content", "media_type"), [(PNG, "image/png"), (b"\xff\xd8\xff\xe0", "image/jpeg"), (WEBP, "image/webp")])
def test_a_picture_is_shown_as_what_it_is(shop: TestClient, admin: dict[str, str], content: bytes, media_type: str) -> None:
    picture = shop.get(f"/pictures/{send(shop, admin, content).json()['picture']}")
    assert (picture.content, picture.headers["content-type"]) == (content, media_type)
    assert picture.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("name", ["../../evil.png", "/etc/passwd", "evil.html", "\x00", "a" * 500])
def test_what_a_client_calls_a_picture_does_not_count(shop: TestClient, admin: dict[str, str], name: str) -> None:
    kept = send(shop, admin, PNG, name).json()["picture"]
    assert (FOLDER / kept).read_bytes() == PNG
    assert kept.removesuffix(".png").isalnum()


def test_the_picture_before_is_gone(shop: TestClient, admin: dict[str, str]) -> None:
    first = send(shop, admin, PNG).json()["picture"]
    assert shop.get("/products/1").json()["picture"] == first
    second = send(shop, admin, WEBP).json()["picture"]
    assert shop.get("/products/1").json()["picture"] == second
    assert shop.get(f"/pictures/{first}").status_code == 404


def test_a_product_takes_its_picture_along(shop: TestClient, admin: dict[str, str]) -> None:
    kept = send(shop, admin, PNG).json()["picture"]
    shop.delete("/products/1", headers=admin)
    assert shop.get(f"/pictures/{kept}").status_code == 404


@pytest.mark.parametrize("content", [b"", b"<script>alert(1)</script>", b"GIF89a"])
def test_what_is_no_picture_is_refused(shop: TestClient, admin: dict[str, str], content: bytes) -> None:
    assert send(shop, admin, content).status_code == 415


def test_a_picture_that_is_too_large_is_refused(shop: TestClient, admin: dict[str, str]) -> None:
    assert send(shop, admin, PNG + bytes(LARGEST_PICTURE)).status_code == 413
