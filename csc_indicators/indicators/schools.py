"""Changes of school of children looked after: the definition in `specs/`.

The function is pure: the supplied schools and the periods of care of children in, unit records out. See `unit_records`
for the shape.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import polars as pl

from csc_indicators.census_years import SUMMER_MONTHS
from csc_indicators.histories.referrals import ALWAYS
from csc_indicators.histories.supplied import in_care_of_years, over_years
from csc_indicators.indicators.keywords import checked
from csc_indicators.indicators.unit_records import Definition, unit_records
from csc_indicators.periods import Period

SCHOOL_HISTORY = "context.school_history"
KEY_SPAN = 2**32
"""Keys that a packed number has room for."""
Table = pl.DataFrame | pl.LazyFrame


@checked
def school_moves(
    school_history: Table,
    *,
    periods: Sequence[Period],
    periods_of_care: Table | None = None,
    include_summer: bool = False,
    moves_before_care: Literal["leave_out", "count"] = "leave_out",
    why: bool = False,
) -> pl.LazyFrame:
    """Children looked after at the end of each year who changed school within it, but for the summer.

    Args:
        school_history: The supplied `school_history`, one row a child's time at a school.
        periods: Reporting years.
        periods_of_care: The periods of care of the same authorities and child ids (`Extracts.periods_of_care`); without
            them nobody is known to be looked after.
        include_summer: Whether a school begun in August or September, when most are changed, was changed mid-year.
        moves_before_care: Whether changes before the child's first day in care in the year count.
        why: Also say which clause decided each time at a school that touches the year.

    Returns:
        Unit records, one a child: numerator 1 for a change, denominator 1.

    Raises:
        UsageError: a period is no reporting year.

    Source: specs/indicators/school_moves.toml.

    >>> from csc_indicators.examples import example_context_tables
    >>> from csc_indicators.periods import year
    >>> schools = [
    ...     {"school": "1", "start_date": "2022-09-05", "end_date": "2025-01-10"},
    ...     {"school": "2", "start_date": "2025-01-13"},
    ... ]
    >>> tables = example_context_tables(
    ...     {"school_history": schools, "periods_of_care": [{"start_date": "2023-05-10"}]}
    ... )
    >>> records = school_moves(
    ...     tables["context.school_history"], periods=[year(2025)], periods_of_care=tables["periods_of_care"]
    ... ).collect()
    >>> records["numerator"].sum(), records["denominator"].sum()
    (1.0, 1.0)
    """
    # A time at a school that has no end is known up to the day to which the list is complete.
    until = pl.col("end_date").fill_null(pl.col("known_to"))
    rows = (
        over_years(school_history, periods)
        .with_columns(first_start=pl.col("start_date").min().over("period", "la_code", "child_id"))
        .filter((pl.col("start_date") <= pl.col("period_end")) & (until >= pl.col("period_start")))
        .join(in_care_of_years(periods_of_care, periods), on=["period", "la_code", "child_id"], how="left")
    )
    in_care = pl.col("in_care_at_end").fill_null(value=False)
    month = pl.col("start_date").dt.month()
    after_entry = ALWAYS if moves_before_care == "count" else pl.col("start_date") >= pl.col("first_day_in_care")
    moved = (
        (pl.col("start_date") >= pl.col("period_start"))
        & (pl.col("start_date") > pl.col("first_start"))
        & (ALWAYS if include_summer else ~month.is_in(SUMMER_MONTHS))
        & after_entry
    )
    rows = rows.with_columns(moved=moved.fill_null(value=False)).with_columns(
        # A change stands for its child before a school that was none, and the first of either.
        place=pl.when("moved").then(0).otherwise(1) * KEY_SPAN + pl.col("school_history_key").cast(pl.Int64)
    )
    first_place = pl.col("place").min().over("period", "la_code", "child_id")
    definition = Definition(
        kind="share",
        unit_table=SCHOOL_HISTORY,
        unit_id="school_history_key",
        unit_row="school_history_key",
        date="start_date",
        complete=ALWAYS,
        denominator={"looked_after": in_care, "stands_for_the_child": pl.col("place") == first_place},
        numerator={"moved_in_year": pl.col("moved")},
    )
    return unit_records(rows, definition, why=why)
