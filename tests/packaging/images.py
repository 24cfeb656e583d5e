"""What a Dockerfile says, done without Docker: in folders, with a virtual environment in the place of each Python image."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator, Mapping
from fnmatch import fnmatch
from pathlib import Path
from typing import Final

from tests.packaging.distributions import ENVIRONMENT, succeed

_PYTHON_IMAGE: Final = re.compile(r"python:3\.\d+(-slim)?(?: AS (?P<stage>\w+))?")
_ABSOLUTE_PATH: Final = re.compile(r"(?<![\w.:/-])/(?=\w)")
_OF_THE_MACHINE: Final = ("useradd ",)
"""Commands that are about the machine, which here is not only the image's."""


class Image:
    """The last stage of a Dockerfile."""

    def __init__(self, context: Path, folder: Path, python: str, environment: Mapping[str, str]) -> None:
        """Build what stands in `context`, below `folder`, with an interpreter, and variables for the commands that are run."""
        self.root: Final = folder / "root"
        self.command: list[str] = []
        self.health_check: list[str] = []
        self.user = "root"
        self.working_directory = self.root
        self._context: Final = context
        self._python: Final = python
        self._stages: Final = folder / "stages"
        self._stage: str | None = None
        # As in an image of Python, whose programs are below /usr/local.
        self.environment: Final = {**ENVIRONMENT, **environment, "PATH": f"{self.root}/usr/local/bin:{ENVIRONMENT['PATH']}"}
        for instruction, arguments in _instructions((context / "Dockerfile").read_text()):
            self._follow(instruction, arguments)

    def _follow(self, instruction: str, arguments: str) -> None:
        match instruction:
            case "FROM":
                self._begin_stage(arguments)
            case "WORKDIR":
                self.working_directory = self.place(arguments)
                self.working_directory.mkdir(parents=True, exist_ok=True)
            case "COPY":
                self._copy(*arguments.split())
            case "RUN":
                if not arguments.startswith(_OF_THE_MACHINE):
                    command = _ABSOLUTE_PATH.sub(f"{self.root}/", arguments)
                    succeed("sh", "-ec", command, environment=self.environment, cwd=self.working_directory)
            case "USER":
                self.user = arguments
            case "HEALTHCHECK":
                self.health_check = json.loads(arguments.partition(" CMD ")[2])
            case "CMD":
                self.command = json.loads(arguments)
            case "EXPOSE":
                pass
            case _:
                raise AssertionError(f"nobody has said what {instruction} does")

    def place(self, path: str) -> Path:
        """A place in the image."""
        return self.root / path.lstrip("/") if path.startswith("/") else self.working_directory / path

    def _begin_stage(self, image: str) -> None:
        found = _PYTHON_IMAGE.fullmatch(image)
        assert found is not None, image
        if self._stage is not None:
            self._stages.mkdir(exist_ok=True)
            self.root.rename(self._stages / self._stage)
        self._stage = found["stage"]
        self.working_directory = self.root
        succeed(self._python, "-m", "venv", self.root / "usr/local")

    def _copy(self, *arguments: str) -> None:
        *options, source, target = arguments
        if options:
            [(option, _, stage)] = [item.partition("=") for item in options]
            assert option == "--from"
            shutil.copytree(self._stages / stage / source.lstrip("/"), self.place(target), symlinks=True, dirs_exist_ok=True)
            return
        assert source == "."
        for path in _sent(self._context):
            copy = self.place(target) / path
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(self._context / path, copy)


def _instructions(dockerfile: str) -> Iterator[tuple[str, str]]:
    for line in dockerfile.replace("\\\n", " ").splitlines():
        if line.strip() and not line.startswith("#"):
            instruction, _, arguments = line.partition(" ")
            yield instruction, arguments.strip()


def _sent(context: Path) -> list[Path]:
    """The files that `.dockerignore` leaves: of several patterns that fit, the last one holds."""
    patterns = (context / ".dockerignore").read_text().split()
    return [path for file in sorted(context.rglob("*")) if file.is_file() and not _ignored(path := file.relative_to(context), patterns)]


def _ignored(path: Path, patterns: list[str]) -> bool:
    ignored = False
    for pattern in patterns:
        name = pattern.removeprefix("!").removeprefix("**/")
        parts = [str(part) for part in [path, *path.parents[:-1]]]
        places = [*parts, *path.parts] if "**/" in pattern else parts
        if any(fnmatch(place, name) for place in places):
            ignored = not pattern.startswith("!")
    return ignored
