"""The logger, where FastAPI has it: everything that the package logs goes through it."""

from __future__ import annotations

import logging
from typing import Final

logger: Final = logging.getLogger("fasterapi")
