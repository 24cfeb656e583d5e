from __future__ import annotations

from typing import Any

import pytest

from fasterapi import Body, Cookie, Depends, Header, Path, Query


def test_markers_say_what_they_are() -> None:
    assert [repr(marker) for marker in (Path(), Query(1), Header(None), Cookie("x"), Body())] == [
        "Path()",
        "Query(1)",
        "Header(None)",
        "Cookie('x')",
        "Body()",
    ]


def test_a_dependency_names_its_provider() -> None:
    def get_session() -> int:
        return 1

    assert repr(Depends(get_session)) == "Depends(get_session)"


def test_an_unknown_option_is_refused() -> None:
    with pytest.raises(TypeError, match=r"Query\(\) does not take gte"):
        Query(1, gte=2)  # type: ignore[call-overload]  # the mistake under test


@pytest.mark.parametrize(
    ("option", "advice"),
    [
        ("regex", r"Write pattern\."),
        ("example", r"Write examples=\[\.\.\.\]\."),
        ("strict", r"Write pydantic's Field\(strict=\.\.\.\) beside it in Annotated\."),
    ],
)
def test_an_option_of_fastapi_is_refused_with_what_to_write_instead(option: str, advice: str) -> None:
    options: Any = {option: "x"}
    with pytest.raises(TypeError, match=rf"Query\(\) does not take {option}\. {advice}"):
        Query(1, **options)


@pytest.mark.parametrize("marker", [Query, Path, Cookie])
def test_options_of_other_markers_are_refused(marker: object) -> None:
    with pytest.raises(TypeError, match="does not take embed"):
        marker(embed=True)  # type: ignore[operator]  # the mistake under test


def test_headers_and_bodies_have_options_of_their_own() -> None:
    assert repr(Header(convert_underscores=False)) == "Header()"
    assert repr(Body(embed=True, media_type="application/json")) == "Body()"


def test_a_default_and_a_default_factory_exclude_each_other() -> None:
    with pytest.raises(TypeError, match="a default or a default_factory, not both"):
        Query(1, default_factory=int)  # type: ignore[call-overload]  # the mistake under test
