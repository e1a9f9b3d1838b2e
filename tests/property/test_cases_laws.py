"""Laws of the indicators on events: what must change nothing, and what may only go one way."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from csc_indicators.catalogue import catalogue
from csc_indicators.examples import example_tables
from csc_indicators.indicators import REGISTRY
from csc_indicators.periods import months, quarters, year
from tests.lib import case_histories, histories
from tests.lib.oracles import ORACLES
from tests.property.test_cases_agree import arguments, drawn
from tests.property.test_referrals_laws import moved_period

INDICATORS = sorted(ORACLES)
FLOWS = [name for name in INDICATORS if catalogue().indicator(name).over_time == "flow"]
COUNT_ON_HOLIDAYS = ("assessments_within_45_days", "conferences_within_15_days")
EXPLAINS = ("decided_by", "matched_table", "matched_row")

few = settings(max_examples=50)
"""Enough for laws of indicators that another test compares with two other statements of them on many more."""

every_indicator = pytest.mark.parametrize("indicator", INDICATORS)
some_cases = given(tables=case_histories.case_histories(), periods=case_histories.period_lists(), data=st.data())


def records(indicator, frames, periods, **keywords):
    """Unit records as dicts, with every attribute, in an order that owes nothing to the package."""
    positional, optional = arguments(indicator, frames)
    frame = REGISTRY[indicator](*positional, periods=periods, **optional, **keywords).collect()
    return sorted(frame.iter_rows(named=True), key=lambda unit: [str(unit[name]) for name in sorted(unit)])


def without(units, *names):
    return [{name: value for name, value in unit.items() if name not in names} for unit in units]


def in_order(units):
    return sorted(units, key=lambda unit: [str(unit[name]) for name in sorted(unit)])


def sums(units):
    by_authority = defaultdict(lambda: [0.0, 0.0])
    for unit in units:
        by_authority[unit["la_code"]][0] += unit["numerator"]
        by_authority[unit["la_code"]][1] += unit["denominator"] or 0.0
    return {code: both for code, both in by_authority.items() if any(both)}


@every_indicator
@few
@some_cases
def test_the_kind_of_frame_and_the_order_of_rows_change_nothing(indicator, frame_kind, tables, periods, data):
    parameters = drawn(indicator, tables, data)
    frames = example_tables(tables)
    seed = data.draw(st.integers(0, 1000), label="order")
    other = {name: frame_kind(frame.sample(fraction=1, shuffle=True, seed=seed)) for name, frame in frames.items()}

    assert in_order(without(records(indicator, other, periods, **parameters), "matched_row")) == in_order(
        without(records(indicator, frames, periods, **parameters), "matched_row")
    )


@every_indicator
@few
@some_cases
def test_authorities_together_are_each_alone(indicator, tables, periods, data):
    parameters = drawn(indicator, tables, data)
    frames = example_tables(tables)
    alone = []
    for la_code in {row["la_code"] for row in tables["episodes"]}:
        own = {name: frame.filter(pl.col("la_code") == la_code) for name, frame in frames.items()}
        alone += records(indicator, own, periods, **parameters)

    assert records(indicator, frames, periods, **parameters) == in_order(alone)


@every_indicator
@few
@some_cases
def test_another_child_changes_no_unit_of_the_others(indicator, tables, periods, data):
    parameters = drawn(indicator, tables, data)
    la_code = data.draw(st.sampled_from(("000", "201", "202", "999")), label="authority of the other child")
    # The id sorts behind the others and the rows stand behind theirs, so that the others keep their keys.
    other = data.draw(case_histories.cases(la_code, "Z", data.draw(histories.coverages())), label="other child")
    both = {name: [*rows, *other.get(name, ())] for name, rows in tables.items()}
    frames = example_tables(both)
    others = {
        table: frames[table].filter(pl.col("child_id") == "Z")[key].to_list()
        for table, key in (
            ("episodes", "episode_key"),
            ("assessments", "assessment_key"),
            ("section_47_enquiries", "enquiry_key"),
            ("child_protection_plans", "plan_key"),
            ("child_in_need_plans", "child_in_need_plan_key"),
        )
    }
    kept = [
        unit
        for unit in records(indicator, frames, periods, **parameters)
        if unit["unit_row"] not in others[unit["unit_table"]]
    ]
    # Numbers of units that are made from keys of other tables may shift; who counts, and where, may not.
    assert in_order(without(kept, "unit_id")) == in_order(
        without(records(indicator, example_tables(tables), periods, **parameters), "unit_id")
    )


@pytest.mark.parametrize("indicator", FLOWS)
@few
@given(tables=case_histories.case_histories(), reporting_year=st.sampled_from((2022, 2023, 2024, 2025)))
def test_a_year_is_the_sum_of_its_quarters_and_of_its_months(indicator, tables, reporting_year):
    frames = example_tables(tables)
    # A factor counts once for an episode and a period, and by its latest assessment: not so over shorter periods.
    parameters = {"assessments_considered": "all"} if indicator == "assessment_factors" else {}
    in_year = sums(records(indicator, frames, [year(reporting_year)], **parameters))
    if indicator == "assessment_factors":
        assert all(
            in_year.get(code, [0.0])[0] <= both[0]
            for code, both in sums(records(indicator, frames, quarters(reporting_year), **parameters)).items()
        )
        return

    assert sums(records(indicator, frames, quarters(reporting_year))) == in_year
    assert sums(records(indicator, frames, months(reporting_year))) == in_year


@pytest.mark.parametrize("indicator", [name for name in INDICATORS if name not in COUNT_ON_HOLIDAYS])
@few
@given(
    tables=case_histories.case_histories(),
    periods=case_histories.period_lists(),
    years_later=st.sampled_from((-8, -4, 4, 24, 60)),
    data=st.data(),
)
def test_the_same_lives_some_leap_cycles_later_give_the_same_units(indicator, tables, periods, years_later, data):
    def moved(value):
        if isinstance(value, list):
            return [moved(item) for item in value]
        return value.replace(year=value.year + years_later) if isinstance(value, dt.date) else value

    parameters = drawn(indicator, tables, data)
    later = {
        name: [{column: moved(cell) for column, cell in row.items()} for row in rows] for name, rows in tables.items()
    }
    then_periods = [moved_period(period, years_later) for period in periods]
    then = records(indicator, example_tables(later), then_periods, **parameters)
    labels = {period.label: moved.label for period, moved in zip(periods, then_periods, strict=True)}
    now = [
        unit | {"period": labels[unit["period"]], "date": moved(unit["date"])}
        for unit in records(indicator, example_tables(tables), periods, **parameters)
    ]

    assert then == in_order(now)


@every_indicator
@few
@some_cases
def test_asking_why_changes_no_unit_and_decides_every_candidate(indicator, tables, periods, data):
    parameters = drawn(indicator, tables, data)
    frames = example_tables(tables)
    plain = records(indicator, frames, periods, **parameters)
    explained = records(indicator, frames, periods, why=True, **parameters)

    counting = [unit for unit in explained if unit["numerator"] or unit["denominator"]]
    assert in_order(without(counting, *EXPLAINS)) == [
        unit for unit in plain if unit["numerator"] or unit["denominator"]
    ]
    assert all(unit["decided_by"] is not None for unit in explained)
    assert sum(unit["numerator"] for unit in explained if unit["decided_by"] != "counted") == 0


@every_indicator
@few
@some_cases
def test_numerators_and_denominators_keep_their_bounds_and_a_unit_counts_once(indicator, tables, periods, data):
    parameters = drawn(indicator, tables, data)
    unit_of_figure = catalogue().indicator(indicator).unit_under(parameters)
    units = records(indicator, example_tables(tables), periods, **parameters)

    if unit_of_figure in ("percent", "survival"):
        assert all(unit["numerator"] in (0, 1) and unit["numerator"] <= unit["denominator"] <= 1 for unit in units)
    elif unit_of_figure == "ratio":
        assert all({unit["numerator"], unit["denominator"]} <= {0.0, 1.0} for unit in units)
    else:
        assert all(unit["denominator"] is None and unit["numerator"] == 1 for unit in units)
    assert len({(unit["period"], unit["unit_table"], unit["unit_id"]) for unit in units}) == len(units)


@every_indicator
def test_empty_tables_give_nothing_and_no_error(indicator):
    assert records(indicator, example_tables({}), [year(2025)], why=True) == []


def test_the_narrower_way_of_counting_is_never_more():
    """Children are no more than what happens to them; a longer window sustains no more; fewer kinds, no fewer."""

    @few
    @given(tables=case_histories.case_histories())
    def law(tables):
        frames = example_tables(tables)
        years = [year(ends) for ends in range(2022, 2027)]

        def total(indicator, **parameters):
            return sum(unit["numerator"] for unit in records(indicator, frames, years, **parameters))

        for indicator, units in (
            ("assessments_completed", "assessments"),
            ("section_47_enquiries", "enquiries"),
            ("initial_conferences", "conferences"),
            ("child_protection_plan_starts", "plans"),
            ("child_protection_plans", "plans"),
            ("children_in_need", "episodes"),
            ("children_in_need_in_year", "episodes"),
        ):
            assert total(indicator, count_of="children") <= total(indicator, count_of=units)
        sustained = [
            total("deescalation_sustained", follow_up="censored", window_months=window) for window in (12, 24, None)
        ]
        assert sustained == sorted(sustained, reverse=True)
        kinds = ("child_protection_plan", "section_47", "referral")
        fewer = [
            total("deescalation_sustained", follow_up="censored", re_presentation=kinds[:number])
            for number in (1, 2, 3)
        ]
        assert fewer == sorted(fewer, reverse=True)
        in_time = [total("assessments_within_45_days", working_days=allowed) for allowed in (10, 45, 60)]
        assert in_time == sorted(in_time)
        repeats = [
            total("repeat_child_protection_plans", previous_plan_basis="observed", look_back_months=window)
            for window in (12, 24, None)
        ]
        assert repeats == sorted(repeats)

    law()
