"""Results as tables for a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from os.path import commonpath
from pathlib import PurePath
from typing import Any

import polars as pl
from rich.table import Table
from rich.text import Text

from csc_indicators.area_membership import STATISTICAL_NEIGHBOURS
from csc_indicators.benchmarking import OWN_PUBLISHED, Benchmark
from csc_indicators.breakdowns import TOTAL_GROUP
from csc_indicators.catalogue import catalogue
from csc_indicators.errors import Finding
from csc_indicators.extracts.context_shapes import CONTEXT_TABLES
from csc_indicators.outputs.column_widths import Name
from csc_indicators.outputs.tidy import RESTRICTED
from csc_indicators.tables.accounting import RowAccount

UNITS = {
    "percent": "%",
    "rate_per_10000": "per 10,000 children",
    "mean": "mean",
    "months": "mean, in months",
    "share": "%",
    "count": "number",
    "ratio": "per 100",
    "per_10000": "per 10,000",
    "survival": "%, estimated",
}


def cell_tables(cells: pl.DataFrame) -> list[Table]:
    """One table for each indicator, reading and set of parameters: a line for each authority, period and group."""
    parts = cells.group_by("indicator", "reading", "parameters", maintain_order=True)
    return [_cell_table(part, _title(part)) for _, part in parts]


def comparison_table(cells: pl.DataFrame) -> Table:
    """One indicator under several readings: for each authority and period a line for each reading."""
    spec = catalogue().indicator(cells["indicator"][0])
    title = f"{spec.title} [{_units(cells)}]\n{spec.id}, reading by reading" + _restriction(cells)
    return _cell_table(cells.sort("area_code", "period_start", "period_end", maintain_order=True), title, compared=True)


def benchmark_table(benchmark: Benchmark) -> Table:
    """An authority's figure, then each that it is compared with, and how far it is from it."""
    spec = catalogue().indicator(benchmark.indicator)
    places = spec.decimals
    table = Table(
        title=f"{spec.title} \\[{_units(benchmark.table)}], {benchmark.period}",
        title_justify="left",
        title_style="bold",
    )
    grouped = benchmark.table["group"].n_unique() > 1
    _add_names(table, "Area", *(("Group",) if grouped else ()))
    _add_figures(table, "Value", "95 % interval", "Difference", "95 % of difference")
    table.add_column("Own is", no_wrap=True)
    _add_names(table, "Source")
    for row in benchmark.table.iter_rows(named=True):
        own = row["role"] == "own"
        table.add_row(
            Name(_named(row)),
            *((Name(row["group"]),) if grouped else ()),
            _number(row["value"], row["status"], places),
            "" if row["role"] == STATISTICAL_NEIGHBOURS else _span(row["lower"], row["upper"], places),
            "" if row["difference"] is None else f"{_rounded(row['difference'], places):+,f}",
            _span(row["difference_lower"], row["difference_upper"], places),
            row["differs"] or "",
            Name(row["source"]),
            style="bold" if own else None,
        )
    return table


def position_lines(benchmark: Benchmark) -> list[str]:
    """Where the own figure stands among all authorities, as sentences: one for each group."""
    return [_position(row) for row in benchmark.positions.iter_rows(named=True) if row["value"] is not None]


def _position(row: dict[str, Any]) -> str:
    tied = f", shared by {row['tied']}" if row["tied"] > 1 else ""
    group = "" if row["group"] == TOTAL_GROUP else f"{row['group']}: "
    line = f"{group}rank {row['rank']} of {row['ranked']} from the {row['ranked_from']}{tied}; {row['quarter']}"
    if row["funnel"] is None:
        return line
    limits = _span(row["limit_lower"], row["limit_upper"], 1)
    return f"{line}; {row['funnel']} what chance alone would do around {row['centre_of']} ({limits})"


def _named(row: dict[str, Any]) -> str:
    if row["level" if "level" in row else "role"] == STATISTICAL_NEIGHBOURS:
        whose = row["area_name"].removeprefix("Statistical n")
        return f"N{whose} ({row['authorities']} with a value)"
    as_published = ", as published" if row.get("role") == OWN_PUBLISHED else ""
    return f"{row['area_name']} ({row['area_code']}){as_published}"


def _span(lower: float | None, upper: float | None, decimals: int) -> str:
    if lower is None or upper is None:
        return ""
    return f"{_rounded(lower, decimals):,f} to {_rounded(upper, decimals):,f}"


def _title(part: pl.DataFrame) -> str:
    first = part.row(0, named=True)
    spec = catalogue().indicator(first["indicator"])
    reading = catalogue().reading(spec.id, first["reading"])
    parameters = f" ({first['parameters']})" if first["parameters"] else ""
    named = f"{spec.id} · {reading.name}: {reading.label}{parameters}"
    return f"{spec.title} [{_units(part)}]\n{named}{_restriction(part)}"


def _units(cells: pl.DataFrame) -> str:
    """The unit of the figures; readings of one indicator may have two."""
    return "; ".join(dict.fromkeys(UNITS[unit] for unit in cells["unit"].unique(maintain_order=True)))


def _restriction(cells: pl.DataFrame) -> str:
    return "\nRESTRICTED: small numbers are shown; not for publication" if RESTRICTED in cells.columns else ""


def _cell_table(part: pl.DataFrame, title: str, *, compared: bool = False) -> Table:
    decimals = catalogue().indicator(part["indicator"][0]).decimals
    table = Table(title=title.replace("[", "\\["), title_justify="left", title_style="bold")
    grouped = part["breakdown"].n_unique() > 1
    has_interval = part["lower"].null_count() < part.height
    _add_names(table, "Area")
    table.add_column("Period", no_wrap=True)
    _add_names(table, *(("Group",) if grouped else ()), *(("Reading", "Differs in") if compared else ()))
    intervals = ("95 % interval",) if has_interval else ()
    _add_figures(table, "Numerator", "Denominator", "Value", *intervals, "Status")
    table.add_column("Complete", no_wrap=True)
    for row in part.iter_rows(named=True):
        interval = _span(row["lower"], row["upper"], decimals)
        table.add_row(
            Name(_named(row)),
            row["period"],
            *((Name(row["group"]),) if grouped else ()),
            *((Name(row["reading"]), Name(row["parameters"])) if compared else ()),
            _number(row["numerator"], row["status"], _decimals(row["numerator"])),
            _number(row["denominator"], row["status"], _decimals(row["denominator"])),
            _number(row["value"], row["status"], decimals),
            *((interval,) if has_interval else ()),
            row["status"],
            "yes" if row["complete"] else "no",
        )
    return table


def _add_names(table: Table, *headings: str) -> None:
    """Columns of text that may fold on a narrow terminal."""
    for heading in headings:
        table.add_column(heading, overflow="fold", no_wrap=True)


def _add_figures(table: Table, *headings: str) -> None:
    """Columns of figures, which stay on one line, set to the right."""
    for heading in headings:
        table.add_column(heading, justify="right", no_wrap=True)


def _decimals(count: float | None) -> int:
    """None for a whole number; full-time equivalents are shown with one, as they are published."""
    return 0 if count is None or count.is_integer() else 1


def _number(value: float | None, status: str, decimals: int = 0) -> str:
    return (status if status != "ok" else "") if value is None else f"{_rounded(value, decimals):,f}"


def _rounded(value: float, decimals: int) -> Decimal:
    """A figure as it is written, rounded half away from zero: 25.95 is 26.0, though it is held as a little less."""
    return Decimal(repr(value)).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)


def record_table(records: pl.DataFrame) -> Table:
    """Unit records, narrow enough for a terminal; CSV and JSON have the attributes too.

    A row's place is its file, by the part of the path in which the files differ, and its row number there.
    """
    prefixes = [prefix for prefix in ("matched", "source") if f"{prefix}_file" in records.columns]
    named = {file for prefix in prefixes for file in records[f"{prefix}_file"].cast(pl.String).drop_nulls().unique()}
    common = commonpath([PurePath(file).parent for file in named]) if named else ""
    short = {file: str(PurePath(file).relative_to(common)) for file in sorted(named)}
    places = {
        prefix: pl.concat_str(pl.col(f"{prefix}_file").cast(pl.String).replace(short), f"{prefix}_row", separator=":")
        for prefix in prefixes
    }
    leading = (
        "period",
        "la_code",
        "child_id",
        "worker_id",
        "date",
        "numerator",
        "denominator",
        "complete",
        "decided_by",
    )
    return frame_table(
        records.select(*(name for name in leading if name in records.columns), **places).with_columns(
            pl.col("numerator", "denominator").map_batches(_plain, return_dtype=pl.String),
            complete=pl.when("complete").then(pl.lit("yes")).otherwise(pl.lit("no")),
        )
    )


def _plain(numbers: pl.Series) -> pl.Series:
    """Numbers as they are, without a trace of how they are held: six decimals are all that any has."""
    shown = [None if value is None else f"{value:.6f}".rstrip("0").rstrip(".") for value in numbers]
    return pl.Series(numbers.name, shown, dtype=pl.String)


def account_table(accounts: Sequence[RowAccount]) -> Table:
    """What became of every row that was read."""
    table = Table(title="Rows", title_justify="left", title_style="bold")
    table.add_column("Table", overflow="fold")
    for name in ("Read", "Kept"):
        table.add_column(name, justify="right")
    # With the reasons, which fold.
    table.add_column("Rejected", justify="right", overflow="fold")
    table.add_column("Superseded", justify="right")
    for account in accounts:
        rejected = sum(account.rejected.values())
        reasons = ", ".join(f"{reason} {rows:,}" for reason, rows in account.rejected.items())
        table.add_row(
            Name(account.table),
            f"{account.read:,}",
            f"{account.kept:,}",
            Name(f"{rejected:,}" + (f" ({reasons})" if reasons else "")),
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
        # As text, not markup: an identifier may hold square brackets.
        table.add_row(*(Text("" if value is None else str(value)) for value in row))
    return table


def context_table_list() -> Table:
    """The supplied tables: what each is for, and its columns, in bold those that must be there."""
    listed = Table(title="Supplied tables", title_justify="left")
    for heading in ("Table", "What it holds", "Columns"):
        listed.add_column(heading, overflow="fold")
    for name, shape in CONTEXT_TABLES.items():
        columns = ", ".join(
            f"[bold]{column.name}[/bold]" if column.required else column.name for column in shape.columns
        )
        listed.add_row(name, shape.about, columns)
    return listed
