"""The files of a return as documents: each a file, or a member of an archive, with the tables that it holds as text.

Only bytes and tables pass through here; which return a table belongs to is decided by the reader of that return.
"""

from __future__ import annotations

import io
import lzma
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from csc_indicators.errors import UnreadableFile
from csc_indicators.extracts.text_tables import read_csv, read_parquet
from csc_indicators.extracts.xml_files import why_not_opened

MOST_UNPACKED = 1 << 31
"""Bytes that one archive may unpack to: far more than any authority's return, far less than would harm."""
READ_INSIDE_ARCHIVES = (".csv", ".xlsx", ".xml")
DAMAGED = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, RuntimeError, EOFError, OSError, ValueError)
"""What opening a damaged or protected archive may end in, whichever way its members are packed."""


@dataclass(frozen=True)
class Document:
    """One file, or one member of an archive: how messages call it, and what it holds.

    An archive without any file that can be read is one document of suffix `.zip`, which holds nothing.
    """

    label: str
    suffix: str
    data: bytes
    named: bool
    """Whether somebody gave this very file: then it must be one that can be read."""


def documents(
    files: Sequence[Path], named: set[Path], on_progress: Callable[[int], None] | None = None
) -> Iterator[Document]:
    """The documents of some files, archives unpacked in memory.

    Raises:
        UnreadableFile: a file cannot be opened, or an archive is damaged, protected, or unpacks to too much.
    """
    for path in files:
        try:
            data = path.read_bytes()
        except OSError as error:
            raise UnreadableFile(f"{path}: {why_not_opened(error)}") from None
        if path.suffix.lower() == ".zip":
            yield from _members(path, data, named=path in named)
        else:
            yield Document(str(path), path.suffix.lower(), data, path in named)
        if on_progress:
            on_progress(len(data))


def _members(path: Path, data: bytes, *, named: bool) -> Iterator[Document]:
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
                    yield Document(f"{path}!{printable(info.filename)}", suffix, archive.read(info), named=False)
    except DAMAGED:
        raise UnreadableFile(
            f"{path}: the archive is damaged, protected by a password or packed in an unusual way. Unpack it and give "
            "the files."
        ) from None
    if not found:
        yield Document(str(path), ".zip", b"", named=named)


def printable(name: str) -> str:
    """The name of a sheet or of an archive's member fit for a message."""
    return re.sub(r"[^\w./ -]", "", name)[:120]


def text_tables(document: Document) -> list[tuple[str, pl.DataFrame]]:
    """The tables of a CSV or Parquet file or of a workbook, each with what to call its place.

    Raises:
        UnreadableFile: the document is not what its ending says, or cannot be believed.
    """
    if document.suffix == ".csv":
        return [(document.label, read_csv(document.data, document.label))]
    if document.suffix == ".parquet":
        return [(document.label, read_parquet(document.data, document.label))]
    return list(_sheets(document))


def with_plain_names(frame: pl.DataFrame, label: str) -> pl.DataFrame:
    """A table whose column names are in capitals and without spaces around them.

    Raises:
        UnreadableFile: two columns then have one name.
    """
    names = [column.strip().upper() for column in frame.columns]
    if len(set(names)) < len(names):
        raise UnreadableFile(f"{label}: a column name is given twice. Give each column a name of its own.")
    return frame.rename(dict(zip(frame.columns, names, strict=True)))


def _sheets(document: Document) -> Iterator[tuple[str, pl.DataFrame]]:
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
        yield f"{document.label}!{printable(name)}", frame.with_columns(a_day)
