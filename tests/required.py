"""What tests need from the machine.

Where it is missing they are skipped, with a reason that says how to get it. Under FASTERAPI_SERVICES=required, as in continuous
integration, nothing is skipped: they run, and fail.

    NGINX = find("nginx")


    @needs(NGINX, "nginx: apt-get install nginx")
    def test_with_nginx() -> None: ...
"""

from __future__ import annotations

import os
import shutil
from typing import Final

import pytest

VARIABLE: Final = "FASTERAPI_SERVICES"

_ADMINISTRATORS: Final = ("/usr/local/sbin", "/usr/sbin", "/sbin")
"""Where Debian has the commands that are not on the path of everybody."""


def is_required() -> bool:
    """Whether all must be there."""
    return os.environ.get(VARIABLE) == "required"


def find(command: str) -> str | None:
    """The path of a command, if this machine has it."""
    return shutil.which(command, path=os.pathsep.join([os.environ.get("PATH", os.defpath), *_ADMINISTRATORS]))


def needs(found: object, what: str) -> pytest.MarkDecorator:
    """Mark what cannot run without something that was found, or was not; the text says what it is, and where to get it."""
    return pytest.mark.skipif(not found and not is_required(), reason=f"needs {what}")
