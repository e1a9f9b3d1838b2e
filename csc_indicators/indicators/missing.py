"""Children missing from care: the definition of `specs/indicators/missing_from_care.toml`."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from csc_indicators.histories.care import Unaccompanied, care_history, codes_in, counted_by_status, short_break
from csc_indicators.histories.people import age_at
from csc_indicators.histories.referrals import ALWAYS
from csc_indicators.histories.spells import open_during
from csc_indicators.indicators.keywords import checked
from csc_indicators.indicators.looked_after import EPISODES, care_attributes, with_last, with_placement_lived_in
from csc_indicators.indicators.unit_records import Definition, every, unit_records
from csc_indicators.looked_after_codes import IS_AWAY, IS_MISSING, MISSING_KIND
from csc_indicators.periods import ADULT_AGE, Period, period_dtype


@checked
def missing_from_care(
    episodes: pl.DataFrame | pl.LazyFrame,
    missing: pl.DataFrame | pl.LazyFrame,
    *,
    periods: Sequence[Period],
    include_away: bool = False,
    uasc: Unaccompanied = "include",
    why: bool = False,
) -> pl.LazyFrame:
    """The share of children looked after in each period who went missing from care in it.

    Args:
        episodes: The validated `Ssda903.episodes`, one row an episode.
        missing: The validated `Ssda903.missing`, one row a time missing or away.
        periods: The periods.
        include_away: Whether a time away without authorisation counts as one missing.
        uasc: Whether unaccompanied asylum-seeking children count, count not, or are the only ones to count.
        why: Also say which clause decided each episode of the period.

    Returns:
        Unit records, one a child looked after on any day of the period: numerator 1 when missing on one, denominator 1.
        Date and age are those of the last day of the period on which the child was looked after or, when that is not
        over, of the period.

    Source: specs/indicators/missing_from_care.toml.

    >>> from csc_indicators.examples import example_care_tables
    >>> from csc_indicators.periods import year
    >>> tables = example_care_tables(
    ...     {"episodes": [{"start_date": "2023-05-10"}], "missing": [{"start_date": "2024-05-10"}]}
    ... )
    >>> missing_from_care(tables["episodes"], tables["missing"], periods=[year(2025)]).collect()["numerator"].sum()
    1.0
    """
    history = with_placement_lived_in(care_history(episodes))
    candidates = open_during(history, periods, begins="start_date", ends="end_date")
    # An episode that ended on the first day of a period covers none of its days.
    last_covered = pl.coalesce(pl.col("end_date") - pl.duration(days=1), "known_to")
    covers_a_day = last_covered >= pl.max_horizontal("start_date", "period_start")
    last_day = pl.min_horizontal(last_covered, "period_end")
    candidates = candidates.with_columns(last_day=last_day).with_columns(age_at("last_day"))
    clauses: dict[str, pl.Expr] = {
        "looked_after": ~short_break(),
        "covers_a_day": covers_a_day,
        "under_18": (pl.col("age") < ADULT_AGE).fill_null(value=True),
        "uasc_counted": counted_by_status("last_day", uasc),
    }
    candidates = with_last(candidates, every(clauses.values()), date="start_date", name="stands")
    times = [_missing_in(missing.lazy(), period, periods, include_away=include_away) for period in periods]
    candidates = candidates.join(pl.concat(times), on=["period", "child_key"], how="left")
    definition = Definition(
        kind="share",
        unit_table=EPISODES,
        unit_id="child_key",
        unit_row="episode_key",
        date="last_day",
        complete=ALWAYS,
        denominator={**clauses, "stands_for_the_child": pl.col("stands")},
        numerator={"went_missing": pl.col("missing_key").is_not_null()},
        attributes=care_attributes("last_day"),
        matched=pl.col("missing_key"),
        matched_table="ssda903.missing",
    )
    return unit_records(candidates, definition, why=why)


def _missing_in(
    missing: pl.LazyFrame, period: Period, periods: Sequence[Period], *, include_away: bool
) -> pl.LazyFrame:
    """The first time missing of each child on any day of a period; one still missing is so up to the last return."""
    kinds = [IS_MISSING, IS_AWAY] if include_away else [IS_MISSING]
    counted = codes_in("missing_kind", kinds, MISSING_KIND.dtype)
    until = pl.coalesce("end_date", "known_to")
    has_a_day = (pl.col("start_date") <= period.end) & (until >= period.start) & (until >= pl.col("start_date"))
    return (
        missing.filter(counted & has_a_day)
        .sort("start_date", "missing_key")
        .unique("child_key", keep="first", maintain_order=True)
        .select("child_key", "missing_key", period=pl.lit(period.label, dtype=period_dtype(periods)))
    )
