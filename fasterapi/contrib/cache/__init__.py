"""Answers that are kept: a request for one costs neither the handler nor its encoding."""

from __future__ import annotations

from fasterapi.contrib.cache.kept import Cache as Cache
from fasterapi.contrib.cache.middleware import CacheMiddleware as CacheMiddleware
from fasterapi.contrib.cache.middleware import RedisCacheMiddleware as RedisCacheMiddleware
from fasterapi.contrib.cache.policy import CachePolicy as CachePolicy
from fasterapi.contrib.cache.policy import add_cache_tags as add_cache_tags
from fasterapi.contrib.cache.policy import cached as cached

__all__ = ["Cache", "CacheMiddleware", "CachePolicy", "RedisCacheMiddleware", "add_cache_tags", "cached"]
