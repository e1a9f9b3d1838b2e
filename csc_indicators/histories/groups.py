"""The social care groups of the statistics on outcomes: in need only, on a plan only, looked after for a year.

A child is in one group at most: being looked after goes before a child protection plan, and that before being in need.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from csc_indicators.histories.care import care_history, looked_after_at_ends, looked_after_throughout, short_break
from csc_indicators.histories.referrals import led_to_action
from csc_indicators.histories.spells import open_at_ends
from csc_indicators.periods import MONTHS_IN_YEAR, Period

LOOKED_AFTER, ON_PLAN, IN_NEED = "CLA12", "CPPO", "CINO"
SOCIAL_CARE_GROUP = pl.Enum([LOOKED_AFTER, ON_PLAN, IN_NEED])
"""Looked after for twelve months; on a child protection plan and not looked after; in need and neither."""

_LOOKED_AFTER_FOR_LESS = "looked after for less"
_PRECEDENCE = (LOOKED_AFTER, _LOOKED_AFTER_FOR_LESS, ON_PLAN, IN_NEED)


def social_care_groups(
    cin_episodes: pl.DataFrame | pl.LazyFrame,
    child_protection_plans: pl.DataFrame | pl.LazyFrame,
    care_episodes: pl.DataFrame | pl.LazyFrame,
    *,
    periods: Sequence[Period],
    care_months: int = MONTHS_IN_YEAR,
) -> pl.LazyFrame:
    """The social care group of each child at the end of each period, for use with tables on education.

    Args:
        cin_episodes: The validated `CinCensus.episodes`, one row an episode of need.
        child_protection_plans: The validated `CinCensus.child_protection_plans`.
        care_episodes: The validated `Ssda903.episodes`. Series of short breaks are no care.
        periods: The periods at whose ends to look.
        care_months: For how many months up to the end a child must have been looked after for `CLA12`. One looked after
            for less is in no group: the other two leave out every child who is looked after.

    Returns:
        `period`, `la_code`, `child_id`, `social_care_group`, one row a child in a group. Children of both returns are
        the same when authority and id are.

    Source: the statistics on outcomes for children in need, including children looked after (Department for Education).

    >>> from csc_indicators.examples import example_care, example_tables
    >>> from csc_indicators.periods import year
    >>> cin = example_tables({"episodes": [{"child_id": child, "referral_date": "2023-05-10"} for child in "AB"]})
    >>> care = example_care([{"child_id": "A", "start_date": "2023-06-01"}])
    >>> groups = social_care_groups(cin["episodes"], cin["child_protection_plans"], care, periods=[year(2025)])
    >>> groups.select("child_id", "social_care_group").collect().rows()
    [('A', 'CLA12'), ('B', 'CINO')]
    """
    in_need = open_at_ends(
        cin_episodes.lazy().filter(led_to_action()), periods, begins="referral_date", ends="closure_date"
    )
    on_plan = open_at_ends(child_protection_plans, periods, begins="start_date", ends="end_date")
    looked_after = looked_after_at_ends(care_history(care_episodes), periods).filter(~short_break())
    for_long = looked_after_throughout(care_months)
    order = pl.Enum(_PRECEDENCE)
    who = ("period", "la_code", "child_id")
    claim = pl.when(for_long).then(pl.lit(LOOKED_AFTER)).otherwise(pl.lit(_LOOKED_AFTER_FOR_LESS))
    claims = [
        looked_after.select(*who, _claim=claim.cast(order)),
        on_plan.select(*who, _claim=pl.lit(ON_PLAN, dtype=order)),
        in_need.select(*who, _claim=pl.lit(IN_NEED, dtype=order)),
    ]
    return (
        pl.concat(claims)
        # Enums are in order: the first claim is the one that goes before the others.
        .group_by(who)
        .agg(pl.col("_claim").min().cast(pl.String))
        .filter(pl.col("_claim") != _LOOKED_AFTER_FOR_LESS)
        .select(*who, social_care_group=pl.col("_claim").cast(SOCIAL_CARE_GROUP))
        .sort(who)
    )
