"""Cells of a published file: a number, exactly as it is written, or the symbol that stands in place of one."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from csc_indicators.rounding import NOT_AVAILABLE, SUM_DECIMALS

NUMBER = r"^-?[0-9]+(\.[0-9]+)?$"

SYMBOLS = {"c": "c", "z": "z", "x": "x", "k": "k", "u": "u", "low": "low", ":": "x", "~": "low"}
"""The symbols of official statistics; the last two are no longer used, and read as what took their place.

`c` confidential, `z` not applicable, `x` not available, `k` rounds to zero and is not, `u` of low reliability, `low`
the same as `k` in files of some releases.
"""


def number(column: str) -> pl.Expr:
    """The cells of a column that are numbers; null for all others.

    >>> frame = pl.DataFrame({"count": ["12", "c", "1,200", None]})
    >>> frame.select(number("count")).to_series().to_list()
    [12.0, None, None, None]
    """
    return pl.when(pl.col(column).str.contains(NUMBER)).then(pl.col(column)).cast(pl.Float64)


def symbol(column: str) -> pl.Expr:
    """The symbol of a cell that holds one; `x` for a cell that holds neither symbol nor number; null for a number.

    >>> frame = pl.DataFrame({"count": ["12", "C", ":", "1,200", None]})
    >>> frame.select(symbol("count")).to_series().to_list()
    [None, 'c', 'x', 'x', 'x']
    """
    told = pl.col(column).str.to_lowercase().replace_strict(SYMBOLS, default=NOT_AVAILABLE, return_dtype=pl.String)
    return pl.when(~pl.col(column).str.contains(NUMBER).fill_null(value=False)).then(told)


def is_empty(column: str) -> pl.Expr:
    """Whether a cell is empty, which no published cell should be."""
    return pl.col(column).is_null()


def is_unreadable(column: str) -> pl.Expr:
    """Whether a cell holds something that is neither a number nor a symbol."""
    cell = pl.col(column)
    return ~(cell.str.contains(NUMBER) | cell.str.to_lowercase().is_in(list(SYMBOLS))).fill_null(value=True)


def summed(columns: Sequence[str]) -> pl.Expr:
    """The sum of several columns; null where one of them is no number."""
    parts = [number(column) for column in columns]
    return pl.sum_horizontal(parts, ignore_nulls=False).round(SUM_DECIMALS) if len(parts) > 1 else parts[0]


def first_symbol(columns: Sequence[str]) -> pl.Expr:
    """The first symbol among several columns; null where all are numbers."""
    return pl.coalesce(*(symbol(column) for column in columns))
