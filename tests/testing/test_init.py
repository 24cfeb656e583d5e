"""What the package says where httpx is missing."""

from __future__ import annotations

import runpy
import sys

import pytest

import fasterapi.testing


def test_missing_httpx_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "httpx", None)
    with pytest.raises(ModuleNotFoundError, match=r"fasterapi\.testing needs httpx: pip install 'fasterapi-framework\[test\]'"):
        runpy.run_path(str(fasterapi.testing.__file__))
