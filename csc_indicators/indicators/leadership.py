"""Who leads children's services: the definitions of the turnover and the judgement of leaders in `specs/`.

Every function is pure: supplied tables in, unit records out. See `unit_records` for the shape.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import polars as pl

from csc_indicators.context_codes import LEADERSHIP_POST
from csc_indicators.histories.referrals import ALWAYS
from csc_indicators.histories.supplied import at_ends
from csc_indicators.indicators.keywords import checked
from csc_indicators.indicators.unit_records import Definition, unit_records
from csc_indicators.periods import Period


@checked
def leadership_turnover(
    post_holders: pl.DataFrame | pl.LazyFrame,
    *,
    periods: Sequence[Period],
    posts: Sequence[str] = ("director", "practice_leader"),
    interim_holders: Literal["count", "leave_out"] = "count",
    why: bool = False,
) -> pl.LazyFrame:
    """Changes of directors and practice leaders in each period, for a hundred such posts.

    Args:
        post_holders: The supplied `post_holders`, one row a holder of a post.
        periods: The periods to count in.
        posts: Which posts.
        interim_holders: Whether who holds a post for an interim is a holder, so that the coming and the going of one
            are changes, or is passed over.
        why: Also say which clause decided each holder who had begun by the end of the period.

    Returns:
        Unit records, one a holder: numerator 1 for a change in the period, denominator 1 for the last holder by its
        end, who stands for the post.

    Source: specs/indicators/leadership_turnover.toml.

    >>> from csc_indicators.examples import example_context_tables
    >>> from csc_indicators.periods import year
    >>> holders = [{"start_date": "2021-09-01", "end_date": "2024-08-31"}, {"start_date": "2024-09-01"}]
    >>> tables = example_context_tables({"post_holders": holders})
    >>> records = leadership_turnover(tables["context.post_holders"], periods=[year(2025)]).collect()
    >>> records["numerator"].sum(), records["denominator"].sum()
    (1.0, 1.0)
    """
    post = pl.col("post").is_in(pl.Series(posts, dtype=LEADERSHIP_POST.dtype).implode())
    holder = ALWAYS if interim_holders == "count" else ~pl.col("interim").fill_null(value=False)
    counted = post if holder is ALWAYS else post & holder
    of_post, began = ("period", "la_code", "post"), pl.when(counted).then("start_date")
    rows = at_ends(post_holders, periods, day="start_date").with_columns(
        first_start=began.min().over(of_post), last_start=began.max().over(of_post)
    )
    changes = (pl.col("start_date") >= pl.col("period_start")) & (pl.col("start_date") > pl.col("first_start"))
    stands = pl.col("start_date") == pl.col("last_start")
    definition = Definition(
        kind="mean",
        unit_table="context.post_holders",
        unit_id="post_holders_key",
        unit_row="post_holders_key",
        date="start_date",
        complete=ALWAYS,
        denominator={"post_counted": post, "holder_counted": holder, "changes_or_stands": changes | stands},
        numerator={"changed_in_period": changes},
        value=changes.cast(pl.Float64),
        weight=stands,
        attributes=(pl.col("post").alias("leadership_post"),),
    )
    return unit_records(rows, definition, why=why)


@checked
def leadership_judgement(
    inspections: pl.DataFrame | pl.LazyFrame,
    *,
    periods: Sequence[Period],
    why: bool = False,
) -> pl.LazyFrame:
    """Authorities by the latest judgement on the impact of their leaders at the end of each period.

    Args:
        inspections: The supplied `inspections`, one row an inspection.
        periods: The periods at whose ends to look.
        why: Also say which clause decided each inspection that had ended by the end of the period.

    Returns:
        Unit records, one an authority, with its `judgement`: numerator 1, no denominator.

    Source: specs/indicators/leadership_judgement.toml.

    >>> from csc_indicators.examples import example_context_tables
    >>> from csc_indicators.periods import year
    >>> inspections = [{"inspection_date": "2019-05-10"}, {"inspection_date": "2023-06-16", "judgement": "good"}]
    >>> tables = example_context_tables({"inspections": inspections})
    >>> leadership_judgement(tables["context.inspections"], periods=[year(2025)]).collect()["judgement"].to_list()
    ['good']
    """
    rows = at_ends(inspections, periods, day="inspection_date").with_columns(
        latest=pl.col("inspection_date").max().over("period", "la_code")
    )
    definition = Definition(
        kind="rate",
        unit_table="context.inspections",
        unit_id="inspections_key",
        unit_row="inspections_key",
        date="inspection_date",
        complete=ALWAYS,
        numerator={"latest": pl.col("inspection_date") == pl.col("latest")},
        attributes=("judgement",),
    )
    return unit_records(rows, definition, why=why)
