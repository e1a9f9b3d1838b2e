"""From raw workforce censuses to validated tables, with every row accounted for.

The order is that of the other returns: headers, types, rules about single rows, the census that stands of several, then
rules across an authority's rows.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import polars as pl

from csc_indicators.census_years import workforce_year
from csc_indicators.codes import ETHNICITY, LA_CODE, LA_CODE_PATTERN, SEX
from csc_indicators.errors import FatalFindings, Finding
from csc_indicators.extracts.parsing import Column, parse, typed
from csc_indicators.extracts.raw_workforce import ITEMS, TOTALS, WORKERS, RawWorkforce
from csc_indicators.tables.accounting import RowAccount
from csc_indicators.tables.checking import Ledger, ReturnedTable, check_rows, without_dates_in_doubt
from csc_indicators.tables.stacking import coverage_of, with_coverage
from csc_indicators.tables.workforce import COLLECTION, CONTRACTS, KEYS, RETURNED, Workforce
from csc_indicators.tables.workforce_rules import ACROSS_RULES, CODED_ITEMS, rules_of
from csc_indicators.workforce_codes import SEX_OF_WORKER

DATE_ADVICE = "write every date of the file DD/MM/YYYY or YYYY-MM-DD"


def validate_workforce(raw: RawWorkforce, *, on_step: Callable[[str], None] | None = None) -> Workforce:
    """Validate raw workforce censuses and keep of each authority and year the one that stands.

    Args:
        raw: What the reader returned.
        on_step: Called with each table's name as its turn comes, for a progress bar.

    Raises:
        FatalFindings: there is no census, or one does not say whose it is or of which 30 September.
    """
    ledger = Ledger(list(raw.findings))
    returns = _read_returns(raw.returns, ledger)
    coverage = coverage_of(returns, COLLECTION)
    standing = returns.group_by("la_code", "census_year").agg(pl.col("return").max())
    checked: dict[str, pl.DataFrame] = {}
    tables: dict[str, pl.DataFrame] = {}
    for table in (WORKERS, TOTALS, ITEMS):
        if on_step:
            on_step(table)
        frame = _check(table, raw.tables[table], returns, ledger)
        if table == TOTALS:
            frame = _once_an_authority(frame, ledger)
        if table == ITEMS:
            frame = _of_workers(frame, checked[WORKERS], ledger)
        checked[table] = frame
        current = frame.join(standing.select("return"), on="return", how="semi", maintain_order="left")
        tables[table] = _shaped(table, current, tables, coverage)
    for rule in ACROSS_RULES:
        name = f"{COLLECTION}.{rule.table}"
        ledger.report(rule.rows(tables), "kept", rule.id, (name, rule.column), rule.message, rule.advice)
    accounts = tuple(
        RowAccount(
            table=f"{COLLECTION}.{table}",
            read=raw.tables[table].height,
            kept=tables[table].height,
            rejected=ledger.rejected.get(f"{COLLECTION}.{table}", {}),
            superseded=checked[table].height - tables[table].height,
        )
        for table in RETURNED
    )
    return Workforce(**tables, coverage=coverage, findings=tuple(ledger.findings), accounts=accounts)


def _read_returns(raw: pl.DataFrame, ledger: Ledger) -> pl.DataFrame:
    """The censuses with their authority, year and span; a header that does not say them is fatal."""
    if raw.is_empty():
        raise FatalFindings("no workforce census was found: nothing to read")
    returns = raw.with_columns(
        pl.when(pl.col("la_code").str.contains(LA_CODE_PATTERN)).then("la_code").cast(LA_CODE, strict=False),
        typed(Column("reference_date", "date")),
    )
    day = pl.col("reference_date")
    on_census_day = (day.dt.month() == CENSUS_MONTH) & (day.dt.day() == CENSUS_DAY_OF_MONTH)
    checks = (
        (
            "missing_la_code",
            pl.col("la_code").is_null(),
            "la_code",
            "no three-digit authority code (LEA) in the header",
        ),
        (
            "missing_reference_date",
            ~on_census_day.fill_null(value=False),
            "reference_date",
            "no day of the census (ReferenceDate, a 30 September written YYYY-MM-DD) in the header",
        ),
    )
    fatal = [
        Finding(
            stage="tables",
            severity="fatal",
            rule=rule,
            table=f"{COLLECTION}.header",
            column=column,
            source_file=file,
            message=message,
            advice="correct the header and read the file again; nothing is guessed from names",
        )
        for rule, broken, column, message in checks
        for file in returns.filter(broken)["source"].unique(maintain_order=True)
    ]
    if fatal:
        ledger.findings += fatal
        raise FatalFindings("\n".join(finding.as_line() for finding in fatal), ledger.findings)
    days: list[dt.date] = returns["reference_date"].to_list()
    years = [workforce_year(day.year) for day in days]
    returns = returns.with_columns(
        pl.Series("census_year", [span.end.year for span in years], dtype=pl.Int16),
        pl.Series("census_start", [span.start for span in years], dtype=pl.Date),
    )
    again = returns.filter(pl.col("return") < pl.col("return").max().over("la_code", "census_year"))
    ledger.findings += [
        Finding(
            stage="tables",
            severity="kept",
            rule="return_replaced",
            table=f"{COLLECTION}.header",
            column="reference_date",
            source_file=file,
            message="a later file of the same authority and census replaces this one as a whole",
            advice="leave out returns that were made again; of several, the last by name stands",
        )
        for file in again["source"].unique(maintain_order=True)
    ]
    return returns.select("return", "la_code", "census_year", "census_start", "reference_date")


CENSUS_MONTH, CENSUS_DAY_OF_MONTH = 9, 30


def _check(table: str, raw: pl.DataFrame, returns: pl.DataFrame, ledger: Ledger) -> pl.DataFrame:
    """Type a table, set dates in doubt to missing and check each row."""
    columns = RETURNED[table]
    contract = ReturnedTable(f"{COLLECTION}.{table}", columns, rules_of(table))
    raw = raw.with_columns(pl.col("source_file").cast(pl.Categorical()))
    if table == ITEMS:
        is_code = pl.col("item").is_in([*CODED_ITEMS])
        raw = raw.with_columns(value=pl.when(is_code).then(pl.col("value").str.to_uppercase()).otherwise("value"))
    if table == WORKERS:
        raw = raw.with_columns(pl.col("worker_id").str.replace_all(r"\s", "").str.to_uppercase())
    raw = without_dates_in_doubt(contract, raw, ledger, DATE_ADVICE)
    parsed = parse(raw, columns)
    frame = parsed.table.join(returns, on="return", how="left", maintain_order="left")
    return check_rows(contract, frame, parsed, ledger)


def _once_an_authority(totals: pl.DataFrame, ledger: Ledger) -> pl.DataFrame:
    """The first row of totals of each census: an authority has one."""
    again = ~pl.col("return").is_first_distinct()
    repeated = totals.filter(again)
    what = "the authority's totals are given more than once in one census; the first are used"
    name = f"{COLLECTION}.{TOTALS}"
    ledger.report(repeated, "rejected", "repeated_totals", (name, "vacancies"), what, "give them once")
    ledger.reject(name, "repeated_totals", repeated.height)
    return totals.filter(~again)


def _of_workers(items: pl.DataFrame, workers: pl.DataFrame, ledger: Ledger) -> pl.DataFrame:
    """The repeated items of workers who were not left out."""
    worker = ["return", "source_file", "source_row"]
    kept = items.join(workers, on=worker, how="semi", maintain_order="left")
    orphans = items.join(workers, on=worker, how="anti", maintain_order="left")
    name = f"{COLLECTION}.{ITEMS}"
    what = "the item belongs to a worker who was left out; it is left out"
    ledger.report(orphans, "rejected", "parent_left_out", (name, "item"), what, "correct the worker's row")
    ledger.reject(name, "parent_left_out", orphans.height)
    return kept


def _shaped(table: str, frame: pl.DataFrame, made: dict[str, pl.DataFrame], coverage: pl.DataFrame) -> pl.DataFrame:
    """A validated table in its contract's columns and types, in order of authority, year and place in the file."""
    place = ["la_code", "census_year", "return", "source_row", "_at"]  # several items have one row
    frame = with_coverage(frame.with_row_index("_at"), coverage, "reference_date").sort(place)
    frame = frame.with_columns(pl.int_range(pl.len(), dtype=pl.UInt32).alias(KEYS[table]))
    if table == WORKERS:
        sex = pl.col("worker_sex").cast(pl.String).replace_strict(SEX_OF_WORKER, default=None)
        frame = frame.with_columns(sex=sex.cast(SEX.dtype), ethnicity=pl.col("ethnicity").cast(ETHNICITY.dtype))
    if table == ITEMS:
        workers = made[WORKERS].select("la_code", "census_year", "source_file", "source_row", "worker_key")
        frame = frame.join(
            workers, on=["la_code", "census_year", "source_file", "source_row"], how="left", maintain_order="left"
        )
    schema = CONTRACTS[table].schema
    return frame.select(pl.col(name).cast(dtype) for name, dtype in schema.items())
