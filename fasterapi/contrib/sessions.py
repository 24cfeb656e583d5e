"""Sessions that are kept on the server: the cookie holds nothing but their name."""

# Interpreted, as all of this folder.

from __future__ import annotations

import logging
import re
import secrets
import time
from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import Any, Final, Literal, cast

import msgspec

from fasterapi.asgi import ASGIApp, Receive, Scope, Send
from fasterapi.contrib.stores import MemoryStore, Outage, Store, StoreError
from fasterapi.http.connection import HTTPConnection
from fasterapi.http.cookies import encode_cookie, parse_cookies
from fasterapi.http.responses import JSONResponse
from fasterapi.middleware.messages import head_fields, refuse, request_fields, with_vary
from fasterapi.middleware.sessions import TWO_WEEKS, Session

_logger: Final = logging.getLogger("fasterapi")

LARGEST_SESSION: Final = 64 * 1024
RETRY_SECONDS: Final = 5

_HEADS: Final = ("http.response.start", "websocket.accept", "websocket.http.response.start")
_NAME: Final = re.compile(r"[A-Za-z0-9_-]{43}")
_LONG_AGO: Final = "Thu, 01 Jan 1970 00:00:00 GMT"


class _Kept(msgspec.Struct, array_like=True):
    """What is in the store."""

    kept_at: float
    content: dict[str, Any]


_decoder: Final = msgspec.json.Decoder(_Kept)


class ServerSession(Session):
    """What one client's session holds: whatever JSON holds. `rotate_session` gives it another name."""

    name: str | None = None
    """What the cookie says; None for a session that is not kept yet."""
    kept_at: float = 0.0
    is_rotated: bool = False


def rotate_session(connection: HTTPConnection[Any]) -> None:
    """Give the session a new name, and forget it under the old one: whenever somebody logs in, or may do more than before.

    Example:
        @app.post("/login")
        async def login(request: Request, form: Annotated[OAuth2PasswordRequestForm, Depends()]) -> None:
            user = await authenticated(form)
            rotate_session(request)
            request.session["user_id"] = user.id

    Who knew the name before, because it was theirs to begin with, is not logged in with it.
    """
    session = connection.session
    if not isinstance(session, ServerSession):
        raise TypeError("rotate_session is for the sessions of ServerSessionMiddleware, which is not around this application.")
    session.is_rotated = True
    session.mark_modified()


class ServerSessionMiddleware:
    """Keeps `request.session` in a store, under a name of chance that stands in a cookie.

    Example: `app.add_middleware(ServerSessionMiddleware, store=RedisStore("redis://127.0.0.1:6379/0"), https_only=True)`.

    A session is kept when it has changed, also deep inside, and when half of `max_age` has passed since; it is forgotten, and the cookie
    deleted, when it was emptied. Names that are not in the store are not believed, so nobody can bring one along; the store
    knows only their hashes. A session that was used makes the answer `Vary: Cookie`. While the store is away, requests that have a
    session get status 503.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        store: Store | None = None,
        session_cookie: str = "session_id",
        max_age: int = TWO_WEEKS,
        path: str = "/",
        same_site: Literal["lax", "strict", "none"] = "lax",
        https_only: bool = False,
        domain: str | None = None,
        max_bytes: int = LARGEST_SESSION,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Wrap an application.

        Args:
            app: The application.
            store: Where sessions are kept; None for this process's memory.
            session_cookie: The name of the cookie.
            max_age: Seconds for which a session is kept after it was last used, or up to half of it less.
            path: The paths that the cookie is sent for.
            same_site: Whether it is sent along from other sites.
            https_only: Whether it is only sent over encrypted connections.
            domain: The domain whose hosts get it; None for the one host that set it.
            max_bytes: The largest session, as JSON.
            clock: The time.
        """
        if same_site == "none" and not https_only:
            raise ValueError("Browsers refuse a cookie that is same_site='none' without https_only=True. Add it.")
        if max_age < 1:
            raise ValueError(f"max_age={max_age!r}: sessions are kept for at least a second.")
        self.app = app
        self.store: Store = MemoryStore() if store is None else store
        self.session_cookie = session_cookie
        self.max_age = max_age
        self.max_bytes = max_bytes
        self._clock: Callable[[], float] = clock
        kept = encode_cookie(session_cookie, "", max_age, None, path, domain, https_only, True, same_site)
        self._attributes: bytes = kept[kept.index(b";") :]
        self._deletion: bytes = encode_cookie(session_cookie, "", 0, _LONG_AGO, path, domain, https_only, True, same_site)
        self._outage = Outage("requests that have a session are refused with status 503")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Give the connection its session, and keep what becomes of it."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        try:
            session = await self._load(parse_cookies(request_fields(scope)).get(self.session_cookie))
        except StoreError as error:
            self._outage.begin(error)
            await refuse(_unavailable(), scope, receive, send)
            return
        cast("dict[str, Any]", scope)["session"] = session
        keeping = _Keeping(self, scope, receive, send, session)
        await self.app(scope, receive, keeping.send)
        await keeping.finish()

    async def _load(self, name: str | None) -> ServerSession:
        """The session of a cookie; a new one where there is none of this name."""
        if name is None or not _NAME.fullmatch(name):
            return ServerSession()
        text = await self.store.get(_key(name))
        self._outage.end()
        kept = None
        if text is not None:
            try:
                kept = _decoder.decode(text)
            except msgspec.MsgspecError:
                _logger.warning("A session in the store cannot be read: it counts as none.")
        if kept is None:
            return ServerSession()
        session = ServerSession(kept.content)
        session.name = name
        session.kept_at = kept.kept_at
        return session

    async def keep(self, session: ServerSession, before: bytes) -> bytes | None:
        """Keep what has become of a session; the value of `Set-Cookie`, where the cookie has to change. Raises `StoreError`."""
        if not session:
            if session.name is None:
                return None
            await self.store.delete(_key(session.name))
            session.name = None
            return self._deletion
        now = self._clock()
        is_changed = encoded(session) != before or session.modified
        if not is_changed and now - session.kept_at < self.max_age / 2:
            return None
        text = msgspec.json.encode(_Kept(now, dict(session)))
        if len(text) > self.max_bytes:
            raise ValueError(f"The session is too large: {len(text)} bytes, where max_bytes={self.max_bytes}. Keep the data elsewhere.")
        if session.name is not None and not session.is_rotated:
            # Only where it still is: another request may have ended the session meanwhile, which must not bring it back.
            if not await self.store.replace(_key(session.name), text, self.max_age):
                session.clear()
                return self._deletion
        else:
            old = session.name
            session.name = secrets.token_urlsafe(32)
            await self.store.set(_key(session.name), text, self.max_age)
            if old is not None:
                await self.store.delete(_key(old))
        session.kept_at = now
        return self.session_cookie.encode("ascii") + b"=" + session.name.encode("ascii") + self._attributes

    def lose(self, error: StoreError) -> None:
        """Note that a session could not be kept."""
        self._outage.begin(error)


class _Keeping:
    """Keeps the session of one connection, before its answer begins and again behind its end."""

    def __init__(self, middleware: ServerSessionMiddleware, scope: Scope, receive: Receive, send: Send, session: ServerSession) -> None:
        self._middleware = middleware
        self._scope = scope
        self._receive = receive
        self._send = send
        self._session = session
        self._before = encoded(session)
        self._has_begun = False
        self._is_refused = False

    async def send(self, message: Mapping[str, Any]) -> None:
        """Send a message, the head of the answer with the cookie."""
        if self._is_refused:
            return
        if not self._has_begun and message["type"] in _HEADS:
            self._has_begun = True
            session = self._current()
            if session.accessed:
                try:
                    cookie = await self._keep(session)
                except StoreError as error:
                    # The application's answer would speak of what was not kept.
                    self._is_refused = True
                    self._middleware.lose(error)
                    await refuse(_unavailable(), self._scope, self._receive, self._send)
                    return
                headers = with_vary(head_fields(message), b"Cookie")
                message = {**message, "headers": headers if cookie is None else [*headers, (b"set-cookie", cookie)]}
        await self._send(message)

    async def finish(self) -> None:
        """Keep what has changed since the answer began."""
        session = self._current()
        if not self._has_begun or self._is_refused or (not session.modified and encoded(session) == self._before):
            return
        if session.name is None and not session:
            return
        if session.name is None or session.is_rotated:
            _logger.error("The session was begun or rotated after the answer had begun, when no cookie can be set any more: it is lost.")
            return
        try:
            await self._keep(session)
        except StoreError as error:
            self._middleware.lose(error)

    async def _keep(self, session: ServerSession) -> bytes | None:
        cookie = await self._middleware.keep(session, self._before)
        session.modified = session.is_rotated = False
        self._before = encoded(session)
        return cookie

    def _current(self) -> ServerSession:
        """The session as it is now, one of ours even where the application has put another dictionary in its place."""
        found = self._scope["session"]
        if found is not self._session:
            self._session.clear()
            self._session.update(found)
            cast("dict[str, Any]", self._scope)["session"] = self._session
        return self._session


def encoded(session: Session) -> bytes:
    """A session as it is kept. Raises `TypeError` if it holds what JSON does not."""
    try:
        return msgspec.json.encode(dict(session))
    except (TypeError, ValueError) as fault:
        raise TypeError(f"The session cannot be kept: {fault}. It holds what JSON holds: texts, numbers, lists and dictionaries.") from None


def _key(name: str) -> str:
    """Who reads the store must not be able to write the cookie."""
    return f"session:{sha256(name.encode('ascii')).hexdigest()}"


def _unavailable() -> JSONResponse:
    return JSONResponse({"detail": "Service Unavailable"}, 503, {"retry-after": str(RETRY_SECONDS)})
