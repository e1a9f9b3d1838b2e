"""Histories of care: periods of care and placements, out of episodes that end whenever anything changes.

The return starts a new episode for every change of legal status, placement or carer. A child is looked after from the
start of an episode up to, and not on, the day it ends. Episodes follow each other; a gap, or an episode that says that
care started, begins another **period of care**. Within it a **placement** lasts until the child moves: a change of
legal status alone is no move, and neither is a stay in a temporary placement from which the child returns.

Series of short breaks are a history of their own beside the other: a child with nothing else is not looked after.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import polars as pl

from csc_indicators.histories.moments import DAY_SPAN, day_number
from csc_indicators.histories.people import age_at
from csc_indicators.histories.referrals import ALWAYS
from csc_indicators.histories.spells import open_at_ends
from csc_indicators.looked_after_codes import (
    ANOTHER_EPISODE_FOLLOWS,
    CHANGES_OF_CARER,
    CHANGES_WITH_THE_SAME_CARER,
    LEGAL_STATUS,
    PLACED_FOR_ADOPTION_WITH_CURRENT_CARER,
    PLACEMENT,
    REASON_CEASED,
    REASON_FOR_NEW_EPISODE,
    SHORT_BREAKS,
    STARTED_TO_BE_LOOKED_AFTER,
    TEMPORARY_PLACEMENTS,
)
from csc_indicators.periods import Period, add_months_expr

Unaccompanied = Literal["include", "exclude", "only"]
TemporaryPlacements = Literal["collapse", "count"]

PLACE = ("placement", "placement_postcode")
"""What tells one placement from another where the reason for an episode does not."""

KEY_SPAN = 2**32
"""More than any key of an episode."""

KINDS_OF_CARE = 2
"""Care, and series of short breaks: two histories of one child."""


def codes_in(column: str, codes: Sequence[str], dtype: pl.DataType) -> pl.Expr:
    """True where a column of codes holds one of these; a missing code is none of them."""
    return pl.col(column).is_in(pl.Series(codes, dtype=dtype).implode()).fill_null(value=False)


def short_break() -> pl.Expr:
    """True for an episode of a series of short breaks."""
    return codes_in("legal_status", SHORT_BREAKS, LEGAL_STATUS.dtype)


def temporary() -> pl.Expr:
    """True for an episode in a temporary placement."""
    return codes_in("placement", TEMPORARY_PLACEMENTS, PLACEMENT.dtype)


def care_history(
    episodes: pl.DataFrame | pl.LazyFrame,
    *,
    count_same_carer_moves: bool = False,
    temporary_placements: TemporaryPlacements = "collapse",
) -> pl.LazyFrame:
    """Every episode with its place in the child's history of care.

    Args:
        episodes: The validated `Ssda903.episodes`.
        count_same_carer_moves: Whether a move with the same carer ends a placement.
        temporary_placements: `collapse` when a temporary placement is part of the placement it interrupts, `count` when
            it is one of its own, as is the return from it.

    Returns:
        The episodes in order of child and time, with `begins_care`, `care_start_date`, `care_start_known` (whether the
        returns reach back to it), `begins_placement`, `placement_number` (the same for all episodes of one placement),
        `placement_start_date`, `previous_placement_start_date` (within the period of care), `placement_row` (the row of
        the episode that began the placement), `lasting_row` (the row of the episode whose placement this is: in a
        temporary one, that of the placement interrupted; null when there is none), `previous_row` and `next_row` (the
        child's episodes beside it, null where care begins or nothing follows on the day it ends).
    """
    numbered = (
        episodes.lazy()
        .with_columns(_history=pl.col("child_key").cast(pl.Int64) * KINDS_OF_CARE + short_break())
        .with_columns(_moment=pl.col("_history") * DAY_SPAN + day_number("start_date"))
        # One wide number sorts in half the time that two columns take.
        .with_columns(_position=pl.col("_moment").cast(pl.Int128) * KEY_SPAN + pl.col("episode_key").cast(pl.Int128))
        .sort("_position")
        .drop("_position")
        .with_row_index("_row")
    )
    # In order, a child's episodes stand together, so that looking at the row above needs no window function.
    # An episode that vanished from the returns does not last for ever: up to the last return that held it.
    over = pl.coalesce(pl.col("end_date"), pl.col("known_to") + pl.duration(days=1))
    reached = (pl.col("_history") * DAY_SPAN + day_number(over)).cum_max().shift(1)
    started = codes_in("reason_for_new_episode", [STARTED_TO_BE_LOOKED_AFTER], REASON_FOR_NEW_EPISODE.dtype)
    first = (pl.col("_history") != pl.col("_history").shift(1)).fill_null(value=True)
    gap = (pl.col("_moment") > reached).fill_null(value=True)
    lasts = (
        numbered.with_columns(begins_care=gap | started, _known=started | ~first, _temporary=temporary())
        .with_columns(
            care_start_date=pl.when("begins_care").then("start_date").forward_fill(),
            care_start_known=pl.when("begins_care").then("_known").forward_fill(),
            # -1: care began in a temporary placement, and there is none that it interrupts.
            _lasting=pl.when(~pl.col("_temporary"))
            .then(pl.col("_row").cast(pl.Int64))
            .when("begins_care")
            .then(-1)
            .forward_fill(),
        )
        .with_columns(lasting_row=pl.when(pl.col("_lasting") >= 0).then("_lasting").cast(pl.UInt32))
        .with_columns(
            _lasting_before=pl.when(~pl.col("begins_care")).then(pl.col("lasting_row").shift(1)),
            previous_row=pl.when(~pl.col("begins_care")).then(pl.col("_row").shift(1)),
            next_row=pl.when(
                (pl.col("_moment").shift(-1) == pl.col("_history") * DAY_SPAN + day_number("end_date")).fill_null(
                    value=False
                )
            ).then(pl.col("_row").shift(-1)),
        )
    )
    moved = _moved(count_same_carer_moves=count_same_carer_moves, temporary_placements=temporary_placements)
    return (
        lasts.with_columns(begins_placement=pl.col("begins_care") | moved.fill_null(value=False))
        .with_columns(
            placement_number=pl.col("begins_placement").cum_sum().cast(pl.UInt32),
            placement_start_date=pl.when("begins_placement").then("start_date").forward_fill(),
        )
        .with_columns(
            _before=pl.when(pl.col("begins_placement") & ~pl.col("begins_care")).then(
                pl.col("placement_start_date").shift(1)
            ),
            placement_row=pl.when("begins_placement").then("_row").forward_fill(),
        )
        .with_columns(previous_placement_start_date=pl.col("_before").gather(pl.col("placement_row")))
        .drop("_history", "_moment", "_known", "_temporary", "_lasting", "_lasting_before", "_before")
    )


def _moved(*, count_same_carer_moves: bool, temporary_placements: TemporaryPlacements) -> pl.Expr:
    """True for an episode that begins another placement than the one before it in the same period of care."""
    reasons = [*CHANGES_OF_CARER, *(CHANGES_WITH_THE_SAME_CARER if count_same_carer_moves else ())]
    lasting_before = pl.col("_lasting_before")
    elsewhere = _elsewhere_than(lasting_before)
    # Where no reason is recorded, another placement or another postcode is a move: than the one before, when temporary
    # ones are placements of their own, so that coming back from one is a move as well.
    unsaid = elsewhere if temporary_placements == "collapse" else _elsewhere_than(pl.col("previous_row"))
    said = codes_in("reason_for_new_episode", reasons, REASON_FOR_NEW_EPISODE.dtype)
    moved = pl.when(pl.col("reason_for_new_episode").is_null()).then(unsaid).otherwise(said)
    if temporary_placements == "collapse":
        back = pl.col("_temporary").shift(1).fill_null(value=False)
        moved = pl.when(pl.col("_temporary")).then(pl.lit(value=False)).when(back).then(elsewhere).otherwise(moved)
    kept_carer = codes_in("placement", PLACED_FOR_ADOPTION_WITH_CURRENT_CARER, PLACEMENT.dtype)
    was_so = kept_carer.gather(lasting_before).fill_null(value=False)
    return moved & ~(kept_carer & ~was_so)


def _elsewhere_than(row: pl.Expr) -> pl.Expr:
    """True for an episode in another placement or at another postcode than that of a row; false where there is none."""
    place, postcode = (pl.col(column).ne_missing(pl.col(column).gather(row)) for column in PLACE)
    return (place | postcode) & row.is_not_null()


def of_lasting(column: str) -> pl.Expr:
    """A column of the episode whose placement this is; in a temporary one without such, missing.

    For a whole history, before any row is left out.
    """
    return pl.col(column).gather(pl.col("lasting_row"))


def of_next(column: str) -> pl.Expr:
    """A column of the episode that begins on the day this one ends; missing when none does."""
    return pl.col(column).gather(pl.col("next_row"))


def ceases() -> pl.Expr:
    """True for an episode whose end is the end of care: another reason than that an episode follows.

    Where no reason is recorded, care ended unless another episode begins that day.
    """
    reason = pl.col("reason_ceased")
    follows = reason == pl.lit(ANOTHER_EPISODE_FOLLOWS, dtype=REASON_CEASED.dtype)
    return pl.col("end_date").is_not_null() & (~follows).fill_null(pl.col("next_row").is_null())


def unaccompanied_on(day: str | pl.Expr) -> pl.Expr:
    """True for an unaccompanied asylum-seeking child on a day: the status holds until the day it ceased, if it has."""
    on = pl.col(day) if isinstance(day, str) else day
    until = pl.col("unaccompanied_until")
    return (pl.col("unaccompanied") & (until.is_null() | (until > on))).fill_null(value=False)


def counted_by_status(day: str, uasc: Unaccompanied) -> pl.Expr:
    """Whether a child counts, by whether it is unaccompanied on a day."""
    if uasc == "include":
        return ALWAYS
    return unaccompanied_on(day) if uasc == "only" else ~unaccompanied_on(day)


def looked_after_at_ends(history: pl.LazyFrame, periods: Sequence[Period]) -> pl.LazyFrame:
    """The episodes open at the end of each period, once for each, with the child's age and whether it stands.

    Returns:
        `period`, `period_start`, `period_end`, `age`, and the columns of the history.
    """
    candidates = open_at_ends(history, periods, begins="start_date", ends="end_date")
    return candidates.with_columns(age_at("period_end"))


def looked_after_throughout(months: int) -> pl.Expr:
    """True for a child looked after on every one of the last so many months of days, the period's last day included."""
    return pl.col("care_start_date") <= first_day_of(months)


def first_day_of(months: int) -> pl.Expr:
    """The first day of the so many months that end with the period."""
    return add_months_expr(pl.col("period_end") + pl.duration(days=1), -months)
