"""Working days: Monday to Friday less the bank holidays of England.

The published bands begin with the day itself as day 0: an assessment authorised on the day it started took no working
day ("same day"), one authorised on the next working day took one.
"""

from __future__ import annotations

import functools

import holidays
import polars as pl

from csc_indicators.periods import EARLIEST_DATE, LATEST_DATE, looked_up

SATURDAY = 6


def working_days_expr(start: pl.Expr, end: pl.Expr) -> pl.Expr:
    """The working days after one day, up to and including another: Int32, named `working_days`.

    Negative where the end is before the start, null without both days. A span that starts on a weekend or a bank
    holiday counts from the next working day as day 1.

    Source: the duration bands of DfE's assessment and conference tables; bank holidays of England from the `holidays`
    library.

    >>> import datetime as dt
    >>> frame = pl.DataFrame(
    ...     {
    ...         "start": [dt.date(2024, 5, 10), dt.date(2024, 5, 10), dt.date(2024, 5, 11), dt.date(2024, 5, 24)],
    ...         "end": [dt.date(2024, 5, 10), dt.date(2024, 5, 13), dt.date(2024, 5, 13), dt.date(2024, 5, 28)],
    ...     }
    ... )
    >>> frame.select(working_days_expr(pl.col("start"), pl.col("end"))).to_series().to_list()
    [0, 1, 1, 1]
    """
    passed = _working_days_passed()
    return (looked_up(passed, EARLIEST_DATE, end) - looked_up(passed, EARLIEST_DATE, start)).alias("working_days")


@functools.cache
def _working_days_passed() -> pl.Series:
    """For each day of the calendar, the working days from its beginning up to and including that day."""
    days = pl.date_range(EARLIEST_DATE, LATEST_DATE, eager=True)
    in_england = holidays.country_holidays("GB", subdiv="ENG", years=range(EARLIEST_DATE.year, LATEST_DATE.year + 1))
    free = pl.Series(sorted(in_england), dtype=pl.Date)
    works = (days.dt.weekday() < SATURDAY) & ~days.is_in(free.implode())
    return works.cast(pl.Int32).cum_sum()
