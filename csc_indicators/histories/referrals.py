"""A child's referrals in date order, and the question every re-referral turns on: what came before this one?

All of it works on one packed whole number per event, authority and child in its high bits, the day in its low ones,
because sorting one column of numbers and looking at the row above is several times faster than a join or a window
function over three columns, and needs no more memory than the column.
"""

from __future__ import annotations

from typing import Literal

import polars as pl
from polars import selectors

from csc_indicators.codes import LA_CODE, PRIMARY_NEED, PRIMARY_NEED_NOT_STATED
from csc_indicators.histories.moments import DAY_OFFSET, DAY_SPAN, day_number, moment
from csc_indicators.tables.cin import CHILD_KEY_SPAN

MeasuredFrom = Literal["referral", "closure"]
SameNeed = Literal["any", "same", "different"]

NEED_SPAN = 16
EPISODE_SPAN = 2**32
ORDER_SPAN = 4

LA_CODES = pl.Series(LA_CODE.categories, dtype=LA_CODE)
"""Each authority's code at the position of its number."""

ALWAYS = pl.lit(value=True)
"""A condition that every row meets: recognised, so that it costs nothing."""

# Where an event stands on its day. A referral looks back at the events before it: a case that ended that day counts
# if it began on an earlier day, a referral of the same day does not.
ENDED_THAT_DAY = 0
REFERRED_THAT_DAY = 1
NOT_BEFORE_NEXT_DAY = 2


def led_to_action() -> pl.Expr:
    """Not flagged as needing no further action; a missing flag is no such flag."""
    return ~pl.col("no_further_action").fill_null(value=False)


def stated_need() -> pl.Expr:
    """The primary need as a number, null where it is missing or recorded as not stated."""
    need = pl.col("primary_need")
    return (
        pl.when(need != pl.lit(PRIMARY_NEED_NOT_STATED, dtype=PRIMARY_NEED.dtype))
        .then(need.to_physical())
        .cast(pl.Int64)
    )


def with_latest_earlier(
    referrals: pl.LazyFrame,
    *,
    may_be_earlier: pl.Expr,
    measured_from: MeasuredFrom = "referral",
    same_need: SameNeed = "any",
) -> pl.LazyFrame:
    """Add to each referral the latest earlier event of the same child that may count.

    Args:
        referrals: One row a referral: `child_key`, `referral_date`, `closure_date`, `primary_need`, `episode_key`.
        may_be_earlier: True for a referral that may be the earlier one.
        measured_from: Whether the earlier event is dated by its referral or by the closure of its case. Either way it
            must have been referred on an earlier day; measured from closure its case must have ended by the day of
            the later referral.
        same_need: Whether the earlier referral must have the same stated primary need, another one, or any or none.

    Returns:
        The referrals (in no particular order) with `earlier_date` (Date) and `earlier_unit` (the earlier referral's
        `episode_key`), both null where there is no such event.
    """
    if measured_from == "referral" and same_need != "different":
        return _row_above(referrals, may_be_earlier, same_need)
    return _event_before(referrals, may_be_earlier, measured_from, same_need)


def with_ordinal(referrals: pl.LazyFrame) -> pl.LazyFrame:
    """Add `ordinal`: the how manieth referral of the child each is, by day and then by key, and sort them so."""
    child, row = pl.col("child_key"), pl.int_range(pl.len())
    first = pl.when(child != child.shift(1, fill_value=-1)).then(row).forward_fill()
    # One wide number: sorting by it takes a third of the time of sorting by the columns it holds.
    place = moment("referral_date").cast(pl.Int128) * EPISODE_SPAN + pl.col("episode_key").cast(pl.Int128)
    return referrals.with_columns(_place=place).sort("_place").with_columns(ordinal=row - first + 1).drop("_place")


def _in_order(referrals: pl.LazyFrame, same_need: SameNeed) -> pl.LazyFrame:
    """The referrals of each history by day, with their `_key` and the first key of their history, `_first_day`.

    The day and the authority are read back from the key: a figure that needs no other column then sorts nothing but
    the keys.
    """
    key, day = pl.col("_key"), pl.col("_day")
    children = NEED_SPAN * CHILD_KEY_SPAN if same_need == "same" else CHILD_KEY_SPAN
    return (
        referrals.with_columns(_key=_history(same_need) * DAY_SPAN + day_number("referral_date"))
        .sort("_key")
        .with_columns(_day=key % DAY_SPAN)
        .with_columns(
            la_code=pl.lit(LA_CODES).gather(key // (DAY_SPAN * children)),
            referral_date=_date_of(day),
            _first_day=key - day,
        )
    )


def _history(same_need: SameNeed) -> pl.Expr:
    """Whose history a referral belongs to: the child's, or the child's with this need."""
    child = pl.col("child_key").cast(pl.Int64)
    return child * NEED_SPAN + stated_need().fill_null(NEED_SPAN - 1) if same_need == "same" else child


def _date_of(day: pl.Expr) -> pl.Expr:
    return (day - DAY_OFFSET).cast(pl.Int32).cast(pl.Date)


def _row_above(referrals: pl.LazyFrame, may_be_earlier: pl.Expr, same_need: SameNeed) -> pl.LazyFrame:
    """The earlier event by looking at the rows above, when both events are dated by their referral."""
    key, above = pl.col("_key"), pl.col("_above")
    if same_need == "same":
        stated = stated_need().is_not_null()
        may_be_earlier = stated if may_be_earlier is ALWAYS else may_be_earlier & stated
    if may_be_earlier is not ALWAYS:
        referrals = referrals.with_columns(_may_be_earlier=may_be_earlier)

    def row_above(column: pl.Expr) -> pl.Expr:
        latest = column if may_be_earlier is ALWAYS else pl.when("_may_be_earlier").then(column).forward_fill()
        # Referrals of one day look back from the first of them, so that none is earlier than another.
        return pl.when(key != key.shift(1)).then(latest.shift(1)).forward_fill()

    return (
        _in_order(referrals, same_need)
        .with_columns(_above=row_above(key), _above_unit=row_above(pl.col("episode_key")))
        # Keys ascend, so a key above is the same history's unless it lies before the history's first day.
        .with_columns(_found=above >= pl.col("_first_day"))
        .with_columns(
            earlier_date=pl.when("_found").then(_date_of(above - pl.col("_first_day"))),
            earlier_unit=pl.when("_found").then("_above_unit"),
        )
        .drop(selectors.starts_with("_"))
    )


def _event_before(
    referrals: pl.LazyFrame, may_be_earlier: pl.Expr, measured_from: MeasuredFrom, same_need: SameNeed
) -> pl.LazyFrame:
    """The earlier event by going through referrals and events side by side, each in order, for every other reading.

    For a different need the latest event may have the same one, so each event also carries the latest one before it
    whose need differs from its own: of the two, at least one differs from the referral's need if any does.
    """
    position, event, need = pl.col("_position"), pl.col("_event"), stated_need()
    dated, order = "referral_date", pl.lit(NOT_BEFORE_NEXT_DAY)
    events = referrals if may_be_earlier is ALWAYS else referrals.filter(may_be_earlier)
    if measured_from == "closure":
        events = events.filter(pl.col("closure_date") >= pl.col("referral_date"))
        dated = "closure_date"
        order = (
            pl.when(pl.col("closure_date") > pl.col("referral_date"))
            .then(ENDED_THAT_DAY)
            .otherwise(NOT_BEFORE_NEXT_DAY)
        )
    if same_need != "any":
        events = events.filter(need.is_not_null())
    events = (
        events.select(
            _position=(_history(same_need) * DAY_SPAN + day_number(dated)) * ORDER_SPAN + order,
            _unit=pl.col("episode_key"),
            _need=need,
        )
        .sort("_position")
        .with_columns(_event=position // ORDER_SPAN)
    )
    if same_need == "different":
        differs = (pl.col("_need") != pl.col("_need").shift(1)) | (event // DAY_SPAN != event.shift(1) // DAY_SPAN)
        events = events.with_columns(
            _other=pl.when(differs).then(event.shift(1)).forward_fill(),
            _other_unit=pl.when(differs).then(pl.col("_unit").shift(1)).forward_fill(),
        )
    side_by_side = (
        _in_order(referrals, same_need)
        .with_columns(_position=pl.col("_key") * ORDER_SPAN + REFERRED_THAT_DAY)
        .join_asof(events, on="_position", strategy="backward", check_sortedness=False)
    )
    found, unit, applies = event, pl.col("_unit"), ALWAYS
    if same_need == "different":
        repeated = pl.col("_need") == need
        found = pl.when(repeated).then("_other").otherwise("_event")
        unit = pl.when(repeated).then("_other_unit").otherwise("_unit")
        applies = need.is_not_null()
    return (
        side_by_side.with_columns(_event=found, _unit=unit)
        .with_columns(_found=applies & (event >= pl.col("_first_day")))
        .with_columns(
            earlier_date=pl.when("_found").then(_date_of(event - pl.col("_first_day"))),
            earlier_unit=pl.when("_found").then("_unit"),
        )
        .drop(selectors.starts_with("_"))
    )
