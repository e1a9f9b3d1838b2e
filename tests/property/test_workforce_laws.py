"""What must hold of every workforce figure, whoever works where."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import csc_indicators as csc
from csc_indicators.catalogue import catalogue
from csc_indicators.indicators import REGISTRY
from tests.lib.case_histories import parameters_of
from tests.lib.workforces import AUTHORITIES, tables_of, workforces

INDICATORS = [name for name, spec in catalogue().indicators.items() if spec.collection == "workforce"]
PERIODS = csc.workforce_years(2022, 2025)
WHO = ("period", "la_code", "unit_table", "unit_row")

every_indicator = pytest.mark.parametrize("indicator", INDICATORS)
few = settings(max_examples=max(settings().max_examples // 4, 10))


def frames_of(indicator, made):
    tables = tables_of(made)
    return [tables.table(name.removeprefix("workforce.")) for name in catalogue().indicator(indicator).tables]


def records(indicator, frames, **keywords):
    return REGISTRY[indicator](*frames, periods=PERIODS, **keywords).collect().sort(WHO)


def sums(found):
    return {
        place: (round(numerator, 5), round(denominator, 5))
        for *place, numerator, denominator in found.group_by("la_code", "period")
        .agg(pl.col("numerator").sum(), pl.col("denominator").sum())
        .iter_rows()
        for place in [tuple(place)]
    }


def drawn(indicator, data):
    made = data.draw(workforces().filter(bool), label="censuses")
    return made, data.draw(parameters_of(indicator), label="parameters")


@every_indicator
@few
@given(data=st.data())
def test_an_authority_counts_alike_with_others_and_alone(indicator, data):
    made, parameters = drawn(indicator, data)
    together = sums(records(indicator, frames_of(indicator, made), **parameters))

    apart = {}
    for la_code in AUTHORITIES:
        own = {place: census for place, census in made.items() if place[0] == la_code}
        if own:
            apart |= sums(records(indicator, frames_of(indicator, own), **parameters))
    assert together == apart


@every_indicator
@few
@given(data=st.data())
def test_the_order_of_rows_changes_nothing(indicator, data):
    made, parameters = drawn(indicator, data)
    frames = frames_of(indicator, made)

    turned = records(indicator, [frame.reverse() for frame in frames], **parameters)

    assert turned.equals(records(indicator, frames, **parameters))


@every_indicator
@few
@given(data=st.data())
def test_the_reasons_are_those_of_the_figure(indicator, data):
    made, parameters = drawn(indicator, data)
    frames = frames_of(indicator, made)
    plain, explained = (records(indicator, frames, why=why, **parameters) for why in (False, True))

    listed = explained.join(plain.select(WHO), on=WHO, how="semi", maintain_order="left")
    assert listed.select(plain.columns).equals(plain)
    unlisted = explained.join(plain.select(WHO), on=WHO, how="anti")
    assert not unlisted.select(pl.any_horizontal(pl.col("numerator", "denominator") != 0)).to_series().any()
    assert not unlisted["decided_by"].cast(pl.String).is_in(["counted"]).any()
    assert len(explained.select(WHO).unique()) == explained.height


@every_indicator
@few
@given(data=st.data())
def test_a_part_is_never_more_than_its_whole_and_a_person_counts_once(indicator, data):
    made, parameters = drawn(indicator, data)
    found = records(indicator, frames_of(indicator, made), **parameters)

    unit = catalogue().indicator(indicator).unit_under(parameters)
    assert found["numerator"].min() is None or found["numerator"].min() >= 0
    assert found["denominator"].min() is None or found["denominator"].min() >= 0
    if unit in ("percent", "share") and indicator != "sickness_absence":  # a part-time post can lose a year's days
        assert (found["numerator"] <= found["denominator"]).all()
    if unit == "percent":
        assert set(found["numerator"]) | set(found["denominator"]) <= {0.0, 1.0, 3.0}  # an authority's own headcount
