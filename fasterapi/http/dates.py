"""Points in time as headers write them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

_DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


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


def parse_http_date(text: str) -> int | None:
    """The seconds since 1970 of a header's date, in any of the three forms that there are (RFC 9110, 5.6.7); `None` for other text."""
    words = text.split()
    if len(words) == 6 and words[5] == "GMT":
        return _seconds(words[3], words[2], words[1], words[4])
    if len(words) == 5:
        return _seconds(words[4], words[1], words[2], words[3])
    if len(words) == 4 and words[3] == "GMT":
        day = words[1].split("-")
        if len(day) == 3 and _is_number(day[2]) and len(day[2]) == 2:
            return _seconds(str(_whole_year(int(day[2]))), day[1], day[0], words[2])
    return None


def _seconds(year: str, month: str, day: str, time: str) -> int | None:
    clock = time.split(":")
    if month not in _MONTHS or len(clock) != 3 or len(year) != 4:
        return None
    for number in (year, day, *clock):
        if len(number) > 4 or not _is_number(number):
            return None
    try:
        # The 61st second of a minute, which datetime lacks, is its last one.
        moment = datetime(int(year), _MONTHS.index(month) + 1, int(day), int(clock[0]), int(clock[1]), min(int(clock[2]), 59), tzinfo=UTC)
    except ValueError:
        return None
    return int((moment - _EPOCH).total_seconds())


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _whole_year(last_digits: int) -> int:
    """A year of two digits that would be more than 50 years ahead is one of the past (RFC 9110, 5.6.7)."""
    this_year = datetime.now(UTC).year
    year = this_year - this_year % 100 + last_digits
    return year - 100 if year > this_year + 50 else year
