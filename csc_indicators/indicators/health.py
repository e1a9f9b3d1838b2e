"""Health of children in care: what is recorded once a year of those looked after for twelve months.

The definitions are those of `specs/indicators/`. Every function is pure: validated tables in, unit records out. See
`unit_records` for the shape and `outcomes` for what the functions share.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import polars as pl

from csc_indicators.histories.care import Unaccompanied
from csc_indicators.histories.referrals import ALWAYS
from csc_indicators.indicators.keywords import checked
from csc_indicators.indicators.outcomes import of_the_year, outcome_records
from csc_indicators.periods import Period

NotRecorded = Literal["keep", "drop"]


def _health(
    episodes: pl.DataFrame | pl.LazyFrame,
    outcomes: pl.DataFrame | pl.LazyFrame,
    periods: Sequence[Period],
    item: str,
    *,
    from_age: int | None = None,
    start_on_first_day: bool,
    not_recorded: NotRecorded,
    uasc: Unaccompanied,
    why: bool,
) -> pl.LazyFrame:
    """The share of children looked after for twelve months of whom one item is true."""
    candidates, clauses, complete = of_the_year(
        episodes, outcomes, periods, uasc, start_on_first_day=start_on_first_day
    )
    of_age = {} if from_age is None else {"of_age": pl.col("age") >= from_age}
    return outcome_records(
        candidates,
        complete=complete,
        denominator={
            **clauses,
            **of_age,
            "item_recorded": ALWAYS if not_recorded == "keep" else pl.col(item).is_not_null(),
        },
        numerator={"item_true": pl.col(item)},
        why=why,
    )


@checked
def convictions(
    episodes: pl.DataFrame | pl.LazyFrame,
    outcomes: pl.DataFrame | pl.LazyFrame,
    *,
    periods: Sequence[Period],
    from_age: int = 10,
    start_on_first_day: bool = True,
    not_recorded: NotRecorded = "keep",
    uasc: Unaccompanied = "include",
    why: bool = False,
) -> pl.LazyFrame:
    """The share of children looked after for twelve months who were convicted, or given a youth caution, in the year.

    Args:
        episodes: The validated `Ssda903.episodes`, one row an episode.
        outcomes: The validated `Ssda903.outcomes`, one row a child and year.
        periods: The reporting years.
        from_age: The youngest age, in completed years at the end of the year.
        start_on_first_day: Whether a child whose care started on the first of the twelve months' days is one of them.
        not_recorded: Whether children of whom nothing is recorded stay in the denominator.
        uasc: Whether unaccompanied asylum-seeking children count, count not, or are the only ones to count.
        why: Also say which clause decided each episode open at the end of the year.

    Returns:
        Unit records, one a child: numerator 1 where it is so, denominator 1.

    Raises:
        UsageError: a period is no reporting year.

    Source: specs/indicators/convictions.toml.

    >>> from csc_indicators.examples import example_care_tables
    >>> from csc_indicators.periods import year
    >>> outcome = {"year": "2025-03-31", "convicted": True}
    >>> child = {"start_date": "2023-05-10", "birth_date": "2012-05-10"}
    >>> tables = example_care_tables({"episodes": [child], "outcomes": [outcome]})
    >>> convictions(tables["episodes"], tables["outcomes"], periods=[year(2025)]).collect()["numerator"].sum()
    1.0
    """
    return _health(
        episodes,
        outcomes,
        periods,
        "convicted",
        from_age=from_age,
        start_on_first_day=start_on_first_day,
        not_recorded=not_recorded,
        uasc=uasc,
        why=why,
    )


@checked
def health_assessments(
    episodes: pl.DataFrame | pl.LazyFrame,
    outcomes: pl.DataFrame | pl.LazyFrame,
    *,
    periods: Sequence[Period],
    start_on_first_day: bool = True,
    not_recorded: NotRecorded = "keep",
    uasc: Unaccompanied = "include",
    why: bool = False,
) -> pl.LazyFrame:
    """The share of children looked after for twelve months who had their annual health assessment.

    Args:
        episodes: The validated `Ssda903.episodes`, one row an episode.
        outcomes: The validated `Ssda903.outcomes`, one row a child and year.
        periods: The reporting years.
        start_on_first_day: Whether a child whose care started on the first of the twelve months' days is one of them.
        not_recorded: Whether children of whom nothing is recorded stay in the denominator.
        uasc: Whether unaccompanied asylum-seeking children count, count not, or are the only ones to count.
        why: Also say which clause decided each episode open at the end of the year.

    Returns:
        Unit records, one a child: numerator 1 where it is so, denominator 1.

    Raises:
        UsageError: a period is no reporting year.

    Source: specs/indicators/health_assessments.toml.

    >>> from csc_indicators.examples import example_care_tables
    >>> from csc_indicators.periods import year
    >>> outcome = {"year": "2025-03-31", "health_assessment": True}
    >>> tables = example_care_tables({"episodes": [{"start_date": "2023-05-10"}], "outcomes": [outcome]})
    >>> health_assessments(tables["episodes"], tables["outcomes"], periods=[year(2025)]).collect()["numerator"].sum()
    1.0
    """
    return _health(
        episodes,
        outcomes,
        periods,
        "health_assessment",
        start_on_first_day=start_on_first_day,
        not_recorded=not_recorded,
        uasc=uasc,
        why=why,
    )


@checked
def dental_checks(
    episodes: pl.DataFrame | pl.LazyFrame,
    outcomes: pl.DataFrame | pl.LazyFrame,
    *,
    periods: Sequence[Period],
    start_on_first_day: bool = True,
    not_recorded: NotRecorded = "keep",
    uasc: Unaccompanied = "include",
    why: bool = False,
) -> pl.LazyFrame:
    """The share of children looked after for twelve months who had their teeth checked by a dentist.

    Args:
        episodes: The validated `Ssda903.episodes`, one row an episode.
        outcomes: The validated `Ssda903.outcomes`, one row a child and year.
        periods: The reporting years.
        start_on_first_day: Whether a child whose care started on the first of the twelve months' days is one of them.
        not_recorded: Whether children of whom nothing is recorded stay in the denominator.
        uasc: Whether unaccompanied asylum-seeking children count, count not, or are the only ones to count.
        why: Also say which clause decided each episode open at the end of the year.

    Returns:
        Unit records, one a child: numerator 1 where it is so, denominator 1.

    Raises:
        UsageError: a period is no reporting year.

    Source: specs/indicators/dental_checks.toml.

    >>> from csc_indicators.examples import example_care_tables
    >>> from csc_indicators.periods import year
    >>> outcome = {"year": "2025-03-31", "teeth_check": True}
    >>> tables = example_care_tables({"episodes": [{"start_date": "2023-05-10"}], "outcomes": [outcome]})
    >>> dental_checks(tables["episodes"], tables["outcomes"], periods=[year(2025)]).collect()["numerator"].sum()
    1.0
    """
    return _health(
        episodes,
        outcomes,
        periods,
        "teeth_check",
        start_on_first_day=start_on_first_day,
        not_recorded=not_recorded,
        uasc=uasc,
        why=why,
    )


@checked
def immunisations(
    episodes: pl.DataFrame | pl.LazyFrame,
    outcomes: pl.DataFrame | pl.LazyFrame,
    *,
    periods: Sequence[Period],
    start_on_first_day: bool = True,
    not_recorded: NotRecorded = "keep",
    uasc: Unaccompanied = "include",
    why: bool = False,
) -> pl.LazyFrame:
    """The share of children looked after for twelve months whose immunisations are up to date.

    Args:
        episodes: The validated `Ssda903.episodes`, one row an episode.
        outcomes: The validated `Ssda903.outcomes`, one row a child and year.
        periods: The reporting years.
        start_on_first_day: Whether a child whose care started on the first of the twelve months' days is one of them.
        not_recorded: Whether children of whom nothing is recorded stay in the denominator.
        uasc: Whether unaccompanied asylum-seeking children count, count not, or are the only ones to count.
        why: Also say which clause decided each episode open at the end of the year.

    Returns:
        Unit records, one a child: numerator 1 where it is so, denominator 1.

    Raises:
        UsageError: a period is no reporting year.

    Source: specs/indicators/immunisations.toml.

    >>> from csc_indicators.examples import example_care_tables
    >>> from csc_indicators.periods import year
    >>> outcome = {"year": "2025-03-31", "immunisations": True}
    >>> tables = example_care_tables({"episodes": [{"start_date": "2023-05-10"}], "outcomes": [outcome]})
    >>> immunisations(tables["episodes"], tables["outcomes"], periods=[year(2025)]).collect()["numerator"].sum()
    1.0
    """
    return _health(
        episodes,
        outcomes,
        periods,
        "immunisations",
        start_on_first_day=start_on_first_day,
        not_recorded=not_recorded,
        uasc=uasc,
        why=why,
    )


@checked
def substance_misuse(
    episodes: pl.DataFrame | pl.LazyFrame,
    outcomes: pl.DataFrame | pl.LazyFrame,
    *,
    periods: Sequence[Period],
    start_on_first_day: bool = True,
    not_recorded: NotRecorded = "keep",
    uasc: Unaccompanied = "include",
    why: bool = False,
) -> pl.LazyFrame:
    """The share of children looked after for twelve months found to have a problem of substance misuse.

    Args:
        episodes: The validated `Ssda903.episodes`, one row an episode.
        outcomes: The validated `Ssda903.outcomes`, one row a child and year.
        periods: The reporting years.
        start_on_first_day: Whether a child whose care started on the first of the twelve months' days is one of them.
        not_recorded: Whether children of whom nothing is recorded stay in the denominator.
        uasc: Whether unaccompanied asylum-seeking children count, count not, or are the only ones to count.
        why: Also say which clause decided each episode open at the end of the year.

    Returns:
        Unit records, one a child: numerator 1 where it is so, denominator 1.

    Raises:
        UsageError: a period is no reporting year.

    Source: specs/indicators/substance_misuse.toml.

    >>> from csc_indicators.examples import example_care_tables
    >>> from csc_indicators.periods import year
    >>> outcome = {"year": "2025-03-31", "substance_misuse": True}
    >>> tables = example_care_tables({"episodes": [{"start_date": "2023-05-10"}], "outcomes": [outcome]})
    >>> substance_misuse(tables["episodes"], tables["outcomes"], periods=[year(2025)]).collect()["numerator"].sum()
    1.0
    """
    return _health(
        episodes,
        outcomes,
        periods,
        "substance_misuse",
        start_on_first_day=start_on_first_day,
        not_recorded=not_recorded,
        uasc=uasc,
        why=why,
    )
