"""Published figures as a table, with how near to the truth each published number can be.

Counts of authorities are as they are, counts of regions and England are rounded to 10, full-time equivalents have one
decimal, and rates come from the numbers before any rounding. So what a published rate may be is an interval of its
published numbers, and where the numbers of all authorities are known it is exact.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import polars as pl

from csc_indicators.catalogue import catalogue
from csc_indicators.errors import UnreadableFile, UsageError
from csc_indicators.geography import ENGLAND_CODE
from csc_indicators.specification import Indicator

COLUMNS = (
    "indicator",
    "group",
    "year",
    "code",
    "numerator",
    "denominator",
    "value",
    "numerator_symbol",
    "value_symbol",
)
"""The columns of a file of published figures; others, such as the level, are not needed."""

LOCAL_AUTHORITY, REGION, ENGLAND = "Local authority", "Regional", "National"
TOTAL_GROUP = "Total"

JOINT_RETURNS = {"314 / 318": ("314", "318"), "940 / 941": ("940", "941")}
"""Workforce returns of two authorities together: Kingston with Richmond, North with West Northamptonshire."""

RATES_OF_NEED = {2023: 338.7, 2024: 331.2}
"""Children in need per 10,000 children, England: the dashboard works the rate out, and says these of two years."""

Counted = Literal["people", "full-time equivalents", "cases of full-time equivalents"]


@dataclass(frozen=True, kw_only=True)
class Series:
    """A published series: the indicator and reading that it is of, and what it counts.

    `parts` is how many published numbers the denominator is the sum of.
    """

    name: str
    indicator: str
    reading: str
    counted: Counted = "people"
    parts: int = 1

    @property
    def spec(self) -> Indicator:
        """The definition of the indicator, with its unit and decimals."""
        return catalogue().indicator(self.indicator)

    @property
    def of_population(self) -> bool:
        """Whether the denominator is the population, which is published as it is."""
        return self.spec.unit == "rate_per_10000"

    @property
    def is_sum_over_sum(self) -> bool:
        """Whether both numbers are published: of mean scores only the mean is."""
        return self.name != "sdq_score"


READINGS = {
    "children_rereferred": ("rereferrals", "children"),
    "ceased_special_guardianship": ("family_network_leavers", "ceased_special_guardianship"),
    "ceased_child_arrangements": ("family_network_leavers", "ceased_child_arrangements"),
}
"""Series that are another reading of an indicator than its usual one."""

WORKFORCE: dict[str, tuple[Counted, int]] = {
    "social_worker_turnover": ("full-time equivalents", 1),
    "agency_rate": ("full-time equivalents", 2),
    "vacancy_rate": ("full-time equivalents", 2),
    "caseload": ("cases of full-time equivalents", 1),
}
"""Series of the workforce: what their numerator counts and how many numbers their denominator is the sum of."""


def series(name: str) -> Series:
    """The series of this name. Raises `UsageError` when no indicator has it."""
    indicator, reading = READINGS.get(name, (name, ""))
    counted, parts = WORKFORCE.get(name, ("people", 1))
    reading = reading or catalogue().indicator(indicator).default_reading
    return Series(name=name, indicator=indicator, reading=reading, counted=counted, parts=parts)


def read_figures(path: Path) -> pl.DataFrame:
    """Published figures from a file, in its order.

    `series, group, year, level, code, numerator, denominator, value, numerator_symbol, value_symbol`, with
    `reporting_year`, which decides what authorities there were: the workforce is counted on 30 September, in the
    reporting year that ends in the year after. A series without groups has the group "Total"; ages may be written
    "17-18" or "17 to 18".

    Raises:
        UnreadableFile: there is no such file, or it is no table with numbers where they belong.
        UsageError: a column is missing, or a series belongs to no indicator.
    """
    try:
        read = pl.read_csv(path, infer_schema=False)
        missing = [name for name in COLUMNS if name not in read.columns]
        if missing:
            raise UsageError(f"{path.name} has no column {missing[0]}. Its columns should be {', '.join(COLUMNS)}.")
        numbers = pl.col("numerator", "denominator", "value").cast(pl.Float64)
        typed = read.select(COLUMNS).with_columns(pl.col("year").cast(pl.Int64), numbers)
    except (OSError, pl.exceptions.PolarsError):
        raise UnreadableFile(f"{path.name} is no file of published figures in comma-separated values.") from None
    for name in typed["indicator"].unique():
        series(name)
    level = (
        pl.when(pl.col("code") == ENGLAND_CODE)
        .then(pl.lit(ENGLAND))
        .when(pl.col("code").str.starts_with("E"))
        .then(pl.lit(REGION))
        .otherwise(pl.lit(LOCAL_AUTHORITY))
    )
    of_workforce = pl.col("series").is_in(list(WORKFORCE)).cast(pl.Int64)
    return typed.rename({"indicator": "series"}).with_columns(
        level.alias("level"),
        pl.col("group").str.replace("-", " to ").fill_null(TOTAL_GROUP),
        (pl.col("year") + of_workforce).alias("reporting_year"),
    )


AREA_ROUNDING, FTE_ROUNDING = 5.0, 0.05
"""How far a published number may be from the true one: half of 10, and half of a tenth."""


def slack(of: Series, side: str, *, area: bool) -> float:
    """How far a published numerator or denominator of a series may be from the true one."""
    if side == "denominator" and of.counted != "people":
        return FTE_ROUNDING * of.parts
    if side == "denominator" and of.of_population:
        return 0.0
    if of.counted == "people":
        return AREA_ROUNDING if area else 0.0
    return FTE_ROUNDING if of.counted == "full-time equivalents" else 0.0
