"""A client that is generated from the document speaks with the application."""

from __future__ import annotations

import enum
import importlib
import io
import json
import subprocess
import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any

import pytest
from msgspec import Meta, Struct

from fasterapi import Depends, Faster, Form, Header, HTTPException, UploadFile
from fasterapi.security import HTTPBearer
from tests.server.servers import Serving


class Kind(enum.Enum):
    SMALL = "small"
    LARGE = "large"


class Cup(Struct, tag="cup"):
    volume: float


class Pot(Struct, tag="pot"):
    has_lid: bool = True


class Order(Struct, rename="camel"):
    """What is bought."""

    order_number: Annotated[int, Meta(ge=1)]
    thing: Cup | Pot
    price: Decimal
    kind: Kind = Kind.SMALL
    notes: list[str] = []
    parent: Order | None = None


def make_app() -> Faster:
    app = Faster(title="Shop")

    @app.get("/orders/{number}", responses={404: {"model": dict[str, str]}})
    async def read_order(number: int, kind: Kind = Kind.SMALL, x_note: Annotated[str, Header()] = "none") -> Order:
        if number > 100:
            raise HTTPException(404, "There is no such order")
        return Order(number, Pot(), Decimal("1.50"), kind, [x_note])

    @app.post("/orders", status_code=201)
    async def create_order(order: Order) -> list[Order]:
        return [order, Order(order.order_number + 1, Cup(0.5), order.price, parent=order)]

    @app.post("/upload")
    async def upload(file: UploadFile, name: Annotated[str, Form()]) -> dict[str, int]:
        return {name: len(await file.read())}

    @app.get("/secret")
    async def secret(credentials: Annotated[Any, Depends(HTTPBearer())]) -> str:
        return str(credentials.credentials)

    return app


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The package `shop_client`, generated without a warning."""
    folder = tmp_path_factory.mktemp("generated")
    document, config = folder / "openapi.json", folder / "config.json"
    document.write_text(json.dumps(make_app().openapi()))
    config.write_text(json.dumps({"post_hooks": []}))
    command = [str(Path(sys.executable).with_name("openapi-python-client")), "generate", "--fail-on-warning", "--meta", "none"]
    options = ["--path", str(document), "--config", str(config), "--output-path", str(folder / "shop_client")]
    run = subprocess.run([*command, *options], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
    sys.path.insert(0, str(folder))
    yield
    sys.path.remove(str(folder))


@pytest.fixture(scope="module")
def shop() -> Iterator[str]:
    with Serving(make_app()) as serving:
        yield f"http://127.0.0.1:{serving.listener.getsockname()[1]}"


def operation(name: str) -> Any:
    return importlib.import_module(f"shop_client.api.default.{name}")


@pytest.fixture
def models(generated: None) -> Any:
    return importlib.import_module("shop_client.models")


@pytest.fixture
def client(generated: None, shop: str) -> Iterator[Any]:
    with importlib.import_module("shop_client").Client(shop) as opened:
        yield opened


def test_parameters_and_models(client: Any, models: Any) -> None:
    order = operation("read_order_orders_number_get").sync(7, client=client, kind=models.Kind.LARGE, x_note="quick")
    assert (order.order_number, order.kind, order.notes, order.price) == (7, models.Kind.LARGE, ["quick"], "1.50")
    assert isinstance(order.thing, models.Pot)


def test_a_body_and_a_list(client: Any, models: Any) -> None:
    given = models.OrderInput(order_number=1, thing=models.Cup(type_="cup", volume=0.25), price=2.5)
    first, second = operation("create_order_orders_post").sync(client=client, body=given)
    assert (first.thing.volume, second.order_number, second.parent.price) == (0.25, 2, "2.5")


def test_faults_and_other_answers(client: Any, models: Any) -> None:
    missing = operation("read_order_orders_number_get").sync_detailed(101, client=client)
    assert (missing.status_code, missing.parsed.to_dict()) == (404, {"detail": "There is no such order"})
    wrong = models.OrderInput(order_number=0, thing=models.Pot(type_="pot"), price="much")
    faults = operation("create_order_orders_post").sync(client=client, body=wrong)
    assert [fault.loc for fault in faults.detail] == [["body", "orderNumber"], ["body", "price"]]


def test_a_file(client: Any, models: Any) -> None:
    types = importlib.import_module("shop_client.types")
    body = models.BodyUploadUploadPost(file=types.File(payload=io.BytesIO(b"content"), file_name="a.txt"), name="size")
    assert operation("upload_upload_post").sync(client=client, body=body).to_dict() == {"size": 7}


def test_a_secret(generated: None, shop: str) -> None:
    with importlib.import_module("shop_client").AuthenticatedClient(shop, token="mine") as client:
        assert operation("secret_secret_get").sync(client=client) == "mine"
