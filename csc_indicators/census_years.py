"""Years that are not reporting years: those of the workforce census, and school years.

The workforce census is taken on 30 September, and its year, named by it, runs from the 1 October before:
`workforce_year(2025)` is 1 October 2024 to 30 September 2025.
"""

from __future__ import annotations

from calendar import isleap
from collections.abc import Sequence
from datetime import date

from csc_indicators.periods import Period, checked_year, reporting_year_of, years

WORKFORCE = "workforce"
"""The collection whose years end on 30 September."""
SUMMER_MONTHS = (8, 9)
"""August and September, in which most who change school do: a change then is not one within a school year."""


def workforce_year(census_year: int) -> Period:
    """The year that a workforce census is about: it ends with the day of the census, 30 September, and is named by it.

    >>> workforce_year(2025)
    Period(label='2025', start=datetime.date(2024, 10, 1), end=datetime.date(2025, 9, 30), kind='year')
    """
    ends = checked_year(census_year)
    return Period(str(ends), date(ends - 1, 10, 1), date(ends, 9, 30), "year")


def workforce_years(first_year: int, last_year: int) -> tuple[Period, ...]:
    """Every year of a workforce census from the first to the last, both included.

    >>> [period.end.isoformat() for period in workforce_years(2024, 2025)]
    ['2024-09-30', '2025-09-30']
    """
    return tuple(workforce_year(int(period.label)) for period in years(first_year, last_year))


def periods_in(collection: str, periods: Sequence[Period]) -> tuple[Period, ...]:
    """Periods as a collection has them: a year of workforce figures is that of the census of 30 September.

    >>> from csc_indicators.periods import year
    >>> periods_in("workforce", [year(2025)])[0].end, periods_in("cin", [year(2025)])[0].end
    (datetime.date(2025, 9, 30), datetime.date(2025, 3, 31))
    """
    if collection != WORKFORCE:
        return tuple(periods)
    return tuple(workforce_year(int(period.label)) if period.kind == "year" else period for period in periods)


def year_holding(collection: str, day: date) -> int:
    """The year of a collection that holds a day, by the number that names it.

    >>> year_holding("workforce", date(2025, 9, 30)), year_holding("cin", date(2025, 9, 30))
    (2025, 2026)
    """
    return day.year + (day > workforce_year(day.year).end) if collection == WORKFORCE else reporting_year_of(day)


def academic_year(ends: int) -> Period:
    """The school year that ends in a year: 1 September to 31 August.

    >>> academic_year(2025).start
    datetime.date(2024, 9, 1)
    """
    return Period(str(checked_year(ends)), date(ends - 1, 9, 1), date(ends, 8, 31), "year")


def has_leap_day(period: Period) -> bool:
    """Whether a 29 February lies in a period.

    >>> has_leap_day(workforce_year(2024)), has_leap_day(workforce_year(2025))
    (True, False)
    """
    leap_days = (date(leap, 2, 29) for leap in range(period.start.year, period.end.year + 1) if isleap(leap))
    return any(period.start <= day <= period.end for day in leap_days)
