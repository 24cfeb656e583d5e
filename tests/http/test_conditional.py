from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fasterapi.asgi import RawHeaders
from fasterapi.http.conditional import HOLDS, NOT_MODIFIED, PRECONDITION_FAILED, Validators, entity_tags

CHANGED = "Sun, 06 Nov 1994 08:49:37 GMT"
EARLIER = "Sun, 06 Nov 1994 08:49:36 GMT"
LATER = "Sun, 06 Nov 1994 08:49:38 GMT"


def asking(*pairs: tuple[str, str]) -> RawHeaders:
    return [(name.encode("ascii"), value.encode("latin-1")) for name, value in pairs]


def judge(*pairs: tuple[str, str], etag: str = '"a"') -> int:
    return Validators(etag, CHANGED).judge(asking(*pairs))


def test_no_precondition_holds() -> None:
    assert judge() == HOLDS


@pytest.mark.parametrize("field", ['"a"', 'W/"a"', '"b", "a"', '"b","a"', '"b",, W/"a"', "*", " * ", '"x,", "a"'])
def test_a_client_that_has_the_resource_gets_none(field: str) -> None:
    assert judge(("if-none-match", field)) == NOT_MODIFIED


@pytest.mark.parametrize("field", ['"b"', "", "a", 'w/"a"', '"a', '"A"', '"b, "a"', 'x "a"'])
def test_a_client_that_has_another_state_gets_the_new_one(field: str) -> None:
    assert judge(("if-none-match", field)) == HOLDS


def test_several_headers_are_one_list() -> None:
    assert judge(("if-none-match", '"b"'), ("accept", "*/*"), ("if-none-match", '"a"')) == NOT_MODIFIED


def test_a_weak_tag_is_good_enough_to_have_the_resource() -> None:
    assert judge(("if-none-match", '"a"'), etag='W/"a"') == NOT_MODIFIED


@pytest.mark.parametrize(("since", "outcome"), [(EARLIER, HOLDS), (CHANGED, NOT_MODIFIED), (LATER, NOT_MODIFIED), ("yesterday", HOLDS)])
def test_a_client_that_has_seen_the_last_change_gets_nothing(since: str, outcome: int) -> None:
    assert judge(("if-modified-since", since)) == outcome


def test_the_tag_goes_before_the_date() -> None:
    assert judge(("if-none-match", '"b"'), ("if-modified-since", LATER)) == HOLDS


@pytest.mark.parametrize(("field", "outcome"), [('"a"', HOLDS), ("*", HOLDS), ('"b"', PRECONDITION_FAILED), ('W/"a"', PRECONDITION_FAILED)])
def test_a_client_that_insists_on_a_state_gets_this_one_alone(field: str, outcome: int) -> None:
    assert judge(("if-match", field)) == outcome


def test_a_weak_tag_is_not_enough_to_insist_on_a_state() -> None:
    assert judge(("if-match", 'W/"a"'), etag='W/"a"') == PRECONDITION_FAILED
    assert judge(("if-match", '"a"'), etag='W/"a"') == PRECONDITION_FAILED


@pytest.mark.parametrize(("since", "outcome"), [(EARLIER, PRECONDITION_FAILED), (CHANGED, HOLDS), (LATER, HOLDS), ("yesterday", HOLDS)])
def test_a_client_that_insists_on_no_later_change(since: str, outcome: int) -> None:
    assert judge(("if-unmodified-since", since)) == outcome


def test_insisting_on_a_tag_goes_before_insisting_on_a_date() -> None:
    assert judge(("if-match", '"a"'), ("if-unmodified-since", EARLIER)) == HOLDS


def test_what_a_client_insists_on_goes_before_what_it_has() -> None:
    assert judge(("if-match", '"b"'), ("if-none-match", '"a"')) == PRECONDITION_FAILED
    assert judge(("if-match", '"a"'), ("if-none-match", '"a"')) == NOT_MODIFIED


def test_a_resource_that_says_nothing_of_its_state_is_always_sent() -> None:
    silent = Validators("", "")
    assert silent.judge(asking(("if-none-match", '"", ""'))) == HOLDS
    assert silent.judge(asking(("if-modified-since", LATER))) == HOLDS
    assert not silent.allow_range(asking(("if-range", "yesterday")))


@pytest.mark.parametrize(
    ("field", "allows"),
    [
        ('"a"', True),
        ('"b"', False),
        ('W/"a"', False),
        ('"b", "a"', False),
        ("*", False),
        ("", False),
        (CHANGED, True),
        ("Sunday, 06-Nov-94 08:49:37 GMT", True),
        (EARLIER, False),
        (LATER, False),
        ("yesterday", False),
    ],
)
def test_a_part_is_sent_only_to_what_it_fits(field: str, allows: bool) -> None:
    assert Validators('"a"', CHANGED).allow_range(asking(("if-range", field))) is allows


def test_a_part_of_a_resource_with_a_weak_tag_fits_nothing() -> None:
    assert not Validators('W/"a"', CHANGED).allow_range(asking(("if-range", 'W/"a"')))
    assert not Validators('W/"a"', CHANGED).allow_range(asking(("if-range", '"a"')))


def test_a_part_without_condition_is_sent() -> None:
    assert Validators('"a"', CHANGED).allow_range([])


@given(st.lists(st.tuples(st.booleans(), st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E, exclude_characters='"')))))
def test_tags_are_read_as_they_are_written(tags: list[tuple[bool, str]]) -> None:
    field = ", ".join(f'W/"{tag}"' if is_weak else f'"{tag}"' for is_weak, tag in tags)
    assert entity_tags(field, weakly=True) == [f'"{tag}"' for _, tag in tags]
    assert entity_tags(field, weakly=False) == [f'"{tag}"' for is_weak, tag in tags if not is_weak]


@given(st.text(st.sampled_from(' \t,"W/ab')))
def test_no_list_of_tags_makes_the_reading_fail(field: str) -> None:
    assert set(entity_tags(field, weakly=False)) <= set(entity_tags(field, weakly=True))


def test_cve_2020_5236_reading_a_list_takes_linear_time() -> None:
    begin = time.thread_time()
    for field in ('"a", ' * 20_000, '"' * 100_001, "," * 100_000, 'W/"' * 30_000):
        assert judge(("if-none-match", field), etag='"never"') == HOLDS
    # Quadratic reading takes minutes.
    assert time.thread_time() - begin < 2
