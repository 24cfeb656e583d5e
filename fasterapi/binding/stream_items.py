"""What a handler yields that sends its values one by one."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Generator, Iterable, Iterator
from types import UnionType
from typing import Final, Union, cast, get_args, get_origin

from fasterapi.binding.markers import MISSING
from fasterapi.binding.signature import ASYNC_GENERATOR_CALL, GENERATOR_CALL
from fasterapi.http.server_sent_event import ServerSentEvent

_STREAMS: Final[tuple[object, ...]] = (AsyncGenerator, AsyncIterable, AsyncIterator, Generator, Iterable, Iterator)


def yields(call_kind: int) -> bool:
    """Whether a handler of this kind yields."""
    return call_kind in (GENERATOR_CALL, ASYNC_GENERATOR_CALL)


def stream_item(model: object) -> object:
    """What each yielded value is to fit, by the declared result or response model; `MISSING` where nothing says it.

    Example: `stream_item(AsyncIterator[Item])` is `Item`. Events say for themselves what they are, and are no items.
    """
    origin = get_origin(model)
    if model in _STREAMS:
        return MISSING
    return _without_events(get_args(model)[0] if origin in _STREAMS else model)


def _without_events(item: object) -> object:
    if get_origin(item) in (Union, UnionType):
        others = tuple(choice for choice in get_args(item) if choice is not ServerSentEvent)
        return cast("object", Union[others]) if others else MISSING  # noqa: UP007  # made of a tuple
    return MISSING if item is ServerSentEvent else item
