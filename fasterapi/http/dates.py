"""Points in time as headers write them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

_DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def http_date(moment: datetime) -> str:
    """A moment of any zone as `Sun, 06 Nov 1994 08:49:37 GMT`, in English on every machine (RFC 9110, 5.6.7).

    Raises `ValueError` for one that does not say its zone.
    """
    if moment.utcoffset() is None:
        raise ValueError(f"{moment!r} does not say its time zone. Write datetime.now(timezone.utc), or .astimezone().")
    utc = moment.astimezone(UTC)
    day = _DAYS[utc.weekday()]
    month = _MONTHS[utc.month - 1]
    return f"{day}, {utc.day:02} {month} {utc.year:04} {utc.hour:02}:{utc.minute:02}:{utc.second:02} GMT"
