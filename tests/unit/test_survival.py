"""The Kaplan-Meier estimate from counts by day: against lifelines, merged in any way, and at its ends."""

from __future__ import annotations

import math

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lifelines import KaplanMeierFitter

from csc_indicators.survival import daily_counts, kaplan_meier, merged

followed = st.lists(st.tuples(st.integers(0, 40), st.booleans()), min_size=1, max_size=60)
"""Units: how many days each was followed, and whether the event came then; ties are common."""


def records(units, area="A"):
    return pl.DataFrame(
        {
            "area": [area] * len(units),
            "followed_days": pl.Series([days for days, _ in units], dtype=pl.Int32),
            "numerator": [0.0 if event else 1.0 for _, event in units],
            "denominator": [1.0] * len(units),
        }
    )


def estimate(units):
    return kaplan_meier(daily_counts(records(units), ["area"]).collect()).row(0, named=True)


@given(units=followed)
def test_the_estimate_and_its_band_are_those_of_lifelines(units):
    fitted = KaplanMeierFitter(alpha=0.05).fit([days for days, _ in units], [event for _, event in units])
    last = max(days for days, _ in units)
    value = float(fitted.survival_function_at_times(last).iloc[0])
    found = estimate(units)

    assert found["value"] == pytest.approx(value, abs=1e-12)
    if 1e-9 < value < 1 - 1e-9:
        band = fitted.confidence_interval_.iloc[-1]
        assert found["lower"] == pytest.approx(float(band.iloc[0]), abs=1e-9)
        assert found["upper"] == pytest.approx(float(band.iloc[1]), abs=1e-9)
    else:
        assert (found["lower"], found["upper"]) == (None, None)


@given(units=followed, cut=st.integers(0, 60))
def test_counts_merge_exactly_however_the_units_are_divided(units, cut):
    parts = [part for part in (units[:cut], units[cut:]) if part]
    apart = pl.concat([daily_counts(records(part), ["area"]).collect() for part in parts])
    together = merged(apart, ["area"]).collect()

    whole = daily_counts(records(units), ["area"]).collect()

    assert together.to_dicts() == whole.to_dicts()
    assert (
        kaplan_meier(together).to_dicts() == kaplan_meier(daily_counts(records(units), ["area"]).collect()).to_dicts()
    )


def test_a_case_worked_by_hand():
    """Ten plans: one child comes back on day 100, one is lost on day 200, one of the eight left is back on day 300."""
    units = [(100, True), (200, False), (300, True), *[(730, False)] * 7]

    assert estimate(units)["value"] == pytest.approx(9 / 10 * 7 / 8)


def test_an_event_on_the_day_another_unit_is_lost_finds_that_unit_at_risk():
    assert estimate([(50, True), (50, False), (90, False)])["value"] == pytest.approx(2 / 3)


def test_units_that_are_not_in_the_figure_count_nowhere_and_no_unit_is_no_estimate():
    outside = records([(50, True)]).with_columns(denominator=pl.lit(0.0))
    counted = daily_counts(pl.concat([outside, records([(90, False)])]), ["area"]).collect()

    assert counted["daily"].to_list() == [[{"followed_days": 90, "events": 0, "units": 1}]]
    empty = counted.select("area", daily=pl.lit(None, dtype=counted.schema["daily"]))
    assert kaplan_meier(empty).select("value", "lower", "upper").row(0) == (None, None, None)


def test_the_band_of_one_event_in_ten():
    found = estimate([(10, True), *[(730, False)] * 9])

    assert (round(found["lower"], 3), round(found["upper"], 3)) == (0.473, 0.985)
    assert not math.isnan(found["value"])
