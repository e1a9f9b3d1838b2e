"""The social work workforce: the definitions of turnover, agency workers and vacancies in `specs/`.

Every function is pure: the validated tables of the workforce census in, unit records out. See `unit_records` for the
shape. A worker in two roles has two rows: full-time equivalents add up over both, a headcount counts the person once.
"""

from __future__ import annotations

from collections.abc import Sequence
from types import MappingProxyType
from typing import Literal

import polars as pl

from csc_indicators.histories.referrals import ALWAYS
from csc_indicators.histories.workforce import (
    CountBy,
    at_census,
    in_post,
    left_in_year,
    started_before_year,
    with_first_of_person,
)
from csc_indicators.indicators.keywords import checked
from csc_indicators.indicators.unit_records import Clauses, Definition, unit_records
from csc_indicators.periods import Period

WORKERS, AUTHORITY_TOTALS = "workforce.workers", "workforce.authority_totals"
ATTRIBUTES = ("role", "sex", "ethnicity")

EMPLOYED = ~pl.col("is_agency")
NOTHING = pl.lit(0.0)

AgencyBasis = Literal["workers", "authority_total"]


def counted_as(count_by: CountBy) -> pl.Expr:
    """What a row counts for: its full-time equivalent, or one."""
    return pl.col("full_time_equivalent") if count_by == "full_time_equivalent" else pl.lit(1.0)


def can_be_counted(count_by: CountBy) -> pl.Expr:
    """True for a row that says what it counts for: a headcount needs no full-time equivalent."""
    return pl.col("full_time_equivalent").is_not_null() if count_by == "full_time_equivalent" else ALWAYS


def once_a_person(count_by: CountBy) -> pl.Expr:
    """True for the row that stands for its person in a headcount, and for every row where none is taken."""
    return ALWAYS if count_by == "full_time_equivalent" else pl.col("first_of_the_person")


def of_workers(
    *,
    denominator: Clauses,
    value: pl.Expr,
    numerator: Clauses = MappingProxyType({}),
    weight: pl.Expr | None = None,
) -> Definition:
    """The definition of a figure whose units are rows of workers at a census, each counting a value over a weight."""
    return Definition(
        kind="mean",
        unit_table=WORKERS,
        unit_id="worker_key",
        unit_row="worker_key",
        date="reference_date",
        complete=ALWAYS,
        denominator=denominator,
        numerator=numerator,
        value=value,
        weight=weight,
        attributes=ATTRIBUTES,
    )


@checked
def social_worker_turnover(
    workers: pl.DataFrame | pl.LazyFrame,
    *,
    periods: Sequence[Period],
    in_post_basis: Literal["year_end", "average"] = "year_end",
    count_by: CountBy = "full_time_equivalent",
    why: bool = False,
) -> pl.LazyFrame:
    """Social workers who left in the year to each census, over those in post, agency workers apart.

    Args:
        workers: The validated `Workforce.workers`, one row a post.
        periods: The years to the 30 September of a census (`csc.workforce_years`).
        in_post_basis: In post on the day of the census, or the average of that and of the day before the year began.
        count_by: Full-time equivalents, each row adding its own, or people, each once.
        why: Also say which clause decided each row of the census.

    Returns:
        Unit records, one a row: numerator what left, denominator what was in post.

    Raises:
        UsageError: a period does not end on the day of a census.

    Source: specs/indicators/social_worker_turnover.toml.

    >>> from csc_indicators.examples import example_workforce
    >>> from csc_indicators.census_years import workforce_year
    >>> workers = example_workforce(
    ...     [{"worker_id": "SW1"}, {"worker_id": "SW2", "end_date": "2025-01-31", "full_time_equivalent": 0.5}]
    ... )
    >>> records = social_worker_turnover(workers, periods=[workforce_year(2025)]).collect()
    >>> records["numerator"].sum(), records["denominator"].sum()
    (0.5, 1.0)
    """
    rows = at_census(workers, periods)
    there = EMPLOYED & (in_post() | left_in_year()) & (in_post() | started_before_year())
    rows = with_first_of_person(rows, there, also=[pl.when(~in_post()).then("end_date")])
    counts = counted_as(count_by)
    at_end = pl.when(in_post()).then(counts).otherwise(NOTHING)
    at_start = pl.when(started_before_year()).then(counts).otherwise(NOTHING)
    definition = of_workers(
        denominator={
            "employed": EMPLOYED,
            "in_post_or_left": in_post() | left_in_year(),
            "not_started_and_left": in_post() | started_before_year(),
            "full_time_equivalent_known": can_be_counted(count_by),
            "first_of_the_person": once_a_person(count_by),
        },
        numerator={"left_in_year": ~in_post()},
        value=pl.when(~in_post()).then(counts).otherwise(NOTHING),
        weight=at_end if in_post_basis == "year_end" else (at_end + at_start) / 2,
    )
    return unit_records(rows, definition, why=why)


@checked
def agency_rate(
    workers: pl.DataFrame | pl.LazyFrame,
    authority_totals: pl.DataFrame | pl.LazyFrame,
    *,
    periods: Sequence[Period],
    agency_basis: AgencyBasis = "workers",
    count_by: CountBy = "full_time_equivalent",
    why: bool = False,
) -> pl.LazyFrame:
    """Agency workers on the day of each census, as a share of them and of the social workers in post.

    Args:
        workers: The validated `Workforce.workers`, one row a post.
        authority_totals: The validated `Workforce.authority_totals`, one row an authority and year.
        periods: The years to the 30 September of a census (`csc.workforce_years`).
        agency_basis: The rows of agency workers, or the authority's own total of them; never both.
        count_by: Full-time equivalents, or people: each employed person once, each row of an agency worker.
        why: Also say which clause decided each row of the census.

    Returns:
        Unit records, one a row (and, with the authority's total, one for that): denominator what it counts for,
        numerator the same where it is agency.

    Raises:
        UsageError: a period does not end on the day of a census.

    Source: specs/indicators/agency_rate.toml.

    >>> from csc_indicators.examples import example_workforce_tables
    >>> from csc_indicators.census_years import workforce_year
    >>> tables = example_workforce_tables(
    ...     {"workers": [{"worker_id": "SW1"}, {"worker_id": "SW2", "is_agency": True, "full_time_equivalent": 0.5}]}
    ... )
    >>> records = agency_rate(tables["workers"], tables["authority_totals"], periods=[workforce_year(2025)]).collect()
    >>> records["numerator"].sum(), records["denominator"].sum()
    (0.5, 1.5)
    """
    by_total = agency_basis == "authority_total"
    returned = "agency_full_time_equivalent" if count_by == "full_time_equivalent" else "agency_headcount"
    totals = at_census(authority_totals, periods)
    rows = _with_total(at_census(workers, periods), totals, returned)
    rows = with_first_of_person(rows, EMPLOYED & in_post())
    counts, is_agency = counted_as(count_by), pl.col("is_agency")
    clauses = {
        "at_census": in_post(),
        "by_its_row": EMPLOYED if by_total else ALWAYS,
        "total_returned": pl.col("returned").is_not_null() if by_total else ALWAYS,
        "full_time_equivalent_known": can_be_counted(count_by),
        "first_of_the_person": is_agency | once_a_person(count_by),
    }
    definition = of_workers(
        denominator=clauses,
        numerator={"agency": is_agency},
        value=pl.when(is_agency).then(counts).otherwise(NOTHING),
        weight=counts,
    )
    records = unit_records(rows, definition, why=why)
    if not by_total:
        return records
    return pl.concat([records, _of_totals(totals, returned, {**clauses, "agency": ALWAYS}, workers, why=why)])


@checked
def vacancy_rate(
    workers: pl.DataFrame | pl.LazyFrame,
    authority_totals: pl.DataFrame | pl.LazyFrame,
    *,
    periods: Sequence[Period],
    why: bool = False,
) -> pl.LazyFrame:
    """Vacancies on the day of each census, as a share of them and of the social workers in post.

    Args:
        workers: The validated `Workforce.workers`, one row a post.
        authority_totals: The validated `Workforce.authority_totals`, one row an authority and year.
        periods: The years to the 30 September of a census (`csc.workforce_years`).
        why: Also say which clause decided each row of the census.

    Returns:
        Unit records, one a row in post and one for each authority's vacancies, in full-time equivalents.

    Raises:
        UsageError: a period does not end on the day of a census.

    Source: specs/indicators/vacancy_rate.toml.

    >>> from csc_indicators.examples import example_workforce_tables
    >>> from csc_indicators.census_years import workforce_year
    >>> tables = example_workforce_tables({"workers": [{}], "authority_totals": [{"vacancies": 0.5}]})
    >>> records = vacancy_rate(tables["workers"], tables["authority_totals"], periods=[workforce_year(2025)]).collect()
    >>> records["numerator"].sum(), records["denominator"].sum()
    (0.5, 1.5)
    """
    totals = at_census(authority_totals, periods)
    clauses = {
        "employed": EMPLOYED,
        "in_post": in_post(),
        "vacancies_returned": pl.col("returned").is_not_null(),
        "full_time_equivalent_known": can_be_counted("full_time_equivalent"),
    }
    definition = of_workers(
        denominator=clauses,
        numerator={"vacant": pl.lit(value=False)},
        value=NOTHING,
        weight=counted_as("full_time_equivalent"),
    )
    rows = _with_total(at_census(workers, periods), totals, "vacancies")
    of_totals = _of_totals(totals, "vacancies", {**clauses, "vacant": ALWAYS}, workers, why=why)
    return pl.concat([unit_records(rows, definition, why=why), of_totals])


def _with_total(rows: pl.LazyFrame, totals: pl.LazyFrame, column: str) -> pl.LazyFrame:
    """The rows of workers with what their authority returned of itself, as `returned`."""
    said = totals.select("period", "la_code", returned=pl.col(column).cast(pl.Float64))
    return rows.join(said, on=["period", "la_code"], how="left")


def _of_totals(
    totals: pl.LazyFrame,
    column: str,
    clauses: dict[str, pl.Expr],
    workers: pl.DataFrame | pl.LazyFrame,
    *,
    why: bool,
) -> pl.LazyFrame:
    """Unit records of the authorities' own numbers: a number that was not returned counts nothing."""
    returned = next(name for name in clauses if name.endswith("_returned"))
    *whole, part = clauses
    holds = {name: pl.col("returned").is_not_null() if name == returned else ALWAYS for name in whole}
    nobody = {name: pl.lit(None, dtype=workers.lazy().collect_schema()[name]).alias(name) for name in ATTRIBUTES}
    definition = Definition(
        kind="mean",
        unit_table=AUTHORITY_TOTALS,
        unit_id="unit",
        unit_row="authority_key",
        date="reference_date",
        complete=ALWAYS,
        denominator=holds,
        numerator={part: ALWAYS},
        value=pl.col("returned"),
        weight=pl.col("returned"),
        attributes=tuple(nobody.values()),
    )
    # Numbered apart from the rows of workers, which stand in the same records.
    candidates = totals.with_columns(
        returned=pl.col(column).cast(pl.Float64), unit=-1 - pl.col("authority_key").cast(pl.Int64)
    )
    return unit_records(candidates, definition, why=why)
