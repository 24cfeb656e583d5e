from __future__ import annotations

import resource
import subprocess
import sys
from pathlib import Path

import click
import pytest

from fasterapi import COMPILED, __version__
from fasterapi.cli.main import COMMANDS, fasterapi, main
from tests.cli.projects import APP, COMMAND, write


def test_the_help_lists_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    told = capsys.readouterr().out
    assert [name for name in COMMANDS if f"\n  {name} " not in told] == []


def test_without_a_command_the_help_is_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    assert capsys.readouterr().err.startswith("Usage: fasterapi")


def test_the_version_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"fasterapi {__version__}\n"


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_has_help(capsys: pytest.CaptureFixture[str], name: str) -> None:
    assert main([name, "--help"]) == 0
    assert capsys.readouterr().out.startswith(f"Usage: fasterapi {name} ")


@pytest.mark.parametrize("name", COMMANDS)
def test_each_option_of_a_command_has_help(name: str) -> None:
    context = click.Context(fasterapi)
    command = fasterapi.get_command(context, name)
    assert command is not None
    options = [parameter for parameter in command.get_params(context) if isinstance(parameter, click.Option)]
    assert [option.name for option in options if not option.help] == []


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["unknown"], "fasterapi: No such command"),
        (["routes", "--unknown"], "fasterapi routes: No such option"),
        (["check", "main:app", "two"], "fasterapi check: Got unexpected extra argument"),
    ],
)
def test_a_command_that_is_written_wrongly_ends_with_2_and_one_line(
    capsys: pytest.CaptureFixture[str], arguments: list[str], told: str
) -> None:
    assert main(arguments) == 2
    output, error = capsys.readouterr()
    assert (output, error.count("\n")) == ("", 1)
    assert error.startswith(told)
    assert error.endswith(f". See `{told.partition(':')[0]} --help`.\n")


def test_python_runs_the_commands_as_a_module(folder: Path) -> None:
    answer = subprocess.run([*COMMAND, "--version"], cwd=folder, capture_output=True, text=True, check=False)
    assert (answer.returncode, answer.stdout, answer.stderr) == (0, f"fasterapi {__version__}\n", "")


def test_options_may_stand_in_the_environment(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    write(folder, {"main.py": APP})
    monkeypatch.setenv("FASTERAPI_ROUTES_FORMAT", "json")
    assert main(["routes"]) == 0
    assert capsys.readouterr().out.startswith("[")


def test_an_error_is_one_line(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(folder, {"main.py": "app = 1\nraise ValueError('told')\n"})
    assert main(["routes"]) == 2
    hint = "Run with --traceback to see where."
    assert capsys.readouterr() == ("", f"fasterapi routes: main cannot be imported: ValueError: told. {hint}\n")


def test_an_unforeseen_error_is_one_line(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(folder, {"main.py": f"{APP}\ndef openapi(): raise ValueError('told')\napp.openapi = openapi\n"})
    assert main(["openapi"]) == 2
    assert capsys.readouterr() == ("", "fasterapi openapi: ValueError: told. Run with --traceback to see where.\n")


def test_the_traceback_is_shown_on_demand(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(folder, {"main.py": "app = 1\nraise ValueError('told')\n"})
    assert main(["routes", "--traceback"]) == 2
    told = capsys.readouterr().err
    assert "Traceback (most recent call last)" in told
    assert f'File "{folder / "main.py"}", line 2' in told


def test_ctrl_c_ends_with_130(folder: Path) -> None:
    write(folder, {"main.py": "app = 1\nraise KeyboardInterrupt\n"})
    assert main(["routes"]) == 130


def test_a_reader_that_has_gone_is_no_mistake(folder: Path) -> None:
    write(folder, {"main.py": f"{APP}\napp.description = 'x' * 1_000_000\n"})
    process = subprocess.Popen([*COMMAND, "openapi"], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    with process.stderr:
        assert process.stderr.read() == b""
    process.wait()


def test_a_command_imports_only_itself(folder: Path) -> None:
    program = "import sys; from fasterapi.cli.main import main; main(['--help']); print([n for n in sys.modules if 'fasterapi.cli' in n])"
    answer = subprocess.run([sys.executable, "-c", program], cwd=folder, capture_output=True, text=True, check=True)
    assert answer.stdout.splitlines()[-1] == "['fasterapi.cli', 'fasterapi.cli.exits', 'fasterapi.cli.main']"


@pytest.mark.skipif(not COMPILED, reason="interpreted, the package takes longer to import than that")
def test_the_help_takes_less_than_150_milliseconds(folder: Path) -> None:
    taken = []
    for _ in range(5):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([*COMMAND, "--help"], cwd=folder, stdout=subprocess.DEVNULL, check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        # Of the processor, so that what else the machine does is no part of it.
        taken.append(after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime)
    assert min(taken) < 0.15
