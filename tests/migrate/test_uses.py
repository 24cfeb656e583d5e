from __future__ import annotations

from pathlib import Path

import pytest

from tests.migrate.samples import migrated

MODELS = """from pydantic import BaseModel

class Part(BaseModel):
    n: int

class Whole(BaseModel):
    part: Part

"""


def use(tmp_path: Path, source: str) -> tuple[str, list[str]]:
    """The rewritten lines after the models, and what is told but calls of models."""
    after, found = migrated(tmp_path, f"{MODELS}{source}\n")
    return after.rpartition("    part: Part\n\n")[2].rstrip("\n"), [line for line in found if "no longer validated" not in line]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("def f(p: Part): p.model_dump()", "def f(p: Part): msgspec.structs.asdict(p)"),
        ("def f(p: Part): p.model_dump(mode='json')", "def f(p: Part): msgspec.to_builtins(p)"),
        ("def f(p: Part | None): p.model_dump_json()", "def f(p: Part | None): msgspec.json.encode(p).decode()"),
        ("def f(p: Part): p.dict()", "def f(p: Part): msgspec.structs.asdict(p)"),
        ("def f(p: Part): p.model_copy(update={'n': 2})", "def f(p: Part): msgspec.structs.replace(p, **{'n': 2})"),
        ("p = Part(n=1)\np.copy()", "p = Part(n=1)\nmsgspec.structs.replace(p)"),
        ("p: Part = make()\np.json()", "p: Part = make()\nmsgspec.json.encode(p).decode()"),
        ("Part(**values)", "msgspec.convert(values, Part, strict=False)"),
        ("Part(**values, n=1)", "msgspec.convert(dict(**values, n=1), Part, strict=False)"),
        ("Part.model_validate(x)", "msgspec.convert(x, Part, strict=False)"),
        ("Part.model_validate(x, from_attributes=True)", "msgspec.convert(x, Part, strict=False, from_attributes=True)"),
        ("Part.model_validate_json(x)", "msgspec.json.decode(x, type=Part, strict=False)"),
        ("Part.model_validate(x).model_dump()", "msgspec.structs.asdict(msgspec.convert(x, Part, strict=False))"),
        ("response.json(); mapping.copy()", "response.json(); mapping.copy()"),
    ],
)
def test_calls_do_the_same(tmp_path: Path, before: str, after: str) -> None:
    assert use(tmp_path, before) == (after, [])


ATTRIBUTES = """from pydantic import BaseModel, ConfigDict

class Base(BaseModel):
    model_config = ConfigDict(from_attributes=True)

class Row(Base):
    n: int

"""


@pytest.mark.parametrize("call", ["Row.model_validate(x)", "Row.model_validate(x, from_attributes=True)", "Row.from_orm(x)"])
def test_what_is_made_of_attributes_stays_so(tmp_path: Path, call: str) -> None:
    after, _ = migrated(tmp_path, f"{ATTRIBUTES}{call}\n")
    assert after.endswith("\nmsgspec.convert(x, Row, strict=False, from_attributes=True)\n")


def test_models_in_models_are_dumped_too_with_a_word(tmp_path: Path) -> None:
    after, found = use(tmp_path, "def f(w: Whole): w.model_dump()")
    assert after == "def f(w: Whole): msgspec.to_builtins(w)"
    assert found == ["9: msgspec.to_builtins makes texts of dates, UUIDs, Decimals and the like, where model_dump left them as they are"]


@pytest.mark.parametrize(
    "source",
    [
        "def f(p: Part): p.model_dump(exclude_unset=True)",
        "def f(x: Part | Whole): ...",
        "Part.model_json_schema()",
        "def f(p: Part): dict(p)",
        "x.model_fields_set",
        "def f(x: BaseModel): ...",
        "from pydantic import ValidationError\ntry: ...\nexcept ValidationError: ...",
    ],
)
def test_models_stay_where_no_struct_would_do(tmp_path: Path, source: str) -> None:
    after, found = migrated(tmp_path, f"{MODELS}{source}\n")
    assert after == f"{MODELS}{source}\n"
    assert [line for line in found if "Part stays a model of pydantic" in line] != []


def test_models_stay_where_it_cannot_be_told_what_is_one(tmp_path: Path) -> None:
    source = f"{MODELS}from pydantic import EmailStr\nclass Other(BaseModel):\n    x: EmailStr\n\nthing.model_dump()\n"
    after, found = migrated(tmp_path, source)
    assert after == source
    assert "13: it cannot be told whose model_dump() this is" in found


def test_unknown_objects_are_taken_for_models_where_all_models_change_with_a_word(tmp_path: Path) -> None:
    after, found = use(tmp_path, "thing.model_dump_json()")
    assert after == "msgspec.json.encode(thing).decode()"
    assert found == ["9: it cannot be told whose model_dump_json() this is: it was taken for that of a model"]


def test_models_of_other_packages_are_left(tmp_path: Path) -> None:
    source = "from sdk import Answer\nAnswer.model_validate(x)"
    assert use(tmp_path, source) == (source, [])
