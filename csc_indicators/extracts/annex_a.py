"""Reads Ofsted's Annex A: one workbook, a sheet for each list, of the months before its day.

What its lists say is put into the raw tables of the two returns, so that everything after is the same for both. Each
carries the days that the extract covers, from which it follows which figures are complete. Care leavers stay a table of
their own: the return observes them about a birthday, and Annex A on the day of the extract.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from csc_indicators.codes import LA_CODE_PATTERN
from csc_indicators.errors import Finding, UsageError
from csc_indicators.extracts.annex_a_care import care_tables
from csc_indicators.extracts.annex_a_cases import Span, census_tables
from csc_indicators.extracts.annex_a_lists import (
    ASSESSMENTS,
    CARE_LEAVERS,
    LOOKED_AFTER,
    REFERRALS,
    SECTION_47_ENQUIRIES,
)
from csc_indicators.extracts.annex_a_sheets import Sheets, read_sheets
from csc_indicators.extracts.raw import CENSUS_COLUMNS, RawCinCensus
from csc_indicators.extracts.raw_ssda903 import RETURNS_SCHEMA, RawSsda903
from csc_indicators.periods import MONTHS_IN_YEAR, add_months, reporting_year_of

ONE_DAY = dt.timedelta(days=1)
PART_OF_SPAN = 4
"""What part of the days that an extract covers may pass without any event of a list before it is asked about."""


@dataclass(frozen=True)
class RawAnnexA:
    """A workbook as text, in the raw tables of the returns.

    `care_leavers` is the list of care leavers as text; `findings` are those about it alone. `lists` are the lists as
    they were read, by number; `joined` says which rows of the list of children in need were put with a referral.
    """

    cin: RawCinCensus
    ssda903: RawSsda903
    care_leavers: pl.DataFrame
    lists: Mapping[int, pl.DataFrame]
    joined: Mapping[int, int]
    first_day: dt.date
    last_day: dt.date
    findings: tuple[Finding, ...] = ()

    def __repr__(self) -> str:
        """Row counts only: the rows are about real children and do not belong in a log."""
        return f"RawAnnexA({', '.join(f'List {number}: {rows.height}' for number, rows in self.lists.items())})"


def read_annex_a_workbook(path: Path, la_code: str, extract_date: dt.date, months: int = MONTHS_IN_YEAR) -> RawAnnexA:
    """Read an Annex A workbook as text.

    Args:
        path: The workbook.
        la_code: The authority, three digits: the workbook does not say.
        extract_date: The day of the extract, the last it covers.
        months: How many months of events the extract covers up to and including that day.

    Raises:
        UsageError: an argument is of the wrong kind.
        UnreadableFile: as `read_sheets`.
    """
    if not isinstance(la_code, str) or not re.fullmatch(LA_CODE_PATTERN, la_code, re.ASCII):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise UsageError('la_code must be the three digits of an authority, as text, such as "302"')
    if not isinstance(extract_date, dt.date) or isinstance(extract_date, dt.datetime):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise UsageError("extract_date must be a day, such as datetime.date(2025, 3, 31)")
    if not isinstance(months, int) or isinstance(months, bool) or months < 1:  # pyright: ignore[reportUnnecessaryIsInstance]
        raise UsageError("months must be a whole number of months, such as 12")
    span = Span(add_months(extract_date + ONE_DAY, -months), extract_date)
    year = reporting_year_of(extract_date)
    sheets = read_sheets(path)
    _check_span(sheets, span)
    cin, care = census_tables(sheets, span), care_tables(sheets, year)
    header = dict.fromkeys(CENSUS_COLUMNS) | {
        "source_file": str(path),
        "la_code": la_code,
        "reference_date": str(span.last_day),
        "first_day": str(span.first_day),
    }
    census = pl.DataFrame([{"census": 0, **header}], schema={"census": pl.UInt32, **dict.fromkeys(header, pl.String)})
    returns = pl.DataFrame([(0, la_code, year, str(path))], schema=RETURNS_SCHEMA, orient="row").with_columns(
        first_day=pl.lit(span.first_day), last_day=pl.lit(span.last_day)
    )
    return RawAnnexA(
        cin=RawCinCensus(census, cin, _about(sheets, others=True)),
        ssda903=RawSsda903(returns, care, _about(sheets, LOOKED_AFTER.number)),
        care_leavers=sheets.lists.get(CARE_LEAVERS.number, _nothing()),
        lists=sheets.lists,
        joined=sheets.joined,
        first_day=span.first_day,
        last_day=span.last_day,
        findings=_about(sheets, CARE_LEAVERS.number),
    )


def _check_span(sheets: Sheets, span: Span) -> None:
    """Report lists of events of which none is of the first part of the span: it may have been given too long."""
    early = span.first_day + (span.last_day - span.first_day) / PART_OF_SPAN
    for item, column in (
        (REFERRALS, "referral_date"),
        (ASSESSMENTS, "start_date"),
        (SECTION_47_ENQUIRIES, "start_date"),
    ):
        rows = sheets.lists.get(item.number)
        if rows is None:
            continue
        days = rows[column].str.to_date("%Y-%m-%d", strict=False)
        if days.count() and not (days <= early).any():
            what = (
                "no row is of the first quarter of the days that the extract is said to cover; if the list covers "
                "less, figures are marked complete that are not"
            )
            advice = "give the number of months that the lists cover"
            sheets.report(rows, "covers_less", (item.number, column), what, advice)


def _nothing() -> pl.DataFrame:
    names = ("source_file", *(column.name for column in CARE_LEAVERS.columns))
    return pl.DataFrame(schema={**dict.fromkeys(names, pl.String), "source_row": pl.UInt32})


def _about(sheets: Sheets, number: int = 0, *, others: bool = False) -> tuple[Finding, ...]:
    """The findings about one list, or about all but the lists that are no part of the census."""
    apart = {f"annex_a.list_{LOOKED_AFTER.number}", f"annex_a.list_{CARE_LEAVERS.number}"}
    return tuple(
        finding
        for finding in sheets.findings
        if (finding.table not in apart if others else finding.table == f"annex_a.list_{number}")
    )
