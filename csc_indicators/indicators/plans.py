"""Child protection plans: the definitions of `specs/indicators/*plan*.toml`.

Every function is pure: validated tables in, unit records out. See `unit_records` for the shape.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import polars as pl

from csc_indicators.histories.plans import reviews_of_plans, with_previous_plan
from csc_indicators.histories.referrals import ALWAYS
from csc_indicators.histories.spells import open_during, open_on
from csc_indicators.indicators.keywords import checked
from csc_indicators.indicators.unit_records import (
    Definition,
    attributes_at,
    observed,
    unit_records,
    with_first_of_the_child,
)
from csc_indicators.periods import Period, add_months_expr, in_periods, months_before, period_dtype

LATEST_CATEGORY = pl.col("latest_category_of_abuse").alias("category_of_abuse")
"""For plans that are counted while open: what the plan is for now."""
INITIAL_CATEGORY = pl.col("initial_category_of_abuse").alias("category_of_abuse")
"""For plans that are counted as they start."""


@checked
def child_protection_plans(
    child_protection_plans: pl.DataFrame | pl.LazyFrame,
    *,
    periods: Sequence[Period],
    count_of: Literal["children", "plans"] = "children",
    why: bool = False,
) -> pl.LazyFrame:
    """Children on a child protection plan at the end of each period: the numerator of a rate per 10,000 children.

    Args:
        child_protection_plans: The validated `CinCensus.child_protection_plans`, one row a plan.
        periods: The periods at whose ends to count.
        count_of: Children, each once, or plans.
        why: Also say which clause decided each plan that was open in the period.

    Returns:
        Unit records, one a child (or a plan): numerator 1, denominator null (the population supplies it).

    Source: specs/indicators/child_protection_plans.toml.

    >>> from csc_indicators.examples import example_tables
    >>> from csc_indicators.periods import year
    >>> tables = example_tables({"child_protection_plans": [{"start_date": "2024-05-10"}]})
    >>> child_protection_plans(tables["child_protection_plans"], periods=[year(2025)]).collect()["numerator"].sum()
    1.0
    """
    is_open = open_on(pl.col("period_end"), begins="start_date", ends="end_date")
    of_children = count_of == "children"
    candidates = _open_in(child_protection_plans, periods)
    if of_children:
        candidates = _with_first(candidates, is_open)
    definition = Definition(
        kind="rate",
        unit_table="child_protection_plans",
        unit_id="child_key" if of_children else "plan_key",
        unit_row="plan_key",
        date="period_end",
        complete=ALWAYS,
        numerator={
            "open_at_period_end": is_open,
            "first_of_the_child": pl.col("first_of_the_child") if of_children else ALWAYS,
        },
        attributes=(*attributes_at("period_end"), LATEST_CATEGORY),
    )
    return unit_records(candidates, definition, why=why)


@checked
def child_protection_plan_starts(
    child_protection_plans: pl.DataFrame | pl.LazyFrame,
    *,
    periods: Sequence[Period],
    count_of: Literal["plans", "children"] = "plans",
    why: bool = False,
) -> pl.LazyFrame:
    """Child protection plans that started in each period: the numerator of a rate per 10,000 children.

    Args:
        child_protection_plans: The validated `CinCensus.child_protection_plans`, one row a plan.
        periods: The periods to count in.
        count_of: Plans, or children: a child counts once in a period.
        why: Also say which clause decided each plan, with those that are not counted.

    Returns:
        Unit records, one a plan (or a child): numerator 1, denominator null (the population supplies it).

    Source: specs/indicators/child_protection_plan_starts.toml.

    >>> from csc_indicators.examples import example_tables
    >>> from csc_indicators.periods import year
    >>> plans = example_tables({"child_protection_plans": [{"start_date": "2024-05-10"}]})["child_protection_plans"]
    >>> child_protection_plan_starts(plans, periods=[year(2025)]).collect()["numerator"].sum()
    1.0
    """
    of_children = count_of == "children"
    candidates = in_periods(child_protection_plans.lazy(), "start_date", periods)
    if of_children:
        candidates = _with_first(candidates, ALWAYS)
    definition = Definition(
        kind="rate",
        unit_table="child_protection_plans",
        unit_id="child_key" if of_children else "plan_key",
        unit_row="plan_key",
        date="start_date",
        complete=observed("start_date"),
        numerator={"first_of_the_child": pl.col("first_of_the_child") if of_children else ALWAYS},
        attributes=(*attributes_at("start_date"), INITIAL_CATEGORY),
    )
    return unit_records(candidates, definition, why=why)


@checked
def repeat_child_protection_plans(
    child_protection_plans: pl.DataFrame | pl.LazyFrame,
    *,
    periods: Sequence[Period],
    previous_plan_basis: Literal["reported", "observed", "either"] = "reported",
    look_back_months: int | None = None,
    why: bool = False,
) -> pl.LazyFrame:
    """The share of the child protection plans that started in each period that were not the child's first.

    Args:
        child_protection_plans: The validated `CinCensus.child_protection_plans`, one row a plan.
        periods: The periods to count in.
        previous_plan_basis: Whether an earlier plan is one that the return reports as a number of previous plans, one
            that is among the returns and had ended by the start of this one, or either.
        look_back_months: The most months from the end of the earlier plan to the start of this one; None for ever. The
            reported number has no date: within a window only plans among the returns count, whatever the basis.
        why: Also say which clause decided each plan, and which earlier plan was found for it.

    Returns:
        Unit records, one a plan: numerator 1 when it is a second or later plan, denominator 1. `complete` is false
        where the authority's censuses do not reach back over the whole window (ever: to the child's birth, unless the
        reported number answers).

    Source: specs/indicators/repeat_child_protection_plans.toml.

    >>> from csc_indicators.examples import example_tables
    >>> from csc_indicators.periods import year
    >>> rows = [{"start_date": "2024-05-10", "number_of_previous_plans": 1}]
    >>> plans = example_tables({"child_protection_plans": rows})["child_protection_plans"]
    >>> repeat_child_protection_plans(plans, periods=[year(2025)]).collect()["numerator"].sum()
    1.0
    """
    start = pl.col("start_date")
    reported = pl.col("number_of_previous_plans") >= 1
    observed_before = pl.col("previous_end").is_not_null()
    if look_back_months is not None:
        first_day = months_before(start, look_back_months)
        previous, within = observed_before, pl.col("previous_end") >= first_day
        complete = observed("start_date") & (pl.col("observed_from") <= first_day)
    else:
        since_birth = observed("start_date") & (pl.col("observed_from") <= pl.col("birth_date"))
        within = ALWAYS
        previous = {"reported": reported, "observed": observed_before, "either": reported | observed_before}[
            previous_plan_basis
        ]
        complete = since_birth if previous_plan_basis == "observed" else observed("start_date")
    candidates = child_protection_plans.lazy()
    needs_history = why or look_back_months is not None or previous_plan_basis != "reported"
    if needs_history:
        candidates = with_previous_plan(candidates)
    definition = Definition(
        kind="share",
        unit_table="child_protection_plans",
        unit_id="plan_key",
        unit_row="plan_key",
        date="start_date",
        complete=complete,
        numerator={"previous_plan": previous, "within_look_back": within},
        attributes=(*attributes_at("start_date"), INITIAL_CATEGORY),
        matched=pl.col("previous_plan") if needs_history else None,
        matched_table="child_protection_plans",
    )
    return unit_records(in_periods(candidates, "start_date", periods), definition, why=why)


@checked
def plans_open_two_years(
    child_protection_plans: pl.DataFrame | pl.LazyFrame,
    *,
    periods: Sequence[Period],
    plans_considered: Literal["open", "ended"] = "open",
    minimum_days: int = 730,
    why: bool = False,
) -> pl.LazyFrame:
    """The share of the plans open at the end of each period (or ended in it) that have lasted two years or more.

    Args:
        child_protection_plans: The validated `CinCensus.child_protection_plans`, one row a plan.
        periods: The periods at whose ends, or in which, to count.
        plans_considered: Plans open at the end of the period, or plans that ended in it.
        minimum_days: The fewest days of a long plan, its first and its last day (or the end of the period) included.
        why: Also say which clause decided each plan that was open in the period.

    Returns:
        Unit records, one a plan: numerator 1 when it has lasted so long, denominator 1, and `plan_days`, its days.

    Source: specs/indicators/plans_open_two_years.toml.

    >>> from csc_indicators.examples import example_tables
    >>> from csc_indicators.periods import year
    >>> plans = example_tables({"child_protection_plans": [{"start_date": "2023-04-02"}]})["child_protection_plans"]
    >>> plans_open_two_years(plans, periods=[year(2025)]).collect().select("plan_days", "numerator").row(0)
    (730, 1.0)
    """
    ends, end = pl.col("end_date"), pl.col("period_end")
    is_open = open_on(end, begins="start_date", ends="end_date")
    ended = ends.is_between("period_start", "period_end")
    last_day = pl.min_horizontal(ends, end)
    definition = Definition(
        kind="share",
        unit_table="child_protection_plans",
        unit_id="plan_key",
        unit_row="plan_key",
        date="last_day",
        complete=ALWAYS,
        denominator={"plan_considered": is_open if plans_considered == "open" else ended},
        numerator={"lasted_long_enough": pl.col("plan_days") >= minimum_days},
        attributes=(*attributes_at("last_day"), LATEST_CATEGORY, "plan_days"),
    )
    candidates = _open_in(child_protection_plans, periods).with_columns(
        last_day=last_day, plan_days=(last_day - pl.col("start_date")).dt.total_days() + 1
    )
    return unit_records(candidates, definition, why=why)


@checked
def plan_reviews_in_time(
    child_protection_plans: pl.DataFrame | pl.LazyFrame,
    reviews: pl.DataFrame | pl.LazyFrame,
    *,
    periods: Sequence[Period],
    first_review_months: int = 3,
    later_review_months: int = 6,
    why: bool = False,
) -> pl.LazyFrame:
    """The share of the plans open for three months or more at the end of each period whose reviews were all in time.

    Args:
        child_protection_plans: The validated `CinCensus.child_protection_plans`, one row a plan.
        reviews: The validated `CinCensus.reviews`, one row a review of a plan.
        periods: The periods at whose ends to count.
        first_review_months: The most months from the start of a plan to its first review; younger plans are left out.
        later_review_months: The most months from one review to the next, the one still to come included.
        why: Also say which clause decided each plan that was open in the period.

    Returns:
        Unit records, one a plan: numerator 1 when every review was in time, denominator 1. `complete` is false where
        the authority's censuses do not reach back to the start of the plan: its first reviews may be in earlier ones.

    Source: specs/indicators/plan_reviews_in_time.toml.

    >>> from csc_indicators.examples import example_tables
    >>> from csc_indicators.periods import year
    >>> rows = [{"start_date": "2024-05-10", "reviews": ["2024-08-01", "2025-01-20"]}]
    >>> tables = example_tables({"child_protection_plans": rows})
    >>> held = tables["child_protection_plans"], tables["reviews"]
    >>> plan_reviews_in_time(*held, periods=[year(2025)]).collect()["numerator"].sum()
    1.0
    """
    end = pl.col("period_end")
    first_due = add_months_expr(pl.col("start_date"), first_review_months)
    definition = Definition(
        kind="share",
        unit_table="child_protection_plans",
        unit_id="plan_key",
        unit_row="plan_key",
        date="period_end",
        complete=observed("start_date"),
        denominator={
            "open_at_period_end": open_on(end, begins="start_date", ends="end_date"),
            "open_long_enough": first_due <= end,
        },
        numerator={
            "reviewed": pl.col("first_review").is_not_null(),
            "first_review_in_time": pl.col("first_review") <= first_due,
            "later_reviews_in_time": pl.col("later_in_time"),
        },
        attributes=(*attributes_at("period_end"), LATEST_CATEGORY),
    )

    def records_of(period: Period) -> pl.LazyFrame:
        open_plans = child_protection_plans.lazy().filter(open_on(period.end, begins="start_date", ends="end_date"))
        candidates = _open_in(child_protection_plans, [period]).join(
            reviews_of_plans(open_plans, reviews, period, later_months=later_review_months),
            on="plan_key",
            how="left",
        )
        return unit_records(candidates, definition, why=why)

    labels = period_dtype(periods)
    return pl.concat([records_of(period).with_columns(pl.col("period").cast(labels)) for period in periods])


def _with_first(candidates: pl.LazyFrame, counted: pl.Expr) -> pl.LazyFrame:
    return with_first_of_the_child(candidates, counted, date="start_date", key="plan_key")


def _open_in(plans: pl.DataFrame | pl.LazyFrame, periods: Sequence[Period]) -> pl.LazyFrame:
    return open_during(plans, periods, begins="start_date", ends="end_date")
