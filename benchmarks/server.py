"""The process of one contender that is served, on a free port of the loopback, which it reports as JSON."""

from __future__ import annotations

import importlib
import json
import logging
import os
import socket
import sys
from typing import Protocol, cast

from benchmarks.contenders import Contender, find_contender
from benchmarks.loading import cannot, load_app
from benchmarks.messages import Ready


class ServerModule(Protocol):
    """What every module in `benchmarks.servers` offers."""

    def serve(self, contender: Contender, application: object, listener: socket.socket, workers: int) -> None:
        """Serve until killed."""
        ...


def main() -> None:
    """Serve the contender that the first argument names with as many workers as the second says, until killed."""
    # Servers print what they like: the answer goes out on a descriptor that they do not know.
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    # Refused values may be logged with their tracebacks, which is not what is measured here.
    logging.disable()
    contender = find_contender(sys.argv[1])
    workers = int(sys.argv[2])
    # Some read the command line as their own.
    del sys.argv[1:]
    try:
        module = load_app(contender)
        imported: object = importlib.import_module(f"benchmarks.servers.{contender.server}")
        server = cast("ServerModule", imported)
    except Exception as error:  # noqa: BLE001 - the parent says which contender failed, and goes on with the others
        print(json.dumps({"error": f"{type(error).__name__}: {error}"}), file=answers, flush=True)
        return
    listener = _shared_listener()
    ready = Ready(port=listener.getsockname()[1], by_hand=sorted(module.BY_HAND), cannot=sorted(cannot(module)))
    print(json.dumps({"result": ready}), file=answers, flush=True)
    server.serve(contender, module.application, listener, workers)


def _shared_listener() -> socket.socket:
    listener = socket.socket()
    # Servers that bind the port themselves set one or the other, and may only where we did.
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    listener.bind(("127.0.0.1", 0))
    return listener
