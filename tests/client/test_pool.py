"""Connections: how many there are, who gets them, which are kept."""

from __future__ import annotations

import asyncio
import gc
import socket
import threading
from collections.abc import Callable, Iterator

import pytest

from fasterapi.client import AsyncSession, FastHTTPConnectionError, FastHTTPTimeoutError, Limits, Timeout
from tests.client.sites import LOCAL
from tests.deadline import DEADLINE


class Counting:
    """A server that counts its connections, and does with each what a test says."""

    def __init__(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.accepted = 0
        self.open = 0
        self.most = 0
        self.requests: list[bytes] = []
        self.closes_after: int | None = None
        self.hold = threading.Event()
        self.hold.set()
        self.arrived = threading.Semaphore(0)
        self.lock = threading.Condition()
        self.threads = [threading.Thread(target=self.accept)]
        self.threads[0].start()

    def url(self, host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.listener.getsockname()[1]}/"

    async def wait_for_request(self) -> None:
        assert await asyncio.to_thread(self.arrived.acquire, timeout=DEADLINE)

    def accept(self) -> None:
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            self.threads.append(threading.Thread(target=self.serve, args=[connection]))
            self.threads[-1].start()

    def serve(self, connection: socket.socket) -> None:
        with self.lock:
            self.accepted += 1
            self.open += 1
            self.most = max(self.most, self.open)
        served = 0
        with connection:
            while self.closes_after is None or served < self.closes_after:
                head = self.read_head(connection)
                if not head:
                    break
                self.requests.append(head.split(b"\r\n")[0])
                self.arrived.release()
                self.hold.wait(DEADLINE)
                served += 1
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        with self.lock:
            self.open -= 1
            self.lock.notify_all()

    def wait_until_closed(self) -> bool:
        with self.lock:
            return self.lock.wait_for(lambda: self.open == 0, DEADLINE)

    @staticmethod
    def read_head(connection: socket.socket) -> bytes:
        head = b""
        while b"\r\n\r\n" not in head:
            try:
                data = connection.recv(65536)
            except OSError:
                return b""
            if not data:
                return b""
            head += data
        return head

    def close(self) -> None:
        self.hold.set()
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        for thread in self.threads:
            thread.join(DEADLINE)
            assert not thread.is_alive()


@pytest.fixture
def server() -> Iterator[Counting]:
    server = Counting()
    yield server
    server.close()


async def test_one_connection_carries_many_requests(server: Counting) -> None:
    async with AsyncSession(security=LOCAL) as session:
        for _ in range(20):
            assert (await session.get(server.url())).text == "ok"
    assert server.accepted == 1


async def test_there_are_no_more_than_allowed(server: Counting) -> None:
    limits = Limits(max_connections=5, max_keepalive_connections=5)
    async with AsyncSession(security=LOCAL, limits=limits) as session:
        responses = await asyncio.gather(*(session.get(server.url()) for _ in range(200)))
    assert ({response.text for response in responses}, server.most, server.accepted) == ({"ok"}, 5, 5)


async def test_unused_connections_beyond_the_limit_are_closed(server: Counting) -> None:
    async with AsyncSession(security=LOCAL, limits=Limits(max_keepalive_connections=0)) as session:
        for _ in range(3):
            await session.get(server.url())
    assert server.accepted == 3


async def test_connections_expire(server: Counting) -> None:
    async with AsyncSession(security=LOCAL, limits=Limits(keepalive_expiry=0)) as session:
        for _ in range(3):
            await session.get(server.url())
    assert server.accepted == 3


async def test_hosts_share_the_room(server: Counting) -> None:
    limits = Limits(max_connections=2)
    async with AsyncSession(security=LOCAL, limits=limits, timeout=DEADLINE) as session:
        hosts = ["127.0.0.1", "localhost", "127.0.0.1", "127.1"] * 20
        responses = await asyncio.gather(*(session.get(server.url(host)) for host in hosts))
    assert ({response.text for response in responses}, len(responses)) == ({"ok"}, 80)


async def test_who_waits_longest_is_served_first(server: Counting) -> None:
    order: list[int] = []
    async with AsyncSession(security=LOCAL, limits=Limits(max_connections=1)) as session:

        async def ask(number: int) -> None:
            await session.get(server.url())
            order.append(number)

        await asyncio.gather(*(ask(number) for number in range(20)))
    assert order == list(range(20))


async def test_who_gives_up_loses_no_room(server: Counting) -> None:
    async with AsyncSession(security=LOCAL, limits=Limits(max_connections=2)) as session:
        server.hold.clear()
        holding = [asyncio.create_task(session.get(server.url())) for _ in range(2)]
        await server.wait_for_request()
        await server.wait_for_request()
        late = [session.get(server.url(), timeout=Timeout(pool=0.01)) for _ in range(20)]
        outcomes = await asyncio.gather(*late, return_exceptions=True)
        assert {type(outcome) for outcome in outcomes} == {FastHTTPTimeoutError}
        cancelled = [asyncio.create_task(session.get(server.url())) for _ in range(20)]
        await asyncio.sleep(0)
        for task in cancelled[:10]:
            task.cancel()
        server.hold.set()
        await asyncio.gather(*holding)
        for task in cancelled[10:15]:
            task.cancel()
        await asyncio.gather(*cancelled, return_exceptions=True)
        responses = await asyncio.gather(*(session.get(server.url(), timeout=DEADLINE) for _ in range(10)))
    assert {response.text for response in responses} == {"ok"}


async def test_a_kept_connection_that_was_closed_is_replaced(server: Counting) -> None:
    server.closes_after = 1
    async with AsyncSession(security=LOCAL) as session:
        for _ in range(30):
            assert (await session.get(server.url())).text == "ok"
    assert server.accepted == 30


async def test_nothing_is_sent_twice_that_must_not_be(server: Counting) -> None:
    server.closes_after = 1
    sent = 0
    async with AsyncSession(security=LOCAL) as session:
        for _ in range(30):
            try:
                await session.post(server.url())
                sent += 1
            except FastHTTPConnectionError:
                continue
    assert len(server.requests) == sent


async def test_sessions_leave_no_connections_open(server: Counting) -> None:
    for _ in range(5):
        async with AsyncSession(security=LOCAL) as session:
            await asyncio.gather(*(session.get(server.url()) for _ in range(10)))
    gc.collect()
    assert await asyncio.to_thread(server.wait_until_closed)


async def test_a_session_that_is_closed_early_ends_its_requests(server: Counting) -> None:
    session = AsyncSession(security=LOCAL)
    server.hold.clear()
    task = asyncio.create_task(session.get(server.url()))
    await server.wait_for_request()
    await session.close()
    with pytest.raises(FastHTTPConnectionError):
        await task
    server.hold.set()
    assert (await session.get(server.url())).text == "ok", "and opens itself again"
    await session.close()


async def test_large_bodies_both_ways(server: Counting) -> None:
    received = 0

    def swallow(connection: socket.socket) -> bytes:
        nonlocal received
        head = Counting.read_head(connection)
        body = len(head.split(b"\r\n\r\n", 1)[1]) if head else 0
        while head and body < 5_000_000:
            body += len(connection.recv(65536))
        received += body
        return head

    server.read_head: Callable[[socket.socket], bytes] = swallow  # type: ignore[method-assign,misc]  # this test's own
    async with AsyncSession(security=LOCAL, timeout=DEADLINE) as session:
        assert (await session.post(server.url(), data=b"x" * 5_000_000)).text == "ok"
    assert received == 5_000_000
