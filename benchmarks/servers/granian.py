"""granian: a server in Rust, in a process under a supervisor of its own, with one thread for its runtime and one for Python."""

# Need not be installed where types are checked.
# mypy: disable-error-code="import-not-found"

from __future__ import annotations

import socket

from granian import Granian
from granian.constants import Interfaces, Loops

from benchmarks.contenders import Contender


def serve(contender: Contender, application: object, listener: socket.socket, workers: int) -> None:
    """Serve in as many children of this process."""
    address, port = listener.getsockname()
    target = f"benchmarks.apps.{contender.app}:application"
    Granian(target, address, port, interface=Interfaces.ASGI, loop=Loops.uvloop, workers=workers, log_enabled=False).serve()
