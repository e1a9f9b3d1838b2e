"""Writes the table of how near simulated England comes to the published one: about five minutes.

python -m docs.generate_calibration_page
"""

from __future__ import annotations

from pathlib import Path

import polars as pl

from csc_indicators import geography
from csc_indicators.catalogue import catalogue
from csc_indicators.markdown import table
from csc_indicators.rounding import SCALE
from csc_indicators.synthetic.rates import targets
from csc_indicators.synthetic.synthesis import LAST_YEAR, authorities, simulate, true_of

PAGE = Path(__file__).resolve().parent / "reference" / "synthetic.md"
BEGIN, END = "<!-- calibration: begin -->", "<!-- calibration: end -->"
SEED, ENGLAND = 1, 153
YEAR = range(LAST_YEAR, LAST_YEAR + 1)
HEADER = (
    "Indicator",
    "Published",
    "Simulated",
    "Off by",
    "Near enough",
    "Published, 5th to 95th",
    "Simulated, 5th to 95th",
)
"""The 5th and the 95th of a hundred authorities say how far they lie apart."""


def england() -> pl.DataFrame:
    """`indicator, simulated, low, high` of simulated England in its last year."""
    figures = pl.concat([true_of(simulate(code, YEAR, SEED), YEAR) for code in authorities(ENGLAND)])
    population = {code: geography.population(code, LAST_YEAR - 1) for code in figures["la_code"].unique()}
    scales = {name: SCALE[catalogue().indicator(name).unit] for name in figures["indicator"].unique()}
    figures = figures.with_columns(
        scale=pl.col("indicator").replace_strict(scales),
        denominator=pl.coalesce("denominator", pl.col("la_code").replace_strict(population)),
    )
    value = pl.col("numerator") / pl.col("denominator") * pl.col("scale")
    return figures.group_by("indicator").agg(
        simulated=pl.col("numerator").sum() / pl.col("denominator").sum() * pl.col("scale").first(),
        low=value.filter(pl.col("denominator") > 0).quantile(0.05, "nearest"),
        high=value.filter(pl.col("denominator") > 0).quantile(0.95, "nearest"),
    )


def calibration() -> str:
    """The table, one line an indicator that has a published figure."""
    found = {row["indicator"]: row for row in england().iter_rows(named=True)}
    rows: list[tuple[str, ...]] = []
    for indicator, target in targets().items():
        row = found[indicator]
        off = (row["simulated"] / target["england"] - 1) * 100
        near = "yes" if abs(off) <= target["tolerance"] else "**no**"
        rows.append(
            (
                f"[`{indicator}`](../indicators/{indicator}.md)",
                f"{target['england']:.1f}",
                f"{row['simulated']:.1f}",
                f"{off:+.1f} %",
                f"{near} (within {target['tolerance']} %)",
                _apart(*target["authorities"]) if "authorities" in target else "",
                _apart(row["low"], row["high"]),
            )
        )
    return table(HEADER, rows, right=HEADER[1:4])


def _apart(low: float, high: float) -> str:
    return f"{low:.1f} to {high:.1f}"


def main() -> None:
    """Fill the table into its page."""
    text = PAGE.read_text(encoding="utf-8")
    before, rest = text.split(BEGIN)
    _, after = rest.split(END)
    PAGE.write_text(f"{before}{BEGIN}\n\n{calibration()}\n\n{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
