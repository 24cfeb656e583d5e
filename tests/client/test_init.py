"""Importing the client: what it needs, and what it does not bring along."""

from __future__ import annotations

import subprocess
import sys


def run(program: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)


def test_the_command_line_of_httpx_stays_out() -> None:
    answer = run("import fasterapi.client, sys; print(sorted({'httpx', 'websockets', 'pydantic', 'rich'} & sys.modules.keys()))")
    assert answer.stdout == "[]\n", answer.stderr


def test_what_is_missing_is_named() -> None:
    answer = run(
        "import importlib.util as util\n"
        "find = util.find_spec\n"
        "util.find_spec = lambda name, package=None: None if name == 'httpcore' else find(name, package)\n"
        "import fasterapi.client"
    )
    assert answer.stderr.endswith("pip install 'fasterapi-framework[client]'.\n")


def test_names_that_are_not_there_are_errors() -> None:
    answer = run("import fasterapi.client\nprint(fasterapi.client.HttpxTransport.__name__)\nfasterapi.client.nothing")
    assert answer.stdout == "HttpxTransport\n"
    assert "no attribute 'nothing'" in answer.stderr
