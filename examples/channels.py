"""A chat between WebSockets, which event streams can follow: in one process, or through Redis in many.

    uvicorn channels:app
    REDIS_URL=redis://127.0.0.1:6379/0 uvicorn channels:app --workers 4    # pip install 'fasterapi-framework[redis]'

Ask for `curl -N localhost:8000/rooms/tea/events`, and meanwhile for
`curl -X POST localhost:8000/rooms/tea -H 'content-type: application/json' -d '{"author": "ann", "text": "hello"}'`.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

import msgspec

from fasterapi import Faster, Header, WebSocket
from fasterapi.contrib.channels import Channel, Channels, MemoryBackend, RedisBackend, forward
from fasterapi.sse import EventSourceResponse, ServerSentEvent


class Note(msgspec.Struct):
    author: str
    text: str


url = os.environ.get("REDIS_URL")
channels = Channels(RedisBackend(url) if url else MemoryBackend(), history=50)


def room_named(name: str) -> Channel[Note]:
    return channels.channel(f"room:{name}", Note)


@asynccontextmanager
async def lifespan(app: Faster) -> AsyncIterator[None]:
    async with channels:
        yield


app = Faster(lifespan=lifespan)


@app.post("/rooms/{room}")
async def say(room: str, note: Note) -> None:
    await room_named(room).publish(note)


@app.websocket("/rooms/{room}")
async def chat(websocket: WebSocket, room: str, author: str = "somebody") -> None:
    channel = room_named(room)

    async def say_text(text: str) -> None:
        await channel.publish(Note(author, text))

    async with channel.subscribe(last=10) as notes:
        await websocket.accept()
        await forward(notes, websocket, on_text=say_text)


@app.get("/rooms/{room}/events", response_class=EventSourceResponse)
async def follow(room: str, last_event_id: Annotated[str | None, Header()] = None) -> AsyncIterator[ServerSentEvent]:
    async with room_named(room).subscribe(after=last_event_id) as notes:
        async for note in notes:
            yield ServerSentEvent(data=note, id=notes.last_id)
