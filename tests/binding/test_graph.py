import functools
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Annotated, Any

import msgspec
import pytest

from fasterapi import Body, Depends, Faster, GraphError, Path, Query
from fasterapi.testing import TestClient


class Item(msgspec.Struct):
    name: str


class Settings:
    def __init__(self, debug: bool = False) -> None:
        self.debug = debug


def problems_of(handler: Any, path: str = "/x", **options: Any) -> str:
    """What the application says of one wrong handler."""
    app = Faster()
    app.get(path, **options)(handler)
    with pytest.raises(GraphError) as raised:
        app.compile()
    return str(raised.value)


def answer_of(handler: Any, url: str = "/x", path: str = "/x") -> Any:
    """What a GET is answered."""
    app = Faster()
    app.get(path)(handler)
    response = TestClient(app).get(url)
    assert response.status_code == 200, response.text
    return response.json()


def test_a_problem_names_route_handler_file_and_line() -> None:
    async def handler(values: list[Item] = Query()) -> None: ...

    message = problems_of(handler)
    assert (
        f"GET /x: test_a_problem_names_route_handler_file_and_line.<locals>.handler ({__file__}:{handler.__code__.co_firstlineno})"
        in message
    )


def test_one_body_of_two_types_is_refused() -> None:
    async def provider(item: list[int]) -> None: ...

    async def handler(provided: None = Depends(provider), item: Item | None = None) -> None: ...

    message = problems_of(handler)
    assert "the body's 'item' is asked for as list[int] and as" in message
    assert "Give the parameters one type or two names" in message


def test_a_path_parameter_that_the_path_lacks_is_refused() -> None:
    async def handler(item_id: int = Path()) -> None: ...

    assert "the path has no {item_id}, which parameter 'item_id' asks for" in problems_of(handler)


def test_a_model_in_the_query_is_refused() -> None:
    async def handler(items: list[Item] = Query()) -> None: ...

    assert "which the query cannot give. Write a scalar, a list of scalars or a model, or read it with Body()" in problems_of(handler)


def test_a_list_in_the_path_is_refused() -> None:
    async def handler(values: list[int]) -> None: ...

    assert "which a part of the path cannot give. Write a scalar type" in problems_of(handler, "/x/{values}")


def test_another_marker_for_a_name_of_the_path_is_refused() -> None:
    async def handler(item_id: int = Query()) -> None: ...

    assert "parameter 'item_id' is Query(), and the path has {item_id} too" in problems_of(handler, "/x/{item_id}")


def test_two_markers_are_refused() -> None:
    async def handler(value: Annotated[int, Query()] = Query(1)) -> None: ...

    assert "Keep one of them" in problems_of(handler)


def test_a_default_inside_annotated_is_refused() -> None:
    async def handler(value: Annotated[int, Query(5)]) -> None: ...

    assert "has its default inside Annotated. Write it behind the annotation: = 5." in problems_of(handler)


def test_a_provider_that_outlives_what_it_needs_is_refused() -> None:
    async def short() -> Any:
        yield 1

    async def long(value: int = Depends(short, scope="function")) -> Any:
        yield value

    async def handler(value: int = Depends(long)) -> None: ...

    assert "it lives until the response was sent, and its parameter 'value' only until the handler returned" in problems_of(handler)


def test_a_provider_that_cannot_be_hashed_is_refused() -> None:
    class Unhashable:
        __hash__ = None  # type: ignore[assignment]  # what is tested

        def __call__(self) -> int:
            return 1

    async def handler(value: int = Depends(Unhashable())) -> None: ...

    assert "it cannot be called, or not be hashed, and so not be a provider. Wrap it in a function." in problems_of(handler)


@contextmanager
def managed() -> Iterator[int]:
    yield 1


@asynccontextmanager
async def managed_later() -> AsyncIterator[int]:
    yield 1


class Connection:
    @contextmanager
    def managed(self) -> Iterator[int]:
        yield 1


@pytest.mark.parametrize(
    ("provider", "decorator"),
    [
        (managed, "contextmanager"),
        (managed_later, "asynccontextmanager"),
        (Connection().managed, "contextmanager"),
        (functools.partial(managed), "contextmanager"),
    ],
)
def test_a_context_manager_as_a_provider_is_refused(provider: Callable[..., Any], decorator: str) -> None:
    async def handler(value: Any = Depends(provider)) -> None: ...

    message = problems_of(handler)
    assert f"@{decorator} stands on it" in message
    assert f"= {decorator}(managed" in message


def test_what_gives_a_context_manager_without_the_decorator_provides_it() -> None:
    def give() -> Any:
        return managed()

    async def handler(manager: Any = Depends(give)) -> int:
        with manager as value:
            return int(value)

    assert answer_of(handler) == 1


def test_impossible_constraints_are_refused() -> None:
    async def handler(value: int = Query(pattern="a")) -> None: ...

    assert "parameter 'value' cannot be read" in problems_of(handler)


def test_a_type_that_json_cannot_give_is_refused() -> None:
    async def handler(value: Faster = Body()) -> None: ...

    assert "parameter 'value' cannot be read" in problems_of(handler)


def test_a_circle_of_providers_is_refused() -> None:
    async def first(value: Any = None) -> None: ...

    async def second(value: None = Depends(first)) -> None: ...

    first.__defaults__ = (Depends(second),)

    async def handler(value: None = Depends(first)) -> None: ...

    assert "it depends on itself" in problems_of(handler)


def test_an_empty_depends_needs_a_class() -> None:
    async def handler(value: Item | None = Depends()) -> None: ...

    assert "Depends() of parameter 'value' needs a class as its annotation" in problems_of(handler)


def test_an_empty_depends_beside_a_route_is_refused() -> None:
    async def handler() -> None: ...

    assert "names no provider" in problems_of(handler, dependencies=[Depends()])


def test_what_is_no_depends_beside_a_route_is_refused() -> None:
    with pytest.raises(TypeError, match=r"Write Depends\(your_function\)"):
        Faster().get("/", dependencies=[Settings])(lambda: None)


def test_names_of_the_path_are_path_parameters() -> None:
    async def handler(item_id: int, q: int = 0) -> list[int]:
        return [item_id, q]

    assert answer_of(handler, "/x/3?q=4&item_id=9", "/x/{item_id}") == [3, 4]


def test_a_class_provides_its_instance() -> None:
    async def handler(settings: Settings = Depends()) -> bool:
        return settings.debug

    assert answer_of(handler, "/x?debug=true") is True


def test_annotated_says_it_as_well() -> None:
    async def provider(q: Annotated[int, Query(ge=1)] = 1) -> int:
        return q

    async def handler(value: Annotated[int, Depends(provider)]) -> int:
        return value

    assert answer_of(handler, "/x?q=5") == 5


def test_providers_nest() -> None:
    async def settings(q: str) -> str:
        return q

    def repository(name: str = Depends(settings)) -> list[str]:
        return [name]

    async def service(names: list[str] = Depends(repository)) -> dict[str, list[str]]:
        return {"names": names}

    async def handler(value: dict[str, list[str]] = Depends(service)) -> Any:
        return value

    assert answer_of(handler, "/x?q=db") == {"names": ["db"]}


def test_a_provider_runs_once_a_request() -> None:
    calls: list[int] = []

    async def provider() -> int:
        calls.append(1)
        return len(calls)

    async def other(value: int = Depends(provider)) -> int:
        return value

    async def handler(one: int = Depends(provider), two: int = Depends(other)) -> list[int]:
        return [one, two]

    assert answer_of(handler) == [1, 1]


def test_a_provider_without_cache_runs_each_time() -> None:
    calls: list[int] = []

    async def provider() -> int:
        calls.append(1)
        return len(calls)

    async def handler(one: int = Depends(provider), two: int = Depends(provider, use_cache=False)) -> list[int]:
        return [one, two]

    assert answer_of(handler) == [1, 2]


def test_dependencies_beside_a_route_run_first() -> None:
    order: list[str] = []

    async def guard() -> None:
        order.append("guard")

    async def provider() -> None:
        order.append("provider")

    app = Faster()

    @app.get("/", dependencies=[Depends(guard)])
    async def handler(value: None = Depends(provider)) -> list[str]:
        return order

    assert TestClient(app).get("/").json() == ["guard", "provider"]


def test_keyword_only_parameters_are_handed_by_name() -> None:
    async def handler(a: int, *, b: int, c: int = 3) -> list[int]:
        return [a, b, c]

    assert answer_of(handler, "/x?a=1&b=2") == [1, 2, 3]


@pytest.mark.parametrize("count", range(7))
def test_any_number_of_parameters_is_handed_in_order(count: int) -> None:
    parameters = ", ".join(f"p{index}: int" for index in range(count))
    namespace: dict[str, Any] = {}
    exec(f"async def handler({parameters}): return [{', '.join(f'p{index}' for index in range(count))}]", namespace)
    query = "&".join(f"p{index}={index}" for index in range(count))
    assert answer_of(namespace["handler"], f"/x?{query}") == list(range(count))


def test_a_handler_behind_a_decorator_that_takes_names_only_is_called_by_name() -> None:
    async def handler(a: int, b: int = 2) -> list[int]:
        return [a, b]

    @functools.wraps(handler)
    async def wrapper(**kwargs: Any) -> Any:
        return await handler(**kwargs)

    assert answer_of(wrapper, "/x?a=1") == [1, 2]


def test_a_model_whose_annotations_cannot_be_resolved_is_told_with_its_handler() -> None:
    class Odd(msgspec.Struct):
        value: "Unknown"  # type: ignore[name-defined]  # noqa: F821  # the mistake under test

    async def handler(item: Odd) -> None: ...

    assert "parameter 'item' cannot be read: name 'Unknown' is not defined" in problems_of(handler)
