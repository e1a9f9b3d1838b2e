"""Days as whole numbers since 1 January 1970, and their calendar: months that end early, working days of England."""

from __future__ import annotations

import datetime as dt
import functools

import holidays
import numpy as np

from csc_indicators.synthetic.draws import Whole

MONTHS_TO_ADULT = 18 * 12
CALENDAR_YEARS = range(1985, 2050)


def day_of(day: dt.date) -> int:
    """The number of a day.

    >>> day_of(dt.date(1970, 1, 2))
    1
    """
    return (day - dt.date(1970, 1, 1)).days


def year_start(year: int) -> int:
    """The 1 April on which a reporting year begins."""
    return day_of(dt.date(year - 1, 4, 1))


def year_end(year: int) -> int:
    """The 31 March on which a reporting year ends."""
    return day_of(dt.date(year, 3, 31))


def workforce_day(year: int) -> int:
    """The 30 September of the workforce census of a year, half a year after the end of that reporting year."""
    return day_of(dt.date(year, 9, 30))


def august_end(year: int) -> int:
    """The 31 August of a year, after which the next school year begins."""
    return day_of(dt.date(year, 8, 31))


def school_year_start(days: Whole) -> Whole:
    """The first 1 September on a day or after it."""
    year = _dates(days).astype("datetime64[Y]")
    september = (year.astype("datetime64[M]") + np.timedelta64(8, "M")).astype("datetime64[D]").astype(np.int64)
    following = ((year + 1).astype("datetime64[M]") + np.timedelta64(8, "M")).astype("datetime64[D]").astype(np.int64)
    return np.where(september >= days, september, following)


def after_months(days: Whole, months: int) -> Whole:
    """The same day of the month so many months on, or the last day of a shorter month.

    >>> after_months(np.array([day_of(dt.date(2024, 2, 29))]), 12)[0] == day_of(dt.date(2025, 2, 28))
    np.True_
    """
    month = _dates(days).astype("datetime64[M]")
    into_month = days - month.astype("datetime64[D]").astype(np.int64)
    target = month + np.timedelta64(months, "M")
    first = target.astype("datetime64[D]").astype(np.int64)
    following = (target + np.timedelta64(1, "M")).astype("datetime64[D]").astype(np.int64)
    return np.minimum(first + into_month, following - 1)


def adult_on(birth: Whole) -> Whole:
    """The eighteenth birthday."""
    return after_months(birth, MONTHS_TO_ADULT)


def working_day_from(days: Whole) -> Whole:
    """The day itself, or the next working day."""
    return after_working_days(days, np.zeros_like(days))


def after_working_days(days: Whole, count: Whole) -> Whole:
    """The working day so many working days after a day; one that is free counts as the next working day."""
    moved = np.busday_offset(_dates(days), count, roll="forward", busdaycal=_working_days())
    return moved.astype("datetime64[D]").astype(np.int64)


def working_days_between(start: Whole, end: Whole) -> Whole:
    """The working days after a working day, up to and including another day."""
    first, last = _dates(start + 1), _dates(end + 1)
    return np.busday_count(first, last, busdaycal=_working_days()).astype(np.int64)


@functools.cache
def _working_days() -> np.busdaycalendar:
    """The calendar of England: five days a week without bank holidays."""
    free = holidays.country_holidays("GB", subdiv="ENG", years=CALENDAR_YEARS)
    return np.busdaycalendar(holidays=[np.datetime64(day) for day in sorted(free)])


def _dates(days: Whole) -> np.ndarray[tuple[int, ...], np.dtype[np.datetime64]]:
    return days.astype("datetime64[D]")
