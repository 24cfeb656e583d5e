"""What a model does not declare never leaves, whatever a handler returns for it."""

from __future__ import annotations

import dataclasses
import types
from typing import Any

import attrs
import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typing_extensions import TypedDict

from fasterapi.binding.markers import MISSING
from fasterapi.binding.results import ResultOptions, encoder_for
from fasterapi.errors import ResponseValidationError

SECRET = "SECRET"
# Types that are made at run time are no types for checkers.
LIST: Any = list
TUPLE: Any = tuple
DICT: Any = dict

KINDS = ["struct", "tagged struct", "array struct", "dataclass", "slotted dataclass", "attrs", "slotted attrs", "typed dict"]
OPTIONS: list[dict[str, Any]] = [
    {},
    {"exclude_none": True},
    {"exclude_unset": True},
    {"exclude_defaults": True},
    {"by_alias": False},
    {"exclude": {"a"}},
    {"include": {"a", "b"}},
]


@dataclasses.dataclass(frozen=True)
class Family:
    """A type that is declared, and values that handlers return for it, some of which carry a secret."""

    declared: Any
    results: st.SearchStrategy[Any]


TEXTS = Family(str, st.sampled_from(["x", b"x"]))
NUMBERS = Family(int, st.sampled_from([1, "2", 3.0]))


def make_class(kind: str, name: str, fields: dict[str, Any], base: type | None) -> Any:
    bases = None if base is None else (base,)
    if kind == "typed dict":
        return TypedDict(name, fields)  # type: ignore[operator]  # a dynamic class
    if kind.endswith("struct"):
        tag = name if kind.startswith("tagged") else None
        return msgspec.defstruct(name, list(fields.items()), bases=bases, tag=tag, array_like=kind.startswith("array"), kw_only=True)
    if kind.endswith("dataclass"):
        return dataclasses.make_dataclass(name, list(fields.items()), bases=bases or (), slots=kind.startswith("slotted"))
    return attrs.make_class(name, list(fields), bases=bases or (object,), slots=kind.startswith("slotted"), auto_attribs=False)


@st.composite
def models(draw: st.DrawFn, inner: st.SearchStrategy[Family]) -> Family:
    """A model, its subclass with a field of its own, and other things with the same fields and more."""
    kind = draw(st.sampled_from(KINDS))
    fields = {name: draw(inner) for name in draw(st.lists(st.sampled_from("abcd"), min_size=1, max_size=3, unique=True))}
    hints = {name: family.declared for name, family in fields.items()}
    values = {name: family.results for name, family in fields.items()}
    name = f"{kind.title().replace(' ', '')}{''.join(fields)}"
    dicts = st.fixed_dictionaries({**values, "secret": st.just(SECRET)})
    rows = dicts.map(lambda given: types.SimpleNamespace(**given))
    if kind == "typed dict":
        return Family(make_class(kind, name, hints, None), dicts)
    public = make_class(kind, name, hints, None)
    private = make_class(kind, f"Secret{name}", {"secret": str}, public)
    if kind.endswith("attrs"):
        public.__annotations__ = hints
    choices = [
        st.builds(public, **values),
        st.builds(private, **values, secret=st.just(SECRET)),
        dicts,
        rows,
    ]
    if kind in {"dataclass", "attrs"}:
        choices.append(st.builds(public, **values).map(with_attribute))
    return Family(public, st.one_of(choices))


def with_attribute(instance: Any) -> Any:
    instance.secret = SECRET
    return instance


def containers(item: Family) -> st.SearchStrategy[Family]:
    declared, results = item.declared, item.results
    return st.sampled_from(
        [
            Family(LIST[declared], st.lists(results, max_size=2)),
            Family(TUPLE[declared, ...], st.lists(results, max_size=2).map(tuple)),
            Family(TUPLE[int, declared], st.tuples(st.just(1), results)),
            Family(DICT[str, declared], st.dictionaries(st.sampled_from("ab"), results, max_size=2)),
            Family(declared | None, st.one_of(st.none(), results)),
            Family(declared | int, results),
            Family(int | LIST[declared], st.lists(results, max_size=2)),
        ]
    )


def misplaced(family: Family) -> st.SearchStrategy[Family]:
    """The right type with results that are meant for another one."""
    return st.sampled_from([TEXTS, NUMBERS]).map(lambda other: Family(other.declared, st.one_of(other.results, family.results)))


def families(depth: int) -> st.SearchStrategy[Family]:
    scalars = st.sampled_from([TEXTS, NUMBERS])
    if depth == 0:
        return scalars
    inner = families(depth - 1)
    return st.one_of(models(inner), models(inner), inner.flatmap(containers), inner.flatmap(misplaced), scalars)


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_no_secret_leaves(data: st.DataObject) -> None:
    family = data.draw(families(3))
    options: dict[str, Any] = data.draw(st.one_of(st.just({}), st.sampled_from(OPTIONS)))
    result = data.draw(family.results)
    try:
        sent = encoder_for(family.declared, ResultOptions(**options)).encode(result)
    except ResponseValidationError as error:
        assert SECRET not in str(error)  # noqa: PT017
    else:
        assert SECRET.encode() not in sent


def carriers(kind: str) -> tuple[Any, list[Any]]:
    """A model of a kind, and results for it that carry a secret."""
    hints = {"name": str}
    given = {"name": "a", "secret": SECRET}
    if kind == "typed dict":
        return make_class(kind, "Entry", hints, None), [given]
    public = make_class(kind, "Entry", hints, None)
    public.__annotations__ = hints
    private = make_class(kind, "SecretEntry", {"secret": str}, public)
    results = [given, types.SimpleNamespace(**given), private(**given)]
    if kind in {"dataclass", "attrs"}:
        results.append(with_attribute(public(name="a")))
    return public, results


@pytest.mark.parametrize("options", OPTIONS)
@pytest.mark.parametrize("kind", KINDS)
def test_no_secret_leaves_a_model_of_any_kind(kind: str, options: dict[str, Any]) -> None:
    model, results = carriers(kind)
    holder = make_class(kind, "Holder", {"entry": model}, None)
    holder.__annotations__ = {"entry": model}
    for result in results:
        for declared, returned in [
            (model, result),
            (LIST[model], [result]),
            (DICT[str, model], {"a": result}),
            (model | None, result),
            (holder | model, result),
            (holder, {"entry": result}),
            (holder, holder(entry=result)),
        ]:
            try:
                sent = encoder_for(declared, ResultOptions(**options)).encode(returned)
            except ResponseValidationError:
                continue
            assert SECRET.encode() not in sent


class Public(msgspec.Struct):
    name: str


class Private(Public):
    secret: str = SECRET


class Holder(msgspec.Struct):
    pet: Public
    text: str = ""


@pytest.mark.parametrize("options", OPTIONS)
@pytest.mark.parametrize(
    ("model", "result"),
    [
        (Public, Private("a")),
        (list[Public], [Public("a"), Private("b")]),
        (dict[str, Public], {"k": Private("a")}),
        (Public | None, Private("a")),
        (Holder | Public, Private("a")),
        (list[Holder | Public], [Private("a")]),
        (Holder, Holder(Private("a"))),
        (Holder, {"pet": Private("a")}),
        (tuple[int, Public], (1, Private("a"))),
        (MISSING, Holder(Private("a"))),
        (MISSING, [{"k": Holder(Private("a"))}]),
        (Any, Holder(Private("a"))),
    ],
)
def test_subclass_is_cut_to_the_declared_fields(model: Any, result: Any, options: dict[str, Any]) -> None:
    assert SECRET.encode() not in encoder_for(model, ResultOptions(**options)).encode(result)


@pytest.mark.parametrize("result", [Holder(Public("a"), Private("b")), Holder(Public("a"), {"secret": SECRET})])  # type: ignore[arg-type]  # on purpose
def test_model_in_the_place_of_a_text_is_refused(result: Holder) -> None:
    with pytest.raises(ResponseValidationError):
        encoder_for(Holder, ResultOptions()).encode(result)


def test_private_attributes_of_an_object_of_no_declared_type_stay() -> None:
    row = types.SimpleNamespace(name="a", _secret=SECRET, _sa_instance_state=object())
    assert encoder_for(MISSING, ResultOptions()).encode(row) == b'{"name":"a"}'
