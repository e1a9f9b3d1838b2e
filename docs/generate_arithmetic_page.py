"""Writes the tables of how the package's arithmetic compares with published figures: a few seconds.

python -m docs.generate_arithmetic_page FILE

The file holds published figures of every authority, region and England, shaped as `tests/reference/README.md` says.
"""

from __future__ import annotations

import sys
from pathlib import Path

import polars as pl

from csc_indicators.markdown import paragraph
from proofs.account import account, misses
from proofs.checks import outcomes
from proofs.figures import read_figures

PAGE = Path(__file__).resolve().parent / "reference" / "arithmetic-proof.md"
BEGIN, END = "<!-- account: begin -->", "<!-- account: end -->"


def tables(file: Path) -> str:
    """What stands between the markers: how much was checked, and the tables of the account."""
    figures = read_figures(file)
    found = outcomes(figures)
    years = figures["year"]
    said = (
        f"{figures.height:,} rows of published figures, {years.min()} to {years.max()}, with "
        f"{figures.select(pl.col('code').n_unique()).item()} areas and {figures['series'].n_unique()} series: "
        f"{found.height:,} checks, of which {len(misses(found))} are unexplained."
    )
    return f"{paragraph(said)}\n\n{account(found)}"


def main() -> None:
    """Fill the tables into their page."""
    before, rest = PAGE.read_text(encoding="utf-8").split(BEGIN)
    _, after = rest.split(END)
    PAGE.write_text(f"{before}{BEGIN}\n\n{tables(Path(sys.argv[1]))}\n\n{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
