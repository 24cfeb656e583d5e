"""The examples of docs/openapi.md run as they stand there."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from fasterapi import Faster
from fasterapi.openapi.assets import ASSETS
from fasterapi.testing import TestClient
from tests.checkouts import CHECKOUT

PAGE = Path(CHECKOUT, "docs", "openapi.md").read_text()
EXAMPLES = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)


def run(*examples: str) -> Any:
    namespace: dict[str, Any] = {"__name__": __name__}
    for example in examples:
        exec(compile(example, "docs/openapi.md", "exec", dont_inherit=True), namespace)
    return namespace["app"]


def test_the_first_example() -> None:
    item = run(EXAMPLES[0]).openapi()["components"]["schemas"]["Item"]
    assert item["properties"]["name"] == {"type": "string", "title": "Name", "maxLength": 80, "examples": ["cup"]}


def test_another_document() -> None:
    document = TestClient(run(EXAMPLES[0], EXAMPLES[1])).get("/openapi.json").json()
    assert document["info"] == {"title": "Shop", "version": "2.1.0", "x-logo": {"url": "/static/logo.png"}}


def test_names_of_functions() -> None:
    app: Faster = run(EXAMPLES[0], EXAMPLES[2])

    @app.get("/")
    async def read() -> None: ...

    assert app.openapi()["paths"]["/"]["get"]["operationId"] == "read"


def test_the_versions_of_the_pages() -> None:
    versions = {asset.file_name.rpartition(".")[0] for name, asset in ASSETS.items() if name.endswith(".js")}
    said = re.search(r"\(Swagger UI ([\d.]+), ReDoc ([\d.]+), Scalar ([\d.]+)\)", PAGE)
    assert said is not None
    assert {f"swagger-ui-{said[1]}", f"redoc-{said[2]}", f"scalar-{said[3]}"} <= versions


def test_a_page_of_ones_own() -> None:
    app: Faster = run(EXAMPLES[3])
    assert "/static/swagger-ui-bundle.js" in TestClient(app).get("/docs").text
