"""Every workforce figure of generated censuses is that of a second reading that shares no code with the package.

The second reading works on the cells as returned; the package reads, validates and adds up. Every combination of
parameters is asked for, not only the named readings.
"""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import csc_indicators as csc
from csc_indicators.catalogue import catalogue
from csc_indicators.indicators import REGISTRY
from tests.lib.case_histories import parameters_of
from tests.lib.drawing import look_until
from tests.lib.workforce_rows import Census, figure
from tests.lib.workforces import tables_of, workforces

INDICATORS = [name for name, spec in catalogue().indicators.items() if spec.collection == "workforce"]
PERIODS = csc.workforce_years(2022, 2025)


@pytest.mark.parametrize("indicator", INDICATORS)
@given(data=st.data())
def test_every_figure_is_that_of_a_second_reading(indicator, data):
    made = data.draw(workforces().filter(bool), label="censuses")
    parameters = data.draw(parameters_of(indicator), label="parameters")
    tables = tables_of(made)
    spec = catalogue().indicator(indicator)

    records = REGISTRY[indicator](
        *(tables.table(name.removeprefix("workforce.")) for name in spec.tables), periods=PERIODS, **parameters
    ).collect()

    sums = {
        (la_code, int(period)): (round(numerator, 5), round(denominator, 5))
        for la_code, period, numerator, denominator in records.group_by("la_code", "period")
        .agg(pl.col("numerator").sum(), pl.col("denominator").sum())
        .iter_rows()
    }
    held = {place: Census(place[1], rows, totals) for place, (rows, totals) in made.items()}
    expected = {place: figure(held, indicator, *place, **parameters) for place in held}
    expected = {place: (round(both[0], 5), round(both[1], 5)) for place, both in expected.items()}
    assert {place: both for place, both in sums.items() if any(both)} == {
        place: both for place, both in expected.items() if any(both)
    }
    assert records["unit_row"].is_not_null().all()


@pytest.mark.parametrize("indicator", INDICATORS)
def test_the_workforces_reach_every_clause(indicator):
    """Agreement says nothing about a clause that no generated workforce ever reaches.

    Parameters are their defaults more often than not: more are drawn for as long as something is left to look for.
    """
    spec = catalogue().indicator(indicator)
    clauses = {"counted", *(clause.id for clause in spec.clause)}
    reached = set()

    def live(data):
        made, parameters = data.draw(workforces().filter(bool)), data.draw(parameters_of(indicator))
        tables = tables_of(made)
        held = [tables.table(name.removeprefix("workforce.")) for name in spec.tables]
        records = REGISTRY[indicator](*held, periods=PERIODS, why=True, **parameters).collect()
        reached.update(records["decided_by"].cast(pl.String))

    look_until(lambda: reached == clauses, live)
    assert reached == clauses
