from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from fasterapi.cli.main import main

# Without routes there is nothing for a type checker to do, so that none is started.
EMPTY: Final = "from fasterapi import Faster\napp = Faster()\n"


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command line as users do: from their folder, which is not otherwise on the path of their imports."""
    return subprocess.run([sys.executable, "-m", "fasterapi", *arguments], cwd=folder, capture_output=True, text=True, check=False)


def test_a_clean_application_ends_with_0(tmp_path: Path) -> None:
    (tmp_path / "main.py").write_text(EMPTY)
    answer = run(tmp_path, "check", "main:app")
    assert (answer.returncode, answer.stdout, answer.stderr) == (0, "no mistakes in 0 routes, by mypy\n", "")


def test_mistakes_end_with_1(tmp_path: Path) -> None:
    (tmp_path / "main.py").write_text(EMPTY + '@app.get("/")\ndef read(*args): ...\n')
    answer = run(tmp_path, "check", "main:app")
    assert (answer.returncode, answer.stderr) == (1, "")
    assert answer.stdout.splitlines()[-1] == "1 mistake in 1 route"


def test_what_cannot_be_imported_ends_with_2_and_one_line(tmp_path: Path) -> None:
    (tmp_path / "main.py").write_text("raise ValueError('told')\n")
    answer = run(tmp_path, "check", "main:app")
    assert (answer.returncode, answer.stdout) == (2, "")
    assert answer.stderr == "fasterapi check: main cannot be imported: ValueError: told. Run with --traceback to see where.\n"


def test_what_cannot_start_ends_with_2_and_one_line(tmp_path: Path) -> None:
    (tmp_path / "main.py").write_text(
        "from fasterapi import Faster\nclass Failing(Faster):\n    def compile(self):\n        raise ValueError('told')\napp = Failing()\n"
    )
    answer = run(tmp_path, "check", "main:app")
    assert (answer.returncode, answer.stdout) == (2, "")
    assert answer.stderr == "fasterapi check: main:app cannot start: ValueError: told. Run with --traceback to see where.\n"


def test_the_traceback_is_shown_on_demand(tmp_path: Path) -> None:
    (tmp_path / "main.py").write_text("raise ValueError('told')\n")
    answer = run(tmp_path, "check", "main:app", "--traceback")
    assert answer.returncode == 2
    assert "main.py" in answer.stderr
    assert "Traceback (most recent call last)" in answer.stderr


@pytest.mark.parametrize("arguments", [[], ["check"], ["check", "main:app", "--checker", "other"], ["unknown"]])
def test_a_command_that_is_written_wrongly_ends_with_2(capsys: pytest.CaptureFixture[str], arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert capsys.readouterr().err.startswith("usage: fasterapi")
