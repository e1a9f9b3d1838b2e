"""From authorities to the areas they make up: regions, the two parts of London, England, reorganised authorities.

An area's figure is the figure of the sums: unrounded numerators and denominators are added over its authorities, and
what is no sum (counts by day, from which a Kaplan-Meier estimate is made) is merged day by day. Which authorities an
area has goes by code and year, so a county counts until it is divided and its successors from then on.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from csc_indicators.area_membership import (
    LEVELS,
    LOCAL_AUTHORITY,
    NATIONAL,
    REGIONAL,
    area_members,
    joined_authorities,
)
from csc_indicators.errors import UsageError
from csc_indicators.names import suggestion
from csc_indicators.periods import Period
from csc_indicators.rounding import SUM_DECIMALS
from csc_indicators.survival import merged

AUTHORITIES = "authorities"
"""The column of how many authorities a figure is of: for an area those that are summed, which may not be all."""

OF_AUTHORITIES = "of_authorities"
"""The column of how many authorities an area has in the period's year."""

SUMMED = ("numerator", "denominator", "units")


def checked_levels(levels: str | Sequence[str]) -> tuple[str, ...]:
    """The levels asked for, in their order and each once. Raises `UsageError` for one that there is not.

    >>> checked_levels(["National", "Local authority"])
    ('Local authority', 'National')
    """
    asked = (levels,) if isinstance(levels, str) else tuple(levels)
    for level in asked:
        if level not in LEVELS:
            raise UsageError(f"there is no level {level!r}.{suggestion(level, LEVELS)} Levels: {', '.join(LEVELS)}.")
    if not asked:
        raise UsageError(f"no level was asked for. Levels: {', '.join(LEVELS)}.")
    return tuple(level for level in LEVELS if level in asked)


def with_areas(
    cells: pl.DataFrame, periods: Sequence[Period], *, levels: Sequence[str] = (LOCAL_AUTHORITY,), joined: bool = False
) -> pl.DataFrame:
    """Cells of authorities with those of the areas above them.

    An area is there when one of its authorities is. It is complete when all authorities that it has in the period's
    year are, and each of them is complete; how many it is the sum of is in `authorities`. An authority that the
    extracts do not cover in the period adds nothing.

    Args:
        cells: Sums by authority: `la_code, period, breakdown, group, numerator, denominator, complete, units`, in
            order, and `daily` where a figure is estimated from counts by day.
        periods: The periods of the cells.
        levels: Which levels to give, of "Local authority", "Regional" and "National".
        joined: Show authorities that were reorganised as one area with their predecessors and successors, so that its
            figures can be compared over the years.

    Returns:
        The cells with `level`, `area_code`, `authorities` and `of_authorities` (how many the area has in that year) in
        place of `la_code`: authorities first, then regions (with the parts of London), then England.
    """
    years = {period.label: period.reporting_year for period in periods}
    columns = ["period", "breakdown", "group", *SUMMED, "complete", *(["daily"] if "daily" in cells.columns else [])]
    own = cells.select(*columns, la_code=pl.col("la_code").cast(pl.String)).with_columns(
        pl.int_range(pl.len()).alias("_place"),
        pl.col("period").cast(pl.String).replace_strict(years, return_dtype=pl.Int64).alias("_year"),
        pl.col("numerator").is_not_null().alias("_covered"),
    )
    own_cells = [_own(own, joined_authorities() if joined else None)] if LOCAL_AUTHORITY in levels else []
    above = [_summed(own, area_members().filter(level=level)) for level in (REGIONAL, NATIONAL) if level in levels]
    return pl.concat([*own_cells, *above]).select("level", "area_code", *columns, AUTHORITIES, OF_AUTHORITIES)


def _own(own: pl.DataFrame, reorganised: pl.DataFrame | None) -> pl.DataFrame:
    """Authorities as they are; those of a reorganisation as one area, where they are to be joined."""
    alone = own.with_columns(
        pl.lit(LOCAL_AUTHORITY).alias("level"),
        pl.col("la_code").alias("area_code"),
        pl.lit(1, pl.Int64).alias(AUTHORITIES),
        pl.lit(1, pl.Int64).alias(OF_AUTHORITIES),
    )
    if reorganised is None:
        return alone
    kept = alone.join(reorganised, on="la_code", how="anti", maintain_order="left")
    together = _summed(own, reorganised)
    return pl.concat([kept, together.select(kept.columns)]) if together.height else kept


def _summed(own: pl.DataFrame, members: pl.DataFrame) -> pl.DataFrame:
    """One row for each area, period and group, over the authorities that are its members in the period's year."""
    years = own.select(pl.col("_year").unique())
    existed = pl.col("_year").is_between(pl.col("first_year"), pl.col("last_year").fill_null(pl.col("_year")))
    members = members.join(years, how="cross").filter(existed).select("la_code", "level", "area_code", "_year")
    expected = members.group_by("area_code", "_year").agg(pl.len().cast(pl.Int64).alias(OF_AUTHORITIES))
    keys = ["area_code", "period", "breakdown", "group"]
    lines = own.join(members, on=["la_code", "_year"], maintain_order="left")
    sums = lines.group_by(keys, maintain_order=True).agg(
        pl.col("level", "_year").first(),
        pl.col("_place").min(),
        *(_sum(name) for name in SUMMED),
        pl.col("complete").all(),
        pl.col("_covered").sum().cast(pl.Int64).alias(AUTHORITIES),
    )
    sums = sums.join(expected, on=["area_code", "_year"], how="left", maintain_order="left").with_columns(
        pl.col("complete") & (pl.col(AUTHORITIES) == pl.col(OF_AUTHORITIES))
    )
    if "daily" in own.columns:
        sums = sums.join(merged(lines, keys).collect(), on=keys, how="left", maintain_order="left")
    by_breakdown = pl.col("_place").min().over("breakdown")
    la_code, covered = pl.lit(None, pl.String).alias("la_code"), (pl.col(AUTHORITIES) > 0).alias("_covered")
    ordered = sums.sort(by_breakdown, "area_code", "_place").with_columns(la_code, covered)
    return ordered.select(*own.columns, "level", "area_code", AUTHORITIES, OF_AUTHORITIES)


def _sum(name: str) -> pl.Expr:
    """The sum over the authorities that are covered; what is not known of one of them is not known of the area."""
    covered = pl.col("_covered")
    unknown = (pl.col(name).is_null() & covered).any() | ~covered.any()
    return pl.when(~unknown).then(pl.col(name).filter(covered).sum().round(SUM_DECIMALS)).alias(name)
