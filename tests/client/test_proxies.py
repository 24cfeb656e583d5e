"""Which proxy of the environment a request goes through, and that nobody asks the environment unasked."""

from __future__ import annotations

import pytest

from fasterapi.client import AsyncSession, FastHTTP, FastHTTPConnectionError, Session, WebSocket
from fasterapi.client.proxies import EnvironmentProxies
from fasterapi.client.target import parse_target
from tests.client.sites import LOCAL, Site, refused_url
from tests.client.test_transport import Proxy, proxy  # noqa: F401 - a fixture
from tests.client.test_websocket import Server, server  # noqa: F401 - a fixture

NAMES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "REQUEST_METHOD")


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    return monkeypatch


def chosen(url: str, **environment: str) -> str | None:
    return EnvironmentProxies(environment).proxy_for(parse_target(url))


PLAIN = "http://plain:1"
SECRET = "http://secret:2"


@pytest.mark.parametrize(
    ("environment", "proxies"),
    [
        ({}, [None, None, None]),
        ({"HTTP_PROXY": PLAIN}, [PLAIN, None, None]),
        ({"HTTPS_PROXY": SECRET, "HTTP_PROXY": PLAIN}, [PLAIN, SECRET, SECRET]),
        ({"ALL_PROXY": PLAIN, "HTTPS_PROXY": SECRET}, [PLAIN, SECRET, SECRET]),
        ({"HTTP_PROXY": SECRET, "http_proxy": PLAIN}, [PLAIN, None, None]),
        ({"HTTP_PROXY": SECRET, "http_proxy": ""}, [None, None, None]),
        ({"HTTP_PROXY": "plain:1"}, [PLAIN, None, None]),
        ({"HTTP_PROXY": PLAIN, "REQUEST_METHOD": "GET"}, [None, None, None]),
        ({"http_proxy": PLAIN, "REQUEST_METHOD": "GET"}, [PLAIN, None, None]),
        ({"ALL_PROXY": PLAIN, "NO_PROXY": "*"}, [None, None, None]),
    ],
)
def test_each_scheme_has_its_proxy(environment: dict[str, str], proxies: list[str | None]) -> None:
    assert [chosen(url, **environment) for url in ("http://a.example/", "https://a.example/", "wss://a.example/")] == proxies


@pytest.mark.parametrize(
    ("entries", "host", "is_direct"),
    [
        ("example.com", "example.com", True),
        ("example.com", "api.example.com", True),
        ("example.com", "otherexample.com", False),
        (".example.com", "api.example.com", True),
        ("*.example.com", "api.example.com", True),
        ("other.example, EXAMPLE.com", "example.com", True),
        ("other.example example.com", "example.com.", True),
        ("example.com:8080", "example.com:8080", True),
        ("example.com:8080", "example.com", False),
        ("10.0.0.0/8", "10.1.2.3", True),
        ("10.0.0.0/8", "11.1.2.3", False),
        ("127.0.0.1", "127.0.0.1:8000", True),
        ("::1", "[::1]:8000", True),
        ("[fd00::]/8", "[fd00::1]", False),
        ("fd00::/8", "[fd00::1]", True),
        ("0.0.1", "127.0.0.1", False),
        ("", "example.com", False),
    ],
)
def test_some_hosts_are_reached_without_one(entries: str, host: str, is_direct: bool) -> None:
    proxies = EnvironmentProxies({"ALL_PROXY": PLAIN, "NO_PROXY": entries})
    assert (proxies.proxy_for(parse_target(f"http://{host}/")) is None) is is_direct


@pytest.mark.parametrize("value", ["ftp://proxy", "http://", "http://[", "http://proxy:99999", "socks4://proxy"])
def test_what_is_no_proxy_is_told_with_the_name_it_came_by(environment: pytest.MonkeyPatch, value: str) -> None:
    environment.setenv("HTTPS_PROXY", value)
    with pytest.raises(ValueError, match=r"HTTPS_PROXY='.*Write a URL such as"):
        AsyncSession(trust_env=True)


def test_a_proxy_without_its_scheme_is_refused_at_once() -> None:
    with pytest.raises(ValueError, match=r"proxy='127\.0\.0\.1:3128' is no proxy"):
        FastHTTP(proxy="127.0.0.1:3128")


def test_no_secret_of_a_proxy_is_told(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("ALL_PROXY", "ftp://me:s3cret@proxy")
    with pytest.raises(ValueError, match="ALL_PROXY=") as raised:
        AsyncSession(trust_env=True)
    assert "s3cret" not in str(raised.value)


async def test_the_environment_is_not_asked_unless_it_is_trusted(
    site: Site, session: AsyncSession, environment: pytest.MonkeyPatch
) -> None:
    environment.setenv("ALL_PROXY", refused_url())
    assert (await session.get("/x")).status_code == 404
    async with AsyncSession(base_url=site.url(), security=LOCAL, trust_env=True) as trusting:
        with pytest.raises(FastHTTPConnectionError):
            await trusting.get("/x")


async def test_requests_go_through_the_proxy_of_the_environment(
    site: Site,
    proxy: Proxy,  # noqa: F811 - the fixture
    environment: pytest.MonkeyPatch,
) -> None:
    environment.setenv("HTTP_PROXY", proxy.url)
    environment.setenv("NO_PROXY", f"localhost:{site.port}")
    site.answer("/to", status=302, headers={"Location": site.url("/x", "localhost")})
    async with AsyncSession(security=LOCAL, trust_env=True) as session:
        await session.get(site.url("/to"))
    assert [asked.path for asked in site.asked] == ["/to", "/x"]
    assert [line.split()[1] for line in proxy.lines] == [site.url("/to").encode()], "each redirect goes its own way"


def test_a_proxy_that_is_given_wins(site: Site, proxy: Proxy, environment: pytest.MonkeyPatch) -> None:  # noqa: F811 - the fixture
    environment.setenv("HTTP_PROXY", refused_url())
    with Session(security=LOCAL, trust_env=True, proxy=proxy.url) as session:
        assert session.get(site.url("/x")).status_code == 404
    assert len(proxy.lines) == 1


def test_websockets_go_through_it_too(server: Server, proxy: Proxy, environment: pytest.MonkeyPatch) -> None:  # noqa: F811 - the fixtures
    environment.setenv("HTTP_PROXY", proxy.url)
    app = FastHTTP(security=LOCAL, trust_env=True)

    @app.ws(server.url())
    async def echo(ws: WebSocket) -> str:
        await ws.send("hello")
        return await ws.recv_str()

    assert app.run()[echo].value == "hello"
    assert [line.split(b" ")[0] for line in proxy.lines] == [b"CONNECT"]
