"""Handlers that yield: what they send is what FastAPI sends."""

# Annotations that name what a function was given cannot be strings.

import asyncio
import dataclasses
import datetime
import re
from collections.abc import AsyncIterable, AsyncIterator, Generator, Iterable, Iterator
from pathlib import Path
from typing import Annotated, Any

import fastapi
import fastapi.sse
import fastapi.testclient
import httpx
import pytest
from fastapi.responses import StreamingResponse as TheirStreamingResponse

import fasterapi
import fasterapi.sse
from fasterapi import BackgroundTasks, Depends, Faster, GraphError, HTMLResponse, Response, StreamingResponse
from fasterapi.sse import EventSourceResponse, ServerSentEvent
from fasterapi.testing import TestClient
from tests.checkouts import CHECKOUT


@dataclasses.dataclass
class Item:
    name: str
    price: float = 1.5
    at: datetime.date = datetime.date(2026, 1, 2)


ITEMS = [Item("a"), Item("b", 2.0)]


class Kit:
    """The names of one framework."""

    def __init__(self, framework: Any, streaming: Any, log: list[str]) -> None:
        self.framework = framework
        self.sse = framework.sse
        self.streaming = streaming
        self.log = log


def lines(kit: Kit, app: Faster) -> None:
    @app.get("/async")
    async def asynchronous() -> AsyncIterable[Item]:
        for item in ITEMS:
            yield item

    @app.get("/plain")
    def plain() -> Iterable[Item]:
        yield from ITEMS

    @app.get("/undeclared")
    async def undeclared():  # type: ignore[no-untyped-def]
        yield {"b": 1, "a": [None, True, "é"]}
        yield 1.0
        yield "text"
        yield None

    @app.get("/none")
    async def none() -> AsyncIterator[int]:
        for number in range(0):
            yield number

    @app.get("/converted")
    def converted() -> Generator[Item, None, None]:
        yield {"name": "n", "price": "3", "other": 1}  # type: ignore[misc]

    @app.get("/cut", response_model_exclude_defaults=True, response_model_exclude={"at"})
    def cut() -> Iterable[Item]:
        yield from ITEMS

    @app.post("/asked/{number}", status_code=201)
    async def asked(number: int, text: str, response: kit.framework.Response) -> AsyncIterable[str]:  # type: ignore[name-defined]
        response.headers["x-own"] = "yes"
        for _ in range(number):
            yield text

    @app.get("/raw", response_class=kit.streaming)
    async def raw() -> AsyncIterable[str]:
        yield "one"
        yield "two"

    @app.get("/raw-plain", response_class=kit.streaming)
    def raw_plain() -> Iterable[bytes]:
        yield b"one"
        yield b"two"


def events(kit: Kit, app: Faster) -> None:
    event = kit.sse.ServerSentEvent
    source = {"response_class": kit.sse.EventSourceResponse}

    @app.get("/items", **source)
    async def items() -> AsyncIterable[Item]:
        for item in ITEMS:
            yield item

    @app.get("/plain", **source)
    def plain() -> Iterable[Item]:
        yield from ITEMS

    @app.get("/values", **source)
    async def values():  # type: ignore[no-untyped-def]
        yield "text of\ntwo lines"
        yield {"data": 1}
        yield None
        yield b"bytes".decode()

    @app.get("/events", **source)
    async def whole_events() -> AsyncIterable[event]:  # type: ignore[valid-type]
        yield event(data="text", event="greeting", id="1", retry=5, comment="a\nb")
        yield event(data={"é": [1, None]})
        yield event(raw_data="one\r\ntwo\rthree\n\u2028four")
        yield event(raw_data="")
        yield event(event="only")
        yield event(comment="only")
        yield event(id="", retry=0)
        yield event()

    @app.get("/mixed", **source)
    async def mixed() -> AsyncIterable[Item]:
        yield Item("a")
        yield event(data=[1], id="2")

    @app.post("/posted", status_code=201, **source)
    async def posted(text: str) -> AsyncIterable[str]:
        yield text


def sides(declare: Any) -> tuple[fastapi.testclient.TestClient, TestClient, list[str], list[str]]:
    theirs: Any = fastapi.FastAPI()
    ours = Faster()
    their_log: list[str] = []
    our_log: list[str] = []
    declare(Kit(fastapi, TheirStreamingResponse, their_log), theirs)
    declare(Kit(fasterapi, StreamingResponse, our_log), ours)
    return fastapi.testclient.TestClient(theirs), TestClient(ours), their_log, our_log


def told(answer: Any) -> tuple[int, str, dict[str, str]]:
    return answer.status_code, answer.text, dict(answer.headers)


@pytest.mark.parametrize("path", ["/async", "/plain", "/undeclared", "/none", "/converted", "/cut", "/raw", "/raw-plain"])
def test_lines(path: str) -> None:
    theirs, ours, *_ = sides(lines)
    expected = theirs.get(path)
    found = ours.get(path)
    if path == "/undeclared":
        # FastAPI writes spaces, and escapes letters.
        assert found.text == '{"b":1,"a":[null,true,"é"]}\n1.0\n"text"\nnull\n'
    else:
        assert told(found) == told(expected)


def test_lines_of_a_handler_that_asks() -> None:
    theirs, ours, *_ = sides(lines)
    assert told(ours.post("/asked/2?text=x")) == told(theirs.post("/asked/2?text=x"))
    assert ours.post("/asked/two").json() == theirs.post("/asked/two").json()


@pytest.mark.parametrize("path", ["/items", "/plain", "/events"])
def test_events(path: str) -> None:
    theirs, ours, *_ = sides(events)
    expected, found = told(theirs.get(path)), told(ours.get(path))
    # Where FastAPI writes JSON by itself, it writes spaces and escapes letters.
    assert found[1] == expected[1].replace('{"\\u00e9": [1, null]}', '{"é":[1,null]}')
    assert (found[0], found[2]) == (expected[0], expected[2])


def test_events_of_plain_values() -> None:
    _, ours, *_ = sides(events)
    assert ours.get("/values").text == 'data: "text of\\ntwo lines"\n\ndata: {"data":1}\n\ndata: null\n\ndata: "bytes"\n\n'


def test_events_and_values_may_be_mixed() -> None:
    theirs, ours, *_ = sides(events)
    assert ours.get("/mixed").text == theirs.get("/mixed").text


def test_events_by_another_method() -> None:
    theirs, ours, *_ = sides(events)
    assert told(ours.post("/posted?text=x")) == told(theirs.post("/posted?text=x"))


def cleaning_up(kit: Kit, app: Faster) -> None:
    log, depends = kit.log, kit.framework.Depends

    async def of_request() -> AsyncIterator[str]:
        log.append("enter request")
        try:
            yield "resource"
        except ArithmeticError:
            log.append("saw the error")
            raise
        finally:
            log.append("leave request")

    def of_function() -> Iterator[str]:
        log.append("enter function")
        yield "short"
        log.append("leave function")

    @app.get("/lines")
    async def of_lines(
        tasks: kit.framework.BackgroundTasks,  # type: ignore[name-defined]
        resource: str = depends(of_request),
        short: str = depends(of_function, scope="function"),
    ) -> AsyncIterable[str]:
        tasks.add_task(log.append, "task")
        log.append("first")
        yield resource
        log.append("last")

    @app.get("/failing")
    async def failing(resource: str = depends(of_request)) -> AsyncIterable[str]:
        yield resource
        raise ArithmeticError

    @app.get("/plain")
    def of_plain(resource: str = depends(of_request)) -> Iterable[str]:
        yield resource
        log.append("last")


@pytest.mark.parametrize("path", ["/lines", "/plain"])
def test_dependencies_live_until_the_stream_ends(path: str) -> None:
    theirs, ours, their_log, our_log = sides(cleaning_up)
    assert ours.get(path).text == theirs.get(path).text
    assert our_log == their_log
    assert our_log.index("last") < our_log.index("leave request")


def test_dependencies_see_what_a_stream_raises() -> None:
    theirs, ours, their_log, our_log = sides(cleaning_up)
    for client in (theirs, ours):
        with pytest.raises(ArithmeticError):
            client.get("/failing")
    assert our_log == their_log == ["enter request", "saw the error", "leave request"]


def app_of(handler: Any, **options: Any) -> TestClient:
    app = Faster()
    app.get("/", **options)(handler)
    return TestClient(app)


def test_an_item_that_does_not_fit_breaks_the_stream_off() -> None:
    def handler() -> Iterable[int]:
        yield 1
        yield "two"  # type: ignore[misc]

    app = Faster()
    app.get("/")(handler)
    with pytest.raises(httpx.RemoteProtocolError):
        TestClient(app, raise_server_exceptions=False).get("/")
    with pytest.raises(fasterapi.ResponseValidationError, match="response: Input should be a valid integer"):
        TestClient(app).get("/")


def test_a_first_item_that_does_not_fit_is_500() -> None:
    async def handler() -> AsyncIterable[int]:
        yield "one"  # type: ignore[misc]

    app = Faster()
    app.get("/")(handler)
    assert TestClient(app, raise_server_exceptions=False).get("/").status_code == 500


def test_a_response_model_is_that_of_an_item() -> None:
    def handler() -> Any:
        yield {"name": "n", "secret": "s"}

    assert app_of(handler, response_model=Item).get("/").json() == {"name": "n", "price": 1.5, "at": "2026-01-02"}
    assert app_of(handler, response_model=Iterable[Item]).get("/").json() == {"name": "n", "price": 1.5, "at": "2026-01-02"}


def test_a_stream_of_anything() -> None:
    def handler() -> Iterator:  # type: ignore[type-arg]
        yield 1

    assert app_of(handler).get("/").text == "1\n"


def test_a_union_of_items_and_events() -> None:
    async def handler() -> AsyncIterable[Item | ServerSentEvent]:
        yield Item("a")
        yield ServerSentEvent(1)

    text = app_of(handler, response_class=EventSourceResponse).get("/").text
    assert text == 'data: {"name":"a","price":1.5,"at":"2026-01-02"}\n\ndata: 1\n\n'


def test_a_subclass_says_how_often_it_pings() -> None:
    class Silent(EventSourceResponse):
        ping = 0.01

    async def handler() -> AsyncIterable[int]:
        await asyncio.sleep(0.1)
        yield 1

    text = app_of(handler, response_class=Silent).get("/").text
    assert text.startswith(": ping\n\n")
    assert text.endswith("data: 1\n\n")


def test_a_generator_may_be_a_callable_object() -> None:
    class Numbers:
        def __call__(self, last: int) -> Iterable[int]:
            yield from range(last)

    assert app_of(Numbers()).get("/?last=3").text == "0\n1\n2\n"


def test_what_cannot_be_sent_in_pieces_is_refused_at_start_up() -> None:
    def handler() -> Iterable[int]:
        yield 1

    app = Faster()
    app.get("/", response_class=HTMLResponse)(handler)
    with pytest.raises(GraphError, match=r"it yields, and HTMLResponse cannot be sent in pieces\. Write response_class=StreamingResponse"):
        app.compile()


def test_a_handler_may_return_a_stream() -> None:
    def pieces() -> Iterator[str]:
        yield "one"
        yield "two"

    log: list[str] = []

    async def handler(response: Response, tasks: BackgroundTasks) -> StreamingResponse:
        tasks.add_task(log.append, "task")
        return StreamingResponse(pieces(), 202, {"x-own": "yes"})

    answer = app_of(handler).get("/")
    assert (answer.status_code, answer.text, answer.headers["x-own"], log) == (202, "onetwo", "yes", ["task"])


def test_head_does_not_begin_what_get_would_yield() -> None:
    log: list[str] = []

    def handler() -> Iterable[int]:
        log.append("begun")
        yield 1

    answer = app_of(handler).head("/")
    assert (answer.status_code, answer.content, log) == (200, b"", [])


async def provider() -> AsyncIterator[int]:
    yield 1


def test_a_provider_that_yields_is_still_one() -> None:
    def handler(number: Annotated[int, Depends(provider)]) -> Iterable[int]:
        yield number

    assert app_of(handler).get("/").text == "1\n"


def test_the_programs_of_the_page_on_streams_run() -> None:
    page = Path(CHECKOUT, "docs", "streaming.md").read_text()
    names: dict[str, Any] = {"__name__": "page"}
    for program in re.findall(r"```python\n(.*?)```", page, re.DOTALL):
        exec(program, names)  # our own page
    client = TestClient(names["app"])
    assert client.get("/rows?count=2").text == '{"number":0,"text":""}\n{"number":1,"text":"a"}\n'
    events = client.get("/prices", headers={"last-event-id": "2"}).text
    assert events == 'event: price\ndata: {"price":30}\nid: 3\nretry: 5000\n\nevent: note\ndata: two lines\ndata: of text\n\n'
    assert client.get("/report.csv").text == "number,square\n0,0\n1,1\n2,4\n"
