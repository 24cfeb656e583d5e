"""Answers are judged by what they say, whatever way a framework says it."""

from __future__ import annotations

import sys

import pytest

from tests.checkouts import CHECKOUT


@pytest.fixture(autouse=True)
def importable(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let `benchmarks` be imported, with the checkout last on the path."""
    monkeypatch.setattr(sys, "path", [*sys.path, str(CHECKOUT)])


def right(expected: object, body: bytes) -> bool:
    from benchmarks.contract import Answer, Request, Sample, WrongAnswerError, expect

    try:
        expect(Sample(Request("GET", "/"), expected), lambda request: Answer(200, body))
    except WrongAnswerError:
        return False
    return True


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_events_may_end_their_lines_in_any_way(end: bytes) -> None:
    from benchmarks.contract import Events

    assert right(Events(2), b'data: {"number": 0}%bdata:{"number":1}%b' % (end * 2, end * 2))


def test_a_stream_without_its_last_event_is_wrong() -> None:
    from benchmarks.contract import Events

    assert not right(Events(2), b'data: {"number": 0}\n\n')


def test_a_text_must_be_the_very_same() -> None:
    from benchmarks.contract import Content

    assert right(Content(b"text"), b"text")
    assert not right(Content(b"text"), b'"text"')


def test_what_a_contender_cannot_do_is_not_asked() -> None:
    from benchmarks.conduct import observe
    from benchmarks.contract import STATIC_JSON, Answer, Request

    def ask(request: Request) -> Answer:
        raise AssertionError(request)

    assert observe([STATIC_JSON], [], ask, ["json"])["absent"] == ["json"]


def test_a_websocket_message_is_masked_by_the_client_alone() -> None:
    from benchmarks.websocket_wire import client_message, server_message

    sent, returned = client_message("ab"), server_message("ab")
    assert (sent[0], sent[1]) == (0x81, 0x80 | 2)
    assert bytes(byte ^ key for byte, key in zip(sent[6:], sent[2:6], strict=False)) == b"ab"
    assert returned == b"\x81\x02ab"
