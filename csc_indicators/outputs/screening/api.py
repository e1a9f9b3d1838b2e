"""Rules for files that are also to be read by programs: what they may be long."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import polars as pl

from csc_indicators.outputs.screening.model import Files, Rule, rows_in
from csc_indicators.outputs.screening.vocabulary import CODE_COLUMNS, NAME_COLUMNS

STAGE = "Limits of the API"
LONGEST_CODE, LONGEST_NAME, LONGEST_LABEL, LONGEST_ITEM = 30, 50, 100, 120


def api_char_loc_code(files: Files) -> Iterator[str]:
    """Codes of places that are too long."""
    yield from _longer(files, CODE_COLUMNS, LONGEST_CODE)


def api_char_col_name(files: Files) -> Iterator[str]:
    """Names of columns that are too long."""
    return (name for name in files.data.columns if len(name) > LONGEST_NAME)


def api_char_col_label(files: Files) -> Iterator[str]:
    """Columns whose label is too long."""
    yield from files.meta.filter(pl.col("label").str.len_chars() > LONGEST_LABEL)["col_name"]


def api_char_filter_items(files: Files) -> Iterator[str]:
    """Items, groups and names of places that are too long."""
    yield from _longer(files, dict.fromkeys([*files.filters_and_groups, *NAME_COLUMNS]), LONGEST_ITEM)


def _longer(files: Files, columns: Iterable[str], longest: int) -> list[str]:
    held = [name for name in columns if name in files.data.columns]
    return rows_in(files, held, lambda cell: cell.str.len_chars() > longest)


RULES = (
    Rule(
        api_char_loc_code,
        STAGE,
        "WARNING",
        f"The code of a place has no more than {LONGEST_CODE} characters",
        "Use the code of the ONS or of the Department.",
    ),
    Rule(
        api_char_col_name,
        STAGE,
        "WARNING",
        f"The name of a column has no more than {LONGEST_NAME} characters",
        "Shorten the name in both files.",
    ),
    Rule(
        api_char_col_label,
        STAGE,
        "WARNING",
        f"A label has no more than {LONGEST_LABEL} characters",
        "Shorten the label.",
    ),
    Rule(
        api_char_filter_items,
        STAGE,
        "WARNING",
        f"An item, a group and the name of a place have no more than {LONGEST_ITEM} characters",
        "Shorten the text.",
    ),
)
