"""Messages between processes, through Redis."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final

from fasterapi.contrib.channels.backends import Hub
from fasterapi.contrib.channels.inbox import Inbox, Letter, number_of
from fasterapi.contrib.redis import DEFAULT_URL, RedisConnection
from fasterapi.contrib.stores import Outage, StoreError

if TYPE_CHECKING:
    from redis.asyncio import Redis
    from redis.asyncio.client import PubSub

HISTORY_SECONDS: Final = 24 * 60 * 60
"""For which the history of a channel is kept behind its last message."""

QUIET_SECONDS: Final = 5.0
"""How long Redis may say nothing before it is asked whether it is there, and then until it is taken to be gone."""

_FIRST_PAUSE: Final = 0.05
_LONGEST_PAUSE: Final = 2.0
_JOIN_SECONDS: Final = 5.0
_CANCEL_SECONDS: Final = 0.05

# One step: who reads the history and listens then misses nothing, and has the same order as everybody.
_PUBLISH: Final = """
local id = ''
if tonumber(ARGV[2]) > 0 then
  id = redis.call('XADD', KEYS[1], 'MAXLEN', ARGV[2], '*', 'm', ARGV[1])
  redis.call('EXPIRE', KEYS[1], ARGV[3])
end
redis.call('PUBLISH', KEYS[1], id .. ' ' .. ARGV[1])
"""


class RedisBackend:
    """Carries messages between all processes that have the same `prefix`: one connection for all that a process listens to.

    Example: `channels = Channels(RedisBackend("redis://127.0.0.1:6379/0"), history=50)`.

    When Redis goes away, readers wait, and publishing raises `StoreError`. When it is back they go on, with what was kept of the
    messages in between, if the channels have a history.
    """

    def __init__(
        self,
        redis: RedisConnection | Redis | str = DEFAULT_URL,
        *,
        prefix: str = "fasterapi:channel:",
        quiet_seconds: float = QUIET_SECONDS,
    ) -> None:
        self.redis: RedisConnection = redis if isinstance(redis, RedisConnection) else RedisConnection(redis)
        self.prefix = prefix
        self.quiet_seconds = quiet_seconds
        self._hub = Hub()
        self._outage = Outage("channels wait")
        self._publish = self.redis.client.register_script(_PUBLISH)
        self._listener: asyncio.Task[None] | None = None
        self._pubsub: PubSub | None = None
        self._heard: dict[str, asyncio.Future[None]] = {}
        self._last_ids: dict[str, str] = {}

    async def publish(self, name: str, payload: bytes, history: int) -> None:
        """Send a message to all inboxes of a channel, in every process."""
        await self.redis.ask(self._publish(keys=[self.prefix + name], args=[payload, history, HISTORY_SECONDS]))

    async def join(self, name: str, inbox: Inbox, last: int, after: str | None) -> None:
        """Have messages put into an inbox."""
        try:
            await self._listen(name, inbox)
            inbox.release(await self._history(name, last, after))
        except BaseException:
            await self.leave(name, inbox)
            raise

    async def leave(self, name: str, inbox: Inbox) -> None:
        """Put nothing more into an inbox."""
        if not self._hub.remove(name, inbox):
            return
        self._heard.pop(name, None)
        self._last_ids.pop(name, None)
        if not self._hub.names():
            await self._stop()
        elif self._pubsub is not None:
            try:
                await self.redis.ask(self._pubsub.unsubscribe(self.prefix + name))
            except StoreError:
                # The listener meets the same fault, and subscribes anew to what is still wanted.
                return

    async def aclose(self) -> None:
        """Stop listening, and close the connections."""
        await self._stop()
        await self.redis.aclose()

    async def _listen(self, name: str, inbox: Inbox) -> None:
        """Have this process listen to a channel, from before this returns on."""
        self._hub.add(name, inbox)
        heard = self._heard.get(name)
        if heard is None:
            heard = self._heard[name] = asyncio.get_running_loop().create_future()
            if self._listener is None or self._listener.done():
                self._listener = asyncio.create_task(self._run())
            elif self._pubsub is not None:
                await self.redis.ask(self._pubsub.subscribe(self.prefix + name))
        done, _ = await asyncio.wait([heard], timeout=_JOIN_SECONDS)
        if not done:
            raise StoreError("Redis: no answer to a subscription")
        if name not in self._last_ids:
            newest = await self._history(name, 1, None)
            self._last_ids.setdefault(name, newest[0].id if newest else "0-0")

    async def _history(self, name: str, last: int, after: str | None) -> list[Letter]:
        known = number_of(after)
        if known is None and not last:
            return []
        client = self.redis.client
        key = self.prefix + name
        asked: Any = client.xrevrange(key, count=last) if known is None else client.xrange(key, min=f"({known[0]}-{known[1]}")
        found: list[Any] = await self.redis.ask(asked)
        letters = [Letter(entry.decode("ascii"), fields[b"m"]) for entry, fields in found]
        return letters[::-1] if known is None else letters

    async def _run(self) -> None:
        """Listen, and begin again when Redis has been away."""
        pause = _FIRST_PAUSE
        while True:
            pubsub = self.redis.client.pubsub()
            try:
                await self.redis.ask(pubsub.subscribe(*self._names()))
                self._pubsub = pubsub
                # Once more, with what was joined while the connection was made.
                await self.redis.ask(pubsub.subscribe(*self._names()))
                pause = _FIRST_PAUSE
                await self._hear(pubsub)
            except StoreError as error:
                self._outage.begin(error)
                self._pubsub = None
            finally:
                # redis-py declares it without a type.
                close: Any = pubsub.aclose
                await close()
            await asyncio.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)

    async def _hear(self, pubsub: PubSub) -> None:
        """Put what comes into the inboxes. Raises `StoreError` when nothing does any more, not even an answer."""
        is_quiet = False
        while True:
            message: dict[str, Any] | None = await self.redis.ask(pubsub.get_message(timeout=self.quiet_seconds))
            if message is None:
                if is_quiet:
                    raise StoreError("Redis: the connection is dead")
                is_quiet = True
                await self.redis.ask(pubsub.ping())
                continue
            is_quiet = False
            if message["type"] == "subscribe":
                self._outage.end()
                await self._begin(self._name(message["channel"]))
            elif message["type"] == "message":
                identifier, _, payload = bytes(message["data"]).partition(b" ")
                self._deliver(self._name(message["channel"]), Letter(identifier.decode("latin-1"), payload))

    async def _begin(self, name: str) -> None:
        """Let those go on who wait for a subscription; one that was there before is of a new connection, which has missed something."""
        heard = self._heard.get(name)
        if heard is not None and not heard.done():
            heard.set_result(None)
        elif name in self._last_ids:
            for letter in await self._history(name, 0, self._last_ids[name]):
                self._deliver(name, letter)

    def _deliver(self, name: str, letter: Letter) -> None:
        if letter.id and name in self._heard:
            self._last_ids[name] = letter.id
        self._hub.put(name, letter)

    async def _stop(self) -> None:
        listener, self._listener = self._listener, None
        self._pubsub = None
        while listener is not None and not listener.done():
            # redis-py loses a cancellation that comes together with an answer, so once is not always enough.
            listener.cancel()
            await asyncio.wait([listener], timeout=_CANCEL_SECONDS)

    def _names(self) -> list[str]:
        return [self.prefix + name for name in self._hub.names()]

    def _name(self, channel: bytes) -> str:
        return channel.decode("utf-8").removeprefix(self.prefix)
