"""Which codes and names of places go together: England's authorities from the package's list, and what that lacks."""

from __future__ import annotations

import functools
from collections.abc import Iterable

import polars as pl

from csc_indicators.geography import ENGLAND_CODE, ENGLAND_NAME, local_authorities, regions

NOT_AVAILABLE, NOT_A_PLACE = "x", "z"
"""In place of a code: the place is not known, and there is none."""

NO_PLACES = (
    *("Not applicable", "Unknown", "Outside of England", "Outside of the United Kingdom"),
    *("Outside of England and unknown", "Outside of the United Kingdom and unknown"),
)
"""Names that go with the code for no place, at any level."""

COUNTRIES = (
    (ENGLAND_CODE, ENGLAND_NAME),
    ("K02000001", "United Kingdom"),
    ("K03000001", "Great Britain"),
    ("K04000001", "England and Wales"),
    ("N92000002", "Northern Ireland"),
    ("S92000003", "Scotland"),
    ("W92000004", "Wales"),
    (NOT_A_PLACE, "England, Wales and Northern Ireland"),
)

FURTHER_AUTHORITIES = (
    ("370", "E08000038", "Barnsley"),
    ("373", "E08000039", "Sheffield"),
    ("390", "E08000020", "Gateshead"),
    ("820", "E10000001", "Bedfordshire"),
    ("875", "E10000004", "Cheshire"),
    ("929", "E06000048", "Northumberland"),
    (NOT_AVAILABLE, "E10000005", "Cornwall and Isles of Scilly"),
    (NOT_AVAILABLE, "E10000010", "Durham"),
    (NOT_AVAILABLE, "E10000022", "Northumberland"),
    (NOT_AVAILABLE, "E10000026", "Shropshire"),
    (NOT_AVAILABLE, "E10000033", "Wiltshire"),
    ("314 / 318", "E09000021 / E09000027", "Kingston upon Thames / Richmond upon Thames"),
    ("940 / 941", "E06000061 / E06000062", "North Northamptonshire / West Northamptonshire"),
    ("942 / 943", "E06000063 / E06000064", "Cumberland / Westmorland and Furness"),
    ("702", NOT_A_PLACE, "British Forces Post Office overseas establishments"),
)
"""What the package's list lacks and the Department's has: codes that ended before April 2013 or began in May
2025, pairs that publish together, and schools of the forces. DfE's code, that of the ONS, and the name."""


@functools.cache
def known_countries() -> pl.DataFrame:
    """Codes and names of countries that go together."""
    return _pairs("country_code", "country_name", COUNTRIES)


@functools.cache
def known_regions() -> pl.DataFrame:
    """Codes and names of regions that go together, with Inner and Outer London."""
    return _pairs("region_code", "region_name", regions().select("region_code", "region_name").rows())


@functools.cache
def known_authorities() -> pl.DataFrame:
    """The two codes and the name of authorities that go together, of today and of former years.

    >>> known_authorities().filter(old_la_code="825")["new_la_code"].to_list()
    ['E10000002', 'E06000060']
    """
    listed = local_authorities().select(
        old_la_code=pl.col("la_code").cast(pl.String), new_la_code="ons_code", la_name="name"
    )
    further = [*FURTHER_AUTHORITIES, *((NOT_A_PLACE, NOT_A_PLACE, name) for name in NO_PLACES)]
    return pl.concat([listed, pl.DataFrame(further, schema=listed.schema, orient="row")])


def _pairs(code: str, name: str, known: Iterable[tuple[str, ...]]) -> pl.DataFrame:
    rows = [*known, *((NOT_A_PLACE, none) for none in NO_PLACES)]
    return pl.DataFrame(rows, schema={code: pl.String, name: pl.String}, orient="row")
