"""The time from the decision to a match: the definition of `specs/indicators/adoption_match_time.toml`."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from csc_indicators.histories.care import (
    Unaccompanied,
    care_history,
    ceases,
    codes_in,
    counted_by_status,
    short_break,
)
from csc_indicators.histories.referrals import ALWAYS
from csc_indicators.indicators.keywords import checked
from csc_indicators.indicators.looked_after import EPISODES, care_attributes, with_placement_lived_in
from csc_indicators.indicators.unit_records import Definition, unit_records
from csc_indicators.looked_after_codes import ADOPTED, REASON_CEASED
from csc_indicators.periods import Period, completed_years_expr, in_periods


@checked
def adoption_match_time(
    episodes: pl.DataFrame | pl.LazyFrame,
    adoption: pl.DataFrame | pl.LazyFrame,
    *,
    periods: Sequence[Period],
    uasc: Unaccompanied = "include",
    why: bool = False,
) -> pl.LazyFrame:
    """The average number of months from the decision for adoption to the match, of children adopted in each period.

    Args:
        episodes: The validated `Ssda903.episodes`, one row an episode.
        adoption: The validated `Ssda903.adoption`, one row a child and year.
        periods: The periods in which the children were adopted.
        uasc: Whether unaccompanied asylum-seeking children count, count not, or are the only ones to count.
        why: Also say which clause decided each episode that ended in the period.

    Returns:
        Unit records, one a child adopted: numerator the days (shown as months), denominator 1; and
        `age_at_care_start`, the age at which the period of care that ended in the adoption began.

    Source: specs/indicators/adoption_match_time.toml.

    >>> from csc_indicators.examples import example_care_tables
    >>> from csc_indicators.periods import year
    >>> tables = example_care_tables(
    ...     {
    ...         "episodes": [{"start_date": "2022-05-10", "end_date": "2024-06-01", "reason_ceased": "E11"}],
    ...         "adoption": [{"decision_date": "2023-01-01", "match_date": "2024-01-01"}],
    ...     }
    ... )
    >>> records = adoption_match_time(tables["episodes"], tables["adoption"], periods=[year(2025)]).collect()
    >>> records["numerator"].sum()
    365.0
    """
    history = with_placement_lived_in(care_history(episodes)).with_columns(ends_care=ceases())
    # A child's adoption is returned in its year; were it returned again, each date stands as it was last returned.
    dates = pl.col("decision_date", "match_date").drop_nulls().last()
    returned = (
        adoption.lazy().sort("known_to", "adoption_key").group_by("child_key").agg(pl.col("adoption_key").last(), dates)
    )
    age = completed_years_expr(pl.col("birth_date"), pl.col("care_start_date"))
    candidates = (
        in_periods(history, "end_date", periods)
        .join(returned, on="child_key", how="left")
        .with_columns(age.alias("age_at_care_start"))
    )
    days = (pl.col("match_date") - pl.col("decision_date")).dt.total_days()
    definition = Definition(
        kind="mean",
        unit_table=EPISODES,
        unit_id="episode_key",
        unit_row="episode_key",
        date="end_date",
        complete=ALWAYS,
        denominator={
            "looked_after": ~short_break(),
            "adopted": pl.col("ends_care") & codes_in("reason_ceased", ADOPTED, REASON_CEASED.dtype),
            "uasc_counted": counted_by_status("end_date", uasc),
            "time_known": days >= 0,
        },
        value=days,
        attributes=(*care_attributes("end_date"), "age_at_care_start"),
        matched=pl.col("adoption_key"),
        matched_table="ssda903.adoption",
    )
    return unit_records(candidates, definition, why=why)
