from __future__ import annotations

import copy

import pytest

from fasterapi.datastructures import State


def test_attributes_and_items_are_the_same() -> None:
    state = State()
    state.one = 1
    state["two"] = 2
    assert (state["one"], state.two, list(state), len(state), "one" in state) == (1, 2, ["one", "two"], 2, True)


def test_it_is_a_view_of_its_dictionary() -> None:
    values = {"pool": "p"}
    state = State(values)
    state.user = "u"
    values["later"] = "l"
    assert (values, state.later) == ({"pool": "p", "user": "u", "later": "l"}, "l")


def test_what_is_missing_is_an_error_of_the_kind_that_was_asked_for() -> None:
    state = State()
    with pytest.raises(AttributeError, match="'State' object has no attribute 'none'"):
        _ = state.none
    with pytest.raises(KeyError, match="none"):
        state["none"]


def test_entries_can_be_deleted() -> None:
    values = {"a": 1, "b": 2}
    state = State(values)
    del state.a
    del state["b"]
    assert values == {}


def test_a_copy_has_entries_of_its_own() -> None:
    state = State({"a": 1})
    copied = copy.copy(state)
    copied.a = 2
    assert state.a == 1


def test_a_subclass_says_what_is_in_it() -> None:
    class Mine(State):
        user: str

        def greeting(self) -> str:
            return f"Hello {self.user}"

    state = Mine({"user": "Ada"})
    assert (state.user, state.greeting()) == ("Ada", "Hello Ada")
