from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import msgspec
import pytest
from taskiq import InMemoryBroker
from taskiq.exceptions import TaskiqError
from taskiq.serializers import PickleSerializer

from fasterapi import Depends, Faster, HTTPException, Request
from fasterapi.contrib.redis import RedisConnection
from fasterapi.contrib.taskiq import JobError, Jobs, redis_broker
from fasterapi.testing import TestClient
from tests.contrib.redis_server import DEADLINE, RedisServer, needs_redis


class Mail(msgspec.Struct):
    to: str
    at: datetime


def memory_jobs(app: Faster | None = None) -> Jobs:
    return Jobs(app or Faster(), InMemoryBroker(await_inplace=True))


async def result_of(waiting: Any) -> Any:
    """What a job gave, or the exception that it raised."""
    result = await (await waiting).wait_result()
    if result.error is not None:
        raise result.error
    return result.return_value


async def test_a_job_gets_its_arguments_as_it_declares_them() -> None:
    jobs = memory_jobs()
    got: list[object] = []

    @jobs.job
    async def send(mail: Mail, copies: dict[int, str], *, urgent: bool = False) -> Mail:
        got.extend([mail, copies, urgent])
        return mail

    mail = Mail("ann", datetime(2026, 1, 2, tzinfo=UTC))
    assert await result_of(send.kiq(mail, {1: "a"}, urgent=True)) == {"to": "ann", "at": "2026-01-02T00:00:00Z"}
    assert got == [mail, {1: "a"}, True]


async def test_a_function_that_blocks_runs_in_a_thread() -> None:
    jobs = memory_jobs()

    @jobs.job
    def where() -> int:
        return threading.get_ident()

    assert await result_of(where.kiq()) != threading.get_ident()


def test_calling_a_job_calls_the_function() -> None:
    jobs = memory_jobs()

    @jobs.job
    def double(number: int) -> int:
        return 2 * number

    assert double(4) == 8


steps: list[str] = []


@pytest.fixture(autouse=True)
def no_steps() -> None:
    steps.clear()


async def open_session() -> AsyncIterator[str]:
    steps.append("open")
    try:
        yield "session"
        steps.append("commit")
    except BaseException:
        steps.append("rollback")
        raise


async def get_repository(session: str = Depends(open_session)) -> str:
    return f"repository of {session}"


async def test_dependencies_are_those_of_handlers_and_cleaned_up() -> None:
    jobs = memory_jobs()

    @jobs.job
    async def save(
        name: str, repository: Annotated[str, Depends(get_repository)], session: str = Depends(open_session, scope="function")
    ) -> str:
        steps.append("run")
        return f"{name}: {repository}, {session}"

    assert await result_of(save.kiq("a")) == "a: repository of session, session"  # type: ignore[call-arg]  # provided, as Annotated says
    assert steps == ["open", "open", "run", "commit", "commit"]


async def test_what_a_job_raises_is_seen_by_its_dependencies_and_told() -> None:
    jobs = memory_jobs()

    @jobs.job
    async def fail(session: str = Depends(open_session)) -> None:
        raise LookupError("no such order")

    with pytest.raises(LookupError, match="no such order"):
        await result_of(fail.kiq())
    assert steps == ["open", "rollback"]


async def refuse() -> None:
    raise HTTPException(503, "no database")


async def test_a_dependency_that_refuses_keeps_the_job_from_running() -> None:
    jobs = memory_jobs()

    @jobs.job
    async def run(_: None = Depends(refuse)) -> None:
        steps.append("run")

    with pytest.raises(JobError, match=r"status 503.*no database"):
        await result_of(run.kiq())
    assert steps == []


async def needs_a_query(q: int) -> int:
    return q


async def test_a_dependency_that_needs_what_only_clients_send_is_told() -> None:
    jobs = memory_jobs()

    @jobs.job
    async def run(q: int = Depends(needs_a_query)) -> None: ...

    with pytest.raises(JobError, match="status 422"):
        await result_of(run.kiq())


async def read_state(request: Request) -> str:
    name: str = request.app.state.name
    return name


async def test_providers_see_the_state_of_the_application_and_its_overrides() -> None:
    app = Faster()
    app.state.name = "shop"
    jobs = memory_jobs(app)

    @jobs.job
    async def run(name: str = Depends(read_state), session: str = Depends(open_session)) -> list[str]:
        return [name, session]

    app.dependency_overrides[open_session] = lambda: "test session"
    assert await result_of(run.kiq()) == ["shop", "test session"]


@pytest.mark.parametrize("sent", [{}, {"number": "seven"}, {"number": 7, "other": 1}, {"number": None}])
async def test_arguments_that_do_not_fit_are_told(sent: dict[str, Any]) -> None:
    jobs = memory_jobs()

    @jobs.job
    async def run(number: int) -> None:
        steps.append("run")

    with pytest.raises(JobError, match=r"number|other"):
        await result_of(run.task.kiq(sent))
    assert steps == []


async def test_a_call_that_does_not_fit_is_told_where_it_is_made() -> None:
    jobs = memory_jobs()

    @jobs.job
    async def run(number: int, session: str = Depends(open_session)) -> None: ...

    with pytest.raises(TypeError, match="missing a required argument: 'number'"):
        await run.kiq()  # type: ignore[call-arg]  # what is tested
    with pytest.raises(TypeError, match="session"):
        await run.kiq(1, session="mine")


def test_a_name_stands_for_one_job() -> None:
    jobs = memory_jobs()
    jobs.named("a")(print_nothing)
    with pytest.raises(ValueError, match="job 'a' already"):
        jobs.named("a")(print_nothing)


def print_nothing() -> None: ...


@pytest.mark.parametrize("name", ["a/b", "{a}", "a:path", "ä ö?#", "..", "//x", "%41"])
async def test_any_name_will_do(name: str) -> None:
    jobs = memory_jobs()
    jobs.named("other")(print_nothing)

    @jobs.named(name)
    async def run() -> str:
        return "ran"

    assert await result_of(run.kiq()) == "ran"


def test_nothing_is_pickled() -> None:
    with pytest.raises(TypeError, match="JSONSerializer"):
        Jobs(Faster(), InMemoryBroker().with_serializer(PickleSerializer()))


def test_handlers_put_jobs_off() -> None:
    broker = InMemoryBroker(await_inplace=True)
    done: list[int] = []

    @asynccontextmanager
    async def lifespan(_: Faster) -> AsyncIterator[None]:
        async with jobs:
            yield

    app = Faster(lifespan=lifespan)
    jobs = Jobs(app, broker)

    @jobs.job
    async def ship(order: int) -> None:
        done.append(order)

    @app.post("/orders/{order}", status_code=202)
    async def order(order: int) -> None:
        await ship.kiq(order)

    with TestClient(app) as client:
        assert client.post("/orders/7").status_code == 202
    assert done == [7]


async def test_jobs_in_memory_end_before_what_they_need_does() -> None:
    jobs = Jobs(Faster(), InMemoryBroker())
    begun = asyncio.Event()
    done: list[str] = []

    @jobs.job
    async def run() -> None:
        begun.set()
        # As long as it takes to leave the block below, and longer.
        for _ in range(100):
            await asyncio.sleep(0)
        done.append("ran")

    async with jobs:
        await run.kiq()
        await begun.wait()
    assert done == ["ran"]


APPLICATION = """
import asyncio, os, socket
from contextlib import asynccontextmanager
from fasterapi import Depends, Faster, Request
from fasterapi.contrib.taskiq import Jobs, redis_broker

broker = redis_broker(os.environ["REDIS_URL"], idle_timeout=300, xread_block=100)

@asynccontextmanager
async def lifespan(app):
    app.state.ready = "ready"
    async with jobs:
        yield {"started": "started"}

app = Faster(lifespan=lifespan)
jobs = Jobs(app, broker, heartbeat=float(os.environ["HEARTBEAT"]))

async def state(request: Request) -> str:
    return f"{request.app.state.ready} {request.state.started}"

@jobs.named("report")
async def report(order: int, found: str = Depends(state)) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", int(os.environ["REPORT_PORT"]))
    writer.write(f"{order} {found}\\n".encode())
    await reader.readline()
    writer.write(b"done\\n")
    await writer.drain()
    writer.close()

async def put_off():
    async with jobs:
        await report.kiq(7)
"""


@contextmanager
def running(*command: str, cwd: Path, environment: dict[str, str] | None = None) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(
        command, cwd=cwd, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    try:
        yield process
    finally:
        kill(process)


def kill(process: subprocess.Popen[bytes]) -> None:
    """End a process and those it started, with no time to say goodbye."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


@needs_redis
def test_a_job_survives_its_worker_and_the_broker(tmp_path: Path) -> None:
    (tmp_path / "jobs_app.py").write_text(APPLICATION)
    with RedisServer(tmp_path, keeps=True) as redis, socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(3 * DEADLINE)
        # The first worker is not to find its own job again while it runs.
        environment = {
            **os.environ,
            "HEARTBEAT": "600",
            "REDIS_URL": redis.url,
            "REPORT_PORT": str(listener.getsockname()[1]),
            "PYTHONPATH": os.pathsep.join(filter(None, [str(tmp_path), os.environ.get("PYTHONPATH")])),
        }
        worker = (sys.executable, "-m", "taskiq", "worker", "jobs_app:broker", "--workers", "1")
        put_off = (sys.executable, "-c", "import asyncio, jobs_app; asyncio.run(jobs_app.put_off())")
        with running(*worker, cwd=tmp_path, environment=environment):
            subprocess.run(put_off, cwd=tmp_path, env=environment, check=True)
            first, _ = listener.accept()
            assert first.makefile().readline() == "7 ready started\n"
        first.close()
        redis.kill()
        redis.start()
        with running(*worker, cwd=tmp_path, environment={**environment, "HEARTBEAT": "0.2"}):
            second, _ = listener.accept()
            with second, second.makefile("rw") as report:
                assert report.readline() == "7 ready started\n"
                report.write("go on\n")
                report.flush()
                assert report.readline() == "done\n"


@needs_redis
async def test_jobs_are_put_off_again_when_the_broker_is_back(tmp_path: Path) -> None:
    with RedisServer(tmp_path) as redis:
        jobs = Jobs(Faster(), redis_broker(redis.url))

        @jobs.job
        async def run(number: int) -> None: ...

        async with jobs:
            # Several at a time, so that several connections are dead afterwards.
            await asyncio.gather(*[run.kiq(number) for number in range(5)])
            redis.kill()
            with pytest.raises(TaskiqError):
                await run.kiq(5)
            redis.start()
            await asyncio.gather(*[run.kiq(number) for number in range(5)])
            async with RedisConnection(redis.url) as connection:
                assert await connection.client.xlen("taskiq") == 5


async def test_a_job_that_is_cancelled_is_cleaned_up() -> None:
    jobs = Jobs(Faster(), InMemoryBroker())
    entered = asyncio.Event()

    @jobs.job
    async def hang(session: str = Depends(open_session)) -> None:
        entered.set()
        await asyncio.Event().wait()

    run = asyncio.create_task(hang.task.original_func({}))
    await entered.wait()
    run.cancel()
    await asyncio.wait([run])
    assert steps == ["open", "rollback"]
