"""What the command line prints: results to standard output, everything else to standard error."""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING, Any

from csc_indicators.arguments import Format

if TYPE_CHECKING:
    import polars as pl

    from csc_indicators.loading import Extracts


def say_loss(extracts: Extracts) -> None:
    """What was read and what was lost, in a few lines on standard error."""
    accounts = [
        account
        for account in extracts.accounts
        if account.table.rpartition(".")[2] in ("children", "episodes") or account.rejected
    ]
    for account in accounts:
        reasons = ", ".join(f"{reason} {rows:,}" for reason, rows in account.rejected.items())
        rejected = f"{sum(account.rejected.values()):,} rejected" + (f" ({reasons})" if reasons else "")
        say(
            f"{account.table}: {account.read:,} rows read, {account.kept:,} kept, {rejected}, "
            f"{account.superseded:,} superseded by later returns"
        )
    count = len(extracts.findings)
    if count:
        say(f"{count} finding{'s' if count != 1 else ''}; `validate` lists {'them' if count != 1 else 'it'}")


def print_cells(cells: pl.DataFrame, output: Format) -> None:
    """Print cells as tables for people, or in the format that was asked for."""
    if output is Format.table:
        from csc_indicators.outputs.terminal import cell_tables

        for table in cell_tables(cells):
            print_rich(table)
    else:
        print_frame(cells, output)


def print_frame(frame: pl.DataFrame, output: Format) -> None:
    """Print rows as CSV or JSON."""
    from csc_indicators.outputs.tidy import as_csv, as_json

    print_text(as_json(frame) if output is Format.json else as_csv(frame).rstrip("\n"))


def print_rich(item: Any) -> None:  # noqa: ANN401 (anything rich can show)
    """Print what rich can lay out, such as a table, of which nothing is cut off to make it fit."""
    from rich.console import Console
    from rich.table import Table

    from csc_indicators.outputs.column_widths import PIPE, fit

    # A pipe or a file has no width of its own: do not wrap figures for it.
    terminal = Console().width if sys.stdout.isatty() else None
    console = Console(width=fit(item, terminal) if isinstance(item, Table) else terminal or PIPE)
    with console.capture() as captured:
        console.print(item)
    print_text(captured.get().rstrip("\n"))


def print_text(text: str) -> None:
    """Print text to standard output, and stop quietly where nobody reads it any more."""
    try:
        sys.stdout.write(text + "\n")
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever read our output has closed it, as `head` does: that is no error, and the rest goes nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def say(text: str) -> None:
    """Say something on standard error."""
    sys.stderr.write(text + "\n")


def plain_json(value: Any) -> str:  # noqa: ANN401 (any plain value)
    """A plain value as JSON for people to read."""
    return json.dumps(value, indent=1, ensure_ascii=False)
