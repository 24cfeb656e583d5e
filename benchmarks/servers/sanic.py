"""Sanic's own server, on uvloop."""

# Need not be installed where types are checked.
# mypy: disable-error-code="import-not-found"

from __future__ import annotations

import socket
from typing import cast

from sanic import Sanic

from benchmarks.contenders import Contender


def serve(contender: Contender, application: object, listener: socket.socket, workers: int) -> None:
    """Serve in this process or, for several workers, in children of it."""
    address, port = listener.getsockname()
    # Its other ways to start workers import the program again, which is none that could be imported.
    Sanic.start_method = "fork"
    sanic = cast("Sanic", application)
    sanic.run(host=address, port=port, workers=workers, single_process=workers == 1, access_log=False, motd=False)
