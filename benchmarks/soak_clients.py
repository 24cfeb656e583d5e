"""The clients of the soak run: most are honest, some are slow, some vanish, some are hostile. Each does one thing, again and again."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Final

from benchmarks.soak_wire import PIECE, SoakError, Wire, expect, request

_JSON: Final = "Content-Type: application/json"
_ITEM: Final = b'{"name":"pen","price":1.5,"quantity":2,"tags":["a"]}'
_TOTAL: Final = {"name": "pen", "price": 1.5, "quantity": 2, "tags": ["a"], "total": 3.0}
_HANDSHAKE: Final = request(
    "GET",
    "/echo",
    b"",
    "Upgrade: websocket",
    "Connection: Upgrade",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
)
_PAUSE: Final = 0.005
_SLOW_PAUSE: Final = 0.2
_PATIENCE: Final = 60
"""Seconds after which every client should have its answer, or have been sent away."""

_HOSTILE: Final = (
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
    b"GET / HTTP/1.1\r\n\r\n",
    b"GET / HTTP/1.1\nHost: a\n\n",
    b"GET / HTTP/1.1\r\nHost : a\r\n\r\n",
    b"GET /" + b"x" * 40_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"y" * 80_000 + b"\r\n\r\n",
    b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 400 + b"Host: a\r\n\r\n",
    b"POST /items HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    b"POST /upload HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n",
    b"POST /items HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999\r\nContent-Type: application/json\r\n\r\n",
    _HANDSHAKE.replace(b"GET", b"POST").replace(b"Host", b"Content-Length: 3\r\nHost") + b"abc\0",
)

Deed = Callable[[int, random.Random], Awaitable[None]]


async def read(port: int, chance: random.Random) -> None:
    """Ask for small things on one connection."""
    async with Wire(port) as wire:
        for _ in range(chance.randint(1, 50)):
            number = chance.randint(0, 10**6)
            expect(await wire.ask(request("GET", f"/users/{number}?q=a")), 200, {"user_id": number, "q": "a"})
            expect(await wire.ask(request("POST", "/items", _ITEM, _JSON)), 200, _TOTAL)
            expect(await wire.ask(request("GET", f"/deps?tenant=t{number}")), 200, f"t{number}")
            await asyncio.sleep(_PAUSE)


async def pipeline(port: int, chance: random.Random) -> None:
    """Ask for many things at once."""
    numbers = [chance.randint(0, 10**6) for _ in range(30)]
    async with Wire(port) as wire:
        await wire.send(b"".join(request("GET", f"/users/{number}") for number in numbers))
        for number in numbers:
            expect(await wire.answer(), 200, {"user_id": number, "q": None})
    await asyncio.sleep(_PAUSE)


async def upload(port: int, chance: random.Random) -> None:
    """Send much, counted and in chunks."""
    body = b"x" * chance.randint(1, 300_000)
    chunks = b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body)
    async with Wire(port) as wire:
        expect(await wire.ask(request("POST", "/upload", body)), 200, len(body))
        expect(await wire.ask(request("POST", "/upload", b"", "Transfer-Encoding: chunked") + chunks), 200, len(body))
    await asyncio.sleep(_PAUSE)


async def download(port: int, chance: random.Random) -> None:
    """Take a stream to its end."""
    count = chance.randint(0, 30)
    async with Wire(port) as wire:
        status, body = await wire.ask(request("GET", f"/stream/{count}"))
    if status != 200 or len(body) != count * PIECE:
        raise SoakError(f"{count} pieces were expected, {len(body)} bytes came, with status {status}")
    await asyncio.sleep(_PAUSE)


async def talk(port: int, chance: random.Random) -> None:
    """Say something over a WebSocket, hear it, and close, or not."""
    async with Wire(port) as wire:
        await wire.send(_HANDSHAKE)
        await wire.reader.readuntil(b"\r\n\r\n")
        for _ in range(chance.randint(1, 20)):
            # Masked with zeros; a text of three bytes.
            await wire.send(b"\x81\x83\0\0\0\0abc")
            if await wire.reader.readexactly(5) != b"\x81\x03abc":
                raise SoakError("another text came back over the WebSocket")
        if chance.random() < 0.5:
            await wire.send(b"\x88\x80\0\0\0\0")
            await wire.reader.read()
    await asyncio.sleep(_PAUSE)


async def break_handler(port: int, _: random.Random) -> None:
    """Have a handler fail."""
    async with Wire(port) as wire:
        status, _body = await wire.ask(request("GET", "/bug"))
        if status != 500:
            raise SoakError(f"a bug was answered with {status}")
    await asyncio.sleep(_PAUSE)


async def vanish(port: int, chance: random.Random) -> None:
    """Be gone inside a head, a body, a stream, a conversation, or before the answer."""
    starts = [
        b"GET /us",
        request("POST", "/upload", b"x" * 10_000)[:-9_000],
        request("GET", "/stream/100000"),
        request("GET", "/ticks"),
        _HANDSHAKE,
        request("GET", "/users/1") * 5,
    ]
    async with Wire(port) as wire:
        await wire.send(chance.choice(starts))
        await asyncio.sleep(chance.choice([0, 0, _PAUSE, 10 * _PAUSE]))
        wire.vanish()


async def creep(port: int, chance: random.Random) -> None:
    """Send a head or a body byte by byte, until the server has enough."""
    data = chance.choice([request("GET", "/users/1", b"", "X: " + "y" * 10_000), request("POST", "/upload", b"x" * 10_000)[:-9_999]])
    async with Wire(port) as wire:
        await wire.send(data[:60])
        while not wire.reader.at_eof():
            await wire.send(b"x")
            await asyncio.sleep(_SLOW_PAUSE)


async def ignore(port: int, _: random.Random) -> None:
    """Ask for much and read none of it, until the server has enough."""
    async with Wire(port) as wire:
        await wire.send(request("GET", "/stream/100000"))
        await asyncio.sleep(100)


async def attack(port: int, chance: random.Random) -> None:
    """Send what is no request; the answer, if there is one, is a refusal, and the last."""
    async with Wire(port) as wire:
        await wire.send(chance.choice([*_HOSTILE, chance.randbytes(200) + b"\r\n\r\n"]))
        said = await wire.reader.read()
        if said and not said.startswith(b"HTTP/1.1 4") and not said.startswith(b"HTTP/1.1 505"):
            raise SoakError(f"an attack was answered with {said[:100]!r}")
    await asyncio.sleep(_PAUSE)


CLIENTS: Final[tuple[tuple[Deed, int], ...]] = (
    (read, 4),
    (pipeline, 1),
    (upload, 1),
    (download, 1),
    (talk, 2),
    (break_handler, 1),
    (vanish, 3),
    (creep, 3),
    (ignore, 3),
    (attack, 2),
)
"""What is done, and by how many at a time."""


async def play(port: int, seconds: float, seed: int, deeds: Counter[str]) -> None:
    """Have all clients at it for so long, then none; raises where an answer was wrong, or an honest client was sent away."""
    async with asyncio.TaskGroup() as group:
        tasks = [
            group.create_task(_repeat(deed, port, random.Random(f"{seed} {deed.__name__} {number}"), deeds))
            for deed, count in CLIENTS
            for number in range(count)
        ]
        await asyncio.sleep(seconds)
        for task in tasks:
            task.cancel()


async def _repeat(deed: Deed, port: int, chance: random.Random, deeds: Counter[str]) -> None:
    while True:
        deeds[deed.__name__] += 1
        try:
            async with asyncio.timeout(_PATIENCE if deed is not ignore else None):
                await deed(port, chance)
        except TimeoutError as error:
            raise SoakError(f"a client that wanted to {deed.__name__} was kept waiting") from error
        except (ConnectionError, asyncio.IncompleteReadError) as error:
            # The server may send these away at any moment.
            if deed not in (creep, ignore, attack, vanish):
                raise SoakError(f"the connection of a client that wanted to {deed.__name__} broke: {error!r}") from error
