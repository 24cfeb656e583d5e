from __future__ import annotations

import pytest

from fasterapi.http.head import ResponseHead, allows_body, content_length, json_head


@pytest.mark.parametrize("length", [0, 1, 2047, 2048, 10**9])
def test_a_length_is_written_in_decimal(length: int) -> None:
    assert content_length(length) == (b"content-length", str(length).encode())


@pytest.mark.parametrize(("status", "allowed"), [(200, True), (404, True), (101, False), (204, False), (304, False)])
def test_some_statuses_have_no_body(status: int, allowed: bool) -> None:
    assert allows_body(status) is ResponseHead(status, []).allows_body is allowed


def test_a_head_is_also_lines_of_http() -> None:
    assert json_head(404).lines() == b"HTTP/1.1 404 Not Found\r\ncontent-type: application/json\r\n"


def test_a_status_without_a_phrase_has_none() -> None:
    assert ResponseHead(599, []).lines() == b"HTTP/1.1 599 \r\n"


def test_a_head_without_a_body_has_no_content_type() -> None:
    assert json_head(204).headers == []


@pytest.mark.parametrize("header", [(b"a", b"1\r\nb: 2"), (b"a", b"1\n"), (b"a\r\nb", b"1"), (b"a", b"\0")])
def test_a_header_is_one_line(header: tuple[bytes, bytes]) -> None:
    with pytest.raises(ValueError, match="A header has a line end"):
        ResponseHead(200, [header]).lines()
