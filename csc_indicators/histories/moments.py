"""A child and a day as one number.

Sorting one column of numbers and looking at the row above, or joining on it to the nearest before or after, is several
times faster than the same over columns for the authority, the child and the day.
"""

from __future__ import annotations

from typing import Literal

import polars as pl

DAY_SPAN = 2**17
"""Days a packed key has room for: enough for any date from 1790 to 2149."""
DAY_OFFSET = 2**16


def day_number(column: str | pl.Expr) -> pl.Expr:
    """A day as a number that is positive within the span."""
    day = pl.col(column) if isinstance(column, str) else column
    return day.to_physical().cast(pl.Int64) + DAY_OFFSET


def moment(column: str | pl.Expr) -> pl.Expr:
    """The child of a row and a day as one number that sorts by child, then day."""
    return pl.col("child_key").cast(pl.Int64) * DAY_SPAN + day_number(column)


def nearest(
    rows: pl.LazyFrame,
    events: pl.LazyFrame,
    *,
    day: str,
    of: str,
    strategy: Literal["backward", "forward"],
    columns: dict[str, str],
) -> pl.LazyFrame:
    """Add to each row the columns of the child's nearest event on or before (or after) a day.

    Args:
        rows: The rows, with `child_key`.
        events: The events, with `child_key`, in any order; those without a day are left out.
        day: The day of the row.
        of: The day of the event.
        strategy: `backward` for the last event up to the day, `forward` for the first from it on.
        columns: What to take of the event: the new name by the column's name. Of several on one day the last in order
            of these columns is taken backward, the first forward.

    Returns:
        The rows in no particular order; the new columns are null where the child has no such event.
    """
    child, found = pl.col("child_key").cast(pl.Int64), pl.col("_event") // DAY_SPAN
    keyed = (
        events.filter(pl.col(of).is_not_null())
        .select(_moment=moment(of), **{f"_{new}": column for column, new in columns.items()})
        .sort("_moment", *(f"_{new}" for new in columns.values()))
        .with_columns(_event="_moment")
    )
    joined = (
        rows.with_columns(_moment=moment(day))
        .sort("_moment")
        .join_asof(keyed, on="_moment", strategy=strategy, check_sortedness=False)
    )
    return joined.with_columns(**{new: pl.when(found == child).then(f"_{new}") for new in columns.values()}).drop(
        "_moment", "_event", *(f"_{new}" for new in columns.values())
    )
