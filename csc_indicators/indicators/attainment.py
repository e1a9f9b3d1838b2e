"""Attainment of children with a social worker: the definitions in `specs/`.

Every function is pure: supplied tables on education and the social care groups of children in, unit records out. See
`unit_records` for the shape. The groups are those of `csc.social_care_groups` at the end of March of the school year,
unless the supplied rows say them.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from csc_indicators.context_codes import KEY_STAGE, KEY_STAGE_2, KEY_STAGE_4
from csc_indicators.histories.referrals import ALWAYS
from csc_indicators.histories.supplied import of_years, with_social_care_group
from csc_indicators.indicators.attendance import GROUPS, Table, in_group
from csc_indicators.indicators.keywords import checked
from csc_indicators.indicators.unit_records import Definition, unit_records
from csc_indicators.periods import Period

ATTAINMENT = "context.attainment"


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
            "in_group": in_group(groups),
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
