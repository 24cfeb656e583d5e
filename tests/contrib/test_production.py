"""The names that FasterAPI's documentation has in one module work together."""

from __future__ import annotations

from importlib import import_module

import pytest

from fasterapi import Faster, Request
from fasterapi.contrib.production import DatabasePoolMiddleware, RateLimitMiddleware, RequestIDMiddleware
from fasterapi.testing import TestClient


def test_the_three_stand_around_one_application() -> None:
    app = Faster()
    app.add_middleware(DatabasePoolMiddleware, pool="a pool", state_key="pool")
    app.add_middleware(RateLimitMiddleware, limit="1/hour", forwarded_for_header="X-Real-IP", trusted_proxies=["192.0.2.0/24"])
    app.add_middleware(RequestIDMiddleware)

    @app.get("/")
    async def read(request: Request) -> list[str]:
        return [request.state["request_id"], request.state.pool]

    client = TestClient(app, client=("192.0.2.1", 1), headers={"X-Request-ID": "mine"})
    for address in ("198.51.100.1", "198.51.100.2"):
        assert client.get("/", headers={"X-Real-IP": address}).json() == ["mine", "a pool"]
    assert client.get("/", headers={"X-Real-IP": "198.51.100.1"}).status_code == 429


@pytest.mark.parametrize(
    ("module", "names"),
    [
        ("production", "RequestIDMiddleware RateLimitMiddleware DatabasePoolMiddleware"),
        ("cache", "RedisCacheMiddleware"),
        ("jwt", "JWTBearer create_access_token oauth2_access_token_json oauth2_password_token_response"),
        ("sqlalchemy", "sqlalchemy_session_dependency async_engine_from_url_optional"),
        ("structlog", "configure_structlog"),
        ("asgi_compat", "get_header get_server_host http_version is_http2"),
    ],
)
def test_every_name_is_where_the_page_says(module: str, names: str) -> None:
    found = import_module(f"fasterapi.contrib.{module}")
    assert [name for name in names.split() if not hasattr(found, name)] == []
