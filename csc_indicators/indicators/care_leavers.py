"""Care leavers: what they do, where they live, and whether they are in touch.

The definitions are those of `specs/indicators/care_leavers_*.toml`. Every function is pure: the validated care leavers
of the return in, unit records out. See `unit_records` for the shape. A row is a young person whose birthday of 17 to 21
was in the year; most have no episode of care in it. Rows are returned once a year, so only years can be asked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import polars as pl

from csc_indicators.histories.care import Unaccompanied, codes_in
from csc_indicators.histories.people import age_at
from csc_indicators.histories.referrals import ALWAYS
from csc_indicators.indicators.keywords import checked
from csc_indicators.indicators.outcomes import years_only
from csc_indicators.indicators.unit_records import Clauses, Definition, unit_records
from csc_indicators.looked_after_codes import ACTIVITY, IN_TOUCH, IS_IN_TOUCH, NOT_RECORDED
from csc_indicators.periods import Period, in_periods

CARE_LEAVERS = "ssda903.care_leavers"

NotKnown = Literal["keep", "drop"]


def leaver_records(
    care_leavers: pl.DataFrame | pl.LazyFrame,
    periods: Sequence[Period],
    uasc: Unaccompanied,
    *,
    ages: tuple[int, int],
    excluded_contact: Sequence[str] | None,
    denominator: Clauses,
    numerator: Clauses,
    why: bool,
) -> pl.LazyFrame:
    """Unit records of the care leavers of each year.

    Args:
        care_leavers: The validated `Ssda903.care_leavers`.
        periods: The reporting years.
        uasc: Whether unaccompanied young people count.
        ages: The youngest and the oldest age.
        excluded_contact: Who is left out, by the contact recorded.
        denominator: The indicator's own clauses of the denominator.
        numerator: The clauses of the numerator.
        why: Also say which clause decided each.
    """
    years_only(periods, "what care leavers do")
    candidates = in_periods(care_leavers, "known_to", periods).with_columns(age_at("known_to"))
    alone = pl.col("unaccompanied").fill_null(value=False)
    left_out = codes_in("in_touch", excluded_contact or (), IN_TOUCH.dtype)
    definition = Definition(
        kind="share",
        unit_table=CARE_LEAVERS,
        unit_id="care_leaver_key",
        unit_row="care_leaver_key",
        date="known_to",
        complete=ALWAYS,
        denominator={
            "of_age": pl.col("age").is_between(*ages),
            "contact_counted": ~left_out,
            # The status ends at 18: what tells these young people apart is that they held it.
            "uasc_counted": {"include": ALWAYS, "exclude": ~alone, "only": alone}[uasc],
            **denominator,
        },
        numerator=numerator,
        attributes=(
            "sex",
            "age",
            "ethnicity",
            pl.col("unaccompanied").alias("uasc"),
            "activity",
            "accommodation",
            "in_touch",
        ),
    )
    return unit_records(candidates, definition, why=why)


def is_recorded(column: str) -> pl.Expr:
    """True where a column says something: neither missing nor the code for not known."""
    return (pl.col(column).cast(pl.String) != NOT_RECORDED).fill_null(value=False)


@checked
def care_leavers_eet(
    care_leavers: pl.DataFrame | pl.LazyFrame,
    *,
    periods: Sequence[Period],
    activities: Sequence[str] = ("F1", "P1", "F2", "P2", "F3", "P3", "F4", "P4", "F5", "P5"),
    from_age: int = 17,
    to_age: int = 21,
    excluded_contact: Sequence[str] | None = ("DIED", "RHOM"),
    not_known: NotKnown = "keep",
    uasc: Unaccompanied = "include",
    why: bool = False,
) -> pl.LazyFrame:
    """The share of care leavers in education, employment or training.

    Args:
        care_leavers: The validated `Ssda903.care_leavers`, one row a young person and year.
        periods: The reporting years.
        activities: The activities that are education, employment or training.
        from_age: The youngest age, in completed years at the end of the year.
        to_age: The oldest age.
        excluded_contact: Who is left out, by the contact recorded: who died or went home for good; None for nobody.
        not_known: Whether those whose activity is not known stay in the denominator.
        uasc: Whether those who came as unaccompanied asylum-seeking children count, count not, or are the only ones to
            count.
        why: Also say which clause decided each care leaver of the year.

    Returns:
        Unit records, one a care leaver: numerator 1 where it is so, denominator 1.

    Raises:
        UsageError: a period is no reporting year.

    Source: specs/indicators/care_leavers_eet.toml.

    >>> from csc_indicators.examples import example_care_tables
    >>> from csc_indicators.periods import year
    >>> leaver = {"year": "2025-03-31", "birth_date": "2005-05-10", "activity": "F2"}
    >>> care_leavers = example_care_tables({"care_leavers": [leaver]})["care_leavers"]
    >>> care_leavers_eet(care_leavers, periods=[year(2025)]).collect()["numerator"].sum()
    1.0
    """
    return leaver_records(
        care_leavers,
        periods,
        uasc,
        ages=(from_age, to_age),
        excluded_contact=excluded_contact,
        denominator={"activity_known": ALWAYS if not_known == "keep" else is_recorded("activity")},
        numerator={"in_education_employment_or_training": codes_in("activity", activities, ACTIVITY.dtype)},
        why=why,
    )


@checked
def care_leavers_higher_education(
    care_leavers: pl.DataFrame | pl.LazyFrame,
    *,
    periods: Sequence[Period],
    activities: Sequence[str] = ("F1", "P1"),
    from_age: int = 17,
    to_age: int = 21,
    excluded_contact: Sequence[str] | None = ("DIED", "RHOM"),
    not_known: NotKnown = "keep",
    uasc: Unaccompanied = "include",
    why: bool = False,
) -> pl.LazyFrame:
    """The share of care leavers in higher education.

    Args:
        care_leavers: The validated `Ssda903.care_leavers`, one row a young person and year.
        periods: The reporting years.
        activities: The activities that are higher education.
        from_age: The youngest age, in completed years at the end of the year.
        to_age: The oldest age.
        excluded_contact: Who is left out, by the contact recorded: who died or went home for good; None for nobody.
        not_known: Whether those whose activity is not known stay in the denominator.
        uasc: Whether those who came as unaccompanied asylum-seeking children count, count not, or are the only ones to
            count.
        why: Also say which clause decided each care leaver of the year.

    Returns:
        Unit records, one a care leaver: numerator 1 where it is so, denominator 1.

    Raises:
        UsageError: a period is no reporting year.

    Source: specs/indicators/care_leavers_higher_education.toml.

    >>> from csc_indicators.examples import example_care_tables
    >>> from csc_indicators.periods import year
    >>> leaver = {"year": "2025-03-31", "birth_date": "2005-05-10", "activity": "F1"}
    >>> care_leavers = example_care_tables({"care_leavers": [leaver]})["care_leavers"]
    >>> care_leavers_higher_education(care_leavers, periods=[year(2025)]).collect()["numerator"].sum()
    1.0
    """
    return leaver_records(
        care_leavers,
        periods,
        uasc,
        ages=(from_age, to_age),
        excluded_contact=excluded_contact,
        denominator={"activity_known": ALWAYS if not_known == "keep" else is_recorded("activity")},
        numerator={"in_higher_education": codes_in("activity", activities, ACTIVITY.dtype)},
        why=why,
    )


@checked
def care_leavers_apprenticeships(
    care_leavers: pl.DataFrame | pl.LazyFrame,
    *,
    periods: Sequence[Period],
    activities: Sequence[str] = ("F4", "P4"),
    from_age: int = 17,
    to_age: int = 21,
    excluded_contact: Sequence[str] | None = ("DIED", "RHOM"),
    not_known: NotKnown = "keep",
    uasc: Unaccompanied = "include",
    why: bool = False,
) -> pl.LazyFrame:
    """The share of care leavers in an apprenticeship.

    Args:
        care_leavers: The validated `Ssda903.care_leavers`, one row a young person and year.
        periods: The reporting years.
        activities: The activities that are apprenticeships.
        from_age: The youngest age, in completed years at the end of the year.
        to_age: The oldest age.
        excluded_contact: Who is left out, by the contact recorded: who died or went home for good; None for nobody.
        not_known: Whether those whose activity is not known stay in the denominator.
        uasc: Whether those who came as unaccompanied asylum-seeking children count, count not, or are the only ones to
            count.
        why: Also say which clause decided each care leaver of the year.

    Returns:
        Unit records, one a care leaver: numerator 1 where it is so, denominator 1.

    Raises:
        UsageError: a period is no reporting year.

    Source: specs/indicators/care_leavers_apprenticeships.toml.

    >>> from csc_indicators.examples import example_care_tables
    >>> from csc_indicators.periods import year
    >>> leaver = {"year": "2025-03-31", "birth_date": "2005-05-10", "activity": "F4"}
    >>> care_leavers = example_care_tables({"care_leavers": [leaver]})["care_leavers"]
    >>> care_leavers_apprenticeships(care_leavers, periods=[year(2025)]).collect()["numerator"].sum()
    1.0
    """
    return leaver_records(
        care_leavers,
        periods,
        uasc,
        ages=(from_age, to_age),
        excluded_contact=excluded_contact,
        denominator={"activity_known": ALWAYS if not_known == "keep" else is_recorded("activity")},
        numerator={"in_apprenticeship": codes_in("activity", activities, ACTIVITY.dtype)},
        why=why,
    )


@checked
def care_leavers_in_touch(
    care_leavers: pl.DataFrame | pl.LazyFrame,
    *,
    periods: Sequence[Period],
    from_age: int = 17,
    to_age: int = 21,
    excluded_contact: Sequence[str] | None = ("DIED", "RHOM"),
    uasc: Unaccompanied = "include",
    why: bool = False,
) -> pl.LazyFrame:
    """The share of care leavers with whom the authority is in touch.

    Args:
        care_leavers: The validated `Ssda903.care_leavers`, one row a young person and year.
        periods: The reporting years.
        from_age: The youngest age, in completed years at the end of the year.
        to_age: The oldest age.
        excluded_contact: Who is left out, by the contact recorded: who died or went home for good; None for nobody.
        uasc: Whether those who came as unaccompanied asylum-seeking children count, count not, or are the only ones to
            count.
        why: Also say which clause decided each care leaver of the year.

    Returns:
        Unit records, one a care leaver: numerator 1 where it is so, denominator 1.

    Raises:
        UsageError: a period is no reporting year.

    Source: specs/indicators/care_leavers_in_touch.toml.

    >>> from csc_indicators.examples import example_care_tables
    >>> from csc_indicators.periods import year
    >>> leaver = {"year": "2025-03-31", "birth_date": "2005-05-10", "in_touch": "YES"}
    >>> care_leavers = example_care_tables({"care_leavers": [leaver]})["care_leavers"]
    >>> care_leavers_in_touch(care_leavers, periods=[year(2025)]).collect()["numerator"].sum()
    1.0
    """
    return leaver_records(
        care_leavers,
        periods,
        uasc,
        ages=(from_age, to_age),
        excluded_contact=excluded_contact,
        denominator={},
        numerator={"in_contact": codes_in("in_touch", [IS_IN_TOUCH], IN_TOUCH.dtype)},
        why=why,
    )
