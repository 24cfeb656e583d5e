"""uvicorn, on uvloop, with the HTTP protocol that the contender names."""

from __future__ import annotations

import socket
from typing import Final

import uvicorn
from uvicorn.supervisors import Multiprocess

from benchmarks.contenders import Contender

_BACKLOG: Final = 2048
_KEEP_ALIVE: Final = 600
"""Seconds: longer than any measurement rests."""


def serve(contender: Contender, application: object, listener: socket.socket, workers: int) -> None:
    """Serve, in this process or, for several workers, in children of it."""
    listener.listen(_BACKLOG)
    config = uvicorn.Config(
        f"benchmarks.apps.{contender.app}:application",
        http=contender.protocol,
        loop="uvloop",
        log_level="critical",
        access_log=False,
        workers=workers,
        timeout_keep_alive=_KEEP_ALIVE,
    )
    if workers == 1:
        uvicorn.Server(config).run(sockets=[listener])
    else:
        Multiprocess(config, sockets=[listener]).run()
