"""How long social workers stay: the definitions of tenure, retention and the length of agency assignments in `specs/`.

Every function is pure: the validated workers of the workforce census in, unit records out. See `unit_records` for the
shape.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from csc_indicators.census_years import workforce_year
from csc_indicators.histories.workforce import (
    CountBy,
    at_census,
    first_start_of_person,
    in_post,
    with_first_of_person,
)
from csc_indicators.indicators.keywords import checked
from csc_indicators.indicators.unit_records import Definition, unit_records
from csc_indicators.indicators.workforce import (
    ATTRIBUTES,
    EMPLOYED,
    NOTHING,
    WORKERS,
    can_be_counted,
    counted_as,
    of_workers,
    once_a_person,
)
from csc_indicators.periods import Period, completed_years_expr, period_dtype


@checked
def social_worker_tenure(
    workers: pl.DataFrame | pl.LazyFrame,
    *,
    periods: Sequence[Period],
    band_years: int = 2,
    count_by: CountBy = "full_time_equivalent",
    why: bool = False,
) -> pl.LazyFrame:
    """Social workers in post with so many years' service with the authority, of those in post at each census.

    Args:
        workers: The validated `Workforce.workers`, one row a post.
        periods: The years to the 30 September of a census (`csc.workforce_years`).
        band_years: How many completed years of service, from the first of the roles that a person is in post in.
        count_by: Full-time equivalents, or people, each once.
        why: Also say which clause decided each row of the census.

    Returns:
        Unit records, one a row in post: numerator what served for so long, denominator what is in post.

    Raises:
        UsageError: a period does not end on the day of a census.

    Source: specs/indicators/social_worker_tenure.toml.

    >>> from csc_indicators.examples import example_workforce
    >>> from csc_indicators.census_years import workforce_year
    >>> workers = example_workforce(
    ...     [{"worker_id": "SW1", "start_date": "2023-09-30"}, {"worker_id": "SW2", "start_date": "2023-10-01"}]
    ... )
    >>> records = social_worker_tenure(workers, periods=[workforce_year(2025)]).collect()
    >>> records["numerator"].sum(), records["denominator"].sum()
    (1.0, 2.0)
    """
    there = EMPLOYED & in_post()
    rows = at_census(workers, periods).with_columns(served_from=first_start_of_person(there))
    rows = with_first_of_person(rows, there)
    counts = counted_as(count_by)
    long_enough = completed_years_expr(pl.col("served_from"), pl.col("reference_date")) >= band_years
    definition = of_workers(
        denominator={
            "employed": EMPLOYED,
            "in_post": in_post(),
            "start_known": pl.col("served_from").is_not_null(),
            "full_time_equivalent_known": can_be_counted(count_by),
            "first_of_the_person": once_a_person(count_by),
        },
        numerator={"served_long_enough": long_enough},
        value=pl.when(long_enough).then(counts).otherwise(NOTHING),
        weight=counts,
    )
    return unit_records(rows, definition, why=why)


@checked
def social_worker_retention(
    workers: pl.DataFrame | pl.LazyFrame,
    *,
    periods: Sequence[Period],
    after_years: int = 2,
    why: bool = False,
) -> pl.LazyFrame:
    """Social workers in post at an earlier census who are still in post at each census, of those in post then.

    Args:
        workers: The validated `Workforce.workers`, one row a post.
        periods: The years to the 30 September of the later census (`csc.workforce_years`).
        after_years: How many years before the later census the earlier one was.
        why: Also say which clause decided each row of the earlier census.

    Returns:
        Unit records, one a person of the earlier census: numerator 1 when still in post, denominator 1;
        `matched_row` is a row of the later census. Where an authority's earlier census is not among the tables, the
        rows of the later one stay, counting nothing, so that the figure is known to be incomplete.

    Raises:
        UsageError: a period does not end on the day of a census.

    Source: specs/indicators/social_worker_retention.toml.

    >>> from csc_indicators.examples import example_workforce
    >>> from csc_indicators.census_years import workforce_year
    >>> workers = example_workforce(
    ...     [
    ...         {"worker_id": "SW1", "census": "2023-09-30"},
    ...         {"worker_id": "SW2", "census": "2023-09-30"},
    ...         {"worker_id": "SW1", "census": "2025-09-30"},
    ...     ]
    ... )
    >>> records = social_worker_retention(workers, periods=[workforce_year(2025)]).collect()
    >>> records["numerator"].sum(), records["denominator"].sum()
    (1.0, 2.0)
    """
    labels = period_dtype(periods)
    now = at_census(workers, periods)
    there = EMPLOYED & in_post()
    earlier = [workforce_year(period.end.year - after_years) for period in periods]
    then = pl.concat(
        [
            at_census(workers, [before]).with_columns(period=pl.lit(period.label, dtype=labels))
            for before, period in zip(earlier, periods, strict=True)
        ]
    )
    person = ["period", "la_code", "worker_id"]
    still = now.filter(there).group_by(person).agg(still_row=pl.col("worker_key").min())
    returned_then = then.select("period", "la_code", returned_then=pl.lit(value=True)).unique()
    returned_now = now.select("period", "la_code", returned_now=pl.lit(value=True)).unique()
    base = then.join(still, on=person, how="left").with_columns(returned_then=pl.lit(value=True))
    # An authority without the earlier census has nobody in the figure: its rows say that it is missing.
    without = (
        now.join(returned_then, on=["period", "la_code"], how="left")
        .filter(pl.col("returned_then").is_null())
        .with_columns(still_row=pl.lit(None, dtype=pl.UInt32))
    )
    rows = pl.concat([base, without], how="diagonal").join(returned_now, on=["period", "la_code"], how="inner")
    rows = with_first_of_person(rows, there & pl.col("returned_then").fill_null(value=False))
    definition = Definition(
        kind="share",
        unit_table=WORKERS,
        unit_id="worker_key",
        unit_row="worker_key",
        date="reference_date",
        complete=pl.col("returned_then").fill_null(value=False),
        denominator={
            "employed": EMPLOYED,
            "in_post_then": in_post(),
            "returned_then": pl.col("returned_then"),
            "first_of_the_person": pl.col("first_of_the_person") | pl.col("returned_then").is_null(),
        },
        numerator={"still_in_post": pl.col("still_row").is_not_null()},
        attributes=ATTRIBUTES,
        matched=pl.col("still_row"),
        matched_table=WORKERS,
        reaching_back="returned_then",
    )
    return unit_records(rows, definition, why=why)


@checked
def agency_assignment_length(
    workers: pl.DataFrame | pl.LazyFrame,
    *,
    periods: Sequence[Period],
    why: bool = False,
) -> pl.LazyFrame:
    """The average number of months since agency workers at each census began with the authority.

    Args:
        workers: The validated `Workforce.workers`, one row a post.
        periods: The years to the 30 September of a census (`csc.workforce_years`).
        why: Also say which clause decided each row of the census.

    Returns:
        Unit records, one an agency worker's row: numerator the days since the role began (shown as months),
        denominator 1.

    Raises:
        UsageError: a period does not end on the day of a census.

    Source: specs/indicators/agency_assignment_length.toml.

    >>> from csc_indicators.examples import example_workforce
    >>> from csc_indicators.census_years import workforce_year
    >>> workers = example_workforce([{"is_agency": True, "start_date": "2025-09-01"}])
    >>> agency_assignment_length(workers, periods=[workforce_year(2025)]).collect()["numerator"].sum()
    29.0
    """
    definition = of_workers(
        denominator={
            "agency": pl.col("is_agency"),
            "at_census": in_post(),
            "start_known": pl.col("start_date").is_not_null(),
        },
        value=(pl.col("reference_date") - pl.col("start_date")).dt.total_days(),
    )
    return unit_records(at_census(workers, periods), definition, why=why)
