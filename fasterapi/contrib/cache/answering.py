"""A kept answer on its way to the client."""

from __future__ import annotations

from typing import Final

from fasterapi.asgi import RawHeaders, Scope, Send
from fasterapi.contrib.cache.kept import KeptAnswer
from fasterapi.http.conditional import HOLDS, Validators
from fasterapi.middleware.messages import RESPONSE_BODY, RESPONSE_START, field

# What an answer without a body still tells (RFC 9110, 15.4.5).
_OF_NOT_MODIFIED: Final = frozenset(
    [b"cache-control", b"content-location", b"date", b"etag", b"expires", b"vary", b"last-modified", b"age", b"cache-status"]
)


async def answer(kept: KeptAnswer, now: float, scope: Scope, headers: RawHeaders, send: Send) -> None:
    """Answer a request with a kept answer, or with what its conditions make of it."""
    age = max(0, int(now - kept.kept_at))
    fields = [*kept.headers, (b"age", b"%d" % age), (b"cache-status", b"fasterapi; hit; ttl=%d" % (kept.lifetime - age))]
    status = judged(kept.status, fields, headers)
    if status == kept.status:
        await send({"type": RESPONSE_START, "status": status, "headers": fields})
        await send({"type": RESPONSE_BODY, "body": b"" if scope["method"] == "HEAD" else kept.body})
    else:
        await send_without_body(status, fields, send)


def judged(status: int, headers: RawHeaders, asked: RawHeaders) -> int:
    """The status of an answer with these headers, for a request with those: 304 for a client that has it already."""
    if status != 200:
        return status
    etag = field(headers, b"etag") or b""
    changed = field(headers, b"last-modified") or b""
    judgement = Validators(etag.decode("latin-1"), changed.decode("latin-1")).judge(asked)
    return status if judgement == HOLDS else judgement


async def send_without_body(status: int, headers: RawHeaders, send: Send) -> None:
    """Answer 304 or 412."""
    kept = [pair for pair in headers if pair[0].lower() in _OF_NOT_MODIFIED]
    await send({"type": RESPONSE_START, "status": status, "headers": kept})
    await send({"type": RESPONSE_BODY, "body": b""})
