"""A child's protection plans in order, and the question that a repeat plan turns on: had an earlier one ended?"""

from __future__ import annotations

import polars as pl

from csc_indicators.histories.moments import DAY_SPAN, moment
from csc_indicators.periods import Period, add_months_expr

ORDER_SPAN = 4

# Where an event stands on its day. A plan looks back at the plans that ended before it or on its day; one that began on
# its day too is not an earlier plan.
ENDED_THAT_DAY = 0
BEGAN_THAT_DAY = 1
NOT_BEFORE_NEXT_DAY = 2


def with_previous_plan(plans: pl.DataFrame | pl.LazyFrame) -> pl.LazyFrame:
    """Add to each plan the latest end of an earlier plan of the same child in the same authority.

    An earlier plan began on an earlier day and had ended by the day that this one began. Plans that ended before they
    began are no earlier plans.

    Returns:
        The plans with `previous_end` (Date) and `previous_plan` (its `plan_key`), null where there is none.
    """
    begins, ends = pl.col("start_date"), pl.col("end_date")
    position, found = pl.col("_position"), pl.col("_ended")
    ended = (
        plans.lazy()
        .filter(ends >= begins)
        .select(
            _position=moment("end_date") * ORDER_SPAN
            + pl.when(ends > begins).then(ENDED_THAT_DAY).otherwise(NOT_BEFORE_NEXT_DAY),
            previous_plan="plan_key",
            previous_end="end_date",
        )
        .sort("_position", "previous_plan")
        .with_columns(_ended=position)
    )
    first_of_child = pl.col("child_key").cast(pl.Int64) * DAY_SPAN * ORDER_SPAN
    side_by_side = (
        plans.lazy()
        .with_columns(_position=moment("start_date") * ORDER_SPAN + BEGAN_THAT_DAY)
        .sort("_position")
        .join_asof(ended, on="_position", strategy="backward", check_sortedness=False)
    )
    of_child = found >= first_of_child
    return side_by_side.with_columns(
        previous_end=pl.when(of_child).then("previous_end"), previous_plan=pl.when(of_child).then("previous_plan")
    ).drop("_position", "_ended")


def reviews_of_plans(
    plans: pl.DataFrame | pl.LazyFrame, reviews: pl.DataFrame | pl.LazyFrame, period: Period, *, later_months: int
) -> pl.LazyFrame:
    """What the reviews of each plan up to the end of a period say of its timetable.

    Args:
        plans: One row a plan: `plan_key`, `start_date`.
        reviews: One row a review: `plan_key`, `review_date`.
        period: Reviews after its end are not known yet.
        later_months: The most months from one review to the next.

    Returns:
        One row a plan with a review from its start on: `plan_key`, `first_review`, and `later_in_time`: none came, nor
        is the next one, more than so many months after the one before.
    """
    following = pl.col("review_date").shift(-1).over("plan_key").fill_null(period.end)
    return (
        reviews.lazy()
        .select("plan_key", "review_date")
        .filter(pl.col("review_date") <= period.end)
        .join(plans.lazy().select("plan_key", "start_date"), on="plan_key")
        .filter(pl.col("review_date") >= pl.col("start_date"))
        .sort("plan_key", "review_date")
        .with_columns(_in_time=following <= add_months_expr(pl.col("review_date"), later_months))
        .group_by("plan_key")
        .agg(first_review=pl.col("review_date").min(), later_in_time=pl.col("_in_time").all())
    )
