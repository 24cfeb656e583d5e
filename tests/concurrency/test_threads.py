from __future__ import annotations

import asyncio
import threading
from contextvars import ContextVar

import pytest

from fasterapi import run_in_threadpool

variable: ContextVar[str] = ContextVar("variable", default="nothing")


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
    waiting = asyncio.ensure_future(run_in_threadpool(release.wait, 10))
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
