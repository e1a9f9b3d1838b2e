"""Which year and which area a row of a published file is about, and which population stands behind it.

Authorities go by the three-digit DfE code, which outlives changes of ONS code, and are checked against those of the
row's year. Two authorities that return together stand in one row under both codes; they are one area here too.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass

import polars as pl

from csc_indicators.area_membership import area_members
from csc_indicators.census_years import periods_in
from csc_indicators.errors import UsageError
from csc_indicators.geography import (
    ENGLAND_CODE,
    ENGLAND_NAME,
    FIRST_YEAR,
    authority_names,
    local_authorities,
    population_for_reporting_year,
    population_mid_years,
    regions,
)
from csc_indicators.periods import Period, year

LEVELS = {"national": "National", "regional": "Regional", "local authority": "Local authority"}
"""The geographic levels that are read, as files write them in any case."""

YEARS_OF_FOUR_DIGITS = ("reporting year", "calendar year")
YEARS_OF_SIX_DIGITS = ("academic year", "financial year")
JOINT = re.compile(r"\s*/\s*")

REJECTED = {
    "other_level": (
        "the rows are of a level that is neither National, Regional nor Local authority",
        "they are left out; nothing needs to be done",
    ),
    "unreadable_period": (
        "time_period and time_identifier do not name a year that can be read",
        "a year has four digits, and an academic or financial year six",
    ),
    "too_early": (
        f"the rows are of a year before {FIRST_YEAR}, where the list of authorities begins",
        "they are left out; nothing needs to be done",
    ),
    "unknown_area": (
        "the code of the area is not one of a region or an authority",
        "look at region_code and old_la_code of these rows",
    ),
    "other_years": (
        "the authority did not exist in the year of the row",
        "they are left out: releases list authorities beyond their years, usually without figures",
    ),
}
"""Why a row is left out because of its year or area: what is wrong, and what to do."""


@dataclass(frozen=True, kw_only=True)
class Place:
    """The year and area of a row, or the rule by which the row is left out."""

    rule: str | None = None
    period: Period | None = None
    level: str = ""
    area_code: str = ""
    area_name: str = ""
    authorities: int | None = None
    population: int | None = None


def place_of(
    collection: str, time_period: str | None, time_identifier: str | None, level: str | None, code: str | None
) -> Place:
    """The place of a row.

    Args:
        collection: The collection the figures are of, which says when its years end.
        time_period: `2025`, or `202425` for the year that ends in 2025.
        time_identifier: `Reporting year` or `Calendar year` (four digits), `Academic year` or `Financial year` (six).
        level: `National`, `Regional` or `Local authority`.
        code: The code of the region, or the DfE code of the authority; several with strokes between them.

    >>> place_of("cin", "2025", "Reporting year", "Local authority", "302").area_name
    'Barnet'
    >>> place_of("workforce", "2025", "Reporting year", "Local authority", "941 / 940").area_code
    '940+941'
    >>> place_of("cin", "2025", "Reporting year", "Local authority", "909").rule
    'other_years'
    """
    named = LEVELS.get((level or "").strip().lower())
    if named is None:
        return Place(rule="other_level")
    period = _period_of(collection, time_period or "", (time_identifier or "").strip().lower())
    if period is None:
        return Place(rule="unreadable_period")
    if period.reporting_year < FIRST_YEAR:
        return Place(rule="too_early")
    if named == "Local authority":
        return _authority(period, code or "")
    names = {ENGLAND_CODE: ENGLAND_NAME} if named == "National" else dict(_region_names())
    area = ENGLAND_CODE if named == "National" else (code or "").strip().upper()
    if area not in names:
        return Place(rule="unknown_area")
    return Place(
        period=period,
        level=named,
        area_code=area,
        area_name=names[area],
        population=_population_of(period.reporting_year, _members(area, period.reporting_year)),
    )


def _period_of(collection: str, time_period: str, time_identifier: str) -> Period | None:
    digits = time_period.strip()
    if time_identifier in YEARS_OF_FOUR_DIGITS and re.fullmatch(r"[0-9]{4}", digits):
        ends = int(digits)
    elif time_identifier in YEARS_OF_SIX_DIGITS and re.fullmatch(r"[0-9]{6}", digits):
        ends = int(digits[:4]) + 1
        if ends % 100 != int(digits[4:]):
            return None
    else:
        return None
    try:
        return periods_in(collection, (year(ends),))[0]
    except UsageError:
        return None


def _authority(period: Period, code: str) -> Place:
    # Files write them in either order, and they are one area all the same.
    codes = sorted({part.strip() for part in JOINT.split(code.strip())})
    if not all(part in _authority_codes() for part in codes):
        return Place(rule="unknown_area")
    names = authority_names(period.reporting_year)
    if not all(part in names for part in codes):
        return Place(rule="other_years")
    return Place(
        period=period,
        level="Local authority",
        area_code="+".join(codes),
        area_name=" with ".join(names[part] for part in codes),
        authorities=len(codes),
        population=_population_of(period.reporting_year, codes),
    )


def _region_names() -> list[tuple[str, str]]:
    return regions().select("region_code", "region_name").rows()


def _members(area_code: str, reporting_year: int) -> list[str]:
    existed = pl.col("first_year").le(reporting_year) & pl.col("last_year").fill_null(reporting_year).ge(reporting_year)
    return area_members().filter(existed, area_code=area_code)["la_code"].to_list()


def _population_of(reporting_year: int, la_codes: list[str]) -> int | None:
    """The population aged 0 to 17 at the mid-year before; None where it is not known of one of the authorities."""
    known = _populations(reporting_year)
    counts = [known.get(code) for code in la_codes]
    total = sum(count for count in counts if count is not None)
    return total if None not in counts else None


@functools.cache
def _populations(reporting_year: int) -> dict[str, int | None]:
    if reporting_year - 1 not in population_mid_years():
        return {}
    persons = population_for_reporting_year(reporting_year).with_columns(pl.col("la_code").cast(pl.String))
    return dict(persons.iter_rows())


@functools.cache
def _authority_codes() -> frozenset[str]:
    return frozenset(local_authorities()["la_code"].cast(pl.String))
