"""The one place where the version is written."""

from typing import Final

__version__: Final = "0.1.0"
