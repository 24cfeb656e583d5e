"""Passwords as Argon2id keeps them (RFC 9106): hashes that take time and memory to try."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Final, ParamSpec, TypeVar, final

from fasterapi.concurrency.limit import ConcurrencyLimit
from fasterapi.concurrency.threads import run_in_threadpool

try:
    import argon2
except ModuleNotFoundError as _missing:
    raise ModuleNotFoundError(
        "fasterapi.contrib.passwords needs argon2-cffi: pip install 'fasterapi-framework[passwords]'", name=_missing.name
    ) from _missing

P = ParamSpec("P")
T = TypeVar("T")

LONGEST_PASSWORD: Final = 4096
"""Bytes of the longest password; nobody types more, and every byte costs time."""


@final
class PasswordHasher:
    """Hashes passwords and checks them, in threads: one check takes tens of milliseconds and tens of megabytes, on purpose.

    Example:
        passwords = PasswordHasher()
        user.password_hash = await passwords.hash(password)
        ...
        if await passwords.verify(password, user.password_hash if user else None):
            if passwords.needs_rehash(user.password_hash):
                user.password_hash = await passwords.hash(password)

    `max_concurrency` is how many run at once, by default one for each processor: others wait, so that a flood of logins takes no
    more memory than that times `memory_cost` KiB.
    """

    def __init__(self, *, time_cost: int = 3, memory_cost: int = 65_536, parallelism: int = 4, max_concurrency: int | None = None) -> None:
        self._hasher = argon2.PasswordHasher(time_cost, memory_cost, parallelism)
        self._limit = ConcurrencyLimit(max_concurrency or os.cpu_count() or 1)
        self._nobodys: str = self._hasher.hash(os.urandom(16))

    async def hash(self, password: str) -> str:
        """What to keep of a password; the parameters and a salt of its own are in it."""
        encoded = _encoded(password)
        if encoded is None:
            raise ValueError(f"A password may have {LONGEST_PASSWORD} bytes as UTF-8.")
        return await self._in_turn(self._hasher.hash, encoded)

    async def verify(self, password: str, hashed: str | None) -> bool:
        """Whether it is this password. `None` stands for a user who does not exist, and takes as long: who exists is not told by time."""
        encoded = _encoded(password)
        known = self._nobodys if hashed is None or encoded is None else hashed
        matches = await self._in_turn(self._matches, encoded or b"", known)
        return matches and hashed is not None and encoded is not None

    def needs_rehash(self, hashed: str) -> bool:
        """Whether a hash was made with other parameters than these, and is to be made again at the next login."""
        return self._hasher.check_needs_rehash(hashed)

    def _matches(self, password: bytes, hashed: str) -> bool:
        try:
            return self._hasher.verify(hashed, password)
        except (argon2.exceptions.VerificationError, ValueError):
            return False

    async def _in_turn(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        place = await self._limit.take()
        try:
            return await run_in_threadpool(function, *args, **kwargs)
        finally:
            place.give_back()


def _encoded(password: str) -> bytes | None:
    """A password as it is hashed; `None` for what cannot be one."""
    try:
        encoded = password.encode()
    except UnicodeEncodeError:
        return None
    return encoded if len(encoded) <= LONGEST_PASSWORD else None
