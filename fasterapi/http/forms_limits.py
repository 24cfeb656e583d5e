"""How large a form may be, and what is said of one that is larger, or none."""

from __future__ import annotations

from typing import final

from mypy_extensions import mypyc_attr


@mypyc_attr(allow_interpreted_subclasses=True)
class FormLimits:
    """The limits of one form; sizes are in bytes. `float("inf")` sets no limit.

    Files have no limit of their own: the one on the whole body holds for them.
    """

    def __init__(
        self,
        max_files: float = 1000,
        max_fields: float = 1000,
        max_part_size: float = 1024 * 1024,
        max_part_headers: int = 8,
        max_part_header_size: int = 4096 + 128,
    ) -> None:
        self.max_files = max_files
        self.max_fields = max_fields
        self.max_part_size = max_part_size
        self.max_part_headers = max_part_headers
        self.max_part_header_size = max_part_header_size


@final
class FormFault:
    """Why there is no form: the status and the message of an answer. `client_left` says that nobody waits for one."""

    def __init__(self, status: int, message: str, client_left: bool = False) -> None:
        self.status = status
        self.message = message
        self.client_left = client_left


@mypyc_attr(allow_interpreted_subclasses=True)
class FormRefused(Exception):
    """Ends the reading of a form from within the callbacks of a parser."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message
