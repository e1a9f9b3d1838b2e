"""What was recorded before a code was there: the histories in the codes of the year in which each thing happened."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from csc_indicators.synthetic.days import year_start

EARLIER: Mapping[tuple[str, str], tuple[str, Mapping[int, Mapping[str, str]]]] = {
    ("cases", "referral_source"): ("referral_date", {2023: {"5D": "5C"}}),
    ("cases", "closure_reason"): ("closure_date", {2023: {"RC9": "RC8"}}),
    ("assessment_factors", "factor"): (
        "authorisation_date",
        {2022: {"24A": "20"}, 2021: {"18B": "18A", "18C": "18A", "19B": "19A", "19C": "19A"}},
    ),
    ("periods_of_care", "reason_ceased"): (
        "end_date",
        {2019: {"E45": "E43", "E46": "E43", "E47": "E44", "E48": "E44"}},
    ),
}
"""By table and column, the day that counts, and by the first year of some codes what was recorded before them."""
EARLIER_ACTIVITIES = {2022: {"F4": "F3", "F5": "F3", "P4": "P3", "P5": "P3"}}
"""Of care leavers, by year: apprenticeships were not told from other training and employment."""


def in_codes_of_their_time(table: str, rows: pl.DataFrame) -> pl.DataFrame:
    """The rows of a table in the codes that were there on the day that counts."""
    for (name, column), (day, changes) in EARLIER.items():
        if name == table:
            for first, codes in changes.items():
                before = pl.col(day) < year_start(first)
                rows = rows.with_columns(
                    pl.when(before).then(pl.col(column).replace(codes)).otherwise(column).alias(column)
                )
    return rows


def activity_of_its_time(column: pl.Expr, year: int) -> pl.Expr:
    """An activity of a care leaver in the codes of the return of a year."""
    for first, codes in EARLIER_ACTIVITIES.items():
        column = column.replace(codes) if year < first else column
    return column
