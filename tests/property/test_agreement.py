"""Three statements of each indicator agree: the package, a row-by-row reading of the spec, and SQL."""

from __future__ import annotations

from collections import defaultdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csc_indicators.catalogue import catalogue
from tests.lib.drawing import look_until
from tests.lib.families import FAMILY_OF, expected, parameters_for, periods_for, records

FIELDS = ("period", "la_code", "unit_table", "unit_row", "date", "numerator", "denominator", "complete")
ALSO = ("assessment_factor", "awaiting", "followed_days")

every_indicator = pytest.mark.parametrize("indicator", sorted(FAMILY_OF))
some_data = given(data=st.data())


def drawn(indicator, data):
    """Validated tables, the same as rows for the oracle, periods and parameters."""
    family = FAMILY_OF[indicator]
    tables = data.draw(family.histories, label="tables")
    periods = data.draw(periods_for(indicator), label="periods")
    parameters = data.draw(parameters_for(indicator, tables), label="parameters")
    frames = family.frames(tables)
    return frames, family.rows(frames), periods, parameters


def in_order(units):
    return sorted(
        units,
        key=lambda unit: (unit["period"], unit["unit_table"], unit["unit_row"], unit.get("assessment_factor") or "",
                          -unit["numerator"], unit["denominator"] or 0),
    )  # fmt: skip


def only(units, *names):
    return [{name: unit[name] for name in names if name in unit} for unit in in_order(units)]


def sums_of(units):
    """Numerator and denominator by authority and period; a rate has no denominator."""
    sums = defaultdict(lambda: (0, 0))
    for unit in units:
        numerator, denominator = sums[unit["la_code"], unit["period"]]
        is_rate = unit["denominator"] is None
        sums[unit["la_code"], unit["period"]] = (
            numerator + unit["numerator"],
            None if is_rate else denominator + unit["denominator"],
        )
    return {place: both for place, both in sums.items() if any(both)}


@every_indicator
@some_data
def test_units_sums_and_reasons_are_those_of_the_row_by_row_reading_and_of_the_sql(indicator, data):
    frames, rows, periods, parameters = drawn(indicator, data)
    candidates = expected(indicator, rows, periods, why=True, **parameters)
    units = [unit for unit in candidates if unit["listed"]]
    computed = list(records(indicator, frames, periods, **parameters).iter_rows(named=True))
    explained = list(records(indicator, frames, periods, why=True, **parameters).iter_rows(named=True))

    fields = (*FIELDS, *(name for name in ALSO if units and name in units[0]))
    reasons = (*FIELDS[:5], "numerator", "denominator", "decided_by")
    assert only(computed, *fields) == only(units, *fields)
    assert only(explained, *reasons) == only(candidates, *reasons)
    assert sums_of(computed) == FAMILY_OF[indicator].sums(indicator, frames, periods, **parameters)


@every_indicator
def test_the_histories_reach_every_clause(indicator):
    """Agreement says nothing about a clause that no generated history ever reaches.

    Rare ones come in one of forty histories, or fewer: more are drawn for as long as something is left to look for.
    """
    clauses = {"counted", *(clause.id for clause in catalogue().indicator(indicator).clause)}
    reached = set()

    def live(data):
        _, rows, periods, parameters = drawn(indicator, data)
        reached.update(unit["decided_by"] for unit in expected(indicator, rows, periods, why=True, **parameters))

    look_until(lambda: reached == clauses, live)
    assert reached == clauses
