"""Periods of care by the keys of the CIN census: what its indicators ask of the return on looked-after children."""

from __future__ import annotations

import polars as pl

from csc_indicators.histories.care import care_history, short_break

ONE_DAY = pl.duration(days=1)


def periods_of_care(episodes: pl.DataFrame | pl.LazyFrame) -> pl.LazyFrame:
    """The periods of care of children, one row each, short breaks apart.

    Args:
        episodes: The validated `Ssda903.episodes`.

    Returns:
        `la_code, child_id, start_date, end_date`; `end_date` is null while the period of care lasts, and the day after
        the last return that held it when the later ones lost it.

    >>> from csc_indicators.examples import example_care
    >>> rows = [{"start_date": "2024-05-10", "end_date": "2024-06-01", "reason_ceased": "E4A"}]
    >>> periods_of_care(example_care(rows)).collect().row(0)
    ('999', 'A', datetime.date(2024, 5, 10), datetime.date(2024, 6, 1))
    """
    last_return = pl.col("known_to").max().over("la_code")
    over = pl.when(pl.col("known_to") < last_return).then(pl.col("known_to") + ONE_DAY)
    return (
        care_history(episodes.lazy().with_columns(_over=pl.coalesce("end_date", over)))
        .filter(~short_break())
        .with_columns(_period=pl.col("begins_care").cum_sum())
        .group_by("la_code", "child_id", "_period", maintain_order=True)
        .agg(
            pl.col("start_date").min(),
            end_date=pl.when(pl.col("_over").is_not_null().all()).then(pl.col("_over").max()),
        )
        .select("la_code", "child_id", "start_date", "end_date")
    )


def periods_of_care_in_census(
    episodes: pl.DataFrame | pl.LazyFrame, children: pl.DataFrame | pl.LazyFrame
) -> pl.LazyFrame:
    """The periods of care of the children of a CIN census, one row each, short breaks apart.

    Both returns are made from one case system, so a child has the same `child_id` in both; an authority where that is
    not so finds no periods of care here, and a period of care of a child whom the census does not hold is left out.

    Args:
        episodes: The validated `Ssda903.episodes`.
        children: The validated `CinCensus.children`.

    Returns:
        `la_code, child_key, child_id, start_date, end_date`, the key being that of the census; `end_date` is null while
        the period of care lasts, and the day after the last return that held it when the later ones lost it.
    """
    return (
        periods_of_care(episodes)
        .join(children.lazy().select("la_code", "child_id", "child_key"), on=["la_code", "child_id"], how="inner")
        .select("la_code", "child_key", "child_id", "start_date", "end_date")
        .sort("child_key", "start_date")
    )
