from __future__ import annotations

import functools
from collections.abc import AsyncIterator, Callable, Iterator
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import pytest
from typing_extensions import TypeAliasType

from fasterapi.binding.markers import MISSING
from fasterapi.binding.signature import (
    ASYNC_GENERATOR_CALL,
    AWAITABLE_CALL,
    COROUTINE_CALL,
    GENERATOR_CALL,
    THREAD_CALL,
    Signature,
    SignatureError,
    described,
    read_signature,
)

if TYPE_CHECKING:
    from decimal import Decimal

T = TypeVar("T")


async def coroutine_function(item_id: int, name: Annotated[str, "meta"] = "x", *, only: bool) -> list[int]:
    return [item_id]


def plain_function(value: "list[Annotated[int, 1]]") -> None: ...  # noqa: UP037  # a string in a string


def generator_function() -> Iterator[int]:
    yield 1


async def async_generator_function() -> AsyncIterator[int]:
    yield 1


class Caller:
    async def __call__(self, value: int) -> int:
        return value

    def method(self, value: int) -> int:
        return value

    async def async_method(self, value: int) -> int:
        return value


class Constructed:
    def __init__(self, value: int) -> None:
        self.value = value


def decorated(function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        return function(*args, **kwargs)

    return wrapper


def names(signature: Signature) -> list[tuple[str, object]]:
    return [(parameter.name, parameter.annotation) for parameter in signature.parameters]


def test_annotations_are_resolved_and_taken_apart() -> None:
    signature = read_signature(coroutine_function)
    assert names(signature) == [("item_id", int), ("name", str), ("only", bool)]
    assert [parameter.metadata for parameter in signature.parameters] == [(), ("meta",), ()]
    assert [parameter.default for parameter in signature.parameters] == [MISSING, "x", MISSING]
    assert [parameter.keyword_only for parameter in signature.parameters] == [False, False, True]
    assert signature.result == list[int]


def test_strings_within_strings_are_resolved() -> None:
    assert names(read_signature(plain_function)) == [("value", list[Annotated[int, 1]])]


@pytest.mark.parametrize(
    ("call", "kind"),
    [
        (coroutine_function, COROUTINE_CALL),
        (Caller().async_method, COROUTINE_CALL),
        (functools.partial(coroutine_function, only=True), COROUTINE_CALL),
        (Caller(), COROUTINE_CALL),
        (decorated(coroutine_function), AWAITABLE_CALL),
        (plain_function, THREAD_CALL),
        (Caller().method, THREAD_CALL),
        (Constructed, THREAD_CALL),
        (generator_function, GENERATOR_CALL),
        (async_generator_function, ASYNC_GENERATOR_CALL),
        (decorated(generator_function), GENERATOR_CALL),
    ],
)
def test_the_way_to_call_is_told(call: Callable[..., object], kind: int) -> None:
    assert read_signature(call).call_kind == kind


@pytest.mark.parametrize("call", [Caller(), Caller().method, Constructed, functools.partial(Constructed), decorated(Constructed)])
def test_annotations_are_found_through_every_wrapping(call: Callable[..., object]) -> None:
    assert names(read_signature(call)) == [("value", int)]


def test_a_partial_asks_only_for_the_rest() -> None:
    assert names(read_signature(functools.partial(coroutine_function, 1))) == [("name", str), ("only", bool)]


def test_a_missing_annotation_is_no_annotation() -> None:
    def bare(value):  # type: ignore[no-untyped-def]  # what is tested
        return value

    assert names(read_signature(bare)) == [("value", MISSING)]


def test_a_name_that_only_type_checkers_know_is_explained() -> None:
    def handler(price: Decimal) -> None: ...

    with pytest.raises(SignatureError, match=r"parameter 'price' names something unknown .*Import it at run time"):
        read_signature(handler)


def test_a_parameter_that_takes_anything_is_explained() -> None:
    def handler(*args: int) -> None: ...

    with pytest.raises(SignatureError, match=r"\*args: .* Declare the parameters by name"):
        read_signature(handler)


def test_a_callable_without_a_readable_signature_is_explained() -> None:
    with pytest.raises(SignatureError, match="Wrap it in a function"):
        read_signature(dict)


def test_a_callable_is_described_with_its_file_and_line() -> None:
    assert described(decorated(coroutine_function)) == (f"coroutine_function ({__file__}:{coroutine_function.__code__.co_firstlineno})")


def test_a_callable_without_source_is_described_by_its_name() -> None:
    assert described(len) == "len"


Many = TypeAliasType("Many", Annotated[list[T], "meta"], type_params=(T,))


def test_an_alias_with_arguments_is_what_it_stands_for() -> None:
    def handler(value: Annotated[Many[int], "outer"]) -> None: ...

    (parameter,) = read_signature(handler).parameters
    assert (parameter.annotation, parameter.metadata) == (list[int], ("meta", "outer"))
