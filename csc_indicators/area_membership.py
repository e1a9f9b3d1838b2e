"""Which authorities make up which area: regions, the parts of London, England, and what reorganisations divided.

Membership goes by DfE code and reporting year. An authority that was divided counts until then and its successors
afterwards; where years are to be compared, both can be taken together as one area.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable

import polars as pl

from csc_indicators.geography import (
    ENGLAND_CODE,
    ENGLAND_NAME,
    LocalAuthority,
    local_authorities,
    read_reference,
    regions,
)

LOCAL_AUTHORITY, REGIONAL, NATIONAL = "Local authority", "Regional", "National"
STATISTICAL_NEIGHBOURS = "Statistical neighbours"
LEVELS = (LOCAL_AUTHORITY, REGIONAL, NATIONAL, STATISTICAL_NEIGHBOURS)
"""The levels of a table of results, from the smallest area; a neighbours' figure is no sum (see `comparators`)."""


def _spans(la_code: str) -> list[LocalAuthority]:
    rows = local_authorities().filter(pl.col("la_code").cast(pl.String) == la_code).iter_rows(named=True)
    return [LocalAuthority(**row) for row in rows]


@functools.cache
def _area_members() -> pl.DataFrame:
    named = dict(regions().select("region_code", "region_name").iter_rows())
    codes = {name: code for code, name in named.items()}
    spans = local_authorities().with_columns(pl.col("la_code").cast(pl.String))
    part = pl.col("london_part").replace_strict(codes, default=None, return_dtype=pl.String)
    of_areas = [
        spans.with_columns(level=pl.lit(REGIONAL), area_code=pl.col("region_code")),
        spans.with_columns(level=pl.lit(REGIONAL), area_code=part),
        spans.with_columns(level=pl.lit(NATIONAL), area_code=pl.lit(ENGLAND_CODE)),
    ]
    members = pl.concat(of_areas).drop_nulls("area_code")
    return members.select("la_code", "level", "area_code", "first_year", "last_year")


def area_members() -> pl.DataFrame:
    """Which authorities make up each region, each part of London and England, from which year to which.

    Columns `la_code`, `level` ("Regional" or "National"), `area_code` (all text), `first_year`, `last_year` (null while
    the authority exists). An authority with two ONS codes has two spans.

    >>> area_members().filter(la_code="302")["area_code"].to_list()
    ['E12000007', 'E13000002', 'E92000001']
    """
    return _area_members().clone()


def areas_above() -> dict[str, tuple[str, ...]]:
    """The regions that each authority, joined area and part of London is part of, by its code.

    >>> areas_above()["302"], areas_above()["E13000002"], areas_above()["838+839"]
    (('E12000007', 'E13000002'), ('E12000007',), ('E12000009',))
    """
    regional = _area_members().filter(level=REGIONAL).select("la_code", "area_code").unique(maintain_order=True)
    above: dict[str, tuple[str, ...]] = {}
    for code, area in regional.iter_rows():
        above[code] = (*above.get(code, ()), area)
    for part, whole in regions().drop_nulls("part_of").select("region_code", "part_of").iter_rows():
        above[part] = (whole,)
    for code, area in _joined_authorities().select("la_code", "area_code").iter_rows():
        above[area] = above[code]
    return above


def regional_areas(code: str) -> tuple[str, ...]:
    """The regional areas that an authority is in, or several that are shown as one, whose codes a plus joins.

    >>> regional_areas("302"), regional_areas("314+318")
    (('E12000007', 'E13000002'), ('E12000007', 'E13000002'))
    """
    above = areas_above()
    return above.get(code) or above.get(code.partition("+")[0], ())


def area_names() -> dict[str, str]:
    """The name of every area by its code: authorities as they were last called, joined areas, regions and England.

    >>> area_names()["E13000001"], area_names()["942+943"]
    ('Inner London', 'Cumberland with Westmorland and Furness (until 2023: Cumbria)')
    """
    names = dict(local_authorities().select(pl.col("la_code").cast(pl.String), "name").iter_rows())
    names |= dict(_joined_authorities().select("area_code", "area_name").iter_rows())
    names |= dict(regions().select("region_code", "region_name").iter_rows())
    return names | {ENGLAND_CODE: ENGLAND_NAME}


@functools.cache
def _reorganisations() -> pl.DataFrame:
    return read_reference("reorganisations").with_columns(pl.col("first_year").cast(pl.Int16))


def reorganisations() -> pl.DataFrame:
    """Which authority's area went to which: `from_la_code`, `to_la_code` (text), `first_year` of the new one, `extent`.

    `extent` is "whole" where all of the old area is in the new one, and "part" where it was divided.

    >>> reorganisations().filter(to_la_code="839")["from_la_code"].to_list()
    ['835', '836', '837']
    """
    return _reorganisations().clone()


@functools.cache
def _joined_authorities() -> pl.DataFrame:
    groups: list[set[str]] = []
    for old, new in _reorganisations().select("from_la_code", "to_la_code").iter_rows():
        touching = [group for group in groups if group & {old, new}]
        groups = [group for group in groups if group not in touching] + [{old, new}.union(*touching)]
    rows: list[tuple[str, str, str, str, int, int | None]] = []
    for group in groups:
        spans = [span for code in sorted(group) for span in _spans(code)]
        now = [span for span in spans if span.last_year is None]
        before = [span for span in spans if span.last_year is not None]
        until = max(span.last_year or 0 for span in before)
        name = f"{' with '.join(span.name for span in now)} (until {until}: {_listed(span.name for span in before)})"
        code = "+".join(span.la_code for span in now)
        rows += [(span.la_code, LOCAL_AUTHORITY, code, name, span.first_year, span.last_year) for span in spans]
    texts = {name: pl.String() for name in ("la_code", "level", "area_code", "area_name")}
    schema: pl.Schema = pl.Schema({**texts, "first_year": pl.Int16(), "last_year": pl.Int16()})
    return pl.DataFrame(rows, schema=schema, orient="row")


def joined_authorities() -> pl.DataFrame:
    """Authorities that were reorganised, as one area with all they came from and became, so that years compare.

    Columns as `area_members`, and `area_name`. The area has the codes of the authorities of today, joined by a plus.

    >>> joined_authorities().filter(area_code="940+941")["la_code"].to_list()
    ['928', '940', '941']
    """
    return _joined_authorities().clone()


def _listed(names: Iterable[str]) -> str:
    *others, last = names
    return f"{', '.join(others)} and {last}" if others else last
