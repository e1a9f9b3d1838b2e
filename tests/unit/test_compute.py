"""Requests in, published cells out: what is asked, what is refused, and what is said beside the cells."""

from __future__ import annotations

import dataclasses
import datetime as dt
from types import MappingProxyType

import polars as pl
import pytest

import csc_indicators as csc
from csc_indicators import breakdowns, catalogue
from csc_indicators.engines import local, notes, requests
from csc_indicators.engines.answerable import covered_periods
from csc_indicators.engines.local import Request, cells, compute, records, shown_parameters
from csc_indicators.errors import NothingComputed, UsageError
from csc_indicators.loading import Extracts
from csc_indicators.periods import quarters, year, years
from csc_indicators.specification import DatedValue
from tests.lib.raw_census import census, child, episode, validated


def extracts(*censuses):
    return Extracts(validated(*censuses), ())


def referred(*days, child_id="A"):
    return child(child_id, *(episode(day, closure_date=day, closure_reason="RC8") for day in days))


def two_years():
    """Two census years of one authority; a referral in each, nine months apart."""
    first = census(referred("2023-08-10"), ends="2024-03-31")
    second = census(referred("2024-05-10"), referred("2024-06-01", child_id="B"))
    return extracts(first, second)


def only(result, *columns):
    return result.frame.select(columns).rows()


def test_one_indicator_by_its_name_for_every_year_covered():
    result = compute(two_years(), "rereferrals", internal=True)

    assert only(result, "period", "numerator", "denominator", "complete") == [
        ("2024", 0.0, 1.0, False),
        ("2025", 1.0, 2.0, True),
    ]
    assert result.periods == tuple(years(2024, 2025))
    assert result.requests == (Request("rereferrals"),)


def test_small_numbers_are_hidden_unless_the_result_is_internal():
    hidden, shown = compute(two_years(), "rereferrals"), compute(two_years(), "rereferrals", internal=True)

    assert (hidden.published.restricted, shown.published.restricted) == (False, True)
    assert hidden.frame["status"].to_list() == ["c", "c"]
    assert hidden.frame["numerator"].to_list() == [0.0, None]
    assert hidden.frame["denominator"].to_list() == [None, None]
    assert hidden.published.policies == ("dfe_cin",)


INDICATORS = [name for name, spec in catalogue.catalogue().indicators.items() if spec.collection == "cin"]
"""Those that can be computed from a CIN census."""


def test_nothing_named_is_every_indicator_of_the_returns_that_are_there():
    result = compute(two_years(), periods=[year(2025)], internal=True)

    assert result.frame["indicator"].unique(maintain_order=True).to_list() == INDICATORS


def test_requests_are_computed_in_the_order_asked():
    requests = [Request("rereferrals", "ever"), "referrals", Request("rereferrals", parameters={"window_months": 6})]
    result = compute(two_years(), requests, periods=[year(2025)], internal=True)

    assert only(result, "indicator", "reading", "parameters", "numerator") == [
        ("rereferrals", "ever", "window_months=ever", 1.0),
        ("referrals", "published", "", 2.0),
        ("rereferrals", "published", "window_months=6", 0.0),
    ]


def test_all_that_is_computed_at_once_is_as_if_computed_alone():
    source = two_years()
    requests = [Request("rereferrals", reading.name) for reading in csc.definition("rereferrals").reading]
    together = compute(source, requests, by=["sex", "age_band"], internal=True).frame
    alone = [compute(source, request, by=["sex", "age_band"], internal=True).frame for request in requests]

    assert together.equals(pl.concat(alone))


def test_authorities_are_chosen_after_the_whole_is_read():
    source = extracts(census(referred("2024-05-10")), census(referred("2024-05-10"), la_code="391"))

    assert only(
        compute(source, "referrals", la_codes=["391"], internal=True), "area_code", "area_name", "numerator"
    ) == [("391", "Newcastle upon Tyne", 1.0)]


def test_a_path_is_read():
    result = csc.compute("fixtures/faulty/partly", "referrals", la_codes=["390"])

    assert result.frame["numerator"].to_list() == [43.0]
    assert len(result.extracts.files) == 3


@pytest.mark.parametrize(
    ("indicators", "options", "message"),
    [
        ("rereferal", {}, 'No indicator is called "rereferal". Did you mean "rereferrals"? `list` shows them all.'),
        (Request("rereferrals", "evr"), {}, 'rereferrals has no reading "evr". Did you mean "ever"?'),
        (
            Request("rereferrals", parameters={"window": 6}),
            {},
            'rereferrals has no parameter "window".',
        ),
        (Request("rereferrals", parameters={"window_months": "soon"}), {}, 'window_months cannot be "soon"'),
        ("rereferrals", {"by": ["sx"]}, 'No breakdown is called "sx". Did you mean "sex"?'),
        ("rereferrals", {"by": ["times_referred"]}, "rereferrals is not broken down by times_referred."),
        ("rereferrals", {"periods": []}, "periods are made by"),
        ("rereferrals", {"la_codes": ["000"]}, "No local authority has the code '000'"),
    ],
)
def test_what_is_not_known_is_refused(indicators, options, message):
    with pytest.raises(UsageError) as caught:
        compute(two_years(), indicators, **options)

    assert str(caught.value).startswith(message)


def test_a_faulty_request_is_refused_before_any_file_is_read():
    with pytest.raises(UsageError, match="No indicator is called"):
        compute("there/is/no/such/folder", "nothing")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"la_codes": ["302"]}, "the extracts hold no return of Barnet (302); they hold 390"),
        ({"periods": [year(2023)]}, "the extracts cover 2023-04-01 to 2025-03-31, and nothing of 2023"),
        ({"periods": years(2020, 2023)}, "the extracts cover 2023-04-01 to 2025-03-31, and nothing of 2020 to 2023"),
    ],
)
def test_what_the_extracts_do_not_hold_cannot_be_computed(options, message):
    with pytest.raises(NothingComputed) as caught:
        compute(two_years(), "rereferrals", **options)

    assert str(caught.value) == message


def test_the_periods_covered_are_the_whole_years_any_authority_touches():
    cin = validated(census(ends="2023-03-31"), census(la_code="391", ends="2024-09-30"))

    assert covered_periods(cin) == tuple(years(2023, 2025))
    assert len(covered_periods(cin, "quarter")) == 12


# Notes


def test_a_note_says_who_is_incomplete_and_from_when_not():
    source = extracts(
        census(referred("2024-05-10")),
        census(referred("2023-05-10"), la_code="391", ends="2024-03-31"),
        census(referred("2024-05-10"), la_code="391"),
        census(referred("2024-05-10"), la_code="840"),
    )

    assert compute(source, "rereferrals").notes == (
        (
            "rereferrals (published) is incomplete for 391 in 2024: their returns begin on 2023-04-01; "
            "it would be complete from 2024-04-01."
        ),
        "rereferrals (published) is incomplete for 390, 840 in 2024: their returns cover 2024-04-01 to 2025-03-31.",
        (
            "rereferrals (published) is incomplete for 390, 840 in 2025: their returns begin on 2024-04-01; "
            "it would be complete from 2025-04-01."
        ),
    )
    assert compute(source, "referrals_no_further_action", periods=[year(2025)]).notes == ()


def test_a_note_without_an_end_to_the_look_back():
    (note,) = compute(two_years(), Request("rereferrals", "ever"), periods=[year(2025)]).notes

    assert note.endswith("their returns begin on 2023-04-01; it would be complete only for children born since.")


def test_a_look_back_in_years():
    (note,) = compute(two_years(), Request("referrals_per_child", "last_three_years"), periods=[year(2025)]).notes

    assert note.endswith("their returns begin on 2023-04-01; it would be complete from 2026-04-01.")


def test_a_note_says_which_rates_have_no_population():
    result = compute(extracts(census(referred("2030-05-10"), ends="2031-03-31")), "referrals", internal=True)

    assert result.notes == ("Rates are not available where there is no population estimate: mid-2030.",)
    assert only(result, "numerator", "denominator", "status") == [(1.0, None, "x")]


# Parameters


def test_the_parameters_shown_are_those_that_differ_from_the_definition():
    spec_defaults = catalogue.catalogue().parameters("rereferrals")
    differing = spec_defaults | {"window_months": None, "referral_sources": ("2A", "6"), "count_of": "children"}

    assert shown_parameters(Request("rereferrals"), spec_defaults) == ""
    assert shown_parameters(Request("rereferrals"), differing) == (
        "window_months=ever; referral_sources=2A,6; count_of=children"
    )


@pytest.fixture
def changed_window(monkeypatch):
    """The catalogue as if the window of re-referrals had become six months for years that end from 2025 on."""
    loaded = catalogue.catalogue()
    value = loaded.values["rereferral_window_months"]
    later = DatedValue.model_validate({"from": dt.date(2025, 1, 1), "value": 6, "source": "lait", "status": "in_force"})
    changed = value.model_copy(update={"value": (*value.value, later)})
    values = MappingProxyType({**loaded.values, "rereferral_window_months": changed})
    replaced = dataclasses.replace(loaded, values=values)
    for module in (local, notes, requests, breakdowns):
        monkeypatch.setattr(module, "catalogue", lambda: replaced)


@pytest.mark.usefixtures("changed_window")
def test_a_dated_value_that_changes_within_a_series_applies_period_by_period():
    result = compute(two_years(), ["rereferrals", "referrals"], internal=True)

    assert only(result, "indicator", "period", "parameters", "numerator", "denominator") == [
        ("rereferrals", "2024", "", 0.0, 1.0),
        ("rereferrals", "2025", "window_months=6", 0.0, 2.0),
        ("referrals", "2024", "", 1.0, 40052.0),
        ("referrals", "2025", "", 2.0, 40414.0),
    ]


@pytest.mark.usefixtures("changed_window")
def test_a_dated_value_is_that_of_the_day_a_period_ends():
    result = compute(two_years(), "rereferrals", periods=quarters(2025), internal=True)

    assert only(result, "period", "parameters", "numerator") == [
        ("2024-25 Q1", "", 1.0),
        ("2024-25 Q2", "", 0.0),
        ("2024-25 Q3", "", 0.0),
        ("2024-25 Q4", "window_months=6", 0.0),
    ]


@pytest.mark.usefixtures("changed_window")
def test_a_reading_and_a_parameter_go_over_the_dated_value():
    requests = [Request("rereferrals", "ever"), Request("rereferrals", parameters={"window_months": 9})]
    result = compute(two_years(), requests, periods=[year(2025)], internal=True)

    assert only(result, "parameters", "numerator") == [("window_months=ever", 1.0), ("window_months=9", 1.0)]


@pytest.mark.usefixtures("changed_window")
def test_groups_that_change_with_the_dated_value_are_those_of_each_period():
    found = cells(two_years().cin, [Request("rereferrals")], periods=years(2024, 2025), by=["sex"])

    assert found.filter(breakdown="sex", group="Female").select("period", "parameters", "numerator").rows() == [
        ("2024", "", 0.0), ("2025", "window_months=6", 0.0)
    ]  # fmt: skip


# Unit records


def test_records_name_the_child_the_file_and_the_row_and_what_it_was_matched_with():
    cin = two_years().cin
    listed = records(cin, Request("rereferrals"), periods=[year(2025)], why=True)

    assert listed.columns[:10] == [
        "period", "la_code", "child_id", "date", "numerator", "denominator", "complete", "decided_by", "matched_file",
        "matched_row",
    ]  # fmt: skip
    assert listed.columns[-2:] == ["source_file", "source_row"]
    assert listed.select(
        "child_id", "date", "numerator", "decided_by", "matched_file", "matched_row", "source_file", "source_row"
    ).rows() == [
        ("A", dt.date(2024, 5, 10), 1.0, "counted", "390/2024-03-31.xml", 1, "390/2025-03-31.xml", 1),
        ("B", dt.date(2024, 6, 1), 0.0, "earlier_referral", None, None, "390/2025-03-31.xml", 2),
    ]


def test_records_without_reasons_are_those_in_the_figure_only():
    request = Request("rereferrals", parameters={"count_of": "children", "window_months": None})
    source = extracts(census(referred("2024-05-10", "2024-06-10"), referred("2024-07-10", child_id="B")))
    plain = records(source.cin, request, periods=[year(2025)])
    reasons = records(source.cin, request, periods=[year(2025)], why=True)

    assert plain.select("child_id", "date", "numerator").rows() == [
        ("A", dt.date(2024, 5, 10), 1.0), ("B", dt.date(2024, 7, 10), 0.0)
    ]  # fmt: skip
    assert reasons["decided_by"].to_list() == ["counted", "first_of_the_child", "earlier_referral"]
    assert "decided_by" not in plain.columns


@pytest.mark.parametrize("indicator", INDICATORS)
def test_records_add_up_to_the_cells_of_every_reading(indicator):
    source = two_years()
    for reading in csc.definition(indicator).reading:
        request = Request(indicator, reading.name)
        listed = records(source.cin, request, periods=years(2024, 2025), why=True)
        added = {period: listed.filter(period=period)["numerator"].sum() for period in ("2024", "2025")}
        found = cells(source.cin, [request], periods=years(2024, 2025))
        assert dict(found.select("period", "numerator").iter_rows()) == added


@pytest.mark.usefixtures("changed_window")
def test_records_of_periods_with_different_parameters_stand_in_one_list():
    listed = records(two_years().cin, Request("rereferrals"), periods=years(2024, 2025), why=True)

    assert listed.select("period", "child_id", "decided_by").rows() == [
        ("2024", "A", "earlier_referral"), ("2025", "A", "within_window"), ("2025", "B", "earlier_referral")
    ]  # fmt: skip


def test_records_are_those_of_the_authorities_and_periods_asked_for():
    source = extracts(census(referred("2024-05-10")), census(referred("2024-05-10"), la_code="391"))

    assert records(source.cin, Request("referrals"), periods=[year(2025)], la_codes=["391"])["la_code"].to_list() == [
        "391"
    ]
    with pytest.raises(NothingComputed):
        records(source.cin, Request("referrals"), periods=[year(2020)])


# A census whose years have a gap


def test_a_gap_between_census_years_makes_what_looks_across_it_incomplete():
    source = extracts(
        census(referred("2022-05-10"), ends="2023-03-31"),
        census(referred("2024-05-10")),
        census(referred("2025-06-10", child_id="B"), ends="2026-03-31"),
    )
    result = compute(source, "rereferrals", internal=True)

    assert only(result, "period", "denominator", "status", "complete") == [
        ("2023", 1.0, "ok", False),
        ("2024", None, "x", False),
        ("2025", 1.0, "ok", False),
        ("2026", 1.0, "ok", True),
    ]
