"""What the app sees of a request."""

from __future__ import annotations

import pytest

from fasterapi.testing import TestClient
from tests.testing.apps import Recorder


@pytest.fixture
def app() -> Recorder:
    return Recorder()


@pytest.fixture
def client(app: Recorder) -> TestClient:
    return TestClient(app)


def test_method(app: Recorder, client: TestClient) -> None:
    client.request("PURGE", "/")
    assert app.scope["method"] == "PURGE"


@pytest.mark.parametrize(
    ("url", "path", "raw_path"),
    [
        ("/a b", "/a b", b"/a%20b"),
        ("/caf\u00e9", "/caf\u00e9", b"/caf%C3%A9"),
        ("/a%2Fb", "/a/b", b"/a%2Fb"),
        ("/100%25", "/100%", b"/100%25"),
        ("/%252e", "/%2e", b"/%252e"),
        ("", "/", b"/"),
    ],
)
def test_path_is_decoded_once(app: Recorder, client: TestClient, url: str, path: str, raw_path: bytes) -> None:
    client.get(url)
    assert (app.scope["path"], app.scope["raw_path"]) == (path, raw_path)


def test_query_string_is_raw(app: Recorder, client: TestClient) -> None:
    client.get("/x?a=1&a=%20b")
    assert app.scope["query_string"] == b"a=1&a=%20b"


def test_query_string_from_params(app: Recorder, client: TestClient) -> None:
    client.get("/x", params={"a": ["1", "2"]})
    assert app.scope["query_string"] == b"a=1&a=2"


def test_headers_keep_order_and_repetition(app: Recorder, client: TestClient) -> None:
    client.get("/", headers=[("X-One", "1"), ("X-Two", "2"), ("X-One", "3")])
    assert app.scope["headers"][-3:] == [(b"x-one", b"1"), (b"x-two", b"2"), (b"x-one", b"3")]


def test_host_header_comes_first(app: Recorder, client: TestClient) -> None:
    client.get("/")
    assert app.scope["headers"][0] == (b"host", b"testserver")


def test_user_agent(app: Recorder, client: TestClient) -> None:
    client.get("/")
    assert (b"user-agent", b"testclient") in app.scope["headers"]


@pytest.mark.parametrize(
    ("base_url", "scheme", "server"),
    [
        ("http://testserver", "http", ("testserver", 80)),
        ("https://testserver", "https", ("testserver", 443)),
        ("http://example.org:8000", "http", ("example.org", 8000)),
        ("https://[::1]:8443", "https", ("::1", 8443)),
    ],
)
def test_scheme_and_server(app: Recorder, base_url: str, scheme: str, server: tuple[str, int]) -> None:
    TestClient(app, base_url=base_url).get("/")
    assert (app.scope["scheme"], app.scope["server"]) == (scheme, server)


def test_port_is_in_host_header(app: Recorder) -> None:
    TestClient(app, base_url="http://example.org:8000").get("/")
    assert app.scope["headers"][0] == (b"host", b"example.org:8000")


def test_client_address(app: Recorder, client: TestClient) -> None:
    client.get("/")
    assert app.scope["client"] == ("testclient", 50000)


def test_client_address_given(app: Recorder) -> None:
    TestClient(app, client=("203.0.113.7", 4711)).get("/")
    assert app.scope["client"] == ("203.0.113.7", 4711)


def test_root_path(app: Recorder) -> None:
    TestClient(app, root_path="/api").get("/items")
    assert (app.scope["root_path"], app.scope["path"]) == ("/api", "/items")


def test_path_of_base_url(app: Recorder) -> None:
    TestClient(app, base_url="http://testserver/v1").get("/items")
    assert app.scope["path"] == "/v1/items"


def test_versions(app: Recorder, client: TestClient) -> None:
    client.get("/")
    assert (app.scope["http_version"], app.scope["asgi"]["version"]) == ("1.1", "3.0")


def test_unhandled_extension_is_an_empty_list(app: Recorder, client: TestClient) -> None:
    client.get("/")
    assert app.scope["extensions"]["fasterapi.unhandled"] == []


@pytest.mark.parametrize(("base_url", "scheme", "port"), [("http://testserver", "ws", 80), ("https://testserver", "wss", 443)])
def test_websocket_scheme_follows_base_url(app: Recorder, base_url: str, scheme: str, port: int) -> None:
    with TestClient(app, base_url=base_url).websocket_connect("/"):
        assert (app.scope["scheme"], app.scope["server"]) == (scheme, ("testserver", port))


def test_websocket_url_may_be_absolute(app: Recorder, client: TestClient) -> None:
    with client.websocket_connect("wss://example.org/chat?x=1"):
        assert [app.scope[key] for key in ("scheme", "server", "path", "query_string")] == ["wss", ("example.org", 443), "/chat", b"x=1"]


def test_websocket_params(app: Recorder, client: TestClient) -> None:
    with client.websocket_connect("/chat", params={"room": 7}):
        assert app.scope["query_string"] == b"room=7"


def test_websocket_subprotocols(app: Recorder, client: TestClient) -> None:
    with client.websocket_connect("/", subprotocols=["a", "b"]):
        assert app.scope["subprotocols"] == ["a", "b"]


def test_websocket_without_subprotocols(app: Recorder, client: TestClient) -> None:
    with client.websocket_connect("/"):
        assert app.scope["subprotocols"] == []


def test_websocket_handshake_headers(app: Recorder, client: TestClient) -> None:
    with client.websocket_connect("/", headers={"Origin": "https://example.org"}):
        headers = dict(app.scope["headers"])
    assert headers[b"connection"] == b"upgrade"
    assert headers[b"upgrade"] == b"websocket"
    assert headers[b"origin"] == b"https://example.org"


def test_websocket_allows_denial_responses(app: Recorder, client: TestClient) -> None:
    with client.websocket_connect("/"):
        assert "websocket.http.response" in app.scope["extensions"]
