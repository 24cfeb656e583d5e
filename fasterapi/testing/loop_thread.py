"""An event loop in a thread of its own, for clients that are not async."""

# Interpreted, as all of this folder.

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future, wait
from typing import Any, TypedDict, TypeVar

T = TypeVar("T")


class BackendOptions(TypedDict, total=False):
    """How the event loop is made."""

    debug: bool
    use_uvloop: bool
    loop_factory: Callable[[], asyncio.AbstractEventLoop]


class LoopThread:
    """Runs coroutines in one event loop that starts with the first of them; after `stop` the next starts a new one.

    `patience` is how many seconds the app may keep the loop to itself. The thread is a daemon: it must not keep the
    interpreter from ending where nobody stopped it.
    """

    def __init__(self, options: BackendOptions | None, patience: float | None) -> None:
        self._options: BackendOptions = options or {}
        self._patience = patience
        self._guard = threading.Lock()
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop_asked = asyncio.Event()

    @property
    def running(self) -> bool:
        """Whether there is a loop, and with it what was started in it."""
        return self._thread is not None

    def call(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine in the loop, in the context of the caller, and wait for its result."""
        if self._thread is threading.current_thread():
            coroutine.close()
            raise RuntimeError("the app cannot use the client that calls it: both would wait for each other in one event loop")
        loop = self._started_loop()
        future = asyncio.run_coroutine_threadsafe(coroutine, loop)
        try:
            while not self._done(future):
                self._ping(loop)
            return future.result()
        except BaseException:
            future.cancel()
            raise

    def stop(self) -> None:
        """Cancel what still runs in the loop, close it and wait for the end of its thread."""
        with self._guard:
            thread, loop, stop_asked = self._thread, self._loop, self._stop_asked
            self._thread = self._loop = None
        if thread is None or loop is None:
            return
        loop.call_soon_threadsafe(stop_asked.set)
        # A garbage collection may call this from within the loop.
        if thread is threading.current_thread():
            return
        thread.join(self._patience)
        if thread.is_alive():
            raise RuntimeError(f"the app still runs {self._patience:g} s after its client was closed: it blocks its event loop or a thread")

    def _done(self, future: Future[T]) -> bool:
        return bool(wait([future], self._patience).done)

    def _ping(self, loop: asyncio.AbstractEventLoop) -> None:
        """What runs in the loop keeps its own time, unless the loop itself is stuck."""
        answered = threading.Event()
        loop.call_soon_threadsafe(answered.set)
        if not answered.wait(self._patience):
            raise RuntimeError(
                f"the app has blocked its event loop for {self._patience:g} s: a coroutine calls something that blocks, such as "
                "time.sleep(). If that is meant, give the client a longer timeout=...; timeout=None waits for ever"
            )

    def _started_loop(self) -> asyncio.AbstractEventLoop:
        with self._guard:
            if self._loop is None:
                started: Future[asyncio.AbstractEventLoop] = Future()
                self._stop_asked = asyncio.Event()
                thread = threading.Thread(target=self._run, args=(started, self._stop_asked), name="fasterapi-test-client", daemon=True)
                thread.start()
                self._loop = started.result()
                self._thread = thread
            return self._loop

    def _run(self, started: Future[asyncio.AbstractEventLoop], stop_asked: asyncio.Event) -> None:
        async def serve() -> None:
            started.set_result(asyncio.get_running_loop())
            await stop_asked.wait()

        try:
            with asyncio.Runner(debug=self._options.get("debug"), loop_factory=self._loop_factory()) as runner:
                runner.run(serve())
        except BaseException as failure:
            if started.done():
                raise
            started.set_exception(failure)

    def _loop_factory(self) -> Callable[[], asyncio.AbstractEventLoop] | None:
        if self._options.get("use_uvloop", False):
            import uvloop

            return uvloop.new_event_loop
        return self._options.get("loop_factory")
