"""From unit records to cells: sums, values and intervals, computed here and only here.

A cell is a sum over a sum, so cells of any children, months or authorities merge by adding. Zeros are explicit: every
authority of the extracts has a row for every period and group, and one that no extract covers says so (`x`) instead of
showing a zero.
"""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Sequence

import polars as pl

from csc_indicators.area_membership import LOCAL_AUTHORITY, area_names
from csc_indicators.areas import AUTHORITIES, OF_AUTHORITIES, with_areas
from csc_indicators.breakdowns import TOTAL, TOTAL_GROUP, breakdown
from csc_indicators.codes import LA_CODE
from csc_indicators.geography import populations
from csc_indicators.periods import Period, period_dtype
from csc_indicators.rounding import (
    NOT_APPLICABLE,
    NOT_AVAILABLE,
    OK,
    ROUNDS_TO_ZERO,
    SCALE,
    SUM_DECIMALS,
    rounded,
    rounded_ratio,
)
from csc_indicators.specification import Indicator, Unit
from csc_indicators.survival import Z_95, daily_counts, kaplan_meier

UNITS = "units"
"""The column of how many units stand behind a cell: what disclosure control goes by where sums are no counts."""

MEASURES = ("numerator", "denominator", "value", "lower", "upper", "status", "complete")


def sums(records: pl.LazyFrame | pl.DataFrame, *, by: Sequence[str] = (), on: dt.date) -> pl.LazyFrame:
    """The sums of unit records: for each period and authority the total, and each group of each breakdown.

    Args:
        records: An indicator's unit records.
        by: Breakdowns, each on its own.
        on: The day whose groupings apply.

    Returns:
        `period, la_code, breakdown, group, numerator, denominator, complete, units, awaiting`: a plan, so that several
        indicators can be collected together and share what they have in common. `units` counts the units that the sums
        are made of, `awaiting` those left out because their outcome is not known yet. Records with `followed_days` also
        give `daily` (see `survival`), the counts from which an estimate can be made over any number of authorities.
    """
    records = records.lazy()
    held = records.collect_schema().names()
    lines = [(TOTAL, pl.lit(TOTAL_GROUP))] + [(name, breakdown(name).group_of(on)) for name in by]
    return pl.concat([_sums(records, name, group, held) for name, group in lines])


def aggregate(
    counted: pl.DataFrame,
    spec: Indicator,
    *,
    periods: Sequence[Period],
    coverage: pl.DataFrame,
    by: Sequence[str] = (),
    unit: Unit | None = None,
    levels: Sequence[str] = (LOCAL_AUTHORITY,),
    joined: bool = False,
) -> pl.DataFrame:
    """The cells of one indicator for every authority covered and the areas above, with zeros, values and intervals.

    Args:
        counted: The indicator's `sums`, collected.
        spec: The indicator's definition: unit, decimals.
        periods: The periods the records were computed for.
        coverage: `la_code, observed_from, observed_to`, one row per authority and unbroken span.
        by: The breakdowns of the sums.
        unit: The unit of the figure, where parameters make it another than the definition's usual one.
        levels: The levels of the areas to show (see `areas.with_areas`).
        joined: Whether authorities of a reorganisation are shown as one area over all years.

    Returns:
        `period, level, area_code, breakdown, group, numerator, denominator, value, lower, upper, status, complete,
        units, authorities, of_authorities`, in order of level, breakdown, area, period and group.
    """
    unit = unit or spec.unit
    on = max(period.end for period in periods)
    lines = [_grid(TOTAL, (TOTAL_GROUP,), periods, coverage)]
    lines += [_grid(name, breakdown(name).groups(on), periods, coverage) for name in by]
    keys = ["period", "la_code", "breakdown", "group"]
    cells = (
        pl.concat(lines)
        .with_row_index("_order")
        .join(counted.with_columns(pl.col("period").cast(period_dtype(periods))), on=keys, how="left")
        .with_columns(
            numerator=pl.when("_covered").then(pl.col("numerator").fill_null(0.0)),
            denominator=pl.when("_covered").then(pl.col("denominator").fill_null(0.0)),
            units=pl.when("_covered").then(pl.col(UNITS).cast(pl.Int64).fill_null(0)),
            # A cell that nothing falls in is as complete as its total.
            complete=pl.col("_whole")
            & pl.coalesce("complete", pl.col("complete").first().over("la_code", "period", order_by="_order"), True),
        )
        .sort("_order")
    )
    own_total = [TOTAL, spec.published_groups]
    if unit == "rate_per_10000":
        cells = _with_population(cells, periods, own_total)
    elif spec.published_groups and unit == "ratio":
        of_total = pl.col("denominator").first().over("la_code", "period", order_by="_order")
        cells = cells.with_columns(
            denominator=pl.when(pl.col("breakdown").is_in(own_total)).then(of_total).otherwise("denominator")
        )
    cells = with_areas(cells, periods, levels=levels, joined=joined)
    keys = ["period", "level", "area_code", "breakdown", "group"]
    return _with_values(cells, unit, spec.decimals).select(*keys, *MEASURES, UNITS, AUTHORITIES, OF_AUTHORITIES)


def _sums(records: pl.LazyFrame, name: str, group: pl.Expr, held: Sequence[str]) -> pl.LazyFrame:
    keys = ["period", "la_code", "group"]
    grouped = records.with_columns(group.alias("group"))
    awaiting = pl.col("awaiting").sum() if "awaiting" in held else pl.lit(0)
    counted = grouped.group_by(keys).agg(
        pl.col("numerator").sum().round(SUM_DECIMALS),
        pl.col("denominator").sum().round(SUM_DECIMALS),
        pl.col("complete").all(),
        ((pl.col("numerator") != 0) | (pl.col("denominator").fill_null(0.0) != 0)).sum().alias(UNITS),
        awaiting.cast(pl.UInt32).alias("awaiting"),
    )
    if "followed_days" in held:
        counted = counted.join(daily_counts(grouped, keys), on=keys, how="left")
    return counted.with_columns(pl.col("group").cast(pl.String), breakdown=pl.lit(name))


def _grid(name: str, groups: Sequence[str], periods: Sequence[Period], coverage: pl.DataFrame) -> pl.DataFrame:
    """A row for every authority, period and group, with whether its censuses touch and span the period."""
    spans = coverage.select("la_code", "observed_from", "observed_to")
    times = pl.DataFrame(
        {
            "period": pl.Series([period.label for period in periods], dtype=period_dtype(periods)),
            "start": [period.start for period in periods],
            "end": [period.end for period in periods],
        }
    )
    begins, ends = pl.col("observed_from"), pl.col("observed_to")
    return (
        spans.join(times, how="cross")
        .group_by("la_code", "period")
        .agg(
            _covered=((begins <= pl.col("end")) & (ends >= pl.col("start"))).any(),
            _whole=((begins <= pl.col("start")) & (ends >= pl.col("end"))).any(),
        )
        .sort("la_code", "period")
        .join(pl.DataFrame({"group": list(groups)}), how="cross", maintain_order="left_right")
        .with_columns(pl.col("la_code").cast(LA_CODE), breakdown=pl.lit(name))
    )


@functools.cache
def _population() -> pl.DataFrame:
    return populations().select("la_code", "mid_year", _population=pl.col("population").cast(pl.Float64))


def _with_population(cells: pl.DataFrame, periods: Sequence[Period], breakdowns: Sequence[str | None]) -> pl.DataFrame:
    """The denominator of a rate: the authority's children at the period's mid-year.

    For totals, and for groups that are each a rate of all children; there is no population of the other groups.
    """
    mid_years = {period.label: period.mid_year for period in periods}
    return (
        cells.with_columns(mid_year=pl.col("period").cast(pl.String).replace_strict(mid_years, return_dtype=pl.Int64))
        .join(
            _population().with_columns(pl.col("mid_year").cast(pl.Int64)),
            on=["la_code", "mid_year"],
            how="left",
            maintain_order="left",
        )
        .with_columns(
            denominator=pl.when(pl.col("_covered") & pl.col("breakdown").is_in(breakdowns)).then("_population")
        )
    )


def _with_values(cells: pl.DataFrame, unit: Unit, decimals: int) -> pl.DataFrame:
    numerator, denominator = pl.col("numerator"), pl.col("denominator")
    scale = SCALE[unit]
    has_value = denominator.is_not_null() & (denominator > 0) & numerator.is_not_null()
    if unit == "count":
        # A number of things is its own value, and has no denominator.
        cells = cells.with_columns(denominator=pl.lit(None, dtype=pl.Float64))
        found = pl.when(numerator.is_null()).then(pl.lit(NOT_AVAILABLE)).otherwise(pl.lit(OK))
        nothing = pl.lit(None, dtype=pl.Float64)
        return cells.with_columns(value=rounded(numerator, decimals), lower=nothing, upper=nothing, status=found)
    if unit == "survival":
        estimate = kaplan_meier(cells.select("daily"))
        cells = cells.with_columns(estimate.select("value", "lower", "upper").rename("_{}".format))
        lower, upper = pl.col("_lower"), pl.col("_upper")
        value = rounded(pl.col("_value") * scale, decimals)
    else:
        lower, upper = _interval(unit, numerator, denominator)
        value = rounded_ratio(numerator, denominator, scale, decimals)
    status = (
        pl.when(numerator.is_null())
        .then(pl.lit(NOT_AVAILABLE))
        .when(denominator.is_null())
        .then(pl.lit(NOT_AVAILABLE))
        .when(denominator == 0)
        .then(pl.lit(NOT_APPLICABLE))
        .when((value == 0) & (numerator != 0))
        .then(pl.lit(ROUNDS_TO_ZERO))
        .otherwise(pl.lit(OK))
    )
    return cells.with_columns(
        value=pl.when(has_value).then(value),
        lower=pl.when(has_value).then(rounded(lower * scale, decimals)),
        upper=pl.when(has_value).then(rounded(upper * scale, decimals)),
        status=status,
    )


def _interval(unit: str, numerator: pl.Expr, denominator: pl.Expr) -> tuple[pl.Expr, pl.Expr]:
    """The 95 % interval of a share (Wilson) or a rate (Byar); none where the numerator is not a count."""
    if unit == "percent":
        return wilson_interval(numerator, denominator)
    if unit in ("rate_per_10000", "per_10000"):
        lower, upper = byar_interval(numerator)
        return lower / denominator, upper / denominator
    nothing = pl.lit(None, dtype=pl.Float64)
    return nothing, nothing


def wilson_interval(numerator: pl.Expr, denominator: pl.Expr) -> tuple[pl.Expr, pl.Expr]:
    """Wilson's 95 % score interval of a proportion.

    >>> lower, upper = wilson_interval(pl.lit(10.0), pl.lit(50.0))
    >>> [round(x, 4) for x in pl.select(lower, upper.alias("u")).row(0)]
    [0.1124, 0.3304]
    """
    share = numerator / denominator
    z2 = Z_95**2
    middle = share + z2 / (2.0 * denominator)
    spread = Z_95 * (share * (1.0 - share) / denominator + z2 / (4.0 * denominator**2)).sqrt()
    divisor = 1.0 + z2 / denominator
    # At none or all of the units the bound is exactly 0 or 1; floating point may miss it by a hair.
    lower, upper = (middle - spread) / divisor, (middle + spread) / divisor
    return (
        pl.when(numerator == 0).then(0.0).otherwise(lower),
        pl.when(numerator == denominator).then(1.0).otherwise(upper),
    )


def byar_interval(count: pl.Expr) -> tuple[pl.Expr, pl.Expr]:
    """Byar's 95 % interval of a count that varies as a Poisson variable.

    >>> lower, upper = byar_interval(pl.lit(100.0))
    >>> [round(x, 1) for x in pl.select(lower, upper.alias("u")).row(0)]
    [81.4, 121.6]
    """
    more = count + 1.0
    lower = count * (1.0 - 1.0 / (9.0 * count) - Z_95 / (3.0 * count.sqrt())) ** 3
    upper = more * (1.0 - 1.0 / (9.0 * more) + Z_95 / (3.0 * more.sqrt())) ** 3
    return pl.when(count == 0).then(0.0).otherwise(lower), upper


def labelled(
    cells: pl.DataFrame,
    spec: Indicator,
    *,
    reading: str,
    parameters: str,
    periods: Sequence[Period],
    version: str,
    unit: Unit | None = None,
) -> pl.DataFrame:
    """Cells with the columns that say what they are: the long table of results.

    The name of an area that lacks some of its authorities says so.
    """
    starts = {period.label: period.start for period in periods}
    ends = {period.label: period.end for period in periods}
    label = pl.col("period").cast(pl.String)
    code = pl.col("area_code")
    name = code.replace_strict(area_names(), default=code)
    part = pl.format("{} ({} of {} authorities)", name, AUTHORITIES, OF_AUTHORITIES)
    return cells.select(
        indicator=pl.lit(spec.id),
        reading=pl.lit(reading),
        parameters=pl.lit(parameters),
        period=label,
        period_start=label.replace_strict(starts, return_dtype=pl.Date),
        period_end=label.replace_strict(ends, return_dtype=pl.Date),
        level=pl.col("level"),
        area_code=code,
        area_name=pl.when(pl.col(AUTHORITIES) < pl.col(OF_AUTHORITIES)).then(part).otherwise(name),
        breakdown=pl.col("breakdown"),
        group=pl.col("group"),
        numerator=pl.col("numerator"),
        denominator=pl.col("denominator"),
        value=pl.col("value"),
        lower=pl.col("lower"),
        upper=pl.col("upper"),
        status=pl.col("status"),
        complete=pl.col("complete"),
        unit=pl.lit(unit or spec.unit),
        definition_version=pl.lit(version),
        authorities=pl.col(AUTHORITIES),
        units=pl.col(UNITS),
    )
