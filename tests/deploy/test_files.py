"""The files of `examples/deploy` are well formed, and agree with each other and with the command line."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from fasterapi.cli.serving import run
from tests.deploy.files import DEPLOY, adapted, deployment, documents, start_command, unit
from tests.required import find, needs

pytestmark = pytest.mark.any_python("reads files")

ANALYZE = find("systemd-analyze")
SAFE = 2.0
"""The exposure up to which systemd calls a service OK; 10 is none of its walls."""

KUBERNETES = ("kubernetes_validate", "--strict")
COMPOSE = ("check_jsonschema", "--builtin-schema", "vendor.compose-spec")

DOCKER_COMMAND: list[str] = json.loads(re.findall(r"^CMD (.*)$", (DEPLOY / "Dockerfile").read_text(), re.MULTILINE)[-1])
COMMANDS = {"Dockerfile": DOCKER_COMMAND[1:], "kubernetes.yaml": deployment()["containers"][0]["args"][1:], "web.service": start_command()}


def seconds(command: str, option: str) -> int:
    arguments = COMMANDS[command]
    return int(arguments[arguments.index(option) + 1])


def complaints(path: Path, *command: str) -> str:
    """What a program of this environment has against a file."""
    done = subprocess.run([sys.executable, "-m", *command, str(path)], check=False, capture_output=True, text=True)
    return "" if done.returncode == 0 else done.stdout + done.stderr


def test_kubernetes_knows_what_is_asked_of_it() -> None:
    assert complaints(DEPLOY / "kubernetes.yaml", *KUBERNETES) == ""


def test_kubernetes_does_not_know_what_is_misspelt(tmp_path: Path) -> None:
    misspelt = adapted("kubernetes.yaml", tmp_path, probe=("readinessProbe", "readynessProbe"))
    assert "readynessProbe" in complaints(misspelt, *KUBERNETES)


def test_services_and_budgets_find_the_pods() -> None:
    pods, service, budget = documents("kubernetes.yaml")
    labels = pods["spec"]["template"]["metadata"]["labels"]
    assert labels == pods["spec"]["selector"]["matchLabels"] == service["spec"]["selector"] == budget["spec"]["selector"]["matchLabels"]


def test_compose_is_well_formed() -> None:
    assert complaints(DEPLOY / "compose.yaml", *COMPOSE) == ""


def test_compose_does_not_know_what_is_misspelt(tmp_path: Path) -> None:
    misspelt = adapted("compose.yaml", tmp_path, period=("stop_grace_period", "stop_grace_time"))
    assert "stop_grace_time" in complaints(misspelt, *COMPOSE)


@pytest.mark.parametrize("name", COMMANDS)
def test_the_command_line_knows_the_options(name: str) -> None:
    subcommand, *arguments = COMMANDS[name]
    assert subcommand == "run"
    context = run.make_context("run", [argument.replace("/opt/web", str(DEPLOY)) for argument in arguments])
    assert context.params["app"] == "web:app"


def test_kubernetes_waits_longer_than_requests_may_take() -> None:
    pods = deployment()
    pause = pods["containers"][0]["lifecycle"]["preStop"]["sleep"]["seconds"]
    assert pods["terminationGracePeriodSeconds"] > pause + seconds("kubernetes.yaml", "--timeout-graceful-shutdown")


def test_compose_waits_longer_than_requests_may_take() -> None:
    period = documents("compose.yaml")[0]["services"]["web"]["stop_grace_period"]
    assert int(period.removesuffix("s")) > seconds("Dockerfile", "--timeout-graceful-shutdown")


def test_systemd_waits_longer_than_requests_may_take() -> None:
    assert int(unit("web.service", "TimeoutStopSec")) > seconds("web.service", "--timeout-graceful-shutdown")


def test_nginx_lets_idle_connections_go_before_the_service_does() -> None:
    [kept] = re.findall(r"keepalive_timeout (\d+)s;", (DEPLOY / "nginx.conf").read_text())
    assert int(kept) < seconds("web.service", "--timeout-keep-alive")


def test_probes_wait_longer_than_the_checks_behind_them() -> None:
    # Two checks, one after the other, of 5 seconds each.
    assert deployment()["containers"][0]["readinessProbe"]["timeoutSeconds"] > 2 * 5


@needs(ANALYZE, "systemd-analyze: apt-get install systemd")
def test_systemd_understands_the_units(tmp_path: Path) -> None:
    assert ANALYZE is not None
    adapted("web.service", tmp_path, program=("/opt/web/venv/bin/fasterapi", sys.executable))
    adapted("web.socket", tmp_path)
    command = [ANALYZE, "verify", "--man=no", "web.service", "web.socket"]
    verified = subprocess.run(command, check=False, cwd=tmp_path, capture_output=True, text=True)
    assert (verified.returncode, verified.stderr) == (0, "")


@needs(ANALYZE, "systemd-analyze: apt-get install systemd")
def test_systemd_thinks_the_service_well_walled() -> None:
    assert ANALYZE is not None
    command = [ANALYZE, "security", "--no-pager", "--offline=true", str(DEPLOY / "web.service")]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    [exposure] = re.findall(r"Overall exposure level for web\.service: ([\d.]+)", told)
    assert float(exposure) < SAFE
