"""The choice between sources and extension modules, and the watch over extension modules that fell behind."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.machinery import SourceFileLoader
from pathlib import Path

import pytest

from fasterapi._sources import (
    EXTENSION_SUFFIX,
    RECORD_NAME,
    SourceFinder,
    prefer_sources,
    source_digests,
    stale_modules,
    warn_of_stale_modules,
    write_build_record,
)
from tests.checkouts import CHECKOUT

PACKAGE = CHECKOUT / "fasterapi"


@pytest.fixture
def built(tmp_path: Path) -> Path:
    """A package of two modules, one of them compiled from its source as it stands."""
    package = tmp_path / "fasterapi"
    (package / "http").mkdir(parents=True)
    for name in ("__init__.py", "errors.py", "http/__init__.py", "http/head.py"):
        (package / name).write_text(f"name = {name!r}\n")
    (package / f"http/head{EXTENSION_SUFFIX}").touch()
    write_build_record(source_digests([package / "http/head.py"], package), package)
    return package


def test_a_package_without_extension_modules_has_none_that_are_stale(built: Path) -> None:
    (built / f"http/head{EXTENSION_SUFFIX}").unlink()
    assert stale_modules(built) == []


def test_an_extension_module_beside_its_unchanged_source_is_fresh(built: Path) -> None:
    assert stale_modules(built) == []


def test_an_edited_source_makes_its_extension_module_stale(built: Path) -> None:
    (built / "http/head.py").write_text("name = 'edited'\n")
    assert stale_modules(built) == ["http/head.py"]


def test_an_edited_interpreted_module_is_nobodys_concern(built: Path) -> None:
    (built / "errors.py").write_text("name = 'edited'\n")
    assert stale_modules(built) == []


def test_an_extension_module_of_unknown_origin_is_stale(built: Path) -> None:
    (built / f"errors{EXTENSION_SUFFIX}").touch()
    assert stale_modules(built) == ["errors.py"]


def test_extension_modules_without_a_record_are_stale(built: Path) -> None:
    (built / RECORD_NAME).unlink()
    assert stale_modules(built) == ["http/head.py"]


def test_an_extension_module_without_a_source_is_stale(built: Path) -> None:
    (built / "http/head.py").unlink()
    assert stale_modules(built) == ["http/head.py"]


def test_stale_modules_are_warned_of_by_name(built: Path) -> None:
    (built / "http/head.py").write_text("name = 'edited'\n")
    with pytest.warns(RuntimeWarning, match=r"hide these: http/head\.py\..*make clean"):
        warn_of_stale_modules(built)


def test_fresh_modules_are_not_warned_of(built: Path) -> None:
    warn_of_stale_modules(built)


def test_the_source_is_found_beside_an_extension_module(built: Path) -> None:
    spec = SourceFinder().find_spec("fasterapi.http.head", [str(built / "http")])
    assert spec is not None
    assert isinstance(spec.loader, SourceFileLoader)
    assert spec.origin == str(built / "http/head.py")


@pytest.mark.parametrize("name", ["fasterapi.nowhere", "fasterapi_cli.errors", "errors"])
def test_only_modules_inside_the_package_are_found(built: Path, name: str) -> None:
    assert SourceFinder().find_spec(name, [str(built)]) is None


def test_a_folder_without_sources_is_left_to_others(built: Path) -> None:
    (built / "empty").mkdir()
    assert SourceFinder().find_spec("fasterapi.empty", [str(built)]) is None


def test_the_package_itself_is_left_to_others(built: Path) -> None:
    assert SourceFinder().find_spec("fasterapi", None) is None


def test_preferring_sources_asks_the_source_finder_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "meta_path", list(sys.meta_path))
    prefer_sources()
    assert isinstance(sys.meta_path[0], SourceFinder)


def run_in_checkout(checkout: Path, code: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run code with the package of a checkout first on the path."""
    return subprocess.run(
        [sys.executable, "-P", "-c", code],
        env={**os.environ, "PYTHONPATH": str(checkout), "FASTERAPI_PURE": "", **environment},
        capture_output=True,
        text=True,
        check=True,
    )


@pytest.fixture
def stale_checkout(tmp_path: Path) -> Path:
    """A checkout with an extension module of unknown origin in it."""
    package = tmp_path / "fasterapi"
    package.mkdir()
    for name in ("__init__.py", "_sources.py"):
        (package / name).write_bytes((PACKAGE / name).read_bytes())
    (package / "__init__.py").write_text((package / "__init__.py").read_text().partition("from fasterapi import ")[0])
    (package / f"errors{EXTENSION_SUFFIX}").touch()
    (tmp_path / "pyproject.toml").touch()
    return tmp_path


def test_a_stale_checkout_warns_on_import(stale_checkout: Path) -> None:
    assert "RuntimeWarning: the extension modules in" in run_in_checkout(stale_checkout, "import fasterapi").stderr


def test_a_stale_checkout_that_runs_its_sources_does_not_warn(stale_checkout: Path) -> None:
    assert run_in_checkout(stale_checkout, "import fasterapi", FASTERAPI_PURE="1").stderr == ""


def test_an_installed_package_is_not_searched_for_stale_modules(stale_checkout: Path) -> None:
    (stale_checkout / "pyproject.toml").unlink()
    code = "import sys, fasterapi; print('fasterapi._sources' in sys.modules)"
    assert run_in_checkout(stale_checkout, code).stdout == "False\n"
