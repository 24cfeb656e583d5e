"""What the page about WebSockets shows can be run."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from fasterapi.testing import TestClient
from tests.checkouts import CHECKOUT
from tests.routing.websocket_conversations import converse

EXAMPLES = re.findall(r"```python\n(.*?)```", Path(CHECKOUT, "docs", "websockets.md").read_text(), re.DOTALL)


def run(index: int, monkeypatch: pytest.MonkeyPatch) -> Any:
    """An example as the module that it would be."""
    module = ModuleType(f"websocket_example_{index}")
    monkeypatch.setitem(sys.modules, module.__name__, module)
    exec(compile(EXAMPLES[index], f"docs/websockets.md, example {index}", "exec"), vars(module))
    return module


def test_chat(monkeypatch: pytest.MonkeyPatch) -> None:
    client = TestClient(run(0, monkeypatch).app)
    script = [("send_text", "hello"), ("receive_json",)]
    assert converse(client, "/rooms/x?token=secret", script)[1] == {"room": "x", "user": "ann", "text": "hello"}
    assert converse(client, "/rooms/x", script) == [("closed", 1008, "who are you?")]


def test_orders(monkeypatch: pytest.MonkeyPatch) -> None:
    script = [("send_json", {"item": "pen", "count": "2"}), ("receive_json",), ("send_json", {"item": "pen"}), ("receive_json",)]
    _, order, faults = converse(TestClient(run(1, monkeypatch).app), "/orders", script)
    assert order == {"item": "pen", "count": 2}
    assert [fault["loc"] for fault in faults["faults"]] == [["message", "count"]]


def test_origins(monkeypatch: pytest.MonkeyPatch) -> None:
    client = TestClient(run(2, monkeypatch).app)
    assert converse(client, "/account", [], headers={"origin": "https://example.com"})[0][0] == "accepted"
    assert converse(client, "/account", [])[0][:2] == ("denied", 403)


def test_echo(monkeypatch: pytest.MonkeyPatch) -> None:
    run(3, monkeypatch).test_echo()


def test_every_example_is_tried() -> None:
    assert len(EXAMPLES) == 4
