"""The application of `fasterapi dev`, made anew in the process that each change begins."""

# Interpreted: see `fasterapi.cli`.

from __future__ import annotations

import logging
import os
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, cast

import msgspec

from fasterapi.app import Faster
from fasterapi.check.application import TargetError, load_object
from fasterapi.cli.exits import NOT_STARTED

VARIABLE: Final = "FASTERAPI_DEVELOPMENT"
"""The environment variable that holds what is developed, for the processes to come."""

FACTORY: Final = f"{__name__}:application"


class Development(msgspec.Struct, frozen=True, kw_only=True):
    """What is developed."""

    target: str
    folder: str
    factory: bool
    address: str
    """Where browsers find it; empty where the port is not known before."""
    with_traceback: bool

    def announce(self) -> None:
        """Leave this to the processes to come."""
        os.environ[VARIABLE] = msgspec.json.encode(self).decode()


def application() -> Callable[..., Any]:
    """The application, with its debug page on; its documentation is pointed out."""
    development = msgspec.json.decode(os.environ[VARIABLE], type=Development)
    logger = logging.getLogger("uvicorn.error")
    try:
        found = load_object(development.target, Path(development.folder), factory=development.factory)
    except TargetError as error:
        if development.with_traceback:
            traceback.print_exception(error)
        # The supervisor waits for the next change, and tries again.
        logger.error("%s", error)  # noqa: TRY400 - a traceback only where it is asked for
        sys.exit(NOT_STARTED)
    if isinstance(found, Faster):
        found.debug = True
        if found.openapi_url and found.docs_url:
            logger.info("Documentation: %s%s", development.address, found.docs_url)
    return cast("Callable[..., Any]", found)
