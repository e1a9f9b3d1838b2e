"""Rules on whole rows and on any cell."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from csc_indicators.outputs.screening.model import Files, Rule, rows, rows_in
from csc_indicators.outputs.screening.vocabulary import NOT_IN_TABLES, PROVIDER, SCHOOL

STAGE = "Rows"
NULLS = ("NULL", "Null", "null", "NA", "na")
FORMER_SYMBOLS = ("N/A", "n/a", ".", "..", "-")


def general_dupes(files: Files) -> Iterator[str]:
    """Rows that are of the same time, place and items as another."""
    keys = list(dict.fromkeys([*files.times_and_places, *files.filters_and_groups]))
    of_units = set(files.levels) in ({SCHOOL}, {PROVIDER})
    unseen = NOT_IN_TABLES if of_units else (*NOT_IN_TABLES, SCHOOL, PROVIDER)
    yield from rows(files.data, pl.struct(keys).is_duplicated() & ~pl.col("geographic_level").is_in(unseen))


def general_null(files: Files) -> Iterator[str]:
    """Cells that hold a program's word for nothing."""
    yield from rows_in(files, files.data.columns, lambda cell: cell.is_in(NULLS))
    for column in files.meta.columns:
        for words in rows(files.meta, pl.col(column).is_in(NULLS)):
            yield f"{column} of the metadata: {words}"


def general_former_symbols(files: Files) -> Iterator[str]:
    """Cells that hold a sign which once stood for no number."""
    yield from rows_in(files, files.data.columns, lambda cell: cell.is_in(FORMER_SYMBOLS))


RULES = (
    Rule(
        general_dupes,
        STAGE,
        "FAIL",
        "No two rows are of the same time, place and items",
        "Take one of the rows out, or add the filter in which they differ.",
    ),
    Rule(
        general_null,
        STAGE,
        "FAIL",
        "No cell of the two files is " + ", ".join(f"`{word}`" for word in NULLS),
        "Write the symbol for the reason why there is no number, and leave cells of times and places empty.",
    ),
    Rule(
        general_former_symbols,
        STAGE,
        "WARNING",
        "No cell of the data is " + ", ".join(f"`{word}`" for word in FORMER_SYMBOLS),
        "Write the symbol for the reason why there is no number.",
    ),
)
