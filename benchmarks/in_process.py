"""Call an ASGI application by hand: no server, no sockets, only what the framework itself costs."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Sequence
from typing import Final

import uvloop

from benchmarks.asgi import Application, Message, Receive, Scope
from benchmarks.contract import Answer, Request, Sample

_LIFESPAN_TIMEOUT: Final = 30.0


class InProcess:
    """An application, started, on an event loop of its own."""

    def __init__(self, application: Application) -> None:
        self._application = application
        self._loop = uvloop.new_event_loop()
        asyncio.set_event_loop(self._loop)
        self._shut_down = asyncio.Event()
        self._lifespan: asyncio.Task[None] | None = None
        self._failure = ""
        self._loop.run_until_complete(self._start())

    def ask(self, request: Request) -> Answer:
        """Send one request; an exception that leaves the application is a 500, as every server makes it."""
        return self._loop.run_until_complete(self._ask(request))

    def measure(self, samples: Sequence[Sample], requests: int) -> int:
        """CPU time of the process for so many requests, in nanoseconds."""
        prepared = [(_scope(sample.request), _receive(sample.request)) for sample in samples]
        return self._loop.run_until_complete(_repeat(self._application, prepared, requests))

    def close(self) -> None:
        """Let the application shut down."""
        self._shut_down.set()
        if self._lifespan is not None:
            self._loop.run_until_complete(self._lifespan)
        self._loop.close()

    async def _start(self) -> None:
        started = asyncio.Event()
        self._lifespan = asyncio.create_task(self._run_lifespan(started))
        await asyncio.wait_for(started.wait(), _LIFESPAN_TIMEOUT)
        if self._failure:
            raise RuntimeError(f"the application did not start: {self._failure}")

    async def _run_lifespan(self, started: asyncio.Event) -> None:
        messages: Iterator[Message] = iter([{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}])

        async def receive() -> Message:
            if started.is_set():
                await self._shut_down.wait()
            return next(messages)

        async def send(message: Message) -> None:
            if message["type"] == "lifespan.startup.failed":
                self._failure = message.get("message") or "no reason given"
            started.set()

        try:
            await self._application({"type": "lifespan", "asgi": _ASGI, "state": {}}, receive, send)
        except Exception:
            # An application that knows no lifespan raises at once, and is served without one.
            if started.is_set() and not self._failure:
                raise
        finally:
            started.set()

    async def _ask(self, request: Request) -> Answer:
        messages: list[Message] = []

        async def send(message: Message) -> None:
            messages.append(message)

        try:
            await self._application(_scope(request), _receive(request), send)
        except Exception:  # noqa: BLE001 - whatever the application raises, a server answers it with 500
            return Answer(500, b"")
        status: int = messages[0]["status"]
        return Answer(status, b"".join(message.get("body", b"") for message in messages[1:]))


async def _repeat(application: Application, prepared: list[tuple[Scope, Receive]], requests: int) -> int:
    send = _discard
    kinds = len(prepared)
    started = time.process_time_ns()
    for number in range(requests):
        template, receive = prepared[number % kinds]
        scope = template.copy()
        # Frameworks keep what they have parsed in the state: a shared one would answer for them.
        scope["state"] = {}
        await application(scope, receive, send)
    return time.process_time_ns() - started


async def _discard(message: Message) -> None:
    pass


_ASGI: Final = {"version": "3.0", "spec_version": "2.3"}


def _scope(request: Request) -> Scope:
    """The scope that uvicorn builds for the request."""
    return {
        "type": "http",
        "asgi": _ASGI,
        "http_version": "1.1",
        "server": ("127.0.0.1", 8000),
        "client": ("127.0.0.1", 50000),
        "scheme": "http",
        "method": request.method,
        "root_path": "",
        "path": request.path,
        "raw_path": request.path.encode("ascii"),
        "query_string": request.query.encode("ascii"),
        "headers": [(name.encode("ascii"), value.encode("ascii")) for name, value in request.headers],
        "state": {},
    }


def _receive(request: Request) -> Receive:
    message = {"type": "http.request", "body": request.body, "more_body": False}

    async def receive() -> Message:
        return message

    return receive
