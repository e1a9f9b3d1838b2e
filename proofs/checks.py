"""Whether the package's arithmetic gives what is published: one outcome for every published number.

| outcome | the package's figure |
|---|---|
| exact | is the published one |
| within | cannot be told from the published one, because what it is made of is published rounded, or in part |
| explained | is the published one, exactly or as near as can be told, once an exception of `known_exceptions` is made |
| bounded | is a sum over authorities some of which are not published, and the published one is what they allow |
| unchecked | is made of what is not published |
| miss | is another |
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import polars as pl
import polars.selectors as cs

from csc_indicators.area_membership import NATIONAL, REGIONAL, areas_above
from csc_indicators.geography import ENGLAND_CODE, population_for_reporting_year
from csc_indicators.rounding import rounded
from proofs.computing import PLACE, SIDES, authorities, bounded, figures_of, sums, without
from proofs.figures import AREA_ROUNDING, LOCAL_AUTHORITY, RATES_OF_NEED, TOTAL_GROUP, Series, series, slack
from proofs.known_exceptions import EXCEPTIONS, ExceptionToRule, LeftOut, StoodIn
from proofs.neighbours import neighbours_again

EXACT, WITHIN, EXPLAINED, BOUNDED, UNCHECKED, MISS = "exact", "within", "explained", "bounded", "unchecked", "miss"
OUTCOMES = (EXACT, WITHIN, EXPLAINED, BOUNDED, UNCHECKED, MISS)

COUNTED_TO = 2 * AREA_ROUNDING
COLUMNS = ("check", *PLACE, "level", "outcome", "exception")

AUTHORITY_VALUES, AREA_VALUES, AREA_COUNTS, POPULATIONS, NEIGHBOURS = (
    "values of authorities",
    "values of areas",
    "counts of areas",
    "populations",
    "neighbours' values",
)


def outcomes(figures: pl.DataFrame, exceptions: Sequence[ExceptionToRule] = EXCEPTIONS) -> pl.DataFrame:
    """Every published number with what came of checking it.

    Args:
        figures: Published figures, as `read_figures` has them.
        exceptions: What is done differently, and for whom.

    Returns:
        `check, series, group, year, code, level, outcome, exception`; `exception` is the name of the one that was made.
    """
    left_out = [each for each in exceptions if isinstance(each, LeftOut)]
    stood_in = [each for each in exceptions if isinstance(each, StoodIn)]
    rows = authorities(figures, stood_in)
    made: list[pl.DataFrame] = []
    for name in figures["series"].unique(maintain_order=True):
        of = series(name)
        here = figures.filter(series=name)
        made += [
            _values_of_authorities(here, of),
            _values_of_areas(here, of, rows, left_out, stood_in),
            *_counts_of_areas(here, of, rows.filter(series=name), stood_in),
        ]
        if of.of_population and here["denominator"].count():
            made.append(_populations(here, of))
    made += [_rates_of_need(figures), _neighbours(figures)]
    return pl.concat(each.select(COLUMNS) for each in made)


def _values_of_authorities(figures: pl.DataFrame, of: Series) -> pl.DataFrame:
    """Of each authority's own counts: exactly the published value, or the symbol that stands in its place."""
    published = figures.filter(pl.col("level") == LOCAL_AUTHORITY)
    both = pl.col("numerator").is_not_null() & pl.col("denominator").is_not_null()
    published = bounded(published.filter(pl.col("value").is_not_null() | both), of, area=False)
    ours = figures_of(authorities(figures), of, (LOCAL_AUTHORITY,)).select(*PLACE, value="value", status="status")
    joint = pl.col("code").str.slice(0, 3).alias("code")
    compared = published.with_columns(joint).join(ours, on=PLACE, how="left", suffix="_ours", maintain_order="left")
    value = pl.col("value")
    same = (value == pl.col("value_ours")) | (pl.col("value_symbol") == pl.col("status"))
    # Nothing of a number that is hidden is nothing of it.
    nothing = pl.col("denominator").is_null() & (pl.col("numerator") == 0) & (value == 0)
    outcome = (
        pl.when(pl.lit(not of.is_sum_over_sum)).then(pl.lit(UNCHECKED))
        .when(same | nothing).then(pl.lit(EXACT))
        .when(value.is_between(pl.col("least"), pl.col("most")) & pl.lit(of.counted != "people")).then(pl.lit(WITHIN))
        .otherwise(pl.lit(MISS))
    )  # fmt: skip
    nobody = pl.lit(None, pl.String).alias("exception")
    return compared.with_columns(pl.lit(AUTHORITY_VALUES).alias("check"), outcome.alias("outcome"), nobody)


def _values_of_areas(
    figures: pl.DataFrame, of: Series, rows: pl.DataFrame, left_out: Sequence[LeftOut], stood_in: Sequence[StoodIn]
) -> pl.DataFrame:
    """Of regions and England: from the sums where every authority's counts are known, else within the interval."""
    published = figures.filter(pl.col("level") != LOCAL_AUTHORITY, pl.col("value").is_not_null())
    off = _left_out_of(figures, of, rows, left_out)
    compared = bounded(published.join(off, on=PLACE, how="left", maintain_order="left").with_columns(
        cs.contains("_off_").fill_null(0.0)
    ), of, area=True)  # fmt: skip
    ours = figures_of(without(rows, left_out), of, (REGIONAL, NATIONAL)).filter(pl.col("complete"))
    ours = ours.select(*PLACE, value_ours="value")
    compared = compared.join(ours, on=PLACE, how="left", maintain_order="left")
    compared = _with_stood_in(compared, of, stood_in)
    value, by_sums = pl.col("value"), pl.col("value_ours")
    exception = pl.coalesce("left_out", pl.when(by_sums.is_not_null()).then("stood_in"))
    inside = value.is_between(pl.col("least"), pl.col("most"))
    found = pl.when(exception.is_not_null()).then(pl.lit(EXPLAINED))
    outcome = (
        pl.when(pl.lit(not of.is_sum_over_sum)).then(pl.lit(UNCHECKED))
        .when(value == by_sums).then(found.otherwise(pl.lit(EXACT)))
        .when(inside & (by_sums.is_null() | pl.lit(of.counted != "people"))).then(found.otherwise(pl.lit(WITHIN)))
        .otherwise(pl.lit(MISS))
    )  # fmt: skip
    return compared.with_columns(
        pl.lit(AREA_VALUES).alias("check"), outcome.alias("outcome"), exception.alias("exception")
    )


def _counts_of_areas(
    figures: pl.DataFrame, of: Series, rows: pl.DataFrame, stood_in: Sequence[StoodIn]
) -> Iterator[pl.DataFrame]:
    """Of regions and England: the sum of the authorities' counts, rounded as it is published."""
    for side in SIDES:
        if side == "denominator" and of.of_population:
            continue
        published = figures.filter(pl.col("level") != LOCAL_AUTHORITY, pl.col(side).is_not_null())
        if published.is_empty() or not of.is_sum_over_sum:
            continue
        # A count that is not published is at most the number that it is a part of.
        greatest = pl.coalesce(side, "denominator") if of.counted == "people" and not of.of_population else pl.col(side)
        least = sums(rows, pl.col(side), "least")
        most = sums(rows, greatest, "most").filter(pl.col("authorities") == pl.col("of_authorities"))
        compared = published.join(least, on=PLACE, how="left", maintain_order="left")
        compared = compared.join(most.select(*PLACE, "most"), on=PLACE, how="left", maintain_order="left")
        compared = _with_stood_in(compared, of, stood_in)
        count, total = pl.col(side), pl.col("least")
        whole = pl.col("authorities") == pl.col("of_authorities")
        near = slack(of, side, area=True) + slack(of, side, area=False) * pl.col("authorities")
        as_published = rounded(total / COUNTED_TO, 0) * COUNTED_TO if of.counted == "people" else total.round(1)
        inside = (count >= total - near) & (count <= pl.col("most").fill_null(float("inf")) + near)
        found = pl.when(pl.col("stood_in").is_not_null()).then(pl.lit(EXPLAINED))
        outcome = (
            pl.when(total.is_null() & pl.col("most").is_null()).then(pl.lit(UNCHECKED))
            .when(whole & (count == as_published)).then(found.otherwise(pl.lit(EXACT)))
            .when(whole & inside & pl.lit(of.counted != "people")).then(found.otherwise(pl.lit(WITHIN)))
            .when(~whole & inside.fill_null(value=True)).then(pl.lit(BOUNDED))
            .otherwise(pl.lit(MISS))
        )  # fmt: skip
        made_whole = pl.when(whole).then("stood_in").alias("exception")
        yield compared.with_columns(pl.lit(AREA_COUNTS).alias("check"), outcome.alias("outcome"), made_whole)


def _populations(figures: pl.DataFrame, of: Series) -> pl.DataFrame:
    """The published denominator of a rate: the package's population of the mid-year before, of every level."""
    published = figures.filter(pl.col("denominator").is_not_null())
    years = published["year"].unique().sort().to_list()
    # Every authority, with a count of nothing: only what it is divided by matters.
    everybody = pl.concat(
        population_for_reporting_year(year).select(
            pl.lit(of.name).alias("series"),
            pl.lit(TOTAL_GROUP).alias("group"),
            pl.lit(year, pl.Int64).alias("year"),
            pl.lit(year, pl.Int64).alias("reporting_year"),
            pl.col("la_code").cast(pl.String).alias("code"),
            pl.lit(0.0).alias("numerator"),
            pl.lit(None, pl.Float64).alias("denominator"),
        )
        for year in years
    )
    ours = figures_of(everybody, of, (LOCAL_AUTHORITY, REGIONAL, NATIONAL)).select(*PLACE, ours="denominator")
    compared = published.join(ours, on=PLACE, how="left", maintain_order="left")
    same = pl.when(pl.col("ours") == pl.col("denominator")).then(pl.lit(EXACT)).otherwise(pl.lit(MISS))
    nobody = pl.lit(None, pl.String).alias("exception")
    return compared.with_columns(pl.lit(POPULATIONS).alias("check"), same.alias("outcome"), nobody)


def _rates_of_need(figures: pl.DataFrame) -> pl.DataFrame:
    """England's children in need to its population: a rate that is published beside the counts and not with them."""
    of = series("children_in_need")
    children = {year: population_for_reporting_year(year)["population"].sum() for year in RATES_OF_NEED}
    published = figures.filter(pl.col("series") == of.name, pl.col("level") == NATIONAL)
    published = published.filter(pl.col("year").is_in(list(RATES_OF_NEED))).with_columns(
        pl.col("year").replace_strict(RATES_OF_NEED, default=None, return_dtype=pl.Float64).alias("value"),
        pl.col("year").replace_strict(children, default=None, return_dtype=pl.Float64).alias("denominator"),
        *(pl.lit(0.0).alias(f"{side}_off_{end}") for side in SIDES for end in ("least", "most")),
    )
    compared = bounded(published, of, area=True)
    exact = (pl.col("value") == pl.col("least")) & (pl.col("value") == pl.col("most"))
    outcome = (
        pl.when(exact).then(pl.lit(EXACT))
        .when(pl.col("value").is_between(pl.col("least"), pl.col("most"))).then(pl.lit(WITHIN))
        .otherwise(pl.lit(MISS))
    )  # fmt: skip
    nobody = pl.lit(None, pl.String).alias("exception")
    return compared.with_columns(pl.lit(AREA_VALUES).alias("check"), outcome.alias("outcome"), nobody)


def _neighbours(figures: pl.DataFrame) -> pl.DataFrame:
    """The median of neighbours' values, made by the package and made again in plain Python."""
    nobody = pl.lit(None, pl.String).alias("exception")
    return neighbours_again(figures).with_columns(pl.lit(NEIGHBOURS).alias("check"), nobody)


def _above(la_code: str) -> list[str]:
    return [*areas_above()[la_code], ENGLAND_CODE]


def _with_stood_in(published: pl.DataFrame, of: Series, stood_in: Sequence[StoodIn]) -> pl.DataFrame:
    """Areas with `stood_in`: who is counted there with figures of another year."""
    names: dict[tuple[int, str], list[str]] = {}
    for each in stood_in:
        if of.name in each.series:
            for area in _above(each.la_code):
                names.setdefault((each.year, area), []).append(each.name)
    links = pl.DataFrame(
        [(*place, "; ".join(each)) for place, each in names.items()],
        schema={"year": pl.Int64, "code": pl.String, "stood_in": pl.String},
        orient="row",
    )
    return published.join(links, on=["year", "code"], how="left", maintain_order="left")


def _left_out_of(figures: pl.DataFrame, of: Series, rows: pl.DataFrame, left_out: Sequence[LeftOut]) -> pl.DataFrame:
    """What is taken off the counts of each area above an authority that is left out of its rate.

    It is what the authority publishes, or else what the smallest area whose other authorities are all known has more
    than these.
    """
    schema = {name: pl.String if name != "year" else pl.Int64 for name in (*PLACE, "left_out")}
    ends = {f"{side}_off_{end}": pl.Float64 for side in SIDES for end in ("least", "most")}
    lines: list[dict[str, str | int | float]] = []
    for each in left_out:
        if each.series != of.name:
            continue
        here = rows.filter(series=each.series, year=each.year)
        off = {
            f"{side}_off_{end}": bound
            for side in SIDES
            for end, bound in zip(("least", "most"), _part_of(each, figures, of, here, side), strict=True)
        }
        lines += [
            {"series": of.name, "group": TOTAL_GROUP, "year": each.year, "code": area, "left_out": each.name, **off}
            for area in _above(each.la_code)
        ]
    return pl.DataFrame(lines, schema=schema | ends)


def _part_of(each: LeftOut, figures: pl.DataFrame, of: Series, rows: pl.DataFrame, side: str) -> tuple[float, float]:
    """Between which two numbers an authority's part of the counts above it is."""
    own = rows.filter(code=each.la_code)[side].drop_nulls()
    near = slack(of, side, area=False)
    if len(own):
        return own[0] - near, own[0] + near
    others = sums(rows, pl.col(side), "others").filter(pl.col("authorities") == pl.col("of_authorities") - 1)
    published = figures.filter(pl.col("year") == each.year, pl.col("code").is_in(_above(each.la_code)))
    known = published.join(others, on=PLACE).sort("of_authorities")
    if known.is_empty():
        return 0.0, 0.0
    row = known.row(0, named=True)
    more, within = row[side] - row["others"], slack(of, side, area=True) + near * row["authorities"]
    return max(more - within, 0.0), max(more + within, 0.0)
