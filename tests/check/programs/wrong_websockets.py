"""WebSockets whose handlers are given what they do not take."""

from __future__ import annotations

from typing import Annotated

from fasterapi import Depends, Faster, FasterRouter, WebSocket

app = Faster()
router = FasterRouter(prefix="/rooms")


def user_name() -> str:
    return "ada"


@router.websocket("/{room:int}")
async def room_feed(websocket: WebSocket, room: str, user: Annotated[int, Depends(user_name)]) -> None: ...


@app.websocket("/right/{number:int}")
async def right(websocket: WebSocket, number: int, user: Annotated[str, Depends(user_name)], since: int = 0) -> None: ...


app.include_router(router)
