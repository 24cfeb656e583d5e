from __future__ import annotations

import copy
import pickle
from collections.abc import Mapping

import pytest
import starlette.datastructures as starlette
from hypothesis import given
from hypothesis import strategies as st

from fasterapi.datastructures import Headers, MutableHeaders

RAW = [(b"a", b"1"), (b"b", b"2"), (b"a", b"3")]


def test_names_are_found_in_any_case() -> None:
    headers = Headers({"Content-Type": "text/html"})
    assert (headers["content-type"], headers["CONTENT-TYPE"], "Content-type" in headers) == ("text/html", "text/html", True)


def test_of_several_the_first_is_given() -> None:
    assert Headers(raw=RAW)["a"] == "1"


def test_all_values_of_a_name_can_be_had() -> None:
    assert Headers(raw=RAW).getlist("A") == ["1", "3"]


def test_pairs_keep_their_order() -> None:
    assert Headers(raw=RAW).items() == [("a", "1"), ("b", "2"), ("a", "3")]


def test_a_missing_header_is_a_key_error() -> None:
    with pytest.raises(KeyError, match="x-none"):
        Headers(raw=RAW)["x-none"]


def test_get_has_a_default() -> None:
    headers = Headers(raw=RAW)
    assert (headers.get("b"), headers.get("c"), headers.get("c", "d"), headers.get("c", 5)) == ("2", None, "d", 5)


@pytest.mark.parametrize("key", ["€", "", "a b", 5, None])
def test_what_cannot_be_a_name_is_not_there(key: object) -> None:
    assert key not in Headers(raw=RAW)


def test_they_are_a_mapping() -> None:
    headers = Headers(raw=RAW)
    assert isinstance(headers, Mapping)
    assert {**headers} == {"a": "1", "b": "2"}


def test_order_does_not_matter_to_equality() -> None:
    assert Headers(raw=RAW) == Headers(raw=RAW[::-1])
    assert Headers(raw=RAW) != Headers(raw=RAW[:2])


def test_they_can_be_made_of_a_scope() -> None:
    assert Headers(scope={"headers": tuple(RAW)}).getlist("a") == ["1", "3"]


def test_they_are_made_of_one_thing() -> None:
    with pytest.raises(TypeError, match="one of headers=, raw= and scope="):
        Headers({}, raw=[])


def test_bytes_beyond_ascii_are_latin_1() -> None:
    assert Headers(raw=[(b"a", b"caf\xe9")])["a"] == "café"


def test_they_show_what_is_in_them() -> None:
    assert (repr(Headers({"a": "1"})), repr(Headers(raw=RAW))) == ("Headers({'a': '1'})", f"Headers(raw={RAW})")


def test_a_raw_copy_is_a_copy() -> None:
    headers = Headers(raw=list(RAW))
    headers.raw.clear()
    assert headers.raw == RAW


def test_they_can_be_copied_and_pickled() -> None:
    headers = Headers(raw=RAW)
    assert copy.copy(headers) == pickle.loads(pickle.dumps(headers)) == headers


def test_they_have_no_hash() -> None:
    with pytest.raises(TypeError, match="unhashable"):
        hash(Headers())


def test_a_mutable_copy_leaves_the_original_alone() -> None:
    headers = Headers(raw=RAW)
    changed = headers.mutablecopy()
    changed["a"] = "x"
    assert (headers.getlist("a"), changed.getlist("a")) == (["1", "3"], ["x"])


def test_setting_replaces_all_of_a_name_where_the_first_stood() -> None:
    headers = MutableHeaders(raw=list(RAW))
    headers["A"] = "x"
    assert headers.items() == [("a", "x"), ("b", "2")]


def test_setting_a_new_name_adds_it_at_the_end() -> None:
    headers = MutableHeaders(raw=list(RAW))
    headers["C"] = "x"
    assert headers.raw == [*RAW, (b"c", b"x")]


def test_deleting_removes_all_of_a_name() -> None:
    headers = MutableHeaders(raw=list(RAW))
    del headers["A"]
    del headers["never there"]
    assert headers.items() == [("b", "2")]


def test_appending_keeps_the_others() -> None:
    headers = MutableHeaders(raw=list(RAW))
    headers.append("a", "5")
    assert headers.getlist("a") == ["1", "3", "5"]


def test_a_default_is_set_once() -> None:
    headers = MutableHeaders()
    assert (headers.setdefault("a", "1"), headers.setdefault("A", "2"), headers.items()) == ("1", "1", [("a", "1")])


def test_another_mapping_can_be_taken_over() -> None:
    headers = MutableHeaders({"a": "1"})
    headers.update({"A": "2", "b": "3"})
    assert headers.items() == [("a", "2"), ("b", "3")]


def test_they_can_be_joined() -> None:
    headers = MutableHeaders({"a": "1"})
    joined = headers | {"b": "2"}
    headers |= {"c": "3"}
    assert (joined.items(), headers.items()) == ([("a", "1"), ("b", "2")], [("a", "1"), ("c", "3")])


@pytest.mark.parametrize(
    ("before", "added", "after"),
    [
        (None, "Origin", "Origin"),
        ("Accept", "Origin", "Accept, Origin"),
        ("accept, origin", "Origin", "accept, origin"),
        ("*", "Origin", "*"),
    ],
)
def test_vary_names_each_header_once(before: str | None, added: str, after: str) -> None:
    headers = MutableHeaders({} if before is None else {"vary": before})
    headers.add_vary_header(added)
    assert headers.getlist("vary") == [after]


@pytest.mark.parametrize("value", ["a\r\nset-cookie: b=1", "a\nb", "a\0b"])
def test_header_injection_is_refused(value: str) -> None:
    headers = MutableHeaders()
    for change in (headers.append, headers.setdefault, headers.__setitem__, lambda name, text: headers.update({name: text})):
        with pytest.raises(ValueError, match="control characters"):
            change("x-own", value)
    assert headers.items() == []


def test_a_subclass_can_be_made() -> None:
    class Traced(MutableHeaders):
        def append(self, key: str, value: str) -> None:
            super().append(key, value + "!")

    headers = Traced()
    headers.append("a", "1")
    headers.setdefault("b", "2")
    assert headers.items() == [("a", "1!"), ("b", "2!")]


names = st.sampled_from(["a", "A", "b", "vary", "x-c"])
texts = st.sampled_from(["", "1", "2", "é"])
changes = st.lists(
    st.one_of(
        st.tuples(st.just("set"), names, texts),
        st.tuples(st.just("append"), names, texts),
        st.tuples(st.just("setdefault"), names, texts),
        st.tuples(st.just("delete"), names, texts),
    ),
    max_size=12,
)


@given(changes)
def test_changes_do_what_they_do_in_starlette(steps: list[tuple[str, str, str]]) -> None:
    ours, theirs = MutableHeaders(), starlette.MutableHeaders()
    for kind, name, text in steps:
        for headers in (ours, theirs):
            if kind == "set":
                headers[name] = text
            elif kind == "append":
                headers.append(name, text)
            elif kind == "setdefault":
                headers.setdefault(name, text)
            else:
                del headers[name]
        assert (ours.items(), len(ours), dict(ours)) == (theirs.items(), len(theirs), dict(theirs))
