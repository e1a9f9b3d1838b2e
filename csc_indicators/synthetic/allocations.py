"""Which post, and so which social worker, holds each case at which time."""

from __future__ import annotations

import numpy as np
import polars as pl

from csc_indicators.synthetic.case_records import CASES_OF_A_CHILD
from csc_indicators.synthetic.draws import Draws
from csc_indicators.synthetic.rates import rates

ALLOCATIONS_OF_A_CASE = 1024
FIRST_CONTACT, MOVED_ON, WORKER_LEFT = "FCONTA", "TSPROC", "LEFTRL"


def allocate(
    draws: Draws, posts: pl.DataFrame, cases: pl.DataFrame, periods: pl.DataFrame, first_day: int
) -> pl.DataFrame:
    """`child, case, post, start_date, end_date` of the cases that are open after a day, one post after another.

    Some cases are held by others than social workers, such as family support workers; those of children who come into
    care are not. While a post stands empty, its cases wait.
    """
    rate = rates()["staff"]
    able = cases.filter(~pl.col("no_further_action"), pl.col("closure_date") > first_day)
    entered = periods.select("child", "case", entered=True).unique()
    able = able.join(entered, on=["child", "case"], how="left", maintain_order="left")
    of_care = able["entered"].fill_null(value=False).to_numpy()
    key = able["child"].to_numpy().astype(np.int64) * CASES_OF_A_CHILD + able["case"].to_numpy()
    able = able.filter(pl.Series(of_care | ~draws.happens("held by others", key, rate["held_by_others"])))
    holding = posts.filter("holds_cases")
    # A post takes on as many cases as it has of a full-time post.
    ends_of_shares = np.cumsum(holding["share"].to_numpy())
    child, case = (able[name].to_numpy().astype(np.int64) for name in ("child", "case"))
    day, closes = (able[name].to_numpy().astype(np.int64) for name in ("referral_date", "closure_date"))
    key, row, turn = child * CASES_OF_A_CHILD + case, np.arange(able.height), 0
    found: list[pl.DataFrame] = []
    while row.size:
        if turn == ALLOCATIONS_OF_A_CASE:
            raise AssertionError("the rates hand cases on without end")
        of_turn = key[row] * ALLOCATIONS_OF_A_CASE + turn
        at = draws.below("post of case", of_turn, int(ends_of_shares[-1]))
        post = holding["post"].to_numpy()[np.searchsorted(ends_of_shares, at, side="right")]
        until = np.minimum(day[row] + draws.of_spans("keeps the case", of_turn, rate["keeps_case"]), closes[row])
        lasts = (until > first_day) & (until > day[row])
        found.append(
            pl.DataFrame(
                {"child": child[row], "case": case[row], "post": post, "start_date": day[row], "end_date": until}
            ).filter(pl.Series(lasts))
        )
        day[row] = until
        row, turn = row[until < closes[row]], turn + 1
    return pl.concat(found).cast({"child": pl.Int32, "case": pl.Int32}).sort("child", "case", "start_date")


def workers_of_children_in_care(
    allocations: pl.DataFrame, staff: pl.DataFrame, periods: pl.DataFrame, first_day: int
) -> pl.DataFrame:
    """`child, worker, start_date, end_date, reason`: who was responsible for each child while it was looked after.

    The reason is why this worker took over.
    """
    care = periods.filter(pl.col("end_date") > first_day).select(
        "child", "case", care_start="start_date", care_end="end_date"
    )
    held = staff.select("post", "worker", spell_start="start_date", spell_end="end_date")
    return (
        allocations.join(care, on=["child", "case"])
        .join(held, on="post")
        .select(
            "child",
            "worker",
            pl.max_horizontal("start_date", "care_start", "spell_start").alias("start_date"),
            pl.min_horizontal("end_date", "care_end", "spell_end").alias("end_date"),
            "care_start",
            "spell_start",
        )
        .filter(pl.col("start_date") < pl.col("end_date"), pl.col("end_date") > first_day)
        .select(
            "child",
            "worker",
            "start_date",
            "end_date",
            reason=pl.when(pl.col("start_date") == pl.col("care_start"))
            .then(pl.lit(FIRST_CONTACT))
            .when(pl.col("start_date") == pl.col("spell_start"))
            .then(pl.lit(WORKER_LEFT))
            .otherwise(pl.lit(MOVED_ON)),
        )
        .sort("child", "start_date", "worker")
    )


def cases_held(allocations: pl.DataFrame, staff: pl.DataFrame, day: int) -> pl.DataFrame:
    """`worker, cases`: how many cases each social worker holds on a day; who holds none is not among them."""
    on_the_day = (pl.col("start_date") <= day) & (pl.col("end_date") > day)
    there = staff.filter(on_the_day).select("post", "worker")
    return allocations.filter(on_the_day).join(there, on="post").group_by("worker").agg(cases=pl.len().cast(pl.Int32))
