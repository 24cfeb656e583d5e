"""Projects to migrate: whole ones, whose files have `.txt` behind their names here, and single files."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

from fasterapi.migrate.project import migrate

PROJECTS: Final = Path(__file__).parent / "projects"


def copy_project(name: str, folder: Path) -> Path:
    """A project as its author has it."""
    project = folder / name
    for path in sorted((PROJECTS / name).rglob("*.txt")):
        copy = project / path.relative_to(PROJECTS / name).with_name(path.name.removesuffix(".txt"))
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, copy)
    return project


def run_tests(project: Path) -> subprocess.CompletedProcess[str]:
    """Run the tests of a project as its author does."""
    known = os.environ.get("PYTHONPATH")
    path = os.pathsep.join([str(project), *([known] if known else [])])
    # Plugins that happen to be installed here are none of the author's.
    environment = {**os.environ, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    return subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, check=False)


def migrated(folder: Path, source: str) -> tuple[str, list[str]]:
    """What a single file becomes, and what is to be looked at: `line: message`."""
    path = folder / "main.py"
    path.write_text(source)
    result = migrate(path)
    after = result.changes[0].after.decode() if result.changes else source
    return after, [f"{finding.line}: {finding.message}" for finding in result.findings]
