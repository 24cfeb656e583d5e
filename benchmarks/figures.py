"""What is made of the numbers that the rounds give."""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from typing import Final

SPREAD_NOTE: Final = "median of the rounds, ± half the distance between the quartiles"


@dataclass(frozen=True)
class Figure:
    """One measured quantity, with every round it was read in."""

    rounds: tuple[float, ...]

    @property
    def median(self) -> float:
        """The middle round: a burst of foreign load moves it little."""
        return statistics.median(self.rounds)

    @property
    def spread(self) -> float:
        """Distance between the quartiles, as a part of the median; 0 for a single round."""
        if len(self.rounds) == 1 or not self.median:
            return 0.0
        low, _, high = statistics.quantiles(self.rounds, n=4, method="inclusive")
        return (high - low) / self.median

    def ratio_to(self, other: Figure) -> float:
        """How many times the other's value ours is: each round against the same round, then the median of those."""
        return statistics.median(ours / theirs for ours, theirs in zip(self.rounds, other.rounds, strict=True))


def advantage(baseline: Figure | None, ours: Figure) -> float | None:
    """How many times our cost the baseline's is; `None` where the baseline was not measured."""
    return None if baseline is None else baseline.ratio_to(ours)
