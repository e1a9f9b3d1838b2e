"""Plans that stepped down and did not come back: the definition of `specs/indicators/deescalation_sustained.toml`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import polars as pl

from csc_indicators.codes import CATEGORY_OF_ABUSE
from csc_indicators.errors import UsageError
from csc_indicators.histories.referrals import ALWAYS
from csc_indicators.histories.step_downs import (
    DESTINATION,
    PLAN_KIND,
    Ending,
    Histories,
    RePresentation,
    had_ended,
    with_end_of_follow_up,
    with_following_day,
    with_re_presentation,
)
from csc_indicators.indicators.keywords import checked
from csc_indicators.indicators.unit_records import (
    Definition,
    attributes_at,
    observed,
    unit_records,
)
from csc_indicators.periods import LATEST_DATE, Period, in_periods

ENDINGS: tuple[Ending, ...] = ("died", "turned_18", "entered_care", "transferred_out")

CANDIDATE = (
    "la_code",
    "child_key",
    "child_id",
    "episode_key",
    "start_date",
    "end_date",
    "referral_source",
    "primary_need",
    "birth_date",
    "sex",
    "ethnicity",
    "disabled",
    "observed_from",
    "observed_to",
)


@checked
def deescalation_sustained(
    child_protection_plans: pl.DataFrame | pl.LazyFrame,
    child_in_need_plans: pl.DataFrame | pl.LazyFrame,
    section_47_enquiries: pl.DataFrame | pl.LazyFrame,
    episodes: pl.DataFrame | pl.LazyFrame,
    children: pl.DataFrame | pl.LazyFrame,
    *,
    periods: Sequence[Period],
    care_episodes: pl.DataFrame | pl.LazyFrame | None = None,
    plan_type: Literal["child_protection", "child_in_need", "either"] = "child_protection",
    destination: Literal["any", "child_in_need", "early_help", "closed"] = "any",
    re_presentation: Sequence[RePresentation] = ("child_protection_plan", "referral"),
    window_months: int | None = 24,
    follow_up: Literal["complete_only", "censored"] = "complete_only",
    excluded_at_end: Sequence[Ending] | None = ENDINGS,
    follow_up_ends_with: Sequence[Ending] | None = ENDINGS,
    why: bool = False,
) -> pl.LazyFrame:
    """The share of plans ended by step-down in each period after which the child did not present again in the window.

    Args:
        child_protection_plans: The validated `CinCensus.child_protection_plans`.
        child_in_need_plans: The validated `CinCensus.child_in_need_plans`.
        section_47_enquiries: The validated `CinCensus.section_47_enquiries`.
        episodes: The validated `CinCensus.episodes`.
        children: The validated `CinCensus.children`: when a child died.
        periods: The periods in which a plan must end to count.
        care_episodes: Periods of care where they are known: `la_code`, `child_id`, `start_date` and `end_date`. Without
            them no entry to care is seen.
        plan_type: Child protection plans, child in need plans, or either.
        destination: What the plan must step down to, by the state on the following day: an open case, early help, the
            end of the case, or any of them.
        re_presentation: What counts as presenting again.
        window_months: The window in calendar months after the end of the plan, its last day included; None for ever
            after, which is never followed for the whole window.
        follow_up: `complete_only` leaves out plans that cannot be followed for the whole window; `censored` follows
            each as long as it can be and estimates the share by the method of Kaplan and Meier.
        excluded_at_end: Plans are left out when one of these has come by the day after their end; None for none.
        follow_up_ends_with: What ends the follow-up of a plan within the window; None for nothing.
        why: Also say which clause decided each ended plan, and how the child presented again.

    Returns:
        Unit records, one a plan: numerator 1 when the child was not seen to present again, denominator 1, with
        `plan_kind`, `destination` and `re_presented_by`; with `censored` also `followed_days`.

    Raises:
        UsageError: entry to care is the only thing that counts as presenting again, and no periods of care are given.

    Source: specs/indicators/deescalation_sustained.toml: there is no official definition.

    >>> from csc_indicators.examples import example_tables
    >>> from csc_indicators.periods import year
    >>> tables = example_tables({"child_protection_plans": [{"start_date": "2023-05-10", "end_date": "2024-05-10"}]})
    >>> names = (
    ...     "child_protection_plans", "child_in_need_plans", "section_47_enquiries", "episodes", "children"
    ... )
    >>> records = deescalation_sustained(*(tables[name] for name in names), periods=[year(2025)]).collect()
    >>> records["numerator"].sum(), records["denominator"].sum()
    (1.0, 1.0)
    """
    if care_episodes is None and set(re_presentation) == {"care_entry"}:
        raise UsageError(
            "re_presentation is entry to care alone, and no periods of care are given: "
            "pass care_episodes, or add referral, section_47 or child_protection_plan"
        )
    histories = Histories(
        child_protection_plans=child_protection_plans.lazy(),
        child_in_need_plans=child_in_need_plans.lazy(),
        section_47_enquiries=section_47_enquiries.lazy(),
        episodes=episodes.lazy(),
        children=children.lazy(),
        care_episodes=None if care_episodes is None else _of_children(care_episodes.lazy(), children.lazy()),
    )
    looked_for: list[RePresentation] = [
        kind for kind in re_presentation if kind != "care_entry" or care_episodes is not None
    ]
    endings: list[Ending] = [
        ending for ending in follow_up_ends_with or () if not (ending == "entered_care" and "care_entry" in looked_for)
    ]
    ended = in_periods(_ended_plans(histories, plan_type), "end_date", periods)
    histories = histories.of_children(ended)
    ended = with_following_day(ended, histories)
    ended = with_re_presentation(ended, histories, looked_for)
    ended = with_end_of_follow_up(ended, histories, endings, window_months=window_months)
    censored = follow_up == "censored"
    again = pl.col("re_presented_on")
    not_again = (again > (pl.col("followed_to") if censored else pl.col("window_end"))).fill_null(value=True)
    cut_short = (pl.col("cut_short_on") <= pl.col("window_end")).fill_null(value=False)
    protection = pl.col("plan_kind") == pl.lit("child_protection", dtype=PLAN_KIND)
    wanted = ALWAYS if destination == "any" else pl.col("destination") == pl.lit(destination, dtype=DESTINATION)
    excluded = excluded_at_end or ()
    definition = Definition(
        kind="share",
        unit_table=pl.when(protection).then(pl.lit("child_protection_plans")).otherwise(pl.lit("child_in_need_plans")),
        unit_id="unit",
        unit_row="unit_row",
        date="end_date",
        complete=observed("end_date"),
        denominator={
            "stepped_down": ~pl.col("on_protection_plan") & (protection | ~pl.col("on_need_plan")),
            "destination_counted": wanted,
            **{
                clause: ~had_ended(ending) if ending in excluded else ALWAYS
                for ending, clause in zip(
                    ENDINGS,
                    ("alive_at_end", "under_18_at_end", "not_in_care_at_end", "not_transferred_at_end"),
                    strict=True,
                )
            },
            "not_cut_short": ALWAYS if censored else ~cut_short,
            "followed_up": ALWAYS if censored else pl.col("window_end") <= pl.col("observed_to"),
        },
        numerator={"not_presented_again": not_again},
        attributes=(
            *attributes_at("end_date"),
            "category_of_abuse",
            "plan_kind",
            "destination",
            pl.when(~not_again).then("re_presented_by").alias("re_presented_by"),
            *((_followed_days(not_again).alias("followed_days"),) if censored else ()),
        ),
        matched=pl.when(~not_again).then("re_presented_row"),
        matched_table=_table_of_re_presentation(),
        followed_up=None if censored else "followed_up",
    )
    return unit_records(ended, definition, why=why)


def _ended_plans(histories: Histories, plan_type: str) -> pl.LazyFrame:
    """The plans of the kinds that are followed, with `plan_kind`, `unit_row` and `unit`, a number for the plan."""
    parts: list[pl.LazyFrame] = []
    if plan_type != "child_in_need":
        parts.append(
            histories.child_protection_plans.select(
                *CANDIDATE,
                category_of_abuse="latest_category_of_abuse",
                plan_kind=pl.lit("child_protection", dtype=PLAN_KIND),
                unit_row="plan_key",
                unit=pl.col("plan_key").cast(pl.Int64) * 2,
            )
        )
    if plan_type != "child_protection":
        parts.append(
            histories.child_in_need_plans.select(
                *CANDIDATE,
                category_of_abuse=pl.lit(None, dtype=CATEGORY_OF_ABUSE.dtype),
                plan_kind=pl.lit("child_in_need", dtype=PLAN_KIND),
                unit_row="child_in_need_plan_key",
                unit=pl.col("child_in_need_plan_key").cast(pl.Int64) * 2 + 1,
            )
        )
    return pl.concat(parts).filter(pl.col("end_date") >= pl.col("start_date"))


def _of_children(care_episodes: pl.LazyFrame, children: pl.LazyFrame) -> pl.LazyFrame:
    """The periods of care of the children of the census; one without an end is known to last."""
    keys = children.select("la_code", "child_id", "child_key")
    return (
        care_episodes.select("la_code", "child_id", "start_date", "end_date")
        .join(keys, on=["la_code", "child_id"])
        .with_columns(known_to=pl.lit(LATEST_DATE))
    )


def _followed_days(not_again: pl.Expr) -> pl.Expr:
    until = pl.when(not_again).then("followed_to").otherwise("re_presented_on")
    return (until - pl.col("end_date")).dt.total_days().cast(pl.Int32)


def _table_of_re_presentation() -> pl.Expr:
    tables = {
        "child_protection_plan": "child_protection_plans",
        "section_47": "section_47_enquiries",
        "referral": "episodes",
    }
    kind = pl.col("re_presented_by").cast(pl.String)
    return kind.replace_strict(tables, default=None, return_dtype=pl.String)
