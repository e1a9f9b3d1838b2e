"""Three statements of each referral indicator agree: the package, a row-by-row reading of the spec, and SQL."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csc_indicators.examples import example_episodes
from csc_indicators.indicators import REGISTRY
from csc_indicators.periods import periods_between
from tests.lib import histories
from tests.lib.oracle_referrals import OUTSIDE, is_unit_record, months_earlier, units_of
from tests.lib.sql_referrals import database, sums_by_sql

FIELDS = ("period", "la_code", "unit_id", "unit_row", "date", "numerator", "denominator", "complete")
CASES = [
    pytest.param("referrals", {}, id="referrals"),
    pytest.param("referrals_no_further_action", {}, id="referrals_no_further_action"),
    pytest.param("referrals_per_child", {}, id="referrals_per_child"),
    *(
        pytest.param(
            "rereferrals",
            {"measured_from": measured_from, "count_of": count_of},
            id=f"rereferrals: {count_of}, from {measured_from}",
        )
        for measured_from in ("referral", "closure")
        for count_of in ("referrals", "children")
    ),
]
"""Each indicator, and the four kinds of re-referral each with examples of its own; other parameters are drawn."""

every_case = pytest.mark.parametrize(("indicator", "fixed"), CASES)
some_children = given(rows=histories.histories(), periods=histories.period_lists(), data=st.data())


def computed(indicator, episodes, periods, **keywords):
    """The package's unit records as dicts, in an order of our own."""
    records = REGISTRY[indicator](episodes, periods=periods, **keywords).collect()
    return in_order(records.iter_rows(named=True))


def expected(indicator, rows, periods, **keywords):
    """The units of the row-by-row reading, with the period's label."""
    return in_order(
        {"period": period.label} | unit for period in periods for unit in units_of(indicator, rows, period, **keywords)
    )


def in_order(units):
    return sorted(units, key=lambda unit: (unit["period"], unit["unit_row"]))


def only(units, *names):
    return [{name: unit[name] for name in names} for unit in units]


@every_case
@some_children
def test_unit_records_are_those_of_the_row_by_row_reading(indicator, fixed, rows, periods, data):
    parameters = data.draw(histories.PARAMETERS[indicator], label="parameters") | fixed
    episodes = example_episodes(rows)
    units = expected(indicator, episodes.to_dicts(), periods, **parameters)

    assert only(computed(indicator, episodes, periods, **parameters), *FIELDS) == only(units, *FIELDS)


@every_case
@some_children
def test_every_candidate_is_decided_by_the_same_clause(indicator, fixed, rows, periods, data):
    parameters = data.draw(histories.PARAMETERS[indicator], label="parameters") | fixed
    episodes = example_episodes(rows)
    units = expected(indicator, episodes.to_dicts(), periods, why=True, **parameters)
    candidates = computed(indicator, episodes, periods, why=True, **parameters)
    names = ("period", "la_code", "unit_id", "unit_row", "date", "decided_by")

    assert only(candidates, *names) == only(units, *names)
    counted = [unit for unit in candidates if is_unit_record(indicator, unit)]
    assert only(counted, *FIELDS) == only(expected(indicator, episodes.to_dicts(), periods, **parameters), *FIELDS)


@every_case
@some_children
def test_sums_are_those_of_the_sql(indicator, fixed, rows, periods, data):
    parameters = data.draw(histories.PARAMETERS[indicator], label="parameters") | fixed
    episodes = example_episodes(rows)
    sums = defaultdict(lambda: (0.0, 0.0))
    for unit in computed(indicator, episodes, periods, **parameters):
        numerator, denominator = sums[unit["la_code"], unit["period"]]
        is_rate = unit["denominator"] is None
        sums[unit["la_code"], unit["period"]] = (
            numerator + unit["numerator"],
            None if is_rate else denominator + unit["denominator"],
        )

    assert sums == sums_by_sql(database(episodes.to_dicts(), periods), indicator, **parameters)


@some_children
def test_the_matched_referral_is_the_latest_that_may_count(rows, periods, data):
    """Of two with the same date either may be named; when children are counted it is one of any of their referrals."""
    parameters = data.draw(histories.PARAMETERS["rereferrals"], label="parameters") | {"count_of": "referrals"}
    episodes = example_episodes(rows)
    matched = [
        (unit["matched_row"], twin["latest_earlier"])
        for unit, twin in zip(
            computed("rereferrals", episodes, periods, why=True, **parameters),
            expected("rereferrals", episodes.to_dicts(), periods, why=True, **parameters),
            strict=True,
        )
        if unit["decided_by"] == "counted"
    ]

    assert all(matched_row in latest_earlier for matched_row, latest_earlier in matched)


@pytest.mark.parametrize("window_months", [window for window in histories.WINDOWS if window is not None])
def test_the_window_begins_on_the_day_the_spec_says_for_every_day_of_four_years(window_months):
    """Two children to a day: one referred before on the window's first day, one on the day before that."""
    rows = []
    for day in (dt.date(2021, 4, 1) + dt.timedelta(days=number) for number in range(4 * 365 + 1)):
        first_day = months_earlier(day, window_months)
        for child, earlier in (("in", first_day), ("out", first_day - dt.timedelta(days=1))):
            rows += [{"child_id": f"{day} {child}", "referral_date": date} for date in (earlier, day)]
    episodes = example_episodes(rows)
    years = periods_between(2022, 2025)

    rereferred = {
        episodes["child_id"][unit["unit_row"]]
        for unit in computed("rereferrals", episodes, years, window_months=window_months)
        if unit["numerator"]
    }

    assert rereferred == {row["child_id"] for row in rows if row["child_id"].endswith("in")}


def test_the_histories_reach_every_clause_complete_or_not():
    """Agreement says nothing about a clause that no generated history ever reaches."""
    reached = defaultdict(set)

    @some_children
    def live(rows, periods, data):
        parameters = data.draw(histories.PARAMETERS["rereferrals"], label="parameters")
        for unit in expected("rereferrals", example_episodes(rows).to_dicts(), periods, why=True, **parameters):
            reached["decided_by"].add(unit["decided_by"])
            reached["complete"].add(unit["complete"])

    live()
    assert reached["complete"] == {True, False}
    assert reached["decided_by"] == {*OUTSIDE["rereferrals"], "earlier_referral", "within_window", "counted"}
