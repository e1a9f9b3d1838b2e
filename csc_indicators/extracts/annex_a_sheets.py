"""Reads the sheets of an Annex A workbook as text, under our names, with dates and labels written as the returns do.

A cell that cannot be read is left as it is when it should be a date or a number, so that validation reports it as it
does in any return, and becomes missing when it should be a label, which is reported here. No message quotes a cell.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast

import polars as pl

from csc_indicators.errors import ROW_NUMBERS_SHOWN, Finding, UnreadableFile
from csc_indicators.extracts.annex_a_labels import LABELS, NOT_STATED, plain
from csc_indicators.extracts.annex_a_lists import CHILD_ID, LISTS, NOT_READ, AnnexAList, ListColumn
from csc_indicators.extracts.parsing import Column, dates_in_doubt, parse
from csc_indicators.extracts.text_tables import shown_name
from csc_indicators.extracts.xml_files import why_not_opened

SHEET_NAME = re.compile(r"^\s*list[\s_-]*(\d{1,2})(?!\d)", re.IGNORECASE)
FIRST_LINES = 20
"""Lines at the head of a sheet among which its headings are looked for: templates put titles above them."""


@dataclass
class Sheets:
    """What a workbook holds: its lists as text by number, and what was found on the way.

    Each list has `source_file`, `source_row` (its data rows counted from 1) and our columns. `joined` are the rows of
    the list of children in need that were put with a referral: the number in the raw tables of the referral by theirs.
    """

    lists: dict[int, pl.DataFrame] = field(default_factory=dict[int, pl.DataFrame], repr=False)
    joined: dict[int, int] = field(default_factory=dict[int, int])
    findings: list[Finding] = field(default_factory=list[Finding])

    def report(self, rows: pl.DataFrame, rule: str, where: tuple[int, str], message: str, advice: str) -> None:
        """Add a finding about rows of a list (and column), unless there are none."""
        if not rows.is_empty():
            number, column = where
            numbers = rows["source_row"].sort()
            file: str = rows["source_file"][0]
            found = _finding(rule, file, message, advice, number=number, column=column)
            self.findings.append(_with_rows(found, numbers))


def read_sheets(path: Path) -> Sheets:
    """The lists of a workbook that are read, and findings about those that are not.

    Raises:
        UnreadableFile: the file cannot be opened, is no workbook or is protected; it has none of the lists, or one
            twice; or a list lacks the column of the child or of its day.
    """
    sheets = Sheets()
    for name, cells in _workbook(path):
        matched = SHEET_NAME.match(name)
        number = int(matched[1]) if matched else 0
        label = f"{path}!{_shown_sheet(name, number)}"
        if number in NOT_READ:
            what = f"the list of {NOT_READ[number]} is not read: no table of the returns holds what it says"
            sheets.findings.append(_finding("list_not_read", label, what, "nothing need be done", number=number))
        elif number not in LISTS:
            what = "the sheet is none of the lists of Annex A; it was not read"
            sheets.findings.append(_finding("sheet_passed_over", label, what, "name it List 3 to List 9 if it is one"))
        elif number in sheets.lists:
            raise UnreadableFile(f"{label}: List {number} is in the workbook twice. Give one of them.")
        else:
            sheets.lists[number] = _list(LISTS[number], cells, label, sheets)
    if not sheets.lists:
        raise UnreadableFile(
            f"{path}: no sheet is a list of Annex A that is read. Name the sheets as the template does: List 3."
        )
    for number, item in LISTS.items():
        if number not in sheets.lists:
            what = f"the workbook has no list of {item.about}; no figure is computed from it"
            advice = f"add the sheet {item.sheet} if the authority has it"
            sheets.findings.append(_finding("list_absent", str(path), what, advice, number=number))
    return sheets


def _workbook(path: Path) -> list[tuple[str, pl.DataFrame]]:
    """The sheets of a workbook, every cell as text and no line taken for headings."""
    import fastexcel  # noqa: PLC0415 (needed for workbooks only)

    try:
        data = path.read_bytes()
    except OSError as error:
        raise UnreadableFile(f"{path}: {why_not_opened(error)}") from None
    try:
        workbook: Any = fastexcel.read_excel(data)  # half of its types are unknown
        names = cast("list[str]", workbook.sheet_names)
        sheets: list[tuple[str, pl.DataFrame]] = [
            (name, workbook.load_sheet(name, header_row=None, dtypes="string").to_polars()) for name in names
        ]
    except fastexcel.FastExcelError:
        sheets = []
    if not sheets:  # an archive of another kind opens as a workbook without any
        raise UnreadableFile(
            f"{path}: not an Excel workbook, damaged, or protected by a password. Save it again as .xlsx without one."
        )
    return sheets


def _shown_sheet(name: str, number: int) -> str:
    return f"List {number}" if number else re.sub(r"[^\w ./-]", "", name)[:40]


def _list(item: AnnexAList, cells: pl.DataFrame, label: str, sheets: Sheets) -> pl.DataFrame:
    """One list under our names."""
    columns, first = _headings(item, cells, label, sheets)
    rows = cells.slice(first + 1).with_row_index("source_row", offset=1)
    rows = rows.select(
        pl.lit(label).alias("source_file"),
        pl.col("source_row").cast(pl.UInt32),
        *(
            _stripped(columns[column.name]).alias(column.name)
            if column.name in columns
            else pl.lit(None, pl.String).alias(column.name)
            for column in item.columns
        ),
    )
    named = [column.name for column in item.columns if column.name in columns]
    rows = rows.filter(pl.any_horizontal(pl.col(named).is_not_null()))
    for column in item.columns:
        if column.name in columns:
            rows = _as_returned(item, column, rows, sheets)
    return rows


def _headings(item: AnnexAList, cells: pl.DataFrame, label: str, sheets: Sheets) -> tuple[dict[str, str], int]:
    """Which column of the sheet holds which of ours, and the line that says so."""
    accepted = {plain(heading): column.name for column in item.columns for heading in column.headings}
    unread = {plain(heading) for heading in item.not_read}
    ids = {plain(heading) for heading in CHILD_ID.headings}
    lines = [[plain(text) if text else "" for text in texts] for texts in cells.head(FIRST_LINES).iter_rows()]
    first = next((line for line, texts in enumerate(lines) if ids & {*texts}), None)
    if first is None:
        raise UnreadableFile(
            f"{label}: no line has the heading {CHILD_ID.headings[0]}. Its first line must hold the headings."
        )
    found: dict[str, str] = {}
    for position, heading in enumerate(lines[first]):
        if heading in accepted:
            name = accepted[heading]
            if name in found:
                said = item.column(name).headings[0]
                raise UnreadableFile(f"{label}: the column {said} is there twice. Give each column once.")
            found[name] = cells.columns[position]
        elif heading and heading not in unread:
            what = "the column is not one of this list and was not read"
            name, advice = shown_name(heading.replace(" ", "_")), "correct its heading if it is misspelt"
            sheets.findings.append(_finding("unknown_column", label, what, advice, number=item.number, column=name))
    for column in item.columns:
        if column.name not in found and column.key:
            raise UnreadableFile(f"{label}: the column {column.headings[0]} is missing. Add it, with this heading.")
        if column.name not in found:
            what = f"the list has no column {column.headings[0]}; it was read as empty"
            advice = "add it, or correct its heading"
            sheets.findings.append(
                _finding("missing_column", label, what, advice, number=item.number, column=column.name)
            )
    return found, first


def _stripped(column: str) -> pl.Expr:
    text = pl.col(column).str.strip_chars()
    return pl.when(text != "").then(text)


def _as_returned(item: AnnexAList, column: ListColumn, rows: pl.DataFrame, sheets: Sheets) -> pl.DataFrame:
    """A column with its cells written as the returns write them."""
    if column.holds == "date":
        return _dates(item, column, rows, sheets)
    if column.holds == "label":
        return _codes(item, column, rows, sheets)
    if column.holds == "count" or column.key:  # a number that Excel holds is written with decimals by some systems
        return rows.with_columns(pl.col(column.name).str.replace(r"^(\d+)\.0+$", "${1}"))
    return rows


def _dates(item: AnnexAList, column: ListColumn, rows: pl.DataFrame, sheets: Sheets) -> pl.DataFrame:
    name = column.name
    doubtful = rows.select(dates_in_doubt(name, within="source_file")).to_series()
    what = "a date that could be day first or month first, in a list that writes months first; it is not read"
    where, advice = (item.number, name), "let the workbook hold it as a date, or write DD/MM/YYYY"
    sheets.report(rows.filter(doubtful), "ambiguous_date", where, what, advice)
    rows = rows.with_columns(pl.when(~doubtful).then(name).alias(name))
    day = parse(rows.select(name), [Column(name, "day_first_date")]).table[name].cast(pl.String)
    return rows.with_columns(pl.coalesce(day, name).alias(name))


def _codes(item: AnnexAList, column: ListColumn, rows: pl.DataFrame, sheets: Sheets) -> pl.DataFrame:
    name, labels = column.name, LABELS[column.labels]
    said: list[str] = rows[name].drop_nulls().unique().to_list()
    code_of = {text: labels.code_of(text) for text in said}
    unknown = [text for text, code in code_of.items() if code is None]
    known = {text: code for text, code in code_of.items() if code is not None and code != NOT_STATED}
    what = "what the cell says is not known as an answer; the cell is set to missing"
    advice = "use the template's answer, or the code of the return"
    sheets.report(rows.filter(pl.col(name).is_in(unknown)), "unknown_label", (item.number, name), what, advice)
    return rows.with_columns(pl.col(name).replace_strict(known, default=None, return_dtype=pl.String))


def _finding(rule: str, file: str, message: str, advice: str, *, number: int = 0, column: str = "") -> Finding:
    return Finding(
        stage="extracts",
        severity="kept",
        rule=rule,
        message=message,
        advice=advice,
        table=f"annex_a.list_{number}" if number else "annex_a",
        column=column,
        source_file=file,
    )


def _with_rows(finding: Finding, numbers: pl.Series) -> Finding:
    return replace(finding, rows=len(numbers), row_numbers=tuple(numbers.head(ROW_NUMBERS_SHOWN)))
