"""Next to whom, and how sure: neighbours' values, differences that are more than chance, ranks, quarters, funnels.

Everything here is worked out from cells as they are published, so it says nothing of a child that they do not say. No
comparison is a judgement: there is no rating and no score, and where a definition does not say which way is better, a
rank only says where a value stands.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import polars as pl

from csc_indicators.aggregation import byar_interval, wilson_interval
from csc_indicators.area_membership import LOCAL_AUTHORITY, NATIONAL, REGIONAL, STATISTICAL_NEIGHBOURS, regional_areas
from csc_indicators.areas import AUTHORITIES
from csc_indicators.catalogue import catalogue
from csc_indicators.errors import UsageError
from csc_indicators.geography import ENGLAND_CODE, NEIGHBOURS_VINTAGE, local_authority, statistical_neighbours
from csc_indicators.rounding import OK, SCALE, SUM_DECIMALS
from csc_indicators.survival import Z_95

KEY = ("indicator", "reading", "parameters", "period", "breakdown", "group")
"""What two cells must share to be compared over areas."""

NEEDED = (
    *(*KEY, "period_start", "period_end", "level", "area_code", "area_name", "numerator", "denominator", "value"),
    *("lower", "upper", "complete", "unit", AUTHORITIES),
)

PREVIOUS_PERIOD = "Previous period"
COMPARATORS = (STATISTICAL_NEIGHBOURS, REGIONAL, NATIONAL, PREVIOUS_PERIOD)

Z_998 = 3.090232306167813
"""Two-sided 99.8 % point of the normal distribution: the outer limits of a funnel."""

OF_SHARES, OF_RATES = ("percent",), ("rate_per_10000", "per_10000")
"""Units whose figures vary as a share of so many units does, or as a number of events does."""

QUARTERS = ("lowest quarter", "second quarter", "third quarter", "highest quarter")
FEWEST_FOR_QUARTERS = 8
"""Of fewer authorities a quarter says nothing: it would be one or two of them."""
FUNNEL = ("far below", "below", "within", "above", "far above")
"""Where a value stands to the limits of 95 and 99.8 %: "far" is outside both."""

DIFFERENCE = ("difference", "difference_lower", "difference_upper", "differs")

Statistic = Literal["median", "mean"]


def _model() -> pl.DataFrame:
    return statistical_neighbours().select(pl.col("la_code", "neighbour_la_code").cast(pl.String))


@dataclass(frozen=True, eq=False)
class Neighbours:
    """Whose neighbours are whose, and how their values make one.

    `table` has `la_code` and `neighbour_la_code` (text), one row a pair; the model shipped here when left out.
    `statistic` is the median, as the dashboard has it, or the mean, as LAIT has it. `name` says which model it is.
    """

    table: pl.DataFrame = field(default_factory=_model)
    statistic: Statistic = "median"
    name: str = NEIGHBOURS_VINTAGE

    def __post_init__(self) -> None:
        if self.statistic not in ("median", "mean"):
            raise UsageError(f"neighbours have a median or a mean, not {self.statistic!r}")
        if not {"la_code", "neighbour_la_code"} <= set(self.table.columns):
            raise UsageError("a table of neighbours has the columns la_code and neighbour_la_code")
        for column in ("la_code", "neighbour_la_code"):
            for code in self.table[column].cast(pl.String).unique().sort():
                local_authority(code)

    @property
    def described(self) -> str:
        """The statistic and the model in words.

        >>> Neighbours().described
        'median, 2025 model'
        """
        return f"{self.statistic}, {self.name}"


def neighbour_values(cells: pl.DataFrame, neighbours: Neighbours | None = None) -> pl.DataFrame:
    """For each authority's cell the median (or mean) of its neighbours' values: rows of level "Statistical neighbours".

    A neighbour without a value, suppressed or not among the cells, is left out, and `authorities` says how many were
    not. It is a figure of figures: never the ratio of the neighbours' sums, so it has no numerator, denominator or
    interval. It is exact to one decimal more than the values are. Where no neighbour has a value its status is `x`.

    Args:
        cells: Published cells; those of level "Local authority" are used.
        neighbours: The model and the statistic.

    Returns:
        The rows, with the columns of `cells`, for the authorities that the model knows: `area_code` is theirs.
    """
    neighbours = neighbours or Neighbours()
    own = cells.filter(level=LOCAL_AUTHORITY)
    pairs = neighbours.table.select(pl.col("la_code", "neighbour_la_code").cast(pl.String)).unique()
    values = own.select(*KEY, pl.col("area_code").alias("neighbour_la_code"), "value", "complete")
    known = own.filter(pl.col("area_code").is_in(pairs["la_code"].unique().implode()))
    paired = known.select(*KEY, "area_code").join(pairs, left_on="area_code", right_on="la_code", maintain_order="left")
    paired = paired.join(values, on=[*KEY, "neighbour_la_code"], how="left", maintain_order="left")
    statistic = pl.col("value").median() if neighbours.statistic == "median" else pl.col("value").mean()
    made = paired.group_by(*KEY, "area_code", maintain_order=True).agg(
        statistic.alias("_value"),
        pl.col("value").count().cast(pl.Int64).alias("_number"),
        # One that is not there is as unknown as one that is incomplete.
        pl.col("complete").fill_null(value=False).all().alias("_complete"),
    )
    scale = _power_of_ten(own)
    nothing = pl.lit(None, pl.Float64)
    rows = known.join(made, on=[*KEY, "area_code"], how="left", maintain_order="left").with_columns(
        pl.lit(STATISTICAL_NEIGHBOURS).alias("level"),
        pl.concat_str(pl.lit("Statistical neighbours of "), "area_name").alias("area_name"),
        *(nothing.alias(name) for name in ("numerator", "denominator", "lower", "upper")),
        _in_units((pl.col("_value") * scale + 1e-6).round(0, mode="half_away_from_zero"), scale).alias("value"),
        pl.when(pl.col("_number") > 0).then(pl.lit(OK)).otherwise(pl.lit("x")).alias("status"),
        pl.col("_complete").alias("complete"),
        pl.col("_number").alias(AUTHORITIES),
    )
    return rows.select(cells.columns)


def _check(cells: pl.DataFrame) -> None:
    """Raise `UsageError` for a table that is none of cells."""
    if lacking := [name for name in NEEDED if name not in cells.columns]:
        raise UsageError(f"cells lack the columns {', '.join(lacking)}; give the table that compute returns")


def _power_of_ten(cells: pl.DataFrame) -> pl.Expr:
    """What makes a whole number of a value that has one decimal more than values of its indicator are shown with."""
    powers = {name: float(10 ** (catalogue().indicator(name).decimals + 1)) for name in cells["indicator"].unique()}
    return pl.col("indicator").replace_strict(powers, return_dtype=pl.Float64) if powers else pl.lit(10.0)


def _in_units(whole: pl.Expr, scale: pl.Expr) -> pl.Expr:
    """So many units of the last decimal as a number; the rounding only removes the trace of the division."""
    return (whole / scale).round(SUM_DECIMALS)


def positions(cells: pl.DataFrame) -> pl.DataFrame:
    """Where each authority's value stands among those of the authorities that are there.

    `rank` counts from the lowest value where the definition says that lower is better, and else from the highest, as
    `ranked_from` says; equal values share the better rank and `tied` says how many do. `quarter` goes by the quartiles
    of the values (interpolated, as spreadsheets do), where eight authorities or more have one. `funnel` says whether a
    value is further from `centre` than chance would put 95 or 99.8 in 100 authorities of its size that were alike; the
    centre is England's value, where that is there, or that of all authorities that are. Figures that are no counts
    have no funnel.

    Args:
        cells: Published cells.

    Returns:
        `indicator, reading, parameters, period, breakdown, group, area_code, area_name, value, rank, ranked, tied,
        ranked_from, quarter, centre, centre_of, limit_lower, limit_upper, funnel`, one row for each authority's cell;
        the limits are those of 95 %.
    """
    _check(cells)
    own = cells.filter(level=LOCAL_AUTHORITY)
    better = {name: catalogue().indicator(name).polarity for name in own["indicator"].unique()}
    from_lowest = pl.col("indicator").replace_strict(better, return_dtype=pl.String) == "lower"
    value = pl.col("value")
    places = own.with_columns(
        pl.when(from_lowest)
        .then(value.rank("min").over(KEY))
        .otherwise(value.rank("min", descending=True).over(KEY))
        .alias("rank"),
        value.count().over(KEY).cast(pl.Int64).alias("ranked"),
        pl.when(value.is_not_null()).then(pl.len().over(*KEY, "value")).cast(pl.Int64).alias("tied"),
        pl.when(from_lowest).then(pl.lit("lowest")).otherwise(pl.lit("highest")).alias("ranked_from"),
        _quarter(value).alias("quarter"),
    )
    return _in_funnel(places, cells).select(
        *KEY,
        "area_code",
        "area_name",
        "value",
        pl.col("rank").cast(pl.Int64),
        "ranked",
        "tied",
        "ranked_from",
        "quarter",
        "centre",
        "centre_of",
        "limit_lower",
        "limit_upper",
        "funnel",
    )


def _quarter(value: pl.Expr) -> pl.Expr:
    bounds = [value.quantile(share, "linear").over(KEY) for share in (0.25, 0.5, 0.75)]
    too_few = (value.count().over(KEY) < FEWEST_FOR_QUARTERS) | (bounds[0] == bounds[2])
    places = pl.when(too_few).then(None).when(value <= bounds[0]).then(pl.lit(QUARTERS[0]))
    for bound, name in zip(bounds[1:], QUARTERS[1:], strict=False):
        places = places.when(value <= bound).then(pl.lit(name))
    return places.when(value.is_not_null()).then(pl.lit(QUARTERS[-1])).otherwise(None)


def _in_funnel(own: pl.DataFrame, cells: pl.DataFrame) -> pl.DataFrame:
    """Cells with the centre, its limits for a denominator of theirs, and where they stand to them.

    The limits are where a score test of the value against the centre rejects: Wilson's interval turned round.
    """
    england = cells.filter(level=NATIONAL, area_code=ENGLAND_CODE).select(*KEY, pl.col("value").alias("_england"))
    unit, scale = pl.col("unit").cast(pl.String), pl.col("unit").cast(pl.String).replace_strict(SCALE)
    counted = pl.col("numerator").is_not_null() & pl.col("denominator").is_not_null()
    pooled = [pl.col(name).filter(counted).sum().over(KEY) for name in ("numerator", "denominator")]
    with_centre = own.join(england, on=KEY, how="left", maintain_order="left").with_columns(
        pl.coalesce("_england", pl.when(pooled[1] > 0).then(pooled[0] / pooled[1] * scale)).alias("centre"),
        pl.when(pl.col("_england").is_not_null())
        .then(pl.lit("England"))
        .otherwise(pl.lit("authorities shown"))
        .alias("centre_of"),
    )
    share, size = pl.col("centre") / scale, pl.col("denominator")
    spread = (
        pl.when(unit.is_in(OF_SHARES)).then((share * (1 - share) / size).sqrt())
        .when(unit.is_in(OF_RATES)).then((share / size).sqrt())
    )  # fmt: skip
    spread = pl.when((size > 0) & pl.col("value").is_not_null()).then(spread)
    highest = pl.when(unit.is_in(OF_SHARES)).then(scale)
    off = (pl.col("numerator") / size - share) / spread
    funnel = (
        pl.when(spread.is_null() | pl.col("numerator").is_null()).then(None)
        .when((spread == 0) & (pl.col("numerator") / size == share)).then(pl.lit("within"))
        .when(spread == 0).then(None)
        .when(off < -Z_998).then(pl.lit("far below"))
        .when(off < -Z_95).then(pl.lit("below"))
        .when(off > Z_998).then(pl.lit("far above"))
        .when(off > Z_95).then(pl.lit("above"))
        .otherwise(pl.lit("within"))
    )  # fmt: skip
    tested = funnel.is_not_null()
    return with_centre.with_columns(
        funnel.alias("funnel"),
        pl.when(tested).then(pl.max_horizontal((share - Z_95 * spread) * scale, 0.0)).alias("limit_lower"),
        pl.when(tested).then(pl.min_horizontal((share + Z_95 * spread) * scale, highest)).alias("limit_upper"),
    ).with_columns(pl.when(tested).then("centre").alias("centre"), pl.when(tested).then("centre_of").alias("centre_of"))


def differences(cells: pl.DataFrame) -> pl.DataFrame:
    """How far each authority's value is from its neighbours', its regions', England's, and its own a period before.

    The 95 % interval of a difference is made from the intervals of the two values (square and add), as if they did not
    depend on each other. An authority is part of its region and England, which makes the interval wider than it need
    be: a difference said to be one is one. The neighbours' value has no interval and is taken as it stands. `differs`
    is "higher" or "lower" where the interval leaves zero out, "within chance" where it does not, and missing where a
    figure is no count and has no interval, or is incomplete (or that of the period before is). With many comparisons,
    one in twenty "differs" by chance. An area that is made of a single authority is that authority, and is left out.

    Args:
        cells: Published cells of authorities and of what they are compared with.

    Returns:
        `indicator, reading, parameters, period, breakdown, group, area_code, area_name, value, compared_with,
        comparator_code, comparator_name, comparator_value, comparator_authorities, difference, difference_lower,
        difference_upper, differs`: one row for each authority's cell and comparator that is there.
    """
    _check(cells)
    cells = with_intervals(cells)
    own = cells.filter(level=LOCAL_AUTHORITY)
    others = pl.concat([_of_neighbours(cells), _of_areas(own, cells), _of_period_before(own)])
    paired = own.join(others, on=[*KEY, "area_code"], maintain_order="left")
    return with_differences(paired).select(
        *KEY,
        "area_code",
        "area_name",
        "value",
        "compared_with",
        "comparator_code",
        "comparator_name",
        "comparator_value",
        "comparator_authorities",
        *DIFFERENCE,
    )


def with_differences(paired: pl.DataFrame) -> pl.DataFrame:
    """Pairs of values with their difference, its 95 % interval and whether it is more than chance (see `differences`).

    Args:
        paired: `indicator, value, lower, upper, complete, comparator_value, comparator_lower, comparator_upper,
            comparator_complete`. The last says whether a verdict may be given beside it.

    Returns:
        The rows with `difference, difference_lower, difference_upper, differs`.
    """
    value, other = pl.col("value"), pl.col("comparator_value")
    below, above = value - pl.col("lower"), pl.col("upper") - value
    other_below, other_above = other - pl.col("comparator_lower"), pl.col("comparator_upper") - other
    difference = value - other
    exact = {
        "difference": difference,
        "difference_lower": difference - (below**2 + other_above**2).sqrt(),
        "difference_upper": difference + (above**2 + other_below**2).sqrt(),
    }
    scale = _power_of_ten(paired)
    lower, upper = pl.col("difference_lower"), pl.col("difference_upper")
    return paired.with_columns(
        _in_units((each * scale).round(0), scale).alias(name) for name, each in exact.items()
    ).with_columns(
        pl.when(~pl.col("complete") | ~pl.col("comparator_complete"))
        .then(None)
        .when(lower > 0)
        .then(pl.lit("higher"))
        .when(upper < 0)
        .then(pl.lit("lower"))
        .when(lower.is_not_null() & upper.is_not_null())
        .then(pl.lit("within chance"))
        .alias("differs")
    )


def _as_comparator(rows: pl.DataFrame, compared_with: str) -> pl.DataFrame:
    return rows.select(
        *KEY,
        "area_code",
        pl.lit(compared_with).alias("compared_with"),
        "comparator_code",
        pl.col("area_name").alias("comparator_name"),
        pl.col("value").alias("comparator_value"),
        pl.col(AUTHORITIES).alias("comparator_authorities"),
        pl.col("lower").alias("comparator_lower"),
        pl.col("upper").alias("comparator_upper"),
        # An area lacks authorities, not time: what it is of is said, and it can be compared with.
        (pl.col("complete") | (pl.lit(compared_with) != PREVIOUS_PERIOD)).alias("comparator_complete"),
    )


def _of_neighbours(cells: pl.DataFrame) -> pl.DataFrame:
    rows = as_it_stands(cells.filter(level=STATISTICAL_NEIGHBOURS)).with_columns(comparator_code=pl.col("area_code"))
    return _as_comparator(rows, STATISTICAL_NEIGHBOURS)


def as_it_stands(cells: pl.DataFrame) -> pl.DataFrame:
    """Cells in which the neighbours' value, which has no interval, is its own: it is taken as it stands."""
    of_neighbours = pl.col("level") == STATISTICAL_NEIGHBOURS
    return cells.with_columns(
        pl.when(of_neighbours).then("value").otherwise(bound).alias(bound) for bound in ("lower", "upper")
    )


def _of_areas(own: pl.DataFrame, cells: pl.DataFrame) -> pl.DataFrame:
    """The rows of each authority's regional areas and of England, by the authority."""
    codes: list[str] = own["area_code"].unique().sort().to_list()
    pairs = [(code, area, REGIONAL) for code in codes for area in regional_areas(code)]
    pairs += [(code, ENGLAND_CODE, NATIONAL) for code in codes]
    links = pl.DataFrame(pairs, schema=["area_code", "comparator_code", "level"], orient="row")
    links = links.with_columns(pl.col(pl.Null).cast(pl.String))
    several = pl.col(AUTHORITIES).is_null() | (pl.col(AUTHORITIES) != 1)
    upper = cells.filter(pl.col("level").is_in([REGIONAL, NATIONAL]), several).rename({"area_code": "comparator_code"})
    rows = upper.join(links, on=["comparator_code", "level"], maintain_order="left")
    return pl.concat([_as_comparator(rows.filter(level=level), level) for level in (REGIONAL, NATIONAL)])


def _of_period_before(own: pl.DataFrame) -> pl.DataFrame:
    """Each authority's row of the period that ended the day before, as of the period that it is compared with."""
    # A quarter follows a quarter and not the year that ends with it: labels of one kind differ in digits alone.
    kind = pl.col("period").str.replace_all(r"\d", "0").alias("_kind")
    after = own.select(*KEY, "area_code", kind, _before=pl.col("period_start").dt.offset_by("-1d"))
    rows = own.with_columns(
        kind,
        pl.col("area_code").alias("comparator_code"),
        pl.concat_str("area_name", pl.lit(", "), "period").alias("area_name"),
    ).drop("period")
    same = [*(name for name in KEY if name != "period"), "area_code", "_kind"]
    rows = after.join(rows, left_on=[*same, "_before"], right_on=[*same, "period_end"], maintain_order="left")
    return _as_comparator(rows, PREVIOUS_PERIOD)


def with_intervals(cells: pl.DataFrame) -> pl.DataFrame:
    """Cells with the 95 % interval of each value that has counts and none yet, as published figures have none."""
    unit = pl.col("unit").cast(pl.String)
    numerator, denominator = pl.col("numerator"), pl.col("denominator")
    usable = pl.col("lower").is_null() & pl.col("value").is_not_null() & numerator.is_not_null() & (denominator > 0)
    whole = usable & (numerator <= denominator)
    of_share, of_count = wilson_interval(numerator, denominator), byar_interval(numerator)
    scale = unit.replace_strict(SCALE, return_dtype=pl.Float64)
    found = [
        pl.when(whole & unit.is_in(OF_SHARES)).then(share * scale)
        .when(usable & unit.is_in(OF_RATES)).then(count / denominator * scale)
        .otherwise(bound).alias(bound)
        for share, count, bound in zip(of_share, of_count, ("lower", "upper"), strict=True)
    ]  # fmt: skip
    return cells.with_columns(found)
