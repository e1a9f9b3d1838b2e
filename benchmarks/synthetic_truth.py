"""Renders made-up authorities to files, computes every indicator from them, and compares with what is true.

python -m benchmarks.synthetic_truth --las 33 --years 3
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

import polars as pl

import csc_indicators as csc
from csc_indicators.catalogue import catalogue
from csc_indicators.synthetic.synthesis import EVERY_TRUTH, LAST_YEAR, TRUTH

KEY = ["indicator", "area_code", "period"]


def compared(folder: Path, years: int) -> pl.DataFrame:
    """Every computed total of the authorities in a folder beside the true one: `equal` where both are the same."""
    of_workforce = {name for name in EVERY_TRUTH if catalogue().indicator(name).collection == "workforce"}
    asked = {csc.years: sorted({*EVERY_TRUTH} - of_workforce), csc.workforce_years: sorted(of_workforce)}
    parts: list[pl.DataFrame] = []
    # One authority at a time, as a regional job would, so that memory does not grow with their number.
    for authority in sorted(path for path in folder.iterdir() if path.is_dir()):
        extracts = csc.load(authority)
        for spans, indicators in asked.items():
            periods = spans(LAST_YEAR - years + 1, LAST_YEAR)
            cells = csc.compute(extracts, indicators, periods=periods, internal=True).frame
            own = cells.filter(breakdown="total", level="Local authority").with_columns(pl.col(KEY).cast(pl.String))
            parts.append(own.select(*KEY, "numerator", "denominator", "complete"))
    truth = pl.read_parquet(folder / TRUTH).rename({"la_code": "area_code"})
    joined = pl.concat(parts).join(truth, on=KEY, how="full", coalesce=True, suffix="_true")
    same = (pl.col("numerator") - pl.col("numerator_true")).abs() < NEAR
    over = (pl.col("denominator") - pl.col("denominator_true")).abs() < NEAR
    return joined.with_columns(equal=(same & (pl.col("denominator_true").is_null() | over)).fill_null(value=False))


NEAR = 1e-6
"""Full-time equivalents and pounds are sums of fractions, rounded to six decimals."""


def main() -> None:
    """Say how many figures are complete, and how many of them are the true ones."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--las", type=int, default=33)
    parser.add_argument("--years", type=int, default=3)
    parser.add_argument("--processes", type=int, default=2)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        began = time.perf_counter()
        made = csc.synthesise(
            Path(temporary) / "made_up", las=chosen.las, years=chosen.years, processes=chosen.processes
        )
        rendered = time.perf_counter()
        figures = compared(made, chosen.years)
        computed = time.perf_counter()
    complete = figures.filter("complete")
    wrong = complete.filter(~pl.col("equal"))
    missed = figures.filter(~pl.col("equal"), ~pl.col("complete").fill_null(value=False))
    print(f"{chosen.las} authorities x {chosen.years} years")
    print(f"rendered in {rendered - began:.0f} s, computed and compared in {computed - rendered:.0f} s")
    print(
        f"figures: {figures.height:,}; complete: {complete.height:,}; of them true: {complete.height - wrong.height:,}"
    )
    print(wrong.select(*KEY, "numerator", "numerator_true", "denominator", "denominator_true").head(20))
    print(missed.group_by("indicator").len().sort("indicator"))


if __name__ == "__main__":
    main()
