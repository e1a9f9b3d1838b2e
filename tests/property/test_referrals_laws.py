"""Laws of the referral indicators: what must change nothing, and what may only go one way."""

from __future__ import annotations

import datetime as dt
import itertools
from collections import defaultdict

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from csc_indicators.catalogue import load_catalogue
from csc_indicators.examples import example_episodes
from csc_indicators.indicators import REGISTRY
from csc_indicators.periods import months, parse_period, quarters, year
from csc_indicators.specification import specs_folder
from tests.lib import histories

INDICATORS = sorted(histories.PARAMETERS)
SPECS = load_catalogue(specs_folder()).indicators
EXPLAINS = ("decided_by", "matched_table", "matched_row")
DATES = ("referral_date", "closure_date", "birth_date", "observed_from", "observed_to")

every_indicator = pytest.mark.parametrize("indicator", INDICATORS)
some_children = given(rows=histories.histories(), periods=histories.period_lists(), data=st.data())


def parameters_of(indicator, data):
    return data.draw(histories.PARAMETERS[indicator], label="parameters")


def records(indicator, episodes, periods, *, why=False, **parameters):
    """Unit records as dicts, with every attribute, in an order that owes nothing to the package."""
    frame = REGISTRY[indicator](episodes, periods=periods, why=why, **parameters).collect()
    return sorted(frame.iter_rows(named=True), key=lambda unit: (unit["period"], unit["unit_row"]))


def sums_by_authority(units):
    sums = defaultdict(lambda: [0.0, 0.0])
    for unit in units:
        sums[unit["la_code"]][0] += unit["numerator"]
        sums[unit["la_code"]][1] += unit["denominator"] or 0.0
    return dict(sums)


def without(unit, *names):
    return {name: value for name, value in unit.items() if name not in names}


@every_indicator
@some_children
def test_the_kind_of_frame_and_the_order_of_rows_change_nothing(indicator, frame_kind, rows, periods, data):
    parameters = parameters_of(indicator, data)
    episodes = example_episodes(rows)
    episodes = episodes[data.draw(st.permutations(range(len(rows))), label="order")] if rows else episodes
    why = data.draw(st.booleans(), label="why")

    units = records(indicator, frame_kind(episodes), periods, why=why, **parameters)

    # Of two referrals with equal claims to be the matched one, either may be named.
    assert [without(unit, "matched_row") for unit in units] == [
        without(unit, "matched_row")
        for unit in records(indicator, example_episodes(rows), periods, why=why, **parameters)
    ]


@every_indicator
@some_children
def test_authorities_together_are_each_alone(indicator, rows, periods, data):
    parameters = parameters_of(indicator, data)
    episodes = example_episodes(rows)
    alone = [
        unit
        for la_code in sorted({row["la_code"] for row in rows})
        for unit in records(indicator, episodes.filter(pl.col("la_code") == la_code), periods, **parameters)
    ]

    together = records(indicator, episodes, periods, **parameters)

    assert together == sorted(alone, key=lambda unit: (unit["period"], unit["unit_row"]))


@every_indicator
@some_children
def test_another_child_changes_no_unit_of_the_others(indicator, rows, periods, data):
    parameters = parameters_of(indicator, data)
    la_code = data.draw(st.sampled_from(("000", "201", "202", "999")), label="authority of the other child")
    # The id sorts behind the others and the rows stand behind theirs, so that the others keep their keys.
    other = data.draw(histories.children(la_code, "Z", data.draw(histories.coverages())), label="other child")

    with_other = records(indicator, example_episodes([*rows, *other]), periods, **parameters)

    assert [unit for unit in with_other if unit["unit_row"] < len(rows)] == records(
        indicator, example_episodes(rows), periods, **parameters
    )


@some_children
def test_a_wider_window_lowers_no_numerator_and_ever_is_the_widest(rows, periods, data):
    parameters = parameters_of("rereferrals", data)
    episodes = example_episodes(rows)
    by_window = [
        records("rereferrals", episodes, periods, **{**parameters, "window_months": window})
        for window in histories.WINDOWS
    ]

    for narrower, wider in itertools.pairwise(by_window):
        assert [without(unit, "numerator", "complete") for unit in narrower] == [
            without(unit, "numerator", "complete") for unit in wider
        ]
        assert all(one["numerator"] <= other["numerator"] for one, other in zip(narrower, wider, strict=True))


@some_children
def test_the_same_or_a_different_need_is_some_need(rows, periods, data):
    parameters = parameters_of("rereferrals", data)
    episodes = example_episodes(rows)
    same, different, some = (
        records("rereferrals", episodes, periods, **{**parameters, "same_need": same_need})
        for same_need in ("same", "different", "any")
    )

    assert [unit["unit_id"] for unit in same] == [unit["unit_id"] for unit in different]
    assert [unit["unit_id"] for unit in same] == [unit["unit_id"] for unit in some]
    for one, other, either in zip(same, different, some, strict=True):
        assert max(one["numerator"], other["numerator"]) <= either["numerator"]


@pytest.mark.parametrize("indicator", [name for name in INDICATORS if SPECS[name].over_time == "flow"])
@given(rows=histories.histories(), reporting_year=st.sampled_from((2022, 2023, 2024, 2025, 2026)))
def test_a_year_is_the_sum_of_its_quarters_and_of_its_months(indicator, rows, reporting_year):
    episodes = example_episodes(rows)
    in_year = sums_by_authority(records(indicator, episodes, [year(reporting_year)]))

    assert sums_by_authority(records(indicator, episodes, quarters(reporting_year))) == in_year
    assert sums_by_authority(records(indicator, episodes, months(reporting_year))) == in_year


@every_indicator
@given(
    rows=histories.histories(),
    periods=histories.period_lists(),
    years_later=st.sampled_from((-8, -4, 4, 24, 60)),
    data=st.data(),
)
def test_the_same_lives_some_leap_cycles_later_give_the_same_units(indicator, rows, periods, years_later, data):
    def moved(day):
        return None if day is None else day.replace(year=day.year + years_later)

    parameters = parameters_of(indicator, data)
    moved_rows = [row | {name: moved(row[name]) for name in DATES} for row in rows]
    moved_periods = [moved_period(period, years_later) for period in periods]
    then = records(indicator, example_episodes(moved_rows), moved_periods, **parameters)
    now = records(indicator, example_episodes(rows), periods, **parameters)

    new_labels = {period.label: later.label for period, later in zip(periods, moved_periods, strict=True)}
    assert then == [unit | {"period": new_labels[unit["period"]], "date": moved(unit["date"])} for unit in now]


def moved_period(period, years_later):
    """The period of the same kind that ends some years later."""
    end = dt.date(period.end.year + years_later, period.end.month, 1)
    if period.kind == "year":
        return year(end.year)
    if period.kind == "quarter":
        quarter_starts = {6: 0, 9: 1, 12: 2, 3: 3}
        return quarters(end.year + (end.month > 3))[quarter_starts[end.month]]
    return parse_period(("year to " if period.kind == "rolling_year" else "") + f"{end:%Y-%m}")


@every_indicator
@some_children
def test_numerators_and_denominators_keep_their_bounds(indicator, rows, periods, data):
    units = records(indicator, example_episodes(rows), periods, **parameters_of(indicator, data))

    if SPECS[indicator].unit == "percent":
        assert all(unit["denominator"] == 1 and unit["numerator"] in (0, 1) for unit in units)
    elif SPECS[indicator].unit == "mean":
        assert all(unit["denominator"] == 1 and unit["numerator"] >= 1 for unit in units)
    else:
        assert all(unit["denominator"] is None and unit["numerator"] == 1 for unit in units)
    assert len({(unit["period"], unit["unit_id"]) for unit in units}) == len(units)


@every_indicator
@some_children
def test_asking_why_changes_no_unit_and_decides_every_candidate(indicator, rows, periods, data):
    parameters = parameters_of(indicator, data)
    episodes = example_episodes(rows)
    plain = records(indicator, episodes, periods, **parameters)
    explained = records(indicator, episodes, periods, why=True, **parameters)

    assert [without(unit, *EXPLAINS) for unit in explained if unit["numerator"] or unit["denominator"]] == plain
    assert sum(unit["numerator"] for unit in explained if unit["decided_by"] != "counted") == 0
    for period in periods:
        decided = [unit["decided_by"] for unit in explained if unit["period"] == period.label]
        assert None not in decided
        assert len(decided) == sum(period.start <= row["referral_date"] <= period.end for row in rows)
