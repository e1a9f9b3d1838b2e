"""Assessments: the definitions of `specs/indicators/assessment*.toml` and `privately_fostered.toml`.

Every function is pure: validated tables in, unit records out. See `unit_records` for the shape.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import polars as pl

from csc_indicators.codes import ASSESSMENT_FACTOR
from csc_indicators.histories.referrals import ALWAYS
from csc_indicators.histories.spells import end_of_period
from csc_indicators.indicators.keywords import checked
from csc_indicators.indicators.unit_records import (
    KEY_SPAN,
    Definition,
    attributes_at,
    every,
    observed,
    unit_records,
    with_first,
    with_first_of_the_child,
)
from csc_indicators.periods import Period, in_periods
from csc_indicators.working_days import working_days_expr

FACTOR_SPAN = 64
"""Factors that a packed number has room for."""

Considered = Literal["latest", "all"]


@checked
def assessments_completed(
    assessments: pl.DataFrame | pl.LazyFrame,
    *,
    periods: Sequence[Period],
    count_of: Literal["assessments", "children"] = "assessments",
    why: bool = False,
) -> pl.LazyFrame:
    """Assessments authorised in each period: the numerator of a rate per 10,000 children.

    Args:
        assessments: The validated `CinCensus.assessments`, one row an assessment.
        periods: The periods to count in.
        count_of: Assessments, or children assessed: a child counts once in a period.
        why: Also say which clause decided each assessment, with those that are not counted.

    Returns:
        Unit records, one an assessment (or a child): numerator 1, denominator null (the population supplies it).

    Source: specs/indicators/assessments_completed.toml.

    >>> from csc_indicators.examples import example_tables
    >>> from csc_indicators.periods import year
    >>> tables = example_tables({"assessments": [{"start_date": "2024-05-10", "authorisation_date": "2024-06-10"}]})
    >>> assessments_completed(tables["assessments"], periods=[year(2025)]).collect()["numerator"].sum()
    1.0
    """
    of_children = count_of == "children"
    candidates = in_periods(assessments.lazy(), "authorisation_date", periods)
    if of_children:
        candidates = with_first_of_the_child(candidates, ALWAYS, date="authorisation_date", key="assessment_key")
    definition = Definition(
        kind="rate",
        unit_table="assessments",
        unit_id="child_key" if of_children else "assessment_key",
        unit_row="assessment_key",
        date="authorisation_date",
        complete=observed("authorisation_date"),
        numerator={"first_of_the_child": pl.col("first_of_the_child") if of_children else ALWAYS},
        attributes=attributes_at("authorisation_date"),
    )
    return unit_records(candidates, definition, why=why)


@checked
def assessments_within_45_days(
    assessments: pl.DataFrame | pl.LazyFrame,
    *,
    periods: Sequence[Period],
    working_days: int = 45,
    clock_starts: Literal["assessment_start", "referral"] = "assessment_start",
    why: bool = False,
) -> pl.LazyFrame:
    """The share of the assessments authorised in each period that took no more than 45 working days.

    Args:
        assessments: The validated `CinCensus.assessments`, one row an assessment.
        periods: The periods to count in.
        working_days: The most working days an assessment in time takes; the day the clock starts is day 0.
        clock_starts: Whether the clock starts with the assessment or with the referral of its case.
        why: Also say which clause decided each assessment.

    Returns:
        Unit records, one an assessment: numerator 1 when it was in time, denominator 1, and
        `assessment_working_days`, the working days it took.

    Source: specs/indicators/assessments_within_45_days.toml; bank holidays of England.

    >>> from csc_indicators.examples import example_tables
    >>> from csc_indicators.periods import year
    >>> tables = example_tables({"assessments": [{"start_date": "2024-05-10", "authorisation_date": "2024-06-10"}]})
    >>> assessments_within_45_days(tables["assessments"], periods=[year(2025)]).collect()["numerator"].sum()
    1.0
    """
    begins = "start_date" if clock_starts == "assessment_start" else "referral_date"
    taken = pl.col("assessment_working_days")
    candidates = in_periods(assessments.lazy(), "authorisation_date", periods).with_columns(
        assessment_working_days=working_days_expr(pl.col(begins), pl.col("authorisation_date"))
    )
    definition = Definition(
        kind="share",
        unit_table="assessments",
        unit_id="assessment_key",
        unit_row="assessment_key",
        date="authorisation_date",
        complete=observed("authorisation_date"),
        numerator={
            "clock_started_before": pl.col(begins) <= pl.col("authorisation_date"),
            "within_working_days": taken <= working_days,
        },
        attributes=(*attributes_at("authorisation_date"), "assessment_working_days"),
    )
    return unit_records(candidates, definition, why=why)


@checked
def assessment_factors(
    assessment_factors: pl.DataFrame | pl.LazyFrame,
    *,
    periods: Sequence[Period],
    assessments_considered: Considered = "latest",
    excluded_factor_codes: Sequence[str] | None = ("21",),
    rate_basis: Literal["population", "episodes_with_factor"] = "population",
    why: bool = False,
) -> pl.LazyFrame:
    """Factors found at the assessments authorised in each period, each once for a case.

    Args:
        assessment_factors: The validated `CinCensus.assessment_factors`, one row a factor of an assessment.
        periods: The periods to count in.
        assessments_considered: The latest assessment of the case authorised in the period, or all of them.
        excluded_factor_codes: Codes that are not counted (no factors identified); None to count every code.
        rate_basis: Per 10,000 children, or per 100 cases that have a factor.
        why: Also say which clause decided each recorded factor.

    Returns:
        Unit records, one a factor of a case, with `assessment_factor`: numerator 1; denominator null, or with
        `episodes_with_factor` 1 on the first record of each case and 0 on its others.

    Source: specs/indicators/assessment_factors.toml.

    >>> from csc_indicators.examples import example_tables
    >>> from csc_indicators.periods import year
    >>> row = {"start_date": "2024-05-10", "authorisation_date": "2024-06-10", "factors": ["3A", "4B", "21"]}
    >>> factors = example_tables({"assessments": [row]})["assessment_factors"]
    >>> assessment_factors(factors, periods=[year(2025)]).collect()["assessment_factor"].to_list()
    ['3A', '4B']
    """
    kept = ALWAYS if excluded_factor_codes is None else ~_is_factor(excluded_factor_codes)
    clauses = {"factor_counted": kept, "assessment_considered": _considered(assessments_considered, periods)}
    counted = every(clauses.values())
    candidates = _factors_in_periods(assessment_factors, periods, counted, why=why)
    first_of_the_factor = ALWAYS
    if assessments_considered == "all":  # one assessment holds a factor once, so only several can repeat it
        candidates = _with_first(candidates, counted, of="_factor_of_case", name="first_of_the_factor")
        first_of_the_factor = pl.col("first_of_the_factor")
    if rate_basis == "episodes_with_factor":
        candidates = _with_first(candidates, counted, of="episode_key", name="first_of_the_episode")
    definition = Definition(
        kind="rate",
        unit_table="assessments",
        unit_id="_factor_of_case",
        unit_row="assessment_key",
        date="authorisation_date",
        complete=observed("authorisation_date"),
        numerator={**clauses, "first_of_the_episode": first_of_the_factor},
        weight=pl.col("first_of_the_episode") if rate_basis == "episodes_with_factor" else None,
        attributes=(*attributes_at("authorisation_date"), pl.col("factor").alias("assessment_factor")),
    )
    return unit_records(candidates, definition, why=why)


@checked
def privately_fostered(
    assessment_factors: pl.DataFrame | pl.LazyFrame,
    *,
    periods: Sequence[Period],
    assessments_considered: Considered = "latest",
    private_fostering_codes: Sequence[str] = ("8B", "8C", "8D", "8E", "8F"),
    why: bool = False,
) -> pl.LazyFrame:
    """Children found to be privately fostered at an assessment authorised in each period, once for a child.

    Args:
        assessment_factors: The validated `CinCensus.assessment_factors`, one row a factor of an assessment.
        periods: The periods to count in.
        assessments_considered: The latest assessment of each case authorised in the period, or all of them.
        private_fostering_codes: The factors that say that a child is privately fostered.
        why: Also say which clause decided each recorded factor.

    Returns:
        Unit records, one a child: numerator 1, denominator null (the population supplies it).

    Source: specs/indicators/privately_fostered.toml.

    >>> from csc_indicators.examples import example_tables
    >>> from csc_indicators.periods import year
    >>> row = {"start_date": "2024-05-10", "authorisation_date": "2024-06-10", "factors": ["8B", "8F"]}
    >>> factors = example_tables({"assessments": [row]})["assessment_factors"]
    >>> privately_fostered(factors, periods=[year(2025)]).collect()["numerator"].sum()
    1.0
    """
    clauses = {
        "private_fostering_factor": _is_factor(private_fostering_codes),
        "assessment_considered": _considered(assessments_considered, periods),
    }
    counted = every(clauses.values())
    candidates = _factors_in_periods(assessment_factors, periods, counted, why=why)
    candidates = _with_first(candidates, counted, of="child_key", name="first_of_the_child")
    definition = Definition(
        kind="rate",
        unit_table="assessments",
        unit_id="child_key",
        unit_row="assessment_key",
        date="authorisation_date",
        complete=observed("authorisation_date"),
        numerator={**clauses, "first_of_the_child": pl.col("first_of_the_child")},
        attributes=(*attributes_at("authorisation_date"), pl.col("factor").alias("assessment_factor")),
    )
    return unit_records(candidates, definition, why=why)


def _factors_in_periods(
    factors: pl.DataFrame | pl.LazyFrame, periods: Sequence[Period], counted: pl.Expr, *, why: bool
) -> pl.LazyFrame:
    """The factors of the assessments authorised in each period, numbered; only those counted unless asked why."""
    number = pl.col("factor").to_physical().cast(pl.Int64)
    candidates = in_periods(factors.lazy(), "authorisation_date", periods)
    return (candidates if why else candidates.filter(counted)).with_columns(
        _factor_of_assessment=pl.col("assessment_key").cast(pl.Int64) * FACTOR_SPAN + number,
        _factor_of_case=pl.col("episode_key").cast(pl.Int64) * FACTOR_SPAN + number,
    )


def _considered(considered: Considered, periods: Sequence[Period]) -> pl.Expr:
    """The latest assessment of a period is one whose case has no later one authorised in it."""
    following = pl.col("next_authorisation_date")
    latest = following.is_null() | (following > end_of_period(periods))
    return ALWAYS if considered == "all" else latest


def _with_first(candidates: pl.LazyFrame, counted: pl.Expr, *, of: str, name: str) -> pl.LazyFrame:
    """Mark the first counted factor of each of these in the period, by day, assessment and factor."""
    day = pl.col("authorisation_date").to_physical().cast(pl.Int64)
    return with_first(candidates, counted, of=of, position=day * KEY_SPAN + pl.col("_factor_of_assessment"), name=name)


def _is_factor(codes: Sequence[str]) -> pl.Expr:
    return pl.col("factor").is_in(pl.Series(codes, dtype=ASSESSMENT_FACTOR.dtype).implode())
