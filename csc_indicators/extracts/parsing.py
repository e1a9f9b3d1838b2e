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


BOOLEAN = pl.Enum([*TRUE_TEXTS, *FALSE_TEXTS])
DAY_LENGTH = len("2024-05-10")
AFTER_THE_DAY = r"^(T[\d:.]+)?(Z|[+-]\d{2}:\d{2})?$"
"""What some systems write after a day: a time, a zone. The day is what the return asks for."""


def typed(column: Column) -> pl.Expr:
    """A text column as its type; a cell that cannot be read becomes null.

    >>> frame = pl.DataFrame({"closure_reason": ["RC8", " rc9 ", "RC99"]})
    >>> frame.select(typed(Column("closure_reason", "code", "closure_reason"))).to_series().to_list()
    ['RC8', 'RC9', None]
    """
    text = pl.col(column.name)
    if column.kind == "date":
        after = text.str.slice(DAY_LENGTH)
        text = pl.when((after == "") | after.str.contains(AFTER_THE_DAY)).then(text.str.head(DAY_LENGTH))
    elif column.kind == "code":
        text = text.str.strip_chars().str.to_uppercase()
    elif column.kind == "boolean":
        text = text.str.to_lowercase()
    return _as_written(column, text)


def _as_written(column: Column, text: pl.Expr) -> pl.Expr:
    """A text column as its type when every cell is written as the return asks."""
    if column.kind == "date":
        date = text.str.to_date("%Y-%m-%d", strict=False)
        in_full = text.str.len_bytes() == DAY_LENGTH
        in_range = date.is_between(pl.lit(EARLIEST_DATE), pl.lit(LATEST_DATE))
        return pl.when(in_full & in_range).then(date).alias(column.name)
    if column.kind == "code":
        return text.cast(column.dtype, strict=False).alias(column.name)
    if column.kind == "boolean":
        return (text.cast(BOOLEAN, strict=False).to_physical() < len(TRUE_TEXTS)).alias(column.name)
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
    # Clean cells first: only a column that holds others is read a second time, with allowance for how they are written.
    # Lazily, so that a date which is checked and then used is read once.
    read = [_as_written(column, pl.col(column.name)) for column in columns]
    table = raw.lazy().with_columns(read).collect(engine="in-memory")
    unreadable: dict[str, pl.Series] = {}
    tidied: dict[str, pl.Series] = {}
    for column in columns:
        text, value = raw[column.name], table[column.name]
        if column.kind == "text" or value.null_count() == text.null_count():
            continue
        odd = value.is_null() & text.is_not_null()
        again = raw.select(pl.col(column.name).filter(odd)).select(typed(column)).to_series()
        if again.null_count() < len(again):
            value = value.scatter(odd.arg_true(), again)
            table = table.with_columns(value)
            left = value.is_null() & text.is_not_null()
            if column.kind == "code":
                tidied[column.name] = odd & ~left
            odd = left
        if odd.any():
            unreadable[column.name] = odd
    return Parsed(table, unreadable, tidied)
