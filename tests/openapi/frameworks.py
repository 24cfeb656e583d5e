"""FastAPI and fasterapi, with what tests declare with them, and the documents of the same application under both."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Annotated, Any, Final, Literal, TypeAlias, Union

import fastapi
import fastapi.responses
import fastapi.security
import fastapi.sse
import msgspec
import pydantic
from pydantic.alias_generators import to_camel

import fasterapi
import fasterapi.http.responses
import fasterapi.security
import fasterapi.sse
from fasterapi.http.streaming import StreamingResponse

Framework: TypeAlias = SimpleNamespace
"""A framework's names, and the makers of its own models: `model`, `tagged`, `union`, `note`."""

Declare: TypeAlias = Callable[[Framework, fasterapi.Faster], None]
"""Declares routes; FastAPI's application is handed to it as if it were ours."""

Fields: TypeAlias = dict[str, tuple[Any, Any]]
"""The fields of a model: their types and their defaults, `...` for none."""


def pydantic_model(name: str, fields: Fields, *, rename: bool = False, alone: bool = False) -> Any:
    """A model of pydantic; `rename` writes its fields in camel case, `alone` refuses others."""
    generate = to_camel if rename else None
    config = pydantic.ConfigDict(alias_generator=generate, extra="forbid" if alone else "ignore")
    definitions: dict[str, Any] = dict(fields)
    return pydantic.create_model(name, __config__=config, **definitions)


def struct(name: str, fields: Fields, *, rename: bool = False, alone: bool = False, tag: str | None = None) -> Any:
    """The same as a Struct."""
    written: list[Any] = []
    for key, (annotation, default) in fields.items():
        written.append((key, annotation) if default is ... else (key, annotation, default))
    return msgspec.defstruct(name, written, rename="camel" if rename else None, forbid_unknown_fields=alone, kw_only=True, tag=tag)


THEIRS: Final = Framework(
    **vars(fastapi),
    model=pydantic_model,
    tagged=lambda name, tag, fields: pydantic_model(name, {"type": (Literal[tag], ...), **fields}),
    union=lambda *members: Annotated[Union[members], pydantic.Field(discriminator="type")],
    note=pydantic.Field,
)
OURS: Final = Framework(
    **{name: getattr(fasterapi, name) for name in fasterapi.__all__},
    responses=Framework(**vars(fasterapi.http.responses), StreamingResponse=StreamingResponse),
    sse=fasterapi.sse,
    security=fasterapi.security,
    model=struct,
    tagged=lambda name, tag, fields: struct(name, fields, tag=tag),
    union=lambda *members: Union[members],
    note=msgspec.Meta,
)


def their_document(declare: Declare, **options: Any) -> dict[str, Any]:
    """FastAPI's document."""
    app: Any = fastapi.FastAPI(title="Both", **options)
    declare(THEIRS, app)
    document: dict[str, Any] = app.openapi()
    return document


def our_document(declare: Declare, **options: Any) -> dict[str, Any]:
    """Our document."""
    app = fasterapi.Faster(title="Both", **options)
    declare(OURS, app)
    return app.openapi()
