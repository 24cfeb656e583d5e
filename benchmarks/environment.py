"""Where a figure was read: interpreter, its build, machine and versions. No figure means anything without them."""

from __future__ import annotations

import json
import os
import platform
import shlex
import sysconfig
from importlib import metadata
from pathlib import Path
from typing import Final, TypedDict

from benchmarks.contenders import CONTENDERS


class Environment(TypedDict):
    """The part of a result that says where it was read."""

    python: str
    compiler: str
    build_options: list[str]
    optimisation: list[str]
    shared_library: bool
    machine: str
    processors: int
    system: str
    versions: dict[str, str]


_BESIDES: Final = ("granian", "httptools", "msgspec", "pydantic", "uvicorn", "uvloop", "websockets")
"""Distributions that take part without being a contender."""

_FAST_OPTIONS: Final = frozenset({"--enable-optimizations", "--with-lto", "--with-computed-gotos"})


def describe_environment() -> Environment:
    """Describe the interpreter that runs this."""
    return Environment(
        python=f"{platform.python_implementation()} {platform.python_version()}",
        compiler=platform.python_compiler(),
        build_options=_build_options(),
        optimisation=_optimisation(),
        shared_library=_runs_from_shared_library(),
        machine=_processor_name(),
        processors=os.cpu_count() or 1,
        system=f"{platform.system()} {platform.machine()}",
        versions=_versions(),
    )


def _build_options() -> list[str]:
    """The options of `configure` that change speed or safety, without those that only name folders."""
    arguments = shlex.split(sysconfig.get_config_var("CONFIG_ARGS") or "")
    return [argument for argument in arguments if argument.startswith(("--enable", "--with")) and "/" not in argument]


def _optimisation() -> list[str]:
    flags = (sysconfig.get_config_var("PY_CORE_CFLAGS") or "").split()
    return sorted({flag for flag in flags if flag.startswith(("-O", "-flto", "-fprofile-use", "-DNDEBUG"))})


def _runs_from_shared_library() -> bool:
    """Whether libpython is really mapped: Debian builds one beside an executable that does not use it."""
    maps = Path("/proc/self/maps")
    if maps.exists():
        return "libpython" in maps.read_text()
    return bool(sysconfig.get_config_var("Py_ENABLE_SHARED"))


def _processor_name() -> str:
    information = Path("/proc/cpuinfo")
    if information.exists():
        for line in information.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _versions() -> dict[str, str]:
    versions = {}
    for distribution in sorted({*_BESIDES, *(contender.distribution for contender in CONTENDERS)}):
        try:
            versions[distribution] = metadata.version(distribution)
        except metadata.PackageNotFoundError:
            versions[distribution] = "not installed"
    return versions


def summary(environment: Environment) -> str:
    """One line for the head of a table."""
    linked = "shared libpython" if environment["shared_library"] else "no shared libpython"
    options = [option for option in environment["build_options"] if option in _FAST_OPTIONS]
    build = ", ".join([linked, " ".join([*options, *environment["optimisation"]]), environment["compiler"]])
    return f"{environment['python']} ({build}); {environment['processors']} x {environment['machine']}; {environment['system']}"


def python_tag(environment: Environment) -> str:
    """The interpreter's version as a file name has it."""
    return environment["python"].split()[-1]


def main() -> None:
    """Print the environment as JSON, for a parent that runs on another interpreter."""
    print(json.dumps(describe_environment()))
