"""Re-referrals of the whole country: ours against a bare sort, DuckDB and pandas, every answer checked equal."""

from __future__ import annotations

from functools import partial

import duckdb
import pandas as pd
import polars as pl

from benchmarks import national
from benchmarks.measuring import Section, Timing, at_least, at_most, interleaved, timings_table
from benchmarks.rereferral_ways import (
    BY_DAY,
    THREE_BACK,
    child_by_child,
    in_duckdb,
    in_pandas,
    ours,
    sort_alone,
    sort_and_compare,
)

ONE_AUTHORITY = 40_000
QUERIES = {"one row a day, then LAG": BY_DAY, "LAG 1, 2 and 3": THREE_BACK}


def run(*, small: bool = False) -> Section:
    referrals, rounds = (20_000, 2) if small else (national.REFERRALS, 5)
    episodes = national.episodes(referrals, 10 if small else national.AUTHORITIES)
    _no_more_than_three_a_day(episodes)
    narrow = episodes.select("child_key", "referral_date")
    connection = duckdb.connect()
    connection.register("arrow", narrow.to_arrow())
    connection.execute("CREATE TABLE native AS SELECT * FROM arrow")
    as_pandas = _as_pandas(narrow)
    peers = {
        f"DuckDB, {name}, {source} table": partial(in_duckdb, connection, query, source)
        for name, query in QUERIES.items()
        for source in ("arrow", "native")
    }
    timings = interleaved(
        {
            "ours": partial(ours, episodes),
            "ours, with `complete`": partial(ours, episodes, complete=True),
            "sort alone": partial(sort_alone, episodes),
            "sort and compare": partial(sort_and_compare, episodes),
            **peers,
            "pandas, vectorised": partial(in_pandas, as_pandas),
        },
        rounds,
    )
    best = min(peers, key=lambda name: timings[name].median)
    one = _one_authority(episodes, 500 if small else ONE_AUTHORITY)
    one_pandas = _as_pandas(one.select("child_key", "referral_date"))
    rounds_of_one = interleaved({"ours": partial(ours, one)}, 1 if small else 20)
    by_child = interleaved(
        {"ours": partial(ours, one), "pandas, child by child": partial(child_by_child, one_pandas)}, 1 if small else 2
    )
    for_one = {"ours": rounds_of_one["ours"], "pandas, child by child": by_child["pandas, child by child"]}
    time = {name: timing.median for name, timing in timings.items()}
    of_ours = timings["ours"]
    goals = (
        at_most("Re-referrals", of_ours, 2.5, timings["sort alone"], "the packed sort alone"),
        at_most("Re-referrals", of_ours, 2.5, timings["sort and compare"], "the packed sort and comparison"),
        at_most("Re-referrals", of_ours, 0.6, timings[best], "the best DuckDB query"),
        at_least("Re-referrals", of_ours, 6, timings["pandas, vectorised"], "vectorised pandas"),
        at_least(
            "Re-referrals of one authority",
            for_one["ours"],
            500,
            for_one["pandas, child by child"],
            "pandas child by child",
        ),
    )
    text = f"""{referrals:,} referrals of {episodes["la_code"].n_unique()} authorities over ten years, {rounds} rounds.
Every answer is the numerator and denominator of each authority and year, and all were equal.

{timings_table(timings, "ours")}

The best DuckDB query was: {best.removeprefix("DuckDB, ")}. A single `LAG` over referrals is not exact:
of two referrals of a child on one day the second would be compared with the first, not with the day before them. Both
queries above are exact, the second as long as no child has more than three referrals on one day, which is checked.

The sort alone takes {time["sort alone"] / time["ours"]:.0%} of the time of ours.
The rest goes to reading day and authority back from the sorted keys, carrying the row above down over referrals of one
day, moving dates by calendar months, and grouping by authority and period. `sort and compare` does the same and nothing
else, written for this one question; ours takes {time["ours"] / time["sort and compare"]:.2f} times as long.
`complete` needs the observed span of each row, so that column is sorted along with the keys.

One authority of {one.height:,} referrals, {_rounds(for_one["ours"])} of ours and
{_rounds(for_one["pandas, child by child"])} of pandas:

{timings_table(for_one, "ours")}
"""
    return Section("Re-referrals", goals, text)


def _rounds(timing: Timing) -> str:
    return f"{len(timing.seconds)} round{'s' if len(timing.seconds) > 1 else ''}"


def _no_more_than_three_a_day(episodes: pl.DataFrame) -> None:
    most = episodes.group_by("child_key", "referral_date").len()["len"].max()
    if not isinstance(most, int) or most > 3:
        raise ValueError(f"a child has {most} referrals on one day: the query that looks three rows back is not exact")


def _one_authority(episodes: pl.DataFrame, size: int) -> pl.DataFrame:
    """The referrals of the authority whose number of them is nearest to `size`, at most so many."""
    sizes = episodes.group_by("la_code").len().sort((pl.col("len").cast(pl.Int64) - size).abs(), "la_code")
    children = episodes.filter(pl.col("la_code") == sizes["la_code"][0]).sort("child_key", maintain_order=True)
    return children.head(size).sample(fraction=1, shuffle=True, seed=national.SEED)


def _as_pandas(narrow: pl.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {"child_key": narrow["child_key"].to_numpy(), "referral_date": narrow["referral_date"].to_numpy()}
    )
