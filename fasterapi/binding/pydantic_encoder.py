"""Results of pydantic's types: checked and written by pydantic, by the route's options."""

from __future__ import annotations

from typing import Any, Final, cast, final

from typing_extensions import override

from fasterapi.binding.constraints import NO_CONSTRAINTS
from fasterapi.binding.pydantic_values import PydanticType
from fasterapi.binding.result_options import ResultEncoder, ResultOptions
from fasterapi.binding.scalars import FAIL
from fasterapi.errors import ErrorItem, Location, ResponseValidationError

_RESPONSE: Final[Location] = ("response",)


@final
class PydanticEncoder(ResultEncoder):
    """Encodes what is declared as a type of pydantic's: an instance, a dict, or any object with its attributes."""

    def __init__(self, annotation: object, options: ResultOptions) -> None:
        """Raises `TypeError` for an annotation that pydantic knows nothing of."""
        self._type = PydanticType(annotation, NO_CONSTRAINTS)
        adapter = self._type.adapter
        self._dump_json: Final[Any] = adapter.dump_json
        self._dump_python: Final[Any] = adapter.dump_python
        self._options: Final[dict[str, Any]] = {
            "include": _names(options.include),
            "exclude": _names(options.exclude),
            "by_alias": options.by_alias,
            "exclude_unset": options.exclude_unset,
            "exclude_defaults": options.exclude_defaults,
            "exclude_none": options.exclude_none,
        }

    @override
    def encode(self, result: object) -> bytes:
        return cast(bytes, self._dump_json(self._checked(result), **self._options))

    @override
    def plain(self, result: object) -> object:
        return cast(object, self._dump_python(self._checked(result), mode="json", **self._options))

    def _checked(self, result: object) -> object:
        errors: list[ErrorItem] = []
        value = self._type.check(result, _RESPONSE, errors)
        if value is FAIL:
            raise ResponseValidationError(errors, body=result)
        return value


def _names(written: object) -> object:
    """What is to be named as a set where it is a list or tuple, which FastAPI takes too."""
    return set(written) if isinstance(written, (list, tuple)) else written
