"""Which files under some paths are extracts, and of what kind."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

import polars as pl

from csc_indicators.errors import Finding, UnreadableFile
from csc_indicators.extracts.context_shapes import context_table_of
from csc_indicators.extracts.documents import documents, text_tables
from csc_indicators.extracts.postcodes import is_postcode_table
from csc_indicators.extracts.raw import RAW_TABLES
from csc_indicators.extracts.raw_ssda903 import table_of
from csc_indicators.extracts.raw_workforce import census_table_of
from csc_indicators.extracts.ssda903_xml import ROOT as SSDA903_ROOT
from csc_indicators.extracts.text_tables import UTF_16_MARKS, read_parquet
from csc_indicators.extracts.whose_return import MANIFEST
from csc_indicators.extracts.workforce import COLLECTION as WORKFORCE_COLLECTION
from csc_indicators.extracts.xml_files import collection_named, collection_within, outermost_element

Kind = Literal["cin_xml", "cin_tables", "ssda903", "workforce", "context", "postcodes"]

TABLES_BY_ENDING = (".csv", ".parquet")
OF_A_SIMULATION = ("truth.parquet", "faults.parquet")
"""What `synthesise` writes beside the returns: no extract."""
HEADER_BYTES = 1 << 16
"""How much of a CSV file is looked at for its first line."""


@dataclass(frozen=True)
class Discovered:
    """Files by kind, in order of their path, those that somebody gave by name, and what was passed over."""

    cin_xml: tuple[Path, ...]
    cin_tables: tuple[Path, ...]
    ssda903: tuple[Path, ...]
    workforce: tuple[Path, ...]
    context: tuple[Path, ...]
    postcodes: tuple[Path, ...]
    named: tuple[Path, ...]
    findings: tuple[Finding, ...]

    @property
    def files(self) -> tuple[Path, ...]:
        """Every file that will be read."""
        return (*self.cin_xml, *self.cin_tables, *self.ssda903, *self.workforce, *self.context, *self.postcodes)


def discover(paths: Sequence[Path]) -> Discovered:
    """The extracts under some paths.

    A CSV or Parquet file is told by its columns, an XML file by its outermost element. A file named on its own is
    always read; in a folder, files that are no extract are passed over with a finding, hidden ones without.

    Raises:
        UnreadableFile: a path does not exist, or a file named on its own is of no kind that can be read.
    """
    found: dict[Kind, dict[Path, None]] = {kind: {} for kind in get_args(Kind)}
    passed_over: list[Finding] = []
    for path in paths:
        if not path.exists():
            raise UnreadableFile(f"{path}: no such file or folder; check the path")
        inside = path.is_dir()
        for file in sorted(path.rglob("*")) if inside else [path]:
            hidden = any(part.startswith(".") for part in file.relative_to(path).parts)
            if file.is_dir() or hidden or file.name == MANIFEST or (inside and file.name in OF_A_SIMULATION):
                continue
            kind = _kind_of(file, inside=inside)
            if kind is not None:
                found[kind][file] = None
            elif inside:
                passed_over.append(_passed_over(file))
            else:
                raise UnreadableFile(
                    f"{file}: not a kind of file that can be read; give .xml, .csv, .parquet, .xlsx or .zip"
                )
    return Discovered(
        *(tuple(files) for files in found.values()),
        named=tuple(path for path in paths if path.is_file()),
        findings=tuple(passed_over),
    )


def _kind_of(file: Path, *, inside: bool) -> Kind | None:
    """What a file holds; None when it is nothing that is known. One named on its own must be something."""
    suffix = file.suffix.lower()
    if suffix == ".xml":
        if outermost_element(file) == SSDA903_ROOT:
            return "ssda903"
        return "workforce" if collection_named(file) == WORKFORCE_COLLECTION else "cin_xml"
    if suffix in (".xlsx", ".zip"):
        return _kind_of_package(file)
    if suffix not in TABLES_BY_ENDING:
        return None
    columns = _columns_of(file)
    of_columns = _kind_of_columns(columns, file.stem)
    if of_columns is None and (not inside or file.stem.lower() in RAW_TABLES):
        if suffix == ".parquet" and not columns:
            read_parquet(file.read_bytes(), file)  # says that it is damaged: whose table it was cannot be told
        return "cin_tables"
    return of_columns


def _kind_of_columns(columns: list[str], stem: str) -> Kind | None:
    """What a CSV file with these columns holds, when its columns or its name say it."""
    if table_of(columns) is not None:
        return "ssda903"
    if census_table_of(columns) is not None:
        return "workforce"
    if is_postcode_table(columns):
        return "postcodes"
    return "context" if context_table_of(columns, stem) is not None and stem.lower() not in RAW_TABLES else None


def _kind_of_package(file: Path) -> Kind:
    """What a workbook or an archive holds: by the columns of its first table that is known, or its XML."""
    try:
        for document in documents([file], set()):
            if document.suffix == ".xml":
                if collection_within(io.BytesIO(document.data)) == WORKFORCE_COLLECTION:
                    return "workforce"
                continue
            for label, frame in [] if document.suffix == ".zip" else text_tables(document):
                if table_of(frame.columns) is not None:
                    return "ssda903"
                if census_table_of(frame.columns) is not None:
                    return "workforce"
                if context_table_of(frame.columns, Path(label.rpartition("!")[2]).stem) is not None:
                    return "context"
    except UnreadableFile:
        pass  # its reader says what is wrong with it
    return "ssda903"


def _columns_of(file: Path) -> list[str]:
    """The column names of a CSV or Parquet file; nothing when it cannot be read, which its reader then says.

    In whatever encoding: what is wrong with that is said by the reader that the columns lead to.
    """
    try:
        if file.suffix.lower() == ".parquet":
            return list(pl.read_parquet_schema(file))
        with file.open("rb") as stream:
            begins = stream.read(HEADER_BYTES)
        encoding = "utf-16" if begins.startswith(UTF_16_MARKS) else "utf-8-sig"
        first = begins.decode(encoding, errors="replace").splitlines()[:1]
        return next(csv.reader(first))
    except (OSError, csv.Error, StopIteration, pl.exceptions.PolarsError):
        return []


def _passed_over(file: Path) -> Finding:
    return Finding(
        stage="extracts",
        severity="kept",
        rule="file_passed_over",
        source_file=str(file),
        message="not an extract that is known; the file was not read",
        advice="name a CSV or Parquet file for the table it holds, or move the file out of the folder",
    )
