"""Periods of time: reporting years, their quarters and months, rolling years, and calendar arithmetic.

A reporting year runs from 1 April to 31 March and is named by the year in which it ends: 2025 is 1 April 2024 to
31 March 2025. Rates use the population at the middle of the calendar year before that name.

| kind | label | days |
|---|---|---|
| `year` | `2025` | 1 April 2024 to 31 March 2025 |
| `quarter` | `2024-25 Q1` | 1 April to 30 June 2024 |
| `month` | `2024-04` | 1 to 30 April 2024 |
| `rolling_year` | `year to 2024-06` | 1 July 2023 to 30 June 2024 |

Windows are counted in calendar months, never in days, so a leap year changes no figure. Each rule exists twice, for one
date in Python and for a column in polars, and the two agree on every day from `EARLIEST_DATE` to `LATEST_DATE`. The
column form looks each day up in a table of the calendar, which is many times faster than calculating it per row; a
date outside the calendar gives null, as an absent date does.
"""

from __future__ import annotations

import functools
import itertools
import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Literal, get_args

import polars as pl

from csc_indicators.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

PeriodKind = Literal["year", "quarter", "month", "rolling_year"]

EARLIEST_DATE = date(1900, 1, 1)
LATEST_DATE = date(2099, 12, 31)
"""The calendar within which dates of children and workers are computed with; a date outside it is a slip of typing."""

FIRST_REPORTING_YEAR = 1901
LAST_REPORTING_YEAR = 2099

MONTHS_IN_YEAR = 12
ADULT_AGE = 18
_YEAR_END_MONTH = 3
_EPOCH = date(1970, 1, 1)
_LONGEST_MOVE = 1200
_PACKED_YEAR = 512
_PACKED_MONTH = 32
_DAY_IN_PERIOD = "__day_in_period"

_LABEL_FORMS = "a reporting year (2025), a quarter (2024-25 Q1), a month (2024-04) or twelve months (year to 2024-06)"


@dataclass(frozen=True)
class Period:
    """A span of whole days, both ends included.

    Make one with `year`, `quarters`, `months`, `rolling_years` or `parse_period`. Raises `UsageError` when it ends
    before it starts.

    >>> Period("2025", date(2024, 4, 1), date(2025, 3, 31), "year") == year(2025)
    True
    """

    label: str
    start: date
    end: date
    kind: PeriodKind

    def __post_init__(self) -> None:
        if self.end < self.start:
            raise UsageError(
                f"Period {self.label} ends ({self.end}) before it starts ({self.start}): swap the two dates."
            )

    @property
    def reporting_year(self) -> int:
        """The reporting year that contains the last day.

        >>> parse_period("year to 2024-06").reporting_year
        2025
        """
        return reporting_year_of(self.end)

    @property
    def mid_year(self) -> int:
        """The mid-year whose population a rate for this period uses: the calendar year before the reporting year.

        >>> year(2025).mid_year
        2024
        """
        return self.reporting_year - 1


def reporting_year_of(day: date) -> int:
    """The reporting year that contains a day: the year of the 31 March on or after it.

    >>> reporting_year_of(date(2024, 3, 31)), reporting_year_of(date(2024, 4, 1))
    (2024, 2025)
    """
    return day.year + (day.month > _YEAR_END_MONTH)


def checked_year(reporting_year: int) -> int:
    """The year, when it is one that there are periods of. Raises `UsageError` when it is not."""
    if reporting_year not in range(FIRST_REPORTING_YEAR, LAST_REPORTING_YEAR + 1):
        raise UsageError(
            f"{reporting_year!r} is not a reporting year: give the year in which it ends, as a number from "
            f"{FIRST_REPORTING_YEAR} to {LAST_REPORTING_YEAR} (2025 is April 2024 to March 2025)."
        )
    return reporting_year


def year(reporting_year: int) -> Period:
    """One reporting year.

    >>> year(2025)
    Period(label='2025', start=datetime.date(2024, 4, 1), end=datetime.date(2025, 3, 31), kind='year')
    """
    ends = checked_year(reporting_year)
    return Period(str(ends), date(ends - 1, 4, 1), date(ends, 3, 31), "year")


def years(first_year: int, last_year: int) -> tuple[Period, ...]:
    """Every reporting year from the first to the last, both included.

    >>> [period.label for period in years(2022, 2025)]
    ['2022', '2023', '2024', '2025']
    """
    return periods_between(first_year, last_year, "year")


def quarters(reporting_year: int) -> tuple[Period, ...]:
    """The four quarters of a reporting year; the first is April to June.

    >>> [(period.label, period.start.isoformat()) for period in quarters(2025)][:2]
    [('2024-25 Q1', '2024-04-01'), ('2024-25 Q2', '2024-07-01')]
    """
    days = months(reporting_year)
    name = f"{reporting_year - 1}-{reporting_year % 100:02d}"
    return tuple(
        Period(f"{name} Q{quarter}", days[3 * quarter - 3].start, days[3 * quarter - 1].end, "quarter")
        for quarter in range(1, 5)
    )


def months(reporting_year: int) -> tuple[Period, ...]:
    """The twelve calendar months of a reporting year, April first.

    >>> [period.label for period in months(2025)][::11]
    ['2024-04', '2025-03']
    """
    april = date(checked_year(reporting_year) - 1, 4, 1)
    return tuple(_month(add_months(april, later)) for later in range(MONTHS_IN_YEAR))


def _month(first_day: date) -> Period:
    return Period(f"{first_day:%Y-%m}", first_day, add_months(first_day, 1) - timedelta(days=1), "month")


def rolling_years(reporting_year: int) -> tuple[Period, ...]:
    """The twelve spans of twelve months that end with each month of a reporting year; the last is the year itself.

    They overlap, so an event counts in up to twelve of them: use `in_periods`.

    >>> [(period.label, period.start.isoformat()) for period in rolling_years(2025)][::11]
    [('year to 2024-04', '2023-05-01'), ('year to 2025-03', '2024-04-01')]
    """
    return tuple(_rolling_year(month) for month in months(reporting_year))


def _rolling_year(month: Period) -> Period:
    return Period(f"year to {month.label}", add_months(month.start, 1 - MONTHS_IN_YEAR), month.end, "rolling_year")


def periods_between(first_year: int, last_year: int, kind: PeriodKind = "year") -> tuple[Period, ...]:
    """Every period of one kind in the reporting years from the first to the last, both included, in order of time.

    Raises `UsageError` when the years are reversed or the kind is none of `year`, `quarter`, `month`, `rolling_year`.

    >>> len(periods_between(2024, 2025, "quarter"))
    8
    """
    if kind not in get_args(PeriodKind):
        raise UsageError(f"{kind!r} is not a kind of period: choose one of {', '.join(get_args(PeriodKind))}.")
    if checked_year(first_year) > checked_year(last_year):
        raise UsageError(
            f"The years run backwards, from {first_year} to {last_year}: ask for {last_year} to {first_year}."
        )
    make: dict[PeriodKind, Callable[[int], tuple[Period, ...]]] = {
        "year": lambda reporting_year: (year(reporting_year),),
        "quarter": quarters,
        "month": months,
        "rolling_year": rolling_years,
    }
    return tuple(period for each in range(first_year, last_year + 1) for period in make[kind](each))


def parse_period(label: str) -> Period:
    """The period a label names. Raises `UsageError`, saying what to type, when it names none.

    >>> parse_period("2024-25 Q4").end
    datetime.date(2025, 3, 31)
    """
    text = label.strip()
    if re.fullmatch(r"[0-9]{4}", text):
        return year(int(text))
    if found := re.fullmatch(r"([0-9]{4})-([0-9]{2}) Q([1-4])", text):
        starts, ends, quarter = (int(part) for part in found.groups())
        if (starts + 1) % 100 == ends:
            return quarters(starts + 1)[quarter - 1]
    if found := re.fullmatch(r"(year to )?([0-9]{4})-(0[1-9]|1[0-2])", text):
        starts, month = int(found[2]), int(found[3])
        ends = starts + (month > _YEAR_END_MONTH)
        every = rolling_years(ends) if found[1] else months(ends)
        return every[(month - _YEAR_END_MONTH - 1) % MONTHS_IN_YEAR]
    hint = ""
    if (found := re.fullmatch(r"([0-9]{4})[-/]([0-9]{2})?([0-9]{2})", text)) and (int(found[1]) + 1) % 100 == int(
        found[3]
    ):
        hint = f" The year that starts in April {found[1]} is {int(found[1]) + 1}."
    raise UsageError(f"{label!r} is not a period: type {_LABEL_FORMS}.{hint}")


def add_months(day: date, months_later: int) -> date:
    """The same day of the month so many months later (earlier when negative), or the last day of a shorter month.

    >>> add_months(date(2024, 2, 29), 12), add_months(date(2024, 3, 31), -1)
    (datetime.date(2025, 2, 28), datetime.date(2024, 2, 29))
    """
    ahead, month = divmod(day.month - 1 + months_later, MONTHS_IN_YEAR)
    target, month = day.year + ahead, month + 1
    if not date.min.year <= target <= date.max.year:
        raise UsageError(f"{months_later} months from {day} is outside the calendar; ask for fewer")
    return date(target, month, min(day.day, monthrange(target, month)[1]))


def completed_years(birth: date, on: date) -> int | None:
    """Age in whole years on a day, by the calendar; None before birth.

    A person turns a year older on the anniversary of birth; one born on 29 February, on 1 March in a common year.

    >>> completed_years(date(2008, 2, 29), date(2025, 2, 28)), completed_years(date(2008, 2, 29), date(2025, 3, 1))
    (16, 17)
    """
    if on < birth:
        return None
    return on.year - birth.year - ((on.month, on.day) < (birth.month, birth.day))


def add_months_expr(day: pl.Expr, months_later: int) -> pl.Expr:
    """`add_months` for a Date column; the result is a Date column named `moved_date`.

    Raises `UsageError` unless the number of months is whole and within 1,200 either way.

    >>> frame = pl.DataFrame({"seen": [date(2024, 2, 29), None]})
    >>> frame.select(add_months_expr(pl.col("seen"), 12)).to_series().to_list()
    [datetime.date(2025, 2, 28), None]
    """
    if months_later not in range(-_LONGEST_MOVE, _LONGEST_MOVE + 1):
        raise UsageError(f"{months_later!r} is not a number of months: give a whole number such as 12.")
    return looked_up(_calendar_moved(months_later), EARLIEST_DATE, day)


def months_before(day: pl.Expr, months: int) -> pl.Expr:
    """The first day of a window of so many months that ends on `day`: a Date column named `moved_date`.

    An earlier event is within the window when its date is on or after this one. Raises `UsageError` when the number of
    months is negative or not whole.

    >>> frame = pl.DataFrame({"referral_date": [date(2024, 2, 29), date(2025, 3, 31)]})
    >>> frame.select(months_before(pl.col("referral_date"), 12)).to_series().to_list()
    [datetime.date(2023, 2, 28), datetime.date(2024, 3, 31)]
    """
    if months not in range(_LONGEST_MOVE + 1):
        raise UsageError(f"{months!r} is not the length of a window: give a whole number of months such as 12.")
    return add_months_expr(day, -months)


def completed_years_expr(birth: pl.Expr, on: pl.Expr) -> pl.Expr:
    """`completed_years` for Date columns: Int16, named `completed_years`, null before birth or without both dates.

    >>> frame = pl.DataFrame({"birth_date": [date(2008, 2, 29), date(2025, 4, 1)]})
    >>> frame.select(completed_years_expr(pl.col("birth_date"), pl.lit(date(2025, 3, 31)))).to_series().to_list()
    [17, None]
    """
    # Year, month and day share one integer, so one subtraction borrows a year when the anniversary is still to come.
    packed = _calendar_packed()
    apart = looked_up(packed, EARLIEST_DATE, on) - looked_up(packed, EARLIEST_DATE, birth)
    return pl.when(apart >= 0).then(apart // _PACKED_YEAR).cast(pl.Int16).alias("completed_years")


@functools.cache
def _calendar() -> pl.Series:
    return pl.date_range(EARLIEST_DATE, LATEST_DATE, eager=True)


@functools.lru_cache(maxsize=64)
def _calendar_moved(months_later: int) -> pl.Series:
    return _calendar().dt.offset_by(f"{months_later}mo").alias("moved_date")


@functools.cache
def _calendar_packed() -> pl.Series:
    days = _calendar().dt
    month, day = days.month().cast(pl.Int32), days.day().cast(pl.Int32)
    return days.year() * _PACKED_YEAR + month * _PACKED_MONTH + day


def looked_up(table: pl.Series, first_day: date, day: pl.Expr) -> pl.Expr:
    """The entry of a table with one row per day from `first_day`; null outside it."""
    row = day.cast(pl.Date).to_physical() - (first_day - _EPOCH).days
    return pl.lit(table).gather(pl.when(row.is_between(0, len(table) - 1)).then(row))


def period_dtype(periods: Sequence[Period]) -> pl.Enum:
    """The type of a `period` column: an Enum of the labels in the order given.

    Raises `UsageError` when there are no periods or a label occurs twice.

    >>> period_dtype(years(2024, 2025))
    Enum(categories=['2024', '2025'])
    """
    labels = [period.label for period in periods]
    if not labels:
        raise UsageError("No period was asked for: give at least one, such as year(2025).")
    repeated = [label for label in dict.fromkeys(labels) if labels.count(label) > 1]
    if repeated:
        raise UsageError(f"Period {repeated[0]} was asked for more than once: name each period once.")
    return pl.Enum(labels)


def overlapping(periods: Sequence[Period]) -> tuple[Period, Period] | None:
    """Two periods that share a day, or None."""
    in_order = sorted(periods, key=lambda period: period.start)
    return next((pair for pair in itertools.pairwise(in_order) if pair[1].start <= pair[0].end), None)


def period_of(day: pl.Expr, periods: Sequence[Period]) -> pl.Expr:
    """The period that holds each day of a Date column: an Enum column named `period`, null outside them all.

    Raises `UsageError` when periods overlap, because a day then has no single period: `in_periods` is for those.

    >>> frame = pl.DataFrame({"seen": [date(2024, 3, 31), date(2024, 4, 1), date(2025, 4, 1)]})
    >>> frame.select(period_of(pl.col("seen"), years(2024, 2025))).to_series().to_list()
    ['2024', '2025', None]
    """
    dtype = period_dtype(periods)
    if pair := overlapping(periods):
        raise UsageError(f"Periods {pair[0].label} and {pair[1].label} overlap: use in_periods, which repeats rows.")
    in_order = sorted(periods, key=lambda period: period.start)
    labels: list[str | None] = []
    for period in in_order:
        gap = (period.start - in_order[0].start).days - len(labels)
        labels += [None] * gap + [period.label] * ((period.end - period.start).days + 1)
    return looked_up(pl.Series("period", labels, dtype=dtype), in_order[0].start, day)


def in_periods(frame: pl.LazyFrame | pl.DataFrame, day: str, periods: Sequence[Period]) -> pl.LazyFrame:
    """The rows whose date lies in the periods, once for each period that holds it, with an Enum column `period`.

    Rows without a date, or with one outside every period, are left out. Rows keep their order, and a repeated row
    comes in the order of `periods`. A `period` column already there is replaced. Where no periods overlap nothing is
    repeated, and the cost is that of `period_of`.

    Args:
        frame: any table.
        day: the name of its Date column.
        periods: in any order; they may overlap.

    Raises:
        UsageError: no periods, or a label twice.

    >>> frame = pl.DataFrame({"seen": [date(2024, 4, 30), date(2023, 4, 30)]})
    >>> spans = [parse_period("year to 2024-04"), parse_period("year to 2024-05")]
    >>> in_periods(frame, "seen", spans).collect().rows()
    [(datetime.date(2024, 4, 30), 'year to 2024-04'), (datetime.date(2024, 4, 30), 'year to 2024-05')]
    """
    dtype = period_dtype(periods)
    first, last = min(period.start for period in periods), max(period.end for period in periods)
    dated = frame.lazy().filter(pl.col(day).cast(pl.Date).is_between(first, last))
    if not overlapping(periods):
        # The label is null only in a gap between two periods.
        return dated.with_columns(period_of(pl.col(day), periods)).filter(pl.col("period").is_not_null())
    spans = pl.LazyFrame(
        {
            "period": pl.Series([period.label for period in periods], dtype=dtype),
            _DAY_IN_PERIOD: [pl.date_range(period.start, period.end, eager=True) for period in periods],
        }
    )
    by_day = spans.explode(_DAY_IN_PERIOD)
    repeated = dated.drop("period", strict=False).join(
        by_day, left_on=day, right_on=_DAY_IN_PERIOD, coalesce=True, maintain_order="left_right"
    )
    return repeated.select(pl.exclude(_DAY_IN_PERIOD))
