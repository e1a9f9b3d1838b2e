"""Results as tables for a terminal."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl
from rich.table import Table

from csc_indicators.catalogue import catalogue
from csc_indicators.errors import Finding
from csc_indicators.outputs.tidy import RESTRICTED
from csc_indicators.tables.accounting import RowAccount

UNITS = {
    "percent": "%",
    "rate_per_10000": "per 10,000 children",
    "mean": "mean",
    "share": "%",
    "count": "number",
}


def cell_tables(cells: pl.DataFrame) -> list[Table]:
    """One table for each indicator, reading and set of parameters: a line for each authority, period and group."""
    return [_cell_table(part) for _, part in cells.group_by("indicator", "reading", "parameters", maintain_order=True)]


def _cell_table(part: pl.DataFrame) -> Table:
    first = part.row(0, named=True)
    spec = catalogue().indicator(first["indicator"])
    reading = catalogue().reading(spec.id, first["reading"])
    title = f"{spec.title} [{UNITS[spec.unit]}]\n{spec.id} · {reading.name}: {reading.label}"
    if first["parameters"]:
        title += f" ({first['parameters']})"
    if RESTRICTED in part.columns:
        title += "\nRESTRICTED: small numbers are shown; not for publication"
    table = Table(title=title.replace("[", "\\["), title_justify="left", title_style="bold")
    grouped = part["breakdown"].n_unique() > 1
    has_interval = part["lower"].null_count() < part.height
    for name in ("Area", "Period"):
        table.add_column(name, no_wrap=True)
    if grouped:
        table.add_column("Group")
    for name in ("Numerator", "Denominator", "Value", *(("95 % interval",) if has_interval else ()), "Status"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("Complete")
    for row in part.iter_rows(named=True):
        interval = (
            f"{row['lower']:,.{spec.decimals}f} to {row['upper']:,.{spec.decimals}f}"
            if row["lower"] is not None
            else ""
        )
        table.add_row(
            f"{row['area_name']} ({row['area_code']})",
            row["period"],
            *((row["group"],) if grouped else ()),
            _number(row["numerator"], row["status"]),
            _number(row["denominator"], row["status"]),
            _number(row["value"], row["status"], spec.decimals),
            *((interval,) if has_interval else ()),
            row["status"],
            "yes" if row["complete"] else "no",
        )
    return table


def _number(value: float | None, status: str, decimals: int = 0) -> str:
    return (status if status != "ok" else "") if value is None else f"{value:,.{decimals}f}"


def account_table(accounts: Sequence[RowAccount]) -> Table:
    """What became of every row that was read."""
    table = Table(title="Rows", title_justify="left", title_style="bold")
    table.add_column("Table")
    for name in ("Read", "Kept", "Rejected", "Superseded"):
        table.add_column(name, justify="right")
    for account in accounts:
        rejected = sum(account.rejected.values())
        reasons = ", ".join(f"{reason} {rows:,}" for reason, rows in account.rejected.items())
        table.add_row(
            account.table,
            f"{account.read:,}",
            f"{account.kept:,}",
            f"{rejected:,}" + (f" ({reasons})" if reasons else ""),
            f"{account.superseded:,}",
        )
    return table


def finding_lines(findings: Sequence[Finding]) -> list[str]:
    """Findings as lines of text, the worst first."""
    order = {"fatal": 0, "rejected": 1, "kept": 2}
    return [finding.as_line() for finding in sorted(findings, key=lambda finding: order[finding.severity])]


def frame_table(frame: pl.DataFrame, *, title: str = "") -> Table:
    """Any small table as it is."""
    table = Table(title=title or None, title_justify="left", title_style="bold")
    for name in frame.columns:
        table.add_column(name, overflow="fold")
    for row in frame.iter_rows():
        table.add_row(*("" if value is None else str(value) for value in row))
    return table
