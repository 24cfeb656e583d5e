"""Sessions in a signed cookie.

Interpreted: a session is a `dict` with methods of its own, which compiled code would pass by.
"""

from __future__ import annotations

import json
import logging
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, Literal, Self, cast

from typing_extensions import override

from fasterapi.asgi import ASGIApp, Receive, Scope, Send
from fasterapi.http.cookies import encode_cookie, parse_cookies
from fasterapi.middleware.messages import head_fields, request_fields, with_vary

if TYPE_CHECKING:
    from itsdangerous import TimestampSigner

_logger: Final = logging.getLogger("fasterapi")

TWO_WEEKS: Final = 14 * 24 * 60 * 60
LARGEST_COOKIE: Final = 4096
"""Bytes of name and value together that browsers keep; a larger cookie is dropped without a word (RFC 6265bis, 5.6)."""

_HEADS: Final = ("http.response.start", "websocket.accept", "websocket.http.response.start")
_EMPTY: Final = b"{}"
_LONG_AGO: Final = "Thu, 01 Jan 1970 00:00:00 GMT"


class Session(dict[str, Any]):
    """What one client's session holds: whatever JSON holds.

    Example: `request.session["user_id"] = 7`, later `request.session.get("user_id")`.
    """

    accessed: bool = False
    """Whether somebody looked at it."""
    modified: bool = False
    """Whether somebody set or deleted something; changes further inside are found by comparing."""

    def mark_accessed(self) -> None:
        """Say that the answer depends on the session."""
        self.accessed = True

    def mark_modified(self) -> None:
        """Say that the session is to be kept, changed or not: it lasts `max_age` from now on."""
        self.accessed = True
        self.modified = True

    def __setitem__(self, key: str, value: Any) -> None:
        self.mark_modified()
        super().__setitem__(key, value)

    def __delitem__(self, key: str) -> None:
        self.mark_modified()
        super().__delitem__(key)

    def __ior__(self, other: Any) -> Self:  # type: ignore[misc, override]  # as dict's, in one signature instead of two
        self.update(other)
        return self

    @override
    def clear(self) -> None:
        self.mark_modified()
        super().clear()

    @override
    def pop(self, key: str, *default: Any) -> Any:
        if key in self:
            self.mark_modified()
        return super().pop(key, *default)

    @override
    def popitem(self) -> tuple[str, Any]:
        item = super().popitem()
        self.mark_modified()
        return item

    @override
    def setdefault(self, key: str, default: Any = None) -> Any:
        if key not in self:
            self.mark_modified()
        return super().setdefault(key, default)

    @override
    def update(self, *args: Any, **kwargs: Any) -> None:
        self.mark_modified()
        super().update(*args, **kwargs)


class SessionMiddleware:
    """Keeps `request.session` in a cookie: signed, so that nobody can change it, and readable by its owner.

    Example: `app.add_middleware(SessionMiddleware, secret_key=settings.secret_key, https_only=True)`, and in a handler
    `request.session["user_id"] = user.id`.

    The cookie is the one of Starlette's middleware: either reads the other's. It is written when the session has changed,
    also deep inside, and deleted when the session was emptied. One that was tampered with, or is older than `max_age`, is an
    empty session. A session that was used makes the answer `Vary: Cookie`. WebSockets can read it, and change it until they
    are accepted.
    """

    def __init__(
        self,
        app: ASGIApp,
        secret_key: object,
        session_cookie: str = "session",
        max_age: int | None = TWO_WEEKS,
        path: str = "/",
        same_site: Literal["lax", "strict", "none"] = "lax",
        https_only: bool = False,
        domain: str | None = None,
        partitioned: bool = False,
    ) -> None:
        """Wrap an application.

        Args:
            app: The application.
            secret_key: What sessions are signed with: a text, or an object that `str` makes one of. To change it, give a list
                with the old keys before the new one: the last key signs, each of them is believed.
            session_cookie: The name of the cookie.
            max_age: Seconds for which a session is believed after it was written; None, for a cookie without an end.
            path: The paths that the cookie is sent for.
            same_site: Whether it is sent along from other sites.
            https_only: Whether it is only sent over encrypted connections.
            domain: The domain whose hosts get it; None for the one host that set it.
            partitioned: Whether each embedding site gets a cookie of its own.
        """
        if (same_site == "none" or partitioned) and not https_only:
            raise ValueError("Browsers refuse a cookie that is same_site='none' or partitioned without https_only=True. Add it.")
        self.app = app
        self.signer: TimestampSigner = _make_signer(secret_key)
        self.session_cookie = session_cookie
        self.max_age = max_age
        kept = encode_cookie(session_cookie, "", max_age, None, path, domain, https_only, True, same_site, partitioned)
        self._attributes: bytes = kept[kept.index(b";") :]
        self._deletion: bytes = encode_cookie(session_cookie, "null", 0, _LONG_AGO, path, domain, https_only, True, same_site, partitioned)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Give the connection its session, and keep what becomes of it."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        session, before = self._read(parse_cookies(request_fields(scope)).get(self.session_cookie))
        was_there = bool(session)
        cast("dict[str, Any]", scope)["session"] = session
        kept = False

        async def keep(message: Mapping[str, Any]) -> None:
            nonlocal kept, before
            if not kept and message["type"] in _HEADS:
                kept = True
                current = _current(scope)
                if current.accessed:
                    after = _encoded(current)
                    message = self._with_cookie(message, current, after, after != before or current.modified, was_there)
                    current.modified = False
                    before = after
            await send(message)

        await self.app(scope, receive, keep)
        current = _current(scope)
        if kept and current.accessed and (current.modified or _encoded(current) != before):
            _logger.error("The session was changed after the answer had begun, when no cookie can be set any more: the change is lost.")

    def _read(self, cookie: str | None) -> tuple[Session, bytes]:
        """The session in a cookie and its text; an empty one where the cookie is not to be believed."""
        if cookie is None:
            return Session(), _EMPTY
        from itsdangerous import BadSignature

        try:
            text = b64decode(self.signer.unsign(cookie.encode("utf-8"), max_age=self.max_age))
            content = json.loads(text)
        except (BadSignature, ValueError):
            return Session(), _EMPTY
        return (Session(content), text) if isinstance(content, dict) else (Session(), _EMPTY)

    def _with_cookie(self, message: Mapping[str, Any], session: Session, text: bytes, changed: bool, was_there: bool) -> Mapping[str, Any]:
        """The head of an answer to a request whose session was used."""
        headers = with_vary(head_fields(message), b"Cookie")
        if changed and session:
            headers = [*headers, (b"set-cookie", self._cookie(text))]
        elif changed and was_there:
            headers = [*headers, (b"set-cookie", self._deletion)]
        return {**message, "headers": headers}

    def _cookie(self, text: bytes) -> bytes:
        name = self.session_cookie.encode("ascii")
        value = self.signer.sign(b64encode(text))
        size = len(name) + len(value)
        if size > LARGEST_COOKIE:
            raise ValueError(
                f"The session is too large for a cookie: {size} bytes, where browsers keep {LARGEST_COOKIE}. Keep the data on the server,"
                " and in the session only what it is found by."
            )
        return name + b"=" + value + self._attributes


def _make_signer(secret_key: object) -> TimestampSigner:
    try:
        from itsdangerous import TimestampSigner
    except ModuleNotFoundError as missing:
        raise ModuleNotFoundError(
            "SessionMiddleware needs itsdangerous: pip install 'fasterapi-framework[sessions]'", name=missing.name
        ) from missing
    several = isinstance(secret_key, Sequence) and not isinstance(secret_key, (str, bytes))
    keys = [_key(key) for key in (cast("Sequence[object]", secret_key) if several else [secret_key])]
    if not keys:
        raise ValueError("secret_key is an empty list. Give it a long random text.")
    return TimestampSigner(keys)


def _key(secret: object) -> bytes:
    """The bytes of a key; what everybody could guess is refused."""
    if hasattr(secret, "get_secret_value"):
        # Pydantic's secrets show stars as their text.
        secret = cast("Any", secret).get_secret_value()
    if isinstance(secret, bytes):
        key = secret
    elif type(secret).__str__ is not object.__str__:
        key = str(secret).encode("utf-8")
    else:
        raise TypeError(f"secret_key is {type(secret).__name__}, not a text. Give it a long random text.")
    if not key.strip(b"*"):
        raise ValueError("secret_key is empty: anybody could write sessions. Give it a long random text.")
    return key


def _current(scope: Scope) -> Session:
    """The session as it is now, one of ours even where the application has put another dictionary in its place."""
    session = scope["session"]
    if isinstance(session, Session):
        return session
    replaced = Session(session)
    replaced.mark_modified()
    cast("dict[str, Any]", scope)["session"] = replaced
    return replaced


def _encoded(session: Session) -> bytes:
    try:
        return json.dumps(session).encode("utf-8")
    except (TypeError, ValueError) as fault:
        raise TypeError(f"The session cannot be kept: {fault}. It holds what JSON holds: texts, numbers, lists and dictionaries.") from None
