"""Findings of the readers about a column of a file: one that is missing, not known, or used otherwise."""

from __future__ import annotations

from csc_indicators.errors import Finding


def about_column(rule: str, message: str, advice: str, *, table: str, column: str, source_file: str) -> Finding:
    """A `kept` finding about a column of a file, or about the file when the column is empty."""
    return Finding(
        stage="extracts",
        severity="kept",
        rule=rule,
        message=message,
        advice=advice,
        table=table,
        column=column,
        source_file=source_file,
    )
