"""Children in need: the definitions of `specs/indicators/children_in_need*.toml`.

Every function is pure: the validated episodes in, unit records out. See `unit_records` for the shape.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import polars as pl

from csc_indicators.codes import CLOSURE_REASON
from csc_indicators.histories.people import NOT_YET_BORN, age_at
from csc_indicators.histories.referrals import ALWAYS, led_to_action
from csc_indicators.histories.spells import open_during, open_on
from csc_indicators.indicators.keywords import checked
from csc_indicators.indicators.unit_records import (
    Definition,
    attributes_at,
    every,
    unit_records,
    with_first_of_the_child,
)
from csc_indicators.periods import ADULT_AGE, Period, period_dtype

CountOf = Literal["episodes", "children"]


@checked
def children_in_need(
    episodes: pl.DataFrame | pl.LazyFrame,
    *,
    periods: Sequence[Period],
    count_of: CountOf = "episodes",
    include_unborn: bool = True,
    include_adults: bool = True,
    why: bool = False,
) -> pl.LazyFrame:
    """Episodes of need open at the end of each period: the numerator of a rate per 10,000 children.

    Args:
        episodes: The validated `CinCensus.episodes`, one row an episode.
        periods: The periods at whose ends to count.
        count_of: Episodes, or children: a child with two open episodes counts once.
        include_unborn: Whether children not yet born at the end of the period count.
        include_adults: Whether people of 18 and over who still receive services count.
        why: Also say which clause decided each episode that was open in the period.

    Returns:
        Unit records, one an episode (or a child): numerator 1, denominator null (the population supplies it), and
        `awaiting_assessment`: no assessment, enquiry or plan had begun by the end of the period.

    Source: specs/indicators/children_in_need.toml.

    >>> from csc_indicators.examples import example_episodes
    >>> from csc_indicators.periods import year
    >>> episodes = example_episodes([{"referral_date": "2023-05-10"}])
    >>> children_in_need(episodes, periods=[year(2025)]).collect()["numerator"].sum()
    1.0
    """
    end, age = pl.col("period_end"), pl.col("age")
    clauses = {
        "led_to_action": led_to_action(),
        "open_at_period_end": open_on(end, begins="referral_date", ends="closure_date"),
        "born": ALWAYS if include_unborn else (age != NOT_YET_BORN).fill_null(value=True),
        "not_adult": ALWAYS if include_adults else (age < ADULT_AGE).fill_null(value=True),
    }
    of_children = count_of == "children"
    definition = Definition(
        kind="rate",
        unit_id="child_key" if of_children else "episode_key",
        unit_row="episode_key",
        date="period_end",
        complete=ALWAYS,
        numerator={**clauses, "first_of_the_child": pl.col("first_of_the_child") if of_children else ALWAYS},
        attributes=(
            "sex",
            "age",
            *attributes_at("period_end")[2:],
            (pl.col("first_activity_date").is_null() | (pl.col("first_activity_date") > end)).alias(
                "awaiting_assessment"
            ),
        ),
    )
    candidates = open_during(episodes, periods, begins="referral_date", ends="closure_date")
    candidates = candidates.with_columns(age_at("period_end"))
    if of_children:
        candidates = _with_first(candidates, every(clauses.values()))
    return unit_records(candidates, definition, why=why)


@checked
def children_in_need_in_year(
    episodes: pl.DataFrame | pl.LazyFrame,
    *,
    periods: Sequence[Period],
    count_of: Literal["children", "episodes"] = "children",
    not_in_need_codes: Sequence[str] | None = ("RC8", "RC9"),
    why: bool = False,
) -> pl.LazyFrame:
    """Children with an episode of need open on any day of each period: the numerator of a rate per 10,000 children.

    Args:
        episodes: The validated `CinCensus.episodes`, one row an episode.
        periods: The periods to count in.
        count_of: Children, each once in a period, or episodes.
        not_in_need_codes: Reasons of closure that say that the child was found not to be in need; None for none.
        why: Also say which clause decided each episode that was open in the period.

    Returns:
        Unit records, one a child (or an episode): numerator 1, denominator null (the population supplies it). The date
        and the age are those of the last day of the period on which the episode was open.

    Source: specs/indicators/children_in_need_in_year.toml.

    >>> from csc_indicators.examples import example_episodes
    >>> from csc_indicators.periods import year
    >>> episodes = example_episodes([{"referral_date": "2023-05-10", "closure_date": "2024-04-02"}])
    >>> children_in_need_in_year(episodes, periods=[year(2025)]).collect()["numerator"].sum()
    1.0
    """
    end = pl.col("period_end")
    found_not_in_need = pl.lit(value=False)
    if not_in_need_codes is not None:
        reasons = pl.Series(not_in_need_codes, dtype=CLOSURE_REASON.dtype)
        found_not_in_need = pl.col("closure_reason").is_in(reasons.implode()) & (pl.col("closure_date") <= end)
    clauses = {"led_to_action": led_to_action(), "in_need": ~found_not_in_need.fill_null(value=False)}
    of_children = count_of == "children"
    labels = period_dtype(periods)
    definition = Definition(
        kind="rate",
        unit_id="child_key" if of_children else "episode_key",
        unit_row="episode_key",
        date="last_day_open",
        complete=ALWAYS,
        numerator={**clauses, "first_of_the_child": pl.col("first_of_the_child") if of_children else ALWAYS},
        attributes=attributes_at("last_day_open"),
    )

    def records_of(period: Period) -> pl.LazyFrame:
        candidates = open_during(episodes, [period], begins="referral_date", ends="closure_date")
        candidates = candidates.with_columns(last_day_open=pl.min_horizontal("closure_date", "period_end"))
        if of_children:
            candidates = _with_first(candidates, every(clauses.values()))
        return unit_records(candidates, definition, why=why).with_columns(pl.col("period").cast(labels))

    # Period by period: half of a country's cases are open in each, and to look for the first of a child among fewer is
    # quicker.
    return pl.concat([records_of(period) for period in periods])


def _with_first(candidates: pl.LazyFrame, counted: pl.Expr) -> pl.LazyFrame:
    return with_first_of_the_child(candidates, counted, date="referral_date", key="episode_key")
