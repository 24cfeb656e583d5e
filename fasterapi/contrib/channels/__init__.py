"""Messages from anybody to all who listen: WebSockets and event streams of one process, or of many."""

from __future__ import annotations

from fasterapi.contrib.channels.backends import Backend as Backend
from fasterapi.contrib.channels.backends import MemoryBackend as MemoryBackend
from fasterapi.contrib.channels.channel import Channel as Channel
from fasterapi.contrib.channels.channel import Channels as Channels
from fasterapi.contrib.channels.channel import Subscription as Subscription
from fasterapi.contrib.channels.inbox import SlowReader as SlowReader
from fasterapi.contrib.channels.inbox import WhenFull as WhenFull
from fasterapi.contrib.channels.redis_backend import RedisBackend as RedisBackend
from fasterapi.contrib.channels.websockets import forward as forward

__all__ = ["Backend", "Channel", "Channels", "MemoryBackend", "RedisBackend", "SlowReader", "Subscription", "WhenFull", "forward"]
