"""Text to types, cell by cell, with every cell that could not be read remembered.

A library's type inference or strict cast either guesses or stops at the first bad cell. Here each column says what it
holds; a cell that does not hold that becomes missing and its row is reported, so the rest of the file still counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import polars as pl

from csc_indicators.codes import CODE_SETS, FALSE_TEXTS, TRUE_TEXTS
from csc_indicators.periods import EARLIEST_DATE, LATEST_DATE

Kind = Literal["text", "date", "code", "boolean", "integer"]


UNREADABLE: dict[Kind, tuple[str, str]] = {
    "date": ("unreadable_date", "not a date written YYYY-MM-DD between 1900 and 2099"),
    "code": ("unknown_code", "not a code of this column's list"),
    "boolean": ("unreadable_flag", "not one of 0, 1, true, false"),
    "integer": ("unreadable_number", "not a whole number"),
}
"""For each kind, the rule that an unreadable cell breaks and what is wrong with it."""


@dataclass(frozen=True)
class Column:
    """One column of a returned table: what it holds, and whether a row without it can be used."""

    name: str
    kind: Kind = "text"
    code_set: str = ""
    required: bool = False

    @property
    def dtype(self) -> pl.DataType:
        """The polars type of the column once read."""
        if self.kind == "code":
            return CODE_SETS[self.code_set].dtype
        types = {"text": pl.String(), "date": pl.Date(), "boolean": pl.Boolean(), "integer": pl.Int32()}
        return types[self.kind]


def typed(column: Column) -> pl.Expr:
    """A text column as its type; a cell that cannot be read becomes null.

    >>> frame = pl.DataFrame({"closure_reason": ["RC8", " rc9 ", "RC99"]})
    >>> frame.select(typed(Column("closure_reason", "code", "closure_reason"))).to_series().to_list()
    ['RC8', 'RC9', None]
    """
    text = pl.col(column.name)
    if column.kind == "date":
        # Some systems write a time or a zone after the day; the day is what the return asks for.
        day = text.str.replace(r"^(\d{4}-\d{2}-\d{2})(T[\d:.]+)?(Z|[+-]\d{2}:\d{2})?$", "$1")
        date = day.str.to_date("%Y-%m-%d", strict=False)
        return pl.when(date.is_between(pl.lit(EARLIEST_DATE), pl.lit(LATEST_DATE))).then(date).alias(column.name)
    if column.kind == "code":
        return text.str.strip_chars().str.to_uppercase().cast(column.dtype, strict=False).alias(column.name)
    if column.kind == "boolean":
        lowered = text.str.to_lowercase()
        return (
            pl.when(lowered.is_in(TRUE_TEXTS))
            .then(True)
            .when(lowered.is_in(FALSE_TEXTS))
            .then(False)
            .alias(column.name)
        )
    if column.kind == "integer":
        return text.cast(pl.Int32, strict=False).alias(column.name)
    return text


@dataclass(frozen=True)
class Parsed:
    """A typed table, with a mask for each column that held cells which could not be read or were tidied.

    A tidied cell is a code in lower case or with spaces around it: it was read, and that it had to be is worth saying.
    """

    table: pl.DataFrame
    unreadable: dict[str, pl.Series]
    tidied: dict[str, pl.Series]


def parse(raw: pl.DataFrame, columns: Sequence[Column]) -> Parsed:
    """Read every column of a raw table as its type; the other columns (links and row numbers) stay as they are.

    Args:
        raw: Text columns, null where a cell is empty.
        columns: What each column holds. A column that is not in the table is added as missing.
    """
    absent = [pl.lit(None, dtype=pl.String).alias(column.name) for column in columns if column.name not in raw.columns]
    raw = raw.with_columns(absent)
    table = raw.with_columns(typed(column) for column in columns)
    unreadable: dict[str, pl.Series] = {}
    tidied: dict[str, pl.Series] = {}
    for column in columns:
        if column.kind == "text":
            continue
        text, value = raw[column.name], table[column.name]
        if value.null_count() > text.null_count():
            unreadable[column.name] = value.is_null() & text.is_not_null()
        if column.kind == "code":
            # Cheap first: a column of clean codes survives a cast as it is.
            as_is = text.cast(column.dtype, strict=False)
            if as_is.null_count() > value.null_count():
                tidied[column.name] = as_is.is_null() & value.is_not_null()
    return Parsed(table, unreadable, tidied)
