"""Channels and WebSockets."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from fasterapi.contrib.channels.channel import Subscription
from fasterapi.contrib.channels.inbox import SlowReader
from fasterapi.websocket import WebSocket, WebSocketDisconnect

TRY_AGAIN_LATER = 1013
"""The code for a reader that is too slow (IANA's registry of close codes)."""


async def forward(
    subscription: Subscription[Any], websocket: WebSocket[Any], on_text: Callable[[str], Awaitable[object]] | None = None
) -> None:
    """Send the messages of a subscription to an accepted WebSocket until its client leaves.

    Example: `await forward(messages, websocket, on_text=lambda text: channel.publish(Message(text)))`.

    What the client sends goes to `on_text`, or nowhere. A client that is too slow for `when_full="end"` is closed with code 1013.
    """
    sending = asyncio.create_task(_send(subscription, websocket))
    receiving = asyncio.create_task(_receive(websocket, on_text))
    try:
        done, _ = await asyncio.wait([sending, receiving], return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in (sending, receiving):
            task.cancel()
        await asyncio.gather(sending, receiving, return_exceptions=True)
    for task in done:
        error = task.exception()
        if isinstance(error, SlowReader):
            await websocket.close(TRY_AGAIN_LATER, "too slow")
        elif error is not None and not isinstance(error, WebSocketDisconnect):
            raise error


async def _send(subscription: Subscription[Any], websocket: WebSocket[Any]) -> None:
    async for message in subscription:
        await websocket.send_json(message)


async def _receive(websocket: WebSocket[Any], on_text: Callable[[str], Awaitable[object]] | None) -> None:
    """Read what the client sends: its leaving is among it."""
    if on_text is not None:
        async for text in websocket.iter_text():
            await on_text(text)
        return
    while (await websocket.receive())["type"] != "websocket.disconnect":
        pass
