from __future__ import annotations

import warnings
from typing import Annotated

import pytest

from fasterapi import Depends, Faster
from fasterapi.check.routes import hidden_routes, start_up_problems


def app_of(*routes: tuple[str, list[str]]) -> Faster:
    """An application whose handlers are named by the numbers of their routes."""
    app = Faster()
    for number, (path, methods) in enumerate(routes):

        async def handler(request_number: int = number) -> int:
            return request_number

        app.add_api_route(path, handler, methods=methods, name=str(number))
    return app


def hidden(*routes: tuple[str, list[str]]) -> list[tuple[str, list[str], str]]:
    return [(found.route.name, list(found.methods), found.earlier.name) for found in hidden_routes(app_of(*routes).router.declarations())]


def test_a_route_of_its_own_is_not_hidden() -> None:
    assert hidden(("/a/{x}", ["GET"]), ("/a/b", ["GET"]), ("/a/{x:int}", ["GET"]), ("/a/{x}", ["POST"])) == []


def test_the_second_route_of_a_method_and_path_is_hidden() -> None:
    assert hidden(("/a/{x}", ["GET"]), ("/a/{y}", ["GET"])) == [("1", ["GET"], "0")]


def test_methods_that_one_earlier_route_answers_are_told_together() -> None:
    assert hidden(("/a", ["GET", "PUT", "POST"]), ("/a", ["DELETE", "PUT", "POST"])) == [("1", ["POST", "PUT"], "0")]


def test_each_earlier_route_is_told() -> None:
    assert hidden(("/a", ["GET"]), ("/a", ["PUT"]), ("/a", ["GET", "PUT"])) == [("2", ["GET"], "0"), ("2", ["PUT"], "1")]


def test_a_path_that_cannot_be_read_is_told_by_start_up_alone() -> None:
    app = app_of(("/{a", ["GET"]), ("/b", ["GET"]))
    assert hidden_routes(app.router.declarations()) == []
    assert [problem.route for problem in start_up_problems(app)] == ["GET /{a"]


def test_an_application_that_starts_has_no_problems() -> None:
    assert start_up_problems(app_of(("/a", ["GET"]))) == []


@pytest.mark.parametrize("times", [1, 2])
def test_start_up_warns_of_nothing_that_is_told_otherwise(times: int) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert start_up_problems(app_of(*[("/a", ["GET"])] * times)) == []


def provider() -> int:
    return 1


def stand_in(*words: str) -> int:
    return 1


async def handler(number: Annotated[int, Depends(provider)]) -> int:
    return number


def test_a_provider_that_stands_in_for_another_has_problems_of_its_own() -> None:
    app = Faster()
    app.add_api_route("/a", handler)
    app.dependency_overrides[provider] = stand_in
    assert [problem.function for problem in start_up_problems(app)] == [stand_in]
