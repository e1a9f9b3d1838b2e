"""How many placements children lived in, and how many more there may have been that no return holds.

A return holds the episodes of its year. Where the first of them is a temporary placement, what the child was away from
is in none, so that nobody can tell a return to it from a move to another.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta

import polars as pl

from csc_indicators.histories.care import TemporaryPlacements, codes_in, short_break
from csc_indicators.histories.referrals import ALWAYS
from csc_indicators.looked_after_codes import (
    CHANGES_OF_CARER,
    CHANGES_WITH_THE_SAME_CARER,
    REASON_FOR_NEW_EPISODE,
    STARTED_TO_BE_LOOKED_AFTER,
)
from csc_indicators.periods import Period, add_months, period_dtype

ONE_DAY = timedelta(days=1)


def with_placements(
    candidates: pl.LazyFrame,
    history: pl.LazyFrame,
    periods: Sequence[Period],
    *,
    count_same_carer_moves: bool,
    temporary_placements: TemporaryPlacements,
    continuous_months: int | None,
) -> pl.LazyFrame:
    """Add how many placements each candidate's child lived in.

    Args:
        candidates: Rows with `period` and `child_key`.
        history: From `care_history`, made with the same two choices.
        periods: The periods of the candidates.
        count_same_carer_moves: Whether a move with the same carer is a move.
        temporary_placements: Whether a temporary placement is part of the placement it interrupts, or one of its own.
        continuous_months: Count over so many months up to the end of the period; None for the period itself.

    Returns:
        The candidates with `placements`, those lived in on any day of the period or months, and `placements_unseen`,
        how many more there may have been for all that the returns hold.
    """

    def first_day(period: Period) -> date:
        if continuous_months is None:
            return period.start
        return add_months(period.end + ONE_DAY, -continuous_months)

    def lived_in(period: Period) -> pl.Expr:
        return (pl.col("placement_start_date") <= period.end) & (pl.col("_over") > first_day(period))

    def lived_in_unseen(period: Period) -> pl.Expr:
        begins = first_day(period)
        away = (pl.col("care_start_date") <= begins) & (pl.col("_away_over") > begins)
        settled = (pl.col("_settled_from") <= period.end) & (pl.col("_settled_over") > begins)
        return away & (pl.col("_settled_from").is_null() | settled)

    unseen = _unseen(history, count_same_carer_moves=count_same_carer_moves, temporary_placements=temporary_placements)
    counts = {
        "placements": _counts(_placements(history, temporary_placements), periods, lived_in, "placements"),
        "placements_unseen": _counts(unseen, periods, lived_in_unseen, "placements_unseen"),
    }
    for name, count in counts.items():
        candidates = candidates.join(count, on=["period", "child_key"], how="left").with_columns(
            pl.col(name).fill_null(0)
        )
    return candidates


def _over() -> pl.Expr:
    """The day after the last of an episode: one without an end lasts up to the last return that held it."""
    return pl.coalesce(pl.col("end_date"), pl.col("known_to") + pl.duration(days=1))


def _placements(history: pl.LazyFrame, temporary_placements: TemporaryPlacements) -> pl.LazyFrame:
    """One row a placement: the child, its first day and the first day after it; one that covers no day is none.

    When temporary placements are collapsed, one that no other precedes or follows is none.
    """
    lasting = ALWAYS if temporary_placements == "count" else pl.col("lasting_row").is_not_null()
    return (
        history.filter(~short_break())
        .with_columns(_over=_over(), _lasting=lasting)
        .group_by("placement_number")
        .agg(
            pl.col("child_key").first(),
            pl.col("placement_start_date").first(),
            pl.col("_over").max(),
            pl.col("_lasting").any(),
        )
        .filter(pl.col("_lasting") & (pl.col("_over") > pl.col("placement_start_date")))
    )


def _unseen(
    history: pl.LazyFrame, *, count_same_carer_moves: bool, temporary_placements: TemporaryPlacements
) -> pl.LazyFrame:
    """One row a placement that began in a temporary one, and may have been two for all that the returns hold.

    The child was in the temporary one when the returns begin. When temporary placements are collapsed, the one that it
    was away from is one more unless that is where the child lives next (`_settled_from`; null when it went nowhere).
    When they count, it was over before; but a child that comes to be placed for adoption with its carer has moved if it
    was so placed before, and otherwise not.
    """
    started = codes_in("reason_for_new_episode", [STARTED_TO_BE_LOOKED_AFTER], REASON_FOR_NEW_EPISODE.dtype)
    # What came before the first day that the returns cover, and was over by then, is in none of them.
    before = (~started & (pl.col("start_date") <= pl.col("observed_from"))).fill_null(value=False)
    away = pl.col("lasting_row").is_null()
    reason = pl.col("_settled_reason")
    settled = pl.col("_settled_over") > pl.col("_settled_from")
    if temporary_placements == "collapse":
        may_be_two = pl.col("_settled_from").is_null() | settled
    else:
        reasons = [*CHANGES_OF_CARER, *(CHANGES_WITH_THE_SAME_CARER if count_same_carer_moves else ())]
        said = reason.is_null() | codes_in("_settled_reason", reasons, REASON_FOR_NEW_EPISODE.dtype)
        may_be_two = said & settled & (pl.col("_away_over") > pl.col("_away_from"))
    return (
        history.with_columns(
            _before=pl.when("begins_care").then(before).forward_fill(),
            _began_away=away.gather(pl.col("placement_row")),
            _over=_over(),
        )
        .filter(pl.col("_before") & pl.col("_began_away") & ~short_break())
        .group_by("placement_number")
        .agg(
            pl.col("child_key").first(),
            pl.col("care_start_date").first(),
            pl.col("start_date").filter(away).min().alias("_away_from"),
            pl.col("_over").filter(away).max().alias("_away_over"),
            pl.col("start_date").filter(~away).min().alias("_settled_from"),
            pl.col("_over").filter(~away).max().alias("_settled_over"),
            pl.col("reason_for_new_episode").filter(~away).first().alias("_settled_reason"),
        )
        .filter(may_be_two.fill_null(value=False))
    )


def _counts(
    rows: pl.LazyFrame, periods: Sequence[Period], holds: Callable[[Period], pl.Expr], name: str
) -> pl.LazyFrame:
    """How many rows of each child hold for each period, where any does: `child_key`, `period` and the count.

    All periods are counted in one pass: a plan for each of them would work out the histories once for each.
    """
    return (
        rows.group_by("child_key")
        .agg(holds(period).sum().alias(period.label) for period in periods)
        .unpivot(index="child_key", variable_name="period", value_name=name)
        .filter(pl.col(name) > 0)
        .with_columns(pl.col("period").cast(period_dtype(periods)))
    )
