from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

import pytest

from fasterapi.migrate.project import migrate
from tests.migrate.samples import copy_project, run_tests

FOUND = {
    "shop": [
        "app/models.py:31: calls of Item(...) are no longer validated; msgspec.convert(values, Item) is",
        "app/models.py:55: calls of Receipt(...) are no longer validated; msgspec.convert(values, Receipt) is",
        "pyproject.toml:5: asks for fastapi>=0.115: write fasterapi-framework instead",
    ],
    "notes": [
        "notes/limits.py:12: Limits stays a model of pydantic: its method strip has a decorator",
        "notes/schemas.py:27: calls of Note(...) are no longer validated; msgspec.convert(values, Note) is",
        "notes/schemas.py:38: calls of Page(...) are no longer validated; msgspec.convert(values, Page) is",
        "notes/schemas.py:43: calls of Token(...) are no longer validated; msgspec.convert(values, Token) is",
        "requirements.txt:1: asks for fastapi[standard]==0.115.0: write fasterapi-framework instead",
    ],
    "team": [
        "requirements.txt:1: asks for fastapi[standard]>=0.115: write fasterapi-framework instead",
        *[
            f"team/{place}: calls of {model}(...) are no longer validated; msgspec.convert(values, {model}) is"
            for place, model in [
                ("core/config.py:7", "Settings"),
                ("schemas.py:9", "Message"),
                ("schemas.py:13", "Token"),
                ("schemas.py:18", "TokenPayload"),
            ]
        ],
    ],
}


class Migrated(NamedTuple):
    """A project after its migration."""

    name: str
    folder: Path
    findings: list[str]


@pytest.fixture(scope="module", params=FOUND)
def project(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Migrated:
    """Each project, migrated; its tests leave nothing behind."""
    folder = copy_project(request.param, tmp_path_factory.mktemp("migrated"))
    result = migrate(folder)
    for change in result.changes:
        change.path.write_bytes(change.after)
    return Migrated(request.param, folder, [str(finding).removeprefix(f"{folder}/") for finding in result.findings])


@pytest.mark.parametrize("name", FOUND)
def test_projects_have_the_size_of_real_ones(name: str, tmp_path: Path) -> None:
    assert len(list(copy_project(name, tmp_path).rglob("*.py"))) >= 10


@pytest.mark.parametrize("name", FOUND)
def test_the_tests_of_a_project_pass_before(name: str, tmp_path: Path) -> None:
    answer = run_tests(copy_project(name, tmp_path))
    assert answer.returncode == 0, answer.stdout


def test_the_tests_of_a_project_pass_afterwards(project: Migrated) -> None:
    answer = run_tests(project.folder)
    assert answer.returncode == 0, answer.stdout


def test_nothing_of_fastapi_is_imported_afterwards(project: Migrated) -> None:
    old = re.compile(r"^\s*(from|import) (fastapi|starlette)\b", re.MULTILINE)
    assert [path.name for path in project.folder.rglob("*.py") if old.search(path.read_text())] == []


def test_a_project_that_was_migrated_stays_as_it_is(project: Migrated) -> None:
    assert migrate(project.folder).changes == []


def test_what_a_person_must_look_at_is_told_with_its_place(project: Migrated) -> None:
    assert project.findings == FOUND[project.name]


def test_how_far_it_is_is_told(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / f"{name}.py").write_text("x = 1\n")
    told: list[str] = []
    migrate(tmp_path, told.append)
    assert told == [f"{number} of 2 files {what}" for what in ("read", "judged", "rewritten") for number in (0, 1)]


def test_files_that_change_nothing_are_not_touched(tmp_path: Path) -> None:
    (tmp_path / "main.py").write_text("import json\nx=1   # odd\n")
    assert migrate(tmp_path).changes == []


def test_the_ends_of_lines_stay(tmp_path: Path) -> None:
    (tmp_path / "main.py").write_bytes(b"from fastapi import Depends\r\n\r\nx = Depends\r\n")
    assert migrate(tmp_path).changes[0].after == b"from fasterapi import Depends\r\n\r\nx = Depends\r\n"


def test_environments_and_builds_are_passed_over(tmp_path: Path) -> None:
    for folder in (".venv/lib", "venv", "build", "node_modules"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "module.py").write_text("import fastapi\n")
    assert migrate(tmp_path).files == 0


def test_what_is_no_python_is_told(tmp_path: Path) -> None:
    (tmp_path / "main.py").write_text("x = 1\ndef\n")
    assert [str(finding) for finding in migrate(tmp_path).findings] == [
        f"{tmp_path}/main.py:2: is no Python that can be read, and was left"
    ]


def test_packages_that_build_on_fastapi_are_told(tmp_path: Path) -> None:
    (tmp_path / "main.py").write_text("from fastapi_users import FastAPIUsers\n")
    assert [finding.message for finding in migrate(tmp_path).findings] == [
        "fastapi_users is made for FastAPI: look for what does the same here"
    ]
