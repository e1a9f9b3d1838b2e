"""How a numerator over its denominator becomes a figure: its scale, its rounding, and what stands in place of one."""

from __future__ import annotations

import polars as pl

OK, NOT_APPLICABLE, NOT_AVAILABLE, ROUNDS_TO_ZERO = "ok", "z", "x", "k"
SCALE = {
    "percent": 100.0,
    "rate_per_10000": 10_000.0,
    "mean": 1.0,
    "months": 12.0 / 365.25,
    "share": 100.0,
    "count": 1.0,
    "ratio": 100.0,
    "per_10000": 10_000.0,
    "survival": 100.0,
}
"""What a numerator over its denominator is multiplied by, for each unit."""

SUM_DECIMALS = 6
"""Full-time equivalents have up to six decimals: beyond them a sum holds only the trace of the order it was made in."""


def rounded_ratio(numerator: pl.Expr, denominator: pl.Expr, scale: float, decimals: int) -> pl.Expr:
    """A ratio times a scale, rounded half up as DfE rounds.

    Whole numbers are rounded exactly: the tie is decided on the numerator and denominator, not on a quotient that
    floating point may have put a hair below it.

    >>> frame = pl.DataFrame({"n": [246.0, 1.0], "d": [480.0, 8.0]})
    >>> frame.select(rounded_ratio(pl.col("n"), pl.col("d"), 100.0, 1)).to_series().to_list()
    [51.3, 12.5]
    """
    power = 10.0**decimals
    return _of_units(((2.0 * scale * power * numerator + denominator) / (2.0 * denominator)).floor(), decimals)


def rounded(value: pl.Expr, decimals: int) -> pl.Expr:
    """A number rounded half up."""
    return _of_units((value * 10.0**decimals + 0.5).floor(), decimals)


def _of_units(units: pl.Expr, decimals: int) -> pl.Expr:
    """So many units of the last decimal as a number; the last rounding only removes the trace of the division."""
    return (units / 10.0**decimals).round(decimals)
