"""schemathesis asks real servers whatever their documents allow, and what they do not: each answer is one that the document knows."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from fasterapi.cli.discovery import find_target
from fasterapi.cli.exits import CommandError
from tests.checkouts import CHECKOUT
from tests.cli.projects import Running, write

HERE: Final = Path(__file__).parent
EXAMPLES: Final = CHECKOUT / "examples"

ENDLESS: Final = "/events$"
"""Streams of events that go on until the client leaves."""

FAULTY: Final = """
from fasterapi import Faster, HTTPException, PlainTextResponse

app = Faster()

@app.get("/broken")
async def broken() -> int:
    return 1 // 0

@app.get("/undocumented")
async def undocumented() -> int:
    raise HTTPException(418)

@app.get("/other-type")
async def other_type() -> PlainTextResponse:
    return PlainTextResponse("no JSON")

@app.get("/other-schema", responses={200: {"model": int}})
async def other_schema() -> str:
    return "no number"
"""


def serving_examples() -> list[Path]:
    """The examples with an application in them."""
    return [path for path in sorted(EXAMPLES.glob("*.py")) if has_application(path)]


def has_application(path: Path) -> bool:
    try:
        return bool(find_target(str(path), EXAMPLES).name)
    except CommandError:
        return False


def findings(application: Path | str, folder: Path, *options: str) -> str:
    """What schemathesis finds in an application on a real server; both run in the folder."""
    environment = {name: value for name, value in os.environ.items() if name != "REDIS_URL"}
    environment |= {"DATABASE_URL": f"sqlite:///{folder}/notes.db", "SCHEMATHESIS_HOOKS": str(HERE / "schemathesis_hooks.py")}
    command = [str(Path(sys.executable).with_name("schemathesis")), "--config-file", str(HERE / "schemathesis.toml"), "run"]
    serve = ["run", str(application), "--host", "127.0.0.1", "--port", "0", "--no-access-log"]
    with Running(folder, *serve, environment=environment) as server:
        document = f"http://127.0.0.1:{server.port()}/openapi.json"
        all_options = ["--no-color", "--warnings", "off", "--exclude-path-regex", ENDLESS, *options]
        run = subprocess.run([*command, document, *all_options], cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert re.search(r"[1-9]\d* generated", run.stdout), run.stdout + run.stderr
    failures = re.search(r"= FAILURES =+\n(.*)\n=+ SUMMARY =", run.stdout, re.DOTALL)
    assert (failures is not None) == bool(run.returncode), run.stdout
    return "" if failures is None else failures[1]


@pytest.mark.parametrize("example", serving_examples(), ids=lambda path: path.stem)
def test_an_example_answers_as_its_document_says(example: Path, tmp_path: Path) -> None:
    assert findings(example, tmp_path, "--header", "x-key: secret") == ""


def test_a_wide_application_answers_as_its_document_says(tmp_path: Path) -> None:
    assert findings(HERE / "warehouse.py", tmp_path) == ""


def test_what_a_document_does_not_say_is_found(tmp_path: Path) -> None:
    write(tmp_path, {"main.py": FAULTY})
    found = set(re.findall(r"^- ST\d+ (.*)$", findings("main.py", tmp_path), re.MULTILINE))
    assert found >= {"Server error", "Undocumented status code", "Undocumented Content-Type", "Response violates schema"}
