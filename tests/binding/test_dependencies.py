from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import suppress
from contextvars import ContextVar
from functools import partial
from typing import Annotated, Any, cast

import pytest

from fasterapi import Depends, Faster, HTTPException, Security
from fasterapi.security.scopes import SecurityScopes
from fasterapi.testing import TestClient
from tests.side_by_side import SideBySide


def declare_cleanups(  # noqa: PLR0915  # one small handler after the other
    framework: Any, app: Faster, log: list[Any]
) -> None:
    depends = framework.Depends
    http_exception = framework.HTTPException

    def noting(name: str, inner: Any = None, scope: Any = None) -> Callable[..., AsyncIterator[str]]:
        async def provider() -> AsyncIterator[str]:
            log.append(f"enter {name}")
            try:
                yield name
            except BaseException as error:
                log.append(f"{name} saw {type(error).__name__}")
                raise
            finally:
                log.append(f"leave {name}")

        return provider

    def blocking() -> Iterator[str]:
        log.append("enter blocking")
        try:
            yield "blocking"
        except Exception as error:
            log.append(f"blocking saw {type(error).__name__}")
            raise
        finally:
            log.append("leave blocking")

    first, second, third = noting("first"), noting("second"), noting("third")

    async def nested(inner: str = depends(first)) -> AsyncIterator[str]:
        log.append("enter nested")
        yield f"nested {inner}"
        log.append("leave nested")

    async def translating() -> AsyncIterator[None]:
        try:
            yield
        except ValueError as error:
            raise http_exception(418, str(error)) from error

    async def swallowing() -> AsyncIterator[None]:
        try:
            yield
        except ValueError:
            log.append("swallowed")

    def swallowing_in_thread() -> Iterator[None]:
        try:
            yield
        except ValueError:
            log.append("swallowed")

    async def failing_after() -> AsyncIterator[None]:
        yield
        raise OSError("clean-up failed")

    async def refusing_after() -> AsyncIterator[None]:
        yield
        raise http_exception(409, "conflict at commit")

    @app.get("/order")
    async def order(a: str = depends(first), b: str = depends(second), c: str = depends(third)) -> Any:
        log.append("handler")
        return [a, b, c]

    @app.get("/blocking")
    def in_thread(a: str = depends(blocking), b: str = depends(first)) -> Any:
        log.append("handler")
        return [a, b]

    @app.get("/nested")
    async def uses_nested(a: str = depends(nested), b: str = depends(first)) -> Any:
        return [a, b]

    @app.get("/raises")
    async def raises(kind: str, a: str = depends(first), b: str = depends(blocking)) -> Any:
        if kind == "http":
            raise http_exception(404, "gone")
        if kind == "value":
            raise ValueError("bug")
        return kind

    @app.get("/refused")
    async def refused(number: int, a: str = depends(first), b: str = depends(blocking)) -> Any:
        return number

    @app.get("/translating")
    async def translated(a: None = depends(translating), b: str = depends(first)) -> Any:
        raise ValueError("short and stout")

    @app.get("/swallowing")
    async def swallowed(a: None = depends(swallowing), b: str = depends(first)) -> Any:
        raise ValueError("lost")

    @app.get("/swallowing-in-thread")
    async def swallowed_in_thread(a: None = depends(swallowing_in_thread)) -> Any:
        raise ValueError("lost")

    @app.get("/failing-after")
    async def fails_after(a: str = depends(first), b: None = depends(failing_after), c: str = depends(second)) -> Any:
        return "sent before"

    @app.get("/function-scope")
    async def function_scope(a: str = depends(first, scope="function"), b: str = depends(second)) -> Any:
        log.append("handler")
        return [a, b]

    @app.get("/function-scope-refuses")
    async def function_scope_refuses(a: str = depends(first), b: None = depends(refusing_after, scope="function")) -> Any:
        return "never sent"

    @app.get("/provider-raises")
    async def provider_raises(a: str = depends(first), b: None = depends(partial(fail, http_exception))) -> Any:
        return "never"


async def fail(error: Any) -> None:
    raise error(403, "no")


# FastAPI would ask for `error` in the query: a partial must hide what it gives.
@pytest.fixture(scope="module")
def cleanups() -> SideBySide:
    return SideBySide(declare_cleanups)


@pytest.mark.parametrize(
    "url",
    [
        "/order",
        "/blocking",
        "/nested",
        "/raises?kind=none",
        "/raises?kind=http",
        "/raises?kind=value",
        "/refused?number=1",
        "/refused?number=x",
        "/translating",
        "/swallowing",
        "/swallowing-in-thread",
        "/failing-after",
        "/function-scope",
        "/function-scope-refuses",
        "/provider-raises",
    ],
)
def test_cleanups_run_as_in_fastapi(cleanups: SideBySide, url: str) -> None:
    cleanups.get(url)


def test_cleanup_runs_in_reverse_order_after_the_handler() -> None:
    log: list[Any] = []
    app = Faster()

    async def outer() -> AsyncIterator[int]:
        log.append("enter outer")
        yield 1
        log.append("leave outer")

    def inner(value: int = Depends(outer)) -> Iterator[int]:
        log.append("enter inner")
        yield value + 1
        log.append("leave inner")

    @app.get("/")
    async def handler(value: int = Depends(inner)) -> int:
        log.append("handler")
        return value

    assert TestClient(app).get("/").json() == 2
    assert log == ["enter outer", "enter inner", "handler", "leave inner", "leave outer"]


def test_a_swallowed_exception_is_explained(caplog: pytest.LogCaptureFixture) -> None:
    app = Faster()

    async def provider() -> AsyncIterator[None]:
        with suppress(ValueError):
            yield

    @app.get("/")
    async def handler(value: None = Depends(provider)) -> None:
        raise ValueError

    assert TestClient(app, raise_server_exceptions=False).get("/").status_code == 500
    assert "Write `raise` at the end of its except block" in str(caplog.records[-1].exc_info)


@pytest.mark.parametrize("is_async", [True, False])
def test_a_second_yield_is_explained(is_async: bool) -> None:
    app = Faster()

    async def async_provider() -> AsyncIterator[int]:
        yield 1
        yield 2

    def provider() -> Iterator[int]:
        yield 1
        yield 2

    @app.get("/")
    async def handler(value: Any = Depends(cast(Any, async_provider if is_async else provider), scope="function")) -> Any:
        return value

    with pytest.raises(RuntimeError, match="yields more than once"):
        TestClient(app).get("/")


@pytest.mark.parametrize("is_async", [True, False])
def test_a_missing_yield_is_explained(is_async: bool) -> None:
    app = Faster()

    async def async_provider() -> AsyncIterator[int]:
        for never in list[int]():
            yield never

    def provider() -> Iterator[int]:
        yield from ()

    @app.get("/")
    async def handler(value: Any = Depends(cast(Any, async_provider if is_async else provider))) -> Any:
        return value

    with pytest.raises(RuntimeError, match="provider' ended without a yield"):
        TestClient(app).get("/")


variable: ContextVar[str] = ContextVar("variable", default="unset")


@pytest.mark.parametrize("kind", ["async", "thread", "generator", "async generator"])
def test_context_variables_of_a_provider_are_seen_by_the_handler(kind: str) -> None:
    async def from_coroutine() -> None:
        variable.set("set")

    def from_thread() -> None:
        variable.set("set")

    def from_generator() -> Iterator[None]:
        variable.set("set")
        yield

    async def from_async_generator() -> AsyncIterator[None]:
        variable.set("set")
        yield

    providers = {"async": from_coroutine, "thread": from_thread, "generator": from_generator, "async generator": from_async_generator}
    app = Faster()

    @app.get("/", dependencies=[Depends(providers[kind])])
    def handler() -> str:
        return variable.get()

    assert TestClient(app).get("/").json() == "set"


def declare_shapes(framework: Any, app: Faster, log: list[Any]) -> None:
    depends, query = framework.Depends, framework.Query

    class Pagination:
        def __init__(self, skip: int = 0, limit: int = 10) -> None:
            self.skip = skip
            self.limit = limit

    class Checker:
        def __init__(self, wanted: str) -> None:
            self.wanted = wanted

        def __call__(self, q: str = "") -> bool:
            return self.wanted in q

        async def method(self, q: str = "") -> str:
            return self.wanted + q

        @classmethod
        def of_class(cls, q: str = "") -> str:
            return cls.__name__ + q

        @staticmethod
        def static(q: str = "") -> str:
            return "static" + q

    checker = Checker("a")

    def with_argument(prefix: str, q: str = "") -> str:
        return prefix + q

    async def counting() -> int:
        log.append("counted")
        return len(log)

    async def also_counting(count: int = depends(counting)) -> int:
        return count

    @app.get("/class")
    async def by_class(page: Pagination = depends()) -> Any:
        return [page.skip, page.limit]

    @app.get("/class-explicit")
    async def by_class_explicit(page: Annotated[Any, depends(Pagination)]) -> Any:
        return [page.skip, page.limit]

    @app.get("/callables")
    async def callables(
        a: bool = depends(checker),
        b: str = depends(checker.method),
        c: str = depends(Checker.of_class),
        d: str = depends(Checker.static),
        e: str = depends(partial(with_argument, "p-")),
        f: str = depends(lambda q="": "lambda" + q),
    ) -> Any:
        return [a, b, c, d, e, f]

    @app.get("/cached")
    async def cached(a: int = depends(counting), b: int = depends(also_counting), c: int = depends(counting, use_cache=False)) -> Any:
        return [a, b, c]

    async def needs_number(number: int) -> int:
        return number

    async def also_needs(number: int = depends(needs_number)) -> int:
        return number

    @app.get("/twice-refused")
    async def twice_refused(a: int = depends(needs_number), b: int = depends(also_needs), own: int = query()) -> Any:
        return [a, b, own]

    async def refuses() -> None:
        log.append("refuses")
        raise framework.HTTPException(401, "who are you")

    @app.get("/refuses-before-validation", dependencies=[depends(refuses)])
    async def refuses_before_validation(number: int) -> Any:
        return number


@pytest.fixture(scope="module")
def shapes() -> SideBySide:
    return SideBySide(declare_shapes)


@pytest.mark.parametrize(
    "url",
    [
        "/class",
        "/class?skip=1&limit=2",
        "/class?skip=x&limit=y",
        "/class-explicit?skip=3",
        "/callables",
        "/callables?q=a",
        "/cached",
        "/twice-refused?number=1&own=x",
        "/refuses-before-validation?number=x",
    ],
)
def test_every_shape_of_provider_resolves_as_in_fastapi(shapes: SideBySide, url: str) -> None:
    shapes.get(url)


def test_a_fault_is_told_once_however_often_its_provider_is_asked_for() -> None:
    app = Faster()

    async def needs_number(number: int) -> int:
        return number

    async def also_needs(number: int = Depends(needs_number)) -> int:
        return number

    @app.get("/")
    async def handler(a: int = Depends(needs_number), b: int = Depends(also_needs)) -> None: ...

    assert [error["loc"] for error in TestClient(app).get("/").json()["detail"]] == [["query", "number"]]


def test_a_scope_is_collected_once_however_often_it_is_asked_for() -> None:
    app = Faster()

    async def inner(scopes: SecurityScopes) -> list[str]:
        return scopes.scopes

    async def outer(found: list[str] = Security(inner, scopes=["me"])) -> list[str]:
        return found

    @app.get("/")
    async def handler(found: list[str] = Security(outer, scopes=["items", "me"])) -> list[str]:
        return found

    assert TestClient(app).get("/").json() == ["items", "me"]


def declare_scopes(framework: Any, app: Faster, log: list[Any]) -> None:
    depends, security = framework.Depends, framework.Security
    scopes_class = SecurityScopes if framework.__name__ == "fasterapi" else framework.security.SecurityScopes

    async def token(scopes: scopes_class) -> list[str]:  # type: ignore[valid-type]  # the class of either framework
        log.append(("token", scopes.scope_str))  # type: ignore[attr-defined]  # as above
        return list(scopes.scopes)  # type: ignore[attr-defined]  # as above

    async def user(scopes: scopes_class, found: list[str] = depends(token)) -> Any:  # type: ignore[valid-type]  # as above
        return [scopes.scopes, found]  # type: ignore[attr-defined]  # as above

    async def active(current: Any = security(user, scopes=["me"])) -> Any:
        return current

    async def plain() -> None:
        log.append("plain")

    @app.get("/one")
    async def one(current: Any = security(active, scopes=["items"])) -> Any:
        return current

    @app.get("/two")
    async def two(
        a: Any = security(user, scopes=["a"]),
        b: Any = security(user, scopes=["b"]),
        c: Any = security(user, scopes=["a"]),
        d: Any = depends(user),
    ) -> Any:
        return [a, b, c, d]

    @app.get("/unscoped")
    async def unscoped(a: None = security(plain, scopes=["a"]), b: None = depends(plain), c: None = depends(plain)) -> Any:
        return None

    @app.get("/beside", dependencies=[security(token, scopes=["admin"])])
    async def beside(scopes: scopes_class) -> Any:  # type: ignore[valid-type]  # as above
        return scopes.scopes  # type: ignore[attr-defined]  # as above


@pytest.mark.parametrize("url", ["/one", "/two", "/unscoped", "/beside"])
def test_scopes_are_collected_as_in_fastapi(url: str) -> None:
    SideBySide(declare_scopes).get(url)


def test_one_string_of_scopes_is_refused() -> None:
    with pytest.raises(TypeError, match=r"Write scopes=\['items'\]"):
        Security(lambda: None, scopes="items")


def test_an_unknown_lifetime_is_refused() -> None:
    with pytest.raises(ValueError, match='takes scope="function" or scope="request"'):
        Depends(lambda: None, scope="session")  # type: ignore[call-overload]  # the mistake under test


def get_value() -> str:
    return "real"


def make_overridable() -> Faster:
    app = Faster()

    async def around(value: str = Depends(get_value)) -> str:
        return f"around {value}"

    @app.get("/")
    async def handler(value: str = Depends(around)) -> str:
        return value

    return app


def test_a_provider_can_be_overridden_and_restored() -> None:
    app = make_overridable()
    client = TestClient(app)
    assert client.get("/").json() == "around real"
    app.dependency_overrides[get_value] = lambda: "fake"
    assert client.get("/").json() == "around fake"
    app.dependency_overrides[get_value] = lambda: "other"
    assert client.get("/").json() == "around other"
    app.dependency_overrides = {}
    assert client.get("/").json() == "around real"


def test_what_overrides_may_ask_for_parameters_and_clean_up() -> None:
    log: list[str] = []
    app = make_overridable()

    async def fake(q: str) -> AsyncIterator[str]:
        yield q
        log.append("cleaned up")

    app.dependency_overrides[get_value] = fake
    client = TestClient(app)
    assert client.get("/?q=asked").json() == "around asked"
    assert client.get("/").status_code == 422
    assert log == ["cleaned up"]


def test_an_override_stands_for_its_provider_in_the_cache() -> None:
    app = Faster()

    @app.get("/")
    async def handler(a: object = Depends(get_value), b: object = Depends(get_value)) -> bool:
        return a is b

    app.dependency_overrides[get_value] = object
    assert TestClient(app).get("/").json() is True


def test_a_raising_provider_answers_with_its_exception() -> None:
    app = Faster()

    def guard() -> None:
        raise HTTPException(401, "who are you")

    @app.get("/", dependencies=[Depends(guard)])
    async def handler() -> None:
        pytest.fail("the handler ran")

    assert TestClient(app).get("/").json() == {"detail": "who are you"}
