"""From paths to validated tables: what a notebook or the command line calls first.

A folder is searched for CIN census XML and for one-file-a-table CSV or Parquet; what is found decides which reader is
used, and a census says itself whose it is and when it ends. What cannot be known is asked for, never guessed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from csc_indicators.errors import UnreadableFile
from csc_indicators.extracts.cin_census import read_cin_census_xml
from csc_indicators.extracts.discovery import discover
from csc_indicators.extracts.raw import RAW_TABLES, RawCinCensus
from csc_indicators.extracts.tabular import read_cin_census_tables
from csc_indicators.tables.cin import CinCensus
from csc_indicators.tables.validation import validate_cin_census

PathLike = str | Path


@dataclass(frozen=True)
class Extracts:
    """Everything that was read: the CIN census tables, and the files they came from.

    `care_episodes` are the periods of care of the same authorities where they are known: `la_code`, `child_id` (as in
    the CIN census), `start_date` and `end_date` (null while it lasts), one row a period of care.
    """

    cin: CinCensus
    files: tuple[Path, ...] = ()
    care_episodes: pl.DataFrame | None = None

    def table(self, name: str) -> pl.DataFrame | None:
        """A table by the name that specs give it, such as `cin.episodes`; None when the extracts do not hold it."""
        if name == "care_episodes":
            return self.care_episodes
        return self.cin.table(name.removeprefix("cin."))


def load(
    paths: PathLike | Iterable[PathLike],
    *,
    on_progress: Callable[[int], None] | None = None,
    on_step: Callable[[str], None] | None = None,
) -> Extracts:
    """Read and validate every extract under some paths.

    Args:
        paths: Files or folders; folders are searched.
        on_progress: Called with the bytes read since the last call.
        on_step: Called with the name of each table as it is validated.

    Raises:
        UnreadableFile: a path does not exist, or a file cannot be read.
        FatalFindings: what was read does not say whose it is or when it ends.
    """
    found = discover(_as_paths(paths))
    parts: list[RawCinCensus] = []
    if found.cin_xml:
        parts.append(read_cin_census_xml(found.cin_xml, on_progress=on_progress))
    if found.cin_tables:
        _require_episodes(found.cin_tables)
        parts.append(read_cin_census_tables(found.cin_tables))
    if not parts:
        raise UnreadableFile("no extract was found: give census XML files, or a folder that holds them")
    raw = _together(parts)
    raw = RawCinCensus(raw.censuses, raw.tables, (*found.findings, *raw.findings))
    return Extracts(validate_cin_census(raw, on_step=on_step), found.files)


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
    return load(paths).cin


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
