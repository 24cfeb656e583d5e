"""Work that keeps a processor busy, and needs nothing that an isolated interpreter could not load."""

from __future__ import annotations


def count_primes(limit: int) -> int:
    """How many primes are below `limit`, by trial division."""
    count = 0
    for candidate in range(2, limit):
        divisor = 2
        while divisor * divisor <= candidate and candidate % divisor:
            divisor += 1
        count += divisor * divisor > candidate
    return count
