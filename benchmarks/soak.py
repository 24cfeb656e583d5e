"""Hours of a server's life in minutes: honest, slow, vanishing and hostile clients at once, and nothing may grow (see README.md)."""

from __future__ import annotations

import argparse
import asyncio
import json
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Final

sys.path.append(str(Path(__file__).resolve().parent.parent))

from benchmarks.children import child_command
from benchmarks.messages import Vitals
from benchmarks.progress import say
from benchmarks.soak_clients import play
from benchmarks.soak_wire import SoakError, Wire, request

_SECONDS: Final = 600
_ROUNDS: Final = 10
_REST_SECONDS: Final = 10
_MEBIBYTE: Final = 1024 * 1024

# Memory that was freed is not given back at once, and caches of the interpreter fill late; a leak passes these within minutes.
_MORE_MEMORY: Final = 6 * _MEBIBYTE
_MORE_OBJECTS: Final = 500


def main() -> int:
    """Run the rounds; the exit status is 1 where something grew or an answer was wrong."""
    parser = argparse.ArgumentParser(prog="soak.py", description="Put the protocol under mixed traffic and see that nothing grows.")
    parser.add_argument("--seconds", type=float, default=_SECONDS, help="of traffic, in all")
    parser.add_argument("--rounds", type=int, default=_ROUNDS, help="after each the server rests and is looked at; the first warms it up")
    options = parser.parse_args()
    if options.rounds < 2:
        parser.error("--rounds: the first only warms up, so there have to be two or more")
    with subprocess.Popen(child_command(sys.executable, "soak_server"), stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        try:
            faults = asyncio.run(_soak(json.loads(server.stdout.readline()), options.seconds / options.rounds, options.rounds))
        finally:
            server.kill()
    for fault in faults:
        print(fault)
    print("something is wrong" if faults else "nothing grew")
    return 1 if faults else 0


async def _soak(port: int, seconds: float, rounds: int) -> list[str]:
    deeds: Counter[str] = Counter()
    start = await _vitals(port)
    say(f"{rounds} rounds of {seconds:g} s, fasterapi {'compiled' if start['compiled'] else 'interpreted'}")
    rests: list[Vitals] = []
    for number in range(rounds):
        wrong: list[str] = []
        try:
            await play(port, seconds, number, deeds)
        except* SoakError as group:
            wrong = [str(error) for error in group.exceptions]
        if wrong:
            return wrong
        rests.append(await _rest(port, start))
        say(_line(number, rests[-1], deeds))
    return find_faults(start, rests)


async def _rest(port: int, start: Vitals) -> Vitals:
    """What is there once the server has let go of all it should, or has had its time to."""
    deadline = time.monotonic() + _REST_SECONDS
    while True:
        vitals = await _vitals(port)
        at_rest = vitals["descriptors"] <= start["descriptors"] and vitals["tasks"] <= start["tasks"]
        if at_rest or time.monotonic() > deadline:
            return vitals
        await asyncio.sleep(0.1)


async def _vitals(port: int) -> Vitals:
    async with Wire(port) as wire:
        _, body = await wire.ask(request("GET", "/vitals"))
    vitals: Vitals = json.loads(body)
    return vitals


def find_faults(start: Vitals, rests: list[Vitals]) -> list[str]:
    """What is wrong: errors in the log, sockets and tasks since the start, memory and objects since the first round."""
    first, last = rests[0], rests[-1]
    faults: list[str] = []
    if last["errors"]:
        faults.append(f"errors: the server logged {last['errors']}")
    if last["descriptors"] > start["descriptors"]:
        faults.append(f"sockets: {start['descriptors']} at the start, {last['descriptors']} at the end")
    if last["tasks"] > start["tasks"]:
        faults.append(f"tasks: {start['tasks']} at the start, {last['tasks']} at the end")
    if last["objects"] > first["objects"] + _MORE_OBJECTS:
        faults.append(f"objects: {first['objects']} after the first round, {last['objects']} at the end")
    if last["memory"] > first["memory"] + _MORE_MEMORY:
        faults.append(f"memory: {first['memory'] // 1024} KiB after the first round, {last['memory'] // 1024} KiB at the end")
    return faults


def _line(number: int, rest: Vitals, deeds: Counter[str]) -> str:
    done = ", ".join(f"{count} {name}" for name, count in sorted(deeds.items()))
    memory = rest["memory"] / _MEBIBYTE
    return (
        f"round {number + 1}: {memory:.1f} MiB, {rest['descriptors']} descriptors, {rest['tasks']} tasks, {rest['objects']} objects; {done}"
    )


if __name__ == "__main__":
    sys.exit(main())
