"""What requests and responses are checked against: types that msgspec knows, and pydantic's models where pydantic is installed.

Interpreted: calls what users declare.
"""

from __future__ import annotations

import sys
from functools import lru_cache
from typing import Any, Protocol, cast, get_args

import msgspec

from fasterapi.binding.body import JsonBody
from fasterapi.binding.constraints import NO_CONSTRAINTS
from fasterapi.binding.scalars import FAIL
from fasterapi.client.body import plain
from fasterapi.client.errors import DeclarationError, FastHTTPValidationError
from fasterapi.errors import ErrorItem, Location


class Model(Protocol):
    """Reads JSON as one declared type."""

    def read(self, content: bytes) -> object:
        """The value; raises `FastHTTPValidationError` with every fault."""
        ...


class _PlainModel:
    def __init__(self, annotation: object, location: Location) -> None:
        try:
            self._body = JsonBody(annotation, NO_CONSTRAINTS, location)
        except (TypeError, ValueError) as error:
            raise DeclarationError(f"The model {annotation!r}: {error}") from error

    def read(self, content: bytes) -> object:
        errors: list[ErrorItem] = []
        value = self._body.decode(content, errors)
        if value is FAIL:
            raise _misfit(errors)
        return value


class _PydanticModel:
    def __init__(self, annotation: object, location: Location) -> None:
        # Found, not imported: whoever declared a model of pydantic's has imported it, and nobody else needs it.
        pydantic: Any = sys.modules["pydantic"]
        self._adapter: Any = pydantic.TypeAdapter(annotation)
        self._misfit: type[Exception] = pydantic.ValidationError
        self._location = location

    def read(self, content: bytes) -> object:
        try:
            return cast(object, self._adapter.validate_json(content))
        except self._misfit as error:
            found: list[ErrorItem] = cast(Any, error).errors(include_url=False)
            items: list[ErrorItem] = [{**item, "loc": (*self._location, *item["loc"])} for item in found]
            raise _misfit(items) from error


def model_of(annotation: object, where: str = "response") -> Model:
    """The reader of a type; made once for each."""
    try:
        return _model_of(annotation, where)
    except TypeError:
        # Not hashable, as some `Annotated` are.
        return _new_model(annotation, where)


def check_request(annotation: object, value: object) -> None:
    """Check what is about to be sent against its `request_model`; raises `FastHTTPValidationError`."""
    model_of(annotation, "request").read(msgspec.json.encode(plain(value)))


@lru_cache(maxsize=512)
def _model_of(annotation: object, where: str) -> Model:
    return _new_model(annotation, where)


def _new_model(annotation: object, where: str) -> Model:
    if has_pydantic(annotation):
        return _PydanticModel(annotation, (where,))
    return _PlainModel(annotation, (where,))


def has_pydantic(annotation: object) -> bool:
    """Whether a model of pydantic stands in an annotation."""
    pydantic: Any = sys.modules.get("pydantic")
    if pydantic is None:
        return False
    if isinstance(annotation, type) and issubclass(annotation, pydantic.BaseModel):
        return True
    return any(has_pydantic(argument) for argument in get_args(annotation))


def _misfit(errors: list[ErrorItem]) -> FastHTTPValidationError:
    faults = "; ".join([f"{'.'.join(str(part) for part in error['loc'])}: {error['msg']}" for error in errors[:5]])
    more = f" (and {len(errors) - 5} more)" if len(errors) > 5 else ""
    return FastHTTPValidationError(f"The model does not fit: {faults}{more}", errors=errors)
