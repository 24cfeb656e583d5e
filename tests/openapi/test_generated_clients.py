"""A Python client that is generated from the document speaks with the application."""

from __future__ import annotations

import datetime as dt
import importlib
import io
import json
import re
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from tests.openapi.warehouse import KEY, PASSWORD, TOKEN, app
from tests.server.servers import Serving

LIMITS: Final = {
    "GET /parameters/headers": "list[str] | None | Unset is not allowed in header",
    "GET /answers/lines": "Unsupported content_type application/jsonl",
}
"""What the generator has no words for, whoever wrote the document."""


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The package `warehouse_client`, and what its generator said."""
    folder = tmp_path_factory.mktemp("generated")
    document, config = folder / "openapi.json", folder / "config.json"
    document.write_text(json.dumps(app.openapi()))
    config.write_text(json.dumps({"post_hooks": []}))
    command = [str(Path(sys.executable).with_name("openapi-python-client")), "generate", "--meta", "none"]
    options = ["--path", str(document), "--config", str(config), "--output-path", str(folder / "warehouse_client")]
    run = subprocess.run([*command, *options], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
    sys.path.insert(0, str(folder))
    yield run.stdout + run.stderr
    sys.path.remove(str(folder))


@pytest.fixture(scope="module")
def base() -> Iterator[str]:
    with Serving(app) as serving:
        yield f"http://127.0.0.1:{serving.listener.getsockname()[1]}"


@pytest.fixture
def client(generated: str, base: str) -> Iterator[Any]:
    with importlib.import_module("warehouse_client").Client(base) as opened:
        yield opened


@pytest.fixture
def models(generated: str) -> Any:
    return importlib.import_module("warehouse_client.models")


def operation(path: str) -> Any:
    return importlib.import_module(f"warehouse_client.api.{path}")


def test_everything_is_generated_but_what_the_generator_cannot(generated: str) -> None:
    warnings = re.findall(r"^WARNING parsing (\S+ \S+) within [^\n]*\n\n([^\n]*)", generated, re.MULTILINE)
    assert [place for place, _ in warnings] == list(LIMITS)
    assert [place for place, text in warnings if LIMITS[place] not in text] == []
    assert "Unable to process schema" not in generated


def test_items_are_made_read_replaced_and_deleted(client: Any, models: Any) -> None:
    new = models.Item(name="cup", packing=models.Box(type_="box", width=0.25), arrived=dt.date(2026, 1, 2), tags=["hot"])
    made = operation("items.create_item").sync(client=client, body=new)
    assert (made.packing.width, made.packing.height, made.arrived, made.size) == (0.25, 1.0, dt.date(2026, 1, 2), models.Size.SMALL)
    assert operation("items.read_item").sync(made.number, client=client) == made
    other = models.Item(name="tea", packing=models.Barrel(type_="barrel", litres=5), grade=models.Grade.VALUE_2, tags=["cold"])
    replaced = operation("items.replace_item").sync(made.number, client=client, body=other)
    assert (replaced.number, replaced.packing.litres, replaced.grade) == (made.number, 5, models.Grade.VALUE_2)
    assert operation("items.list_items").sync(client=client, tags=["cold"]).items == [replaced]
    assert operation("items.delete_item").sync_detailed(made.number, client=client).status_code == 204
    assert operation("items.read_item").sync(made.number, client=client).detail == f"there is no item {made.number}"


def test_faults_are_parsed(client: Any, models: Any) -> None:
    wrong = models.Item(name="", packing=models.Barrel(type_="barrel", litres=0))
    faults = operation("items.create_item").sync(client=client, body=wrong)
    assert [fault.loc for fault in faults.detail] == [["body", "name"], ["body", "packing", "barrel", "litres"]]


def test_parameters_of_the_query(client: Any, models: Any) -> None:
    identity = uuid.uuid4()
    options = {"some_text": "ab", "many": [1, 2], "size": models.Size.LARGE, "day": dt.date(2026, 1, 2), "identity": identity}
    told = operation("parameters.query").sync(client=client, needed=3, **options)
    day = {"day": "2026-01-02", "identity": str(identity)}
    assert told.to_dict() == {"needed": 3, "text": "ab", "many": [1, 2], "size": "large", "word": "one", **day}


def test_parameters_of_the_path(client: Any, models: Any) -> None:
    identity = uuid.uuid4()
    told = operation("parameters.path").sync(5, models.Size.SMALL, identity, "last", client=client)
    assert told.to_dict() == {"number": "5", "size": "small", "identity": str(identity), "rest": "last"}


def test_a_model_within_itself_and_other_names(client: Any, models: Any) -> None:
    given = models.Part(part_name="wheel", made_of=[models.Part(part_name="spoke", weight_in_grams=5)])
    told = operation("bodies.echo_part").sync(client=client, body=given)
    assert (told.part_name, told.made_of[0].weight_in_grams, told.made_of[0].made_of) == ("wheel", 5, [])


def test_amounts_come_in_as_numbers_and_go_out_as_texts(client: Any, models: Any) -> None:
    told = operation("bodies.echo_invoice").sync(client=client, body=models.InvoiceInput(total=2.5, lines=["1.50"]))
    assert (told.total, told.lines) == ("2.5", ["1.50"])


def test_dates_and_identities(client: Any, models: Any) -> None:
    order = models.Order(number=uuid.uuid4(), at=dt.datetime(2026, 1, 2, 3, tzinfo=dt.UTC), places=[[1, "a"]], lasts="PT1H")
    told = operation("bodies.echo_order").sync(client=client, body=order)
    assert (told.number, told.at, told.places, told.lasts) == (order.number, order.at, [[1, "a"]], "PT1H")


def test_forms_and_files(client: Any, models: Any) -> None:
    told = operation("forms.fields").sync(client=client, body=models.BodyFields(name="ann", count=2, flags=[True, False]))
    assert told.to_dict() == {"length": 3, "count": 2, "flags": 2}
    types = importlib.import_module("warehouse_client.types")
    files = [types.File(payload=io.BytesIO(b"content"), file_name=f"{number}.txt") for number in range(3)]
    told = operation("forms.files").sync(client=client, body=models.BodyFiles(label="one", file=files[0], others=files[1:]))
    assert told.to_dict() == {"label": 3, "file": 7, "others": 2}


def test_who_is_known_is_answered(generated: str, models: Any, base: str) -> None:
    package = importlib.import_module("warehouse_client")
    with package.AuthenticatedClient(base, token=TOKEN) as client:
        assert operation("guarded.ask_by_token").sync(client=client) == "known"
        assert operation("guarded.ask_by_password").sync(client=client) == "known"
    with package.AuthenticatedClient(base, token=KEY, auth_header_name="X-Key", prefix="") as client:
        assert operation("guarded.ask_by_key").sync(client=client) == "known"
    with package.Client(base) as client:
        told = operation("guarded.sign_in").sync(client=client, body=models.BodySignIn(username="ann", password=PASSWORD))
        assert told.to_dict() == {"access_token": TOKEN, "token_type": "bearer"}
