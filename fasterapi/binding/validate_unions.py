"""The second pass over values of one type or another."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, final

from typing_extensions import override

from fasterapi.binding.scalars import FAIL
from fasterapi.binding.validate_choices import EnumValidator, LiteralValidator
from fasterapi.binding.validate_models import NOT_AN_OBJECT, NOT_AN_OBJECT_KIND
from fasterapi.binding.validate_scalars import AnyValidator, DecimalValidator, UuidValidator
from fasterapi.binding.validator import ALWAYS, ARRAY, EXACT, NO_FIELDS, OBJECT, Outcome, Validator, Walk

_MAX_TOLD: Final = 8
"""So often the faults of one value are told within the choices of the unions around it; their number doubles with each."""


@final
class NullableValidator(Validator):
    """`T | None`."""

    def __init__(self, inner: Validator) -> None:
        super().__init__()
        self._inner = inner

    @override
    def check(self, value: object, walk: Walk) -> object:
        return None if value is None else self._inner.check(value, walk)

    @override
    def label(self) -> str:
        return f"nullable[{self._inner.label()}]"

    @override
    def shape(self) -> int:
        return self._inner.shape()

    @override
    def children(self) -> list[Validator]:
        return [self._inner]


@final
class UnionValidator(Validator):
    """`A | B`: the choice that fits best, by what FastAPI calls smart mode.

    A choice that takes the value unconverted wins at once. Else the model with the most fields given wins, then the
    least conversion, then the earlier choice. Where no choice fits, the faults of all are told.
    """

    def __init__(self, choices: list[Validator]) -> None:
        super().__init__()
        self._choices = choices
        self._shape = 0
        for choice in choices:
            # msgspec 0.22 corrupts its memory over a union of something bounded and an array, and where it refuses a union.
            if choice.is_bounded or _is_ambiguous(choice) or choice.shape() & self._shape:
                self.doubts = ALWAYS
            self._shape |= choice.shape()

    @override
    def check(self, value: object, walk: Walk) -> object:
        outcome = self._outcome(value, walk)
        if outcome.value is FAIL:
            if not walk.quiet and outcome.told < _MAX_TOLD:
                outcome.told += 1
                self._explain(value, walk)
            return FAIL
        walk.lower(outcome.exactness)
        if outcome.fields != NO_FIELDS:
            walk.add_fields(outcome.fields)
        return outcome.value

    def _outcome(self, value: object, walk: Walk) -> Outcome:
        """The best choice, found without telling faults.

        Arrays and objects are asked once only: in unions of models that hold unions the number of questions would
        double at each level of nesting.
        """
        if not isinstance(value, (list, dict)):
            return self._best(value, walk)
        asked = (id(self), id(value))
        outcome = walk.outcomes.get(asked)
        if outcome is None:
            outcome = self._best(value, walk)
            walk.outcomes[asked] = outcome
        return outcome

    def _best(self, value: object, walk: Walk) -> Outcome:
        quiet, exactness, fields = walk.quiet, walk.exactness, walk.fields
        walk.quiet = True
        best = Outcome(FAIL, EXACT, NO_FIELDS)
        for choice in self._choices:
            walk.exactness = EXACT
            walk.fields = NO_FIELDS
            converted = choice.check(value, walk)
            if converted is FAIL:
                continue
            found = Outcome(converted, walk.exactness, walk.fields)
            if found.exactness == EXACT and found.fields == NO_FIELDS:
                best = found
                break
            if best.value is FAIL or _is_better(found, best):
                best = found
        walk.quiet, walk.exactness, walk.fields = quiet, exactness, fields
        return best

    def _explain(self, value: object, walk: Walk) -> None:
        for choice in self._choices:
            walk.path.append(choice.label())
            choice.check(value, walk)
            walk.path.pop()
            if walk.gives_up():
                break

    @override
    def label(self) -> str:
        return f"union[{','.join([choice.label() for choice in self._choices])}]"

    @override
    def shape(self) -> int:
        return self._shape

    @override
    def children(self) -> list[Validator]:
        return list(self._choices)


def _is_ambiguous(choice: Validator) -> bool:
    """Whether the decoder, which goes by the kind of JSON value alone, may take this choice where FastAPI prefers another."""
    if isinstance(choice, LiteralValidator):
        return not choice.is_text
    return isinstance(choice, (AnyValidator, EnumValidator, DecimalValidator, UuidValidator))


def _is_better(found: Outcome, best: Outcome) -> bool:
    if found.fields != best.fields and min(found.fields, best.fields) != NO_FIELDS:
        return found.fields > best.fields
    return found.exactness > best.exactness


@final
class TaggedUnionValidator(Validator):
    """Structs that a tag tells apart (`tag=`, `tag_field=`)."""

    def __init__(self, tag_field: str, choices: Mapping[str | int, Validator], arrays: bool) -> None:
        super().__init__()
        self._tag_field = tag_field
        self._choices = dict(choices)
        self._arrays = arrays
        self._expected: Final = ", ".join([repr(tag) for tag in choices])

    @override
    def check(self, value: object, walk: Walk) -> object:
        if self._arrays:
            if not isinstance(value, list):
                return walk.refuse("list_type", "Input should be a valid list", value)
            tag: object = value[0] if value else FAIL
        else:
            if not isinstance(value, dict):
                return walk.refuse(NOT_AN_OBJECT_KIND, NOT_AN_OBJECT, value)
            tag = value.get(self._tag_field, FAIL)
        if tag is FAIL:
            discriminator = repr(self._tag_field)
            message = f"Unable to extract tag using discriminator {discriminator}"
            return walk.refuse_with("union_tag_not_found", message, value, {"discriminator": discriminator})
        return self._check_tagged(tag, value, walk)

    def _check_tagged(self, tag: object, value: object, walk: Walk) -> object:
        if isinstance(tag, (str, int)) and not isinstance(tag, bool):
            choice = self._choices.get(tag)
            if choice is not None:
                walk.path.append(tag)
                converted = choice.check(value, walk)
                walk.path.pop()
                return converted
        discriminator = repr(self._tag_field)
        message = f"Input tag '{tag}' found using {discriminator} does not match any of the expected tags: {self._expected}"
        context: dict[str, object] = {"discriminator": discriminator, "tag": str(tag), "expected_tags": self._expected}
        return walk.refuse_with("union_tag_invalid", message, value, context)

    @override
    def label(self) -> str:
        return f"tagged-union[{','.join([choice.label() for choice in self._choices.values()])}]"

    @override
    def shape(self) -> int:
        return ARRAY if self._arrays else OBJECT

    @override
    def children(self) -> list[Validator]:
        return list(self._choices.values())


@final
class DeferredValidator(Validator):
    """Stands for an alias that names itself (`type Tree = list[Tree]`) until the alias is read to its end."""

    def __init__(self) -> None:
        super().__init__()
        self.target: Validator | None = None

    @override
    def check(self, value: object, walk: Walk) -> object:
        target = self.target
        assert target is not None
        if not walk.enter(value):
            return FAIL
        converted = target.check(value, walk)
        walk.leave()
        return converted

    @override
    def label(self) -> str:
        return "..."

    @override
    def children(self) -> list[Validator]:
        return [] if self.target is None else [self.target]
