"""What makes a form of a body, whatever the body's type."""

from __future__ import annotations

from fasterapi.http.uploads import UploadFile


class FormReader:
    """Takes a body piece by piece; raises `FormRefused` for one that is no form, or passes a limit."""

    def __init__(self) -> None:
        self.items: list[tuple[str, UploadFile | str]] = []

    def feed(self, piece: bytes) -> None:
        """Take the next piece."""
        raise NotImplementedError

    async def store(self) -> None:
        """Put away what came of files."""

    async def finish(self) -> None:
        """The body has ended: all fields are in `items` now."""
        raise NotImplementedError

    async def abandon(self) -> None:
        """There will be no form: let go of everything."""
