"""The formulas of the workforce figures on the numbers that DfE publishes: its own rates come out.

Published full-time equivalents have one decimal, so what a rate can be is an interval: the numerator may be half a
tenth more or less, and so may each number that the denominator is made of. A published rate must lie within.
"""

from __future__ import annotations

import csv

import polars as pl
import pytest

from csc_indicators.catalogue import catalogue
from csc_indicators.rounding import SCALE, rounded_ratio
from tests.lib.command_line import ROOT

HALF_A_TENTH = 0.05
PARTS = {"social_worker_turnover": 1, "agency_rate": 2, "vacancy_rate": 2, "caseload": 1}
"""How many published numbers the denominator is made of."""
ENGLAND = "E92000001"
NOT_FROM_THEIR_OWN_NUMBERS = {
    ("agency_rate", 2023, ENGLAND),
    ("agency_rate", 2024, ENGLAND),
    ("social_worker_turnover", 2022, ENGLAND),
    ("social_worker_turnover", 2024, ENGLAND),
}
"""National rates that are a tenth off what the published national numbers give; every authority's rate fits its own."""


def published():
    with (ROOT / "tests" / "reference" / "published_workforce.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def bounds(row):
    """The least and the greatest rate that the published numbers allow, rounded as the package rounds."""
    spec = catalogue().indicator(row["indicator"])
    numerator, denominator = float(row["numerator"]), float(row["denominator"])
    # Cases are counted, and exact.
    slack = 0.0 if row["indicator"] == "caseload" else HALF_A_TENTH
    around = HALF_A_TENTH * PARTS[row["indicator"]]
    frame = pl.DataFrame(
        {
            "numerator": [numerator - slack, numerator + slack],
            "denominator": [denominator + around, denominator - around],
        }
    )
    ratio = rounded_ratio(pl.col("numerator"), pl.col("denominator"), SCALE[spec.unit], spec.decimals)
    return tuple(frame.select(ratio).to_series())


@pytest.mark.parametrize("indicator", PARTS)
def test_published_rates_lie_within_what_published_numbers_allow(indicator):
    rows = [row for row in published() if row["indicator"] == indicator]
    outside = {
        (indicator, int(row["year"]), row["area_code"])
        for row in rows
        if not bounds(row)[0] <= float(row["value"]) <= bounds(row)[1]
    }

    assert len(rows) > 300
    assert outside == {place for place in NOT_FROM_THEIR_OWN_NUMBERS if place[0] == indicator}


@pytest.mark.parametrize("indicator", PARTS)
def test_the_interval_is_narrow_enough_to_tell_another_formula(indicator):
    """Of England, where numbers are large: a tenth more or less in the numerator moves no published rate by more."""
    for row in published():
        if row["indicator"] == indicator and row["area_code"] == ENGLAND:
            least, greatest = bounds(row)
            assert greatest - least <= 0.1 + 1e-9
