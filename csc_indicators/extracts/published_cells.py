"""Cells of a published file: a number, exactly as it is written, or the symbol that stands in place of one."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

NUMBER = r"^-?[0-9]+(\.[0-9]+)?$"

SYMBOLS = {"c": "c", "z": "z", "x": "x", "k": "k", "u": "u", "low": "low", ":": "x", "~": "low"}
"""The symbols of official statistics; the last two are no longer used, and read as what took their place.

`c` confidential, `z` not applicable, `x` not available, `k` rounds to zero and is not, `u` of low reliability, `low`
the same as `k` in files of some releases.
"""
NOT_AVAILABLE = "x"

SUM_DECIMALS = 6
"""Full-time equivalents have few decimals: beyond them a sum holds only the trace of the order it was made in."""


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


def rounded_half_up(numerator: pl.Expr, denominator: pl.Expr, scale: float, decimals: int) -> pl.Expr:
    """A ratio times a scale, rounded half up as published figures are; the tie is decided before dividing.

    >>> frame = pl.DataFrame({"n": [246.0], "d": [480.0]})
    >>> frame.select(rounded_half_up(pl.col("n"), pl.col("d"), 100.0, 1)).to_series().to_list()
    [51.3]
    """
    power = 10.0**decimals
    units = ((2.0 * scale * power * numerator + denominator) / (2.0 * denominator)).floor()
    return (units / power).round(decimals)
