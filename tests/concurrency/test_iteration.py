from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from fasterapi import iterate_in_threadpool


async def test_items_come_in_their_order_from_a_thread() -> None:
    threads: set[int] = set()

    def numbers() -> Iterator[int]:
        for number in range(3):
            threads.add(threading.get_ident())
            yield number

    assert [number async for number in iterate_in_threadpool(numbers())] == [0, 1, 2]
    assert threads
    assert threading.get_ident() not in threads


async def test_a_list_is_gone_through_on_the_spot() -> None:
    assert [number async for number in iterate_in_threadpool([1, 2])] == [1, 2]


async def test_none_is_an_item() -> None:
    assert [item async for item in iterate_in_threadpool(iter([None, 1]))] == [None, 1]


async def test_what_the_iterator_raises_is_raised() -> None:
    def failing() -> Iterator[int]:
        yield 1
        raise ArithmeticError

    found = iterate_in_threadpool(failing())
    assert await anext(found) == 1
    with pytest.raises(ArithmeticError):
        await anext(found)
