"""The sheet on data quality: what was found in the returns, what became of every row, which figures are incomplete.

It has counts of rows and names of rules, and no value of any row. A small count is not shown beside published figures.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import polars as pl

from csc_indicators.area_membership import LOCAL_AUTHORITY, area_names
from csc_indicators.engines.local import Computation
from csc_indicators.outputs.row_numbers import Rows, rows_shown
from csc_indicators.outputs.workbook.book import Book, Sheet, fit_header, fit_row, new_sheet, write_header
from csc_indicators.outputs.workbook.choices import MEASURE, Choices

SHEET = "Data quality"
_WIDTHS = (24, 16, 28, 14, 12, 44, 36, 44)
_ORDER = {"fatal": 0, "rejected": 1, "kept": 2}
SEVERITY = {"fatal": "stopped the run", "rejected": "rows left out", "kept": "rows kept"}


Cell = str | dt.date | Rows


def write_quality(book: Book, computation: Computation, choices: Choices) -> None:
    """The sheet: notes, findings, rows, coverage and incomplete figures, one below the other."""
    about = "What was found in the returns and what it means for the figures. Row numbers: the command `validate`."
    sheet = new_sheet(book, SHEET, title="Data quality", about=about, widths=_WIDTHS)
    row = _write_notes(book, sheet, computation.notes, 3)
    row = _write_table(
        book, sheet, row, "Findings",
        ("Table", "Column", "Rule", "What became of them", "Rows", "What was found", "What to do", "Indicators"),
        _findings(computation), "Nothing was found.",
    )  # fmt: skip
    row = _write_accounts(book, sheet, computation, row)
    row = _write_table(
        book, sheet, row, "Coverage: from when to when events are completely observed",
        ("Authority", "Return", "First day", "Last day"), _coverage(computation), "Nothing is covered.",
    )  # fmt: skip
    _write_table(
        book, sheet, row, "Incomplete figures: the notes above say why",
        ("Authority", "Period", "Indicator"), _incomplete(computation.frame, choices), "Every figure is complete.",
    )  # fmt: skip
    sheet.freeze_panes(2, 0)


def _write_notes(book: Book, sheet: Sheet, notes: Sequence[str], row: int) -> int:
    sheet.write_string(row, 0, "Notes", book.styles["heading"])
    for offset, note in enumerate(notes or ("There is nothing to note.",), start=1):
        sheet.write_string(row + offset, 0, note, book.styles["text"])
    return row + max(len(notes), 1) + 2


def _write_table(
    book: Book, sheet: Sheet, row: int, heading: str, heads: Sequence[str], rows: Sequence[Sequence[Cell]], empty: str
) -> int:  # fmt: skip
    """A small table under its heading; returns the row where the next may begin."""
    sheet.write_string(row, 0, heading, book.styles["heading"])
    if not rows:
        sheet.write_string(row + 1, 0, empty, book.styles["text"])
        return row + 3
    write_header(book, sheet, row + 1, heads)
    fit_header(sheet, row + 1, heads, _WIDTHS)
    for offset, cells in enumerate(rows, start=row + 2):
        fit_row(sheet, offset, *((cell, _WIDTHS[place]) for place, cell in enumerate(cells) if isinstance(cell, str)))
        for column, cell in enumerate(cells):
            if isinstance(cell, Rows) and cell.exact:
                sheet.write_number(offset, column, cell.least, book.styles["count"])
            elif isinstance(cell, Rows):
                sheet.write_string(offset, column, str(cell), book.styles["right"])
            elif isinstance(cell, dt.date):
                sheet.write_datetime(offset, column, dt.datetime.combine(cell, dt.time()), book.styles["date"])
            else:
                sheet.write_string(offset, column, cell, book.styles["cell_wrapped"])
    return row + len(rows) + 3


def _findings(computation: Computation) -> list[tuple[Cell, ...]]:
    """Findings by table and rule, the worst first."""
    restricted = computation.published.restricted
    rows: dict[tuple[str, ...], int] = {}
    for finding in computation.extracts.findings:
        key = (finding.severity, finding.table, finding.column, finding.rule, finding.message, finding.advice,
               ", ".join(finding.indicators))  # fmt: skip
        rows[key] = rows.get(key, 0) + finding.rows
    ordered = sorted(rows.items(), key=lambda item: (_ORDER[item[0][0]], *item[0][1:]))
    return [
        (table, column, rule, SEVERITY[severity], rows_shown(count, restricted=restricted), message, advice, touched)
        for (severity, table, column, rule, message, advice, touched), count in ordered
    ]


def _write_accounts(book: Book, sheet: Sheet, computation: Computation, row: int) -> int:
    """What became of every row read; the last column adds them up again, live where all numbers are shown.

    A sum is no more exact than its parts, or one that is not shown could be worked out from the others.
    """
    rows: list[tuple[Cell, ...]] = []
    restricted = computation.published.restricted
    for account in computation.extracts.accounts:
        by_reason = {reason: rows_shown(count, restricted=restricted) for reason, count in account.rejected.items()}
        reasons = ", ".join(f"{reason} {count}" for reason, count in by_reason.items())
        rejected = sum(by_reason.values(), Rows(0, 0))
        kept, superseded = (rows_shown(count, restricted=restricted) for count in (account.kept, account.superseded))
        parts = (kept, rejected, superseded)
        known = all(part.exact for part in parts)
        read = rows_shown(account.read, restricted=restricted) if known else sum(parts, Rows(0, 0))
        rows.append((account.table, read, *parts, reasons))
    heads = ("Table", "Read", "Kept", "Rejected", "Superseded", "Why rejected", "Read = kept + rejected + superseded")
    after = _write_table(book, sheet, row, "Rows", heads, rows, "No table was read.")
    for offset, account in enumerate(computation.extracts.accounts, start=row + 2):
        r, balances = offset + 1, "yes" if account.balances else "no"
        if all(cell.exact for cell in rows[offset - row - 2] if isinstance(cell, Rows)):
            formula = f'=IF(B{r}=C{r}+D{r}+E{r},"yes","no")'
            sheet.write_formula(offset, 6, formula, book.styles["cell"], balances)
        else:
            sheet.write_string(offset, 6, balances, book.styles["cell"])
    return after


def _coverage(computation: Computation) -> list[tuple[Cell, ...]]:
    names = area_names()
    spans = computation.extracts.coverage.with_columns(pl.col("la_code").cast(pl.String))
    spans = spans.select("la_code", "collection", "observed_from", "observed_to")
    rows: list[tuple[Cell, ...]] = [
        (str(names.get(code) or code), collection, start, end)
        for code, collection, start, end in spans.sort("la_code", "collection", "observed_from").iter_rows()
    ]
    return rows


def _incomplete(cells: pl.DataFrame, choices: Choices) -> list[tuple[Cell, ...]]:
    """The authorities and periods whose figure lacks something, one line for each indicator and reading."""
    labels = {(measure.indicator, measure.reading, measure.parameters): measure.label for measure in choices.measures}
    lacking = cells.filter(~pl.col("complete"), level=LOCAL_AUTHORITY)
    lines = lacking.group_by("area_name", *MEASURE, maintain_order=True).agg(
        pl.col("period").unique(maintain_order=True)
    )
    rows: list[tuple[Cell, ...]] = [
        (area, ", ".join(periods), labels[indicator, reading, parameters])
        for area, indicator, reading, parameters, periods in lines.iter_rows()
    ]
    return sorted(rows, key=lambda row: (str(row[2]), str(row[0])))
