"""Generated requests to the same handlers under FastAPI and under fasterapi: the answers must be the same, faults and all."""

import json
from typing import Annotated, Any
from urllib.parse import quote

import msgspec
import pydantic
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fasterapi import Faster
from fasterapi.testing import TestClient
from tests.side_by_side import SideBySide


class TheirAddress(pydantic.BaseModel):
    street: str = pydantic.Field(min_length=1)
    number: int = pydantic.Field(ge=1)
    zip: str | None = None


class OurAddress(msgspec.Struct):
    street: Annotated[str, msgspec.Meta(min_length=1)]
    number: Annotated[int, msgspec.Meta(ge=1)]
    zip: str | None = None


class TheirPerson(pydantic.BaseModel):
    name: str
    age: int = pydantic.Field(18, ge=0, le=150)
    height: float | None = None
    active: bool = True
    tags: list[str] = []
    scores: dict[str, int] = {}
    addresses: list[TheirAddress] = []


class OurPerson(msgspec.Struct):
    name: str
    age: Annotated[int, msgspec.Meta(ge=0, le=150)] = 18
    height: float | None = None
    active: bool = True
    tags: list[str] = []
    scores: dict[str, int] = {}
    addresses: list[OurAddress] = []


def declare(framework: Any, app: Faster, log: list[Any]) -> None:
    query, header, body, depends = framework.Query, framework.Header, framework.Body, framework.Depends
    person_model: Any = OurPerson if framework.__name__ == "fasterapi" else TheirPerson

    async def page(skip: int = 0, limit: Annotated[int, query(ge=1, le=100)] = 10) -> Any:
        return [skip, limit]

    @app.get("/scalars/{number}")
    async def scalars(
        number: int,
        ratio: float = 1.0,
        flag: bool = False,
        text: Annotated[str, query(min_length=1, max_length=5)] = "none",
        many: Annotated[list[int] | None, query()] = None,
        pages: Any = depends(page),
        x_count: Annotated[int, header(gt=0)] = 1,
    ) -> Any:
        return [number, ratio, flag, text, many, pages, x_count]

    @app.post("/person")
    async def person(value: person_model) -> Any:
        return msgspec.to_builtins(value) if isinstance(value, msgspec.Struct) else value.model_dump()

    @app.post("/parts")
    async def parts(value: person_model, level: Annotated[int, body(ge=1)], note: Annotated[str | None, body()] = None) -> Any:
        return [value.name, level, note]


apps = SideBySide(declare)

TEXTS = st.sampled_from(
    ["0", "1", "-1", "07", "1.5", "1e3", "", " 2 ", "+3", "abc", "true", "off", "null", "é", "101", "1_0", "a b", "ABCDEF"]
)
NAMES = st.sampled_from(["ratio", "flag", "text", "many", "skip", "limit", "unknown"])
JSON_SCALARS = st.sampled_from([None, True, False, 0, 1, -1, 200, 1.5, 2.0, "", "1", "1.0", "x", "true", "é"])
JSON_VALUES = st.recursive(
    JSON_SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "b", "name"]), inner, max_size=2),
    max_leaves=4,
)


def mostly(good: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(good, good, good, JSON_VALUES)


ADDRESSES = st.fixed_dictionaries(
    {"street": mostly(st.just("Main")), "number": mostly(st.integers(1, 9))},
    optional={"zip": mostly(st.just("1234")), "extra": JSON_SCALARS},
)
PEOPLE = st.fixed_dictionaries(
    {},
    optional={
        "name": mostly(st.just("Ann")),
        "age": mostly(st.integers(0, 150)),
        "height": mostly(st.just(1.8)),
        "active": mostly(st.booleans()),
        "tags": mostly(st.lists(mostly(st.just("tag")), max_size=3)),
        "scores": mostly(st.dictionaries(st.sampled_from(["a", "b"]), mostly(st.integers()), max_size=2)),
        "addresses": mostly(st.lists(mostly(ADDRESSES), max_size=2)),
        "unknown": JSON_VALUES,
    },
)
BODIES = st.one_of(
    mostly(PEOPLE), st.fixed_dictionaries({}, optional={"value": mostly(PEOPLE), "level": mostly(st.integers(1, 3)), "note": JSON_SCALARS})
)

MANY = settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@MANY
@given(TEXTS, st.lists(st.tuples(NAMES, TEXTS), max_size=5), st.none() | TEXTS)
def test_parameters(number: str, pairs: list[tuple[str, str]], header: str | None) -> None:
    query = "&".join(f"{name}={quote(text)}" for name, text in pairs)
    headers = {} if header is None else {b"x-count": header.strip().encode()}
    apps.get(f"/scalars/{quote(number) or 0}?{query}", headers=headers)


@MANY
@given(st.sampled_from(["/person", "/parts"]), BODIES)
def test_bodies(url: str, body: Any) -> None:
    apps.post(url, content=json.dumps(body).encode(), headers={"content-type": "application/json"})


@MANY
@given(
    st.sampled_from(["/person", "/parts"]),
    BODIES,
    st.integers(0, 60),
    st.sampled_from([b"", b",", b'"', b"}", b"]", b"1", b":", b"\\", b" "]),
)
def test_damaged_bodies(url: str, body: Any, position: int, damage: bytes) -> None:
    text = json.dumps(body).encode()
    damaged = text[:position] + damage + text[position + 1 :]
    apps.post(url, content=damaged, headers={"content-type": "application/json"})


@pytest.mark.parametrize("content_type", ["application/json", "text/plain", "multipart/form-data"])
@settings(max_examples=50, deadline=None)
@given(st.binary(max_size=40))
def test_no_body_is_a_server_error(content_type: str, body: bytes) -> None:
    answer = TestClient(apps.ours).post("/person", content=body, headers={"content-type": content_type})
    assert answer.status_code in (200, 422)
