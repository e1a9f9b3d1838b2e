"""England's local authorities: codes, names and regions by year, populations, and statistical neighbours.

The key is the three-digit DfE code, which outlives changes of ONS code. Years are reporting years (2025 ends on
31 March 2025); authorities come and go with reorganisations, and nothing is recalculated for their successors. The data
are small files inside the package, described in `reference/README.md`; they are read once, when first needed.
"""

from __future__ import annotations

import functools
import tomllib
from dataclasses import dataclass
from importlib import resources
from typing import NamedTuple

import polars as pl

from csc_indicators.codes import LA_CODE
from csc_indicators.errors import UsageError
from csc_indicators.names import nearest

ENGLAND_CODE = "E92000001"
ENGLAND_NAME = "England"

FIRST_YEAR = 2013
LATEST_YEAR = 2025
"""The reporting years the list of authorities was made from. In later years those of the latest are taken to stand."""

CLOSENESS = pl.Enum(["Extremely close", "Very close", "Close", "Somewhat close", "Not close"])
"""How alike a statistical neighbour is, nearest first; the files hold the first letter of each."""

_REFERENCE = resources.files("csc_indicators") / "reference"


@dataclass(frozen=True, kw_only=True)
class ReferenceSource:
    """Where a reference file comes from; `file` is its name in the package's `reference` folder."""

    file: str
    title: str
    publisher: str
    vintage: str
    licence: str
    attribution: str
    sha256: str


class Region(NamedTuple):
    """A region of England."""

    code: str
    name: str


@dataclass(frozen=True, kw_only=True)
class LocalAuthority:
    """An authority over the reporting years in which it had one ONS code; `last_year` is None while it exists."""

    la_code: str
    ons_code: str
    name: str
    region_code: str
    region_name: str
    london_part: str | None
    first_year: int
    last_year: int | None


@functools.cache
def reference_sources() -> dict[str, ReferenceSource]:
    """The source, vintage and licence of each reference file, by its name without `.csv`.

    >>> reference_sources()["populations"].licence
    'Open Government Licence v3.0'
    """
    described = tomllib.loads((_REFERENCE / "sources.toml").read_text(encoding="utf-8"))
    return {name: ReferenceSource(**fields) for name, fields in described.items()}


POPULATION_VINTAGE = reference_sources()["populations"].vintage
NEIGHBOURS_VINTAGE = reference_sources()["statistical_neighbours"].vintage
AUTHORITIES_VINTAGE = reference_sources()["local_authorities"].vintage


def read_reference(name: str) -> pl.DataFrame:
    """A file of the package's `reference` folder as a table of text, by its name without `.csv`."""
    return pl.read_csv((_REFERENCE / f"{name}.csv").read_bytes(), infer_schema=False)


@functools.cache
def _regions() -> pl.DataFrame:
    return read_reference("regions")


def regions() -> pl.DataFrame:
    """The nine regions, then Inner and Outer London, which DfE publishes beside them.

    Columns `region_code`, `region_name`, `part_of` (the code of London for its two parts, null for a region).

    >>> regions()["region_name"].to_list()[-3:]
    ['South West', 'Inner London', 'Outer London']
    """
    return _regions().clone()


@functools.cache
def _local_authorities() -> pl.DataFrame:
    rows = read_reference("local_authorities").join(_regions().drop("part_of"), on="region_code", maintain_order="left")
    return rows.select(
        pl.col("la_code").cast(LA_CODE),
        "ons_code",
        "name",
        "region_code",
        "region_name",
        "london_part",
        pl.col("first_year", "last_year").cast(pl.Int16),
    )


def local_authorities() -> pl.DataFrame:
    """Every authority since 2013, in order of code and year.

    One row per authority and span of years with one ONS code: `la_code` (Enum), `ons_code`, `name`, `region_code`,
    `region_name`, `london_part` (Inner London, Outer London or null), `first_year`, `last_year` (Int16; null while it
    exists).

    >>> local_authorities().filter(la_code="825")["ons_code"].to_list()
    ['E10000002', 'E06000060']
    """
    return _local_authorities().clone()


@functools.cache
def _authorities_by_code() -> dict[str, tuple[LocalAuthority, ...]]:
    by_code: dict[str, tuple[LocalAuthority, ...]] = {}
    for row in _local_authorities().iter_rows(named=True):
        by_code[row["la_code"]] = (*by_code.get(row["la_code"], ()), LocalAuthority(**row))
    return by_code


def local_authority(la_code: str, year: int | None = None) -> LocalAuthority:
    """The authority with a DfE code as it was in a reporting year, or as it last was.

    Raises `UsageError`, naming the nearest authority, when no authority has the code or it did not exist in that year.

    >>> local_authority("933", 2023).ons_code, local_authority("933").ons_code
    ('E10000027', 'E06000066')
    """
    spans = _authorities_by_code().get(la_code)
    if spans is None:
        raise UsageError(f"No local authority has the code {la_code!r}: {_nearest_authority(la_code)}")
    if year is None:
        return spans[-1]
    _check_year(year)
    for span in spans:
        if span.first_year <= year <= (span.last_year or year):
            return span
    name, first, last = spans[-1].name, spans[0].first_year, spans[-1].last_year
    span = f"from {first} to {last}" if last else f"from {first}"
    raise UsageError(f"{name} ({la_code}) is an authority {span}, not in {year}{_counterpart(name, year)}.")


def authority_names(year: int) -> dict[str, str]:
    """The name of each authority that existed in a reporting year, by DfE code. Raises `UsageError` before 2013.

    >>> authority_names(2023)["909"], "909" in authority_names(2024), len(authority_names(2025))
    ('Cumbria', False, 153)
    """
    _check_year(year)
    existed = pl.col("first_year").le(year) & pl.col("last_year").fill_null(year).ge(year)
    return dict(_local_authorities().filter(existed).select("la_code", "name").iter_rows())


def region_of(la_code: str) -> Region:
    """The region an authority is in; no reorganisation since 2013 changed it. Raises `UsageError` for an unknown code.

    >>> region_of("302")
    Region(code='E12000007', name='London')
    """
    authority = local_authority(la_code)
    return Region(authority.region_code, authority.region_name)


def _check_year(year: int) -> None:
    if year < FIRST_YEAR:
        raise UsageError(f"The list of authorities begins in reporting year {FIRST_YEAR}: {year} is too early.")


def _nearest_authority(text: str) -> str:
    """What to type instead: the authority whose DfE code, ONS code or name is nearest."""
    meant: dict[str, str] = {}
    for code, spans in _authorities_by_code().items():
        meant |= {code: code} | {key.casefold(): code for span in spans for key in (span.name, span.ons_code)}
    found = nearest(str(text).strip().casefold(), meant)
    if found is None:
        return "give the three digits DfE uses, such as 302 for Barnet."
    return f"did you mean {meant[found]} ({_authorities_by_code()[meant[found]][-1].name})?"


def _counterpart(name: str, year: int) -> str:
    """The authority of that year with the nearest name, as the end of a sentence; nothing when none is near."""
    codes = {each: code for code, each in authority_names(year).items()}
    found = nearest(name, codes)
    return f": in {year} there was {codes[found]} ({found})" if found else ""


@functools.cache
def _populations() -> pl.DataFrame:
    wide = read_reference("populations")
    spans = _local_authorities().group_by("la_code").agg(pl.col("first_year").min(), pl.col("last_year").last())
    long = wide.unpivot(index="la_code", variable_name="mid_year", value_name="population").select(
        pl.col("la_code").cast(LA_CODE), pl.col("mid_year").cast(pl.Int16), pl.col("population").cast(pl.Int32)
    )
    year = pl.col("mid_year") + 1
    existed = year.ge(pl.col("first_year")) & year.le(pl.col("last_year").fill_null(year))
    return long.join(spans, on="la_code").filter(existed).drop("first_year", "last_year").sort("mid_year", "la_code")


def populations() -> pl.DataFrame:
    """Persons aged 0 to 17 by authority and mid-year: `la_code` (Enum), `mid_year` (Int16), `population` (Int32).

    One row for each authority that existed in the reporting year that uses the mid-year. The population is null where
    there is no estimate (the former Dorset, Poole and Bournemouth, mid-2012 to mid-2018): the total of an area that
    holds a null is not known.

    >>> populations().filter(mid_year=2024)["population"].sum()
    12183016
    """
    return _populations().clone()


def population(la_code: str, mid_year: int) -> int | None:
    """Persons aged 0 to 17 in an authority at a mid-year; None where there is no estimate or it did not exist.

    Raises `UsageError` for an unknown code, and for a mid-year outside the estimates.

    >>> population("302", 2024), population("942", 2020)
    (93851, None)
    """
    local_authority(la_code)
    found = _population_at(mid_year).filter(la_code=la_code)["population"]
    return found[0] if len(found) else None


def population_for_reporting_year(year: int) -> pl.DataFrame:
    """The populations a rate for a reporting year divides by, those of the mid-year before: `la_code`, `population`.

    One row for each authority of that year; null where there is no estimate. Raises `UsageError` for a year whose
    mid-year is outside the estimates.

    >>> population_for_reporting_year(2025).filter(la_code="302").rows()
    [('302', 93851)]
    """
    return _population_at(year - 1).select("la_code", "population")


def population_mid_years() -> range:
    """The mid-years for which there are populations; each serves the reporting year after it.

    >>> population_mid_years()
    range(2012, 2025)
    """
    known = _populations()["mid_year"].to_list()
    return range(known[0], known[-1] + 1)


def _population_at(mid_year: int) -> pl.DataFrame:
    known = population_mid_years()
    if mid_year not in known:
        raise UsageError(
            f"There is no population for mid-{mid_year}: estimates run from mid-{known[0]} to mid-{known[-1]}, "
            f"so rates can be had for reporting years {known[0] + 1} to {known[-1] + 1}."
        )
    return _populations().filter(mid_year=mid_year)


@functools.cache
def _statistical_neighbours() -> pl.DataFrame:
    names = {name[0]: name for name in CLOSENESS.categories}
    nearest_first = read_reference("statistical_neighbours").select(
        pl.col("la_code").cast(LA_CODE),
        pl.int_ranges(1, 11, dtype=pl.UInt8).alias("rank"),
        pl.col("neighbours").str.split(" ").alias("neighbour_la_code"),
        pl.col("closeness").str.split(""),
    )
    return nearest_first.explode("rank", "neighbour_la_code", "closeness").with_columns(
        pl.col("neighbour_la_code").cast(LA_CODE), pl.col("closeness").replace_strict(names, return_dtype=CLOSENESS)
    )


def statistical_neighbours(la_code: str | None = None) -> pl.DataFrame:
    """The ten statistical neighbours of an authority, nearest first, or those of every authority.

    Columns `la_code`, `rank` (UInt8, 1 to 10), `neighbour_la_code` (both codes Enum), `closeness` (Enum). The 2025
    model knows only the authorities of 2025. Raises `UsageError` for any other.

    >>> statistical_neighbours("302").head(2).rows()
    [('302', 1, '320', 'Close'), ('302', 2, '870', 'Close')]
    """
    every = _statistical_neighbours()
    if la_code is None:
        return every.clone()
    authority = local_authority(la_code)
    neighbours = every.filter(la_code=la_code)
    if neighbours.is_empty():
        raise UsageError(
            f"{authority.name} ({la_code}) is not in the {NEIGHBOURS_VINTAGE} of statistical neighbours"
            f"{_counterpart(authority.name, LATEST_YEAR)}."
        )
    return neighbours
