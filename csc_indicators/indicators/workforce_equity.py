"""Who the workforce is and what it is paid: the definitions of ethnicity by role and of agency pay in `specs/`.

Every function is pure: the validated workers of the workforce census in, unit records out. See `unit_records` for the
shape.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import polars as pl

from csc_indicators.codes import ETHNICITY, ETHNICITY_NOT_KNOWN
from csc_indicators.histories.referrals import ALWAYS
from csc_indicators.histories.workforce import at_census, in_post, with_first_of_person
from csc_indicators.indicators.keywords import checked
from csc_indicators.indicators.unit_records import Definition, unit_records
from csc_indicators.indicators.workforce import (
    ATTRIBUTES,
    EMPLOYED,
    WORKERS,
    of_workers,
)
from csc_indicators.periods import Period


@checked
def workforce_ethnicity(
    workers: pl.DataFrame | pl.LazyFrame,
    *,
    periods: Sequence[Period],
    majority_codes: Sequence[str] = ("WBRI", "WIRI", "WIRT", "WROM", "WOTH"),
    why: bool = False,
) -> pl.LazyFrame:
    """Social workers in post of a minority ethnic group, of those in post whose ethnicity is known, by role.

    Args:
        workers: The validated `Workforce.workers`, one row a post.
        periods: The years to the 30 September of a census (`csc.workforce_years`).
        majority_codes: The ethnicities that are not those of a minority.
        why: Also say which clause decided each row of the census.

    Returns:
        Unit records, one a person in post, in the most senior role: numerator 1 of a minority, denominator 1.

    Raises:
        UsageError: a period does not end on the day of a census.

    Source: specs/indicators/workforce_ethnicity.toml.

    >>> from csc_indicators.examples import example_workforce
    >>> from csc_indicators.census_years import workforce_year
    >>> workers = example_workforce([{"worker_id": "SW1"}, {"worker_id": "SW2", "ethnicity": "AIND"}])
    >>> records = workforce_ethnicity(workers, periods=[workforce_year(2025)]).collect()
    >>> records["numerator"].sum(), records["denominator"].sum()
    (1.0, 2.0)
    """
    ethnicity = pl.col("ethnicity")
    known = ~ethnicity.is_in(pl.Series(ETHNICITY_NOT_KNOWN, dtype=ETHNICITY.dtype).implode())
    minority = ~ethnicity.is_in(pl.Series(majority_codes, dtype=ETHNICITY.dtype).implode())
    rows = with_first_of_person(at_census(workers, periods), EMPLOYED & in_post())
    definition = Definition(
        kind="share",
        unit_table=WORKERS,
        unit_id="worker_key",
        unit_row="worker_key",
        date="reference_date",
        complete=ALWAYS,
        denominator={
            "employed": EMPLOYED,
            "in_post": in_post(),
            "ethnicity_known": known,
            "first_of_the_person": pl.col("first_of_the_person"),
        },
        numerator={"minority": minority},
        attributes=ATTRIBUTES,
    )
    return unit_records(rows, definition, why=why)


@checked
def agency_pay_ratio(
    workers: pl.DataFrame | pl.LazyFrame,
    *,
    periods: Sequence[Period],
    pay: Literal["base", "total"] = "base",
    pay_of: Literal["full_time_equivalent", "as_returned"] = "full_time_equivalent",
    why: bool = False,
) -> pl.LazyFrame:
    """What agency workers are paid at each census, over what the authority pays its own workers in the same role.

    Args:
        workers: The validated `Workforce.workers`, one row a post.
        periods: The years to the 30 September of a census (`csc.workforce_years`).
        pay: The base salary, or that and all payments besides.
        pay_of: What a full-time post would be paid (pay over full-time equivalent), or what was returned.
        why: Also say which clause decided each row of the census.

    Returns:
        Unit records, one an agency worker's row: numerator its pay over the mean pay of the authority's own workers in
        the role, denominator 1. For one role of one authority the figure is the ratio of the two means.

    Raises:
        UsageError: a period does not end on the day of a census.

    Source: specs/indicators/agency_pay_ratio.toml.

    >>> from csc_indicators.examples import example_workforce
    >>> from csc_indicators.census_years import workforce_year
    >>> workers = example_workforce(
    ...     [{"base_salary": 40000}, {"worker_id": "SW2", "is_agency": True, "base_salary": 50000}]
    ... )
    >>> agency_pay_ratio(workers, periods=[workforce_year(2025)]).collect()["numerator"].sum()
    1.25
    """
    # Payments besides the salary that are not returned are none; a salary that is not returned is not known.
    besides = pl.col("recruitment_and_retention_payments").fill_null(0.0) + pl.col("other_payments").fill_null(0.0)
    paid = pl.col("base_salary") if pay == "base" else pl.col("base_salary") + besides
    share = pl.col("full_time_equivalent")
    if pay_of == "full_time_equivalent":
        paid = pl.when(share > 0).then(paid / share)
    rows = at_census(workers, periods).with_columns(paid=pl.when(paid > 0).then(paid))
    own = pl.when(EMPLOYED & in_post()).then("paid").mean().over("period", "la_code", "role")
    rows = rows.with_columns(own_pay=pl.when(pl.col("role").is_not_null()).then(own))
    definition = of_workers(
        denominator={
            "agency": pl.col("is_agency"),
            "at_census": in_post(),
            "pay_known": pl.col("paid").is_not_null(),
            "own_workers_in_role": pl.col("own_pay").is_not_null(),
        },
        value=pl.col("paid") / pl.col("own_pay"),
    )
    return unit_records(rows, definition, why=why)
