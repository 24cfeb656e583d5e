"""Bodies that are meant to crash, to hang or to be taken for something else."""

from __future__ import annotations

import gzip
from typing import Any

import pytest

from fasterapi.testing import TestClient
from tests.attacks.application import make_app

JSON = {"content-type": "application/json"}


def client() -> TestClient:
    return TestClient(make_app())


@pytest.mark.parametrize(
    "content_type", ["text/plain", "text/plain;application/json", "application/x-www-form-urlencoded", "multipart/form-data", None]
)
def test_a_simple_request_of_another_site_is_no_json(content_type: str | None) -> None:
    answer = client().post("/json", content=b"[1]", headers={} if content_type is None else {"content-type": content_type})
    assert answer.status_code == 422


@pytest.mark.parametrize("opening", [b"[", b'{"a":', b'[{"a":'])
def test_json_that_is_nested_without_end_is_refused(opening: bytes) -> None:
    assert client().post("/anything", content=opening * 100_000, headers=JSON).status_code == 422


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32", "utf-7"])
def test_json_is_utf_8(encoding: str) -> None:
    assert (
        client().post("/json", content="[1]".encode(encoding) if encoding != "utf-7" else b"+AFs-1+AF0-", headers=JSON).status_code == 422
    )


def test_a_body_is_refused_before_it_is_read() -> None:
    sent = 0

    def endless() -> Any:
        nonlocal sent
        for _ in range(1000):
            sent += 1
            yield b"x" * 100_000

    assert client().post("/json", content=endless(), headers=JSON).status_code == 413
    assert sent < 100


def test_a_body_that_announces_too_much_is_refused_at_once() -> None:
    request = client().build_request("POST", "/json", content=b"[1]", headers={**JSON, "content-length": "99999999999999999999"})
    assert client().send(request).status_code == 413


def test_a_compressed_body_is_never_inflated() -> None:
    bomb = gzip.compress(bytes(10_000_000))
    assert client().post("/json", content=bomb, headers={**JSON, "content-encoding": "gzip"}).status_code == 422


@pytest.mark.parametrize(
    "query",
    [
        {"f": "inf"},
        {"f": "-Infinity"},
        {"f": "nan"},
        {"f": "1e999999999"},
        {"d": "1e999999999"},
        {"d": "NaN"},
        {"i": "9" * 5000},
        {"i": "1e400"},
        {"day": "inf"},
        {"day": "1e20"},
        {"at": "inf"},
        {"at": "-1e300"},
        {"at": "9" * 400},
        {"t": "inf"},
        {"t": "1e300"},
        {"t": "P" + "9" * 4000 + "D"},
    ],
)
def test_extreme_numbers_are_values_or_faults(query: dict[str, str]) -> None:
    assert client().get("/numbers", params=query).status_code in (200, 422)


@pytest.mark.parametrize("content", [b"[" + b"9" * 10_000 + b"]", b"[1e400]", b"[-1e-400]", b"[1.0000000000000000000000001]"])
def test_extreme_numbers_in_json_are_values_or_faults(content: bytes) -> None:
    assert client().post("/json", content=content, headers=JSON).status_code in (200, 422)
