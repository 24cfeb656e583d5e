from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from fasterapi.cli.main import COMMANDS, main
from tests.cli.projects import COMMAND


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_asks_the_command(capsys: pytest.CaptureFixture[str], shell: str) -> None:
    assert main(["completion", shell]) == 0
    assert f"_FASTERAPI_COMPLETE={shell}_complete" in capsys.readouterr().out


def complete(folder: Path, words: str, index: int) -> list[str]:
    """What the shell is told, by the protocol of the script."""
    environment = {**os.environ, "_FASTERAPI_COMPLETE": "bash_complete", "COMP_WORDS": words, "COMP_CWORD": str(index)}
    answer = subprocess.run(COMMAND, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    return [line.partition(",")[2] for line in answer.stdout.splitlines()]


def test_commands_are_completed(folder: Path) -> None:
    assert complete(folder, "fasterapi ", 1) == list(COMMANDS)


def test_options_are_completed(folder: Path) -> None:
    assert complete(folder, "fasterapi run --ssl-ke", 2) == ["--ssl-keyfile", "--ssl-keyfile-password"]


def test_values_are_completed(folder: Path) -> None:
    assert complete(folder, "fasterapi routes --format j", 3) == ["json"]
