from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Generator, Iterable, Iterator
from typing import Any, Optional

import pytest

from fasterapi import ServerSentEvent
from fasterapi.binding.markers import MISSING
from fasterapi.binding.stream_items import stream_item


@pytest.mark.parametrize(
    ("model", "item"),
    [
        (AsyncIterable[int], int),
        (AsyncIterator[int], int),
        (AsyncGenerator[int, None], int),
        (Iterable[int], int),
        (Iterator[list[int]], list[int]),
        (Generator[int, str, bytes], int),
        (int, int),
        (list[int], list[int]),
        (Any, Any),
        (Iterable, MISSING),
        (MISSING, MISSING),
        (Iterable[ServerSentEvent], MISSING),
        (Iterable[int | ServerSentEvent], int),
        (Iterable[int | str | ServerSentEvent], int | str),
        (Iterable[Optional[ServerSentEvent]], type(None)),
    ],
)
def test_what_an_item_is_to_fit(model: Any, item: Any) -> None:
    assert stream_item(model) == item
