"""Groups of one breakdown that are made of whole groups of another, as "17 to 18" is of "17" and "18".

A reader who sees both breakdowns of one figure can add and take away across them, so disclosure control must know.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from functools import cache
from itertools import permutations

import polars as pl

from csc_indicators.breakdowns import BREAKDOWNS
from csc_indicators.histories.people import NOT_YET_BORN

OLDEST = 130
"""No age, and no other number that is put into bands beside a second breakdown of it, is more than this."""

COLUMNS = ("breakdown", "group", "within", "within_group")


def nested_groups(names: Iterable[str], days: Iterable[dt.date]) -> pl.DataFrame:
    """Which groups make up a group of another breakdown, for breakdowns that band the same number.

    Args:
        names: Breakdowns; those that are not known are passed over.
        days: The days whose groupings apply.

    Returns:
        `breakdown, group, within, within_group` (text): a row for each group and the group of `within` that holds it.
        Only groups of `within` that are made of whole groups are there.

    >>> import datetime as dt
    >>> nested_groups(["age_year", "care_leaver_age", "sex"], [dt.date(2025, 3, 31)]).filter(group="20").rows()
    [('age_year', '20', 'care_leaver_age', '19 to 21')]
    """
    known = sorted({name for name in names if name in BREAKDOWNS})
    pairs = [
        (one, other)
        for one, other in permutations(known, 2)
        if BREAKDOWNS[one].attribute == BREAKDOWNS[other].attribute
    ]
    found = [_nested(one, other, day) for one, other in pairs for day in sorted(set(days))]
    return pl.concat([pl.DataFrame(schema=dict.fromkeys(COLUMNS, pl.String)), *found]).unique().sort(COLUMNS)


def nested_in(cells: pl.DataFrame) -> pl.DataFrame | None:
    """The nested groups of the breakdowns in a table of cells; None for cells that do not say their days."""
    if "period_end" not in cells.columns:
        return None
    return nested_groups(cells["breakdown"].cast(pl.String).unique(), cells["period_end"].unique().drop_nulls())


@cache
def _nested(name: str, within: str, on: dt.date) -> pl.DataFrame:
    numbers = pl.DataFrame({BREAKDOWNS[name].attribute: [None, *range(NOT_YET_BORN, OLDEST)]})
    both = numbers.select(
        pl.lit(name).alias("breakdown"),
        BREAKDOWNS[name].group_of(on).cast(pl.String).alias("group"),
        pl.lit(within).alias("within"),
        BREAKDOWNS[within].group_of(on).cast(pl.String).alias("within_group"),
    ).unique()
    divided = both.filter(pl.col("within_group").n_unique().over("group") > 1)
    return both.join(divided, on="within_group", how="anti")
