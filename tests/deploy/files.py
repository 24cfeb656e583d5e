"""What the files of `examples/deploy` say."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any, Final

import yaml

from tests.checkouts import CHECKOUT

DEPLOY: Final = CHECKOUT / "examples" / "deploy"


def documents(name: str) -> list[dict[str, Any]]:
    """The documents of a YAML file."""
    return list(yaml.safe_load_all((DEPLOY / name).read_text()))


def deployment() -> dict[str, Any]:
    """The pods that Kubernetes is asked for."""
    found: dict[str, Any] = documents("kubernetes.yaml")[0]["spec"]["template"]["spec"]
    return found


def unit(name: str, setting: str) -> str:
    """The last value of a setting of a systemd unit."""
    *_, found = re.finditer(rf"^{setting}=(.*)$", (DEPLOY / name).read_text(), re.MULTILINE)
    return found[1]


def start_command() -> list[str]:
    """What systemd starts the service with, without the program."""
    return shlex.split(unit("web.service", "ExecStart"))[1:]


def adapted(name: str, folder: Path, **replaced: tuple[str, str]) -> Path:
    """A copy of a file, in which each of these texts, which it holds once, is another."""
    text = (DEPLOY / name).read_text()
    for old, new in replaced.values():
        assert text.count(old) == 1, f"{name} holds {old!r} {text.count(old)} times"
        text = text.replace(old, new)
    copy = folder / name
    copy.write_text(text)
    return copy
