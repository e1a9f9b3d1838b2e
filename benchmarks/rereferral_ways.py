"""Other ways of counting re-referrals within twelve months: each returns the same counts per authority and year.

An earlier referral is one of the same child on an earlier day, within twelve calendar months, both ends included. What
makes it harder than comparing with the row above is that several referrals of a child on one day must all look back
past each other.
"""

from __future__ import annotations

from typing import Literal

import duckdb
import pandas as pd
import polars as pl

from benchmarks import national
from csc_indicators.indicators.referrals import rereferrals
from csc_indicators.periods import months_before
from csc_indicators.tables.cin import CHILD_KEY_SPAN

KEY = pl.col("child_key").cast(pl.Int64) * 2**17 + pl.col("referral_date").to_physical().cast(pl.Int64) + 2**16
LIKE = {"la": pl.Int32, "year": pl.Int32, "numerator": pl.Int64, "denominator": pl.Int64}

# A packed key holds authority, child and day; keys of one child differ by less than 2**17.
KEYS = f"SELECT child_key::BIGINT * {2**17} + (referral_date - DATE '1970-01-01') + {2**16} AS k FROM {{table}}"
COUNTS = f"""
SELECT (k // {2**17} // {CHILD_KEY_SPAN})::INTEGER AS la, (year(day) + (month(day) > 3)::INTEGER)::INTEGER AS year,
       sum(n) FILTER (above // {2**17} = k // {2**17}
                      AND above % {2**17} - {2**16} >= (day - INTERVAL 12 MONTH)::DATE - DATE '1970-01-01')::BIGINT
           AS numerator,
       sum(n)::BIGINT AS denominator
FROM (SELECT k, n, above, DATE '1970-01-01' + (k % {2**17} - {2**16})::INTEGER AS day FROM seen)
WHERE day BETWEEN DATE '{national.FIRST_DAY}' AND DATE '{national.LAST_DAY}' GROUP BY ALL
"""
BY_DAY = f"""
WITH days AS (SELECT k, count(*) AS n FROM ({KEYS}) GROUP BY k),
     seen AS (SELECT k, n, lag(k) OVER (ORDER BY k) AS above FROM days)
{COUNTS}
"""
THREE_BACK = f"""
WITH rows_above AS (SELECT k, lag(k) OVER (ORDER BY k) AS a, lag(k, 2) OVER (ORDER BY k) AS b,
                           lag(k, 3) OVER (ORDER BY k) AS c FROM ({KEYS})),
     seen AS (SELECT k, 1 AS n, CASE WHEN a <> k THEN a WHEN b <> k THEN b ELSE c END AS above FROM rows_above)
{COUNTS}
"""


def in_order(counts: pl.DataFrame) -> pl.DataFrame:
    """Counts in one shape and order, so that they can be compared."""
    return counts.select(pl.col(name).fill_null(0).cast(dtype) for name, dtype in LIKE.items()).sort("la", "year")


def ours(
    episodes: pl.DataFrame | pl.LazyFrame,
    *,
    complete: bool = False,
    engine: Literal["auto", "in-memory", "streaming"] = "auto",
) -> pl.DataFrame:
    sums = [pl.col("numerator").sum(), pl.col("denominator").sum()]
    if complete:
        sums.append(pl.col("complete").all())
    counts = rereferrals(episodes, periods=national.periods()).group_by("period", "la_code").agg(sums)
    return in_order(
        counts.with_columns(year=pl.col("period").cast(pl.String).cast(pl.Int32), la=pl.col("la_code").to_physical())
        .select(*LIKE, *(["complete"] if complete else []))
        .collect(engine=engine)
    )


def sort_alone(episodes: pl.DataFrame) -> None:
    episodes.lazy().select(_key=KEY).sort("_key").collect()


def sort_and_compare(episodes: pl.DataFrame) -> pl.DataFrame:
    """The least polars that gives the answer, written for this one question."""
    key, day = pl.col("_key"), (pl.col("_key") % 2**17 - 2**16).cast(pl.Int32).cast(pl.Date)
    above = pl.when(key != key.shift(1)).then(key.shift(1)).forward_fill()
    earlier = pl.when(above >= key - key % 2**17).then((above % 2**17 - 2**16).cast(pl.Int32).cast(pl.Date))
    return in_order(
        episodes.lazy()
        .select(_key=KEY)
        .sort("_key")
        .select(
            la=key // (2**17 * CHILD_KEY_SPAN),
            year=day.dt.year() + (day.dt.month() > 3),
            numerator=earlier >= months_before(day, 12),
        )
        .group_by("la", "year")
        .agg(pl.col("numerator").sum(), denominator=pl.len())
        .collect()
    )


def in_duckdb(connection: duckdb.DuckDBPyConnection, query: str, source: str) -> pl.DataFrame:
    rows = connection.execute(query.format(table=source)).fetchall()
    return in_order(pl.DataFrame(rows, schema=("la", "year", "numerator", "denominator"), orient="row"))


def in_pandas(referrals: pd.DataFrame) -> pl.DataFrame:
    """Whole columns at a time: sort, look at the row above, and carry it down over referrals of one day."""
    ordered = referrals.sort_values(["child_key", "referral_date"], ignore_index=True)
    child, day = ordered["child_key"], ordered["referral_date"]
    first_of_child = child != child.shift()
    above = day.shift().mask(first_of_child, pd.Timestamp("1900-01-01")).where(first_of_child | (day != day.shift()))
    ordered["numerator"] = above.ffill() >= day - pd.DateOffset(months=12)
    ordered["year"] = day.dt.year + (day.dt.month > 3)
    ordered["la"] = child // CHILD_KEY_SPAN
    counts = ordered.groupby(["la", "year"], as_index=False).agg(
        numerator=("numerator", "sum"), denominator=("numerator", "size")
    )
    return in_order(pl.DataFrame({name: counts[name].to_numpy() for name in counts.columns}))


def child_by_child(referrals: pd.DataFrame) -> pl.DataFrame:
    """The way it is most often written: a function of one child's referrals, applied to every child."""

    def rereferred(child: pd.DataFrame) -> pd.DataFrame:
        days = child["referral_date"]
        follows = [((days < day) & (days >= day - pd.DateOffset(months=12))).any() for day in days]
        return pd.DataFrame({"referral_date": days, "numerator": follows})

    flagged = referrals.groupby("child_key")[["referral_date"]].apply(rereferred).reset_index()
    day = flagged["referral_date"]
    flagged["year"] = day.dt.year + (day.dt.month > 3)
    flagged["la"] = flagged["child_key"] // CHILD_KEY_SPAN
    counts = flagged.groupby(["la", "year"], as_index=False).agg(
        numerator=("numerator", "sum"), denominator=("numerator", "size")
    )
    return in_order(pl.DataFrame({name: counts[name].to_numpy() for name in counts.columns}))
