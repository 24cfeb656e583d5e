"""Servers that misbehave: every fault is an exception of its own kind, and leaves nothing behind."""

from __future__ import annotations

import asyncio
import gzip
import pickle
import socket
import ssl
import struct
import threading
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
import trustme

from fasterapi.client import (
    AsyncSession,
    FastHTTPCertificateError,
    FastHTTPConnectionError,
    FastHTTPError,
    FastHTTPLimitError,
    FastHTTPTimeoutError,
    Limits,
    NetworkTransport,
    StreamedResponse,
    Timeout,
)
from tests.client.sites import LOCAL, Answer, Site, refused_url
from tests.deadline import DEADLINE


def raw(answer: bytes) -> Callable[[socket.socket], None]:
    return lambda connection: connection.sendall(answer)


def wait_for(event: threading.Event) -> None:
    event.wait(DEADLINE)


async def test_refused_connections(session: AsyncSession) -> None:
    url = refused_url()
    with pytest.raises(FastHTTPConnectionError) as raised:
        await session.get(url)
    assert (raised.value.method, raised.value.url, raised.value.attempts, raised.value.was_sent) == ("GET", url, 1, False)
    assert raised.value.cause is not None


async def test_a_hundred_and_more_failures_do_not_keep_a_good_request_from_its_turn(site: Site) -> None:
    url = refused_url()
    async with AsyncSession(security=LOCAL, limits=Limits(max_connections=10), timeout=DEADLINE) as session:
        outcomes = await asyncio.gather(*(session.get(url) for _ in range(120)), return_exceptions=True)
        assert {type(outcome) for outcome in outcomes} == {FastHTTPConnectionError}
        assert (await session.get(site.url())).status_code == 404


async def test_blocked_and_failing_requests_leave_no_connection_behind(site: Site) -> None:
    site.raw["/cut"] = raw(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc")
    async with AsyncSession(security=LOCAL, limits=Limits(max_connections=2), timeout=DEADLINE) as session:
        for url in ("http://10.0.0.1/", site.url("/cut")) * 10:
            with pytest.raises(FastHTTPError):
                await session.get(url)
        assert (await session.get(site.url())).status_code == 404


async def test_unknown_hosts(resolver: object, session: AsyncSession) -> None:
    with pytest.raises(FastHTTPConnectionError, match="no such host"):
        await session.get("http://nowhere.example/")


def reset(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


@pytest.mark.parametrize(
    "fault",
    [
        reset,
        raw(b""),
        raw(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc"),
        raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc"),
        raw(b"nonsense\r\n\r\n"),
        raw(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd"),
        raw(
            b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 20\r\nContent-Encoding: gzip\r\n\r\n"
            + gzip.compress(b"x" * 1000)[:20]
        ),
        raw(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\nContent-Encoding: gzip\r\n\r\nhello"),
        raw(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\nContent-Encoding: compress\r\n\r\nhello"),
    ],
    ids=["reset", "nothing", "cut", "chunk cut", "no HTTP", "two lengths", "gzip cut", "no gzip", "unknown coding"],
)
async def test_broken_responses(site: Site, session: AsyncSession, fault: Callable[[socket.socket], None]) -> None:
    site.raw["/x"] = fault
    with pytest.raises(FastHTTPConnectionError) as raised:
        await session.get("/x")
    assert raised.value.url == site.url("/x")
    assert raised.value.was_sent
    assert (await session.get("/other")).status_code == 404


@pytest.mark.parametrize(
    ("limit", "phase"),
    [(Timeout(read=0.05), "read"), (Timeout(read=0.05, total=DEADLINE), "read"), (Timeout(read=None, total=0.05), "total")],
)
async def test_slow_servers(site: Site, session: AsyncSession, limit: float | Timeout, phase: str) -> None:
    done = threading.Event()
    site.raw["/x"] = lambda _: wait_for(done)
    with pytest.raises(FastHTTPTimeoutError) as raised:
        await session.get("/x", timeout=limit)
    done.set()
    assert raised.value.phase == phase


async def test_a_server_that_drips_is_bounded_by_the_total(site: Site, session: AsyncSession) -> None:
    done = threading.Event()

    def drip(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        while not done.wait(0.01):
            connection.sendall(b"x")

    site.raw["/x"] = drip
    with pytest.raises(FastHTTPTimeoutError, match=r"0\.1 s") as raised:
        await session.get("/x", timeout=0.1)
    done.set()
    assert raised.value.phase == "total"


async def test_waiting_for_a_connection_can_be_bounded(site: Site) -> None:
    done = threading.Event()
    site.raw["/x"] = lambda _: wait_for(done)
    async with AsyncSession(base_url=site.url(), security=LOCAL, limits=Limits(max_connections=1)) as session:
        first = asyncio.create_task(session.get("/x"))
        await asyncio.sleep(0)
        with pytest.raises(FastHTTPTimeoutError) as raised:
            await session.get("/y", timeout=Timeout(pool=0.05))
        done.set()
        assert raised.value.phase == "pool"
        assert not raised.value.was_sent
        with pytest.raises(FastHTTPConnectionError):
            await first


async def test_a_cancelled_request_gives_its_connection_back(site: Site) -> None:
    done = threading.Event()
    arrived = threading.Event()

    def wait(connection: socket.socket) -> None:
        arrived.set()
        done.wait(DEADLINE)

    site.raw["/x"] = wait
    async with AsyncSession(base_url=site.url(), security=LOCAL, limits=Limits(max_connections=1), timeout=DEADLINE) as session:
        task = asyncio.create_task(session.get("/x"))
        assert await asyncio.to_thread(arrived.wait, DEADLINE)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        done.set()
        assert (await session.get("/y")).status_code == 404


async def test_bodies_are_bounded_while_they_are_read(site: Site) -> None:
    sent = threading.Event()

    def endless(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        try:
            while True:
                connection.sendall(b"x" * 65536)
        except OSError:
            sent.set()

    site.raw["/x"] = endless
    async with AsyncSession(base_url=site.url(), security=LOCAL, limits=Limits(max_response_bytes=1_000_000)) as session:
        with pytest.raises(FastHTTPLimitError, match="1000000 bytes"):
            await session.get("/x")
    assert await asyncio.to_thread(sent.wait, DEADLINE), "the connection is closed, not drained"


@pytest.mark.parametrize("layers", [1, 2])
async def test_bombs_are_noticed(site: Site, session: AsyncSession, layers: int) -> None:
    packed = gzip.compress(b"\0" * 50_000_000, 9)
    coding = "gzip"
    if layers == 2:
        packed, coding = zlib.compress(packed), "gzip, deflate"
    site.answer("/x", packed, headers={"Content-Encoding": coding})
    with pytest.raises(FastHTTPLimitError, match="bomb"):
        await session.get("/x")


async def test_bombs_are_noticed_in_streams(site: Site, session: AsyncSession) -> None:
    site.answer("/x", gzip.compress(b"\0" * 50_000_000, 9), headers={"Content-Encoding": "gzip"})
    pieces: list[int] = []

    async def read(response: StreamedResponse) -> None:
        async for piece in response.aiter_bytes():
            pieces.append(len(piece))  # noqa: PERF401 - what came before the error counts too

    async with session.stream("GET", "/x") as response:
        with pytest.raises(FastHTTPLimitError, match="bomb"):
            await read(response)
    assert sum(pieces) < 20_000_000


async def test_what_compresses_well_is_no_bomb(site: Site, session: AsyncSession) -> None:
    rows = b'{"id": 1, "name": "row", "value": null},\n' * 20_000
    site.answer("/x", gzip.compress(rows, 1), headers={"Content-Encoding": "gzip"})
    assert (await session.get("/x")).content == rows


async def test_too_many_codings_are_refused(site: Site, session: AsyncSession) -> None:
    site.answer("/x", b"x", headers={"Content-Encoding": ", ".join(["gzip"] * 5)})
    with pytest.raises(FastHTTPLimitError):
        await session.get("/x")


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


def secure_site(authority: trustme.CA, *names: str) -> Site:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*names).configure_cert(context)
    return Site(context=context)


async def test_unknown_authorities_are_not_trusted(authority: trustme.CA) -> None:
    with secure_site(authority, "127.0.0.1") as site:
        async with AsyncSession(security=LOCAL) as session:
            with pytest.raises(FastHTTPCertificateError, match="prove"):
                await session.get(site.url())
        assert site.asked == []


async def test_authorities_can_be_given(authority: trustme.CA, tmp_path: Path) -> None:
    bundle = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(bundle)
    with secure_site(authority, "127.0.0.1") as site:
        async with AsyncSession(security=LOCAL, verify=str(bundle)) as session:
            assert (await session.get(site.url())).status_code == 404


async def test_certificates_of_other_hosts_are_not_trusted(authority: trustme.CA, tmp_path: Path) -> None:
    bundle = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(bundle)
    with secure_site(authority, "other.example") as site:
        async with AsyncSession(security=LOCAL, verify=str(bundle)) as session:
            with pytest.raises(FastHTTPCertificateError):
                await session.get(site.url(host="localhost"))


async def test_verification_can_be_switched_off(authority: trustme.CA) -> None:
    with secure_site(authority, "other.example") as site:
        async with AsyncSession(security=LOCAL, verify=False) as session:
            assert (await session.get(site.url())).status_code == 404


async def test_the_client_can_prove_itself(authority: trustme.CA, tmp_path: Path) -> None:
    bundle, own = tmp_path / "ca.pem", tmp_path / "own.pem"
    authority.cert_pem.write_to_path(bundle)
    authority.issue_cert("client.example").private_key_and_cert_chain_pem.write_to_path(own)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    authority.configure_trust(context)
    context.verify_mode = ssl.CERT_REQUIRED
    with Site(context=context) as site:
        async with AsyncSession(security=LOCAL, verify=str(bundle), cert=str(own)) as session:
            assert (await session.get(site.url())).status_code == 404
        async with AsyncSession(security=LOCAL, verify=str(bundle)) as session:
            with pytest.raises(FastHTTPConnectionError):
                await session.get(site.url())


def test_errors_survive_pickling() -> None:
    error = FastHTTPTimeoutError("late", phase="read", method="GET", url="https://u:p@host/?token=abc", attempts=3)
    copy = pickle.loads(pickle.dumps(error))
    assert (type(copy), str(copy), copy.phase, copy.attempts) == (FastHTTPTimeoutError, str(error), "read", 3)
    assert str(error) == "GET https://***@host/?token=***: late (after 3 attempts)"


@pytest.mark.parametrize("given", [0, -1, "5", True])
async def test_timeouts_that_make_no_sense(session: AsyncSession, given: object) -> None:
    with pytest.raises(FastHTTPError, match="timeout="):
        await session.get("/x", timeout=given)  # type: ignore[arg-type]  # the mistake


async def test_connections_are_kept(site: Site, session: AsyncSession) -> None:
    site.answers["/port"] = lambda asked: Answer("ok")
    for _ in range(3):
        await session.get("/port")
    assert threading.active_count() < 10


def test_proxies_are_urls() -> None:
    with pytest.raises(ValueError, match="proxy"):
        NetworkTransport(proxy="ftp://proxy")
