"""The examples of docs/files.md do what the page says."""

from __future__ import annotations

import re
from pathlib import Path
from types import ModuleType

import pytest

from fasterapi.testing import TestClient
from tests.checkouts import CHECKOUT

PAGE = CHECKOUT / "docs" / "files.md"
EXAMPLES = re.findall(r"```python\n(from .*?)```", PAGE.read_text(), re.DOTALL)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory with the files that the examples speak of."""
    monkeypatch.chdir(tmp_path)
    for name, content in {
        "reports/2026.pdf": "%PDF",
        "static/app.css": "css",
        "static/index.html": "<p>page",
        "templates/item.html": "<a href=\"{{ url_for('read_item', item_id=7) }}\">{{ item_id }}",
    }.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(content)
    return tmp_path


def example(index: int) -> ModuleType:
    """The module that an example of the page is."""
    module = ModuleType("example")
    exec(compile(EXAMPLES[index], f"{PAGE}, example {index}", "exec", dont_inherit=True), vars(module))
    return module


def test_there_are_four_examples() -> None:
    assert len(EXAMPLES) == 4


def test_one_file(here: Path) -> None:
    answer = TestClient(example(0).app).get("/report")
    assert (answer.text, answer.headers["content-disposition"]) == ("%PDF", 'attachment; filename="Report 2026.pdf"')


def test_a_directory(here: Path) -> None:
    assert TestClient(example(1).app).get("/static/app.css").text == "css"


def test_a_single_page(here: Path) -> None:
    client = TestClient(example(2).SinglePage(directory="static"))
    assert [client.get(path).text for path in ("/app.css", "/some/route")] == ["css", "<p>page"]
    assert client.get("/some/route").headers["cache-control"] == "max-age=3600"


def test_templates(here: Path) -> None:
    answer = TestClient(example(3).app).get("/items/5")
    assert answer.text == '<a href="http://testserver/items/7">5'
