"""A typed, compiled ASGI framework for people who know FastAPI."""

from __future__ import annotations

import os as _os

if _os.environ.get("FASTERAPI_PURE", "0") not in ("", "0"):
    from fasterapi._sources import prefer_sources as _prefer_sources

    _prefer_sources()
elif _os.path.exists(_os.path.join(_os.path.dirname(_os.path.dirname(__file__)), "pyproject.toml")):
    # A source checkout: only here can extension modules be older than the sources beside them.
    from fasterapi._sources import warn_of_stale_modules as _warn_of_stale_modules

    _warn_of_stale_modules()

from fasterapi._compat import COMPILED as COMPILED
from fasterapi._version import __version__ as __version__
