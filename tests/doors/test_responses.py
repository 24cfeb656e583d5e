"""What clients get must not depend on the server."""

from __future__ import annotations

import httpx
import pytest

from tests.deadline import DEADLINE
from tests.doors.applications import LEFT, LOG


def test_clean_up_and_tasks_run_behind_the_answer(client: httpx.Client) -> None:
    LOG.clear()
    LEFT.clear()
    assert client.get("/cleanup").json() == "provided"
    assert LEFT.wait(DEADLINE)
    assert LOG == ["enter", "task", "leave"]


def test_an_exception_with_a_status_is_an_answer(client: httpx.Client) -> None:
    response = client.get("/refused")
    assert (response.status_code, response.json(), response.headers["x-hint"]) == (403, {"detail": {"reason": "no key"}}, "key")


def test_a_bug_is_a_500_that_tells_nothing(client: httpx.Client) -> None:
    response = client.get("/bug")
    assert (response.status_code, response.text) == (500, "Internal Server Error")


@pytest.mark.parametrize("status", [204, 304])
def test_answers_that_carry_no_body_have_none(client: httpx.Client, status: int) -> None:
    response = client.get(f"/status/{status}")
    assert (response.status_code, response.content) == (status, b"")
    assert "content-type" not in response.headers


def test_head_has_the_length_and_no_body(client: httpx.Client) -> None:
    whole, head = client.get("/word", params={"word": "x"}), client.head("/word", params={"word": "x"})
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == str(len(whole.content))


def test_a_redirect_names_its_place(client: httpx.Client) -> None:
    response = client.get("/redirect", follow_redirects=False)
    assert (response.status_code, response.headers["location"]) == (303, "/status/200")


def test_several_cookies_are_several_headers(client: httpx.Client) -> None:
    assert len(client.get("/cookies").headers.get_list("set-cookie")) == 2


def test_options_names_the_methods(client: httpx.Client) -> None:
    response = client.options("/items")
    assert (response.status_code, response.headers["allow"]) == (204, "OPTIONS, POST")


def test_another_method_is_refused(client: httpx.Client) -> None:
    response = client.delete("/items")
    assert (response.status_code, response.headers["allow"]) == (405, "OPTIONS, POST")


@pytest.mark.parametrize("path", ["/stream/300", "/blocking-stream/300"])
def test_a_stream_arrives_in_order(client: httpx.Client, path: str) -> None:
    assert client.get(path).text == "".join(f"{number}," for number in range(300))


def test_the_connection_goes_on_after_a_stream(client: httpx.Client) -> None:
    with client.stream("GET", "/stream/5") as response:
        response.read()
    assert client.get("/word", params={"word": "next"}).json() == "next"


def test_head_of_a_stream_has_no_body(client: httpx.Client) -> None:
    response = client.head("/stream/5")
    assert (response.status_code, response.content) == (200, b"")
