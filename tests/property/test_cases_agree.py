"""Three statements of each indicator on events agree: the package, a row-by-row reading of the spec, and SQL."""

from __future__ import annotations

from collections import defaultdict

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from csc_indicators.catalogue import catalogue
from csc_indicators.errors import UsageError
from csc_indicators.examples import example_tables
from csc_indicators.indicators import REGISTRY
from csc_indicators.survival import daily_counts, kaplan_meier, merged
from tests.lib import case_histories, histories
from tests.lib.oracles import ORACLES, units_of
from tests.lib.sql_cases import database, sums_by_sql

FIELDS = ("period", "la_code", "unit_table", "unit_row", "date", "numerator", "denominator", "complete")
ALSO = ("assessment_factor", "awaiting", "followed_days")

every_indicator = pytest.mark.parametrize("indicator", sorted(ORACLES))
some_cases = given(tables=case_histories.case_histories(), periods=case_histories.period_lists(), data=st.data())


def arguments(indicator, frames):
    """The positional tables of an indicator, and the optional ones that are there."""
    spec = catalogue().indicator(indicator)
    positional = [frames[name.removeprefix("cin.")] for name in spec.tables]
    return positional, {name: frames[name] for name in spec.optional_tables if name in frames}


def computed(indicator, frames, periods, **keywords):
    positional, optional = arguments(indicator, frames)
    records = REGISTRY[indicator](*positional, periods=periods, **optional, **keywords).collect()
    return in_order(records.iter_rows(named=True))


def in_order(units):
    return sorted(
        units,
        key=lambda unit: (unit["period"], unit["unit_table"], unit["unit_row"], unit.get("assessment_factor") or "",
                          -unit["numerator"], unit["denominator"] or 0),
    )  # fmt: skip


def expected(indicator, rows, periods, **keywords):
    return in_order(
        {"period": period.label} | unit for period in periods for unit in units_of(indicator, rows, period, **keywords)
    )


def only(units, *names):
    return [{name: unit[name] for name in names if name in unit} for unit in units]


def drawn(indicator, tables, data):
    """Parameters that can be answered from the tables: entry to care alone needs periods of care."""
    parameters = data.draw(case_histories.parameters_of(indicator), label="parameters")
    if "care_episodes" not in tables and parameters.get("re_presentation") == ("care_entry",):
        parameters["re_presentation"] = ("care_entry", "referral")
    return parameters


@every_indicator
@some_cases
def test_unit_records_and_sums_are_those_of_the_row_by_row_reading_and_of_the_sql(indicator, tables, periods, data):
    parameters = drawn(indicator, tables, data)
    frames = example_tables(tables)
    rows = {name: frame.to_dicts() for name, frame in frames.items()}
    units = expected(indicator, rows, periods, **parameters)
    records = computed(indicator, frames, periods, **parameters)

    fields = (*FIELDS, *(name for name in ALSO if units and name in units[0]))
    assert only(records, *fields) == only(units, *fields)

    sums = defaultdict(lambda: (0, 0))
    for unit in records:
        numerator, denominator = sums[unit["la_code"], unit["period"]]
        is_rate = unit["denominator"] is None
        sums[unit["la_code"], unit["period"]] = (
            numerator + unit["numerator"],
            None if is_rate else denominator + unit["denominator"],
        )
    counted = {place: both for place, both in sums.items() if any(both)}
    assert counted == sums_by_sql(database(rows, periods), indicator, **parameters)


@every_indicator
@some_cases
def test_every_candidate_is_decided_by_the_same_clause(indicator, tables, periods, data):
    parameters = drawn(indicator, tables, data)
    frames = example_tables(tables)
    rows = {name: frame.to_dicts() for name, frame in frames.items()}
    units = expected(indicator, rows, periods, why=True, **parameters)
    candidates = computed(indicator, frames, periods, why=True, **parameters)
    names = (*FIELDS[:5], "numerator", "denominator", "decided_by")

    assert only(candidates, *names) == only(units, *names)


@every_indicator
def test_the_histories_reach_every_clause(indicator):
    """Agreement says nothing about a clause that no generated history ever reaches.

    Rare ones come in one of forty histories; twice the usual number keeps chance out of the answer.
    """
    clauses = {"counted", *(clause.id for clause in catalogue().indicator(indicator).clause)}
    reached = set()

    @settings(max_examples=2 * settings().max_examples)
    @some_cases
    def live(tables, periods, data):
        parameters = drawn(indicator, tables, data)
        rows = {name: frame.to_dicts() for name, frame in example_tables(tables).items()}
        reached.update(unit["decided_by"] for unit in expected(indicator, rows, periods, why=True, **parameters))

    live()
    assert reached == clauses


def test_entry_to_care_alone_without_periods_of_care_is_refused():
    frames = example_tables({"child_protection_plans": [{}]})
    positional, _ = arguments("deescalation_sustained", frames)

    with pytest.raises(UsageError, match="pass care_episodes, or add referral"):
        REGISTRY["deescalation_sustained"](*positional, periods=[histories.year(2025)], re_presentation=("care_entry",))


@given(tables=case_histories.case_histories(), data=st.data())
def test_the_censored_estimate_is_the_same_whoever_adds_up_the_days(tables, data):
    """Counts by day of each authority, merged, give what all units together give."""
    periods = histories.period_lists().filter(lambda several: len(several) == 1)
    frames = example_tables(tables)
    positional, optional = arguments("deescalation_sustained", frames)
    records = REGISTRY["deescalation_sustained"](
        *positional, periods=data.draw(periods), **optional, follow_up="censored", plan_type="either"
    )
    apart = daily_counts(records, ["period", "la_code"]).drop("la_code").collect()
    whole = daily_counts(records, ["period"]).collect()
    together = merged(apart, ["period"]).collect()
    assert kaplan_meier(together).to_dicts() == kaplan_meier(whole).to_dicts()
    assert (
        together.select(pl.col("period").cast(pl.String), "daily").to_dicts()
        == whole.select(pl.col("period").cast(pl.String), "daily").to_dicts()
    )
