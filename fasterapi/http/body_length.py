"""The length that was announced for the body of an answer."""

from __future__ import annotations

from typing import final


@final
class BodyLength:
    """Holds a body to the length that was announced for it: the client counts, too."""

    def __init__(self, announced: int) -> None:
        self._left = announced

    def take(self, length: int) -> None:
        """Count a piece. Raises `RuntimeError` if it is more than was announced."""
        if length > self._left:
            raise RuntimeError("Response content longer than Content-Length")
        self._left -= length

    def end(self) -> None:
        """The body ends here. Raises `RuntimeError` if it is less than was announced."""
        if self._left:
            raise RuntimeError("Response content shorter than Content-Length")
