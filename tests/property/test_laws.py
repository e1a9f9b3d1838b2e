"""Laws of the indicators: what must change nothing, and what may only go one way."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from csc_indicators.catalogue import catalogue
from csc_indicators.errors import UsageError
from csc_indicators.periods import months, quarters, year
from tests.lib import families
from tests.lib.families import CARE, CASES, FAMILY_OF, is_collected_once_a_year, parameters_for, periods_for
from tests.property.test_referrals_laws import moved_period

INDICATORS = sorted(FAMILY_OF)
FLOWS = [name for name in INDICATORS if catalogue().indicator(name).over_time == "flow"]
COUNT_ON_HOLIDAYS = ("assessments_within_45_days", "conferences_within_15_days")
EXPLAINS = ("decided_by", "matched_table", "matched_row")

few = settings(max_examples=25)
"""Enough for laws of indicators that another test compares with two other statements of them on many more."""

fewer = settings(max_examples=8)
"""For each of five kinds of frame."""

every_indicator = pytest.mark.parametrize("indicator", INDICATORS)
some_data = given(data=st.data())


def drawn(indicator, data):
    """Tables as examples write them, periods and parameters."""
    tables = data.draw(FAMILY_OF[indicator].histories, label="tables")
    periods = data.draw(periods_for(indicator), label="periods")
    return tables, periods, data.draw(parameters_for(indicator, tables), label="parameters")


def records(indicator, frames, periods, **keywords):
    """Unit records as dicts, with every attribute, in an order that owes nothing to the package."""
    return in_order(families.records(indicator, frames, periods, **keywords).iter_rows(named=True))


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
@fewer
@some_data
def test_the_kind_of_frame_and_the_order_of_rows_change_nothing(indicator, frame_kind, data):
    tables, periods, parameters = drawn(indicator, data)
    frames = FAMILY_OF[indicator].frames(tables)
    seed = data.draw(st.integers(0, 1000), label="order")
    other = {name: frame_kind(frame.sample(fraction=1, shuffle=True, seed=seed)) for name, frame in frames.items()}

    assert in_order(without(records(indicator, other, periods, **parameters), "matched_row")) == in_order(
        without(records(indicator, frames, periods, **parameters), "matched_row")
    )


@every_indicator
@few
@some_data
def test_authorities_together_are_each_alone(indicator, data):
    tables, periods, parameters = drawn(indicator, data)
    frames = FAMILY_OF[indicator].frames(tables)
    alone = []
    for la_code in {row["la_code"] for row in tables["episodes"]}:
        own = {
            name: frame.filter(pl.col("la_code") == la_code) if "la_code" in frame.columns else frame
            for name, frame in frames.items()
        }
        alone += records(indicator, own, periods, **parameters)

    assert records(indicator, frames, periods, **parameters) == in_order(alone)


@every_indicator
@few
@some_data
def test_another_child_changes_no_unit_of_the_others(indicator, data):
    tables, periods, parameters = drawn(indicator, data)
    family = FAMILY_OF[indicator]
    la_code = data.draw(st.sampled_from(("000", "201", "202", "999")), label="authority of the other child")
    # The id sorts behind the others and the rows stand behind theirs, so that the others keep their keys.
    other = data.draw(family.child(la_code, "Z"), label="other child")
    frames = family.frames({name: [*rows, *other.get(name, ())] for name, rows in tables.items()})
    others = {
        table.removeprefix(f"{family.collection}.") if not family.prefix else table: frames[table]
        .filter(pl.col("child_id") == "Z")[key]
        .to_list()
        for table, key in family.keys.items()
    }
    kept = [
        unit
        for unit in records(indicator, frames, periods, **parameters)
        if unit["unit_row"] not in others[unit["unit_table"]]
    ]
    # Numbers of units that are made from keys of other tables may shift; who counts, and where, may not.
    assert in_order(without(kept, "unit_id")) == in_order(
        without(records(indicator, family.frames(tables), periods, **parameters), "unit_id")
    )


@pytest.mark.parametrize("indicator", FLOWS)
@few
@given(data=st.data(), reporting_year=st.sampled_from((2022, 2023, 2024, 2025)))
def test_a_year_is_the_sum_of_its_quarters_and_of_its_months(indicator, data, reporting_year):
    family = FAMILY_OF[indicator]
    frames = family.frames(data.draw(family.histories, label="tables"))
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
@given(years_later=st.sampled_from((-8, -4, 4, 24, 60)), data=st.data())
def test_the_same_lives_some_leap_cycles_later_give_the_same_units(indicator, years_later, data):
    def moved(value):
        if isinstance(value, list):
            return [moved(item) for item in value]
        return value.replace(year=value.year + years_later) if isinstance(value, dt.date) else value

    tables, periods, parameters = drawn(indicator, data)
    frames = FAMILY_OF[indicator].frames
    later = {
        name: [{column: moved(cell) for column, cell in row.items()} for row in rows] for name, rows in tables.items()
    }
    then_periods = [moved_period(period, years_later) for period in periods]
    then = records(indicator, frames(later), then_periods, **parameters)
    labels = {period.label: moved.label for period, moved in zip(periods, then_periods, strict=True)}
    now = [
        unit | {"period": labels[unit["period"]], "date": moved(unit["date"])}
        for unit in records(indicator, frames(tables), periods, **parameters)
    ]

    assert then == in_order(now)


@every_indicator
@few
@some_data
def test_asking_why_changes_no_unit_and_decides_every_candidate(indicator, data):
    tables, periods, parameters = drawn(indicator, data)
    frames = FAMILY_OF[indicator].frames(tables)
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
@some_data
def test_numerators_and_denominators_keep_their_bounds_and_a_unit_counts_once(indicator, data):
    tables, periods, parameters = drawn(indicator, data)
    unit_of_figure = catalogue().indicator(indicator).unit_under(parameters)
    units = records(indicator, FAMILY_OF[indicator].frames(tables), periods, **parameters)

    if unit_of_figure in ("percent", "survival"):
        assert all(unit["numerator"] in (0, 1) and unit["numerator"] <= unit["denominator"] <= 1 for unit in units)
    elif unit_of_figure == "ratio":
        assert all({unit["numerator"], unit["denominator"]} <= {0.0, 1.0} for unit in units)
    elif unit_of_figure in ("mean", "months"):
        assert all(unit["denominator"] in (0, 1) and unit["numerator"] >= 0 for unit in units)
    else:
        assert all(unit["denominator"] is None and unit["numerator"] == 1 for unit in units)
    assert len({(unit["period"], unit["unit_table"], unit["unit_id"]) for unit in units}) == len(units)


@every_indicator
def test_empty_tables_give_nothing_and_no_error(indicator):
    assert records(indicator, FAMILY_OF[indicator].frames({}), [year(2025)], why=True) == []


@pytest.mark.parametrize("indicator", [name for name in INDICATORS if is_collected_once_a_year(name)])
def test_what_is_collected_once_a_year_is_refused_for_other_periods(indicator):
    with pytest.raises(UsageError, match="collected once a year"):
        records(indicator, FAMILY_OF[indicator].frames({}), quarters(2025))


@few
@given(tables=CARE.histories)
def test_the_narrower_way_of_counting_children_in_care_is_never_more(tables):
    """A child counts no more than its starts; more placements are fewer children; children part into who is alone."""
    frames = CARE.frames(tables)

    def total(indicator, **parameters):
        return sum(unit["numerator"] for unit in records(indicator, frames, families.YEARS, **parameters))

    for indicator, each, every in (("care_starts", "first", "every"), ("care_ceases", "last", "every")):
        name = "starts_counted" if indicator == "care_starts" else "ceases_counted"
        assert total(indicator, **{name: each}) <= total(indicator, **{name: every})
    for indicator in ("children_in_care", "foster_care", "residential_care", "placement_instability"):
        alone, others = total(indicator, uasc="only"), total(indicator, uasc="exclude")
        assert alone + others == total(indicator)
    often = [total("placement_instability", threshold=threshold) for threshold in (1, 2, 3, 4)]
    assert often == sorted(often, reverse=True)
    far = [total("placement_distance", threshold_miles=miles) for miles in (10, 19, 20, 40)]
    assert far == sorted(far, reverse=True)
    assert total("placement_distance", boundary="outside_only") <= total("placement_distance")
    assert total("missing_from_care") <= total("missing_from_care", include_away=True)


def test_the_narrower_way_of_counting_cases_is_never_more():
    """Children are no more than what happens to them; a longer window sustains no more; fewer kinds, no fewer."""

    @few
    @given(tables=CASES.histories)
    def law(tables):
        frames = CASES.frames(tables)
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
