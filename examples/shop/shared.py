"""What requests share: in the memory of one process, or with `SHOP_REDIS_URL` in Redis for many."""

from __future__ import annotations

import logging

from taskiq import AsyncBroker, InMemoryBroker

from fasterapi.contrib.cache import Cache
from fasterapi.contrib.channels import Channel, Channels, MemoryBackend, RedisBackend
from fasterapi.contrib.jwt_refresh import MemoryRefreshStore, RedisRefreshStore, RefreshStore
from fasterapi.contrib.rate_limit import LimitStore, MemoryLimitStore, RedisLimitStore
from fasterapi.contrib.redis import RedisConnection, RedisStore
from fasterapi.contrib.stores import MemoryStore, StoreError
from fasterapi.contrib.taskiq import redis_broker
from shop.models import Notice
from shop.settings import settings

logger = logging.getLogger(__name__)

redis = RedisConnection(settings.redis_url) if settings.redis_url else None

cache = Cache(RedisStore(redis) if redis else MemoryStore())
channels = Channels(RedisBackend(redis) if redis else MemoryBackend(), history=20)
limits: LimitStore = RedisLimitStore(redis) if redis else MemoryLimitStore()
broker: AsyncBroker = redis_broker(settings.redis_url) if settings.redis_url else InMemoryBroker()
logins: RefreshStore = RedisRefreshStore(redis) if redis else MemoryRefreshStore()


def notices_for(account_id: int) -> Channel[Notice]:
    return channels.channel(f"notices:{account_id}", Notice)


async def forget_products() -> None:
    """Behind the commit of a change: answers that show what was before are not given any more."""
    try:
        await cache.invalidate("products")
    except StoreError as fault:
        # The change is made all the same, and no answer is kept for longer than a minute.
        logger.warning("Old answers may be given for a minute: %s", fault)
