"""The Kaplan-Meier estimate, from counts by day that merge exactly.

A unit is followed for so many days, until the event or until it can be followed no further. All that the estimate needs
is, for each number of days, how many units were followed so long and how many of them had the event then. Those counts
add up over authorities and machines, and what is estimated from the sum is what would be estimated from all units.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

Z_95 = 1.959963984540054
"""Two-sided 95 % point of the normal distribution."""


def daily_counts(records: pl.DataFrame | pl.LazyFrame, keys: Sequence[str]) -> pl.LazyFrame:
    """The counts by day of unit records.

    Args:
        records: Unit records: `followed_days`, `numerator` (1 when no event was seen), `denominator` (0 for units that
            are not in the figure), and the keys.
        keys: What the counts are of, such as `period` and `la_code`.

    Returns:
        One row for each combination of the keys, with `daily`: a list of `followed_days, events, units` by day.
    """
    by_day = (
        records.lazy()
        .filter(pl.col("denominator") > 0)
        .group_by(*keys, "followed_days")
        .agg(events=(pl.col("denominator") - pl.col("numerator")).sum().cast(pl.Int64), units=pl.len().cast(pl.Int64))
    )
    return _in_lists(by_day, keys)


def merged(daily: pl.DataFrame | pl.LazyFrame, keys: Sequence[str]) -> pl.LazyFrame:
    """Counts of several machines or authorities as one: rows with the same keys are added up, day by day.

    >>> one = pl.DataFrame({"area": ["E"], "daily": [[{"followed_days": 3, "events": 1, "units": 2}]]})
    >>> merged(pl.concat([one, one]), ["area"]).collect()["daily"].to_list()
    [[{'followed_days': 3, 'events': 2, 'units': 4}]]
    """
    by_day = (
        daily.lazy()
        .select(*keys, "daily")
        .explode("daily")
        .drop_nulls("daily")
        .unnest("daily")
        .group_by(*keys, "followed_days")
        .agg(pl.col("events").sum(), pl.col("units").sum())
    )
    return _in_lists(by_day, keys)


def kaplan_meier(daily: pl.DataFrame) -> pl.DataFrame:
    """The share of units without the event at the end of the time followed, with its 95 % band.

    Args:
        daily: One row an estimate, with `daily` as `daily_counts` gives it; null where there is no unit.

    Returns:
        The same rows with `value`, `lower` and `upper` between 0 and 1. The band is Greenwood's on the scale of the
        logarithm of minus the logarithm; there is none where no unit had the event, or every one at risk had.

    >>> days = [{"followed_days": 10, "events": 1, "units": 1}, {"followed_days": 90, "events": 0, "units": 3}]
    >>> kaplan_meier(pl.DataFrame({"daily": [days]}))["value"].to_list()
    [0.75]
    """
    events, units = pl.col("events").cast(pl.Float64), pl.col("units").cast(pl.Float64)
    at_risk = pl.col("_at_risk")
    survival = (
        daily.with_row_index("_row")
        .select("_row", "daily")
        .explode("daily")
        .drop_nulls("daily")
        .unnest("daily")
        .sort("_row", "followed_days")
        .with_columns(_at_risk=units.sum().over("_row") - units.cum_sum().over("_row") + units)
        .group_by("_row", maintain_order=True)
        .agg(
            value=(1.0 - events / at_risk).product(),
            _variance=pl.when(events > 0).then(events / (at_risk * (at_risk - events))).sum(),
        )
    )
    hazard = -pl.col("value").log()
    spread = Z_95 * pl.col("_variance").sqrt() / hazard
    within = pl.col("value").is_between(0.0, 1.0, closed="none")
    estimates = survival.select(
        "_row",
        "value",
        lower=pl.when(within).then((-hazard * spread.exp()).exp()),
        upper=pl.when(within).then((-hazard * (-spread).exp()).exp()),
    )
    rows = daily.with_row_index("_row")
    return rows.join(estimates, on="_row", how="left", maintain_order="left").drop("_row")


def _in_lists(by_day: pl.LazyFrame, keys: Sequence[str]) -> pl.LazyFrame:
    return (
        by_day.sort(*keys, "followed_days")
        .group_by(*keys, maintain_order=True)
        .agg(daily=pl.struct(pl.col("followed_days").cast(pl.Int32), "events", "units"))
    )
