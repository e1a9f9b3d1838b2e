"""Tables as files hold them, CSV and Parquet, read as text; a file that cannot be believed is refused.

Nothing is inferred and nothing is filled in: a line of another length than the header, a quotation mark out of place or
another text encoding is said with its line. Messages never quote the file.
"""

from __future__ import annotations

import codecs
import contextlib
import csv
import io
import re
from datetime import time
from pathlib import Path

import polars as pl

from csc_indicators.errors import UnreadableFile
from csc_indicators.extracts.xml_files import ARCHIVES

UTF_16_MARKS = (b"\xff\xfe", b"\xfe\xff")
PARQUET_MAGIC = b"PAR1"


def read_csv(data: bytes, path: Path | str) -> pl.DataFrame:
    """The text columns of a CSV file in UTF-8, with or without a byte-order mark.

    Raises:
        UnreadableFile: the file is in another encoding, of another kind, has no header or a name twice in it, or has
            lines of differing length.
    """
    if data.startswith(UTF_16_MARKS):
        raise UnreadableFile(f"{path}: the file is UTF-16 text. Save it as CSV in UTF-8.")
    for magic, kind in {**ARCHIVES, PARQUET_MAGIC: "a Parquet file"}.items():
        if data.startswith(magic):
            raise UnreadableFile(
                f"{path}: the file is {kind}, not CSV. Save it as CSV in UTF-8, or correct its ending."
            )
    data = data.removeprefix(codecs.BOM_UTF8).rstrip(b"\r\n")
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise UnreadableFile(f"{path}: line {line}: the text is not UTF-8. Save the file as CSV in UTF-8.") from None
    header = text if "\n" not in text else text[: text.index("\n")]
    nothing: list[str] = []
    try:
        names = [name.strip() for name in next(csv.reader([header]), nothing)]
    except csv.Error:
        raise UnreadableFile(
            f"{path}: line 1: it cannot be read as one line of column names; its lines may end as on old Macintosh "
            "computers. Save the file as CSV in UTF-8 again."
        ) from None
    if not any(names):
        raise UnreadableFile(f"{path}: the file has no header. Its first line must name the columns.")
    if len(set(names)) < len(names):
        raise UnreadableFile(f"{path}: line 1: a column name is given twice. Give each column a name of its own.")
    if b'"' in data or data.count(b",") != (data.count(b"\n") + 1) * (len(names) - 1):
        _refuse_ragged_lines(text, len(names), path)
    with contextlib.suppress(pl.exceptions.PolarsError):  # its message can quote the file
        return pl.read_csv(data, infer_schema=False, new_columns=names)
    # The counts above agree when one line is too long by as much as another is too short.
    _refuse_ragged_lines(text, len(names), path)
    raise UnreadableFile(f"{path}: the file is not well-formed CSV. Save it as CSV in UTF-8 again.")


def _refuse_ragged_lines(text: str, width: int, path: Path | str) -> None:
    """Refuse a file in which a line has more or fewer fields than the header (polars would fill a short one)."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    line = 1
    try:
        for fields in reader:
            if len(fields) != width:
                raise UnreadableFile(
                    f"{path}: line {line}: it has {len(fields)} fields where the header has {width}. Look for a comma "
                    "or a quotation mark inside a field, or an empty line, and save the file as CSV again."
                )
            line = reader.line_num + 1
    except csv.Error:
        raise UnreadableFile(
            f"{path}: line {line}: a quotation mark is out of place. Save the file as CSV again."
        ) from None


def read_parquet(data: bytes, path: Path | str) -> pl.DataFrame:
    """A Parquet file as it is.

    Raises:
        UnreadableFile: the file is not Parquet, or is damaged.
    """
    try:
        frame = pl.read_parquet(io.BytesIO(data))
    except (pl.exceptions.PolarsError, OSError):
        raise UnreadableFile(f"{path}: the file is not Parquet, or is damaged. Write or copy it again.") from None
    return frame


def as_text(column: str, dtype: pl.DataType, path: Path | str) -> pl.Expr:
    """Any column as stripped text: dates as ISO, flags as true and false, whole numbers without a decimal point."""
    cell = pl.col(column)
    if isinstance(dtype, pl.Datetime):
        date = cell.dt.date()
        cell = pl.when(cell.dt.time() == time()).then(date.cast(pl.String)).otherwise(cell.dt.strftime("%FT%T"))
    elif dtype.is_float() or dtype.is_decimal():
        cell = cell.cast(pl.String).str.replace(r"\.0+$", "").replace("NaN", None)
    elif dtype.is_nested() or isinstance(dtype, pl.Binary | pl.Object | pl.Duration | pl.Time):
        raise UnreadableFile(f"{path}: the column {shown_name(column)} holds neither text, numbers, dates nor flags.")
    text = cell.cast(pl.String).str.strip_chars()
    return pl.when(text != "").then(text).alias(column)


def shown_name(column: str) -> str:
    """A column name fit for a message: a damaged header could hold anything."""
    return re.sub(r"[^A-Za-z0-9_.-]", "", column)[:60]
