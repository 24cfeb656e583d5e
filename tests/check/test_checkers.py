from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

import pytest

from fasterapi.cli.main import main
from tests.check.conftest import WriteModule

WRONG: Final = """\
from typing import Annotated
from fasterapi import Depends, Faster

app = Faster()
def text() -> str:
    return ""
@app.get("/")
def read(number: Annotated[int, Depends(text)]) -> None: ...
"""
MISTAKE: Final = "handler read: parameter 'number' takes int, its provider text ({place}) gives str"


def mistakes(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(["check", *arguments]) == 1
    return capsys.readouterr().out


@pytest.mark.parametrize("checker", ["mypy", "pyright"])
def test_no_configuration_hides_a_mistake(folder: Path, capsys: pytest.CaptureFixture[str], checker: str) -> None:
    (folder / "main.py").write_text(WRONG)
    (folder / "mypy.ini").write_text(
        "[mypy]\nstrict = True\nfollow_imports = skip\nignore_missing_imports = True\ndisable_error_code = arg-type\n"
        "disallow_any_expr = True\ndisallow_any_unimported = True\nwarn_unreachable = True\nenable_error_code = unused-awaitable\n"
    )
    (folder / "pyrightconfig.json").write_text('{"typeCheckingMode": "off", "include": ["nothing"], "exclude": ["**"], "strict": ["**"]}')
    assert MISTAKE.format(place="main.py:5") in mistakes(capsys, "main:app", "--checker", checker)


@pytest.mark.parametrize("checker", ["mypy", "pyright"])
def test_modules_are_found_wherever_they_were_imported_from(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, checker: str
) -> None:
    (folder / "src/store").mkdir(parents=True)
    (folder / "src/store/main.py").write_text(WRONG)
    monkeypatch.syspath_prepend(folder / "src")
    place = Path("src/store/main.py")
    told = mistakes(capsys, "store.main:app", "--checker", checker)
    assert told.startswith(f"{place}:8: {MISTAKE.format(place=f'{place}:5')}")


@pytest.mark.parametrize("checker", ["mypy", "pyright"])
def test_behind_a_provider_that_never_returns_mistakes_are_found(folder: Path, capsys: pytest.CaptureFixture[str], checker: str) -> None:
    never = "from typing import NoReturn\nasync def never() -> NoReturn:\n    raise ValueError\n"
    (folder / "main.py").write_text(never + WRONG.replace("read(", "read(nothing: Annotated[None, Depends(never)], "))
    assert MISTAKE.format(place="main.py:8") in mistakes(capsys, "main:app", "--checker", checker)


def refusal(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(["check", *arguments]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    return captured.err


def test_a_configuration_that_ignores_all_errors_is_told(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "main.py").write_text(WRONG)
    (folder / "mypy.ini").write_text("[mypy]\nignore_errors = True\n")
    assert "mypy says nothing of read (main.py:8), as if it was told to ignore all errors" in refusal(capsys, "main:app")


def test_a_configuration_that_mypy_does_not_take_is_told(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "main.py").write_text(WRONG)
    (folder / "mypy.ini").write_text("[mypy]\nplugins = no_such_plugin\n")
    told = refusal(capsys, "main:app")
    assert told.startswith("fasterapi check: mypy could not read the application: ")
    assert "no_such_plugin" in told


def test_what_mypy_cannot_import_is_told(folder: Path, capsys: pytest.CaptureFixture[str], write_module: WriteModule) -> None:
    module = write_module("vanishing", WRONG)
    (folder / "vanishing.py").unlink()
    (folder / "main.py").write_text("from vanishing import app\n")
    assert module.app is not None
    assert "vanishing" in refusal(capsys, "main:app")


def environment_without_packages(folder: Path) -> str:
    """An interpreter that finds this one's standard library and nothing else."""
    script = folder / "bin" / "python"
    script.parent.mkdir()
    script.write_text(f'#!/bin/sh\nexec "{sys.executable}" -I -S "$@"\n')
    script.chmod(0o755)
    return str(script)


def test_a_missing_mypy_is_told_with_what_to_do(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "main.py").write_text(WRONG)
    python = environment_without_packages(folder)
    told = refusal(capsys, "main:app", "--python-executable", python)
    assert told == f"fasterapi check: mypy is not installed for {python}. Write `pip install mypy`, or use --checker pyright.\n"


def test_a_missing_pyright_is_told_with_what_to_do(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "main.py").write_text(WRONG)
    monkeypatch.setenv("PATH", str(folder))
    told = refusal(capsys, "main:app", "--checker", "pyright", "--python-executable", environment_without_packages(folder))
    assert told.startswith("fasterapi check: there is no pyright here. Write `pip install pyright`")


def test_a_pyright_that_fails_is_told(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "main.py").write_text(WRONG)
    (folder / "bin").mkdir()
    (folder / "bin/pyright").write_text("#!/bin/sh\necho no configuration >&2\nexit 3\n")
    (folder / "bin/pyright").chmod(0o755)
    told = refusal(capsys, "main:app", "--checker", "pyright", "--python-executable", str(folder / "bin/python"))
    assert told.endswith("pyright could not read the application: no configuration\n")


def test_a_missing_interpreter_is_told_with_what_to_do(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "main.py").write_text(WRONG)
    assert "--python-executable .venv/bin/python" in refusal(capsys, "main:app", "--python-executable", str(folder / "nowhere"))
