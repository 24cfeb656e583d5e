from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fasterapi.http.dates import http_date, parse_http_date


@given(st.datetimes(timezones=st.just(UTC)))
def test_a_moment_is_written_as_the_standard_library_writes_it(moment: datetime) -> None:
    assert http_date(moment) == format_datetime(moment, usegmt=True)


def test_any_zone_becomes_gmt() -> None:
    assert http_date(datetime(1994, 11, 6, 10, 49, 37, tzinfo=timezone(timedelta(hours=2)))) == "Sun, 06 Nov 1994 08:49:37 GMT"


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="does not say its time zone"):
        http_date(datetime(1994, 11, 6))  # noqa: DTZ001


@given(st.datetimes(timezones=st.just(UTC)))
def test_what_is_written_is_read(moment: datetime) -> None:
    assert parse_http_date(http_date(moment)) == (moment.replace(microsecond=0) - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds()


@pytest.mark.parametrize("text", ["Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"])
def test_every_form_of_a_date_is_read(text: str) -> None:
    assert parse_http_date(text) == 784111777


def test_two_digits_are_a_year_within_fifty_of_this_one() -> None:
    ahead = datetime.now(UTC).year + 51
    read = parse_http_date(f"Sunday, 06-Nov-{ahead % 100:02} 08:49:37 GMT")
    assert read is not None
    assert datetime.fromtimestamp(read, UTC).year == ahead - 100


def test_a_leap_second_is_read() -> None:
    assert parse_http_date("Sat, 31 Dec 2016 23:59:60 GMT") == parse_http_date("Sat, 31 Dec 2016 23:59:59 GMT")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "Sun, 06 Nov 1994 08:49:37 CET",
        "Sun, 31 Feb 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 25:49:37 GMT",
        "Sun, 06 Nov 1994 08:49 GMT",
        "Sun, 06 Nev 1994 08:49:37 GMT",
        "Sun, \u0660\u0666 Nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 0000 08:49:37 GMT",
        "Sun, 06 Nov 19940 08:49:37 GMT",
        "Sunday, 06-Nov-9x 08:49:37 GMT",
        "Sunday, 06-Nov 08:49:37 GMT",
        "Sun, " + "9" * 10_000 + " Nov 1994 08:49:37 GMT",
        "784111777",
    ],
)
def test_what_is_no_date_is_none(text: str) -> None:
    assert parse_http_date(text) is None


@given(st.text())
def test_no_text_makes_the_reading_of_a_date_fail(text: str) -> None:
    parse_http_date(text)
