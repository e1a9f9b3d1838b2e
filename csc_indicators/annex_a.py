"""From an Annex A workbook to validated tables from which indicators can be computed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from csc_indicators.errors import Finding
from csc_indicators.extracts.annex_a import RawAnnexA, read_annex_a_workbook
from csc_indicators.extracts.annex_a_cases import EVENT_LISTS, SHEET_ROWS
from csc_indicators.extracts.annex_a_lists import CARE_LEAVERS, LOOKED_AFTER
from csc_indicators.extracts.raw import RAW_TABLES
from csc_indicators.loading import Extracts, PathLike
from csc_indicators.periods import MONTHS_IN_YEAR
from csc_indicators.tables.accounting import RowAccount
from csc_indicators.tables.annex_a import limits, validate_care_leavers
from csc_indicators.tables.cin import CinCensus
from csc_indicators.tables.ssda903 import COLLECTION, Ssda903
from csc_indicators.tables.ssda903_validation import validate_ssda903
from csc_indicators.tables.validation import validate_cin_census

TABLE_OF_LIST = {item.number: table for table, item in EVENT_LISTS.items()}
"""The table of the CIN census that a list makes rows of; the others make rows of `episodes`."""


@dataclass(frozen=True)
class AnnexA:
    """An Annex A extract, validated.

    `cin` and `ssda903` are the tables of the returns, as far as Annex A says them; give `extracts` to `compute`.
    `care_leavers` is one row a care leaver on the day of the extract, `observed_on`: sex, ethnicity, date of birth,
    whether unaccompanied and disabled, eligibility, the day of the latest pathway plan review, whether in touch and
    when last, accommodation, suitability and activity. `accounts` has for each list what became of its rows; a
    collection's `accounts` have it for each table. `findings` are those of everything.

    Source: Annex A of the inspection framework for local authority children's services (Ofsted).
    """

    cin: CinCensus
    ssda903: Ssda903
    care_leavers: pl.DataFrame
    findings: tuple[Finding, ...]
    accounts: tuple[RowAccount, ...]
    files: tuple[Path, ...] = ()

    @property
    def extracts(self) -> Extracts:
        """The tables of the returns, for `compute` and `records`."""
        return Extracts(self.cin, self.files, ssda903=self.ssda903)

    @property
    def coverage(self) -> pl.DataFrame:
        """The days that the extract covers, by collection."""
        return self.extracts.coverage

    def __repr__(self) -> str:
        """Row counts only: a table's rows are about real children and do not belong in a log."""
        sizes = ", ".join(f"{account.table}: {account.kept} of {account.read}" for account in self.accounts)
        return f"AnnexA({sizes}, findings: {len(self.findings)})"


def read_annex_a(path: PathLike, *, la_code: str, extract_date: dt.date, months: int = MONTHS_IN_YEAR) -> AnnexA:
    """Read and validate Ofsted's Annex A: one workbook, a sheet for each list.

    Lists 3 to 8 become tables of the CIN census and of the return on looked-after children, List 9 a table of its own;
    the others are reported as not read. The extract covers the so many months that end with its day: a figure of
    another period, or one that needs to look further back, is marked incomplete, and an indicator that Annex A does not
    say enough for is refused.

    Args:
        path: The workbook (.xlsx).
        la_code: The authority, three digits: the workbook does not say.
        extract_date: The day of the extract, the last it covers.
        months: How many months of events it covers up to and including that day.

    Returns:
        Validated tables with `findings`, row `accounts` by list and `coverage`.

    Raises:
        UsageError: an argument is of the wrong kind.
        UnreadableFile: not a workbook, damaged or protected; without a list of Annex A, or with one twice; a list
            without the column of the child or of its day.

    Source: `docs/reference/annex-a.md` says what each list is read as.

    >>> import csc_indicators as csc
    >>> day = dt.date(2025, 3, 31)
    >>> annex_a = csc.read_annex_a("fixtures/annex_a/annex_a.xlsx", la_code="390", extract_date=day)
    >>> cells = csc.compute(annex_a.extracts, "child_protection_plans", periods=csc.year(2025), internal=True).frame
    >>> cells.filter(level="Local authority", breakdown="total")["complete"].to_list()
    [True]
    """
    raw = read_annex_a_workbook(Path(path), la_code, extract_date, months)
    cin, ssda903 = validate_cin_census(raw.cin), validate_ssda903(raw.ssda903)
    care_leavers, account, found = validate_care_leavers(raw.care_leavers, la_code, raw.last_day, raw.findings)
    accounts = tuple(_accounts(raw, cin, ssda903, account))
    cin = replace(_with_rows_of_lists(cin), limits=limits(raw.lists, raw.last_day, "cin"))
    ssda903 = replace(ssda903, limits=limits(raw.lists, raw.last_day, COLLECTION))
    return AnnexA(
        cin=cin,
        ssda903=ssda903,
        care_leavers=care_leavers,
        findings=(*cin.findings, *ssda903.findings, *found),
        accounts=accounts,
        files=(Path(path),),
    )


def _accounts(raw: RawAnnexA, cin: CinCensus, ssda903: Ssda903, care_leavers: RowAccount) -> Iterable[RowAccount]:
    """What became of the rows of each list: kept when any row that they were read as is."""
    for number, rows in sorted(raw.lists.items()):
        name = f"List {number}"
        if number == CARE_LEAVERS.number:
            yield replace(care_leavers, table=name)
            continue
        if number == LOOKED_AFTER.number:
            stand = set(ssda903.episodes["source_row"])
            kept = sum(row in stand for row in rows["source_row"])
        else:
            stand = set(cin.table(TABLE_OF_LIST.get(number, "episodes"))["source_row"])
            numbers = (row + number * SHEET_ROWS for row in rows["source_row"])
            kept = sum(raw.joined.get(row, row) in stand for row in numbers)
        lost = rows.height - kept
        yield RowAccount(table=name, read=rows.height, kept=kept, rejected={"left_out_of_tables": lost} if lost else {})


def _with_rows_of_lists(cin: CinCensus) -> CinCensus:
    """The census with the rows of its tables and findings numbered as in their lists."""
    tables: Mapping[str, pl.DataFrame] = {
        name: cin.table(name).with_columns(pl.col("source_row") % SHEET_ROWS) for name in RAW_TABLES
    }
    findings = tuple(
        replace(finding, row_numbers=tuple(number % SHEET_ROWS for number in finding.row_numbers))
        for finding in cin.findings
    )
    return replace(cin, **tables, findings=findings)
