"""Which build the tests run on: said in the header of every run, and insisted on by `--build`."""

from __future__ import annotations

import gc
import os
import sys
from pathlib import Path
from typing import Final

import hypothesis
import pytest

import fasterapi
from fasterapi._sources import EXTENSION_SUFFIX, stale_modules

CHECKOUT: Final = Path(__file__).resolve().parent.parent
PACKAGE: Final = Path(fasterapi.__file__).resolve().parent
BUILDS: Final = ("interpreted", "compiled", "pure")
LINES_OF_A_FAULT: Final = 40


# The same examples in every run, so that a change is judged by what it changes; HYPOTHESIS_PROFILE=search looks for new ones.
# How long something takes is no fault of it: the machine may be busy.
patient: Final = hypothesis.settings(deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.register_profile("steady", patient, derandomize=True)
hypothesis.settings.register_profile("search", patient)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "steady"))


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--build`."""
    parser.addoption(
        "--build",
        choices=BUILDS,
        help="refuse to start unless the tests would run on this build: `interpreted`, the sources of the checkout; "
        "`compiled`, an installed wheel; `pure`, the sources inside an installed wheel (FASTERAPI_PURE=1)",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Refuse to start on another build than the one that was asked for."""
    build = config.getoption("--build")
    faults = [] if build is None else interpreted_faults() if build == "interpreted" else installed_faults(compiled=build == "compiled")
    if faults:
        raise pytest.UsageError(f"--build={build}, but {'; '.join(faults)}")


def pytest_collection_finish() -> None:
    """Spare the garbage collector what stays to the end: whenever a test asks it, it would go through all modules and tests."""
    gc.collect()
    gc.freeze()


def pytest_report_header() -> str:
    """Say what runs."""
    return f"fasterapi: COMPILED={fasterapi.COMPILED}, from {PACKAGE}"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Add what failed to the file FASTERAPI_FAULTS: where runs go on side by side, another one has the last word."""
    file = os.environ.get("FASTERAPI_FAULTS")
    reports = [report for outcome in ("error", "failed") for report in terminalreporter.getreports(outcome)]
    if file is None or not reports:
        return
    with Path(file).open("a") as faults:
        for report in reports:
            end = "\n".join(report.longreprtext.splitlines()[-LINES_OF_A_FAULT:])
            faults.write(f"\n{report.nodeid} ({sys.implementation.cache_tag}, {config.getoption('--build')})\n{end}\n")


def interpreted_faults() -> list[str]:
    """Why this run is not one on the sources of the checkout."""
    faults = []
    if fasterapi.COMPILED:
        faults.append("fasterapi.COMPILED is True: extension modules stand beside the sources, delete them with `make clean`")
    if PACKAGE != CHECKOUT / "fasterapi":
        faults.append(f"fasterapi comes from {PACKAGE}, not from this checkout: run with PYTHONPATH=$PWD")
    return faults


def installed_faults(*, compiled: bool) -> list[str]:
    """Why this run is not one on a wheel that was built from the sources of the checkout as they stand."""
    faults = []
    if fasterapi.COMPILED is not compiled:
        faults.append(f"fasterapi.COMPILED is {fasterapi.COMPILED}")
    if not list(PACKAGE.glob(f"*{EXTENSION_SUFFIX}")):
        faults.append(f"{PACKAGE} holds no extension modules: install the compiled package with `make clean compiled`")
    if str(CHECKOUT) in (str(Path(entry).resolve()) for entry in sys.path):
        faults.append("the checkout is on sys.path: run pytest itself, not `python -m pytest`, without PYTHONPATH")
    edited = sorted({*differing_sources(), *stale_modules(PACKAGE)})
    if edited:
        faults.append(f"{PACKAGE} was built from other sources: {', '.join(edited)}. Build it anew with `make compiled`")
    return faults


def differing_sources() -> list[str]:
    """The source files that are not the same in the checkout and in the package under test."""
    ours = {path.relative_to(PACKAGE).as_posix(): path for path in PACKAGE.rglob("*.py")}
    theirs = {path.relative_to(CHECKOUT / "fasterapi").as_posix(): path for path in (CHECKOUT / "fasterapi").rglob("*.py")}
    one_sided = ours.keys() ^ theirs.keys()
    return [*one_sided, *(name for name in ours.keys() & theirs.keys() if ours[name].read_bytes() != theirs[name].read_bytes())]


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """Async tests run on asyncio: the only loop that the framework is for."""
    return "asyncio"
