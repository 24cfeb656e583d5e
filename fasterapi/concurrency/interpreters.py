"""Isolated interpreters, each with a lock of its own, that call functions for this one.

CPython 3.14 has them in the standard library. In 3.13 the same is there under a private name, in the shape that the last
patch releases keep. Earlier versions have none that run in parallel.
"""

from __future__ import annotations

import atexit
import importlib.util
import inspect
import queue
import sys
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Final, Protocol, cast, final

from fasterapi.concurrency import remote_call

# By a name of its own: a comparison of `sys.version_info` itself is settled when types are checked, for the oldest version.
_VERSION: Final = sys.version_info[:2]
_MODULE: Final = "concurrent.interpreters" if _VERSION >= (3, 14) else "_interpreters"

AVAILABLE: Final = _VERSION >= (3, 13) and importlib.util.find_spec(_MODULE) is not None
"""Whether this interpreter can have others beside it."""

_SIZE: Final = 8
"""How many bytes tell the length of an answer."""

# Whatever the program calls its own functions: `__main__` there is not its main module, and must not look like it.
# A `memoryview` can only be shared with an interpreter that has loaded the module.
_PREPARE: Final = f"""
import sys
import {_MODULE}
sys.path[:] = _fasterapi_path
_fasterapi = dict()
exec(_fasterapi_source, _fasterapi)
"""
_CALL: Final = f"""
_fasterapi_answer = _fasterapi["call"](_fasterapi_request)
_fasterapi_room[:] = len(_fasterapi_answer).to_bytes({_SIZE}, "little")
del _fasterapi_request, _fasterapi_room
"""
_HAND_OVER: Final = """
_fasterapi_room[:] = _fasterapi_answer
del _fasterapi_answer, _fasterapi_room
"""


class Interpreter(Protocol):
    """What is used of an interpreter of the standard library's `concurrent.interpreters`."""

    def prepare_main(self, names: dict[str, Any], /) -> None:
        """Give it values; what a `memoryview` shows is shared with it, bytes are copied."""

    def exec(self, code: str, /) -> None:
        """Run code in it."""

    def close(self) -> None:
        """End it."""


@final
class PrivateInterpreter:
    """The same for CPython 3.13."""

    def __init__(self) -> None:
        self._interpreters: Any = importlib.import_module(_MODULE)
        self._number: Any = self._interpreters.create("isolated")

    def prepare_main(self, names: dict[str, Any], /) -> None:
        """Give it values."""
        self._interpreters.set___main___attrs(self._number, names)

    def exec(self, code: str, /) -> None:
        """Run code in it."""
        failure = self._interpreters.exec(self._number, code)
        if failure is not None:
            raise RuntimeError(f"An isolated interpreter failed: {failure.formatted}")

    def close(self) -> None:
        """End it."""
        self._interpreters.destroy(self._number)


@final
class InterpreterWorkers:
    """So many interpreters, each made when it is needed; a thread waits for each that is busy."""

    def __init__(self, count: int) -> None:
        self._threads = ThreadPoolExecutor(count, thread_name_prefix="fasterapi-interpreter")
        self._idle: queue.SimpleQueue[Interpreter] = queue.SimpleQueue()
        atexit.register(self._close_idle)

    def submit(self, request: bytes) -> Future[bytes]:
        """Answer a request as soon as an interpreter is free."""
        return self._threads.submit(self._call, request)

    def close(self) -> None:
        """Wait for what is under way, then end the interpreters."""
        self._threads.shutdown(wait=True)
        self._close_idle()
        atexit.unregister(self._close_idle)

    def _close_idle(self) -> None:
        while not self._idle.empty():
            self._idle.get().close()

    def _call(self, request: bytes) -> bytes:
        interpreter = self._free_interpreter()
        size = bytearray(_SIZE)
        try:
            interpreter.prepare_main({"_fasterapi_request": request, "_fasterapi_room": memoryview(size)})
            interpreter.exec(_CALL)
            answer = bytearray(int.from_bytes(size, "little"))
            interpreter.prepare_main({"_fasterapi_room": memoryview(answer)})
            interpreter.exec(_HAND_OVER)
        except BaseException:
            # Nobody knows what is left in it.
            interpreter.close()
            raise
        self._idle.put(interpreter)
        return bytes(answer)

    def _free_interpreter(self) -> Interpreter:
        try:
            return self._idle.get_nowait()
        except queue.Empty:
            return _new_interpreter()


def _new_interpreter() -> Interpreter:
    """One that finds the same modules as this one, and knows how to call."""
    is_public = _VERSION >= (3, 14)
    interpreter = cast("Interpreter", importlib.import_module(_MODULE).create()) if is_public else PrivateInterpreter()
    interpreter.exec(f"_fasterapi_path = {sys.path!r}")
    interpreter.prepare_main({"_fasterapi_source": inspect.getsource(remote_call)})
    interpreter.exec(_PREPARE)
    return interpreter
