from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest

from fasterapi.contrib.passwords import LONGEST_PASSWORD, PasswordHasher


def quick(**given: Any) -> PasswordHasher:
    return PasswordHasher(time_cost=1, memory_cost=8, parallelism=1, **given)


async def test_a_password_is_known_by_its_hash() -> None:
    passwords = quick()
    hashed = await passwords.hash("pässword")
    assert hashed.startswith("$argon2id$")
    assert await passwords.verify("pässword", hashed)
    assert not await passwords.verify("password", hashed)
    assert hashed != await passwords.hash("pässword")


@pytest.mark.parametrize("hashed", ["", "plain", "$argon2id$v=19$m=8", "$2b$12$abcdefghijklmnopqrstuv", "ä"])
async def test_what_is_no_hash_fits_no_password(hashed: str) -> None:
    assert not await quick().verify("password", hashed)


@pytest.mark.parametrize("password", ["", "x" * (LONGEST_PASSWORD + 1), "\ud800", "nul\0byte"])
async def test_odd_passwords_fit_nobody(password: str) -> None:
    passwords = quick()
    assert not await passwords.verify(password, await passwords.hash("password"))


async def test_a_nul_does_not_end_a_password() -> None:
    passwords = quick()
    assert not await passwords.verify("same\0other", await passwords.hash("same\0one"))


async def test_nobody_is_never_let_in() -> None:
    passwords = quick()
    assert not await passwords.verify("", None)
    assert not await passwords.verify("password", None)


async def test_a_password_that_is_too_long_is_not_hashed() -> None:
    with pytest.raises(ValueError, match="4096"):
        await quick().hash("x" * (LONGEST_PASSWORD + 1))


async def test_hashes_of_other_parameters_are_to_be_made_again() -> None:
    hashed = await quick().hash("password")
    assert not quick().needs_rehash(hashed)
    assert PasswordHasher(time_cost=2, memory_cost=8, parallelism=1).needs_rehash(hashed)


async def test_a_flood_of_logins_is_answered_in_turn() -> None:
    passwords = quick(max_concurrency=1)
    hashed = await passwords.hash("password")
    assert await asyncio.gather(*[passwords.verify("password", hashed) for _ in range(20)]) == [True] * 20


@pytest.mark.parametrize(("password", "is_known"), [("wrong", False), ("x" * (LONGEST_PASSWORD + 1), True)])
async def test_time_does_not_tell_who_exists(password: str, is_known: bool) -> None:
    passwords = PasswordHasher(time_cost=4, memory_cost=4096, parallelism=1)
    hashed = await passwords.hash("password")

    async def seconds(given: str, known: str | None) -> float:
        # Of the processor, which other programs may have meanwhile.
        begun = time.process_time()
        await passwords.verify(given, known)
        return time.process_time() - begun

    pairs = [(await seconds("wrong", hashed), await seconds(password, hashed if is_known else None)) for _ in range(5)]
    assert min(other for _, other in pairs) > min(usual for usual, _ in pairs) / 2
