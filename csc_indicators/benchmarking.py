"""An authority's figure next to those of its neighbours, its region and England, and how sure the difference is.

The authority's own figure is computed from its extracts, or the published one; what it is set beside are published
figures. Where the two are not made by the same rule, that is said.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from csc_indicators.area_membership import LOCAL_AUTHORITY, NATIONAL, REGIONAL, STATISTICAL_NEIGHBOURS, regional_areas
from csc_indicators.catalogue import catalogue
from csc_indicators.comparators import (
    DIFFERENCE,
    KEY,
    Neighbours,
    as_it_stands,
    neighbour_values,
    positions,
    with_differences,
    with_intervals,
)
from csc_indicators.errors import NothingComputed, UsageError
from csc_indicators.geography import ENGLAND_CODE, local_authority
from csc_indicators.rounding import rounded

COMPUTED, PUBLISHED, WORKED_OUT = "computed", "published", "from published values"
OWN, OWN_PUBLISHED, NEIGHBOUR = "own", "own, published", "neighbour"
ORDER = {OWN: 0, OWN_PUBLISHED: 1, STATISTICAL_NEIGHBOURS: 2, REGIONAL: 3, NATIONAL: 4, NEIGHBOUR: 5}


@dataclass(frozen=True)
class Benchmark:
    """An authority's figure and what it is compared with.

    `table` has a row for each figure: the authority's own, the one published for it, its neighbours' median, its
    regional areas, England, and each neighbour, with the difference of the own figure from it. `positions` says where
    the own figure stands among all authorities. `notes` are sentences for the reader: above all, where rules differ.
    """

    indicator: str
    period: str
    table: pl.DataFrame
    positions: pl.DataFrame
    notes: tuple[str, ...]


def benchmark(
    published: pl.DataFrame,
    *,
    indicator: str,
    la_code: str,
    own: pl.DataFrame | None = None,
    period: str | None = None,
    neighbours: Neighbours | None = None,
) -> Benchmark:
    """Set an authority's figure beside published ones.

    Args:
        published: Published figures in the shape of results, as `store.published_figures` gives them.
        indicator: Its id.
        la_code: The authority.
        own: Published cells of the authority's own extracts; its published figure when left out.
        period: A year; the latest that both have when left out.
        neighbours: The model of neighbours and their statistic.

    Returns:
        `table`: `role` (own; own, published; Statistical neighbours; Regional; National; neighbour), `group`,
        `area_code, area_name, value, numerator, denominator, lower, upper, status, unit, authorities, source,
        difference, difference_lower, difference_upper, differs` (of the own figure from this one).

    Raises:
        UsageError: the indicator or authority is not known, the period is no text, or `own` has several readings of it.
        NothingComputed: there is no figure of the authority, or none to set it beside, for the period.
    """
    spec = catalogue().indicator(indicator)
    name = local_authority(la_code).name
    neighbours = neighbours or Neighbours()
    of_indicator = published.filter(indicator=indicator)
    mine = (of_indicator if own is None else own.filter(indicator=indicator)).filter(
        level=LOCAL_AUTHORITY, area_code=la_code
    )
    rule = _published_rule(mine, of_indicator, spec.default_reading) if own is not None else spec.default_reading
    theirs = of_indicator.filter(reading=rule)
    if theirs.is_empty():
        raise NothingComputed(f"the store holds no published figures of {indicator}: {_where_to_find(spec.id)}")
    if own is None:
        mine = mine.filter(reading=rule)
    source = PUBLISHED if own is None else COMPUTED
    period = _period(mine, theirs, period, f"{source} figure of {name} ({la_code})")
    mine, theirs = mine.filter(period=period), theirs.filter(period=period)
    if mine.select("reading", "parameters").unique().height > 1:
        raise UsageError(f"the own figures of {indicator} are under several readings; give those of one")
    groups = theirs.select("breakdown", "group").unique()
    mine = mine.join(groups, on=["breakdown", "group"], how="semi", maintain_order="left")
    notes = _rules(indicator, rule, mine, theirs, source)
    if la_code not in neighbours.table["la_code"].cast(pl.String).to_list():
        notes = (*notes, f"{name} ({la_code}) has no neighbours in the model ({neighbours.name}).")
    # One rule's name on all of them, so that they are compared; that rules differ has been said.
    alike = [pl.lit(rule).alias("reading"), pl.lit("").alias("parameters")]
    of_it = (pl.col("level") == LOCAL_AUTHORITY) & (pl.col("area_code") == la_code)
    columns = [column for column in theirs.columns if column in mine.columns]
    mine, theirs = (frame.with_columns(alike).select(columns) for frame in (mine, theirs))
    cells = pl.concat([mine, theirs.filter(~of_it)])
    cells = with_intervals(pl.concat([cells, neighbour_values(cells, neighbours)]))
    beside = with_intervals(theirs.filter(of_it)) if source == COMPUTED else theirs.clear()
    table = _table(cells, beside, la_code, neighbours, source)
    return Benchmark(indicator, period, table, positions(cells).filter(area_code=la_code), notes)


def _period(mine: pl.DataFrame, theirs: pl.DataFrame, asked: str | None, what: str) -> str:
    if asked is not None and not isinstance(asked, str):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise UsageError(f'a period is given by its label, as text: "{asked}"')
    have = [frame.sort("period_end")["period"].unique(maintain_order=True).to_list() for frame in (mine, theirs)]
    both = [period for period in have[0] if period in have[1]]
    if asked is not None and asked in both:
        return asked
    if asked is None and both:
        return both[-1]
    listed = [", ".join(periods) or "no period" for periods in have]
    raise NothingComputed(
        f"nothing to compare for {asked or 'any period'}: there is a {what} for {listed[0]}, "
        f"and there are published figures for {listed[1]}" + (f"; ask for {' or '.join(both)}" if both else "")
    )


def _published_rule(mine: pl.DataFrame, published: pl.DataFrame, default: str) -> str:
    """The reading of the own figure where figures are published under it too, and else the usual one."""
    readings: list[str] = mine.filter(pl.col("parameters") == "")["reading"].unique().to_list()
    under_it = [reading for reading in readings if reading in published["reading"].unique().to_list()]
    return under_it[0] if len(readings) == 1 and under_it else default


def _where_to_find(indicator: str) -> str:
    figures = catalogue().indicator(indicator).published_figures
    if not any(each.established for each in figures):
        return "it is not known to be published. `compute` with the level of neighbours compares extracts"
    return (
        f'download {figures[0].file} of the release "{figures[0].release}", and add it with: '
        "csc-indicators published add FILE.csv"
    )


def _rules(indicator: str, rule: str, mine: pl.DataFrame, theirs: pl.DataFrame, source: str) -> tuple[str, ...]:
    """Whether the own figure is made by the rule of the published ones, and if not, in what they differ."""
    notes: list[str] = []
    if source == COMPUTED and mine.height:
        reading, parameters = mine.select("reading", "parameters").row(0)
        label = catalogue().reading(indicator, reading).label
        if reading == rule and not parameters:
            notes.append(f'Same rule: "{label}".')
        else:
            other = catalogue().reading(indicator, rule).label
            own = f'"{label}"' + (f", with {parameters}" if parameters else "")
            notes.append(
                f'Different rules: the own figure is {own}; the published ones are "{other}". '
                "The difference may be one of rules."
            )
        entries = [entry for entry in catalogue().indicator(indicator).published_figures if entry.established]
        default = catalogue().indicator(indicator).default_reading
        notes += [entry.note for entry in entries if entry.note and (entry.reading or default) == rule]
        if not mine["complete"].all():
            notes.append("The own figure is incomplete: the extracts do not reach far enough for all of it.")
    vintages = theirs.select("release", "vintage").unique().sort("release", "vintage").rows() if (
        {"release", "vintage"} <= set(theirs.columns)
    ) else []  # fmt: skip
    notes += [f"Published figures: {release}, {vintage}." for release, vintage in vintages]
    return tuple(notes)


def _table(
    cells: pl.DataFrame, beside: pl.DataFrame, la_code: str, neighbours: Neighbours, source: str
) -> pl.DataFrame:
    pairs = neighbours.table.filter(pl.col("la_code").cast(pl.String) == la_code)
    of_model: list[str] = pairs["neighbour_la_code"].cast(pl.String).to_list()
    upper = (*regional_areas(la_code), ENGLAND_CODE)
    level, code = pl.col("level"), pl.col("area_code")
    role = (
        pl.when((level == LOCAL_AUTHORITY) & (code == la_code)).then(pl.lit(OWN))
        .when((level == STATISTICAL_NEIGHBOURS) & (code == la_code)).then(pl.lit(STATISTICAL_NEIGHBOURS))
        .when(level.is_in([REGIONAL, NATIONAL]) & code.is_in(list(upper))).then(level)
        .when((level == LOCAL_AUTHORITY) & code.is_in(of_model)).then(pl.lit(NEIGHBOUR))
    )  # fmt: skip
    rows = cells.with_columns(role.alias("role")).drop_nulls("role")
    rows = pl.concat([rows, beside.with_columns(pl.lit(OWN_PUBLISHED).alias("role")).select(rows.columns)])
    own = rows.filter(pl.col("role") == OWN)
    bounds = ("value", "lower", "upper", "complete")
    paired = as_it_stands(rows).join(own.select(*KEY, *(pl.col(name).alias(f"_own_{name}") for name in bounds)), on=KEY)
    compared = with_differences(
        paired.filter(pl.col("role") != OWN).select(
            *KEY,
            "role",
            "area_code",
            *(pl.col(f"_own_{name}").alias(name) for name in bounds),
            *(pl.col(name).alias(f"comparator_{name}") for name in bounds[:-1]),
            pl.lit(value=True).alias("comparator_complete"),
        )
    ).select(*KEY, "role", "area_code", *DIFFERENCE)
    decimals = catalogue().indicator(cells["indicator"][0]).decimals
    rank = {area: place for place, area in enumerate(of_model)}
    source_of = {OWN: source, STATISTICAL_NEIGHBOURS: WORKED_OUT}
    return (
        rows.join(compared, on=[*KEY, "role", "area_code"], how="left", maintain_order="left")
        .with_columns(
            pl.col("role").replace_strict(source_of, default=PUBLISHED, return_dtype=pl.String).alias("source"),
            pl.col("role").replace_strict(ORDER, return_dtype=pl.Int64).alias("_order"),
            code.replace_strict(rank, default=-1, return_dtype=pl.Int64).alias("_rank"),
        )
        .sort("breakdown", "group", "_order", "_rank", "area_code")
        .select(
            "role",
            "group",
            "area_code",
            "area_name",
            "value",
            "numerator",
            "denominator",
            *(rounded(pl.col(name), decimals).alias(name) for name in ("lower", "upper")),
            "status",
            "unit",
            "authorities",
            "source",
            *DIFFERENCE,
        )
    )
