"""One start of a contender in a fresh process: import, registration, memory.

Nothing that a framework may need is loaded before its import is timed, so that no module is paid for in advance.
"""

from __future__ import annotations

import os
import sys
import time

ROUTES = 1000


def main() -> None:
    """Print as JSON what it takes to import `module:name` (second argument) and to start the contender (first argument).

    With a third argument it starts with dependencies behind each route, and says nothing of the import.
    """
    contender, framework, *injected = sys.argv[1:]
    answer: dict[str, object] = {}
    try:
        answer["result"] = _inject(contender) if injected else _import(framework) | _register(contender)
    except Exception as error:  # noqa: BLE001 - the parent says which contender failed, and goes on with the others
        answer["error"] = f"{type(error).__name__}: {error}"

    import json  # frameworks load it too, and pay for it

    print(json.dumps(answer))


def _import(framework: str) -> dict[str, float]:
    module, _, name = framework.partition(":")
    wall, cpu = time.perf_counter(), time.process_time()
    getattr(__import__(module, fromlist=[name]), name)
    return _spent("import", wall, cpu)


def _register(contender: str) -> dict[str, float]:
    from benchmarks.contenders import find_contender  # after the timed import
    from benchmarks.contract import expect, routes_endpoint
    from benchmarks.in_process import InProcess
    from benchmarks.loading import load_app

    module = load_app(find_contender(contender))
    first = routes_endpoint(ROUTES).timed[0]
    wall, cpu = time.perf_counter(), time.process_time()
    # Some frameworks build their tables at the start or at the first request: an answer is the only honest end.
    expect(first, InProcess(module.with_routes(ROUTES)).ask)
    return _spent("register", wall, cpu)


def _inject(contender: str) -> dict[str, float]:
    from benchmarks.contenders import find_contender
    from benchmarks.contract import expect, routes_endpoint
    from benchmarks.in_process import InProcess
    from benchmarks.loading import InjectingModule, load_app

    module = load_app(find_contender(contender))
    if not isinstance(module, InjectingModule):
        return {}
    first = routes_endpoint(ROUTES).timed[0]
    wall, cpu = time.perf_counter(), time.process_time()
    expect(first, InProcess(module.with_dependencies(ROUTES)).ask)
    return _spent("inject", wall, cpu)


def _spent(step: str, wall: float, cpu: float) -> dict[str, float]:
    """Milliseconds since the two clocks were read, and the megabytes that the process holds now."""
    return {
        f"{step}_wall": (time.perf_counter() - wall) * 1000,
        f"{step}_cpu": (time.process_time() - cpu) * 1000,
        f"{step}_memory": _resident_megabytes(),
    }


def _resident_megabytes() -> float:
    with open("/proc/self/statm") as statistics:  # noqa: PTH123 - pathlib is one of the modules not to load
        return int(statistics.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1_000_000
