"""The process of one contender that is served: uvicorn on a free port of the loopback, which it reports as JSON."""

from __future__ import annotations

import json
import logging
import socket
import sys
from typing import Final

import uvicorn

from benchmarks.contenders import find_contender
from benchmarks.loading import load_app
from benchmarks.messages import Ready

_BACKLOG: Final = 2048


def main() -> None:
    """Serve the contender that the first argument names, until killed."""
    # Refused values may be logged with their tracebacks, which is not what is measured here.
    logging.disable()
    contender = find_contender(sys.argv[1])
    try:
        module = load_app(contender)
        config = uvicorn.Config(module.application, http=contender.protocol, loop="uvloop", log_level="critical", access_log=False)
        config.load()
    except Exception as error:  # noqa: BLE001 - the parent says which contender failed, and goes on with the others
        print(json.dumps({"error": f"{type(error).__name__}: {error}"}), flush=True)
        return
    listener = socket.create_server(("127.0.0.1", 0), backlog=_BACKLOG)
    ready = Ready(port=listener.getsockname()[1], by_hand=sorted(module.BY_HAND))
    print(json.dumps({"result": ready}), flush=True)
    uvicorn.Server(config).run(sockets=[listener])
