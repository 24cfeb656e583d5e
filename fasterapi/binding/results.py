"""A handler's result becomes the JSON of the answer, filtered and converted as its response model says."""

from __future__ import annotations

import datetime
import decimal
import uuid
from typing import Any, Final, cast, final

import msgspec
from typing_extensions import override

from fasterapi.binding.markers import MISSING
from fasterapi.binding.pydantic_encoder import PydanticEncoder
from fasterapi.binding.pydantic_types import is_pydantics
from fasterapi.binding.result_builder import Shapes
from fasterapi.binding.result_filter import IncEx
from fasterapi.binding.result_options import ResultEncoder, ResultOptions
from fasterapi.binding.result_shape import Dump, Shape, has_any_of, is_convertible, is_faithful
from fasterapi.binding.scalars import FAIL
from fasterapi.binding.validator import MAX_DEPTH, Walk
from fasterapi.errors import ErrorItem, Location, ResponseValidationError

__all__ = ["DIFFERENCES", "IncEx", "ResultEncoder", "ResultOptions", "encoder_for"]

DIFFERENCES: Final[tuple[tuple[str, str, str], ...]] = (
    ("An instance of the model with a value of another type in a field", "is sent as it is", "is converted, or refused"),
    ("A value for a field that the model gives a bound", "is held to it where it becomes a model", "is held to it in an instance too"),
    ("`response_model_exclude_unset` for an instance", "keeps what its maker set", "keeps what is not the default"),
    ("A dict for a model with renamed fields", "must have the aliases", "may have the names of the attributes"),
    ("An object for a model with renamed fields", "is asked for attributes by alias", "is asked for them by their names"),
    ("An object with attributes, or a mapping that is no dict, for a dataclass", "is refused", "is taken"),
    ("A member of a plain `Enum` with a text for an int", "is sent as the text", "is refused"),
    ("A text for a `Sequence[Any]`", "is sent as it is", "is refused"),
    ("Private attributes of an object of no declared type", "are sent", "are not sent"),
    ("A key that begins with `_sa`, where nothing is declared", "is left out", "is sent, but for SQLAlchemy's `_sa_…`"),
    ("A dataclass in a result of no declared type", "is taken apart field by field", "is sent as its class declares"),
    ("A path, or a mapping that is no dict, in a result of type `Any`", "status 500", "is sent"),
    ("An iterator, a range or a view of a dict where nothing is declared", "status 500", "is sent as a list"),
    ("A result that JSON cannot carry", "raises another exception than `ResponseValidationError`", "raises `ResponseValidationError`"),
)
"""Where we part from FastAPI on purpose: the case, what FastAPI does, what we do."""

_RESPONSE: Final[Location] = ("response",)

# Types that a handler gives as themselves: what stands for one of them as text is converted as FastAPI converts it.
_AS_THEY_ARE: Final = (bytes, bytearray, datetime.datetime, datetime.date, datetime.time, datetime.timedelta, uuid.UUID, decimal.Decimal)

_encode: Final = msgspec.json.Encoder().encode

_SHAPES: Final = Shapes(False)
_MARKING_SHAPES: Final = Shapes(True)


@final
class ShapeEncoder(ResultEncoder):
    """Encodes what has a shape."""

    def __init__(self, annotation: object, shape: Shape, options: ResultOptions) -> None:
        self._shape = shape
        self._options = options
        self._is_direct = options.send_all and is_faithful(shape)
        self._wanted: Any = annotation
        self._is_convertible = self._is_direct and is_convertible(shape) and _is_known(annotation)
        self._as_they_are = _AS_THEY_ARE if has_any_of(_AS_THEY_ARE, shape) else None

    @override
    def encode(self, result: object) -> bytes:
        try:
            if self._is_direct and self._shape.fits(result, 0):
                return _encode(result)
            return _encode(self._converted(result))
        except RecursionError:
            # Only the interpreted build comes here: its stack may end before the limit on depth.
            errors: list[ErrorItem] = []
            walk = Walk(_RESPONSE, errors)
            walk.depth = MAX_DEPTH
            walk.enter(result)
            raise ResponseValidationError(errors, body=result) from None

    def _converted(self, result: object) -> object:
        """What the encoder writes as the result is to be written."""
        if self._is_convertible and _is_of_dicts(result):
            found = self._quickly_converted(result)
            if found is not FAIL and self._shape.fits(found, 0):
                return found
        errors: list[ErrorItem] = []
        walk = Walk(_RESPONSE, errors)
        found = self._shape.check(result, walk)
        if found is not FAIL and not (self._is_direct and self._shape.fits(found, 0)):
            options = self._options
            dump = Dump(walk, options.by_alias, options.exclude_unset, options.exclude_defaults, options.exclude_none)
            found = self._shape.plain(found, options.filter, dump)
        if found is FAIL:
            raise ResponseValidationError(errors, body=result)
        return found

    def _quickly_converted(self, result: object) -> object:
        try:
            return msgspec.convert(result, self._wanted, builtin_types=self._as_they_are)
        except Exception:  # noqa: BLE001 - the other way meets it again: it can tell it, or finds that FastAPI takes the value
            return FAIL


def _is_of_dicts(result: object) -> bool:
    """Whether it is a dict or seems to be a list of them; for anything else `msgspec.convert` knows less than the shape."""
    if type(result) is list:
        items = cast("list[object]", result)
        return bool(items) and type(items[0]) is dict
    return type(result) is dict


def _is_known(annotation: Any) -> bool:
    try:
        msgspec.json.Decoder(annotation)
    except (TypeError, ValueError, NotImplementedError):
        return False
    return True


def encoder_for(model: object, options: ResultOptions) -> ResultEncoder:
    """The encoder for a response model or return annotation, `MISSING` where a handler declares none.

    Raises `TypeError` for a model that cannot be sent as JSON.
    Example: `encoder_for(list[Item], ResultOptions(exclude_none=True)).encode(rows)`.
    """
    if model is MISSING:
        # As in FastAPI, the options are about a model: without one they say nothing.
        return ShapeEncoder(MISSING, _SHAPES.undeclared, ResultOptions())
    if is_pydantics(model):
        return PydanticEncoder(model, options)
    shapes = _MARKING_SHAPES if options.exclude_unset else _SHAPES
    return ShapeEncoder(model, shapes.shape_of(model), options)
