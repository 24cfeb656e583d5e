from __future__ import annotations

import re
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fasterapi.http.content_disposition import content_disposition


def test_a_plain_name_stands_in_quotes() -> None:
    assert content_disposition("attachment", "my report-2.pdf") == 'attachment; filename="my report-2.pdf"'


def test_a_file_can_be_shown_instead() -> None:
    assert content_disposition("inline", "a.png") == 'inline; filename="a.png"'


def test_a_name_beyond_ascii_stands_there_exactly_and_for_old_clients() -> None:
    value = content_disposition("attachment", "отчёт €.txt")
    assert value == "attachment; filename=\"_____ _.txt\"; filename*=UTF-8''%D0%BE%D1%82%D1%87%D1%91%D1%82%20%E2%82%AC.txt"


@pytest.mark.parametrize("name", ['a"; filename="evil.exe', "a\\", "50%41.txt", "../../etc/passwd"])
def test_characters_that_clients_read_more_into_do_not_stand_in_the_quotes(name: str) -> None:
    quoted = re.search(r'filename="([^"]*)"', content_disposition("attachment", name))
    assert quoted is not None
    assert not set(quoted[1]) & set('"\\%/')


def test_half_a_surrogate_pair_is_replaced() -> None:
    assert content_disposition("attachment", "a\udcff") == "attachment; filename=\"a_\"; filename*=UTF-8''a%3F"


@pytest.mark.parametrize("kind", ["", "attach ment", "inline; filename=x", "inline\r\nset-cookie: a=b", "ä"])
def test_what_is_no_way_to_handle_a_file_is_refused(kind: str) -> None:
    with pytest.raises(ValueError, match="Write content_disposition_type='attachment' or 'inline'"):
        content_disposition(kind, "a")


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_every_name_arrives_and_ends_nothing(name: str) -> None:
    value = content_disposition("attachment", name)
    assert value.isascii()
    assert value.isprintable()
    fields = re.fullmatch(r"""attachment; filename="([^"\\%/]*)"(?:; filename\*=UTF-8''([!#$&+.^_`|~A-Za-z0-9%-]+))?""", value)
    assert fields is not None
    assert (fields[1] if fields[2] is None else unquote(fields[2])) == name
