"""Processes that call functions for this one."""

from __future__ import annotations

from concurrent.futures import BrokenExecutor, Executor, Future
from typing import final

from fasterapi.concurrency.remote_call import call


@final
class ProcessWorkers:
    """So many processes, started when they are needed."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._pool: Executor | None = None

    def submit(self, request: bytes) -> Future[bytes]:
        """Answer a request as soon as a process is free."""
        pool = self._pool or self._start()
        try:
            return pool.submit(call, request)
        except BrokenExecutor:
            # A process died, and its pool with it; who waited for that has been told.
            pool.shutdown(wait=False)
            return self._start().submit(call, request)

    def close(self) -> None:
        """Wait for what is under way, then end the processes."""
        pool, self._pool = self._pool, None
        if pool is not None:
            pool.shutdown(wait=True)

    def _start(self) -> Executor:
        # Most programs start no process: they do not pay for the import.
        import multiprocessing
        from concurrent.futures import ProcessPoolExecutor

        # A fork copies the locks that other threads of a server hold, and nobody to let go of them.
        pool = self._pool = ProcessPoolExecutor(self._count, mp_context=multiprocessing.get_context("spawn"))
        return pool
