"""The body of a request, as the `http.request` messages that a server makes of it."""

# Interpreted: see `fasterapi.testing`.

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextvars import copy_context

import httpx
from typing_extensions import override

from fasterapi.testing.conversation import Message


class RequestBody:
    """Reads a request's content no faster than the app asks for it.

    Content that is there already is one message. A generator is one message for each chunk and an empty one for the end;
    one that is not async runs in a thread, so that it may block, or wait for something that the app does meanwhile.
    """

    def __init__(self, request: httpx.Request) -> None:
        self._stream = request.stream
        self._chunks: AsyncIterator[bytes] | None = None
        self.exhausted: bool = False

    async def read(self) -> Message:
        """Make the next message; `exhausted` after the last one."""
        if isinstance(self._stream, httpx.ByteStream):
            self.exhausted = True
            return {"type": "http.request", "body": b"".join(self._stream), "more_body": False}
        if self._chunks is None:
            self._chunks = _chunks_of(self._stream)
        chunk = await anext(self._chunks, None)
        self.exhausted = chunk is None
        return {"type": "http.request", "body": chunk or b"", "more_body": not self.exhausted}


def _chunks_of(stream: httpx.SyncByteStream | httpx.AsyncByteStream) -> AsyncIterator[bytes]:
    if isinstance(stream, httpx.AsyncByteStream):
        return aiter(stream)
    return _ThreadedIterator(iter(stream))


class _ThreadedIterator(AsyncIterator[bytes]):
    """A blocking iterator as an async one."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks

    @override
    async def __anext__(self) -> bytes:
        context = copy_context()
        chunk = await asyncio.get_running_loop().run_in_executor(None, lambda: context.run(next, self._chunks, None))
        if chunk is None:
            raise StopAsyncIteration
        return chunk
