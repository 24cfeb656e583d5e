"""Prints what pyproject.toml asks for to build, run, test and check the package: `pip install -r` without building it."""

from __future__ import annotations

import tomllib
from pathlib import Path

project = tomllib.loads((Path(__file__).parent.parent / "pyproject.toml").read_text())
extras = project["project"]["optional-dependencies"]
name = project["project"]["name"]

requirements = [*project["build-system"]["requires"], *project["project"]["dependencies"]]
for extra in extras.values():
    requirements += [requirement for requirement in extra if not requirement.startswith(name)]

print("\n".join(sorted(set(requirements))))
