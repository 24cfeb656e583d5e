"""Robyn's own server, in Rust."""

# Need not be installed where types are checked.
# mypy: disable-error-code="import-not-found"

from __future__ import annotations

import socket
from typing import cast

from robyn import Robyn

from benchmarks.contenders import Contender


def serve(contender: Contender, application: object, listener: socket.socket, workers: int) -> None:
    """Serve in this process or, for several workers, in children of it."""
    address, port = listener.getsockname()
    robyn = cast("Robyn", application)
    robyn.config.processes = workers
    robyn.config.disable_openapi = True
    # Its own look at the port takes the listener for a stranger.
    robyn.start(host=address, port=port, _check_port=False)
