"""How long a test waits for what has to come."""

from typing import Final

DEADLINE: Final = 60.0
"""Seconds after which something is taken to hang. It costs nothing where all is well, and a busy machine may need many of them."""
