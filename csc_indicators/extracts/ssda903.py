"""Reads the return on looked-after children (SSDA903) as text: CSV, an Excel workbook, XML, or a zip of any of them.

No file of the return says which authority made it or for which year (`ReturnOf`). Both come from the arguments, from a
`return.toml` beside the files (`la_code = "302"`, `year = 2025`) or from the folders they lie in (`302/2025/`), in that
order; what none of them says is asked for. Everything is read as text; what it means is decided in `tables`.
"""

from __future__ import annotations

import io
import lzma
import re
import tomllib
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import polars as pl

from csc_indicators.codes import LA_CODE_PATTERN
from csc_indicators.errors import Finding, UnreadableFile
from csc_indicators.extracts.raw_ssda903 import RETURNS_SCHEMA, TABLES, RawSsda903, table_of
from csc_indicators.extracts.ssda903_xml import read_return_xml
from csc_indicators.extracts.text_tables import as_text, read_csv, shown_name
from csc_indicators.extracts.xml_files import why_not_opened

MANIFEST = "return.toml"
YEAR_PATTERN = r"20\d{2}"
MOST_UNPACKED = 1 << 31
"""Bytes that one archive may unpack to: far more than any authority's return, far less than would harm."""
READ_INSIDE_ARCHIVES = (".csv", ".xlsx", ".xml")
DAMAGED = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, RuntimeError, EOFError, OSError, ValueError)
"""What opening a damaged or protected archive may end in, whichever way its members are packed."""


@dataclass(frozen=True, order=True)
class ReturnOf:
    """Whose return, and for the year that ends in which March."""

    la_code: str
    year: int


@dataclass(frozen=True)
class _Document:
    """One file, or one member of an archive: how messages call it, and what it holds."""

    label: str
    suffix: str
    data: bytes
    named: bool
    """Whether somebody gave this very file: then it must be one that can be read."""


def read_ssda903_files(
    paths: Sequence[Path],
    *,
    la_code: str | None = None,
    year: int | None = None,
    named: Iterable[Path] = (),
    on_progress: Callable[[int], None] | None = None,
) -> RawSsda903:
    """Read the files of one or more returns.

    Args:
        paths: The files.
        la_code: The authority of all of them, three digits; read from their folders or `return.toml` when left out.
        year: The year in which the reporting year of all of them ends; as `la_code`.
        named: Those of the files that must be part of a return: an unknown one is an error, not passed over.
        on_progress: Called with the bytes read since the last call.

    Raises:
        UnreadableFile: a file cannot be read, nothing says whose it is or of which year, or a return holds a table
            twice.
    """
    must = {*named}
    findings: list[Finding] = []
    by_return = _by_return(paths, la_code, year, must, findings)
    parts: dict[str, list[pl.DataFrame]] = {name: [shape.schema.to_frame()] for name, shape in TABLES.items()}
    rows: list[tuple[Any, ...]] = []
    for number, whose in enumerate(sorted(by_return)):
        files = by_return[whose]
        held: dict[str, str] = {}
        for document in _documents(files, must, on_progress):
            for name, label, table in _tables_of(document, findings):
                if name in held:
                    raise UnreadableFile(
                        f"{label}: {held[name]} holds the same table ({TABLES[name].file}) of the same return "
                        f"({whose.la_code}, {whose.year}). Give one of them."
                    )
                held[name] = label
                shaped = _shaped(name, table, number, label, findings)
                parts[name].append(shaped)
        if not held:  # files that are none of a return do not make one: its figures would be noughts
            continue
        rows.append((number, whose.la_code, whose.year, str(files[0].parent)))
        if "episodes" not in held:
            raise UnreadableFile(
                f"{files[0].parent}: the return of {whose.la_code} for {whose.year} has no table of episodes "
                "(columns CHILD, DECOM, PLACE and others). Give it with the others."
            )
    return RawSsda903(
        pl.DataFrame(rows, schema=RETURNS_SCHEMA, orient="row"),
        {name: pl.concat(frames, rechunk=True) for name, frames in parts.items()},
        tuple(findings),
    )


def _by_return(
    paths: Sequence[Path], la_code: str | None, year: int | None, must: set[Path], findings: list[Finding]
) -> dict[ReturnOf, list[Path]]:
    """The files of each return; what is none is passed over, whether or not anything says whose it is."""
    by_return: dict[ReturnOf, list[Path]] = {}
    for path in paths:
        try:
            whose = _return_of(path, la_code, year)
        except UnreadableFile:
            # Nobody need say whose a workbook or an archive is that lies in the folder and is no return.
            if path in must or _holds_a_table(path):
                raise
            findings.append(_not_a_table(str(path)))
        else:
            by_return.setdefault(whose, []).append(path)
    return by_return


def _holds_a_table(path: Path) -> bool:
    """Whether a file holds any table of the return."""
    return any(True for document in _documents([path], set(), None) for _ in _tables_of(document, []))


def _return_of(path: Path, la_code: str | None, year: int | None) -> ReturnOf:
    """Whose return a file belongs to, and of which year; asked for when nothing says it."""
    said: dict[str, Any] = {"la_code": la_code, "year": year}
    manifest = path.parent / MANIFEST
    if None in said.values() and manifest.is_file():
        try:
            written = tomllib.loads(manifest.read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError):
            raise UnreadableFile(f'{manifest}: not TOML. Write two lines: la_code = "302" and year = 2025.') from None
        said = {name: written.get(name) if value is None else value for name, value in said.items()}
    folders = [folder.name for folder in path.resolve().parents]
    for inner, outer in pairwise(folders):
        if re.fullmatch(YEAR_PATTERN, inner, re.ASCII) and re.fullmatch(LA_CODE_PATTERN, outer, re.ASCII):
            said = {
                "la_code": said["la_code"] if said["la_code"] is not None else outer,
                "year": said["year"] if said["year"] is not None else int(inner),
            }
            break
    for name, what in (("la_code", "authority's"), ("year", "year's")):
        if said[name] is None:
            raise UnreadableFile(
                f"{path}: nothing says which {what} return this is. Put its files in a folder <authority>/<year>, such "
                f'as 302/2025, or beside a file {MANIFEST} with la_code = "302" and year = 2025.'
            )
    if not re.fullmatch(LA_CODE_PATTERN, str(said["la_code"]), re.ASCII):
        raise UnreadableFile(f'{path}: la_code must be the three digits of an authority, as text, such as "302".')
    if not re.fullmatch(YEAR_PATTERN, str(said["year"]), re.ASCII):
        raise UnreadableFile(f"{path}: year must be the year in which the reporting year ends, such as 2025.")
    return ReturnOf(str(said["la_code"]), int(said["year"]))


def _documents(
    files: Sequence[Path], named: set[Path], on_progress: Callable[[int], None] | None
) -> Iterator[_Document]:
    for path in files:
        try:
            data = path.read_bytes()
        except OSError as error:
            raise UnreadableFile(f"{path}: {why_not_opened(error)}") from None
        if path.suffix.lower() == ".zip":
            yield from _members(path, data, named=path in named)
        else:
            yield _Document(str(path), path.suffix.lower(), data, path in named)
        if on_progress:
            on_progress(len(data))


def _members(path: Path, data: bytes, *, named: bool) -> Iterator[_Document]:
    """The files of an archive, in order of their names, if they unpack to a size that a return may have.

    An archive without any that can be read is one document, which holds nothing.
    """
    found = False
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = sorted((info for info in archive.infolist() if not info.is_dir()), key=lambda info: info.filename)
            if sum(info.file_size for info in members) > MOST_UNPACKED:
                raise UnreadableFile(
                    f"{path}: the archive unpacks to more than a return can hold. Unpack and check it."
                )
            for info in members:
                suffix = Path(info.filename).suffix.lower()
                if suffix in READ_INSIDE_ARCHIVES and not Path(info.filename).name.startswith("."):
                    found = True
                    yield _Document(f"{path}!{_printable(info.filename)}", suffix, archive.read(info), named=False)
    except DAMAGED:
        raise UnreadableFile(
            f"{path}: the archive is damaged, protected by a password or packed in an unusual way. Unpack it and give "
            "the files."
        ) from None
    if not found:
        yield _Document(str(path), ".zip", b"", named=named)


def _printable(name: str) -> str:
    return re.sub(r"[^\w./ -]", "", name)[:120]


def _tables_of(document: _Document, findings: list[Finding]) -> Iterator[tuple[str, str, pl.DataFrame]]:
    """Every table that a document holds: its name, what to call the place, and its text columns."""
    if document.suffix == ".zip":
        if document.named:
            raise UnreadableFile(
                f"{document.label}: the archive holds no .csv, .xlsx or .xml file. Give one that holds the files of a "
                "return."
            )
        findings.append(_not_a_table(document.label))
        return
    if document.suffix == ".xml":
        tables, faults = read_return_xml(document.data, document.label)
        findings += faults
        for name, table in tables.items():
            yield name, document.label, table
        return
    frames = (
        [(document.label, read_csv(document.data, document.label))]
        if document.suffix == ".csv"
        else list(_sheets(document))
    )
    known = False
    for label, frame in frames:
        name = table_of(frame.columns)
        if name is None:
            if frame.width:
                findings.append(_not_a_table(label))
            continue
        known = True
        names = [column.strip().upper() for column in frame.columns]
        if len(set(names)) < len(names):
            raise UnreadableFile(f"{label}: a column name is given twice. Give each column a name of its own.")
        yield name, label, frame.rename(dict(zip(frame.columns, names, strict=True)))
    if document.named and not known:
        raise UnreadableFile(
            f"{document.label}: no table of the return has these columns. Its first line must name them, such as "
            "CHILD, DECOM, DEC and PLACE."
        )


def _sheets(document: _Document) -> Iterator[tuple[str, pl.DataFrame]]:
    import fastexcel  # noqa: PLC0415 (needed for workbooks only)

    try:
        workbook: Any = fastexcel.read_excel(document.data)  # half of its types are unknown
        sheets = [(name, workbook.load_sheet(name, dtypes="string").to_polars()) for name in workbook.sheet_names]
    except fastexcel.FastExcelError:
        sheets = []
    if not sheets:  # an archive of another kind opens as a workbook without any
        raise UnreadableFile(
            f"{document.label}: not an Excel workbook, damaged, or protected by a password. Save it again as .xlsx."
        )
    # A cell that is a date comes with the midnight it begins at.
    a_day = pl.all().str.replace(r"^(\d{4}-\d{2}-\d{2}) 00:00:00(\.0+)?$", "${1}")
    for name, frame in sheets:
        yield f"{document.label}!{_printable(name)}", frame.with_columns(a_day)


def _not_a_table(label: str) -> Finding:
    return Finding(
        stage="extracts",
        severity="kept",
        rule="file_passed_over",
        source_file=label,
        message="its columns are those of no table of the return on looked-after children; it was not read",
        advice="check the names of its columns, or leave it out",
    )


def _shaped(name: str, table: pl.DataFrame, number: int, label: str, findings: list[Finding]) -> pl.DataFrame:
    """A table with our names, its return, file and row numbers; missing and unknown columns are said."""
    shape = TABLES[name]
    for column, ours in shape.names.items():
        if column not in table.columns and column not in shape.derived:
            findings.append(
                _of_column("missing_column", "the column is not in the file and was read as empty", name, ours, label)
            )
    for column in table.columns:
        if column not in shape.names and column != "source_row":
            what = "the column is not one of this table and was not read"
            findings.append(_of_column("unknown_column", what, name, shown_name(column), label))
    numbered = table if "source_row" in table.columns else table.with_row_index("source_row", offset=1)
    dtypes = table.schema
    return numbered.select(
        pl.lit(number, pl.UInt32).alias("return"),
        pl.lit(label).alias("source_file"),
        pl.col("source_row").cast(pl.UInt32),
        *(
            as_text(column, dtypes[column], label).alias(ours)
            if column in dtypes
            else pl.lit(None, pl.String).alias(ours)
            for column, ours in shape.names.items()
        ),
    )


def _of_column(rule: str, message: str, table: str, column: str, label: str) -> Finding:
    advice = {
        "missing_column": "add it if the return of this year collects it",
        "unknown_column": "correct its name if it is misspelt",
    }
    return Finding(
        stage="extracts",
        severity="kept",
        rule=rule,
        message=message,
        advice=advice[rule],
        table=f"ssda903.{table}",
        column=column,
        source_file=label,
    )
