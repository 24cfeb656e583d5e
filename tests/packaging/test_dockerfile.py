"""The steps of `examples/deploy/Dockerfile`, done in a folder that stands for the image: no engine is needed."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
import time
from pathlib import Path
from typing import Final

import httpx
import pytest

from tests.checkouts import CHECKOUT
from tests.deadline import DEADLINE
from tests.packaging.distributions import ENVIRONMENT, succeed
from tests.ports import held_port

pytestmark = pytest.mark.packaging

DOCKERFILE: Final = CHECKOUT / "examples" / "deploy" / "Dockerfile"
FOLDERS: Final = ("/build", "/wheels", "/venv", "/srv")
"""The folders of the image that the steps name."""


class Image:
    """What the steps leave behind."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.arguments: dict[str, str] = {}
        self.environment = {**ENVIRONMENT, "HOME": str(folder)}
        self.directory = folder
        self.user = "root"
        self.command: list[str] = []
        self.health: list[str] = []
        self.seen: list[str] = []
        for step in steps():
            instruction, _, rest = step.partition(" ")
            self.seen.append(instruction)
            getattr(self, f"do_{instruction.lower()}")(rest)

    def path(self, text: str) -> str:
        """A path of the image, on this machine."""
        return re.sub(rf"(?<![\w.])({'|'.join(FOLDERS)})\b", lambda match: f"{self.folder}{match[0]}", text)

    def do_from(self, rest: str) -> None:
        """Begin with nothing but Python: a stage takes over only what it copies."""
        name = f"python-{len(self.seen)}"
        succeed(sys.executable, "-m", "venv", self.folder / name)
        self.environment = {**ENVIRONMENT, "HOME": str(self.folder), "PATH": f"{self.folder / name / 'bin'}:{ENVIRONMENT['PATH']}"}

    def do_arg(self, rest: str) -> None:
        name, _, _ = rest.partition("=")
        # The interpreted package, for the time that the compiled one takes; that one has tests of its own.
        self.environment[name] = {"FASTERAPI_COMPILE": "0"}[name]

    def do_env(self, rest: str) -> None:
        for assignment in shlex.split(rest):
            name, _, value = assignment.partition("=")
            self.environment[name] = self.path(value).replace("$PATH", self.environment["PATH"])

    def do_workdir(self, rest: str) -> None:
        self.directory = Path(self.path(rest))
        self.directory.mkdir(exist_ok=True)

    def do_copy(self, rest: str) -> None:
        source, target = rest.split()[-2:]
        if rest.startswith("--from="):
            # It is there: the folders of all stages are the same.
            assert source == target
            return
        named = allowed() if source == "." else [source]
        command = ["tar", "--create", "--exclude=__pycache__", "--exclude=*.so", *named]
        archive = subprocess.run(command, cwd=CHECKOUT, check=True, capture_output=True).stdout
        strip = "--strip-components=" + str(source.count("/"))
        subprocess.run(["tar", "--extract", strip], cwd=self.directory, input=archive, check=True)

    def do_run(self, rest: str) -> None:
        # Caches are what makes this quick on a machine that builds again and again.
        command = self.path(rest.replace("--no-cache-dir ", ""))
        done = subprocess.run(["sh", "-ec", command], cwd=self.directory, env=self.environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{command}:\n{done.stdout}{done.stderr}"

    def do_user(self, rest: str) -> None:
        self.user = rest

    def do_expose(self, rest: str) -> None:
        assert rest == self.environment["FASTERAPI_RUN_PORT"]

    def do_healthcheck(self, rest: str) -> None:
        self.health = json.loads(rest[rest.index("CMD ") + 4 :])

    def do_cmd(self, rest: str) -> None:
        self.command = json.loads(rest)


def steps() -> list[str]:
    """The instructions, each in a line."""
    lines = DOCKERFILE.read_text().replace("\\\n", " ").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def allowed() -> list[str]:
    """What of the checkout the engine gets to see."""
    lines = DOCKERFILE.with_name("Dockerfile.dockerignore").read_text().splitlines()
    assert "*" in lines
    return [line[1:] for line in lines if line.startswith("!")]


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Image:
    return Image(tmp_path_factory.mktemp("image"))


def test_the_image_serves_and_is_healthy(image: Image) -> None:
    with held_port() as holder:
        environment = {**image.environment, "FASTERAPI_RUN_PORT": str(holder.getsockname()[1]), "FASTERAPI_RUN_HOST": "127.0.0.1"}
        program = subprocess.run(["which", image.command[0]], env=environment, check=True, capture_output=True, text=True).stdout.strip()
        process = subprocess.Popen([program, *image.command[1:]], cwd=image.directory, env=environment)
        try:
            health = [str(image.folder / "venv/bin/python"), *image.health[1:]]
            end = time.monotonic() + DEADLINE
            while subprocess.run(health, env=environment, check=False, capture_output=True).returncode != 0:
                assert process.poll() is None, "the server has ended"
                assert time.monotonic() < end, "the image does not become healthy"
            answer = httpx.get(f"http://127.0.0.1:{environment['FASTERAPI_RUN_PORT']}/", timeout=DEADLINE)
            assert answer.json()["client"] == "127.0.0.1"
            assert httpx.get(f"http://127.0.0.1:{environment['FASTERAPI_RUN_PORT']}/docs", timeout=DEADLINE).status_code == 200
        finally:
            process.terminate()
            process.wait(DEADLINE)
    assert subprocess.run(health, env=environment, check=False, capture_output=True).returncode != 0


def test_nothing_but_what_is_needed_gets_into_the_image(image: Image) -> None:
    assert sorted(path.name for path in image.directory.iterdir() if path.name != "__pycache__") == ["web.py"]
    listed = succeed(image.folder / "venv/bin/python", "-m", "pip", "list", "--format=freeze")
    assert "fasterapi-framework" in listed
    assert "mypy==" not in listed


def test_the_image_is_not_run_by_root(image: Image) -> None:
    user, _, group = image.user.partition(":")
    assert int(user) > 0
    assert int(group) > 0
