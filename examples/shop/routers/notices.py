"""Notices: told to a buyer's WebSockets as they come."""

from __future__ import annotations

import asyncio

from fasterapi import FasterRouter, WebSocket, WebSocketException
from fasterapi.contrib.channels import forward
from shop.identity import verifier
from shop.shared import notices_for

PATIENCE = 10.0
"""Seconds that a client has to say who it is."""

router = FasterRouter()


@router.websocket("/notices")
async def follow(websocket: WebSocket) -> None:
    """Tell a client of its orders; its first message is its access token.

    Browsers send no headers with a WebSocket, and a URL ends up in logs.
    """
    await websocket.accept()
    try:
        async with asyncio.timeout(PATIENCE):
            claims = await verifier.verify(await websocket.receive_text())
    except TimeoutError as fault:
        raise WebSocketException(1008, "Send your access token first") from fault
    async with notices_for(int(claims.sub)).subscribe(last=20) as notices:
        await forward(notices, websocket)
