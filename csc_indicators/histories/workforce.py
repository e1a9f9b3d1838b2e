"""The workforce on the day of a census: who was in post, who had left in its year, and which rows are one person's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import polars as pl

from csc_indicators.census_years import workforce_year
from csc_indicators.errors import UsageError
from csc_indicators.periods import Period, in_periods

CountBy = Literal["full_time_equivalent", "headcount"]

KEY_SPAN = 2**32
"""Keys that a packed number has room for."""
WITHOUT_ROLE = 2**8
"""The place of a row without a role: after every role."""

PERSON = ("worker_id", "birth_date", "sex", "ethnicity")
"""What is the same in all rows of one person: what DfE removes duplicates by."""


def at_census(rows: pl.DataFrame | pl.LazyFrame, periods: Sequence[Period]) -> pl.LazyFrame:
    """The rows of the censuses that the periods end with, with `period` and `period_start`.

    Raises:
        UsageError: a period does not end on the day of a census: its figure would be that of another year.

    >>> from csc_indicators.examples import example_workforce
    >>> workers = example_workforce([{"census": "2024-09-30"}, {"census": "2025-09-30"}])
    >>> at_census(workers, [workforce_year(2025)]).select("period", "reference_date").collect().row(0)
    ('2025', datetime.date(2025, 9, 30))
    """
    for period in periods:
        if period != workforce_year(period.end.year):
            raise UsageError(
                f"workforce figures are of the year to a 30 September, not of {period.label} ({period.start} to "
                f"{period.end}); ask for csc.workforce_year({period.end.year})"
            )
    begins = pl.Series("period_start", [period.start for period in periods])
    return in_periods(rows, "reference_date", periods).with_columns(
        period_start=pl.lit(begins).gather(pl.col("period").to_physical())
    )


def in_post() -> pl.Expr:
    """True for a row whose role had not ended by the day of the census; one that ended on the day is over."""
    return pl.col("end_date").is_null() | (pl.col("end_date") > pl.col("reference_date"))


def left_in_year() -> pl.Expr:
    """True for a row whose role ended in the year of the census, its last day among it."""
    return pl.col("end_date").is_between("period_start", "reference_date")


def started_before_year() -> pl.Expr:
    """True for a row whose role began before the year of the census; one without a start is taken to have."""
    return (pl.col("start_date") < pl.col("period_start")).fill_null(value=True)


def with_first_of_person(rows: pl.LazyFrame, counted: pl.Expr, *, also: Sequence[pl.Expr] = ()) -> pl.LazyFrame:
    """Add `first_of_the_person`: true for the most senior of a person's counted rows of one census.

    Args:
        rows: The rows of censuses, with `period`.
        counted: Which of them count.
        also: What besides the person must be the same, such as the day of leaving.

    Of two rows in the same role, or without one, the first stands.
    """
    seniority = pl.col("role").to_physical().cast(pl.Int64).fill_null(WITHOUT_ROLE)
    place = pl.when(counted).then(seniority * KEY_SPAN + pl.col("worker_key").cast(pl.Int64))
    return rows.with_columns(_place=place).with_columns(
        first_of_the_person=(
            pl.col("_place") == pl.col("_place").min().over("period", "la_code", *PERSON, *also)
        ).fill_null(value=False)
    )


def first_start_of_person(counted: pl.Expr) -> pl.Expr:
    """The earliest start of a person's counted roles of one census: a role taken up later ends no service."""
    started = pl.when(counted).then("start_date")
    return started.min().over("period", "la_code", *PERSON)
