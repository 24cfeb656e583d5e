from __future__ import annotations

import pytest

from tests.required import VARIABLE, find, needs


def skips(mark: pytest.MarkDecorator) -> bool:
    return bool(mark.args[0])


def test_what_is_missing_is_told_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    mark = needs(find("no-such-command"), "no-such-command: apt-get install it")
    assert skips(mark)
    assert mark.kwargs["reason"] == "needs no-such-command: apt-get install it"


def test_what_is_there_is_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    assert not skips(needs(find("sh"), "sh"))


def test_nothing_is_skipped_where_all_is_required(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "required")
    assert not skips(needs(find("no-such-command"), "no-such-command"))
