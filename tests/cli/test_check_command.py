from __future__ import annotations

from pathlib import Path

import pytest

from fasterapi.cli.main import main
from tests.cli.projects import write

# Without routes there is nothing for a type checker to do, so that none is started.
EMPTY = "from fasterapi import Faster\napp = Faster()\n"


def test_a_clean_application_ends_with_0(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(folder, {"main.py": EMPTY})
    assert main(["check", "main:app"]) == 0
    assert capsys.readouterr() == ("no mistakes in 0 routes, by mypy\n", "")


def test_the_application_is_found(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(folder, {"app/api.py": EMPTY})
    assert main(["check", "--checker", "pyright"]) == 0
    assert capsys.readouterr() == ("no mistakes in 0 routes, by pyright\n", "")


def test_mistakes_end_with_1(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(folder, {"main.py": EMPTY + '@app.get("/")\ndef read(*args): ...\n'})
    assert main(["check", "main:app"]) == 1
    told = capsys.readouterr()
    assert told.err == ""
    assert told.out.splitlines()[-1] == "1 mistake in 1 route"


def test_what_cannot_start_ends_with_2_and_one_line(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    failing = "class Failing(Faster):\n    def compile(self):\n        raise ValueError('told')\n"
    write(folder, {"main.py": f"from fasterapi import Faster\n{failing}app = Failing()\n"})
    assert main(["check", "main:app"]) == 2
    hint = "Run with --traceback to see where."
    assert capsys.readouterr() == ("", f"fasterapi check: main:app cannot start: ValueError: told. {hint}\n")


def test_a_factory_makes_the_application(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(folder, {"main.py": "from fasterapi import Faster\ndef create_app():\n    return Faster()\n"})
    assert main(["check", "--factory"]) == 0
    assert capsys.readouterr() == ("no mistakes in 0 routes, by mypy\n", "")


def test_a_factory_that_fails_is_told(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(folder, {"main.py": "def make():\n    return 1 / 0\n"})
    assert main(["check", "main:make", "--factory"]) == 2
    told = "fasterapi check: main:make makes no application: ZeroDivisionError: division by zero. Run with --traceback to see where.\n"
    assert capsys.readouterr() == ("", told)


def test_what_is_no_factory_is_told(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(folder, {"main.py": "make = 1\n"})
    assert main(["check", "main:make", "--factory"]) == 2
    told = "main:make is no function. Write the name of one that returns the application, or leave out --factory."
    assert capsys.readouterr() == ("", f"fasterapi check: {told}\n")
