from __future__ import annotations

import json
import logging
from base64 import b64decode, b64encode
from collections.abc import Callable
from typing import Any

import itsdangerous
import pydantic
import pytest
from starlette.applications import Starlette
from starlette.datastructures import Secret as StarletteSecret
from starlette.middleware.sessions import SessionMiddleware as TheirSessionMiddleware
from starlette.requests import Request as TheirRequest
from starlette.responses import JSONResponse as TheirJSONResponse
from starlette.routing import Route as TheirRoute

from fasterapi import HTTPConnection, Request
from fasterapi.asgi import ASGIApp
from fasterapi.http.cookies import parse_cookies
from fasterapi.middleware.sessions import Session, SessionMiddleware
from tests.middleware.asking import Answer, answering, ask, open_websocket

KEY = "a key of the tests"


def using(use: Callable[[Session], object]) -> ASGIApp:
    """An application that does something with the session, and answers with what it holds."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        session: Any = Request(scope).session
        use(session)
        await answering(json.dumps(session).encode())(scope, receive, send)

    return app


async def asked(app: ASGIApp, cookie: str | None = None, **options: Any) -> Answer:
    options = {"secret_key": KEY, **options}
    return await ask(SessionMiddleware(app, **options), headers=[] if cookie is None else [(b"cookie", cookie.encode("latin-1"))])


def cookie_of(answer: Answer) -> str:
    """What a client sends back."""
    return answer.values("set-cookie")[0].partition(";")[0]


async def kept(**content: Any) -> str:
    return cookie_of(await asked(using(lambda session: session.update(content))))


def look(session: Session) -> None:
    """Use a session without changing it."""


# What is kept.


async def test_what_is_set_comes_back() -> None:
    cookie = await kept(user=7, cart=["a", {"b": None}])
    assert json.loads((await asked(using(look), cookie)).body) == {"user": 7, "cart": ["a", {"b": None}]}


CHANGES: dict[str, Callable[[Any], object]] = {
    "setitem": lambda session: session.__setitem__("new", 1),
    "setitem to the same": lambda session: session.__setitem__("a", 1),
    "delitem": lambda session: session.__delitem__("a"),
    "pop": lambda session: session.pop("a"),
    "popitem": lambda session: session.popitem(),
    "setdefault": lambda session: session.setdefault("new", 1),
    "update": lambda session: session.update(new=1),
    "ior": lambda session: session.__ior__({"new": 1}),
    "mark_modified": lambda session: session.mark_modified(),
    "deep inside": lambda session: session["list"].append(1),
}


@pytest.mark.parametrize("change", CHANGES)
async def test_a_change_writes_the_cookie(change: str) -> None:
    answer = await asked(using(CHANGES[change]), await kept(a=1, list=[], b=2))
    assert json.loads((await asked(using(look), cookie_of(answer))).body) == json.loads(answer.body)


LOOKS: dict[str, Callable[[Any], object]] = {
    "nothing": look,
    "get": lambda session: session.get("a"),
    "pop of what is not there": lambda session: session.pop("no", None),
    "setdefault of what is there": lambda session: session.setdefault("a", 2),
}


@pytest.mark.parametrize("name", LOOKS)
async def test_a_look_writes_no_cookie(name: str) -> None:
    answer = await asked(using(LOOKS[name]), await kept(a=1))
    assert answer.values("set-cookie") == []


async def test_an_emptied_session_is_deleted() -> None:
    answer = await asked(using(lambda session: session.clear()), await kept(a=1))
    assert answer.values("set-cookie") == ["session=null; expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly; Max-Age=0; Path=/; SameSite=lax"]
    assert (await asked(using(look), "session=null")).body == b"{}"


async def test_an_empty_session_is_not_written() -> None:
    assert (await asked(using(lambda session: session.clear()))).values("set-cookie") == []


async def test_another_dictionary_may_take_its_place() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        scope["session"] = {"other": 1}
        await answering()(scope, receive, send)

    assert (await asked(using(look), cookie_of(await asked(app, await kept(a=1))))).body == b'{"other": 1}'


async def test_cached_session_is_told_apart() -> None:
    """As in CVE-2023-30861: an answer that the session was looked at for says `Vary: Cookie`, with and without one."""
    assert (await asked(using(look))).vary() == ["Cookie"]
    assert (await asked(using(look), await kept(a=1))).vary() == ["Cookie"]
    assert (await asked(using(lambda session: session.update(a=1)))).vary() == ["Cookie"]


async def test_a_session_that_nobody_looks_at_changes_nothing() -> None:
    assert (await asked(answering(b"in"), await kept(a=1))).headers == []


# What is not believed.


def signed(content: bytes, key: str = KEY) -> str:
    return "session=" + itsdangerous.TimestampSigner(key).sign(b64encode(content)).decode()


@pytest.mark.parametrize(
    "cookie",
    [
        signed(b'{"a": 1}', "another key"),
        signed(b'{"a": 1}')[:-1],
        signed(b'{"a": 1}').replace("session=", "session=e30"),
        signed(b'{"a": 1').replace("session=", "session=!"),
        signed(b"[1]"),
        signed(b"not json"),
        signed(b"\xff"),
        "session=",
        "session=.",
        "session=null",
        "session=\xe9",
        "other=" + signed(b'{"a": 1}').partition("=")[2],
    ],
    ids=[f"cookie {number}" for number in range(12)],
)
async def test_what_was_tampered_with_is_an_empty_session(cookie: str) -> None:
    assert (await asked(using(look), cookie)).body == b"{}"


async def test_what_is_too_old_is_an_empty_session() -> None:
    class Yesterday(itsdangerous.TimestampSigner):
        def get_timestamp(self) -> int:
            return super().get_timestamp() - 24 * 60 * 60

    cookie = "session=" + Yesterday(KEY).sign(b64encode(b'{"a": 1}')).decode()
    assert (await asked(using(look), cookie, max_age=60 * 60)).body == b"{}"
    assert (await asked(using(look), cookie, max_age=7 * 24 * 60 * 60)).body == b'{"a": 1}'
    assert (await asked(using(look), cookie, max_age=None)).body == b'{"a": 1}'


async def test_keys_can_be_changed() -> None:
    old = await kept(a=1)
    answer = await asked(using(lambda session: session.update(b=2)), old, secret_key=[KEY, "the new key"])
    assert json.loads(answer.body) == {"a": 1, "b": 2}
    assert (await asked(using(look), cookie_of(answer))).body == b"{}"
    assert json.loads((await asked(using(look), cookie_of(answer), secret_key="the new key")).body) == {"a": 1, "b": 2}


async def test_a_secret_may_be_an_object() -> None:
    for secret in (StarletteSecret(KEY), pydantic.SecretStr(KEY), pydantic.SecretBytes(KEY.encode()), KEY.encode()):
        assert (await asked(using(look), await kept(a=1), secret_key=secret)).body == b'{"a": 1}'


# What cannot be kept.


async def test_a_session_that_browsers_would_drop_is_an_error() -> None:
    with pytest.raises(ValueError, match=r"too large for a cookie: \d+ bytes, where browsers keep 4096"):
        await kept(text="x" * 3100)
    assert len(await kept(text="x" * 2900)) <= 4096


async def test_a_value_that_is_no_json_is_an_error() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        Request(scope).session["value"] = object()
        await answering()(scope, receive, send)

    with pytest.raises(TypeError, match="The session cannot be kept: Object of type object is not JSON serializable"):
        await asked(app)


@pytest.mark.parametrize("change", [lambda session: session.update(late=1), lambda session: session["list"].append(1)])
async def test_a_change_that_comes_too_late_is_told(change: Callable[[Any], object], caplog: pytest.LogCaptureFixture) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        session = Request(scope).session
        await answering()(scope, receive, send)
        change(session)

    cookie = await kept(list=[])
    with caplog.at_level(logging.ERROR, "fasterapi"):
        await asked(app, cookie)
    assert "the change is lost" in caplog.text


async def test_no_change_is_told_of_where_none_is_lost(caplog: pytest.LogCaptureFixture) -> None:
    for change in CHANGES.values():
        await asked(using(change), await kept(a=1, list=[], b=2))
    assert caplog.text == ""


# The cookie.


async def test_the_cookie_says_who_may_have_it() -> None:
    answer = await asked(using(lambda session: session.update(a=1)))
    assert answer.values("set-cookie")[0].partition("; ")[2] == "HttpOnly; Max-Age=1209600; Path=/; SameSite=lax"
    options: dict[str, Any] = {
        "session_cookie": "own",
        "max_age": None,
        "path": "/app",
        "same_site": "none",
        "https_only": True,
        "domain": "example.org",
        "partitioned": True,
    }
    name, _, attributes = (await asked(using(lambda session: session.update(a=1)), **options)).values("set-cookie")[0].partition("; ")
    assert name.startswith("own=")
    assert attributes == "Domain=example.org; HttpOnly; Partitioned; Path=/app; SameSite=none; Secure"


@pytest.mark.parametrize("options", [{"session_cookie": "a b"}, {"path": "/;x"}, {"domain": "a\r\n"}])
def test_cookie_attributes_cannot_be_injected(options: dict[str, str]) -> None:
    """As in CVE-2024-52804."""
    with pytest.raises(ValueError, match="cookie"):
        SessionMiddleware(answering(), KEY, **options)  # type: ignore[arg-type]  # no option of another type is among them


@pytest.mark.parametrize("options", [{"same_site": "none"}, {"partitioned": True}])
def test_a_cookie_that_browsers_refuse_is_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="https_only=True"):
        SessionMiddleware(answering(), KEY, **options)


@pytest.mark.parametrize("key", ["", b"", [], ["old", ""], "****", None, ["old", None], 7])
def test_a_key_that_anybody_knows_is_refused(key: object) -> None:
    with pytest.raises((ValueError, TypeError), match="secret_key is"):
        SessionMiddleware(answering(), key)


# WebSockets.


async def test_websockets_have_a_session() -> None:
    seen: list[dict[str, Any]] = []

    async def chat(scope: Any, receive: Any, send: Any) -> None:
        session = HTTPConnection(scope).session
        seen.append(dict(session))
        session["visits"] = session.get("visits", 0) + 1
        await send({"type": "websocket.accept", "subprotocol": "v2"})

    app = SessionMiddleware(chat, KEY)
    first = await open_websocket(app)
    cookie = dict(first[0]["headers"])[b"set-cookie"].partition(b";")[0]
    await open_websocket(app, [(b"cookie", cookie)])
    assert (first[0]["subprotocol"], seen) == ("v2", [{}, {"visits": 1}])


# Beside Starlette's.


async def count(request: TheirRequest) -> TheirJSONResponse:
    request.session["visits"] = request.session.get("visits", 0) + 1
    return TheirJSONResponse(request.session)


@pytest.mark.parametrize("ours_first", [True, False])
async def test_either_reads_what_the_other_wrote(ours_first: bool) -> None:
    app = Starlette(routes=[TheirRoute("/", count)])
    both: list[ASGIApp] = [SessionMiddleware(app, KEY), TheirSessionMiddleware(app, KEY)]
    first, second = both if ours_first else reversed(both)
    cookie = (await ask(first, path="/")).values("set-cookie")[0].partition(";")[0]
    answer = await ask(second, path="/", headers=[(b"cookie", cookie.encode())])
    assert json.loads(answer.body) == {"visits": 2}


async def test_the_cookie_is_what_starlette_would_write() -> None:
    app = Starlette(routes=[TheirRoute("/", count)])
    values = [
        (await ask(wrapped, path="/")).values("set-cookie") for wrapped in (SessionMiddleware(app, KEY), TheirSessionMiddleware(app, KEY))
    ]
    ours, theirs = (parse_cookies([(b"cookie", value[0].lower().encode())]) for value in values)
    assert ours.pop("session").split(".")[0] == theirs.pop("session").split(".")[0]
    assert ours == theirs
    assert b64decode(values[0][0].partition("=")[2].partition(".")[0]) == b'{"visits": 1}'
