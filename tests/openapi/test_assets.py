"""The files behind the pages are those that their notes speak of."""

from __future__ import annotations

import base64
import hashlib

import pytest

from fasterapi.openapi.assets import ASSETS

LOGO = b"https://cdn.redoc.ly/redoc/logo-mini.svg"
NO_LOGO = b"data:image/svg+xml,%3Csvg xmlns=%22http://www.w3.org/2000/svg%22/%3E"


@pytest.mark.parametrize("name", ASSETS)
def test_a_file_is_the_one_of_the_cdn(name: str) -> None:
    # But for one picture, which ReDoc would load from elsewhere.
    content = ASSETS[name].content().replace(NO_LOGO, LOGO) if name == "redoc.js" else ASSETS[name].content()
    assert "sha384-" + base64.b64encode(hashlib.sha384(content).digest()).decode() == ASSETS[name].integrity
