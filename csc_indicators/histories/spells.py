"""Spells: cases and plans that begin and end, and which of them were open on a day or in a period.

A spell is open on a day when it began by then and had not ended by then; one that ends on the day is over. A spell
without an end is known to be open only up to the last census that returned it, `known_to`: one that vanished from the
later returns is not open for ever. DfE's figure for 31 March reads that year's return alone and says the same.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

import polars as pl

from csc_indicators.histories.moments import moment
from csc_indicators.periods import Period, period_dtype


def open_on(day: date | pl.Expr, *, begins: str, ends: str) -> pl.Expr:
    """True for a spell that is open at the end of a day.

    >>> frame = pl.DataFrame(
    ...     {
    ...         "began": [date(2024, 1, 1)] * 4,
    ...         "ended": [date(2025, 3, 31), date(2025, 4, 1), None, None],
    ...         "known_to": [date(2025, 3, 31), date(2025, 3, 31), date(2025, 3, 31), date(2024, 3, 31)],
    ...     }
    ... )
    >>> frame.select(open_on(date(2025, 3, 31), begins="began", ends="ended")).to_series().to_list()
    [False, True, True, False]
    """
    still_open = (pl.col(ends) > day) | (pl.col(ends).is_null() & (pl.col("known_to") >= day))
    return ((pl.col(begins) <= day) & still_open).fill_null(value=False).alias("open")


def end_of_period(periods: Sequence[Period]) -> pl.Expr:
    """The last day of the period of each row.

    >>> from csc_indicators.periods import years
    >>> both = years(2024, 2025)
    >>> frame = pl.DataFrame({"period": pl.Series(["2025", "2024"], dtype=period_dtype(both))})
    >>> frame.select(end_of_period(both)).to_series().to_list()
    [datetime.date(2025, 3, 31), datetime.date(2024, 3, 31)]
    """
    ends = pl.Series("period_end", [period.end for period in periods])
    return pl.lit(ends).gather(pl.col("period").to_physical())


def open_at_ends(
    rows: pl.DataFrame | pl.LazyFrame, periods: Sequence[Period], *, begins: str, ends: str
) -> pl.LazyFrame:
    """The spells that are open at the end of each period, once for each, with `period`, `period_start`, `period_end`.

    Args:
        rows: One row a spell, with `known_to`.
        periods: The periods, in any order; they may overlap.
        begins: The column of the day it began.
        ends: The column of the day it ended, null while it is open.
    """
    return _of_each(rows, periods, lambda period: open_on(period.end, begins=begins, ends=ends))


def open_during(
    rows: pl.DataFrame | pl.LazyFrame, periods: Sequence[Period], *, begins: str, ends: str
) -> pl.LazyFrame:
    """The spells that are open on any day of each period, once for each, with `period`, `period_start`, `period_end`.

    A spell that ended on the first day of a period was open until that day and is one of them, as is one that began
    and ended within it.
    """

    def open_in(period: Period) -> pl.Expr:
        not_over = (pl.col(ends) >= period.start) | (pl.col(ends).is_null() & (pl.col("known_to") >= period.start))
        return (pl.col(begins) <= period.end) & not_over

    return _of_each(rows, periods, open_in)


def _of_each(
    rows: pl.DataFrame | pl.LazyFrame, periods: Sequence[Period], chosen: Callable[[Period], pl.Expr]
) -> pl.LazyFrame:
    """The rows chosen for each period, one period after the other: rows times periods would not fit."""
    labels = period_dtype(periods)
    return pl.concat(
        [
            rows.lazy()
            .filter(chosen(period))
            .with_columns(
                period=pl.lit(period.label, dtype=labels),
                period_start=pl.lit(period.start),
                period_end=pl.lit(period.end),
            )
            for period in periods
        ]
    )


def with_open_spell(
    rows: pl.LazyFrame, spells: pl.LazyFrame, *, day: str, begins: str, ends: str, name: str
) -> pl.LazyFrame:
    """Add to each row whether any spell of its child is open on a day.

    Args:
        rows: The rows, with `child_key`.
        spells: One row a spell: `child_key` and `known_to`.
        day: The day of the row.
        begins: The column of the day a spell began.
        ends: The column of the day it ended, null while it is open.
        name: The name of the new Boolean column.
    """
    # Of the spells that began by a day the one that reaches furthest is open then if any is. Child and day are one
    # number, so the furthest so far of all children is that of this one, or belongs to one before.
    reaches = pl.coalesce(pl.col(ends), pl.col("known_to") + pl.duration(days=1), pl.col(begins))
    furthest = (
        spells.select(_moment=moment(begins), _furthest=moment(reaches))
        .sort("_moment")
        .with_columns(pl.col("_furthest").cum_max())
    )
    return (
        rows.with_columns(_moment=moment(day))
        .sort("_moment")
        .join_asof(furthest, on="_moment", strategy="backward", check_sortedness=False)
        .with_columns((pl.col("_furthest") > pl.col("_moment")).fill_null(value=False).alias(name))
        .drop("_moment", "_furthest")
    )
