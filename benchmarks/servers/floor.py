"""The least that a server can be: uvloop hands what it reads to a protocol."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Callable
from typing import Final, cast

import uvloop

from benchmarks.contenders import Contender

_BACKLOG: Final = 2048


def serve(contender: Contender, application: object, listener: socket.socket, workers: int) -> None:
    """Serve in this process, and in a fork of it for each further worker."""
    listener.listen(_BACKLOG)
    for _ in range(workers - 1):
        if not os.fork():
            break
    uvloop.run(_serve(cast("Callable[[], asyncio.Protocol]", application), listener))


async def _serve(protocol: Callable[[], asyncio.Protocol], listener: socket.socket) -> None:
    server = await asyncio.get_running_loop().create_server(protocol, sock=listener)
    await server.serve_forever()
