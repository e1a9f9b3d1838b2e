"""Children with a social worker at school: the definitions of absence, attainment and moves in `specs/`.

Every function is pure: supplied tables on education and the social care groups of children in, unit records out. See
`unit_records` for the shape. The groups are those of `csc.social_care_groups` at the end of March of the school year,
unless the supplied rows say them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Literal

import polars as pl

from csc_indicators.context_codes import KEY_STAGE, KEY_STAGE_2, KEY_STAGE_4
from csc_indicators.histories.referrals import ALWAYS
from csc_indicators.histories.supplied import in_care_of_years, of_years, over_years, with_social_care_group
from csc_indicators.indicators.keywords import checked
from csc_indicators.indicators.unit_records import Definition, unit_records
from csc_indicators.periods import SUMMER_MONTHS, Period, academic_year, completed_years_expr

ATTENDANCE, ATTAINMENT, SCHOOL_HISTORY = "context.attendance", "context.attainment", "context.school_history"
GROUPS = ("CLA12", "CPPO", "CINO")
Table = pl.DataFrame | pl.LazyFrame
KEY_SPAN = 2**32
"""Keys that a packed number has room for."""
PERCENT = 10**2


def _in_group(groups: Sequence[str]) -> pl.Expr:
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
        much = missed * PERCENT >= possible * least_percent
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
            "in_group": _in_group(groups),
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


def _attainment(
    attainment: Table,
    groups_of_children: Table | None,
    periods: Sequence[Period],
    groups: Sequence[str],
    key_stage: str,
    result: str,
    *,
    reached: bool = False,
    why: bool,
) -> pl.LazyFrame:
    """The mean of a result at the end of a key stage, or the share of those who reached it."""
    rows = with_social_care_group(of_years(attainment, periods), groups_of_children, said=True)
    definition = Definition(
        kind="share" if reached else "mean",
        unit_table=ATTAINMENT,
        unit_id="attainment_key",
        unit_row="attainment_key",
        date="period_end",
        complete=ALWAYS,
        denominator={
            "in_group": _in_group(groups),
            "key_stage_ended": pl.col("key_stage") == pl.lit(key_stage, dtype=KEY_STAGE.dtype),
            "result_known": pl.col(result).is_not_null(),
        },
        numerator={"reached": pl.col(result)} if reached else {},
        value=None if reached else pl.col(result),
        attributes=("social_care_group",),
    )
    return unit_records(rows, definition, why=why)


@checked
def ks2_expected_standard(
    attainment: Table,
    *,
    periods: Sequence[Period],
    social_care_groups: Table | None = None,
    groups: Sequence[str] = GROUPS,
    why: bool = False,
) -> pl.LazyFrame:
    """Children with a social worker who reached the expected standard at the end of key stage 2.

    Args:
        attainment: The supplied `attainment`, one row a child, key stage and school year.
        periods: Reporting years: that of 2025 is for the school year that ends in 2025.
        social_care_groups: The derived groups of children (`Extracts.social_care_groups`), for rows that say none.
        groups: Which social care groups.
        why: Also say which clause decided each row of the year.

    Returns:
        Unit records, one a child: numerator 1 for the standard in reading, writing and maths, denominator 1, and
        `social_care_group`.

    Source: specs/indicators/ks2_expected_standard.toml.

    >>> from csc_indicators.examples import example_context_tables
    >>> from csc_indicators.periods import year
    >>> tables = example_context_tables({"attainment": [{"social_care_group": "CINO", "expected_standard": True}]})
    >>> ks2_expected_standard(tables["context.attainment"], periods=[year(2025)]).collect()["numerator"].sum()
    1.0
    """
    return _attainment(
        attainment, social_care_groups, periods, groups, KEY_STAGE_2, "expected_standard", reached=True, why=why
    )


@checked
def ks2_progress(
    attainment: Table,
    *,
    periods: Sequence[Period],
    social_care_groups: Table | None = None,
    groups: Sequence[str] = GROUPS,
    why: bool = False,
) -> pl.LazyFrame:
    """The average progress score of children with a social worker from key stage 1 to the end of key stage 2.

    Args:
        attainment: The supplied `attainment`, one row a child, key stage and school year.
        periods: Reporting years: that of 2025 is for the school year that ends in 2025.
        social_care_groups: The derived groups of children (`Extracts.social_care_groups`), for rows that say none.
        groups: Which social care groups.
        why: Also say which clause decided each row of the year.

    Returns:
        Unit records, one a child: numerator its score, denominator 1, and `social_care_group`.

    Source: specs/indicators/ks2_progress.toml.

    >>> from csc_indicators.examples import example_context_tables
    >>> from csc_indicators.periods import year
    >>> tables = example_context_tables({"attainment": [{"social_care_group": "CINO", "progress": -1.5}]})
    >>> ks2_progress(tables["context.attainment"], periods=[year(2025)]).collect()["numerator"].sum()
    -1.5
    """
    return _attainment(attainment, social_care_groups, periods, groups, KEY_STAGE_2, "progress", why=why)


@checked
def attainment_8(
    attainment: Table,
    *,
    periods: Sequence[Period],
    social_care_groups: Table | None = None,
    groups: Sequence[str] = GROUPS,
    why: bool = False,
) -> pl.LazyFrame:
    """The average Attainment 8 score of children with a social worker at the end of key stage 4.

    Args:
        attainment: The supplied `attainment`, one row a child, key stage and school year.
        periods: Reporting years: that of 2025 is for the school year that ends in 2025.
        social_care_groups: The derived groups of children (`Extracts.social_care_groups`), for rows that say none.
        groups: Which social care groups.
        why: Also say which clause decided each row of the year.

    Returns:
        Unit records, one a child: numerator its score, denominator 1, and `social_care_group`.

    Source: specs/indicators/attainment_8.toml.

    >>> from csc_indicators.examples import example_context_tables
    >>> from csc_indicators.periods import year
    >>> rows = [{"social_care_group": "CINO", "key_stage": "4", "attainment_8": 21.5}]
    >>> tables = example_context_tables({"attainment": rows})
    >>> attainment_8(tables["context.attainment"], periods=[year(2025)]).collect()["numerator"].sum()
    21.5
    """
    return _attainment(attainment, social_care_groups, periods, groups, KEY_STAGE_4, "attainment_8", why=why)


@checked
def school_moves(
    school_history: Table,
    *,
    periods: Sequence[Period],
    periods_of_care: Table | None = None,
    include_summer: bool = False,
    moves_before_care: Literal["leave_out", "count"] = "leave_out",
    why: bool = False,
) -> pl.LazyFrame:
    """Children looked after at the end of each year who changed school within it, but for the summer.

    Args:
        school_history: The supplied `school_history`, one row a child's time at a school.
        periods: Reporting years.
        periods_of_care: The periods of care of the same authorities and child ids (`Extracts.periods_of_care`); without
            them nobody is known to be looked after.
        include_summer: Whether a school begun in August or September, when most are changed, was changed mid-year.
        moves_before_care: Whether changes before the child's first day in care in the year count.
        why: Also say which clause decided each time at a school that touches the year.

    Returns:
        Unit records, one a child: numerator 1 for a change, denominator 1.

    Raises:
        UsageError: a period is no reporting year.

    Source: specs/indicators/school_moves.toml.

    >>> from csc_indicators.examples import example_context_tables
    >>> from csc_indicators.periods import year
    >>> schools = [
    ...     {"school": "1", "start_date": "2022-09-05", "end_date": "2025-01-10"},
    ...     {"school": "2", "start_date": "2025-01-13"},
    ... ]
    >>> tables = example_context_tables(
    ...     {"school_history": schools, "periods_of_care": [{"start_date": "2023-05-10"}]}
    ... )
    >>> records = school_moves(
    ...     tables["context.school_history"], periods=[year(2025)], periods_of_care=tables["periods_of_care"]
    ... ).collect()
    >>> records["numerator"].sum(), records["denominator"].sum()
    (1.0, 1.0)
    """
    # A time at a school that has no end is known up to the day to which the list is complete.
    until = pl.col("end_date").fill_null(pl.col("known_to"))
    rows = (
        over_years(school_history, periods)
        .with_columns(first_start=pl.col("start_date").min().over("period", "la_code", "child_id"))
        .filter((pl.col("start_date") <= pl.col("period_end")) & (until >= pl.col("period_start")))
        .join(in_care_of_years(periods_of_care, periods), on=["period", "la_code", "child_id"], how="left")
    )
    in_care = pl.col("in_care_at_end").fill_null(value=False)
    month = pl.col("start_date").dt.month()
    after_entry = ALWAYS if moves_before_care == "count" else pl.col("start_date") >= pl.col("first_day_in_care")
    moved = (
        (pl.col("start_date") >= pl.col("period_start"))
        & (pl.col("start_date") > pl.col("first_start"))
        & (ALWAYS if include_summer else ~month.is_in(SUMMER_MONTHS))
        & after_entry
    )
    rows = rows.with_columns(moved=moved.fill_null(value=False)).with_columns(
        # A change stands for its child before a school that was none, and the first of either.
        place=pl.when("moved").then(0).otherwise(1) * KEY_SPAN + pl.col("school_history_key").cast(pl.Int64)
    )
    first_place = pl.col("place").min().over("period", "la_code", "child_id")
    definition = Definition(
        kind="share",
        unit_table=SCHOOL_HISTORY,
        unit_id="school_history_key",
        unit_row="school_history_key",
        date="start_date",
        complete=ALWAYS,
        denominator={"looked_after": in_care, "stands_for_the_child": pl.col("place") == first_place},
        numerator={"moved_in_year": pl.col("moved")},
    )
    return unit_records(rows, definition, why=why)
