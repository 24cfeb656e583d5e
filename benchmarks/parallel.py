"""How long two calls that keep a processor busy take, as multiples of one: 1 is parallel, 2 is one after the other.

Run it on a quiet machine with two processors or more: `python benchmarks/parallel.py`.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Final

# Found by the workers too: what they call must be importable there, without anything of fasterapi.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.busy import count_primes
from fasterapi import SubInterpreterPool, run_in_threadpool

_ROUNDS: Final = 9
_LIMIT: Final = 200_000


async def main() -> None:
    """Print the best of the rounds for each way to call a function elsewhere."""
    async with SubInterpreterPool(max_workers=2) as pool:
        ways: dict[str, Callable[..., Awaitable[Any]]] = {
            "interpreters" if sys.version_info >= (3, 13) else "interpreters (processes here)": pool.run,
            "processes": pool.run_in_process,
            "threads": run_in_threadpool,
        }
        for name, run in ways.items():
            await asyncio.gather(run(count_primes, 10), run(count_primes, 10))
            times = [await _one_and_two(run) for _ in range(_ROUNDS)]
            # What else the machine does makes some rounds slower, and none faster.
            print(f"{name:30} {min(two for _, two in times) / min(one for one, _ in times):.2f}")


async def _one_and_two(run: Callable[..., Awaitable[Any]]) -> tuple[float, float]:
    started = time.perf_counter()
    await run(count_primes, _LIMIT)
    between = time.perf_counter()
    await asyncio.gather(run(count_primes, _LIMIT), run(count_primes, _LIMIT))
    return between - started, time.perf_counter() - between


if __name__ == "__main__":
    asyncio.run(main())
