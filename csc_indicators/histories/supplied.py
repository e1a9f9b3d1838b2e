"""Supplied tables by period: the rows of a year, and the social care group of a child in it."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from csc_indicators.codes import LA_CODE
from csc_indicators.errors import UsageError
from csc_indicators.periods import Period, period_dtype


def of_years(rows: pl.DataFrame | pl.LazyFrame, periods: Sequence[Period]) -> pl.LazyFrame:
    """The rows of tables that are made once a year, with `period` and `period_end`.

    Raises:
        UsageError: a period is no reporting year: such a table says nothing of a part of one.

    >>> from csc_indicators.periods import year
    >>> of_years(pl.DataFrame({"year": [2024, 2025]}), [year(2025)]).collect().row(0)
    (2025, '2025', datetime.date(2025, 3, 31))
    """
    for period in periods:
        if period.kind != "year":
            raise UsageError(f"the table is of whole years and says nothing of {period.label}; ask for csc.years(...)")
    named = pl.LazyFrame(
        {
            "year": pl.Series([period.reporting_year for period in periods], dtype=pl.Int32),
            "period": pl.Series([period.label for period in periods], dtype=period_dtype(periods)),
            "period_end": [period.end for period in periods],
        }
    )
    return rows.lazy().with_columns(pl.col("year").cast(pl.Int32)).join(named, on="year", how="inner")


def at_ends(rows: pl.DataFrame | pl.LazyFrame, periods: Sequence[Period], *, day: str) -> pl.LazyFrame:
    """The rows that had happened by the end of each period, once for each, with `period` and its first and last day."""
    return rows.lazy().join(_spans(periods), how="cross").filter(pl.col(day) <= pl.col("period_end"))


def over_years(rows: pl.DataFrame | pl.LazyFrame, periods: Sequence[Period]) -> pl.LazyFrame:
    """Every row once for each period, with `period` and its first and last day.

    Raises:
        UsageError: a period is no reporting year.
    """
    for period in periods:
        if period.kind != "year":
            raise UsageError(f"the figure is of whole years, not of {period.label}; ask for csc.years(...)")
    return rows.lazy().join(_spans(periods), how="cross")


def in_care_of_years(periods_of_care: pl.DataFrame | pl.LazyFrame | None, periods: Sequence[Period]) -> pl.LazyFrame:
    """Children in care in each period: `period, la_code, child_id, first_day_in_care, in_care_at_end`.

    `first_day_in_care` is the first day of care within the period. A period of care covers the days up to, and not on,
    its end.
    """
    if periods_of_care is None:
        periods_of_care = pl.LazyFrame(
            schema={"la_code": LA_CODE, "child_id": pl.String, "start_date": pl.Date, "end_date": pl.Date}
        )
    begins, ends = pl.col("start_date"), pl.col("end_date")
    return (
        over_years(periods_of_care, periods)
        .filter((begins <= pl.col("period_end")) & (ends.is_null() | (ends > pl.col("period_start"))))
        .group_by("period", "la_code", "child_id")
        .agg(
            first_day_in_care=pl.max_horizontal(begins.min(), pl.col("period_start").min()),
            in_care_at_end=(ends.is_null() | (ends > pl.col("period_end"))).any(),
        )
    )


def _spans(periods: Sequence[Period]) -> pl.LazyFrame:
    return pl.LazyFrame(
        {
            "period": pl.Series([period.label for period in periods], dtype=period_dtype(periods)),
            "period_start": [period.start for period in periods],
            "period_end": [period.end for period in periods],
        }
    )


def with_social_care_group(
    rows: pl.LazyFrame, groups: pl.DataFrame | pl.LazyFrame | None, *, said: bool
) -> pl.LazyFrame:
    """The rows of children and years with their `social_care_group`: that which the row says, else the derived one.

    Args:
        rows: Rows with `la_code`, `child_id` and `year`.
        groups: The derived groups, `la_code`, `child_id`, `year`, `social_care_group`; None when there are none.
        said: Whether the rows have a group of their own.
    """
    own = pl.col("social_care_group").cast(pl.String) if said else pl.lit(None, dtype=pl.String)
    rows = rows.with_columns(_said=own).drop("social_care_group", strict=False)
    if groups is None:
        return rows.rename({"_said": "social_care_group"})
    derived = groups.lazy().select(
        "la_code", "child_id", pl.col("year").cast(pl.Int32), _derived=pl.col("social_care_group").cast(pl.String)
    )
    matched = rows.join(derived, on=["la_code", "child_id", "year"], how="left")
    return matched.with_columns(social_care_group=pl.coalesce("_said", "_derived")).drop("_said", "_derived")
