"""From paths to validated tables: what a notebook or the command line calls first.

A folder is searched for CIN census XML, for one-file-a-table CSV or Parquet, for returns on looked-after children and
for workforce censuses; what is found decides which reader is used. An XML census says itself whose it is and when it
ends; for other files their folder, a `return.toml` or an argument does. What cannot be known is asked for, never
guessed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import polars as pl

from csc_indicators.codes import PRE_PROCEEDINGS_FROM
from csc_indicators.errors import Finding, UnreadableFile
from csc_indicators.extracts.cin_census import read_cin_census_xml
from csc_indicators.extracts.context import read_context_files
from csc_indicators.extracts.discovery import Discovered, discover
from csc_indicators.extracts.postcodes import read_postcodes
from csc_indicators.extracts.raw import RAW_TABLES, RawCinCensus
from csc_indicators.extracts.ssda903 import read_ssda903_files
from csc_indicators.extracts.tabular import read_cin_census_tables
from csc_indicators.extracts.workforce import read_workforce_files
from csc_indicators.histories.groups import social_care_groups
from csc_indicators.histories.periods_of_care import periods_of_care, periods_of_care_in_census
from csc_indicators.histories.pre_proceedings import family_group_decisions
from csc_indicators.periods import reporting_year_of, year, years
from csc_indicators.tables.accounting import RowAccount
from csc_indicators.tables.cin import COVERAGE_SCHEMA, CinCensus
from csc_indicators.tables.context import Context
from csc_indicators.tables.context_validation import validate_context
from csc_indicators.tables.ssda903 import Ssda903
from csc_indicators.tables.ssda903_validation import validate_ssda903
from csc_indicators.tables.validation import validate_cin_census
from csc_indicators.tables.workforce import Workforce
from csc_indicators.tables.workforce_validation import validate_workforce

PathLike = str | Path
PRE_PROCEEDINGS_BEGIN = year(PRE_PROCEEDINGS_FROM).start
Collection = CinCensus | Ssda903 | Workforce | Context
"""The validated tables of one return, or those that were supplied."""


@dataclass(frozen=True)
class Extracts:
    """Everything that was read: the tables of each collection, and the files they came from.

    `care_episodes` are the periods of care of the same authorities: `la_code`, `child_id` (as in the CIN census),
    `start_date` and `end_date` (null while it lasts), one row a period of care. They are worked out from the return on
    looked-after children when that is among the extracts. `postcodes` says where postcodes lie, when it was given.
    """

    cin: CinCensus | None = None
    files: tuple[Path, ...] = ()
    care_episodes: pl.DataFrame | None = field(default=None, repr=False)  # rows about children
    ssda903: Ssda903 | None = None
    postcodes: pl.DataFrame | None = field(default=None, repr=False)
    workforce: Workforce | None = None
    context: Context | None = None

    def __post_init__(self) -> None:
        """Work out the periods of care that the census indicators ask for, unless they were given."""
        if self.care_episodes is None and self.cin is not None and self.ssda903 is not None:
            known = periods_of_care_in_census(self.ssda903.episodes, self.cin.children).collect()
            object.__setattr__(self, "care_episodes", known)
        if self.cin is not None and (self.cin.coverage["observed_to"] >= PRE_PROCEEDINGS_BEGIN).any():
            object.__setattr__(self, "context", _with_family_group_decisions(self.context, self.cin))

    @property
    def collections(self) -> Mapping[str, Collection]:
        """The collections that are held, by name."""
        held = {"cin": self.cin, "ssda903": self.ssda903, "workforce": self.workforce, "context": self.context}
        return {name: tables for name, tables in held.items() if tables is not None}

    @property
    def coverage(self) -> pl.DataFrame:
        """The unbroken spans of every authority's returns, by collection."""
        return pl.concat([COVERAGE_SCHEMA.to_frame(), *(tables.coverage for tables in self.collections.values())])

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What is wrong or worth knowing, of every collection."""
        return tuple(finding for tables in self.collections.values() for finding in tables.findings)

    @property
    def accounts(self) -> tuple[RowAccount, ...]:
        """What became of every row read, by table, of every collection."""
        return tuple(account for tables in self.collections.values() for account in tables.accounts)

    @cached_property
    def social_care_groups(self) -> pl.DataFrame | None:
        """The social care group of each child at the end of each year that both returns on children cover.

        `la_code`, `child_id`, `year` and `social_care_group`: what tables on education are matched with. None without
        both returns.
        """
        if self.cin is None or self.ssda903 is None:
            return None
        spans = pl.concat([self.cin.coverage, self.ssda903.coverage])
        first = min(reporting_year_of(day) for day in spans["observed_from"])
        last = max(reporting_year_of(day) for day in spans["observed_to"])
        groups = social_care_groups(
            self.cin.episodes, self.cin.child_protection_plans, self.ssda903.episodes, periods=years(first, last)
        )
        return groups.select(
            "la_code",
            "child_id",
            pl.col("period").cast(pl.String).cast(pl.Int32).alias("year"),
            "social_care_group",
        ).collect()

    @cached_property
    def periods_of_care(self) -> pl.DataFrame | None:
        """The periods of care of the return on looked-after children; None without it."""
        return None if self.ssda903 is None else periods_of_care(self.ssda903.episodes).collect()

    def table(self, name: str) -> pl.DataFrame | None:
        """A table by the name that specs give it, such as `cin.episodes`; None when the extracts do not hold it."""
        if name in ("care_episodes", "postcodes", "social_care_groups", "periods_of_care"):
            return getattr(self, name)
        if name == "population":
            return None if self.context is None else self.context.table(name)
        collection, _, table = name.rpartition(".")
        tables = self.collections.get(collection or "cin")
        return None if tables is None else tables.table(table)


def _with_family_group_decisions(supplied: Context | None, cin: CinCensus) -> Context:
    """The supplied tables with that of family group decision making, made from the census unless it was supplied."""
    name = "family_group_decisions"
    if supplied is not None and supplied.table(name) is not None:
        return supplied
    others = supplied or Context({}, COVERAGE_SCHEMA.to_frame())
    asked = cin.coverage.filter(pl.col("observed_to") >= PRE_PROCEEDINGS_BEGIN)
    coverage = asked.with_columns(
        collection=pl.lit(f"context.{name}"),
        observed_from=pl.max_horizontal("observed_from", pl.lit(PRE_PROCEEDINGS_BEGIN)),
    )
    begun = cin.pre_proceedings.filter(pl.col("start_date") >= PRE_PROCEEDINGS_BEGIN)
    return replace(
        others,
        tables={**others.tables, name: family_group_decisions(begun)},
        coverage=pl.concat([others.coverage, coverage]),
    )


def load(
    paths: PathLike | Iterable[PathLike],
    *,
    la_code: str | None = None,
    year: int | None = None,
    on_progress: Callable[[int], None] | None = None,
    on_step: Callable[[str], None] | None = None,
) -> Extracts:
    """Read and validate every extract under some paths.

    Args:
        paths: Files or folders; folders are searched.
        la_code: The authority whose returns these are, three digits, where neither they themselves, their folders nor
            a `return.toml` beside them say it.
        year: The year in which the reporting year of those returns ends, or of the workforce census, as `la_code`.
        on_progress: Called with the bytes read since the last call.
        on_step: Called with the name of each table as it is validated.

    Raises:
        UnreadableFile: a path does not exist, a file cannot be read, or nothing says whose return it is.
        FatalFindings: what was read does not say whose it is or when it ends.
    """
    found = discover(_as_paths(paths))
    said = [*found.findings]  # what is of no collection that was read
    read: dict[str, Any] = {}
    cin = _cin_census(found, on_progress, on_step)
    if cin is not None:
        read["cin"] = cin
    if found.ssda903:
        raw = read_ssda903_files(found.ssda903, la_code=la_code, year=year, named=found.named, on_progress=on_progress)
        if raw.returns.is_empty() or raw.tables["episodes"].is_empty():
            said += raw.findings
        else:
            read["ssda903"] = validate_ssda903(raw, on_step=on_step)
    if found.workforce:
        censuses = read_workforce_files(
            found.workforce, la_code=la_code, year=year, named=found.named, on_progress=on_progress
        )
        if censuses.returns.is_empty():
            said += censuses.findings
        else:
            read["workforce"] = validate_workforce(censuses, on_step=on_step)
    if found.context:
        read["context"] = validate_context(read_context_files(found.context, on_progress=on_progress), on_step=on_step)
    if not read:
        raise UnreadableFile(
            "no extract was found: give census XML files, the files of a return on looked-after children or of a "
            "workforce census, or a folder that holds them"
        )
    postcodes = None
    if found.postcodes:
        postcodes, unusable = read_postcodes(found.postcodes)
        said += unusable
    first = next(iter(read))
    read[first] = replace(read[first], findings=(*said, *read[first].findings))
    return Extracts(files=found.files, postcodes=postcodes, **read)


def _cin_census(
    found: Discovered, on_progress: Callable[[int], None] | None, on_step: Callable[[str], None] | None
) -> CinCensus | None:
    parts: list[RawCinCensus] = []
    if found.cin_xml:
        parts.append(read_cin_census_xml(found.cin_xml, on_progress=on_progress))
    if found.cin_tables:
        _require_episodes(found.cin_tables)
        parts.append(read_cin_census_tables(found.cin_tables))
    if not parts:
        return None
    raw = _together(parts)
    return validate_cin_census(raw, on_step=on_step)


def read_ssda903(
    paths: PathLike | Iterable[PathLike], *, la_code: str | None = None, year: int | None = None
) -> Ssda903:
    """Read, validate and stack returns on looked-after children: CSV, Excel, XML, or a zip of any of them.

    Args:
        paths: Files or folders; folders are searched. Several years and authorities may be given at once.
        la_code: Whose returns these are, three digits, where neither folders (`302/2025`) nor a `return.toml` say it.
        year: The year in which their reporting year ends, as `la_code`.

    Returns:
        Validated tables, one row per real event, with `findings`, row `accounts` and `coverage`.

    Raises:
        UnreadableFile: a path does not exist, a file cannot be read, or nothing says whose return it is.
    """
    tables = load(paths, la_code=la_code, year=year).ssda903
    if tables is None:
        raise UnreadableFile(
            "no return on looked-after children was found: give its files or the folder that holds them"
        )
    return tables


def read_context(paths: PathLike | Iterable[PathLike]) -> Context:
    """Read and validate supplied tables: spending, post-holders, attendance and the others, CSV or Excel.

    Args:
        paths: Files or folders; folders are searched. A file is named after its table, such as `finance.csv`, or is
            told by its columns.

    Returns:
        Validated tables, those that were given, with `findings`, row `accounts` and `coverage`.

    Raises:
        UnreadableFile: a path does not exist, a file cannot be read, or it lacks a column that its table needs.
    """
    tables = load(paths).context
    if tables is None:
        raise UnreadableFile("no supplied table was found: give its files or the folder that holds them")
    return tables


def read_workforce(
    paths: PathLike | Iterable[PathLike], *, la_code: str | None = None, year: int | None = None
) -> Workforce:
    """Read and validate workforce censuses: XML as returned, CSV, Excel, or a zip of any of them.

    Args:
        paths: Files or folders; folders are searched. Several years and authorities may be given at once.
        la_code: Whose census CSV and Excel files are, three digits, where neither folders (`302/2025`) nor a
            `return.toml` say it.
        year: The year of their 30 September, as `la_code`.

    Returns:
        Validated tables, one row a post of a worker, with `findings`, row `accounts` and `coverage`.

    Raises:
        UnreadableFile: a path does not exist, a file cannot be read, or nothing says whose census it is.
        FatalFindings: a census does not say whose it is or of which 30 September.
    """
    tables = load(paths, la_code=la_code, year=year).workforce
    if tables is None:
        raise UnreadableFile("no workforce census was found: give its files or the folder that holds them")
    return tables


def read_cin_census(paths: PathLike | Iterable[PathLike]) -> CinCensus:
    """Read, validate and stack CIN censuses: XML as returned, or one CSV or Parquet file a table.

    Args:
        paths: Files or folders; folders are searched. Several years and authorities may be given at once.

    Returns:
        Validated tables, one row per real event, with `findings`, row `accounts` and `coverage`.

    Raises:
        UnreadableFile: a path does not exist, or a file cannot be read.
        FatalFindings: a census does not say whose it is or when it ends.
    """
    cin = load(paths).cin
    if cin is None:
        raise UnreadableFile("no CIN census was found: give census XML files, or a folder that holds them")
    return cin


def _require_episodes(files: Sequence[Path]) -> None:
    """Without a table of episodes nothing could be counted but noughts, and a nought looks like a figure."""
    for folder in dict.fromkeys(file.parent for file in files):
        names = {file.stem.lower(): file for file in files if file.parent == folder}
        if "episodes" not in names:
            given = ", ".join(sorted(file.name for file in names.values()))
            raise UnreadableFile(f"{folder}: {given} given without a table of episodes; add episodes.csv or .parquet")


def _as_paths(paths: PathLike | Iterable[PathLike]) -> list[Path]:
    return [Path(paths)] if isinstance(paths, (str, Path)) else [Path(path) for path in paths]


def _together(parts: Sequence[RawCinCensus]) -> RawCinCensus:
    """Raw censuses from both readers as one, their census numbers made distinct."""
    censuses: list[pl.DataFrame] = []
    tables: dict[str, list[pl.DataFrame]] = {name: [] for name in RAW_TABLES}
    offset = 0
    for part in parts:
        shift = (pl.col("census") + offset).cast(pl.UInt32)
        censuses.append(part.censuses.with_columns(shift))
        for name, frames in tables.items():
            frames.append(part.tables[name].with_columns(shift))
        offset += part.censuses.height
    return RawCinCensus(
        pl.concat(censuses),
        {name: pl.concat(frames) for name, frames in tables.items()},
        tuple(finding for part in parts for finding in part.findings),
    )
