"""People in the histories: how old a child was on a day."""

from __future__ import annotations

import polars as pl

from csc_indicators.periods import completed_years_expr

NOT_YET_BORN = -1
"""The `age` of a child referred before birth."""


def age_at(day: str) -> pl.Expr:
    """The child's age in completed years on a day, as the column `age`.

    -1 before birth, null where no date of birth is known. A child expected but not yet born when the return was made
    has the expected day as its date of birth.

    >>> import datetime as dt
    >>> frame = pl.DataFrame({"birth_date": [dt.date(2020, 5, 2)] * 3})
    >>> days = [dt.date(2024, 5, 1), dt.date(2024, 5, 2), dt.date(2020, 5, 1)]
    >>> frame.with_columns(day=pl.Series(days)).select(age_at("day"))["age"].to_list()
    [3, 4, -1]
    """
    born, on = pl.col("birth_date"), pl.col(day)
    return pl.when(born > on).then(NOT_YET_BORN).otherwise(completed_years_expr(born, on)).cast(pl.Int16).alias("age")
