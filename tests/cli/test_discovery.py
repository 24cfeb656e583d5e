from __future__ import annotations

import re
from pathlib import Path

import pytest

from fasterapi.cli.discovery import USUAL_FILES, Target, find_target
from fasterapi.cli.exits import CommandError
from tests.cli.projects import write

APP = "from fasterapi import Faster\napp = Faster()\n"


@pytest.mark.parametrize("file", USUAL_FILES)
def test_the_usual_files_are_found(tmp_path: Path, file: str) -> None:
    write(tmp_path, {file: APP})
    path = tmp_path / file
    assert find_target(None, tmp_path) == Target(f"{path.stem}:app", path.parent, file)


def test_packages_around_the_file_are_in_its_name(tmp_path: Path) -> None:
    write(tmp_path, {"app/__init__.py": "", "app/main.py": APP})
    assert find_target(None, tmp_path) == Target("app.main:app", tmp_path, "app/main.py")


def test_the_project_says_where_the_application_is(tmp_path: Path) -> None:
    write(tmp_path, {"main.py": APP, "pyproject.toml": '[tool.fasterapi]\nentrypoint = "shop.web:site"\n'})
    assert find_target(None, tmp_path) == Target("shop.web:site", tmp_path, "the entrypoint in pyproject.toml")


def test_a_project_that_says_nothing_is_passed_over(tmp_path: Path) -> None:
    write(tmp_path, {"main.py": APP, "pyproject.toml": '[project]\nname = "shop"\n'})
    assert find_target(None, tmp_path).name == "main:app"


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("from elsewhere import app", "app"),
        ("from elsewhere import site as api", "api"),
        ("import fasterapi\nother = 1\nsite = fasterapi.Faster()", "site"),
        ("from fasterapi import FastAPI\nsite: FastAPI = FastAPI(title='x')", "site"),
        ("api = 1\napp = 1", "app"),
        ("try:\n    app = 1\nexcept ImportError:\n    raise", "app"),
        ("if True:\n    pass\nelse:\n    app = 1", "app"),
    ],
)
def test_the_application_is_found_in_the_file(tmp_path: Path, source: str, name: str) -> None:
    write(tmp_path, {"main.py": source})
    assert find_target(None, tmp_path).name == f"main:{name}"


@pytest.mark.parametrize(
    ("said", "name", "below"),
    [
        ("shop.web:site", "shop.web:site", ""),
        ("shop.web:holder.site", "shop.web:holder.site", ""),
        ("shop.web", "shop.web:app", ""),
        ("elsewhere", "elsewhere:app", ""),
        ("shop/web.py", "shop.web:app", ""),
        ("shop/web.py:other", "shop.web:other", ""),
        ("shop", "shop:app", ""),
        ("loose/single.py", "single:app", "loose"),
    ],
)
def test_what_is_said_is_taken(tmp_path: Path, said: str, name: str, below: str) -> None:
    write(tmp_path, {"shop/__init__.py": APP, "shop/web.py": APP, "loose/single.py": APP})
    target = find_target(said, tmp_path)
    assert (target.name, target.folder) == (name, tmp_path / below)


def test_a_factory_has_its_usual_name(tmp_path: Path) -> None:
    write(tmp_path, {"main.py": APP})
    assert find_target(None, tmp_path, factory=True).name == "main:create_app"


@pytest.mark.parametrize(
    ("files", "said", "told"),
    [
        ({}, None, "there is no application here: no main.py, app.py,"),
        ({"main.py": "x = 1"}, None, "main.py has no application: no variable is called app or api, or is a Faster()"),
        ({"main.py": "one = Faster()\ntwo = Faster()"}, None, "main.py has several applications: one, two. Name one, as in main:one"),
        ({"main.py": "x = 1\ndef"}, None, "main.py:2 is no Python: invalid syntax. Correct it."),
        ({"pyproject.toml": "[["}, None, "pyproject.toml cannot be read: "),
        ({"pyproject.toml": "[tool.fasterapi]\nentrypoint = 1"}, None, "the entrypoint in pyproject.toml is 1. Write a text"),
        ({}, "shop/web.py", "there is no file shop/web.py. Write the path"),
    ],
)
def test_what_is_not_found_is_told_with_what_to_write(tmp_path: Path, files: dict[str, str], said: str | None, told: str) -> None:
    write(tmp_path, files)
    with pytest.raises(CommandError, match=re.escape(told)) as raised:
        find_target(said, tmp_path)
    assert "\n" not in str(raised.value)
