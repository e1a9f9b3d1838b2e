"""From raw returns on looked-after children to validated tables, with every row accounted for.

The order is that of the CIN census (`validation`): types, rules about single rows, the stacking of years, then rules
across a child's episodes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import polars as pl

from csc_indicators.codes import LA_CODE
from csc_indicators.errors import FatalFindings
from csc_indicators.extracts.parsing import parse
from csc_indicators.extracts.raw_ssda903 import TABLES, RawSsda903
from csc_indicators.periods import year
from csc_indicators.tables.accounting import RowAccount
from csc_indicators.tables.checking import Ledger, ReturnedTable, check_rows, without_dates_in_doubt
from csc_indicators.tables.ssda903 import COLLECTION, RETURNED, Ssda903
from csc_indicators.tables.ssda903_rules import ACROSS_RULES, rules_of
from csc_indicators.tables.ssda903_stacking import ONCE_A_RETURN, repaired, stack
from csc_indicators.tables.stacking import coverage_of

DATE_ADVICE = "write every date of the file DD/MM/YYYY, as the return asks"


def validate_ssda903(raw: RawSsda903, *, on_step: Callable[[str], None] | None = None) -> Ssda903:
    """Validate and stack raw returns.

    Args:
        raw: What the reader returned.
        on_step: Called with each table's name as its turn comes, for a progress bar.

    Raises:
        FatalFindings: there is no return, or an authority that does not exist.
    """
    if raw.returns.is_empty():
        raise FatalFindings("no return on looked-after children was found: nothing to read")
    ledger = Ledger(list(raw.findings))
    returns = _read_returns(raw.returns)
    coverage = coverage_of(returns, COLLECTION)
    checked: dict[str, pl.DataFrame] = {}
    for table in TABLES:
        if on_step:
            on_step(table)
        checked[table] = _check(table, raw.tables[table], returns, ledger)
    _say_what_is_repeated(checked, ledger)
    _say_which_birth_dates_disagree(checked, ledger)
    tables = stack(checked, coverage)
    tables["episodes"] = _repair(tables["episodes"], ledger)
    for rule in ACROSS_RULES:
        name = f"{COLLECTION}.{rule.table}"
        ledger.report(rule.rows(tables), "kept", rule.id, (name, rule.column), rule.message, rule.advice)
    kept = {table: frame.height for table, frame in tables.items()}
    kept["children"] = int(tables["children"]["described"].sum())
    accounts = tuple(
        RowAccount(
            table=f"{COLLECTION}.{table}",
            read=raw.tables[table].height,
            kept=kept[table],
            rejected=ledger.rejected.get(f"{COLLECTION}.{table}", {}),
            superseded=checked[table].height - kept[table],
        )
        for table in TABLES
    )
    return Ssda903(**tables, coverage=coverage, findings=tuple(ledger.findings), accounts=accounts, limits={})


def _read_returns(raw: pl.DataFrame) -> pl.DataFrame:
    """The returns with the days they cover, their year unless they say otherwise, in order of time."""
    spans = [year(number) for number in raw["year"]]
    first_day = pl.Series("census_start", [span.start for span in spans], dtype=pl.Date)
    last_day = pl.Series("reference_date", [span.end for span in spans], dtype=pl.Date)
    if {"first_day", "last_day"} <= {*raw.columns}:
        first_day, last_day = raw["first_day"].alias("census_start"), raw["last_day"].alias("reference_date")
    return raw.select(
        "return",
        pl.col("la_code").cast(LA_CODE),
        pl.col("year").cast(pl.Int16).alias("census_year"),
        first_day,
        last_day,
    ).sort("reference_date", "la_code")


def _check(table: str, raw: pl.DataFrame, returns: pl.DataFrame, ledger: Ledger) -> pl.DataFrame:
    """Type a table, set dates in doubt to missing and check each row."""
    columns = RETURNED[table]
    contract = ReturnedTable(f"{COLLECTION}.{table}", columns, rules_of(table))
    raw = raw.with_columns(pl.col("source_file").cast(pl.Categorical()), pl.col("child_id").str.to_uppercase())
    raw = without_dates_in_doubt(contract, raw, ledger, DATE_ADVICE)
    parsed = parse(raw, columns)
    frame = parsed.table.join(returns, on="return", how="left", maintain_order="left")
    return check_rows(contract, frame, parsed, ledger)


def _say_what_is_repeated(checked: Mapping[str, pl.DataFrame], ledger: Ledger) -> None:
    """Report second rows of a child in tables that can hold only one a return; stacking leaves them unused."""
    for table in ONCE_A_RETURN:
        rows = checked[table]
        again = rows.filter(~pl.struct("return", "child_id").is_first_distinct())
        what = "the return holds the child a second time, and can only once; the first row stands, this one is not used"
        advice = "return the child once"
        ledger.report(again, "kept", "second_row_of_child", (f"{COLLECTION}.{table}", "child_id"), what, advice)


def _say_which_birth_dates_disagree(checked: Mapping[str, pl.DataFrame], ledger: Ledger) -> None:
    """Report rows of the header whose date of birth is not the one that other tables of the return have."""
    child = ["return", "child_id"]
    elsewhere = [
        frame.select(*child, _born="birth_date")
        for table, frame in checked.items()
        if table != "children" and "birth_date" in frame.columns
    ]
    both = checked["children"].join(pl.concat(elsewhere).unique(), on=child)
    rows = both.filter(pl.col("birth_date") != pl.col("_born")).unique(["source_file", "source_row"])
    what = "another table of the return has another date of birth for the child; that of the header is used"
    where, advice = (f"{COLLECTION}.children", "birth_date"), "find out which is right, and return it in every table"
    ledger.report(rows, "kept", "birth_dates_disagree", where, what, advice)


def _repair(episodes: pl.DataFrame, ledger: Ledger) -> pl.DataFrame:
    """Close what later episodes show to be over, and list it."""
    mended = repaired(episodes)
    for rule, was_open, what in (
        (
            "stale_open_episode",
            True,
            "the episode has no end and later ones of the child follow; it is taken to end where the next one begins",
        ),
        (
            "end_after_next_start",
            False,
            "the episode ends after the next one of the child begins (501); it is taken to end where that one begins",
        ),
    ):
        rows = episodes.filter(mended["end_repaired"] & (episodes["end_date"].is_null() == was_open))
        where, advice = (f"{COLLECTION}.episodes", "end_date"), "return the episode with its end"
        ledger.report(rows, "kept", rule, where, what, advice)
    return mended
