"""The package's own arithmetic, run on published counts in place of unit records."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from csc_indicators.aggregation import UNITS, aggregate
from csc_indicators.area_membership import NATIONAL, REGIONAL
from csc_indicators.areas import with_areas
from csc_indicators.breakdowns import TOTAL
from csc_indicators.codes import LA_CODE
from csc_indicators.periods import year
from csc_indicators.rounding import SCALE, rounded_ratio
from proofs.figures import JOINT_RETURNS, LOCAL_AUTHORITY, TOTAL_GROUP, Series, slack
from proofs.known_exceptions import LeftOut, StoodIn

NOT_APPLICABLE = "z"
SIDES = ("numerator", "denominator")
PLACE = ("series", "group", "year", "code")
"""What one published figure is of."""


def authorities(figures: pl.DataFrame, stood_in: Sequence[StoodIn] = ()) -> pl.DataFrame:
    """The rows of authorities as they go into sums, `code` being that of one authority.

    A joint return stands under the first of its two authorities and the second adds nothing. Where a count does not
    apply (`z`), as there is nobody to count, it is nothing. `stood_in` fills in figures of an earlier year.
    """
    rows = figures.filter(level=LOCAL_AUTHORITY)
    none_there = pl.col("numerator_symbol").eq_missing(pl.lit(NOT_APPLICABLE))
    rows = rows.with_columns(
        pl.when(none_there).then(pl.coalesce(side, pl.lit(0.0))).otherwise(side).alias(side) for side in SIDES
    )
    together = rows.filter(pl.col("code").is_in(list(JOINT_RETURNS)))
    second = together.with_columns(
        pl.col("code").replace_strict({name: pair[1] for name, pair in JOINT_RETURNS.items()}),
        *(pl.when(pl.col(side).is_not_null()).then(0.0).alias(side) for side in SIDES),
    )
    first = rows.with_columns(pl.col("code").replace({name: pair[0] for name, pair in JOINT_RETURNS.items()}))
    alone = pl.concat([first, second])
    for each in stood_in:
        before = alone.filter(
            pl.col("series").is_in(each.series), pl.col("code") == each.la_code, pl.col("year") == each.from_year
        ).select("series", "group", "code", pl.lit(each.year, pl.Int64).alias("year"), *SIDES)
        alone = alone.join(before, on=PLACE, how="left", suffix="_before", maintain_order="left").with_columns(
            pl.coalesce(side, f"{side}_before").alias(side) for side in SIDES
        )
        alone = alone.drop(f"{side}_before" for side in SIDES)
    return alone


def without(rows: pl.DataFrame, left_out: Sequence[LeftOut]) -> pl.DataFrame:
    """Rows of authorities in which those that are left out of a rate add nothing to it."""
    for each in left_out:
        here = (pl.col("series") == each.series) & (pl.col("year") == each.year) & (pl.col("code") == each.la_code)
        rows = rows.with_columns(pl.when(here).then(0.0).otherwise(side).alias(side) for side in SIDES)
    return rows


def figures_of(rows: pl.DataFrame, of: Series, levels: Sequence[str]) -> pl.DataFrame:
    """What the package makes of the counts of authorities.

    Args:
        rows: Rows of authorities; those without both numbers are not covered.
        of: The series to compute.
        levels: Levels of areas.

    Returns:
        `series, group, year, code, numerator, denominator, value, status, complete`, where `complete` says that every
        authority of the area is covered. A rate's denominator comes from the package's populations.
    """
    made: list[pl.DataFrame] = []
    here = rows.filter(pl.col("series") == of.name, pl.col("numerator").is_not_null())
    if not of.of_population:
        here = here.filter(pl.col("denominator").is_not_null())
    for group in here["group"].unique(maintain_order=True):
        known = here.filter(group=group)
        periods = [year(each) for each in known["reporting_year"].unique().sort()]
        first = {period.reporting_year: period.start for period in periods}
        last = {period.reporting_year: period.end for period in periods}
        grouped = TOTAL if group == TOTAL_GROUP else of.spec.published_groups or TOTAL
        counted = known.select(
            pl.col("reporting_year").cast(pl.String).alias("period"),
            pl.col("code").cast(LA_CODE).alias("la_code"),
            pl.lit(grouped).alias("breakdown"),
            "group",
            "numerator",
            "denominator",
            pl.lit(value=True).alias("complete"),
            pl.col("numerator").cast(pl.Int64).alias(UNITS),
        )
        coverage = known.select(
            pl.col("code").cast(LA_CODE).alias("la_code"),
            pl.col("reporting_year").replace_strict(first).alias("observed_from"),
            pl.col("reporting_year").replace_strict(last).alias("observed_to"),
        )
        by = () if grouped == TOTAL else (grouped,)
        cells = aggregate(counted, of.spec, periods=periods, coverage=coverage, by=by, levels=levels)
        years = dict(known.select("reporting_year", "year").unique().iter_rows())
        made.append(
            cells.filter(breakdown=grouped, group=group).select(
                pl.lit(of.name).alias("series"),
                "group",
                pl.col("period").cast(pl.String).cast(pl.Int64).replace_strict(years).alias("year"),
                pl.col("area_code").alias("code"),
                *SIDES,
                "value",
                "status",
                "complete",
            )
        )
    schema = {"series": pl.String, "group": pl.String, "year": pl.Int64, "code": pl.String} | dict.fromkeys(
        (*SIDES, "value"), pl.Float64
    )
    return pl.concat(made) if made else pl.DataFrame(schema=schema | {"status": pl.String, "complete": pl.Boolean})


def sums(rows: pl.DataFrame, count: pl.Expr, name: str) -> pl.DataFrame:
    """The sum of one count of authorities over each region and England.

    Returns:
        `series, group, year, code`, the sum under its name, `authorities` (those that have the count) and
        `of_authorities` (those that the area has).
    """
    if rows.is_empty():
        return rows.select(
            *PLACE, count.alias(name), *(pl.lit(0, pl.Int64).alias(n) for n in ("authorities", "of_authorities"))
        )
    cells = rows.select(
        pl.col("code").alias("la_code"),
        pl.col("reporting_year").cast(pl.String).alias("period"),
        pl.col("series").alias("breakdown"),
        "group",
        count.alias("numerator"),
        pl.lit(None, pl.Float64).alias("denominator"),
        pl.lit(value=True).alias("complete"),
        pl.lit(0, pl.Int64).alias(UNITS),
    )
    periods = [year(each) for each in rows["reporting_year"].unique().sort()]
    years = rows.select("series", "year", pl.col("reporting_year").cast(pl.String).alias("period")).unique()
    areas = with_areas(cells, periods, levels=(REGIONAL, NATIONAL)).rename({"breakdown": "series", "area_code": "code"})
    return areas.join(years, on=["series", "period"], maintain_order="left").select(
        *PLACE, pl.col("numerator").alias(name), "authorities", "of_authorities"
    )


def bounded(rows: pl.DataFrame, of: Series, *, area: bool) -> pl.DataFrame:
    """Rows with `least` and `most`: between them lies any rate that the published numbers allow.

    What is to be taken off a number before the rate is made stands in columns such as `numerator_off_least`.
    """
    scale, decimals = SCALE[of.spec.unit], of.spec.decimals
    ends: dict[str, pl.Expr] = {}
    for side in SIDES:
        near = slack(of, side, area=area)
        off = {end: pl.col(f"{side}_off_{end}") if area else pl.lit(0.0) for end in ("least", "most")}
        ends[f"{side}_least"] = (pl.col(side) - near - off["most"]).clip(lower_bound=0.0)
        ends[f"{side}_most"] = pl.col(side) + near - off["least"]
    least = rounded_ratio(ends["numerator_least"], ends["denominator_most"], scale, decimals)
    most = rounded_ratio(ends["numerator_most"], ends["denominator_least"], scale, decimals)
    return rows.with_columns(
        least.alias("least"), pl.when(ends["denominator_least"] > 0).then(most).otherwise(float("inf")).alias("most")
    )
