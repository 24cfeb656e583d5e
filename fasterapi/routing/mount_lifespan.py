"""The lifespan of a mounted application, run by the one that it is mounted in, as a server would run it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, final

from fasterapi.routing.mount import Mount


@final
class MountLifespan:
    """Starts and stops one mounted application; one that knows nothing of lifespans is let be."""

    def __init__(self, mount: Mount) -> None:
        self._mount = mount
        self._received: asyncio.Queue[dict[str, str]] = asyncio.Queue()
        self._sent: asyncio.Queue[Mapping[str, Any]] = asyncio.Queue()
        self._running: asyncio.Task[None] | None = None

    async def start(self, asgi: Mapping[str, Any]) -> None:
        """Run what comes before the first request; its state becomes the mount's.

        Raises `RuntimeError` where the application says that it failed.
        """
        state: dict[str, Any] = {}
        scope = {"type": "lifespan", "asgi": asgi, "state": state}
        task = asyncio.create_task(self._run(scope))
        try:
            answer = await self._tell(task, "lifespan.startup")
        except asyncio.CancelledError:
            task.cancel()
            raise
        if answer is None:
            return
        self._mount.state = state
        self._running = task

    async def stop(self) -> None:
        """Run what comes after the last request. Raises `RuntimeError` where the application says that it failed."""
        task = self._running
        if task is None:
            return
        self._running = None
        await self._tell(task, "lifespan.shutdown")
        await asyncio.wait([task])

    async def _run(self, scope: dict[str, Any]) -> None:
        await self._mount.app(scope, self._received.get, self._sent.put)

    async def _tell(self, task: asyncio.Task[None], kind: str) -> Mapping[str, Any] | None:
        """Send an event and wait for the answer to it; `None` where the application ended without one."""
        self._received.put_nowait({"type": kind})
        answering = asyncio.create_task(self._sent.get())
        waited: list[asyncio.Task[Any]] = [task, answering]
        try:
            await asyncio.wait(waited, return_when=asyncio.FIRST_COMPLETED)
        finally:
            if not answering.done():
                answering.cancel()
        if not answering.done() or answering.cancelled():
            # Retrieved, for it says no more than that this application has no lifespan.
            task.exception()
            return None
        answer = answering.result()
        if answer["type"] == f"{kind}.failed":
            await asyncio.wait([task])
            raise RuntimeError(f"The mounted application {self._mount.app!r} failed: {answer.get('message', kind)}") from task.exception()
        return answer
