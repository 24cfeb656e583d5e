"""TypeScript that is generated from the document: it compiles, finds mistakes, and speaks with the application.

Skipped where there is no npm, unless FASTERAPI_NODE=required.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

import pytest

from tests.openapi.warehouse import app
from tests.server.servers import Serving

PROGRAM: Final = Path(__file__).parent / "typescript"


@pytest.fixture(scope="module")
def packages() -> Path:
    """The packages of the lock file, installed once for each environment."""
    if shutil.which("npm") is None:
        if os.environ.get("FASTERAPI_NODE") == "required":
            pytest.fail("There is no npm: apt install nodejs npm")
        pytest.skip("there is no npm on this machine: apt install nodejs npm")
    lock = PROGRAM / "package-lock.json"
    installed = Path(sys.prefix) / "npm" / hashlib.sha256(lock.read_bytes()).hexdigest()[:16]
    if not installed.exists():
        installed.parent.mkdir(exist_ok=True)
        # Elsewhere first: other processes of this run see all of it or nothing.
        with tempfile.TemporaryDirectory(dir=installed.parent) as folder:
            begun = Path(folder) / "begun"
            begun.mkdir()
            shutil.copy(lock, begun)
            shutil.copy(PROGRAM / "package.json", begun)
            succeed("npm", "ci", "--no-audit", "--no-fund", cwd=begun)
            try:
                begun.rename(installed)
            except OSError:
                assert installed.exists()
    return installed / "node_modules"


def succeed(*command: str | Path, cwd: Path) -> None:
    run = subprocess.run(command, cwd=cwd, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr


def test_what_is_generated_compiles_and_speaks_with_the_application(packages: Path, tmp_path: Path) -> None:
    project = shutil.copytree(PROGRAM, tmp_path / "project")
    (project / "node_modules").symlink_to(packages)
    (project / "openapi.json").write_text(json.dumps(app.openapi()))
    tools = packages / ".bin"
    succeed(tools / "openapi-typescript", "openapi.json", "--output", "warehouse.ts", "--default-non-nullable=false", cwd=project)
    succeed(tools / "tsc", "--project", ".", cwd=project)
    with Serving(app) as server:
        succeed("node", "built/client.js", f"http://127.0.0.1:{server.listener.getsockname()[1]}", cwd=project)
