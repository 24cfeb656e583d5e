"""What a person has to look at."""

# Interpreted: see `fasterapi.migrate`.

from __future__ import annotations

from typing import NamedTuple


class Finding(NamedTuple):
    """Something that was left alone, or changed its meaning, and where."""

    file: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}"
