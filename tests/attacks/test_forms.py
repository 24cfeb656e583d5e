"""Forms that are meant to fill the memory, the disk or the log, or to burn processor time."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import pytest

from fasterapi.testing import TestClient
from tests.attacks.application import make_app

END = b"--B--\r\n"


def part(disposition: str, content: bytes, *headers: bytes) -> bytes:
    lines = [f"--B\r\nContent-Disposition: form-data; {disposition}".encode(), *headers]
    return b"\r\n".join(lines) + b"\r\n\r\n" + content + b"\r\n"


def send(content: bytes, content_type: str = "multipart/form-data; boundary=B") -> Any:
    return TestClient(make_app()).post("/form", content=content, headers={"content-type": content_type})


def lines_run(action: Callable[[], object]) -> int:
    """How many lines of Python an action runs: what grows with the input shows here, whatever the machine does."""
    count = 0

    def trace(frame: Any, event: str, argument: object) -> Any:
        nonlocal count
        count += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        action()
    finally:
        sys.settrace(before)
    return count


@pytest.mark.parametrize("content_type", ["multipart/form-data; boundary=B", "application/x-www-form-urlencoded"])
def test_limits_hold_for_both_encodings(content_type: str) -> None:
    multipart = content_type.startswith("multipart")
    many = part('name="a"', b"1") * 1001 + END if multipart else b"a=1&" * 1001
    large = part('name="a"', bytes(1024 * 1024 + 1)) + END if multipart else b"a=" + b"x" * (1024 * 1024 + 1)
    assert [send(many, content_type).status_code, send(large, content_type).status_code] == [400, 400]


def test_a_part_without_a_filename_is_never_kept_beyond_the_limit() -> None:
    assert send(part('name="a"', bytes(2_000_000)) + END).status_code == 400


def test_the_number_of_parts_is_limited() -> None:
    assert send(part('name="f"; filename="f"', b"") * 1001 + END).status_code == 400


def test_the_headers_of_a_part_are_limited() -> None:
    assert send(part('name="a"', b"1", *[b"X-%d: 1" % number for number in range(1000)]) + END).status_code == 400
    assert send(part('name="a"', b"1", b"X: " + b"x" * 1_000_000) + END).status_code == 400


@pytest.mark.parametrize("size", [10, 2_000_000])
def test_a_filename_is_never_a_path_of_ours(size: int) -> None:
    answer = send(part('name="f"; filename="../../evil"', bytes(size)) + END)
    # The file has no name at all: what is left of it on disk is a descriptor.
    assert answer.json()["f"] == ["../../evil", False]


def test_only_the_ampersand_parts_fields() -> None:
    assert send(b"a=1;b=2", "application/x-www-form-urlencoded").json() == {"a": "1;b=2"}


def test_an_extended_name_cloaks_nothing() -> None:
    assert send(part('name="f"; filename="a"; filename*=utf-8\'\'b', b"x") + END).json()["f"][0] == "a"


def test_a_malicious_content_type_takes_no_longer_than_its_length() -> None:
    # CVE-2024-24762: options that made a regular expression try everything.
    assert send(b"a=1", 'application/x-www-form-urlencoded; !="' + "\\" * 40_000).status_code in (200, 400)


@pytest.mark.parametrize("junk", [b"\r\n", b"\r", b"\n", b"x", b"--", b"\r\n--"], ids=["CRLF", "CR", "LF", "text", "dashes", "almost"])
def test_junk_around_and_in_parts_costs_no_more_than_its_length(junk: bytes) -> None:
    short, long = [part('name="f"; filename="f"', junk * count) + END + junk * count for count in (2_000, 8_000)]
    assert lines_run(lambda: send(long)) < 6 * lines_run(lambda: send(short))


def test_bad_parts_are_not_logged_one_by_one(caplog: pytest.LogCaptureFixture) -> None:
    send(b"junk\r\n" * 1000 + part('name="a"', b"1") + END + b"junk" * 1000)
    assert len(caplog.records) <= 1
