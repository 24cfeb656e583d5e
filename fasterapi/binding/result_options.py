"""What a route's options leave out of its answers, and what every encoder of results is."""

from __future__ import annotations

from typing import Final, final

import msgspec

from fasterapi.binding.result_filter import EVERYTHING, IncEx, filter_of

_decode: Final = msgspec.json.Decoder().decode


@final
class ResultOptions:
    """What a route's `response_model_…` options leave out of an answer.

    Example: `ResultOptions(exclude={"password"}, exclude_none=True)`.
    """

    def __init__(
        self,
        *,
        include: IncEx | None = None,
        exclude: IncEx | None = None,
        exclude_unset: bool = False,
        exclude_defaults: bool = False,
        exclude_none: bool = False,
        by_alias: bool = True,
    ) -> None:
        self.include: Final = include
        self.exclude: Final = exclude
        self.filter: Final = filter_of(include, exclude)
        self.exclude_unset: Final = exclude_unset
        self.exclude_defaults: Final = exclude_defaults
        self.exclude_none: Final = exclude_none
        self.by_alias: Final = by_alias

    @property
    def send_all(self) -> bool:
        """Whether nothing is left out and nothing goes by another name."""
        excludes = self.exclude_unset or self.exclude_defaults or self.exclude_none
        return self.filter is EVERYTHING and self.by_alias and not excludes


class ResultEncoder:
    """Encodes the results of one route; made once, at start-up."""

    def encode(self, result: object) -> bytes:
        """The result as JSON. Raises `ResponseValidationError` for one that does not fit."""
        raise NotImplementedError

    def plain(self, result: object) -> object:
        """The same as the values that `json.loads` would give, for a response class that writes them itself."""
        return _decode(self.encode(result))
