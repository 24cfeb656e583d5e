"""What an outgoing request costs: `fasterapi.client` beside bare httpx, against the same server, in processor time of this process.

    python benchmarks/outgoing.py --requests 1000 --together 100

The contenders take turns; the median of all rounds is shown, and how many times less it is than httpx's.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import statistics
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, contextmanager

import httpx

import fasterapi
from fasterapi.client import AsyncSession, FastHTTP, Guard, Limits, Response

# In a process of its own, so that its work is not counted.
SERVER = """
import asyncio


async def handle(reader, writer):
    try:
        while await reader.readuntil(b"\\r\\n\\r\\n"):
            writer.write(b"HTTP/1.1 200 OK\\r\\ncontent-type: application/json\\r\\ncontent-length: 9\\r\\n\\r\\n" + b'{"id": 1}')
    except (asyncio.IncompleteReadError, ConnectionError):
        writer.close()


async def main():
    server = await asyncio.start_server(handle, "127.0.0.1", 0, backlog=256)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


asyncio.run(main())
"""

Round = Callable[[], Awaitable[object]]


@contextmanager
def serving() -> Iterator[str]:
    """The URL of a server that answers everything alike."""
    with subprocess.Popen([sys.executable, "-c", SERVER], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield f"http://127.0.0.1:{process.stdout.readline().strip()}/x"
        process.kill()


async def gathered(ask: Callable[[], Awaitable[object]], requests: int, together: int) -> None:
    """Ask so many times, so many at once."""
    places = asyncio.Semaphore(together)

    async def one() -> None:
        async with places:
            await ask()

    await asyncio.gather(*(one() for _ in range(requests)))


async def compare(url: str, requests: int, together: int, rounds: int) -> dict[str, float]:
    """The median milliseconds of a round, by contender."""
    security = Guard(allow=["127.0.0.1"])
    limits = Limits(max_connections=together, max_keepalive_connections=together)
    async with AsyncExitStack() as stack:
        bare = await stack.enter_async_context(
            httpx.AsyncClient(limits=httpx.Limits(max_connections=together, max_keepalive_connections=together))
        )
        session = await stack.enter_async_context(AsyncSession(security=security, limits=limits))
        app = FastHTTP(security=security, limits=limits, concurrency=together)
        for number in range(requests):

            @app.get(f"{url}?{number}")
            async def handle(response: Response) -> object:
                return response.json()

        async def by_httpx() -> object:
            return (await bare.get(url)).json()

        async def by_session() -> object:
            return (await session.get(url)).json()

        contenders: dict[str, Round] = {
            "httpx": lambda: gathered(by_httpx, requests, together),
            "AsyncSession": lambda: gathered(by_session, requests, together),
            "FastHTTP.arun": app.arun,
        }
        read: dict[str, list[float]] = {name: [] for name in contenders}
        for _ in range(rounds):
            for name, run in contenders.items():
                began = time.process_time()
                await run()
                read[name].append((time.process_time() - began) * 1000)
        return {name: statistics.median(values) for name, values in read.items()}


def main() -> None:
    """Read the figures and print them."""
    parser = argparse.ArgumentParser(prog="outgoing.py", description="Compare fasterapi.client with httpx.")
    parser.add_argument("--requests", type=int, default=1000)
    parser.add_argument("--together", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    logging.disable(logging.INFO)
    with serving() as url:
        figures = asyncio.run(compare(url, options.requests, options.together, options.rounds))
    build = "compiled" if fasterapi.COMPILED else "interpreted"
    print(f"{options.requests} requests, {options.together} at once, fasterapi {build}, CPython {sys.version.split()[0]}")
    for name, milliseconds in figures.items():
        print(f"{name:15} {milliseconds:8.0f} ms CPU  {figures['httpx'] / milliseconds:5.1f}x")


if __name__ == "__main__":
    main()
