from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fasterapi.http.dates import http_date


@given(st.datetimes(timezones=st.just(UTC)))
def test_a_moment_is_written_as_the_standard_library_writes_it(moment: datetime) -> None:
    assert http_date(moment) == format_datetime(moment, usegmt=True)


def test_any_zone_becomes_gmt() -> None:
    assert http_date(datetime(1994, 11, 6, 10, 49, 37, tzinfo=timezone(timedelta(hours=2)))) == "Sun, 06 Nov 1994 08:49:37 GMT"


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="does not say its time zone"):
        http_date(datetime(1994, 11, 6))  # noqa: DTZ001
