"""The texts that stand for values without a form of their own in JSON, as FastAPI writes them."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

_MICROSECOND: Final = timedelta(microseconds=1)


def duration_text(duration: timedelta) -> str:
    """A duration by ISO 8601, with years of 365 days: `duration_text(timedelta(hours=25)) == "P1DT1H"`."""
    total = duration // _MICROSECOND
    sign = "-" if total < 0 else ""
    seconds, microseconds = divmod(abs(total), 1_000_000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    years, days = divmod(days, 365)
    date = _part(years, "Y") + _part(days, "D")
    time = _part(hours, "H") + _part(minutes, "M")
    if microseconds:
        time += f"{seconds}.{microseconds:06}".rstrip("0") + "S"
    else:
        time += _part(seconds, "S")
    if not date and not time:
        return "PT0S"
    return f"{sign}P{date}T{time}" if time else f"{sign}P{date}"


def _part(count: int, unit: str) -> str:
    return f"{count}{unit}" if count else ""


def key_of(plain: object) -> object:
    """A plain value as the key of a JSON object; what the encoder cannot take for a key stays as it is."""
    if plain is None:
        return "None"
    if isinstance(plain, bool):
        return "true" if plain else "false"
    if isinstance(plain, (list, tuple)):
        return ",".join([str(key_of(item)) for item in plain])
    return plain
