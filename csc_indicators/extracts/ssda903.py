"""Reads the return on looked-after children (SSDA903) as text: CSV, an Excel workbook, XML, or a zip of any of them.

No file of the return says which authority made it or for which year (`ReturnOf`). Both come from the arguments, from a
`return.toml` beside the files (`la_code = "302"`, `year = 2025`) or from the folders they lie in (`302/2025/`), in that
order; what none of them says is asked for. Everything is read as text; what it means is decided in `tables`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from csc_indicators.errors import Finding, UnreadableFile
from csc_indicators.extracts.documents import Document, documents, text_tables, with_plain_names
from csc_indicators.extracts.raw_ssda903 import RETURNS_SCHEMA, TABLES, RawSsda903, table_of
from csc_indicators.extracts.ssda903_xml import read_return_xml
from csc_indicators.extracts.text_tables import as_text, shown_name
from csc_indicators.extracts.whose_return import ReturnOf, return_of

ANNEX_A_SHEET = re.compile(r"!List \d+$", re.IGNORECASE)
"""How the sheets of an Annex A workbook are called, at the end of what messages call them."""


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
        for document in documents(files, must, on_progress):
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
            whose = return_of(path, la_code, year)
        except UnreadableFile:
            # Nobody need say whose a workbook or an archive is that lies in the folder and is no return.
            if path in must or _holds_a_table(path):
                for document in documents([path], must):
                    _refuse_annex_a(document)
                raise
            findings.append(_not_a_table(str(path)))
        else:
            by_return.setdefault(whose, []).append(path)
    return by_return


def _refuse_annex_a(document: Document) -> None:
    """Say what a workbook is when its sheets are the lists of Annex A, which no return has.

    Raises:
        UnreadableFile: it is one.
    """
    if document.suffix == ".xlsx" and any(ANNEX_A_SHEET.search(label) for label, _ in text_tables(document)):
        raise UnreadableFile(
            f"{document.label}: this looks like Ofsted's Annex A workbook, which says neither whose it is nor of which "
            "day. Read it with --annex-a YYYY-MM-DD and --la, or with csc.read_annex_a."
        )


def _holds_a_table(path: Path) -> bool:
    """Whether a file holds any table of the return."""
    return any(True for document in documents([path], set(), None) for _ in _tables_of(document, []))


def _tables_of(document: Document, findings: list[Finding]) -> Iterator[tuple[str, str, pl.DataFrame]]:
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
    known = False
    for label, frame in text_tables(document):
        name = table_of(frame.columns)
        if name is None:
            if frame.width:
                findings.append(_not_a_table(label))
            continue
        known = True
        yield name, label, with_plain_names(frame, label)
    if document.named and not known:
        _refuse_annex_a(document)
        raise UnreadableFile(
            f"{document.label}: no table of the return has these columns. Its first line must name them, such as "
            "CHILD, DECOM, DEC and PLACE."
        )


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
