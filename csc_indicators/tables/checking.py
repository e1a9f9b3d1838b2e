"""Checking a table of a return, cell by cell and row by row, with every row that is set aside accounted for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from csc_indicators.catalogue import catalogue
from csc_indicators.errors import Finding, Severity
from csc_indicators.extracts.parsing import UNREADABLE, Column, Parsed, dates_in_doubt
from csc_indicators.tables.findings import findings_of
from csc_indicators.tables.rules import RowRule, broken_rows

TIDIED = {
    "code": ("code_tidied", "a code in lower case or with spaces, read as the code it is"),
    "day_first_date": ("date_tidied", "a date with a two-digit year, or with a time, read as the day it plainly is"),
}
"""For each kind of cell that can be tidied, the rule and what was done."""

FEEDS = {
    "cin.children": ("disabilities", "episodes"),
    "cin.disabilities": ("children", "episodes"),
    "ssda903.children": ("episodes", "care_leavers"),
    "ssda903.uasc": ("episodes", "care_leavers"),
}
"""Tables from which others take what is recorded of a child."""


@dataclass(frozen=True)
class ReturnedTable:
    """A table as returned: what findings call it, what its columns hold, and what its rows must satisfy.

    `advice` says for single columns what to do about a cell that cannot be read.
    """

    name: str
    columns: Sequence[Column]
    rules: Sequence[RowRule]
    advice: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass
class Ledger:
    """What has been found and set aside so far."""

    findings: list[Finding] = field(default_factory=list[Finding])
    rejected: dict[str, dict[str, int]] = field(default_factory=dict[str, dict[str, int]])

    def report(
        self, rows: pl.DataFrame, severity: Severity, rule: str, where: tuple[str, str], message: str, advice: str
    ) -> None:
        """Add a finding about rows of a table (and column), once for each file."""
        table, column = where
        finding = Finding(
            stage="tables",
            severity=severity,
            rule=rule,
            table=table,
            column=column,
            message=message,
            advice=advice,
            indicators=indicators_using(table) if not rows.is_empty() else (),
        )
        self.findings += findings_of(rows, finding)

    def reject(self, table: str, rule: str, rows: int) -> None:
        """Count rows of a table that are left out for a reason."""
        if rows:
            reasons = self.rejected.setdefault(table, {})
            reasons[rule] = reasons.get(rule, 0) + rows


def indicators_using(table: str) -> tuple[str, ...]:
    """The indicators that are computed from a table, or broken down by it.

    >>> "rereferrals" in indicators_using("episodes"), "rereferrals" in indicators_using("ssda903.episodes")
    (True, False)
    """
    collection, name = table.split(".") if "." in table else ("cin", table)
    # Rows carry what is recorded of their child.
    tables = {f"{collection}.{fed}" for fed in (name, *FEEDS.get(f"{collection}.{name}", ()))}
    return tuple(spec.id for spec in catalogue().indicators.values() if tables & set(spec.tables))


def without_dates_in_doubt(table: ReturnedTable, raw: pl.DataFrame, ledger: Ledger, advice: str) -> pl.DataFrame:
    """A raw table in which dates that could be day first or month first are set to missing, and said.

    Args:
        table: The table's contract.
        raw: Its text columns, with `source_file` and `source_row`.
        ledger: Where the finding is written down.
        advice: How the dates of such a file are to be written.
    """
    for column in table.columns:
        if column.kind != "day_first_date":
            continue
        doubtful = raw.select(dates_in_doubt(column.name, within="source_file")).to_series()
        if doubtful.any():
            what = "a date that could be day first or month first, in a file that writes months first; it is not read"
            ledger.report(raw.filter(doubtful), "kept", "ambiguous_date", (table.name, column.name), what, advice)
            raw = raw.with_columns(pl.when(~doubtful).then(column.name).alias(column.name))
    return raw


def check_rows(table: ReturnedTable, frame: pl.DataFrame, parsed: Parsed, ledger: Ledger) -> pl.DataFrame:
    """Check each row of a typed table, blank what its rules blank and set aside what they reject.

    Args:
        table: The table's contract.
        frame: Its typed rows with `source_file`, `source_row` and the facts of their return that the rules look at.
        parsed: How its cells were read.
        ledger: Where findings and rejected rows are written down.
    """
    missing, broken = broken_rows(table.name, frame, table.columns, table.rules)
    rows = frame.select("source_file", "source_row")
    refused = _report_cells(table, rows, parsed, missing, ledger)
    blanks: list[pl.Expr] = []
    for rule in table.rules:
        if rule.key not in broken:
            continue
        mask = broken[rule.key]
        severity = "rejected" if rule.action == "reject" else "kept"
        ledger.report(rows.filter(mask), severity, rule.id, (table.name, rule.column), rule.message, rule.advice)
        if rule.action == "reject":
            refused.append((rule.id, mask))
        if rule.action == "blank":
            blanks.append(pl.when(~mask).then(rule.column).alias(rule.column))
    return _set_aside(table.name, frame.with_columns(blanks), refused, ledger)


def _report_cells(
    table: ReturnedTable, rows: pl.DataFrame, parsed: Parsed, missing: Mapping[str, pl.Series], ledger: Ledger
) -> list[tuple[str, pl.Series]]:
    """Report cells that were tidied, could not be read, or are missing; the rows refused for it, by rule."""
    refused: list[tuple[str, pl.Series]] = []
    for column in table.columns:
        where = (table.name, column.name)
        advice = table.advice.get(column.name, "correct the cell in the case system and export again")
        if column.name in parsed.tidied:
            rule, what = TIDIED[column.kind]
            ledger.report(rows.filter(parsed.tidied[column.name]), "kept", rule, where, what, advice)
        unreadable = parsed.unreadable.get(column.name)
        if unreadable is not None:
            rule, what = UNREADABLE[column.kind]
            end = "the row is left out" if column.required else "the cell is set to missing"
            severity = "rejected" if column.required else "kept"
            ledger.report(rows.filter(unreadable), severity, rule, where, f"{what}; {end}", advice)
            if column.required:
                refused.append((rule, unreadable))
        if column.name in missing:
            absent = missing[column.name]
            empty = absent if unreadable is None else absent & ~unreadable
            rule = f"missing_{column.name}"
            ledger.report(rows.filter(empty), "rejected", rule, where, "the cell is empty; the row is left out", advice)
            refused.append((rule, empty))
    return refused


def _set_aside(
    table: str, frame: pl.DataFrame, refused: Sequence[tuple[str, pl.Series]], ledger: Ledger
) -> pl.DataFrame:
    """Leave refused rows out; a row with several faults is counted under the first."""
    if not refused:
        return frame
    gone = pl.zeros(frame.height, dtype=pl.Boolean, eager=True)
    for rule, mask in refused:
        ledger.reject(table, rule, int((mask & ~gone).sum()))
        gone = gone | mask
    return frame.filter(~gone)
