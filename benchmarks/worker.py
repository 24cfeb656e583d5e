"""The process of one contender: calls its application when the parent says so, and answers what it cost.

Started with the contender's name, and for `--routes` with a number of routes, it reads one JSON object a line from
standard input (`{"endpoint": "json", "requests": 2000}`) and writes one a line to standard output: first how the
contender keeps the contract, then the CPU nanoseconds of each command; `{"error": "..."}` and the end where it fails.
"""

from __future__ import annotations

import gc
import json
import logging
import os
import sys

from benchmarks.conduct import observe
from benchmarks.contenders import find_contender
from benchmarks.contract import DIRECT_ENDPOINTS, routes_endpoint
from benchmarks.in_process import InProcess
from benchmarks.loading import load_app
from benchmarks.messages import Command


def main() -> None:
    """Answer commands until standard input ends."""
    # Frameworks print what they like: the answers go out on a descriptor that they do not know.
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    # A refused value may be logged with its traceback, which is not what is measured here.
    logging.disable()
    name, *routes = sys.argv[1:]

    def answer(message: dict[str, object]) -> None:
        print(json.dumps(message), file=answers, flush=True)

    try:
        module = load_app(find_contender(name))
        endpoints = (routes_endpoint(int(routes[0])),) if routes else DIRECT_ENDPOINTS
        caller = InProcess(module.with_routes(int(routes[0])) if routes else module.application)
        answer({"result": observe(endpoints, module.BY_HAND, caller.ask)})
        timed = {endpoint.name: endpoint.timed for endpoint in endpoints}
        for line in sys.stdin:
            command: Command = json.loads(line)
            samples = timed[command["endpoint"]]
            gc.collect()
            # The collection has walked over the whole heap and left the processor's caches to it.
            caller.measure(samples, 2 * len(samples))
            answer({"result": caller.measure(samples, command["requests"])})
        caller.close()
    except Exception as error:  # noqa: BLE001 - the parent says which contender failed, and goes on with the others
        answer({"error": f"{type(error).__name__}: {error}"})
