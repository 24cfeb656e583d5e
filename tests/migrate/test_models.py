from __future__ import annotations

from pathlib import Path

import pytest

from tests.migrate.samples import migrated

HEAD = "from pydantic import BaseModel, ConfigDict, Field\n"


def body_of(tmp_path: Path, body: str, head: str = HEAD) -> str:
    """The body of a model, rewritten."""
    after, found = migrated(tmp_path, f"{head}\nclass Model(BaseModel):\n    {body}\n")
    assert found == []
    assert "class Model(msgspec.Struct, kw_only=True" in after
    return after.partition(":\n    ")[2].rstrip("\n")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("x: int", "x: int"),
        ("x: int = 1  # one", "x: int = 1  # one"),
        ("x: int = Field()", "x: int"),
        ("x: int = Field(...)", "x: int"),
        ("x: int = Field(1)", "x: int = 1"),
        ("x: int = Field(default=1, ge=0)", "x: Annotated[int, msgspec.Meta(ge=0)] = 1"),
        ("x: str = Field(max_length=3, pattern='a')", "x: Annotated[str, msgspec.Meta(max_length=3, pattern='a')]"),
        ("x: int | None = Field(None, gt=0)", "x: Annotated[int, msgspec.Meta(gt=0)] | None = None"),
        ("x: list = []", "x: list = []"),
        ("x: list = [1]", "x: list = msgspec.field(default_factory=lambda: [1])"),
        ("x: set = set()", "x: set = set()"),
        ("x: list = Field(default_factory=list)", "x: list = msgspec.field(default_factory=list)"),
        ("x: int | str = 1", "x: int | str = 1"),
        ("pass", "pass"),
    ],
)
def test_fields_say_the_same(tmp_path: Path, before: str, after: str) -> None:
    assert body_of(tmp_path, before) == after


def test_field_in_annotated_is_meta(tmp_path: Path) -> None:
    head = f"from typing import Annotated\n{HEAD}"
    assert body_of(tmp_path, "x: Annotated[int, Field(ge=0), 'more'] = 1", head) == "x: Annotated[int, msgspec.Meta(ge=0), 'more'] = 1"


@pytest.mark.parametrize(
    ("said", "option"),
    [
        ("extra='forbid'", ", forbid_unknown_fields=True"),
        ("extra='ignore'", ""),
        ("frozen=True", ", frozen=True"),
        ("from_attributes=True", ""),
    ],
)
def test_configuration_becomes_options(tmp_path: Path, said: str, option: str) -> None:
    expected = f"import msgspec\n\nclass Model(msgspec.Struct, kw_only=True{option}):\n    x: int\n"
    after, found = migrated(tmp_path, f"{HEAD}\nclass Model(BaseModel):\n    model_config = ConfigDict({said})\n    x: int\n")
    assert (after, found) == (expected, [])
    after, found = migrated(tmp_path, f"{HEAD}\nclass Model(BaseModel):\n    x: int\n\n    class Config:\n        {said}\n")
    assert (after, found) == (expected, [])


def test_comments_docstrings_and_methods_stay(tmp_path: Path) -> None:
    rest = '    """Text."""\n\n    # About x.\n    x: int  # x\n\n    @property\n    def double(self) -> int:\n        return  self.x*2\n'
    after, _ = migrated(tmp_path, f"from pydantic import BaseModel\n\n\nclass Model(BaseModel):\n{rest}")
    assert after == f"import msgspec\n\n\nclass Model(msgspec.Struct, kw_only=True):\n{rest}"


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("x: EmailStr", "msgspec has no EmailStr"),
        ("x: 'list[EmailStr]'", "msgspec has no EmailStr"),
        ("x: Path", "msgspec may not know pathlib.Path"),
        ("x: int = Field(alias='y')", "Field(alias=...) has no counterpart"),
        ("x: int = Field(**more)", "Field(**=...) has no counterpart"),
        ("x: int = make()", "a default is made by a call, which pydantic copies for each object"),
        ("x: Decimal = Field(ge=0)", "ge holds for no Decimal in msgspec"),
        ("x: date | datetime", "msgspec tells the members of a union apart only where each is of another kind"),
        ("_x: int = 1", "it has a private attribute"),
        ("model_config = ConfigDict(populate_by_name=True)", "its configuration populate_by_name=True has no counterpart"),
        ("class Config:\n        extra = 'allow'", "its configuration extra='allow' has no counterpart"),
        ("class Config:\n        def alias_generator(name): ...", "its configuration does more than naming values"),
        ("class Other:\n        x: int", "it has an inner class Other"),
        ("def __init__(self): ...", "it has a __init__ of its own"),
        ("@field_validator('x')\n    def check(cls, x): ...", "its method check has a decorator"),
        ("x = 1", "its body does more than declaring fields and methods"),
        ("x: t.ClassVar[int] = 1", "msgspec may take t.ClassVar for a field: write ClassVar"),
    ],
)
def test_models_that_would_change_stay_and_are_told(tmp_path: Path, body: str, reason: str) -> None:
    head = "import typing as t\nfrom pathlib import Path\nfrom pydantic import BaseModel, ConfigDict, EmailStr, Field, field_validator\n"
    source = f"{head}class Model(BaseModel):\n    {body}\n"
    after, found = migrated(tmp_path, source)
    assert (after, len(found)) == (source, 1)
    assert found[0].endswith(f": Model stays a model of pydantic: {reason}")


def test_related_models_stay_together(tmp_path: Path) -> None:
    inner = "class Inner(BaseModel):\n    x: EmailStr\n"
    outer = "class Outer(BaseModel):\n    inner: list[Inner]\n"
    derived = "class Derived(Outer):\n    y: int\n"
    source = f"from pydantic import BaseModel, EmailStr\n{inner}{outer}{derived}"
    after, found = migrated(tmp_path, source)
    assert after == source
    assert [line.partition(": ")[2] for line in found] == [
        "Inner stays a model of pydantic: msgspec has no EmailStr",
        "Outer stays a model of pydantic: Inner, which it is related to, cannot be one",
        "Derived stays a model of pydantic: Outer, which it is related to, cannot be one",
    ]


def test_models_of_other_files_are_known(tmp_path: Path) -> None:
    from fasterapi.migrate.project import migrate

    (tmp_path / "base.py").write_text("from pydantic import BaseModel\nclass Base(BaseModel):\n    x: int\n")
    (tmp_path / "derived.py").write_text("from base import Base\nclass Derived(Base):\n    y: int\n")
    changed = {change.path.name: change.after.decode() for change in migrate(tmp_path).changes}
    assert changed["derived.py"] == "from base import Base\nclass Derived(Base, kw_only=True):\n    y: int\n"
