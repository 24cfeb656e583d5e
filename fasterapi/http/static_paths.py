"""Where on the disk the path of a URL leads, which must be nowhere but below a directory."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

_WINDOWS: Final = os.name == "nt"
_DEVICES: Final = frozenset(
    [
        "AUX",
        "CON",
        "CONIN$",
        "CONOUT$",
        "NUL",
        "PRN",
        *[f"{device}{number}" for device in ("COM", "LPT") for number in "123456789¹²³"],
    ]
)
"""What Windows takes for a device in every directory, whatever follows behind a full stop."""


def relative_path(path: str) -> str:
    """The decoded path of a URL without its empty parts; `.` where nothing is left."""
    return "/".join([part for part in path.split("/") if part not in ("", ".")]) or "."


def leads_below(path: str, windows: bool = _WINDOWS) -> bool:
    """Whether a path, joined to a directory, stays below it on every system, as far as names alone can tell.

    A backslash, which some systems take for a slash, is refused on all of them; so is every `..`, needed by no client.
    """
    if path.startswith("/") or "\\" in path or "\0" in path:
        return False
    for part in path.split("/"):
        if part == ".." or (windows and not _is_windows_name(part)):
            return False
    return True


def _is_windows_name(part: str) -> bool:
    """Whether Windows takes this for a name: not for a drive, a stream or a device, nor for another name without its last characters."""
    if part == ".":
        return True
    if ":" in part or part.endswith((".", " ")):
        return False
    return part.partition(".")[0].rstrip(" ").upper() not in _DEVICES


def path_below(directory: str, path: str, follow_symlink: bool) -> str | None:
    """The absolute path of a file below a directory; `None` where a symbolic link leads out of it. Waits for the disk."""
    if follow_symlink:
        root = Path(directory).absolute()
        found = root / path
    else:
        root = Path(os.path.realpath(directory))
        found = Path(os.path.realpath(root / path))
    # By whole names: `/static-secret` is not below `/static`.
    return str(found) if found.is_relative_to(root) else None
