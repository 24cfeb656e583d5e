"""One request over the wire and back: auth, cookies, redirects, limits, the whole body."""

from __future__ import annotations

import asyncio
import time
from typing import Final, final

from fasterapi.client.body import EMPTY, Body
from fasterapi.client.cookies import CookieJar
from fasterapi.client.decoding import BodyDecoder, codings_of
from fasterapi.client.errors import (
    FastHTTPError,
    FastHTTPRedirectError,
    FastHTTPTimeoutError,
    SecurityError,
)
from fasterapi.client.guard import Guard
from fasterapi.client.limits import Limits
from fasterapi.client.masking import is_secret_name, mask_url
from fasterapi.client.middleware.base import MiddlewareManager
from fasterapi.client.request import Request
from fasterapi.client.response import Response
from fasterapi.client.target import join_target
from fasterapi.client.transport import Transport, WireResponse

_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_BODY_HEADERS: Final = frozenset({b"content-length", b"content-type", b"transfer-encoding", b"content-encoding", b"content-language"})


@final
class Sender:
    """Sends requests through a transport, and what comes of each."""

    def __init__(
        self, transport: Transport, middleware: MiddlewareManager, cookie_jar: CookieJar | None, guard: Guard | None, limits: Limits
    ) -> None:
        self._transport = transport
        self._middleware = middleware
        self._cookie_jar = cookie_jar
        self._guard = guard
        self._limits = limits

    async def send(self, request: Request) -> Response:
        """The response with its whole body, after redirects."""
        began = time.perf_counter()
        try:
            if request.timeout.total is None:
                return await self._send(request, began)
            async with asyncio.timeout(request.timeout.total):
                return await self._send(request, began)
        except TimeoutError as error:
            message = f"Not done within {request.timeout.total} s."
            raise FastHTTPTimeoutError(message, phase="total", method=request.method, url=request.url, attempts=request.attempts) from error
        except FastHTTPError as error:
            error.located(request.method, request.url, request.attempts)
            raise

    async def open(self, request: Request) -> tuple[Request, WireResponse]:
        """The head of the response, after redirects; the body is left to be read, and the response to be closed."""
        try:
            hop = request.again()
            hop.streams = True
            for _ in range(self._limits.max_redirects + 1):
                wire = await self._exchange(hop)
                following = await self._checked_following(hop, wire)
                if following is None:
                    return hop, wire
                await wire.close()
                hop = following
        except FastHTTPError as error:
            error.located(request.method, request.url, request.attempts)
            raise
        raise _too_many(request, self._limits)

    async def read(self, request: Request, wire: WireResponse) -> bytes:
        """The whole body, unpacked, and no more of it than is allowed."""
        try:
            # What describes the body of a GET stands in the head of a response without one, too (RFC 9110, 9.3.2).
            has_none = request.method == "HEAD" or wire.status in (204, 304)
            codings = [] if has_none else codings_of(_values(wire, b"content-encoding"))
            decoder = BodyDecoder(codings, self._limits.max_response_bytes, self._limits.max_decompression_ratio)
            pieces: list[bytes] = []
            async for piece in wire.pieces():
                pieces.extend(decoder.decode(piece))
            decoder.finish()
            return pieces[0] if len(pieces) == 1 else b"".join(pieces)
        finally:
            await wire.close()

    async def _send(self, request: Request, began: float) -> Response:
        history: list[Response] = []
        hop = request.again()
        while True:
            wire = await self._exchange(hop)
            following = await self._checked_following(hop, wire)
            content = await self.read(hop, wire)
            response = Response(hop, wire, content, time.perf_counter() - began, history)
            if following is None:
                return response
            history.append(response)
            if len(history) > self._limits.max_redirects:
                raise _too_many(request, self._limits)
            hop = following

    async def _exchange(self, request: Request) -> WireResponse:
        """One request over the wire, and a second one where the server asks who sends it."""
        applied = None if request.is_foreign else request.auth
        if applied is not None:
            await applied.apply(request)
        wire = await self._transfer(request)
        if applied is None or wire.status != 401 or not request.body.can_be_sent_again:
            return wire
        if not await applied.challenged(request, _values(wire, b"www-authenticate")):
            return wire
        await self.read(request, wire)
        return await self._transfer(request)

    async def _transfer(self, request: Request) -> WireResponse:
        jar = self._cookie_jar
        if jar is not None:
            jar.add_to(request.target, request.headers)
        for middleware in self._middleware.overriding("outgoing", request.method):
            await middleware.outgoing(request)
        wire = await self._transport.send(request)
        if jar is not None:
            for name, value in wire.headers:
                if name == b"set-cookie":
                    jar.store(request.target, value.decode("latin-1"))
        for middleware in self._middleware.overriding("incoming", request.method):
            await middleware.incoming(request, wire)
        return wire

    async def _checked_following(self, request: Request, wire: WireResponse) -> Request | None:
        try:
            return self._following(request, wire)
        except FastHTTPError:
            await wire.close()
            raise

    def _following(self, request: Request, wire: WireResponse) -> Request | None:
        """The request that a redirect asks for, if it is one to follow."""
        if wire.status not in _REDIRECTS or not request.follow_redirects:
            return None
        location = wire.header(b"location")
        if not location:
            return None
        try:
            target = join_target(request.target, location)
        except FastHTTPError as error:
            raise FastHTTPRedirectError(f"The redirect leads nowhere: {error.message}") from error
        if request.target.is_secure() and not target.is_secure() and not (self._guard is None or self._guard.allow_downgrade):
            raise SecurityError(
                f"The redirect to {mask_url(str(target))} would leave encryption. Write Guard(allow_downgrade=True) if that is meant."
            )
        method, body = _redirected_body(request, wire.status)
        following = request.redirected(target, method, body)
        following.follow_redirects = True
        _drop_headers(following, body is not request.body, target.origin != request.target.origin)
        return following


def _redirected_body(request: Request, status: int) -> tuple[str, Body]:
    """The method and the body after a redirect (RFC 9110, 15.4): as browsers do, POST becomes GET unless the status forbids it."""
    method = request.method
    if (status == 303 and method != "HEAD") or (status in (301, 302) and method == "POST"):
        return "GET", EMPTY
    if not request.body.can_be_sent_again:
        raise FastHTTPRedirectError("The redirect asks for the body again, which was sent in pieces. Give data= as bytes.")
    return method, request.body


def _drop_headers(request: Request, without_body: bool, to_stranger: bool) -> None:
    """Leave out what described a body that is not sent again, and what another origin must not see."""
    kept: list[tuple[bytes, bytes]] = []
    for name, value in request.headers.raw:
        if without_body and name in _BODY_HEADERS:
            continue
        if name == b"cookie" or (to_stranger and is_secret_name(name.decode("latin-1"))):
            continue
        kept.append((name, value))
    request.headers.raw[:] = kept
    # Those of a jar are added anew for each request that goes out.
    if request.own_cookies:
        request.headers["cookie"] = request.own_cookies


def _values(wire: WireResponse, header: bytes) -> list[str]:
    return [value.decode("latin-1") for name, value in wire.headers if name == header]


def _too_many(request: Request, limits: Limits) -> FastHTTPRedirectError:
    return FastHTTPRedirectError(
        f"More than {limits.max_redirects} redirects.", method=request.method, url=request.url, attempts=request.attempts
    )
