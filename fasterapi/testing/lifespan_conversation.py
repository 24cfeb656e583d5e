"""The lifespan of the app under test: one call that starts before the first request and ends after the last."""

# Interpreted: see `fasterapi.testing`.

from __future__ import annotations

from collections import deque
from typing import Final

from typing_extensions import override

from fasterapi.asgi import ASGIApp, State
from fasterapi.testing.conversation import GRACE, Conversation, Message

ANSWERS: Final = ("lifespan.startup.complete", "lifespan.startup.failed", "lifespan.shutdown.complete", "lifespan.shutdown.failed")


class LifespanConversation(Conversation):
    """The lifespan put to the app; `startup`, then the requests, then `close`."""

    def __init__(self, app: ASGIApp, seconds: float | None) -> None:
        self._seconds = seconds
        self.state: State = {}
        scope = {"type": "lifespan", "asgi": {"version": "3.0", "spec_version": "2.0"}, "state": self.state}
        super().__init__(app, scope, raise_failures=True)
        self._to_app: deque[Message] = deque()
        self._answers: dict[str, str] = {}

    async def startup(self) -> None:
        """Start the app and raise what keeps it from starting; an app that returns at once knows no lifespan."""
        self.start()
        try:
            await self._phase("startup")
        except BaseException:
            self.abandon()
            raise

    @override
    async def close(self) -> None:
        """Let the app clean up, wait until it has returned and raise what went wrong."""
        try:
            await self._phase("shutdown")
            await self.wait_for_end(self._seconds)
        except BaseException:
            self.abandon()
            raise
        self.raise_failure()

    async def _phase(self, phase: str) -> None:
        self._to_app.append({"type": f"lifespan.{phase}"})
        self._notify()
        complete, failed = f"lifespan.{phase}.complete", f"lifespan.{phase}.failed"
        if not await self._until(lambda: self.finished or not self._answers.keys().isdisjoint((complete, failed)), self._seconds):
            raise TimeoutError(
                f"the {phase} of the app's lifespan took longer than {self._seconds:g} s: give the client a longer timeout=..."
            )
        if failed in self._answers:
            # Most apps raise after this message what they failed with, which tells more.
            await self.wait_for_end(GRACE)
            self.raise_failure()
            raise RuntimeError(f"the {phase} of the app's lifespan failed: {self._answers[failed] or 'it gives no reason'}")
        if complete not in self._answers:
            self.raise_failure()

    @override
    async def receive(self) -> Message:
        """Give the app `lifespan.startup`, then `lifespan.shutdown`."""
        await self._until(lambda: bool(self._to_app), None)
        return self._to_app.popleft()

    @override
    async def send(self, message: Message) -> None:
        """Take the app's answer to what it received."""
        if message["type"] not in ANSWERS:
            raise RuntimeError(f"{message['type']!r} is no message of a lifespan: send one of {', '.join(ANSWERS)}")
        self._answers[message["type"]] = message.get("message", "")
        self._notify()
