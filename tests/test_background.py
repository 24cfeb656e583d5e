from __future__ import annotations

import logging
import threading
from collections.abc import Awaitable
from functools import partial
from typing import Any
from unittest.mock import AsyncMock

import pytest

from fasterapi.background import BackgroundTask, BackgroundTasks


async def test_a_coroutine_function_runs_on_the_loop() -> None:
    seen: list[object] = []

    async def work(a: int, *, b: int) -> None:
        seen.extend([a, b, threading.get_ident()])

    await BackgroundTask(work, 1, b=2)()
    assert seen == [1, 2, threading.get_ident()]


async def test_a_plain_function_runs_in_a_thread() -> None:
    seen: list[int] = []

    def work(a: int, *, b: int) -> None:
        seen.extend([a, b, threading.get_ident()])

    await BackgroundTask(work, 1, b=2)()
    assert seen[:2] == [1, 2]
    assert seen[2] != threading.get_ident()


class Asynchronous:
    def __init__(self) -> None:
        self.calls = 0

    async def __call__(self) -> None:
        self.calls += 1

    async def method(self) -> None:
        self.calls += 1


async def test_whatever_gives_a_coroutine_is_awaited() -> None:
    target = Asynchronous()
    for call in (target, target.method, partial(target.method), partial(target)):
        await BackgroundTask(call)()
    assert target.calls == 4


async def test_a_coroutine_that_a_plain_function_gives_is_awaited() -> None:
    target = Asynchronous()

    def give() -> Awaitable[None]:
        return target.method()

    await BackgroundTask(give)()
    assert target.calls == 1


async def test_a_mock_of_a_coroutine_function_is_awaited() -> None:
    mock = AsyncMock()
    await BackgroundTask(mock, 1)()
    mock.assert_awaited_once_with(1)


async def test_a_task_alone_raises_what_its_function_raises() -> None:
    with pytest.raises(ZeroDivisionError):
        await BackgroundTask(divmod, 1, 0)()


async def test_tasks_run_in_their_order() -> None:
    order: list[int] = []

    async def work(number: int) -> None:
        order.append(number)

    tasks = BackgroundTasks([BackgroundTask(work, 1)])
    tasks.add_task(order.append, 2)
    tasks.add_task(work, number=3)
    await tasks()
    assert order == [1, 2, 3]


async def test_a_failing_task_is_logged_and_does_not_keep_the_next_from_running(caplog: pytest.LogCaptureFixture) -> None:
    seen: list[int] = []

    async def broken() -> None:
        raise ValueError("broken")

    tasks = BackgroundTasks()
    tasks.add_task(broken)
    tasks.add_task(seen.append, 1)
    with caplog.at_level(logging.ERROR, "fasterapi"):
        failures = await tasks.run()
    assert seen == [1]
    assert [str(failure) for failure in failures] == ["broken"]
    [record] = caplog.records
    assert "broken raised ValueError" in record.getMessage()
    assert record.exc_info is not None
    assert record.exc_info[1] is failures[0]


async def test_a_failing_task_alone_is_logged_too(caplog: pytest.LogCaptureFixture) -> None:
    failures = await BackgroundTask(divmod, 1, 0).run()
    assert isinstance(failures[0], ZeroDivisionError)
    assert "divmod raised ZeroDivisionError" in caplog.text


async def test_a_subclass_says_how_to_run() -> None:
    class Counted(BackgroundTask):
        calls = 0

        async def __call__(self) -> None:
            Counted.calls += 1
            await super().__call__()

    class Collected(BackgroundTasks):
        def add_task(self, func: Any, *args: Any, **kwargs: Any) -> None:
            self.tasks.append(Counted(func, *args, **kwargs))

    tasks = Collected()
    tasks.add_task(len, "abc")
    assert await tasks.run() == []
    assert Counted.calls == 1
