"""Building distributions and running what was installed from them, away from the checkout."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

# What would lead a subprocess to the checkout, or to another build than the one under test.
MISLEADING: Final = {"PYTHONPATH", "FASTERAPI_PURE", "FASTERAPI_COMPILE", "CC", "CFLAGS", "CPPFLAGS", "VIRTUAL_ENV"}
ENVIRONMENT: Final = {name: value for name, value in os.environ.items() if name not in MISLEADING}


def run(*command: str | Path, cwd: Path = Path("/"), environment: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Run a command away from the checkout."""
    return subprocess.run(
        command,
        cwd=cwd,
        env={**ENVIRONMENT, **(environment or {})},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def succeed(*command: str | Path, cwd: Path = Path("/"), environment: Mapping[str, str] | None = None) -> str:
    """Run a command that must succeed, and return what it printed."""
    finished = run(*command, cwd=cwd, environment=environment)
    assert finished.returncode == 0, f"{command} failed:\n{finished.stdout}{finished.stderr}"
    return finished.stdout


def build(project: Path, kind: str, folder: Path, **environment: str) -> Path:
    """Build the `--wheel` or `--sdist` of a project with the packages of this environment."""
    succeed(sys.executable, "-P", "-m", "build", "--no-isolation", kind, "--outdir", folder, project, environment=environment)
    [distribution] = folder.iterdir()
    return distribution


class Installation:
    """An environment with nothing in it but what `pip install` was told to put there, and what that depends on."""

    def __init__(self, folder: Path, *distribution: str | Path, **environment: str) -> None:
        succeed(sys.executable, "-m", "venv", folder)
        self.python = folder / "bin" / "python"
        succeed(self.python, "-m", "pip", "install", *distribution, environment=environment)

    def execute(self, code: str, **environment: str) -> str:
        """Run code in the environment, with warnings as errors, and return what it printed."""
        return succeed(self.python, "-P", "-W", "error", "-c", code, environment=environment).strip()
