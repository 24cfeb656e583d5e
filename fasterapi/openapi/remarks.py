"""What is said of a type around it: its bounds, and what a reader should know of it."""

from __future__ import annotations

import typing
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Final, NewType, NotRequired, Required, TypeVar, cast, final, get_args, get_origin

import msgspec
import typing_extensions

from fasterapi.binding.constraints import Constraints, constraints_of
from fasterapi.binding.markers import ParameterMarker
from fasterapi.binding.models import replace_variables
from fasterapi.binding.pydantic_types import is_pydantics
from fasterapi.openapi.json_values import INEXPRESSIBLE, Json, as_json, merge_into

_WRAPPERS: Final = (Required, NotRequired, typing_extensions.ReadOnly, typing.Final)


@final
class Remarks:
    """Title, description, examples and the like; of several that say the same, the outermost holds."""

    def __init__(self) -> None:
        self.title: str | None = None
        self.description: str | None = None
        self.deprecated: bool = False
        self.examples: list[object] = []
        self.extra: Json = {}

    def add(self, item: object) -> None:
        """Take what an item of `Annotated` says, if it says anything: `msgspec.Meta`, a marker, `pydantic.Field`."""
        if isinstance(item, ParameterMarker):
            options = item.options
            self._take(options.get("title"), options.get("description"), options.get("examples"), options.get("json_schema_extra"))
            self.deprecated = self.deprecated or bool(options.get("deprecated"))
        elif isinstance(item, msgspec.Meta):
            self._take(item.title, item.description, item.examples, item.extra_json_schema)
        elif type(item).__module__.partition(".")[0] == "pydantic":
            # By the name of the package, which need not be installed.
            said: Any = item
            self._take(
                getattr(said, "title", None),
                getattr(said, "description", None),
                getattr(said, "examples", None),
                getattr(said, "json_schema_extra", None),
            )
            self.deprecated = self.deprecated or bool(getattr(said, "deprecated", None))

    def write(self, schema: Json) -> None:
        """Put all of it into the schema."""
        if self.title is not None:
            schema["title"] = self.title
        if self.description is not None:
            schema["description"] = self.description
        if self.deprecated:
            schema["deprecated"] = True
        if self.examples:
            schema["examples"] = self.examples
        merge_into(schema, self.extra)

    def _take(self, title: object, description: object, examples: object, extra: object) -> None:
        if isinstance(title, str):
            self.title = title
        if isinstance(description, str):
            self.description = description
        if isinstance(examples, Iterable) and not isinstance(examples, str):
            found = [as_json(example) for example in examples]
            self.examples = [example for example in found if example is not INEXPRESSIBLE]
        if isinstance(extra, Mapping):
            merge_into(self.extra, cast("Mapping[str, Any]", extra))


@final
class Unwrapped:
    """An annotation without what is wrapped around it, and what the wrapping says.

    Example: `Unwrapped(Annotated[int, msgspec.Meta(ge=1)], NO_CONSTRAINTS).annotation` is `int`.
    """

    def __init__(self, annotation: Any, constraints: Constraints) -> None:
        self.remarks: Final = Remarks()
        self.is_pydantics: Final = is_pydantics(annotation)
        """Whether pydantic writes its schema, and all that is said around it."""
        while not self.is_pydantics:
            origin = get_origin(annotation)
            if origin is Annotated:
                annotation, *items = get_args(annotation)
                for item in items:
                    constraints = constraints.merged(item.constraints if isinstance(item, ParameterMarker) else constraints_of(item))
                    self.remarks.add(item)
            elif origin in _WRAPPERS:
                annotation = get_args(annotation)[0]
            elif isinstance(annotation, NewType):
                annotation = annotation.__supertype__
            elif isinstance(annotation, TypeVar):
                annotation = replace_variables(annotation, {})
            else:
                break
        self.annotation: Final[Any] = annotation
        self.constraints: Final = constraints
