from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import msgspec
import pytest
from annotated_types import MaxLen, MinLen

from tests.binding.body_oracle import Level, our_answer, right_answer

ARRAYS = ["[]", "[1]", '["1",2.0]', '["x"]', "[1,1]", '[1,"x",null]', "[1,2,3,4]", '["x",1,1,1]', '["x","y",1,1,2]', '[1,2,3,"x"]', "[[1]]"]
OBJECTS = ["{}", '{"a":1}', '{"1":"2"}', '{"1":1,"01":2}', '{"a":"x","1":2}', '{"1":1,"2":2,"3":3}', '{"1":"x","2":2,"3":3,"4":4}']
OTHERS = ["null", "true", "1", '"ab"', '"1"']
UNHASHABLE = ["[[1],{}]", "[1,[2],3]"]


@pytest.mark.parametrize(
    "annotation",
    [
        *[list[int], list, list[Any], set[int], set[Any], frozenset[int], frozenset, tuple[int, ...], tuple[int, str], tuple[()], tuple],
        *[tuple[int, int, int], Sequence[int], Sequence[str], Sequence[Any], list[list[int]], list[tuple[int, int]], set[tuple[int, int]]],
        *[dict[str, int], dict, dict[int, int], dict[bool, int], dict[Level, str], dict[float, list[int]], Mapping[str, int]],
    ],
    ids=str,
)
@pytest.mark.parametrize("raw", [*ARRAYS, *OBJECTS, *OTHERS, *UNHASHABLE])
def test_a_container_is_taken_and_refused_as_fastapi_does(annotation: Any, raw: str) -> None:
    assert our_answer(annotation, raw) == right_answer(annotation, raw)


@pytest.mark.parametrize(
    "annotation",
    [
        list[int],
        set[int],
        frozenset[int],
        tuple[int, ...],
        Sequence[int],
        dict[str, int],
        dict[int, int],
        Mapping[str, int],
        list[int] | None,
    ],
    ids=str,
)
@pytest.mark.parametrize(("least", "most"), [(0, 2), (2, 3), (1, 1)])
@pytest.mark.parametrize("raw", [*ARRAYS, *OBJECTS])
def test_a_size_is_held_as_fastapi_holds_it(annotation: Any, least: int, most: int, raw: str) -> None:
    ours: Any = Annotated[annotation, msgspec.Meta(min_length=least, max_length=most)]
    theirs: Any = Annotated[annotation, MinLen(least), MaxLen(most)]
    assert our_answer(ours, raw) == right_answer(theirs, raw)
