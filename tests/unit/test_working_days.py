"""Working days against a count day by day over a calendar of bank holidays written out from its rules."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from csc_indicators.working_days import working_days_expr
from tests.lib.oracles.common import bank_holidays, working_days

days = st.dates(dt.date(2013, 1, 1), dt.date(2027, 12, 31))


def found(*pairs):
    frame = pl.DataFrame(
        {"start": [start for start, _ in pairs], "end": [end for _, end in pairs]},
        schema={"start": pl.Date, "end": pl.Date},
    )
    return frame.select(working_days_expr(pl.col("start"), pl.col("end")))["working_days"].to_list()


@given(start=days, length=st.integers(-30, 120))
def test_they_are_those_counted_day_by_day(start, length):
    end = min(start + dt.timedelta(days=length), dt.date(2027, 12, 31))

    assert found((start, end)) == [working_days(start, end)]


def test_every_day_of_fifteen_years_is_a_working_day_or_not_as_the_calendar_has_it():
    every = [dt.date(2013, 1, 1) + dt.timedelta(days=number) for number in range(15 * 365 + 3)]
    pairs = [(day - dt.timedelta(days=1), day) for day in every]

    assert found(*pairs) == [int(day.weekday() < 5 and day not in bank_holidays(day.year)) for day in every]


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ("2025-03-31", "2025-03-31", 0),  # the day itself is day 0
        ("2025-03-31", "2025-04-01", 1),
        ("2024-03-28", "2024-04-02", 1),  # Good Friday and Easter Monday lie between
        ("2024-12-24", "2025-01-02", 4),
        ("2020-05-07", "2020-05-11", 1),  # the early May holiday was moved to Friday 8 May
        ("2020-05-01", "2020-05-05", 2),
        ("2022-06-01", "2022-06-06", 1),  # the spring holiday moved to a Thursday, and the jubilee after it
        ("2022-09-16", "2022-09-20", 1),  # the state funeral
        ("2023-05-05", "2023-05-09", 1),  # the coronation
        ("2021-12-24", "2021-12-29", 1),  # Christmas and Boxing Day given back on Monday and Tuesday
        ("2024-06-01", "2024-06-03", 1),  # from a Saturday
        ("2024-06-05", "2024-06-03", -2),
    ],
)
def test_at_holidays_weekends_and_backwards(start, end, expected):
    assert found((dt.date.fromisoformat(start), dt.date.fromisoformat(end))) == [expected]


def test_without_both_days_there_is_no_number():
    day = dt.date(2025, 3, 31)

    assert found((None, day), (day, None), (dt.date(1899, 12, 31), day)) == [None, None, None]
