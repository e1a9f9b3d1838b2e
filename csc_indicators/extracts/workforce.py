"""Reads the children's social work workforce census as text: XML, CSV, an Excel workbook, or a zip of any of them.

An XML file says itself whose it is and of which 30 September. Of CSV and Excel their folders, a `return.toml` or the
arguments say it (`whose_return`), the year being that of the census. Items that a worker may have several of
(qualifying institutions, weeks of contract, absences) become rows of their own; in CSV they stand in one cell with
semicolons between. Everything is read as text; what it means is decided in `tables`.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from csc_indicators.errors import Finding, UnreadableFile
from csc_indicators.extracts.column_findings import about_column
from csc_indicators.extracts.documents import Document, documents, text_tables, with_plain_names
from csc_indicators.extracts.raw_workforce import (
    ITEMS,
    ITEMS_SCHEMA,
    RENAMED,
    REPEATED,
    RETURNS_SCHEMA,
    TABLES,
    TOTALS,
    WORKERS,
    RawWorkforce,
    census_table_of,
)
from csc_indicators.extracts.text_tables import as_text, shown_name
from csc_indicators.extracts.whose_return import ReturnOf, return_of
from csc_indicators.extracts.xml_files import Faults, check_xml_prolog, explain_malformed_xml, local_name
from csc_indicators.extracts.xml_parser import XMLSyntaxError, safe_parser

ROOT = "Message"
COLLECTION = "CSWW"
CHUNK_BYTES = 1 << 18
CENSUS_DAY = "09-30"
BETWEEN_ITEMS = ";"

_Row = dict[str, str | None]


def read_workforce_files(
    paths: Sequence[Path],
    *,
    la_code: str | None = None,
    year: int | None = None,
    named: Iterable[Path] = (),
    on_progress: Callable[[int], None] | None = None,
) -> RawWorkforce:
    """Read the files of one or more censuses.

    Args:
        paths: The files.
        la_code: The authority of all files that do not say it themselves, three digits.
        year: The year of the 30 September of all files that do not say it themselves.
        named: Those of the files that must be part of a census: an unknown one is an error, not passed over.
        on_progress: Called with the bytes read since the last call.

    Raises:
        UnreadableFile: a file cannot be read, nothing says whose it is or of which year, or a census holds a table
            twice.
    """
    must = {*named}
    findings: list[Finding] = []
    parts: dict[str, list[pl.DataFrame]] = {name: [table.schema.to_frame()] for name, table in TABLES.items()}
    parts[ITEMS] = [ITEMS_SCHEMA.to_frame()]
    returns: dict[tuple[str, ...], tuple[str, str | None, str | None, dict[str, str]]] = {}
    for path in paths:
        for document in documents([path], must, on_progress):
            if document.suffix == ".xml":
                header, tables, items, faults = _read_xml(document)
                findings += faults
                number = len(returns)
                # An XML file is a census by itself: of two of one authority and year the last stands whole. Two may be
                # called the same, being members of archives.
                returns["xml", str(number)] = (document.label, header.get("LEA"), header.get("ReferenceDate"), {})
                for name, rows in tables.items():
                    parts[name].append(_placed(_framed(name, rows), number, document.label))
                parts[ITEMS].append(_placed(items, number, document.label))
                continue
            for name, label, table in _tables_of(document, findings):
                whose = return_of(path, la_code, year)
                key = ("files", whose.la_code, str(whose.year))
                source = (str(path.parent), whose.la_code, f"{whose.year}-{CENSUS_DAY}", dict[str, str]())
                held = returns.setdefault(key, source)[3]
                if name in held:
                    raise UnreadableFile(
                        f"{label}: {held[name]} holds the same table of the same census ({whose.la_code}, "
                        f"{whose.year}). Give one of them."
                    )
                held[name] = label
                if name == WORKERS and table.is_empty():
                    raise _without_workers(label)
                number = [*returns].index(key)
                shaped, items = _shaped(name, table, whose, label, findings)
                parts[name].append(_placed(shaped, number, label))
                parts[ITEMS].append(_placed(items, number, label))
    for key, (source, *_, held) in returns.items():
        if key[0] == "files" and WORKERS not in held:
            raise UnreadableFile(
                f"{source}: the workforce census of {key[1]} for {key[2]} has no table of workers (columns SWENo, "
                "AgencyWorker, FTE and others). Give it with the authority's totals."
            )
    rows = [(number, lea, day, source) for number, (source, lea, day, _) in enumerate(returns.values())]
    return RawWorkforce(
        pl.DataFrame(rows, schema=RETURNS_SCHEMA, orient="row"),
        {name: pl.concat(frames, rechunk=True) for name, frames in parts.items()},
        tuple(findings),
    )


def _placed(frame: pl.DataFrame, number: int, label: str) -> pl.DataFrame:
    """A table with the number of its return and the file it came from."""
    return frame.select(
        pl.lit(number, pl.UInt32).alias("return"),
        pl.lit(label).alias("source_file"),
        pl.col("source_row").cast(pl.UInt32),
        pl.exclude("return", "source_file", "source_row"),
    )


# XML


def _read_xml(document: Document) -> tuple[_Row, dict[str, list[_Row]], pl.DataFrame, list[Finding]]:
    """The header, the rows of both tables, the repeated items, and what else was found.

    Raises:
        UnreadableFile: it is not well-formed XML, a census of another collection, or one without a worker.
    """
    place = Path(document.label)
    check_xml_prolog(io.BytesIO(document.data), place, root=ROOT)
    header: _Row = {}
    rows: dict[str, list[_Row]] = {name: [] for name in TABLES}
    items: list[tuple[int, str, str | None]] = []
    faults = Faults()
    parser = safe_parser("*")
    try:
        for start in range(0, len(document.data), CHUNK_BYTES):
            parser.feed(document.data[start : start + CHUNK_BYTES])
            _read_elements(parser, header, rows, items, faults)
        parser.close()
    except XMLSyntaxError as error:
        line = error.lineno
    else:
        _read_elements(parser, header, rows, items, faults)
        if (header.get("Collection") or "").upper() != COLLECTION:
            raise UnreadableFile(
                f"{document.label}: its header does not name the collection {COLLECTION}, so this is another return. "
                "Give it on its own, or correct the header."
            )
        if not rows[WORKERS]:
            raise _without_workers(document.label)
        repeated = pl.DataFrame(
            items, schema={"source_row": pl.Int64, "item": pl.String, "value": pl.String}, orient="row"
        )
        return header, rows, repeated, faults.findings(document.label)
    explain_malformed_xml(io.BytesIO(document.data), place)
    raise UnreadableFile(f"{document.label}: line {line}: it is not well-formed XML. Export the file again.")


def _without_workers(label: str) -> UnreadableFile:
    """What to say of a census without workers: its vacancies would be all of its posts, which looks like a figure."""
    return UnreadableFile(f"{label}: it holds no worker (CSWWWorker, or a row with SWENo). Export the census again.")


def _read_elements(
    parser: Any,  # noqa: ANN401 (lxml comes without types)
    header: _Row,
    rows: dict[str, list[_Row]],
    items: list[tuple[int, str, str | None]],
    faults: Faults,
) -> None:
    """Take what stands directly below the outermost element as it ends; anything deeper waits for its parent."""
    for _, element in parser.read_events():
        parent = element.getparent()
        if parent is None or parent.getparent() is not None:
            continue
        name = local_name(element)
        plain = name.upper()
        if plain == "HEADER":
            for part in element.iter():
                if local_name(part) == "LEA" and "LEA" in header:
                    faults.note("repeated_source", "workforce.header", "", 0)
                header.setdefault(local_name(part), (part.text or "").strip() or None)
        elif plain == TABLES[WORKERS].element:
            rows[WORKERS].append(_row_of(element, WORKERS, len(rows[WORKERS]) + 1, items, faults))
        elif plain.startswith(TABLES[TOTALS].element):  # LALevelVacancies until 2024
            rows[TOTALS].append(_row_of(element, TOTALS, len(rows[TOTALS]) + 1, items, faults))
        else:
            faults.unknown([element], ROOT, "workforce.workers", 0)
        element.clear()


def _row_of(
    element: Any,  # noqa: ANN401 (as above)
    table: str,
    number: int,
    items: list[tuple[int, str, str | None]],
    faults: Faults,
) -> _Row:
    row: _Row = {}
    for part in element:
        name = local_name(part)
        plain = RENAMED.get(name.upper(), name.upper())
        text = (part.text or "").strip() or None
        faults.unknown(part, f"{ROOT}/{local_name(element)}/{shown_name(name)}", f"workforce.{table}", number)
        if table == WORKERS and plain in REPEATED:
            items.append((number, REPEATED[plain], text))
        elif plain not in TABLES[table].columns:
            faults.unknown([part], f"{ROOT}/{local_name(element)}", f"workforce.{table}", number)
        elif plain in row:
            faults.note("repeated_element", f"workforce.{table}", name, number)
        else:
            row[plain] = text
    return row


def _framed(table: str, rows: Sequence[Mapping[str, str | None]]) -> pl.DataFrame:
    columns = TABLES[table].columns
    made = {ours: [row.get(name) for row in rows] for name, ours in columns.items()}
    return pl.DataFrame(made, schema=dict.fromkeys(columns.values(), pl.String())).with_row_index("source_row", 1)


# CSV and Excel


def _tables_of(document: Document, findings: list[Finding]) -> Iterator[tuple[str, str, pl.DataFrame]]:
    """Every table of the census that a document holds: its name, what to call the place, and its columns."""
    known = False
    for label, frame in [] if document.suffix == ".zip" else text_tables(document):
        name = census_table_of(frame.columns)
        if name is None:
            if frame.width:
                findings.append(_not_a_table(label))
            continue
        known = True
        plain = with_plain_names(frame, label)
        old = {other: new for other, new in RENAMED.items() if other in plain.columns and new not in plain.columns}
        yield name, label, plain.rename(old)
    if document.named and not known:
        raise UnreadableFile(
            f"{document.label}: no table of the workforce census has these columns. Its first line must name them, "
            "such as SWENo, AgencyWorker and FTE."
        )


def _shaped(
    name: str, table: pl.DataFrame, whose: ReturnOf, label: str, findings: list[Finding]
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """A table with our names and its repeated items as rows; missing and unknown columns are said."""
    shape = TABLES[name]
    repeated = REPEATED if name == WORKERS else {}
    for column, ours in shape.columns.items():
        asked = shape.since.get(column, 0) <= whose.year
        if column not in table.columns and asked:
            what, advice = "the column is not in the file and was read as empty", "add it if the census has it"
            findings.append(
                about_column("missing_column", what, advice, table=f"workforce.{name}", column=ours, source_file=label)
            )
    for column in table.columns:
        if column not in shape.columns and column not in repeated:
            what, advice = "the column is not one of this table and was not read", "correct its name if it is misspelt"
            findings.append(
                about_column(
                    "unknown_column",
                    what,
                    advice,
                    table=f"workforce.{name}",
                    column=shown_name(column),
                    source_file=label,
                )
            )
    numbered = table.with_row_index("source_row", offset=1)
    dtypes = table.schema
    shaped = numbered.select(
        "source_row",
        *(
            as_text(column, dtypes[column], label).alias(ours)
            if column in dtypes
            else pl.lit(None, pl.String).alias(ours)
            for column, ours in shape.columns.items()
        ),
    )
    items = [
        numbered.select(
            pl.col("source_row").cast(pl.Int64),
            pl.lit(item).alias("item"),
            as_text(column, dtypes[column], label).str.split(BETWEEN_ITEMS).alias("value"),
        )
        .drop_nulls("value")
        .explode("value")
        # Nothing between two semicolons is an item without a value, as an empty element is in XML.
        .with_columns(pl.col("value").str.strip_chars().replace("", None))
        for column, item in repeated.items()
        if column in dtypes
    ]
    nothing = pl.DataFrame(schema={"source_row": pl.Int64, "item": pl.String, "value": pl.String})
    return shaped, pl.concat([nothing, *items])


def _not_a_table(label: str) -> Finding:
    return Finding(
        stage="extracts",
        severity="kept",
        rule="file_passed_over",
        source_file=label,
        message="its columns are those of no table of the workforce census; it was not read",
        advice="check the names of its columns, or leave it out",
    )
