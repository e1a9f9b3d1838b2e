"""Which files under some paths are extracts, and of what kind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from csc_indicators.errors import Finding, UnreadableFile
from csc_indicators.extracts.raw import RAW_TABLES

TABLE_SUFFIXES = (".csv", ".parquet")


@dataclass(frozen=True)
class Discovered:
    """Files by kind, in order of their path, and what was passed over."""

    cin_xml: tuple[Path, ...]
    cin_tables: tuple[Path, ...]
    findings: tuple[Finding, ...]

    @property
    def files(self) -> tuple[Path, ...]:
        """Every file that will be read."""
        return (*self.cin_xml, *self.cin_tables)


def discover(paths: Sequence[Path]) -> Discovered:
    """The extracts under some paths.

    A file named on its own is always read, by its ending; in a folder, XML files and files named for a table of the CIN
    census are read and others are passed over with a finding, hidden ones without.

    Raises:
        UnreadableFile: a path does not exist, or a file named on its own is of no kind that can be read.
    """
    xml: list[Path] = []
    tables: list[Path] = []
    passed_over: list[Finding] = []
    for path in paths:
        if not path.exists():
            raise UnreadableFile(f"{path}: no such file or folder; check the path")
        inside = path.is_dir()
        for file in sorted(path.rglob("*")) if inside else [path]:
            if file.is_dir() or any(part.startswith(".") for part in file.relative_to(path).parts):
                continue
            suffix = file.suffix.lower()
            if suffix == ".xml":
                xml.append(file)
            elif suffix in TABLE_SUFFIXES and (not inside or file.stem.lower() in RAW_TABLES):
                tables.append(file)
            elif inside:
                passed_over.append(_passed_over(file))
            else:
                raise UnreadableFile(f"{file}: not a kind of file that can be read; give .xml, .csv or .parquet")
    return Discovered(tuple(dict.fromkeys(xml)), tuple(dict.fromkeys(tables)), tuple(passed_over))


def _passed_over(file: Path) -> Finding:
    return Finding(
        stage="extracts",
        severity="kept",
        rule="file_passed_over",
        source_file=str(file),
        message="not an extract that is known; the file was not read",
        advice="name a CSV or Parquet file for the table it holds, or move the file out of the folder",
    )
