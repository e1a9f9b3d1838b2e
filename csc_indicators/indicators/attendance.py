"""Absence from school of children with a social worker: the definitions in `specs/`.

Every function is pure: supplied tables on education and the social care groups of children in, unit records out. See
`unit_records` for the shape. The groups are those of `csc.social_care_groups` at the end of March of the school year,
unless the supplied rows say them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

import polars as pl

from csc_indicators.census_years import academic_year
from csc_indicators.histories.referrals import ALWAYS
from csc_indicators.histories.supplied import of_years, with_social_care_group
from csc_indicators.indicators.keywords import checked
from csc_indicators.indicators.unit_records import Definition, unit_records
from csc_indicators.periods import Period, completed_years_expr
from csc_indicators.specification import WHOLE_IN_PERCENT

ATTENDANCE = "context.attendance"
GROUPS = ("CLA12", "CPPO", "CINO")
Table = pl.DataFrame | pl.LazyFrame


def in_group(groups: Sequence[str]) -> pl.Expr:
    """True for a child in one of the social care groups."""
    return pl.col("social_care_group").is_in(list(groups))


def _absence(
    attendance: Table,
    groups_of_children: Table | None,
    periods: Sequence[Period],
    groups: Sequence[str],
    ages: tuple[int, int],
    least_percent: int | None,
    *,
    why: bool,
) -> pl.LazyFrame:
    """Sessions missed of those possible, or children who missed at least a percentage of theirs."""
    starts = {
        period.reporting_year: academic_year(period.reporting_year).start - dt.timedelta(days=1) for period in periods
    }
    before = pl.col("year").replace_strict(starts, return_dtype=pl.Date)
    age = completed_years_expr(pl.col("birth_date"), before)
    possible, missed = pl.col("sessions_possible"), pl.col("sessions_missed")
    numerator: Mapping[str, pl.Expr] = {"sessions_missed": missed > 0}
    value, weight = missed, possible
    if least_percent is not None:
        much = missed * WHOLE_IN_PERCENT >= possible * least_percent
        numerator, value, weight = {"missed_enough": much}, much.cast(pl.Float64), None
    rows = with_social_care_group(of_years(attendance, periods), groups_of_children, said=True)
    definition = Definition(
        kind="mean",
        unit_table=ATTENDANCE,
        unit_id="attendance_key",
        unit_row="attendance_key",
        date="period_end",
        complete=ALWAYS,
        denominator={
            "in_group": in_group(groups),
            "school_age": age.is_between(*ages) | pl.col("birth_date").is_null(),
            "could_attend": possible > 0,
        },
        numerator=numerator,
        value=value,
        weight=weight,
        attributes=("social_care_group",),
    )
    return unit_records(rows, definition, why=why)


@checked
def school_absence(
    attendance: Table,
    *,
    periods: Sequence[Period],
    social_care_groups: Table | None = None,
    groups: Sequence[str] = GROUPS,
    from_age: int = 5,
    to_age: int = 15,
    why: bool = False,
) -> pl.LazyFrame:
    """Sessions that children with a social worker missed, of those that were possible.

    Args:
        attendance: The supplied `attendance`, one row a child and school year.
        periods: Reporting years: that of 2025 is for the school year that ends in 2025.
        social_care_groups: The derived groups of children (`Extracts.social_care_groups`), for rows that say none.
        groups: Which social care groups.
        from_age: The youngest age counted, on the 31 August before the school year.
        to_age: The oldest.
        why: Also say which clause decided each row of the year.

    Returns:
        Unit records, one a child: numerator the sessions missed, denominator those possible, and
        `social_care_group`.

    Source: specs/indicators/school_absence.toml.

    >>> from csc_indicators.examples import example_context_tables
    >>> from csc_indicators.periods import year
    >>> rows = [{"social_care_group": "CINO", "sessions_possible": 300, "sessions_missed": 30}]
    >>> tables = example_context_tables({"attendance": rows})
    >>> records = school_absence(tables["context.attendance"], periods=[year(2025)]).collect()
    >>> records["numerator"].sum(), records["denominator"].sum()
    (30.0, 300.0)
    """
    return _absence(attendance, social_care_groups, periods, groups, (from_age, to_age), None, why=why)


@checked
def persistent_absence(
    attendance: Table,
    *,
    periods: Sequence[Period],
    social_care_groups: Table | None = None,
    groups: Sequence[str] = GROUPS,
    from_age: int = 5,
    to_age: int = 15,
    least_percent: int = 10,
    why: bool = False,
) -> pl.LazyFrame:
    """Children with a social worker who missed a tenth of their possible sessions or more.

    Args:
        attendance: The supplied `attendance`, one row a child and school year.
        periods: Reporting years: that of 2025 is for the school year that ends in 2025.
        social_care_groups: The derived groups of children (`Extracts.social_care_groups`), for rows that say none.
        groups: Which social care groups.
        from_age: The youngest age counted, on the 31 August before the school year.
        to_age: The oldest.
        least_percent: From which percentage of its own possible sessions a child's absence is persistent.
        why: Also say which clause decided each row of the year.

    Returns:
        Unit records, one a child: numerator 1 for so much absence, denominator 1, and `social_care_group`.

    Source: specs/indicators/persistent_absence.toml.

    >>> from csc_indicators.examples import example_context_tables
    >>> from csc_indicators.periods import year
    >>> rows = [{"social_care_group": "CINO", "sessions_possible": 300, "sessions_missed": 30}]
    >>> tables = example_context_tables({"attendance": rows})
    >>> persistent_absence(tables["context.attendance"], periods=[year(2025)]).collect()["numerator"].sum()
    1.0
    """
    return _absence(attendance, social_care_groups, periods, groups, (from_age, to_age), least_percent, why=why)


@checked
def severe_absence(
    attendance: Table,
    *,
    periods: Sequence[Period],
    social_care_groups: Table | None = None,
    groups: Sequence[str] = GROUPS,
    from_age: int = 5,
    to_age: int = 15,
    least_percent: int = 50,
    why: bool = False,
) -> pl.LazyFrame:
    """Children with a social worker who missed half of their possible sessions or more.

    Args:
        attendance: The supplied `attendance`, one row a child and school year.
        periods: Reporting years: that of 2025 is for the school year that ends in 2025.
        social_care_groups: The derived groups of children (`Extracts.social_care_groups`), for rows that say none.
        groups: Which social care groups.
        from_age: The youngest age counted, on the 31 August before the school year.
        to_age: The oldest.
        least_percent: From which percentage of its own possible sessions a child's absence is severe.
        why: Also say which clause decided each row of the year.

    Returns:
        Unit records, one a child: numerator 1 for so much absence, denominator 1, and `social_care_group`.

    Source: specs/indicators/severe_absence.toml.

    >>> from csc_indicators.examples import example_context_tables
    >>> from csc_indicators.periods import year
    >>> rows = [{"social_care_group": "CINO", "sessions_possible": 300, "sessions_missed": 150}]
    >>> tables = example_context_tables({"attendance": rows})
    >>> severe_absence(tables["context.attendance"], periods=[year(2025)]).collect()["numerator"].sum()
    1.0
    """
    return _absence(attendance, social_care_groups, periods, groups, (from_age, to_age), least_percent, why=why)
