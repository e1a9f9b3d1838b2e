"""What the social work workforce carries: the definitions of caseload and sickness absence in `specs/`.

Every function is pure: the validated workers of the workforce census in, unit records out. See `unit_records` for the
shape.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import polars as pl

from csc_indicators.census_years import has_leap_day
from csc_indicators.histories.referrals import ALWAYS
from csc_indicators.histories.workforce import CountBy, at_census, in_post, left_in_year, with_first_of_person
from csc_indicators.indicators.keywords import checked
from csc_indicators.indicators.unit_records import unit_records
from csc_indicators.indicators.workforce import (
    EMPLOYED,
    NOTHING,
    can_be_counted,
    counted_as,
    of_workers,
)
from csc_indicators.periods import Period
from csc_indicators.workforce_codes import CASE_HOLDER, ROLE

Item = Literal["on_census_day", "contracted"]


@checked
def caseload(
    workers: pl.DataFrame | pl.LazyFrame,
    *,
    periods: Sequence[Period],
    roles: Literal["any", "case_holders"] = "any",
    full_time_equivalent_item: Item = "on_census_day",
    count_by: CountBy = "full_time_equivalent",
    why: bool = False,
) -> pl.LazyFrame:
    """Cases held on the day of each census by a full-time social worker who holds any, agency workers among them.

    Args:
        workers: The validated `Workforce.workers`, one row a post.
        periods: The years to the 30 September of a census (`csc.workforce_years`).
        roles: Workers of any role who hold cases, or those whose role is to hold cases.
        full_time_equivalent_item: The full-time equivalent on the day of the census, or that of the contract.
        count_by: Full-time equivalents, or people: each employed person once, each row of an agency worker.
        why: Also say which clause decided each row of the census.

    Returns:
        Unit records, one a row: numerator its cases, denominator its full-time equivalent (or one a person).

    Raises:
        UsageError: a period does not end on the day of a census.

    Source: specs/indicators/caseload.toml.

    >>> from csc_indicators.examples import example_workforce
    >>> from csc_indicators.census_years import workforce_year
    >>> workers = example_workforce([{"cases": 12, "full_time_equivalent_on_census_day": 0.8}])
    >>> records = caseload(workers, periods=[workforce_year(2025)]).collect()
    >>> records["numerator"].sum(), records["denominator"].sum()
    (12.0, 0.8)
    """
    item = "full_time_equivalent" if full_time_equivalent_item == "contracted" else "full_time_equivalent_on_census_day"
    by_people = count_by == "headcount"
    case_holder = (pl.col("role") == pl.lit(CASE_HOLDER, dtype=ROLE.dtype)) if roles == "case_holders" else ALWAYS
    clauses = {
        "in_post": in_post(),
        "holds_cases": pl.col("cases") > 0,
        "role_counted": case_holder,
        "full_time_equivalent_above_nothing": ALWAYS if by_people else pl.col(item) > 0,
    }
    holding = in_post() & (pl.col("cases") > 0).fill_null(value=False) & _surely_in(case_holder)
    rows = with_first_of_person(at_census(workers, periods), holding & EMPLOYED)
    people = (pl.col("is_agency") | pl.col("first_of_the_person")).cast(pl.Float64)
    definition = of_workers(
        denominator=clauses,
        value=pl.col("cases"),
        weight=people if by_people else pl.col(item),
    )
    return unit_records(rows, definition, why=why)


def _surely_in(role: pl.Expr) -> pl.Expr:
    return role if role is ALWAYS else role.fill_null(value=False)


@checked
def sickness_absence(
    workers: pl.DataFrame | pl.LazyFrame,
    *,
    periods: Sequence[Period],
    days_lost_of: Literal["in_post", "in_post_and_leavers"] = "in_post",
    unrecorded_absence: Literal["none_lost", "excluded"] = "none_lost",
    working_days: int = 253,
    why: bool = False,
) -> pl.LazyFrame:
    """Working days lost to sickness in the year to each census, of those that social workers in post could have worked.

    Args:
        workers: The validated `Workforce.workers`, one row a post.
        periods: The years to the 30 September of a census (`csc.workforce_years`).
        days_lost_of: The days lost by those in post on the day of the census, or by those who left in the year too.
        unrecorded_absence: Whether a row without a number of days lost none, or is left out.
        working_days: The working days of a common year; a year with a 29 February has one more.
        why: Also say which clause decided each row of the census.

    Returns:
        Unit records, one a row: numerator the days lost, denominator full-time equivalent times working days.

    Raises:
        UsageError: a period does not end on the day of a census.

    Source: specs/indicators/sickness_absence.toml.

    >>> from csc_indicators.examples import example_workforce
    >>> from csc_indicators.census_years import workforce_year
    >>> workers = example_workforce([{"days_lost": 10, "census": "2024-09-30"}])
    >>> records = sickness_absence(workers, periods=[workforce_year(2024)]).collect()
    >>> records["numerator"].sum(), records["denominator"].sum()
    (10.0, 254.0)
    """
    days = pl.Series("days", [float(working_days + has_leap_day(period)) for period in periods])
    could_work = counted_as("full_time_equivalent") * pl.lit(days).gather(pl.col("period").to_physical())
    there = in_post() if days_lost_of == "in_post" else in_post() | left_in_year()
    lost = pl.col("days_lost").fill_null(NOTHING)
    definition = of_workers(
        denominator={
            "employed": EMPLOYED,
            "in_post_or_left": there,
            "absence_recorded": ALWAYS if unrecorded_absence == "none_lost" else pl.col("days_lost").is_not_null(),
            "full_time_equivalent_known": can_be_counted("full_time_equivalent"),
        },
        numerator={"days_lost": lost > 0},
        value=lost,
        weight=pl.when(in_post()).then(could_work).otherwise(NOTHING),
    )
    return unit_records(at_census(workers, periods), definition, why=why)
