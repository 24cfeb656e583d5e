from __future__ import annotations

import copy
import pickle

import pytest
import starlette.datastructures as starlette
from hypothesis import given
from hypothesis import strategies as st

from fasterapi.datastructures import ImmutableMultiDict

PAIRS = [("a", "1"), ("b", "2"), ("a", "3")]


def test_the_last_value_of_a_key_is_given() -> None:
    assert ImmutableMultiDict(PAIRS)["a"] == "3"


def test_all_values_can_be_had() -> None:
    assert ImmutableMultiDict(PAIRS).getlist("a") == ["1", "3"]


def test_pairs_keep_their_order() -> None:
    assert ImmutableMultiDict(PAIRS).multi_items() == PAIRS


def test_it_can_be_made_of_a_mapping_and_of_keywords() -> None:
    assert ImmutableMultiDict({"a": "1"}, b="2").multi_items() == [("a", "1"), ("b", "2")]


def test_one_made_of_another_keeps_all_values() -> None:
    assert ImmutableMultiDict(ImmutableMultiDict(PAIRS)).multi_items() == PAIRS


def test_get_has_a_default() -> None:
    multi = ImmutableMultiDict(PAIRS)
    assert (multi.get("b"), multi.get("c"), multi.get("c", 5)) == ("2", None, 5)


def test_a_missing_key_is_a_key_error() -> None:
    with pytest.raises(KeyError, match="c"):
        ImmutableMultiDict(PAIRS)["c"]


def test_it_shows_what_is_in_it() -> None:
    assert repr(ImmutableMultiDict(PAIRS)) == f"ImmutableMultiDict({PAIRS})"


def test_it_cannot_be_changed_through_what_it_gives() -> None:
    multi = ImmutableMultiDict(PAIRS)
    multi.multi_items().clear()
    multi.getlist("a").clear()
    assert multi.multi_items() == PAIRS


def test_it_can_be_copied_and_pickled() -> None:
    multi = ImmutableMultiDict(PAIRS)
    assert copy.copy(multi) == pickle.loads(pickle.dumps(multi)) == multi


def test_equality_wants_the_same_kind() -> None:
    class Special(ImmutableMultiDict[str, str]):
        """A subclass."""

    assert Special(PAIRS) == Special(PAIRS)
    assert Special(PAIRS) != ImmutableMultiDict(PAIRS)
    assert ImmutableMultiDict(PAIRS) != dict(PAIRS)


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("12")), max_size=8))
def test_it_reads_as_starlettes(pairs: list[tuple[str, str]]) -> None:
    ours, theirs = ImmutableMultiDict(pairs), starlette.ImmutableMultiDict(pairs)
    assert list(ours) == list(theirs)
    assert list(ours.items()) == list(theirs.items())
    assert list(ours.values()) == list(theirs.values())
    assert list(ours.keys()) == list(theirs.keys())
    assert [ours.getlist(key) for key in "abcd"] == [theirs.getlist(key) for key in "abcd"]
    assert (len(ours), "a" in ours) == (len(theirs), "a" in theirs)
