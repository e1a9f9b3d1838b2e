"""From supplied tables as read to validated tables, with every row accounted for."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import polars as pl

from csc_indicators.codes import LA_CODE, LA_CODE_PATTERN
from csc_indicators.extracts.context import RawContext
from csc_indicators.extracts.context_shapes import CONTEXT_TABLES, KNOWN_TO, YEAR
from csc_indicators.extracts.parsing import parse
from csc_indicators.periods import FIRST_REPORTING_YEAR, LAST_REPORTING_YEAR, reporting_year_of, year
from csc_indicators.tables.accounting import RowAccount
from csc_indicators.tables.checking import Ledger, ReturnedTable, check_rows, without_dates_in_doubt
from csc_indicators.tables.cin import COVERAGE_SCHEMA
from csc_indicators.tables.context import COLLECTION, CONTRACTS, KEYS, RETURNED, Context
from csc_indicators.tables.rules import RowRule, is_before
from csc_indicators.tables.stacking import coverage_of, with_coverage

DATE_ADVICE = "write every date of the file DD/MM/YYYY or YYYY-MM-DD"
NOT_BELOW_NOTHING = (
    "amount",
    "population",
    "sessions_possible",
    "sessions_missed",
    "score",
    "vacancies",
    "in_post",
    "admissions",
)
"""Numbers that cannot be below nothing."""


def validate_context(raw: RawContext, *, on_step: Callable[[str], None] | None = None) -> Context:
    """Validate supplied tables.

    Args:
        raw: What the reader returned.
        on_step: Called with each table's name as its turn comes, for a progress bar.
    """
    ledger = Ledger(list(raw.findings))
    tables: dict[str, pl.DataFrame] = {}
    coverages = [COVERAGE_SCHEMA.to_frame()]
    accounts: list[RowAccount] = []
    for name, text in raw.tables.items():
        if on_step:
            on_step(name)
        frame = _once(name, _check(name, text, ledger), ledger)
        coverage = _coverage(name, frame)
        coverages.append(coverage)
        tables[name] = _shaped(name, frame, coverage)
        rejected = ledger.rejected.get(f"{COLLECTION}.{name}", {})
        accounts.append(
            RowAccount(table=f"{COLLECTION}.{name}", read=text.height, kept=tables[name].height, rejected=rejected)
        )
    return Context(tables, pl.concat(coverages), tuple(ledger.findings), tuple(accounts))


def _rules(name: str) -> tuple[RowRule, ...]:
    """What a row of a table must satisfy: an authority, a year that there is, an end that is not before its start."""
    columns = CONTEXT_TABLES[name].names
    rules = [
        RowRule(
            "not_an_authority",
            name,
            "la_code",
            "reject",
            ~pl.col("la_code").str.contains(LA_CODE_PATTERN).fill_null(value=True),
            "not the three digits of an authority; the row is left out",
            'write the code as text with all of its digits, such as "302"',
        )
    ]
    if YEAR in columns:
        rules.append(
            RowRule(
                "not_a_year",
                name,
                YEAR,
                "reject",
                ~pl.col(YEAR).is_between(FIRST_REPORTING_YEAR, LAST_REPORTING_YEAR).fill_null(value=True),
                "not a year; the row is left out",
                "write the year in which the reporting year or the academic year ends, such as 2025",
            )
        )
    happened = CONTEXT_TABLES[name].happened
    if happened:
        rules.append(
            RowRule(
                "after_known_to",
                name,
                happened,
                "reject",
                is_before(KNOWN_TO, happened),
                "later than the day up to which the list is complete; the row is left out",
                "correct the day, or say in known_to up to which day the list is complete",
            )
        )
    if {"start_date", "end_date"} <= set(columns):
        rules.append(
            RowRule(
                "ended_before_start",
                name,
                "end_date",
                "reject",
                is_before("end_date", "start_date"),
                "the row ends before it starts; it is left out",
                "correct the start or the end date",
            )
        )
    if name == "attendance":
        rules.append(
            RowRule(
                "more_missed_than_possible",
                name,
                "sessions_missed",
                "reject",
                (pl.col("sessions_missed") > pl.col("sessions_possible")).fill_null(value=False),
                "more sessions missed than were possible; the row is left out",
                "correct the numbers of sessions",
            )
        )
    rules += [
        RowRule(
            "negative_number",
            name,
            column,
            "reject",
            (pl.col(column) < 0).fill_null(value=False),
            "a number below nothing; the row is left out",
            "correct the number",
        )
        for column in columns
        if column in NOT_BELOW_NOTHING
    ]
    return tuple(rules)


def _check(name: str, raw: pl.DataFrame, ledger: Ledger) -> pl.DataFrame:
    columns = RETURNED[name]
    contract = ReturnedTable(f"{COLLECTION}.{name}", columns, _rules(name))
    raw = raw.with_columns(pl.col("source_file").cast(pl.Categorical()))
    if "child_id" in raw.columns:
        raw = raw.with_columns(pl.col("child_id").str.to_uppercase())
    raw = without_dates_in_doubt(contract, raw, ledger, DATE_ADVICE)
    parsed = parse(raw, columns)
    return check_rows(contract, parsed.table, parsed, ledger)


def _once(name: str, frame: pl.DataFrame, ledger: Ledger) -> pl.DataFrame:
    """The first row of each key: two of one thing would count it twice."""
    key = CONTEXT_TABLES[name].key
    again = ~frame.select(pl.struct(key).is_first_distinct()).to_series()
    repeated = frame.filter(again)
    what = f"another row has the same {', '.join(key)}; the first is used"
    where = (f"{COLLECTION}.{name}", key[-1])
    ledger.report(repeated, "rejected", "repeated_row", where, what, "give each once")
    ledger.reject(where[0], "repeated_row", repeated.height)
    return frame.filter(~again).with_columns(pl.col("la_code").cast(LA_CODE))


def _coverage(name: str, frame: pl.DataFrame) -> pl.DataFrame:
    """The spans that each authority's rows cover.

    They are the years that the rows are of; or, of a list, from the first year in which something happened up to the
    day to which the list is complete.
    """
    label = f"{COLLECTION}.{name}"
    happened = CONTEXT_TABLES[name].happened
    if not happened:
        years = frame.select("la_code", YEAR).unique().sort("la_code", YEAR)
        spans = [year(number) for number in years[YEAR]]
        return coverage_of(
            years.select(
                "la_code",
                pl.Series("census_start", [span.start for span in spans], dtype=pl.Date),
                pl.Series("reference_date", [span.end for span in spans], dtype=pl.Date),
            ),
            label,
        )
    lists = frame.group_by("la_code").agg(pl.col(happened).min(), pl.col(KNOWN_TO).max()).sort("la_code")
    firsts: list[dt.date] = lists[happened].to_list()
    return lists.select(
        "la_code",
        pl.lit(label).alias("collection"),
        pl.Series("observed_from", [year(reporting_year_of(day)).start for day in firsts], dtype=pl.Date),
        pl.col(KNOWN_TO).alias("observed_to"),
    )


def _shaped(name: str, frame: pl.DataFrame, coverage: pl.DataFrame) -> pl.DataFrame:
    """A validated table in its contract's columns and types, in order of authority and key."""
    if KNOWN_TO in frame.columns:
        frame = with_coverage(frame, coverage, KNOWN_TO)
    else:
        ends = [year(number).end for number in frame[YEAR]]
        frame = with_coverage(frame.with_columns(pl.Series("_ends", ends, dtype=pl.Date)), coverage, "_ends")
    frame = frame.sort(*CONTEXT_TABLES[name].key, "source_row", nulls_last=True)
    frame = frame.with_columns(pl.int_range(pl.len(), dtype=pl.UInt32).alias(KEYS[name]))
    return frame.select(pl.col(column).cast(dtype) for column, dtype in CONTRACTS[name].schema.items())
