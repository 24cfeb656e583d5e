"""What handlers see of requests must not depend on the server."""

from __future__ import annotations

from typing import Final

import httpx

# A server may close after an answer that leaves a body unread (RFC 9112, section 9.3), and hypercorn does so without a word of it before.
ITS_OWN_CONNECTION: Final = {"connection": "close"}


def test_a_request_shows_the_same(client: httpx.Client) -> None:
    response = client.post("/request/7?a=1&a=%C3%A9", content=b"body", headers={"x-own": "yes"})
    assert response.json() == {
        "method": "POST",
        "path": "/request/7",
        "query": [["a", "1"], ["a", "é"]],
        "header": "yes",
        "parameters": {"number": 7},
        "has client": True,
        "scheme": "http",
        "body": "body",
        "scope": ["http", response.http_version.removeprefix("HTTP/"), "/request/7", "a=1&a=%C3%A9"],
        "disconnected": False,
        "same state": True,
        "state": "here",
    }
    assert response.cookies["seen"] == "1"


def test_a_body_in_chunks_is_streamed(client: httpx.Client) -> None:
    response = client.post("/request/7", content=iter([b"one", b"two", b"three"]), headers={"x-own": "yes"})
    assert response.json()["body"] == "onetwothree"


def test_parameters_come_from_everywhere(client: httpx.Client) -> None:
    response = client.get(
        "/everything/Zo%C3%AB%20%2B",
        params={"count": "3", "item_tags": ["a", "b&c"]},
        headers={"x-token": "t", "cookie": "session=s"},
    )
    assert response.json() == {"name": "Zoë +", "count": 3, "tags": ["a", "b&c"], "token": "t", "session": "s"}


def test_all_faults_are_told(client: httpx.Client) -> None:
    response = client.post("/items", json={"name": 1, "price": -1, "tags": "x"})
    assert response.status_code == 422
    assert [fault["loc"] for fault in response.json()["detail"]] == [["body", "name"], ["body", "price"], ["body", "tags"]]


def test_a_body_is_validated_and_answered(client: httpx.Client) -> None:
    response = client.post("/items", json={"name": "pen", "price": 1.5})
    assert (response.status_code, response.json()) == (201, {"name": "pen", "price": 1.5, "tags": []})


def test_a_body_beyond_the_limit_is_refused(client: httpx.Client) -> None:
    headers = {"content-type": "application/json", **ITS_OWN_CONNECTION}
    assert client.post("/items", content=b'"' + b"x" * 200_000 + b'"', headers=headers).status_code == 413


def test_a_form_is_read(client: httpx.Client) -> None:
    content = b"x" * 50_000
    assert client.post("/form", files={"photo": ("p.png", content)}, data={"note": "n"}).json() == ["p.png", 50_000, "n"]


def test_a_form_beyond_the_limit_is_refused(client: httpx.Client) -> None:
    files = {"photo": ("p.png", b"x" * 200_000)}
    assert client.post("/form", files=files, headers=ITS_OWN_CONNECTION).status_code == 413


def test_context_variables_reach_the_thread_of_the_handler(client: httpx.Client) -> None:
    assert client.get("/word", params={"word": "carried"}).json() == "carried"
