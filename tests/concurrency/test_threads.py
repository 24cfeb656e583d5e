from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextvars import ContextVar
from pathlib import Path

import pytest

import fasterapi
from fasterapi import run_in_threadpool
from fasterapi.concurrency.threads import set_thread_limit, thread_limit
from tests.deadline import DEADLINE

variable: ContextVar[str] = ContextVar("variable", default="nothing")


class LoopEvent(asyncio.Event):
    """One that threads may set."""

    def __init__(self) -> None:
        super().__init__()
        self._loop = asyncio.get_running_loop()

    def set(self) -> None:
        self._loop.call_soon_threadsafe(super().set)


async def test_it_runs_in_another_thread() -> None:
    assert await run_in_threadpool(threading.get_ident) != threading.get_ident()


async def test_arguments_and_result_are_passed() -> None:
    assert await run_in_threadpool(divmod, 7, 2) == (3, 1)
    assert await run_in_threadpool(sorted, [1, 2], reverse=True) == [2, 1]


async def test_its_exception_is_raised() -> None:
    with pytest.raises(ZeroDivisionError):
        await run_in_threadpool(divmod, 1, 0)


async def test_the_loop_goes_on_meanwhile() -> None:
    release = threading.Event()
    waiting = asyncio.ensure_future(run_in_threadpool(release.wait, DEADLINE))
    release_from_loop = asyncio.get_running_loop().call_soon(release.set)
    assert await waiting is True
    assert not release_from_loop.cancelled()


async def test_context_variables_are_seen_in_the_thread() -> None:
    variable.set("outer")
    assert await run_in_threadpool(variable.get) == "outer"


async def test_context_variables_set_in_the_thread_are_seen_afterwards() -> None:
    def work() -> None:
        variable.set("inner")

    await run_in_threadpool(work)
    assert variable.get() == "inner"


async def test_context_variables_set_before_a_failure_are_seen_afterwards() -> None:
    def work() -> None:
        variable.set("failed")
        raise OSError("lost")

    with pytest.raises(OSError, match="lost"):
        await run_in_threadpool(work)
    assert variable.get() == "failed"


async def test_a_cancelled_caller_waits_for_the_end() -> None:
    begun, go_on = LoopEvent(), threading.Event()
    log: list[str] = []

    def work() -> None:
        begun.set()
        go_on.wait(DEADLINE)
        log.append("done")
        raise OSError("nobody hears of this")

    waiting = asyncio.ensure_future(run_in_threadpool(work))
    await begun.wait()
    for _ in range(3):
        waiting.cancel()
        await asyncio.sleep(0)
    assert not waiting.done()
    go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert log == ["done"]


async def test_what_has_not_begun_is_cancelled_at_once(restored_limit: None) -> None:
    set_thread_limit(1)
    go_on = threading.Event()
    first = asyncio.ensure_future(run_in_threadpool(go_on.wait, DEADLINE))
    second = asyncio.ensure_future(run_in_threadpool(pytest.fail, "it ran"))
    await asyncio.sleep(0)
    second.cancel()
    with pytest.raises(asyncio.CancelledError):
        await second
    go_on.set()
    assert await first


async def test_stop_iteration_reaches_the_caller() -> None:
    with pytest.raises(RuntimeError, match="raised StopIteration"):
        await run_in_threadpool(next, iter(()))


@pytest.fixture
def restored_limit() -> Iterator[None]:
    """What a test makes of the limit ends with it."""
    limit = thread_limit()
    yield
    set_thread_limit(limit)


@pytest.mark.parametrize("limit", [1, 3])
async def test_no_more_threads_run_than_the_limit_says(restored_limit: None, limit: int) -> None:
    set_thread_limit(limit)
    everybody = threading.Barrier(limit)
    # Every one waits for all that may run beside it: one thread too few would leave them waiting.
    await asyncio.gather(*[run_in_threadpool(everybody.wait, DEADLINE) for _ in range(2 * limit)])
    running = threading.Semaphore(limit)

    def work() -> bool:
        free = running.acquire(blocking=False)
        running.release()
        return free

    assert thread_limit() == limit
    assert all(await asyncio.gather(*[run_in_threadpool(work) for _ in range(20)]))


async def test_a_new_limit_leaves_what_runs_alone(restored_limit: None) -> None:
    set_thread_limit(1)
    go_on = threading.Event()
    begun = [asyncio.ensure_future(run_in_threadpool(go_on.wait, DEADLINE)) for _ in range(3)]
    await asyncio.sleep(0)
    set_thread_limit(2)
    await run_in_threadpool(go_on.set)
    assert await asyncio.gather(*begun) == [True, True, True]


def test_a_limit_below_one_is_refused() -> None:
    with pytest.raises(ValueError, match="Write 1 or more"):
        set_thread_limit(0)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the system has no fork")
def test_threads_work_after_a_fork() -> None:
    program = """
import asyncio, os, warnings
from fasterapi import run_in_threadpool
warnings.simplefilter("ignore")
asyncio.run(run_in_threadpool(len, ()))
child = os.fork()
if child == 0:
    os._exit(asyncio.run(asyncio.wait_for(run_in_threadpool(len, "abc"), 60)))
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""
    environment = {**os.environ, "PYTHONPATH": str(Path(fasterapi.__file__).parent.parent)}
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, env=environment, check=True, timeout=2 * DEADLINE)
    assert run.stdout == "3\n"
