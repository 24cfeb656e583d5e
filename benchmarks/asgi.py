"""The types of an ASGI application, as loose as the frameworks themselves declare them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias

Scope: TypeAlias = dict[str, Any]
Message: TypeAlias = dict[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
# Frameworks narrow or widen the three arguments in ways that no common signature satisfies.
Application: TypeAlias = Callable[[Any, Any, Any], Awaitable[None]]
