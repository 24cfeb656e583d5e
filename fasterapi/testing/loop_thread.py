"""An event loop in a thread of its own, for clients that are not async."""

# Interpreted: see `fasterapi.testing`.

from __future__ import annotations

import asyncio
import threading
import weakref
from collections.abc import Callable, Coroutine
from concurrent.futures import Future, wait
from dataclasses import dataclass
from typing import Any, Final, Generic, TypedDict, TypeVar

from typing_extensions import override

T = TypeVar("T")

LEAST_PATIENCE: Final = 1.0
"""Seconds within which even a busy machine gives a thread its turn: an app is not blamed for less."""


class BackendOptions(TypedDict, total=False):
    """How the event loop is made."""

    debug: bool
    use_uvloop: bool
    loop_factory: Callable[[], asyncio.AbstractEventLoop]


class LoopThread:
    """Runs coroutines in one event loop that starts with the first of them; after `stop` the next starts a new one.

    `patience` is how many seconds the app may keep the loop to itself, `LEAST_PATIENCE` at least. Where nobody calls
    `stop`, the loop stops when nothing refers to this object any more.
    """

    def __init__(self, options: BackendOptions | None, patience: float | None) -> None:
        self._options: BackendOptions = options or {}
        self._patience = None if patience is None else max(patience, LEAST_PATIENCE)
        self._guard = threading.Lock()
        self._thread: _Thread | None = None
        self._stop_thread: Callable[[], object] | None = None

    @property
    def running(self) -> bool:
        """Whether there is a loop, and with it what was started in it."""
        return self._thread is not None

    def call(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine in the loop, in the context of the caller, and wait for its result."""
        if self._thread is threading.current_thread():
            coroutine.close()
            raise RuntimeError("the app cannot use the client that calls it: both would wait for each other in one event loop")
        try:
            loop = self._started().loop
        except BaseException:
            coroutine.close()
            raise
        future = asyncio.run_coroutine_threadsafe(_Outcome.of(coroutine), loop)
        try:
            while not wait([future], self._patience).done:
                self._ping(loop)
            outcome = future.result()
        except BaseException:
            future.cancel()
            raise
        return outcome.unwrap()

    def stop(self) -> None:
        """Cancel what still runs in the loop, close it and wait for the end of its thread."""
        with self._guard:
            stop_thread, self._stop_thread, self._thread = self._stop_thread, None, None
        if stop_thread is not None:
            stop_thread()

    def _started(self) -> _Thread:
        with self._guard:
            if self._thread is None:
                self._thread = _Thread(self._options)
                stop_unless_exiting = weakref.finalize(self, self._thread.stop, self._patience)
                # The end of the interpreter ends the thread as well, and is too late to stop it in good order: CPython 3.12 starts no
                # thread then, and the loop wants one to close its executor.
                stop_unless_exiting.atexit = False
                self._stop_thread = stop_unless_exiting
            return self._thread

    def _ping(self, loop: asyncio.AbstractEventLoop) -> None:
        """What runs in the loop keeps its own time, unless the loop itself is stuck."""
        answered = threading.Event()
        loop.call_soon_threadsafe(answered.set)
        if not answered.wait(self._patience):
            raise RuntimeError(
                f"the app has blocked its event loop for {self._patience:g} s: a coroutine calls something that blocks, such as "
                "time.sleep(). If that is meant, give the client a longer timeout=...; timeout=None waits for ever"
            )


@dataclass(frozen=True, slots=True)
class _Outcome(Generic[T]):
    """What came of a coroutine: SystemExit and KeyboardInterrupt, left to fly, would end the loop and not the test."""

    values: tuple[T, ...]
    failure: BaseException | None

    @classmethod
    async def of(cls, coroutine: Coroutine[Any, Any, T]) -> _Outcome[T]:
        try:
            return cls((await coroutine,), None)
        except asyncio.CancelledError:
            raise
        except BaseException as failure:  # noqa: BLE001 - it is raised where the result is wanted
            return cls((), failure)

    def unwrap(self) -> T:
        if self.failure is not None:
            raise self.failure
        return self.values[0]


class _Thread(threading.Thread):
    """The thread and its loop; it knows nothing of its owner, whom it would keep alive.

    It is a daemon, because it must not keep the interpreter from ending.
    """

    def __init__(self, options: BackendOptions) -> None:
        super().__init__(name="fasterapi-test-client", daemon=True)
        self._options = options
        self._started_loop: Future[asyncio.AbstractEventLoop] = Future()
        self._stop_asked = asyncio.Event()
        self.start()
        self.loop = self._started_loop.result()

    @override
    def run(self) -> None:
        try:
            with asyncio.Runner(debug=self._options.get("debug"), loop_factory=self._loop_factory()) as runner:
                runner.run(self._serve())
        except BaseException as failure:
            if self._started_loop.done():
                raise
            self._started_loop.set_exception(failure)

    def stop(self, patience: float | None) -> None:
        if self.is_alive():
            self.loop.call_soon_threadsafe(self._stop_asked.set)
        # A garbage collection may call this from within the loop.
        if self is threading.current_thread():
            return
        self.join(patience)
        if self.is_alive():
            raise RuntimeError(f"the app still runs {patience:g} s after its client was closed: it blocks its event loop or a thread")

    async def _serve(self) -> None:
        self._started_loop.set_result(asyncio.get_running_loop())
        await self._stop_asked.wait()

    def _loop_factory(self) -> Callable[[], asyncio.AbstractEventLoop] | None:
        if self._options.get("use_uvloop", False):
            import uvloop

            return uvloop.new_event_loop
        return self._options.get("loop_factory")
