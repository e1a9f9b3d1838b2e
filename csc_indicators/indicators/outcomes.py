"""Emotional wellbeing of children in care, and what every outcome collected once a year shares.

The definitions are those of `specs/indicators/`. Every function is pure: validated tables in, unit records out. See
`unit_records` for the shape. What is collected once a year, of children looked after for twelve months, can be asked of
reporting years only.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from csc_indicators.errors import UsageError
from csc_indicators.histories.care import Unaccompanied, care_history, first_day_of
from csc_indicators.indicators.keywords import checked
from csc_indicators.indicators.looked_after import (
    EPISODES,
    at_period_end,
    care_attributes,
    with_placement_lived_in,
)
from csc_indicators.indicators.unit_records import Clauses, Definition, unit_records
from csc_indicators.periods import MONTHS_IN_YEAR, Period


def years_only(periods: Sequence[Period], what: str) -> None:
    """Refuse periods at whose ends nothing was collected.

    Raises:
        UsageError: a period is no reporting year.
    """
    others = [period.label for period in periods if period.kind != "year"]
    if others:
        raise UsageError(f"{what} is collected once a year, on 31 March, and not for {others[0]}; ask for years")


def of_the_year(
    episodes: pl.DataFrame | pl.LazyFrame,
    outcomes: pl.DataFrame | pl.LazyFrame,
    periods: Sequence[Period],
    uasc: Unaccompanied,
    *,
    start_on_first_day: bool,
) -> tuple[pl.LazyFrame, dict[str, pl.Expr], pl.Expr]:
    """Children looked after for twelve months at the end of each year, each with its outcomes.

    Returns:
        The candidates with the columns of `outcomes`, the clauses, and whether it is known that the child was looked
        after for so long.
    """
    years_only(periods, "this outcome")
    candidates, clauses = at_period_end(with_placement_lived_in(care_history(episodes)), periods, uasc)
    attributes = ("la_code", "child_id", "birth_date", "sex", "ethnicity", "unaccompanied", "unaccompanied_until")
    returned = outcomes.lazy().drop(
        *attributes, "observed_from", "observed_to", "census_year", "source_file", "source_row"
    )
    candidates = candidates.drop("known_to").join(
        returned, left_on=["child_key", "period_end"], right_on=["child_key", "known_to"], how="left"
    )
    start, first = pl.col("care_start_date"), first_day_of(MONTHS_IN_YEAR)
    throughout = start <= first if start_on_first_day else start < first
    complete = throughout | pl.col("care_start_known")
    return candidates, {**clauses, "looked_after_twelve_months": throughout}, complete


def outcome_records(
    candidates: pl.LazyFrame,
    *,
    complete: pl.Expr,
    denominator: Clauses,
    numerator: Clauses,
    value: pl.Expr | None = None,
    attributes: Sequence[str] = (),
    why: bool,
) -> pl.LazyFrame:
    """Unit records of children with the outcomes of a year: a share, or a mean when a value is given."""
    definition = Definition(
        kind="share" if value is None else "mean",
        unit_table=EPISODES,
        unit_id="child_key",
        unit_row="episode_key",
        date="period_end",
        complete=complete,
        denominator=denominator,
        numerator=numerator,
        value=value,
        attributes=(*care_attributes("period_end"), *attributes),
        matched=pl.col("outcome_key"),
        reaching_back="looked_after_twelve_months",
        matched_table="ssda903.outcomes",
    )
    return unit_records(candidates, definition, why=why)


@checked
def sdq_score(
    episodes: pl.DataFrame | pl.LazyFrame,
    outcomes: pl.DataFrame | pl.LazyFrame,
    *,
    periods: Sequence[Period],
    from_age: int = 5,
    to_age: int = 16,
    start_on_first_day: bool = True,
    uasc: Unaccompanied = "include",
    why: bool = False,
) -> pl.LazyFrame:
    """The average score on the strengths and difficulties questionnaire of children looked after for twelve months.

    Args:
        episodes: The validated `Ssda903.episodes`, one row an episode.
        outcomes: The validated `Ssda903.outcomes`, one row a child and year.
        periods: The reporting years.
        from_age: The youngest age, in completed years at the end of the year.
        to_age: The oldest age.
        start_on_first_day: Whether a child whose care started on the first of the twelve months' days is one of them.
        uasc: Whether unaccompanied asylum-seeking children count, count not, or are the only ones to count.
        why: Also say which clause decided each episode open at the end of the year.

    Returns:
        Unit records, one a child with a score: numerator the score, denominator 1.

    Raises:
        UsageError: a period is no reporting year.

    Source: specs/indicators/sdq_score.toml.

    >>> from csc_indicators.examples import example_care_tables
    >>> from csc_indicators.periods import year
    >>> rows = {"episodes": [{"start_date": "2023-05-10"}], "outcomes": [{"year": "2025-03-31", "sdq_score": 14}]}
    >>> tables = example_care_tables(rows)
    >>> sdq_score(tables["episodes"], tables["outcomes"], periods=[year(2025)]).collect()["numerator"].sum()
    14.0
    """
    candidates, clauses, complete = of_the_year(
        episodes, outcomes, periods, uasc, start_on_first_day=start_on_first_day
    )
    return outcome_records(
        candidates,
        complete=complete,
        denominator={
            **clauses,
            "of_age": pl.col("age").is_between(from_age, to_age),
            "scored": pl.col("sdq_score").is_not_null(),
        },
        numerator={},
        value=pl.col("sdq_score"),
        attributes=("sdq_score",),
        why=why,
    )


@checked
def sdq_cause_for_concern(
    episodes: pl.DataFrame | pl.LazyFrame,
    outcomes: pl.DataFrame | pl.LazyFrame,
    *,
    periods: Sequence[Period],
    concern_score: int = 17,
    from_age: int = 5,
    to_age: int = 16,
    start_on_first_day: bool = True,
    uasc: Unaccompanied = "include",
    why: bool = False,
) -> pl.LazyFrame:
    """The share of children with a score on the strengths and difficulties questionnaire whose score gives concern.

    Args:
        episodes: The validated `Ssda903.episodes`, one row an episode.
        outcomes: The validated `Ssda903.outcomes`, one row a child and year.
        periods: The reporting years.
        concern_score: The score from which on there is cause for concern.
        from_age: The youngest age, in completed years at the end of the year.
        to_age: The oldest age.
        start_on_first_day: Whether a child whose care started on the first of the twelve months' days is one of them.
        uasc: Whether unaccompanied asylum-seeking children count, count not, or are the only ones to count.
        why: Also say which clause decided each episode open at the end of the year.

    Returns:
        Unit records, one a child with a score: numerator 1 with cause for concern, denominator 1.

    Raises:
        UsageError: a period is no reporting year.

    Source: specs/indicators/sdq_cause_for_concern.toml.

    >>> from csc_indicators.examples import example_care_tables
    >>> from csc_indicators.periods import year
    >>> rows = {"episodes": [{"start_date": "2023-05-10"}], "outcomes": [{"year": "2025-03-31", "sdq_score": 17}]}
    >>> both = (example_care_tables(rows)[name] for name in ("episodes", "outcomes"))
    >>> sdq_cause_for_concern(*both, periods=[year(2025)]).collect()["numerator"].sum()
    1.0
    """
    candidates, clauses, complete = of_the_year(
        episodes, outcomes, periods, uasc, start_on_first_day=start_on_first_day
    )
    return outcome_records(
        candidates,
        complete=complete,
        denominator={
            **clauses,
            "of_age": pl.col("age").is_between(from_age, to_age),
            "scored": pl.col("sdq_score").is_not_null(),
        },
        numerator={"concern": pl.col("sdq_score") >= concern_score},
        attributes=("sdq_score",),
        why=why,
    )


@checked
def sdq_completed(
    episodes: pl.DataFrame | pl.LazyFrame,
    outcomes: pl.DataFrame | pl.LazyFrame,
    *,
    periods: Sequence[Period],
    from_age: int = 5,
    to_age: int = 16,
    start_on_first_day: bool = True,
    uasc: Unaccompanied = "include",
    why: bool = False,
) -> pl.LazyFrame:
    """The share of children looked after for twelve months, of an age for it, with a score on the questionnaire.

    Args:
        episodes: The validated `Ssda903.episodes`, one row an episode.
        outcomes: The validated `Ssda903.outcomes`, one row a child and year.
        periods: The reporting years.
        from_age: The youngest age, in completed years at the end of the year.
        to_age: The oldest age.
        start_on_first_day: Whether a child whose care started on the first of the twelve months' days is one of them.
        uasc: Whether unaccompanied asylum-seeking children count, count not, or are the only ones to count.
        why: Also say which clause decided each episode open at the end of the year.

    Returns:
        Unit records, one a child: numerator 1 with a score, denominator 1.

    Raises:
        UsageError: a period is no reporting year.

    Source: specs/indicators/sdq_completed.toml.

    >>> from csc_indicators.examples import example_care_tables
    >>> from csc_indicators.periods import year
    >>> rows = {"episodes": [{"start_date": "2023-05-10"}], "outcomes": [{"year": "2025-03-31", "sdq_score": 4}]}
    >>> both = (example_care_tables(rows)[name] for name in ("episodes", "outcomes"))
    >>> sdq_completed(*both, periods=[year(2025)]).collect()["numerator"].sum()
    1.0
    """
    candidates, clauses, complete = of_the_year(
        episodes, outcomes, periods, uasc, start_on_first_day=start_on_first_day
    )
    return outcome_records(
        candidates,
        complete=complete,
        denominator={**clauses, "of_age": pl.col("age").is_between(from_age, to_age)},
        numerator={"scored": pl.col("sdq_score").is_not_null()},
        why=why,
    )
