"""Statistical neighbours a second time, in plain Python: from the file of the model and exact decimal numbers.

No median of neighbours' values is published as a number beside the figures, so this is a second computation of what the
package computes and no comparison with something published.
"""

from __future__ import annotations

import csv
import statistics
from decimal import Decimal
from importlib import resources
from typing import NamedTuple

import polars as pl

from csc_indicators.area_membership import STATISTICAL_NEIGHBOURS
from csc_indicators.comparators import neighbour_values
from proofs.computing import PLACE, authorities, figures_of
from proofs.figures import LOCAL_AUTHORITY, series

EXACT, MISS, UNCHECKED = "exact", "miss", "unchecked"


class Median(NamedTuple):
    """The median of neighbours' values, exactly, and of how many neighbours it is."""

    value: Decimal
    neighbours: int


def model() -> dict[str, list[str]]:
    """The neighbours of each authority, read from the package's file by the standard library alone."""
    text = (resources.files("csc_indicators") / "reference" / "statistical_neighbours.csv").read_text(encoding="utf-8")
    return {row["la_code"]: row["neighbours"].split() for row in csv.DictReader(text.splitlines())}


def authority_values(figures: pl.DataFrame) -> pl.DataFrame:
    """`series, group, year, code, value` of authorities, as published; the rate of children in need as computed."""
    published = figures.filter(level=LOCAL_AUTHORITY)
    need = series("children_in_need")
    computed = figures_of(authorities(figures), need, (LOCAL_AUTHORITY,)).select(*PLACE, value_computed="value")
    both = published.join(computed, on=PLACE, how="left", maintain_order="left")
    return both.select(*PLACE, pl.coalesce("value", "value_computed").alias("value"))


def medians(values: pl.DataFrame) -> dict[tuple[str, str, int, str], Median | None]:
    """The median for each authority that the model knows, by series, group, year and code; None where there is none."""
    known = {
        (name, group, year, code): Decimal(repr(value))
        for name, group, year, code, value in values.drop_nulls("value").iter_rows()
    }
    neighbours = model()
    made: dict[tuple[str, str, int, str], Median | None] = {}
    for name, group, year, code, _ in values.iter_rows():
        near = [known.get((name, group, year, other)) for other in neighbours.get(code, ())]
        found = [value for value in near if value is not None]
        if code in neighbours:
            made[name, group, year, code] = Median(statistics.median(found), len(found)) if found else None
    return made


def as_cells(values: pl.DataFrame) -> pl.DataFrame:
    """The same values as the package's cells; the published year stands for the period."""
    of = {name: series(name) for name in values["series"].unique()}
    nothing = pl.lit(None, pl.Float64)
    return values.select(
        pl.col("series").replace_strict({name: each.indicator for name, each in of.items()}).alias("indicator"),
        pl.col("series").replace_strict({name: each.reading for name, each in of.items()}).alias("reading"),
        pl.col("series").alias("parameters"),
        pl.col("year").cast(pl.String).alias("period"),
        pl.lit(LOCAL_AUTHORITY).alias("level"),
        pl.col("code").alias("area_code"),
        pl.col("code").alias("area_name"),
        pl.lit("total").alias("breakdown"),
        "group",
        *(nothing.alias(name) for name in ("numerator", "denominator")),
        "value",
        *(nothing.alias(name) for name in ("lower", "upper")),
        pl.lit("ok").alias("status"),
        pl.lit(value=True).alias("complete"),
        pl.lit(1, pl.Int64).alias("authorities"),
    )


def neighbours_again(figures: pl.DataFrame) -> pl.DataFrame:
    """Each neighbours' value of the package with whether the second computation gives the same.

    Returns:
        `series, group, year, code, level, outcome`; "unchecked" is an authority none of whose neighbours has a value.
    """
    values = authority_values(figures)
    again = medians(values)
    ours = neighbour_values(as_cells(values)).select(
        pl.col("parameters").alias("series"),
        "group",
        pl.col("period").cast(pl.Int64).alias("year"),
        pl.col("area_code").alias("code"),
        "value",
        "authorities",
    )
    found = [
        _compared(again.pop((name, group, year, code)), value, number)
        for name, group, year, code, value, number in ours.iter_rows()
    ]
    forgotten = [(*place, MISS) for place in again]
    made = ours.select(PLACE).with_columns(pl.Series("outcome", found, dtype=pl.String))
    rest = pl.DataFrame(forgotten, schema=made.schema, orient="row")
    return pl.concat([made, rest]).with_columns(pl.lit(STATISTICAL_NEIGHBOURS).alias("level"))


def _compared(again: Median | None, value: float | None, number: int) -> str:
    if again is None or value is None:
        return UNCHECKED if again is None and value is None else MISS
    return EXACT if (Decimal(repr(value)), number) == again else MISS
