from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from fasterapi import Depends, Faster, FasterRouter, GraphError
from fasterapi.testing import TestClient


def noting(log: list[str], name: str) -> Any:
    async def provider() -> None:
        log.append(name)

    return Depends(provider)


def test_routes_of_a_router_stand_below_its_prefix_and_that_of_the_inclusion() -> None:
    router = FasterRouter(prefix="/users")

    @router.get("/{user_id}")
    async def user(user_id: int) -> int:
        return user_id

    app = Faster()
    app.include_router(router, prefix="/api")
    assert TestClient(app).get("/api/users/7").json() == 7
    assert TestClient(app).get("/users/7").status_code == 404


def test_routers_nest() -> None:
    inner, outer = FasterRouter(prefix="/c"), FasterRouter(prefix="/a")

    @inner.get("/d")
    async def answer() -> str:
        return "found"

    outer.include_router(inner, prefix="/b")
    app = Faster()
    app.include_router(outer)
    assert TestClient(app).get("/a/b/c/d").json() == "found"


def test_one_router_may_be_included_twice() -> None:
    router = FasterRouter()

    @router.get("/x")
    async def answer() -> str:
        return "x"

    app = Faster()
    app.include_router(router, prefix="/v1")
    app.include_router(router, prefix="/v2")
    client = TestClient(app)
    assert client.get("/v1/x").json() == client.get("/v2/x").json() == "x"


def test_dependencies_run_from_the_outside_in() -> None:
    log: list[str] = []
    router = FasterRouter(dependencies=[noting(log, "router")])

    @router.get("/", dependencies=[noting(log, "route")])
    async def answer(own: None = noting(log, "parameter")) -> None:
        return None

    app = Faster(dependencies=[noting(log, "app")])
    app.include_router(router, dependencies=[noting(log, "include")])
    TestClient(app).get("/")
    assert log == ["app", "include", "router", "route", "parameter"]


def test_routes_added_after_the_inclusion_are_found() -> None:
    router = FasterRouter()
    app = Faster()
    app.include_router(router)

    @router.get("/late")
    async def late() -> str:
        return "late"

    assert TestClient(app).get("/late").json() == "late"


@pytest.mark.parametrize(("prefix", "message"), [("api", "write '/api'"), ("/api/", "write '/api'"), ("/", "write ''")])
@pytest.mark.parametrize(
    "make", [lambda prefix: FasterRouter(prefix=prefix), lambda prefix: Faster().include_router(FasterRouter(), prefix=prefix)]
)
def test_a_wrong_prefix_is_explained(make: Callable[[str], Any], prefix: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make(prefix)


def test_a_router_does_not_include_itself() -> None:
    outer, inner = FasterRouter(), FasterRouter()
    outer.include_router(inner)
    with pytest.raises(ValueError, match="cannot include itself"):
        inner.include_router(outer)


def test_an_empty_path_is_that_of_the_prefix() -> None:
    router = FasterRouter()

    @router.get("")
    async def root() -> str:
        return "root"

    app = Faster()
    app.include_router(router, prefix="/users")
    assert TestClient(app).get("/users").json() == "root"


def test_a_wrong_path_is_told_with_its_handler() -> None:
    app = Faster()

    @app.get("users/{user_id")
    async def users() -> None: ...

    with pytest.raises(GraphError, match=r"GET users/\{user_id: .*users \(.*test_router.py:"):
        app.compile()
