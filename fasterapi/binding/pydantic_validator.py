"""Bodies, forms and models of parameters of pydantic's types."""

from __future__ import annotations

from typing import final

from typing_extensions import override

from fasterapi.binding.constraints import Constraints
from fasterapi.binding.pydantic_values import PydanticType
from fasterapi.binding.validator import ALWAYS, Validator, Walk


@final
class PydanticValidator(Validator):
    """A type that is pydantic's as a whole, so that no validator of ours stands around it."""

    def __init__(self, annotation: object, constraints: Constraints) -> None:
        super().__init__()
        self.doubts = ALWAYS
        self._type = PydanticType(annotation, constraints)

    @override
    def check(self, value: object, walk: Walk) -> object:
        return self._type.check(value, walk.location(), walk.errors)

    @override
    def label(self) -> str:
        return "pydantic"
