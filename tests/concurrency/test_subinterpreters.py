"""Functions that run elsewhere: in an isolated interpreter where CPython has them, else in a process."""

from __future__ import annotations

import asyncio
import importlib
import logging
import os
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any, Final

import pytest

import fasterapi
from fasterapi import SubInterpreterPool, run_in_executor, run_in_subinterpreter
from fasterapi.concurrency.subinterpreters import close_pools
from tests.deadline import DEADLINE

HAS_INTERPRETERS: Final = sys.version_info >= (3, 13)
PACKAGE_FOLDER: Final = str(Path(fasterapi.__file__).parent.parent)

LIGHT: Final = """
import os, time
from pathlib import Path

state = "untouched"

def described(first, second=0, *, third=0):
    return [first, second, third, os.getpid(), state]

def touch():
    global state
    state = "touched"

def fail(text):
    raise LookupError(text)

class Unreadable(Exception):
    def __init__(self, first, second):
        super().__init__(first)

def fail_unreadably():
    raise Unreadable(1, 2)

def unsendable():
    return lambda: None

def repeated(text, count):
    return text * count

def meet(folder, mine, other):
    Path(folder, mine).touch()
    for _ in range(6000):
        if Path(folder, other).exists():
            return True
        time.sleep(0.01)
    return False

def die():
    os._exit(1)

def wait_then_fail(started, go_on):
    Path(started).touch()
    for _ in range(6000):
        if Path(go_on).exists():
            raise LookupError("too late")
        time.sleep(0.01)

async def coroutine():
    pass
"""


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("modules")
    (folder / "light_work.py").write_text(LIGHT)
    (folder / "heavy_work.py").write_text("import msgspec\n" + LIGHT)
    return folder


@pytest.fixture(scope="module")
def path(folder: Path) -> Any:
    """Where workers find the modules, and the package."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(folder)
        patch.syspath_prepend(PACKAGE_FOLDER)
        yield


@pytest.fixture(scope="module")
def light(path: None) -> ModuleType:
    """A module that an isolated interpreter can load."""
    return importlib.import_module("light_work")


@pytest.fixture(scope="module")
def heavy(path: None) -> ModuleType:
    """A module that it cannot load."""
    return importlib.import_module("heavy_work")


@pytest.fixture(scope="module")
async def pool() -> AsyncIterator[SubInterpreterPool]:
    async with SubInterpreterPool(max_workers=2) as pool:
        yield pool


@pytest.fixture(params=["pool", "process"])
def run(request: pytest.FixtureRequest, pool: SubInterpreterPool) -> Callable[..., Any]:
    """Both ways to run something elsewhere."""
    return pool.run if request.param == "pool" else pool.run_in_process


async def test_arguments_and_result_are_passed(run: Callable[..., Any], light: ModuleType) -> None:
    assert (await run(light.described, "a", 2, third=(3,)))[:3] == ["a", 2, (3,)]


async def test_nothing_is_shared(run: Callable[..., Any], light: ModuleType) -> None:
    light.touch()
    assert (await run(light.described, 1))[4] == "untouched"


async def test_a_light_module_runs_in_an_interpreter_where_there_is_one(pool: SubInterpreterPool, light: ModuleType) -> None:
    assert ((await pool.run(light.described, 1))[3] == os.getpid()) is HAS_INTERPRETERS


async def test_a_process_is_another_one(pool: SubInterpreterPool, light: ModuleType) -> None:
    assert (await pool.run_in_process(light.described, 1))[3] != os.getpid()


async def test_a_module_that_no_interpreter_loads_runs_in_a_process_with_one_line_in_the_log(
    pool: SubInterpreterPool, heavy: ModuleType, caplog: pytest.LogCaptureFixture
) -> None:
    processes = {(await pool.run(heavy.described, number))[3] for number in range(3)}
    assert os.getpid() not in processes
    lines = [record.getMessage() for record in caplog.records]
    assert len(lines) == (1 if HAS_INTERPRETERS else 0)
    if lines:
        assert "heavy_work.described runs in a process" in lines[0]
        assert "msgspec" in lines[0]


async def test_as_many_calls_as_workers_run_at_once(run: Callable[..., Any], light: ModuleType, tmp_path: Path) -> None:
    meetings = asyncio.gather(run(light.meet, str(tmp_path), "one", "two"), run(light.meet, str(tmp_path), "two", "one"))
    assert all(await meetings)


async def test_an_exception_has_its_own_traceback(run: Callable[..., Any], light: ModuleType) -> None:
    with pytest.raises(LookupError, match="lost") as raised:
        await run(light.fail, "lost")
    assert "light_work.py" in str(raised.value.__cause__)
    assert "in fail" in str(raised.value.__cause__)


async def test_an_exception_that_cannot_be_sent_is_described(run: Callable[..., Any], light: ModuleType) -> None:
    with pytest.raises(RuntimeError, match="Unreadable: 1") as raised:
        await run(light.fail_unreadably)
    assert "in fail_unreadably" in str(raised.value.__cause__)


async def test_a_result_that_cannot_be_sent_is_an_error(run: Callable[..., Any], light: ModuleType) -> None:
    with pytest.raises((AttributeError, RuntimeError), match="unsendable"):
        await run(light.unsendable)
    assert await run(light.repeated, "a", 2) == "aa"


async def test_a_large_result_comes_whole(run: Callable[..., Any], light: ModuleType) -> None:
    assert await run(light.repeated, "abc", 1_000_000) == "abc" * 1_000_000


async def test_what_cannot_be_called_elsewhere_is_refused(run: Callable[..., Any], light: ModuleType) -> None:
    with pytest.raises(TypeError, match="Pass a function that a module defines at its top"):
        await run(lambda: None)
    with pytest.raises(TypeError, match="values that can be pickled"):
        await run(light.repeated, threading.Lock(), 1)
    with pytest.raises(TypeError, match="Write await instead"):
        await run(light.coroutine)


async def test_a_process_that_dies_is_told_and_replaced(pool: SubInterpreterPool, light: ModuleType) -> None:
    with pytest.raises(RuntimeError, match=r"light_work\.die ended before it gave an answer"):
        await pool.run_in_process(light.die)
    assert await pool.run_in_process(light.repeated, "a", 2) == "aa"


class Recorder(logging.Handler):
    """What another thread logs, as text, when it has been logged."""

    def __init__(self) -> None:
        super().__init__()
        self.text = ""
        self.has_text = threading.Event()

    def emit(self, record: logging.LogRecord) -> None:
        self.text = logging.Formatter().format(record)
        self.has_text.set()


@pytest.fixture
def recorder() -> Iterator[Recorder]:
    logger, recorder = logging.getLogger("fasterapi"), Recorder()
    logger.addHandler(recorder)
    yield recorder
    logger.removeHandler(recorder)


async def test_a_failure_after_its_caller_gave_up_is_logged(
    run: Callable[..., Any], light: ModuleType, tmp_path: Path, recorder: Recorder
) -> None:
    waiting = asyncio.ensure_future(run(light.wait_then_fail, str(tmp_path / "started"), str(tmp_path / "go-on")))
    while not (tmp_path / "started").exists():  # noqa: ASYNC110  # only a file tells what another process does
        await asyncio.sleep(0.005)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    (tmp_path / "go-on").touch()
    assert await asyncio.to_thread(recorder.has_text.wait, DEADLINE)
    assert "light_work.wait_then_fail failed after its caller had given up" in recorder.text
    assert "in wait_then_fail" in recorder.text


async def test_a_closed_pool_takes_nothing(light: ModuleType) -> None:
    async with SubInterpreterPool() as pool:
        pass
    with pytest.raises(RuntimeError, match="was shut down"):
        await pool.run(light.repeated, "a", 2)
    with pytest.raises(RuntimeError, match="was shut down"):
        await pool.run_in_process(light.repeated, "a", 2)


async def test_the_shared_pool_begins_anew_after_it_was_closed(light: ModuleType) -> None:
    for _ in range(2):
        assert await run_in_subinterpreter(light.repeated, "a", count=2) == "aa"
        await close_pools()
    assert await run_in_executor(light.repeated, "a", count=2) == "aa"
    await close_pools()


def test_a_pool_of_nobody_is_refused() -> None:
    with pytest.raises(ValueError, match="max_workers of 1 or more"):
        SubInterpreterPool(max_workers=0)


def test_a_program_that_closes_nothing_ends_cleanly(folder: Path) -> None:
    program = """
import asyncio
from fasterapi import run_in_executor, run_in_subinterpreter
from light_work import repeated
if __name__ == "__main__":
    async def main():
        print(await run_in_subinterpreter(repeated, "a", 2), await run_in_executor(repeated, "b", 2))
    asyncio.run(main())
"""
    (folder / "program.py").write_text(program)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(folder), PACKAGE_FOLDER])}
    run = subprocess.run(
        [sys.executable, str(folder / "program.py")], capture_output=True, text=True, env=environment, check=False, timeout=2 * DEADLINE
    )
    assert (run.stdout, run.stderr, run.returncode) == ("aa bb\n", "", 0)
