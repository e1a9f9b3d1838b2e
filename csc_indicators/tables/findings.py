"""Findings from masks: how many rows, in which files, and the first row numbers of each; never a value."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from csc_indicators.errors import ROW_NUMBERS_SHOWN, Finding


def findings_of(rows: pl.DataFrame, finding: Finding) -> list[Finding]:
    """A finding once for each file that holds any of the rows it concerns.

    Args:
        rows: The rows concerned, with `source_file` and `source_row`.
        finding: What is wrong with them; its file and row numbers are filled in here.
    """
    if rows.is_empty():
        return []
    by_file = (
        rows.group_by("source_file")
        .agg(rows=pl.len(), row_numbers=pl.col("source_row").bottom_k(ROW_NUMBERS_SHOWN).sort())
        .with_columns(pl.col("source_file").cast(pl.String))
        .sort("source_file")
    )
    return [
        replace(finding, source_file=file, rows=count, row_numbers=tuple(numbers))
        for file, count, numbers in by_file.iter_rows()
    ]
