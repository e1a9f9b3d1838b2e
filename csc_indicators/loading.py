"""From paths to validated tables: what a notebook or the command line calls first.

A folder is searched for CIN census XML, for one-file-a-table CSV or Parquet, and for returns on looked-after children;
what is found decides which reader is used. A census says itself whose it is and when it ends; for the other return its
folder, a `return.toml` or an argument does. What cannot be known is asked for, never guessed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import polars as pl

from csc_indicators.errors import Finding, UnreadableFile
from csc_indicators.extracts.cin_census import read_cin_census_xml
from csc_indicators.extracts.discovery import Discovered, discover
from csc_indicators.extracts.postcodes import read_postcodes
from csc_indicators.extracts.raw import RAW_TABLES, RawCinCensus
from csc_indicators.extracts.ssda903 import read_ssda903_files
from csc_indicators.extracts.tabular import read_cin_census_tables
from csc_indicators.histories.periods_of_care import periods_of_care_in_census
from csc_indicators.tables.accounting import RowAccount
from csc_indicators.tables.cin import COVERAGE_SCHEMA, CinCensus
from csc_indicators.tables.ssda903 import Ssda903
from csc_indicators.tables.ssda903_validation import validate_ssda903
from csc_indicators.tables.validation import validate_cin_census

PathLike = str | Path


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

    def __post_init__(self) -> None:
        """Work out the periods of care that the census indicators ask for, unless they were given."""
        if self.care_episodes is None and self.cin is not None and self.ssda903 is not None:
            known = periods_of_care_in_census(self.ssda903.episodes, self.cin.children).collect()
            object.__setattr__(self, "care_episodes", known)

    @property
    def collections(self) -> Mapping[str, CinCensus | Ssda903]:
        """The collections that are held, by name."""
        held = {"cin": self.cin, "ssda903": self.ssda903}
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

    def table(self, name: str) -> pl.DataFrame | None:
        """A table by the name that specs give it, such as `cin.episodes`; None when the extracts do not hold it."""
        if name in ("care_episodes", "postcodes"):
            return getattr(self, name)
        collection, _, table = name.rpartition(".")
        tables = self.collections.get(collection or "cin")
        return None if tables is None else tables.table(table)


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
        la_code: The authority whose returns on looked-after children these are, three digits, where neither their
            folders nor a `return.toml` beside them say it.
        year: The year in which the reporting year of those returns ends, as `la_code`.
        on_progress: Called with the bytes read since the last call.
        on_step: Called with the name of each table as it is validated.

    Raises:
        UnreadableFile: a path does not exist, a file cannot be read, or nothing says whose return it is.
        FatalFindings: what was read does not say whose it is or when it ends.
    """
    found = discover(_as_paths(paths))
    cin = _cin_census(found, on_progress, on_step)
    ssda903 = None
    if found.ssda903:
        raw = read_ssda903_files(found.ssda903, la_code=la_code, year=year, named=found.named, on_progress=on_progress)
        findings = raw.findings if cin is not None else (*found.findings, *raw.findings)
        if not raw.returns.is_empty() and not raw.tables["episodes"].is_empty():
            ssda903 = validate_ssda903(replace(raw, findings=findings), on_step=on_step)
    if cin is None and ssda903 is None:
        raise UnreadableFile(
            "no extract was found: give census XML files, the files of a return on looked-after children, or a folder "
            "that holds them"
        )
    postcodes = None
    if found.postcodes:
        postcodes, unusable = read_postcodes(found.postcodes)
        if ssda903 is not None:
            ssda903 = replace(ssda903, findings=(*ssda903.findings, *unusable))
    return Extracts(cin, found.files, ssda903=ssda903, postcodes=postcodes)


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
    return validate_cin_census(replace(raw, findings=(*found.findings, *raw.findings)), on_step=on_step)


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
