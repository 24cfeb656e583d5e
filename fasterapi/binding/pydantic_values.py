"""Values of pydantic's types: checked by pydantic, in its lax mode, as FastAPI has them checked."""

from __future__ import annotations

import decimal
import warnings
from typing import Annotated, Any, Final, cast, final

from typing_extensions import override

from fasterapi.binding.constraints import Constraints
from fasterapi.binding.scalar_converter import FAIL, OTHERS, Converter
from fasterapi.errors import ErrorItem, Location

DIFFERENCES: Final[tuple[tuple[str, str, str], ...]] = (
    ("More than 5,000 faults in one body", "all are told", "their number is told"),
    ("One of several models of a form: `Annotated[A | B, Form()]`", "is the one that fits", "is refused at start-up"),
    ("A model whose annotations name something unknown", "status 500 for each request", "is refused at start-up"),
    ("`Header()` and its like in place of `Field` in a model", "are fields", "are refused at start-up"),
    ("`Field(validate_default=True)` beside a parameter", "holds the default to the type", "leaves it as it is"),
    ("An optional model of a form, in the document", "says how a form without it looks", "is the model or `null`"),
)
"""Where we part from FastAPI on purpose: the case, what FastAPI does, what we do."""

_MOST_FAULTS: Final = 5000
"""Of more only their number is told, so that a small bad body cannot become a huge answer: pydantic tells all or none."""

_AS_A_WHOLE: Final = (
    " What holds a model of pydantic is pydantic's as a whole: make a msgspec.Struct or attrs class in it a BaseModel or a dataclass."
)


@final
class PydanticType:
    """One annotation as pydantic knows it.

    Example: `PydanticType(list[Item], NO_CONSTRAINTS).check([{"name": "a"}], ("body",), [])` is a list of one `Item`.
    """

    def __init__(self, annotation: Any, constraints: Constraints) -> None:
        """Raises `TypeError` for an annotation that pydantic knows nothing of."""
        from pydantic import Field, PydanticSchemaGenerationError, PydanticUserError, TypeAdapter
        from pydantic import warnings as warned_of

        written: dict[str, Any] = {name: value for name, value in constraints.written.items() if name != "tz"}
        bounded: Any = Annotated[annotation, Field(**written)] if written else annotation
        with warnings.catch_warnings():
            # An alias in a `Field` beside a parameter means the parameter's name, which pydantic cannot know.
            if hasattr(warned_of, "UnsupportedFieldAttributeWarning"):
                warnings.simplefilter("ignore", warned_of.UnsupportedFieldAttributeWarning)
            try:
                adapter: Any = TypeAdapter(bounded)
                if not adapter.pydantic_complete:
                    # Else the first request would find out.
                    adapter.rebuild(raise_errors=True)
            except (PydanticUserError, NameError, ImportError) as error:
                hint = _AS_A_WHOLE if isinstance(error, PydanticSchemaGenerationError) else ""
                raise TypeError(f"pydantic does not know {_named(annotation)}: {_reason(error)}.{hint}") from error
        self.adapter: Final[Any] = adapter
        self._validate: Final[Any] = adapter.validate_python

    def check(self, value: object, location: Location, errors: list[ErrorItem]) -> object:
        """The value as the declared type, or `FAIL` after its faults were appended to `errors`."""
        try:
            return self._validate(value, from_attributes=True)
        except ValueError as error:
            if not hasattr(error, "errors"):
                raise
            found = cast(Any, error)
            count: int = found.error_count()
            if count > _MOST_FAULTS:
                errors.append({"type": "too_many_faults", "loc": location, "msg": f"Input has {count} faults", "input": None})
                return FAIL
            told = found.errors(include_url=False)
        for fault in told:
            item: ErrorItem = {"type": fault["type"], "loc": (*location, *fault["loc"]), "msg": fault["msg"], "input": fault["input"]}
            if "ctx" in fault:
                item["ctx"] = {name: _plain(detail) for name, detail in fault["ctx"].items()}
            errors.append(item)
        return FAIL


@final
class PydanticConverter(Converter):
    """Text to a type of pydantic's that one text stands for: `EmailStr`, `HttpUrl`, `Annotated[str, AfterValidator(...)]`."""

    def __init__(self, annotation: object, constraints: Constraints) -> None:
        super().__init__("pydantic", False, OTHERS)
        self._type = PydanticType(annotation, constraints)

    @override
    def convert(self, text: str) -> object:
        return self._type.check(text, (), [])

    @override
    def explain(self, text: str, location: Location) -> list[ErrorItem]:
        errors: list[ErrorItem] = []
        self._type.check(text, location, errors)
        return errors


def _plain(detail: object) -> object:
    """A detail of a fault as FastAPI's answer has it: of an exception nothing is told but its message, which stands beside it."""
    if isinstance(detail, Exception):
        return {}
    if isinstance(detail, decimal.Decimal):
        exponent = detail.as_tuple().exponent
        return int(detail) if isinstance(exponent, int) and exponent >= 0 else float(detail)
    return detail


def _named(annotation: object) -> str:
    return annotation.__qualname__ if isinstance(annotation, type) else str(annotation)


def _reason(error: Exception) -> str:
    """What pydantic says, without its advice to take whatever it is unchecked, and without links."""
    return str(error).partition(" Set `arbitrary_types_allowed")[0].partition("\n")[0].rstrip(".")
