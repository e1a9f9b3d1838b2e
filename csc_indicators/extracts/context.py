"""Reads supplied tables (context), CSV or Excel, as text, and writes their templates.

A file is named after its table (`finance.csv`; in a workbook the sheet), or is told by its columns. What a file lacks
or has too much is said by name; a column without which nothing can be computed is an error.
"""

from __future__ import annotations

import csv
import difflib
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from csc_indicators.errors import Finding, UnreadableFile, UsageError
from csc_indicators.extracts.column_findings import about_column
from csc_indicators.extracts.context_shapes import CONTEXT_TABLES, ContextTable, context_table_of
from csc_indicators.extracts.documents import Document, documents, text_tables
from csc_indicators.extracts.text_tables import as_text, shown_name
from csc_indicators.names import suggestion


@dataclass(frozen=True)
class RawContext:
    """Supplied tables as read, those that were given: every cell still text, with `source_file` and `source_row`."""

    tables: Mapping[str, pl.DataFrame]
    findings: tuple[Finding, ...] = ()


def read_context_files(paths: Sequence[Path], *, on_progress: Callable[[int], None] | None = None) -> RawContext:
    """Read files of supplied tables; several files of one table are one table.

    Raises:
        UnreadableFile: a file cannot be read, holds no supplied table, or lacks a column that its table needs.
    """
    findings: list[Finding] = []
    parts: dict[str, list[pl.DataFrame]] = {}
    for path in paths:
        known = False
        for document in documents([path], set(), on_progress):
            for label, frame in text_tables(document):
                name = context_table_of(frame.columns, _stem(label, document))
                if name is None:
                    continue
                known = True
                parts.setdefault(name, []).append(_shaped(CONTEXT_TABLES[name], frame, label, findings))
        if not known:
            raise UnreadableFile(
                f"{path}: no supplied table has these columns. Name the file after its table: "
                f"{', '.join(CONTEXT_TABLES)}."
            )
    return RawContext(
        {name: pl.concat(parts[name], rechunk=True) for name in CONTEXT_TABLES if name in parts}, tuple(findings)
    )


def _stem(label: str, document: Document) -> str:
    """What a file, or the sheet of a workbook, is called."""
    return label.rpartition("!")[2] if document.suffix == ".xlsx" else Path(label.rpartition("!")[2]).stem


def _shaped(table: ContextTable, frame: pl.DataFrame, label: str, findings: list[Finding]) -> pl.DataFrame:
    names = [column.strip().lower().replace(" ", "_") for column in frame.columns]
    if len(set(names)) < len(names):
        raise UnreadableFile(f"{label}: a column name is given twice. Give each column a name of its own.")
    frame = frame.rename(dict(zip(frame.columns, names, strict=True)))
    others = [name for name in names if name not in table.names]
    for column in table.columns:
        if column.name in names:
            continue
        near = difflib.get_close_matches(column.name, others, n=1)
        hint = f"; the nearest is {shown_name(near[0])}" if near else ""
        if column.required:
            raise UnreadableFile(
                f"{label}: the column {column.name} is missing{hint}. {table.name} needs: "
                f"{', '.join(name for name in table.names if name in table.required)}. "
                f"`python -m csc_indicators template {table.name}` writes a file with all of its columns."
            )
        what = f"the column is not in the file and was read as empty{hint}"
        findings.append(
            about_column(
                "missing_column",
                what,
                "add it if it is known",
                table=f"context.{table.name}",
                column=column.name,
                source_file=label,
            )
        )
    for name in others:
        what, advice = "the column is not one of this table and was not read", "correct its name if it is misspelt"
        findings.append(
            about_column(
                "unknown_column",
                what,
                advice,
                table=f"context.{table.name}",
                column=shown_name(name),
                source_file=label,
            )
        )
    dtypes = frame.schema
    return frame.with_row_index("source_row", offset=1).select(
        pl.lit(label).alias("source_file"),
        "source_row",
        *(
            as_text(name, dtypes[name], label) if name in dtypes else pl.lit(None, pl.String).alias(name)
            for name in table.names
        ),
    )


def context_template(name: str, *, example: bool = False) -> str:
    """A supplied table as a CSV text to fill in: its columns, and on request an example row.

    Args:
        name: The table's name.
        example: Whether to add a row that shows what a cell holds; replace it with your own.

    Raises:
        UsageError: there is no such table.

    >>> context_template("population", example=True).splitlines()
    ['la_code,year,population', '302,2025,55200']
    """
    if name not in CONTEXT_TABLES:
        raise UsageError(
            f'No supplied table is called "{name}".{suggestion(name, CONTEXT_TABLES)} '
            f"Tables: {', '.join(CONTEXT_TABLES)}."
        )
    table = CONTEXT_TABLES[name]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(table.names)
    if example:
        writer.writerow([column.example for column in table.columns])
    return text.getvalue()


def write_context_template(name: str, path: Path, *, example: bool = False) -> None:
    """Write a supplied table's template; a file that is there already is left alone.

    Raises:
        UsageError: there is no such table, the file exists, or it cannot be written.
    """
    text = context_template(name, example=example)
    try:
        with path.open("x", encoding="utf-8", newline="") as file:
            file.write(text)
    except FileExistsError:
        raise UsageError(f"{path}: the file exists and is left as it is; give another name") from None
    except OSError:
        raise UsageError(f"{path}: the file cannot be written there; give another place") from None
