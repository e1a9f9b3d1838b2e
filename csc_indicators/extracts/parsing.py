"""Text to types, cell by cell, with every cell that could not be read remembered.

A library's type inference or strict cast either guesses or stops at the first bad cell. Here each column says what it
holds; a cell that does not hold that becomes missing and its row is reported, so the rest of the file still counts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import polars as pl

from csc_indicators.codes import CODE_SETS, FALSE_TEXTS, TRUE_TEXTS
from csc_indicators.extracts.postcodes import plain_postcode
from csc_indicators.periods import EARLIEST_DATE, LATEST_DATE, MONTHS_IN_YEAR

Kind = Literal["text", "date", "day_first_date", "partial_date", "postcode", "code", "boolean", "integer", "number"]


UNREADABLE: dict[Kind, tuple[str, str]] = {
    "date": ("unreadable_date", "not a date written YYYY-MM-DD between 1900 and 2099"),
    "day_first_date": (
        "unreadable_date",
        "not a date written DD/MM/YYYY (or YYYY-MM-DD, or DD/MM/YY) between 1900 and 2099",
    ),
    "partial_date": ("unreadable_date", "not a date written DD/MM/YYYY, with zz for a part that is not known"),
    "code": ("unknown_code", "not a code of this column's list"),
    "boolean": ("unreadable_flag", "not one of 0, 1, true, false"),
    "integer": ("unreadable_number", "not a whole number"),
    "number": ("unreadable_number", "not a number"),
}
"""For each kind, the rule that an unreadable cell breaks and what is wrong with it."""


TYPES: Mapping[Kind, pl.DataType] = {
    "text": pl.String(),
    "date": pl.Date(),
    "day_first_date": pl.Date(),
    "partial_date": pl.String(),
    "postcode": pl.String(),
    "boolean": pl.Boolean(),
    "integer": pl.Int32(),
    "number": pl.Float64(),
}
"""The polars type of each kind but codes, which have their own."""


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
        return TYPES[self.kind]


BOOLEAN = pl.Enum([*TRUE_TEXTS, *FALSE_TEXTS])
DAY_LENGTH = len("2024-05-10")
DAY_FIRST, ISO = "%d/%m/%Y", "%Y-%m-%d"
TWO_DIGIT_YEAR = r"^(\d{2}/\d{2}/)(\d{2})$"
PARTIAL_DATE = r"^(\d{2}|ZZ)/(\d{2}|ZZ)/(\d{4}|ZZZZ)$|^\d{4}-\d{2}-\d{2}$"
MIDNIGHT = r" 00:00:00(\.0+)?$"
"""What a workbook, or a database read into one, adds to a day that it holds as a date."""
CENTURY_TURNS = 50
"""Years written with two digits from here on are of the last century: nobody in care was born before 1950."""
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
        text = _day_of(text)
    elif column.kind == "day_first_date":
        plain = text.str.replace(MIDNIGHT, "")
        return pl.coalesce(_two_digit_year(text), _as_written(Column(column.name, "date"), _day_of(plain))).alias(
            column.name
        )
    elif column.kind == "code":
        # Codes of the returns are in capitals, those of supplied tables are words.
        words = all(code == code.lower() for code in CODE_SETS[column.code_set].codes)
        text = text.str.strip_chars()
        text = text.str.to_lowercase() if words else text.str.to_uppercase()
    elif column.kind == "boolean":
        text = text.str.to_lowercase()
    return _as_written(column, text)


def _day_of(text: pl.Expr) -> pl.Expr:
    """The day of a text that may go on with a time and a zone."""
    after = text.str.slice(DAY_LENGTH)
    return pl.when((after == "") | after.str.contains(AFTER_THE_DAY)).then(text.str.head(DAY_LENGTH))


def _two_digit_year(text: pl.Expr) -> pl.Expr:
    """A date written DD/MM/YY."""
    ends = text.str.extract(TWO_DIGIT_YEAR, 2)
    century = pl.when(ends.cast(pl.Int32, strict=False) < CENTURY_TURNS).then(pl.lit("20")).otherwise(pl.lit("19"))
    return (text.str.extract(TWO_DIGIT_YEAR, 1) + century + ends).str.to_date(DAY_FIRST, strict=False)


def _as_written(column: Column, text: pl.Expr) -> pl.Expr:
    """A text column as its type when every cell is written as the return asks."""
    read = {
        "date": lambda: _whole_day(text, ISO),
        "day_first_date": lambda: pl.coalesce(_whole_day(text, DAY_FIRST), _whole_day(text, ISO)),
        "partial_date": lambda: _matching(text.str.to_uppercase(), PARTIAL_DATE),
        "postcode": lambda: plain_postcode(text),
        "code": lambda: text.cast(column.dtype, strict=False),
        "boolean": lambda: text.cast(BOOLEAN, strict=False).to_physical() < len(TRUE_TEXTS),
        "integer": lambda: text.cast(pl.Int32, strict=False),
        "number": lambda: _finite(text.cast(pl.Float64, strict=False)),
        "text": lambda: text,
    }
    return read[column.kind]().alias(column.name)


def _whole_day(text: pl.Expr, pattern: str) -> pl.Expr:
    """A date whose day, month and year are all written in full."""
    date = text.str.to_date(pattern, strict=False)
    in_range = date.is_between(pl.lit(EARLIEST_DATE), pl.lit(LATEST_DATE))
    return pl.when((text.str.len_bytes() == DAY_LENGTH) & in_range).then(date)


def _matching(text: pl.Expr, pattern: str) -> pl.Expr:
    return pl.when(text.str.contains(pattern)).then(text)


def _finite(number: pl.Expr) -> pl.Expr:
    return pl.when(number.is_finite()).then(number)


@dataclass(frozen=True)
class Parsed:
    """A typed table, with a mask for each column that held cells which could not be read or were tidied.

    A tidied cell is a code in lower case or with spaces around it, or a date in another way of writing than the return
    asks for: it was read, and that it had to be is worth saying.
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
            if column.kind in ("code", "day_first_date"):
                tidied[column.name] = odd & ~left
            odd = left
        if odd.any():
            unreadable[column.name] = odd
    return Parsed(table, unreadable, tidied)


def dates_in_doubt(column: str, *, within: str) -> pl.Expr:
    """True for dates that could be read day first or month first in a file that writes its months first.

    A file does when more of the column's cells can only be read month first than only day first. One cell of another
    order is a slip and is reported by itself; here the whole column is in doubt, and neither reading is believed.

    >>> frame = pl.DataFrame({"file": ["a", "a", "b"], "day": ["03/25/2024", "01/02/2024", "01/02/2024"]})
    >>> frame.select(dates_in_doubt("day", within="file")).to_series().to_list()
    [False, True, False]
    """
    parts = pl.col(column).str.extract_groups(r"^(\d{2})/(\d{2})/\d{2,4}$")
    first, second = (parts.struct.field(number).cast(pl.Int32, strict=False) for number in ("1", "2"))
    month_only = (first <= MONTHS_IN_YEAR) & (second > MONTHS_IN_YEAR)
    day_only = (first > MONTHS_IN_YEAR) & (second <= MONTHS_IN_YEAR)
    either = (first <= MONTHS_IN_YEAR) & (second <= MONTHS_IN_YEAR) & (first != second)
    month_first = month_only.sum().over(within) > day_only.sum().over(within)
    return (either & month_first).fill_null(value=False)
