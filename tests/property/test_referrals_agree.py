"""Three statements of each referral indicator agree: the package, a row-by-row reading of the spec, and SQL."""

from __future__ import annotations

from collections import defaultdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csc_indicators.examples import example_episodes
from csc_indicators.indicators import REGISTRY
from tests.lib import histories
from tests.lib.oracle_referrals import OUTSIDE, is_unit_record, units_of
from tests.lib.sql_referrals import database, sums_by_sql

FIELDS = ("period", "la_code", "unit_id", "unit_row", "date", "numerator", "denominator", "complete")
INDICATORS = sorted(REGISTRY)


def computed(indicator, episodes, periods, **keywords):
    """The package's unit records as dicts, in an order of our own."""
    records = REGISTRY[indicator](episodes, periods=periods, **keywords).collect()
    return in_order(records.iter_rows(named=True))


def expected(indicator, rows, periods, **keywords):
    """The units of the row-by-row reading, with the period's label."""
    return in_order(
        {"period": period.label} | unit
        for period in periods
        for unit in units_of(indicator, rows, period, **keywords)
    )


def in_order(units):
    return sorted(units, key=lambda unit: (unit["period"], unit["unit_row"]))


def only(units, *names):
    return [{name: unit[name] for name in names} for unit in units]


@pytest.mark.parametrize("indicator", INDICATORS)
@given(rows=histories.histories(), periods=histories.period_lists(), data=st.data())
def test_unit_records_are_those_of_the_row_by_row_reading(indicator, rows, periods, data):
    parameters = data.draw(histories.PARAMETERS[indicator], label="parameters")
    episodes = example_episodes(rows)
    units = expected(indicator, episodes.to_dicts(), periods, **parameters)

    assert only(computed(indicator, episodes, periods, **parameters), *FIELDS) == only(units, *FIELDS)


@pytest.mark.parametrize("indicator", INDICATORS)
@given(rows=histories.histories(), periods=histories.period_lists(), data=st.data())
def test_every_candidate_is_decided_by_the_same_clause(indicator, rows, periods, data):
    parameters = data.draw(histories.PARAMETERS[indicator], label="parameters")
    episodes = example_episodes(rows)
    units = expected(indicator, episodes.to_dicts(), periods, why=True, **parameters)
    candidates = computed(indicator, episodes, periods, why=True, **parameters)
    names = ("period", "la_code", "unit_id", "unit_row", "date", "decided_by")

    assert only(candidates, *names) == only(units, *names)
    counted = [unit for unit in candidates if is_unit_record(indicator, unit)]
    assert only(counted, *FIELDS) == only(expected(indicator, episodes.to_dicts(), periods, **parameters), *FIELDS)


@pytest.mark.parametrize("indicator", INDICATORS)
@given(rows=histories.histories(), periods=histories.period_lists(), data=st.data())
def test_sums_are_those_of_the_sql(indicator, rows, periods, data):
    parameters = data.draw(histories.PARAMETERS[indicator], label="parameters")
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


def test_the_histories_reach_every_clause_and_both_completenesses():
    """Agreement says nothing about a clause that no generated history ever reaches."""
    reached = defaultdict(set)

    @given(rows=histories.histories(), periods=histories.period_lists(), asked=histories.asked("rereferrals"))
    def live(rows, periods, asked):
        indicator, parameters = asked
        for unit in expected(indicator, example_episodes(rows).to_dicts(), periods, why=True, **parameters):
            reached["decided_by"].add(unit["decided_by"])
            reached["complete"].add(unit["complete"])

    live()
    assert reached["complete"] == {True, False}
    assert reached["decided_by"] == {*OUTSIDE["rereferrals"], "earlier_referral", "within_window", "counted"}
