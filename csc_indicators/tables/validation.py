"""From raw text to validated tables, with every row accounted for.

The order is: read the censuses' own headers; read each table's cells as their types; check each row against its table's
contract; set aside what cannot be used, and what hangs from it; stack the censuses; look across rows. Everything found
on the way is a `Finding`; every row read is kept, rejected for one reason, or superseded by a later return.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping

import polars as pl

from csc_indicators.codes import LA_CODE, LA_CODE_PATTERN
from csc_indicators.errors import FatalFindings, Finding, Severity
from csc_indicators.extracts.parsing import Column, parse, typed
from csc_indicators.extracts.raw import RAW_TABLES, RawCinCensus
from csc_indicators.periods import reporting_year_of, year
from csc_indicators.tables.accounting import RowAccount
from csc_indicators.tables.checking import Ledger, ReturnedTable, check_rows
from csc_indicators.tables.cin import RETURNED, CinCensus
from csc_indicators.tables.cross_rules import CROSS_RULES
from csc_indicators.tables.row_rules import rules_of
from csc_indicators.tables.stacking import PARENT_ROW, PARENT_TABLE, coverage_of, current_returns, stack, with_child_ids

COLUMN_ADVICE = {
    "children": {
        "sex": "use F, M or U; the codes 1, 2, 0 and 9 belong to GenderCurrent, as returned until 2024",
        "gender_current": "use 1, 2, 0 or 9; the codes F, M and U belong to Sex, as returned from 2025",
    }
}


def validate_cin_census(raw: RawCinCensus, *, on_step: Callable[[str], None] | None = None) -> CinCensus:
    """Validate and stack raw CIN censuses.

    Args:
        raw: What a reader returned.
        on_step: Called with each table's name as its turn comes, for a progress bar.

    Raises:
        FatalFindings: a file's header does not say whose census it is or when it ends, or no census was found.
    """
    ledger = Ledger(list(raw.findings))
    censuses = _read_censuses(raw.censuses, ledger)
    returned: dict[str, pl.DataFrame] = {}
    for table in RAW_TABLES:
        if on_step:
            on_step(table)
        frame = _check_rows(table, raw.tables[table], censuses, ledger)
        returned[table] = _drop_orphans(table, frame, returned, ledger)
    coverage = coverage_of(censuses)
    identified = with_child_ids(returned)
    identified["children"] = _describe_once(identified["children"], ledger)
    current = current_returns(censuses).select("census")
    standing = {
        table: frame.join(current, on="census", how="semi", maintain_order="left")
        for table, frame in identified.items()
    }
    tables = stack(standing, coverage)
    latest = pl.col("census_year").max().over("la_code").alias("latest_census_year")
    across = {**tables, "episodes": tables["episodes"].with_columns(latest)}
    for rule in CROSS_RULES:
        ledger.report(rule.rows(across), "kept", rule.id, (rule.table, rule.column), rule.message, rule.advice)
    accounts = tuple(
        RowAccount(
            table=table,
            read=raw.tables[table].height,
            kept=tables[table].height,
            rejected=ledger.rejected.get(table, {}),
            superseded=identified[table].height - tables[table].height,
        )
        for table in RAW_TABLES
    )
    return CinCensus(**tables, coverage=coverage, findings=tuple(ledger.findings), accounts=accounts, limits={})


def _read_censuses(raw: pl.DataFrame, ledger: Ledger) -> pl.DataFrame:
    """The censuses with their authority, year and span; a header that does not say them is fatal."""
    censuses = raw.with_columns(
        pl.when(pl.col("la_code").str.contains(LA_CODE_PATTERN)).then("la_code").cast(LA_CODE, strict=False),
        typed(Column("reference_date", "date")),
        is_cin=pl.col("collection").is_null() | (pl.col("collection").str.to_uppercase() == "CIN"),
    )
    checks = (
        (
            "missing_la_code",
            pl.col("la_code").is_null(),
            "la_code",
            "no three-digit authority code (LEA) in the header",
        ),
        (
            "missing_reference_date",
            pl.col("reference_date").is_null(),
            "reference_date",
            "no date the census ends on (ReferenceDate, YYYY-MM-DD) in the header",
        ),
        (
            "wrong_collection",
            ~pl.col("is_cin"),
            "collection",
            "not a CIN census: the header names another collection",
        ),
    )
    advice = "correct the header and read the file again; nothing is guessed from names"
    fatal = [
        finding
        for rule, broken, column, message in checks
        for finding in _about_headers(censuses.filter(broken), "fatal", rule, column, message, advice)
    ]
    if censuses.is_empty():
        raise FatalFindings("no CIN census was found: nothing to read")
    if fatal:
        ledger.findings += fatal
        raise FatalFindings("\n".join(finding.as_line() for finding in fatal), ledger.findings)
    years = [reporting_year_of(day) for day in censuses["reference_date"]]
    starts: list[dt.date] = [year(number).start for number in years]
    censuses = censuses.with_columns(
        pl.Series("census_year", years, dtype=pl.Int16), pl.Series("census_start", starts, dtype=pl.Date)
    )
    if "first_day" in censuses.columns:  # an extract of other days than a reporting year's
        censuses = censuses.with_columns(census_start=pl.coalesce(typed(Column("first_day", "date")), "census_start"))
    _report_censuses(censuses, ledger)
    return (
        censuses.sort("reference_date", "produced_at", "census", nulls_last=False)
        .with_columns(return_order=pl.int_range(pl.len(), dtype=pl.UInt32))
        .with_columns(pl.col("source_file").cast(pl.Categorical()))
    )


def _report_censuses(censuses: pl.DataFrame, ledger: Ledger) -> None:
    """Say which returns were replaced by later ones, and which headers contradict themselves."""
    replaced = censuses.join(current_returns(censuses), on="census", how="anti", maintain_order="left")
    contradicting = censuses.filter(
        pl.col("year").is_not_null() & (pl.col("year") != pl.col("census_year").cast(pl.String))
    )
    for rule, rows, column, message, advice in (
        (
            "return_replaced",
            replaced,
            "produced_at",
            "a later return of the same census year replaces this one as a whole",
            "leave out returns that were made again",
        ),
        (
            "year_disagrees",
            contradicting,
            "year",
            "the header's Year is not the year in which the reporting year of its ReferenceDate ends; the date is used",
            "check the reference date: referrals after it are left out",
        ),
    ):
        ledger.findings += _about_headers(rows, "kept", rule, column, message, advice)


def _about_headers(
    censuses: pl.DataFrame, severity: Severity, rule: str, column: str, message: str, advice: str
) -> list[Finding]:
    """A finding about the header of each file that holds one of these censuses."""
    return [
        Finding(
            stage="tables",
            severity=severity,
            rule=rule,
            table="header",
            column=column,
            source_file=file,
            message=message,
            advice=advice,
        )
        for file in censuses["source_file"].unique(maintain_order=True)
    ]


def _check_rows(table: str, raw: pl.DataFrame, censuses: pl.DataFrame, ledger: Ledger) -> pl.DataFrame:
    """Type a table and check each of its rows."""
    facts = censuses.select(
        "census", "la_code", "census_year", "census_start", "reference_date", "return_order", "source_file"
    )
    if "source_file" in raw.columns:  # rows that say themselves where they stand
        facts = facts.drop("source_file")
    parsed = parse(raw, RETURNED[table])
    frame = parsed.table.join(facts, on="census", how="left", maintain_order="left")
    contract = ReturnedTable(table, RETURNED[table], rules_of(table), COLUMN_ADVICE.get(table, {}))
    return check_rows(contract, frame, parsed, ledger)


def _drop_orphans(
    table: str, frame: pl.DataFrame, returned: Mapping[str, pl.DataFrame], ledger: Ledger
) -> pl.DataFrame:
    """Leave out rows whose child, episode or event was left out or is not in the file."""
    if table == "children":
        return frame
    link = PARENT_ROW[table]
    parents = returned[PARENT_TABLE[link]].select("census", pl.col("source_row").alias(link))
    kept = frame.join(parents, on=["census", link], how="semi", maintain_order="left")
    orphans = frame.join(parents, on=["census", link], how="anti", maintain_order="left")
    what = "the row belongs to a child, episode or event that was left out or is not in the file; the row is left out"
    ledger.report(orphans, "rejected", "parent_left_out", (table, link), what, "correct what the row belongs to")
    ledger.reject(table, "parent_left_out", orphans.height)
    return kept


def _describe_once(children: pl.DataFrame, ledger: Ledger) -> pl.DataFrame:
    """Leave out a child's second description in one census; the episodes of both descriptions are the child's."""
    again = ~pl.struct("census", "child_id").is_first_distinct()
    repeated = children.filter(again)
    what = "the child is described twice in one census (8510); the first is used, the episodes of both are kept"
    advice = "return each child once, with all its episodes"
    ledger.report(repeated, "rejected", "duplicated_child", ("children", "child_id"), what, advice)
    ledger.reject("children", "duplicated_child", repeated.height)
    return children.filter(~again)
