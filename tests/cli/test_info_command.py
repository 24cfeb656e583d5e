from __future__ import annotations

import json
import os
import platform
import subprocess
from importlib.metadata import version
from pathlib import Path

import pytest

import fasterapi
from fasterapi.cli.main import main
from tests.cli.projects import COMMAND


def test_versions_and_build_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["info", "--format", "json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    told = (facts["fasterapi"], facts["build"].startswith("compiled"), facts["python"], facts["uvicorn"])
    assert told == (fasterapi.__version__, fasterapi.COMPILED, f"CPython {platform.python_version()}", version("uvicorn"))


def test_what_is_missing_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["info", "--format", "json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    missing = [name for name, fact in facts.items() if fact is None]
    assert main(["info"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split("  ")[0] for line in lines if line.endswith("  not installed")] == missing


def test_the_sources_of_a_compiled_package_are_told_apart(folder: Path) -> None:
    answer = subprocess.run(
        [*COMMAND, "info", "--format", "json"],
        cwd=folder,
        env={**os.environ, "FASTERAPI_PURE": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    wanted = "interpreted, because FASTERAPI_PURE is set" if fasterapi.COMPILED else "interpreted"
    assert json.loads(answer.stdout)["build"] == wanted
