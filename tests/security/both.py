"""One scheme of ours and the one of FastAPI under the same name, asked the same requests."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple

import fastapi
import fastapi.security

import fasterapi

Headers = Sequence[tuple[str, bytes]]


class Answer(NamedTuple):
    """What a scheme made of a request."""

    status: int
    body: Any
    challenge: bytes | None


def shown(found: Any) -> Any:
    """What a scheme gave, as JSON."""
    if found is None or isinstance(found, str):
        return found
    return {name: getattr(found, name) for name in ("username", "password", "scheme", "credentials") if hasattr(found, name)}


class Both:
    """Two applications with the same schemes, which are asked without a client: clients change headers on their way."""

    def __init__(self, **schemes: Callable[[Any], Any]) -> None:
        self._theirs: Final = fastapi.FastAPI()
        self._ours: Final = fasterapi.Faster()
        for name, make in schemes.items():
            _declare(fastapi, self._theirs, name, make)
            _declare(fasterapi, self._ours, name, make)

    def ours(self, url: str, headers: Headers = ()) -> Answer:
        """Our answer at the path that is the name of a scheme."""
        return asyncio.run(_answer(self._ours, url, headers))

    def theirs(self, url: str, headers: Headers = ()) -> Answer:
        """FastAPI's answer."""
        return asyncio.run(_answer(self._theirs, url, headers))


def _declare(framework: Any, app: Any, name: str, make: Callable[[Any], Any]) -> None:
    async def handler(found: Any = framework.Depends(make(framework.security))) -> Any:
        return shown(found)

    app.get(f"/{name}")(handler)


async def _answer(app: Any, url: str, headers: Headers) -> Answer:
    path, _, query = url.partition("?")
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": path,
        "root_path": "",
        "query_string": query.encode(),
        "headers": [(name.lower().encode(), value) for name, value in headers],
    }
    messages: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request"}

    async def send(message: dict[str, Any]) -> None:
        messages.append(message)

    await app(scope, receive, send)
    challenge = dict(messages[0]["headers"]).get(b"www-authenticate")
    return Answer(messages[0]["status"], json.loads(b"".join([message["body"] for message in messages[1:]])), challenge)
