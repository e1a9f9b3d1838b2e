"""Figures from the Annex A workbook of the fixtures, beside figures worked out from its rows by hand.

The comments say which rows a figure is made of. What can be counted without the package is counted here a second time,
from the workbook itself.
"""

from __future__ import annotations

import datetime as dt

import fastexcel
import polars as pl
import pytest

import csc_indicators as csc
from csc_indicators.catalogue import catalogue
from csc_indicators.disclosure import Published
from tests.lib.command_line import ROOT, run

WORKBOOK = ROOT / "fixtures/annex_a/annex_a.xlsx"
EXTRACT = dt.date(2025, 3, 31)
YEAR = csc.year(2025)

BY_HAND = {
    # Of the nine rows of List 3 one has no child and one is after the extract; one case of List 6 has no referral.
    "referrals": (8, None),
    "referrals_no_further_action": (1, 8),  # AXA003
    "rereferrals": (1, 8),  # AXA002 in January, after June
    "referrals_per_child": (8, 7),  # AXA002 twice
    "assessments_completed": (4, None),  # AXA005's is not authorised
    "assessments_within_45_days": (3, 4),  # 4 June to 20 September is longer
    "section_47_enquiries": (4, None),
    "section_47_to_conference": (1, 4),
    "initial_conferences": (1, None),
    "conferences_within_15_days": (1, 1),  # 3 to 20 June
    # AXA001, 002, 005, 008, 009 and 010 are open in List 6; AXA013 has a plan and is in no list of cases.
    "children_in_need": (7, None),
    # And AXA011 until July, AXA004 until its assessment was authorised, AXA006 on the day of its referral.
    "children_in_need_in_year": (10, None),
    "child_protection_plans": (3, None),  # AXA001, 009 and 013
    "child_protection_plan_starts": (2, None),  # AXA001 and 009
    "repeat_child_protection_plans": (1, 2),  # AXA009
    "plans_open_two_years": (1, 3),  # AXA013, since February 2023
    "children_in_care": (3, None),  # AXA010, 014 and 018; AXA017 has short breaks
    "care_starts": (3, None),  # AXA014, 016 and 018
    "care_ceases": (2, None),  # AXA015 and 016
    "family_network_leavers": (2, 2),  # special guardianship, and home
    "foster_care": (1, 3),  # AXA010
    "residential_care": (1, 3),  # AXA014
    "supported_accommodation": (0, 3),
    "family_network_care": (0, 3),
}


@pytest.fixture(scope="module")
def annex_a():
    return csc.read_annex_a(WORKBOOK, la_code="390", extract_date=EXTRACT)


@pytest.fixture(scope="module")
def computed(annex_a):
    return csc.compute(annex_a.extracts, periods=YEAR, internal=True)


def totals(computation):
    return computation.frame.filter(level="Local authority", breakdown="total")


def sheet(number):
    """The rows of a list below its headings, as the workbook holds them."""
    cells = fastexcel.read_excel(WORKBOOK).load_sheet(f"List {number}", header_row=None, dtypes="string").to_polars()
    rows = list(cells.iter_rows())
    first = next(place for place, row in enumerate(rows) if row[0] == "Child Unique ID")
    return [dict(zip(rows[first], row, strict=True)) for row in rows[first + 1 :]]


def a_day(text):
    for pattern in ("%Y-%m-%d %H:%M:%S", "%d/%m/%Y"):
        try:
            return dt.datetime.strptime(text, pattern).date()  # noqa: DTZ007
        except (TypeError, ValueError):
            continue
    return None


def test_the_figures_are_those_worked_out_by_hand(computed):
    found = {
        row["indicator"]: (row["numerator"], None if row["unit"] == "rate_per_10000" else row["denominator"])
        for row in totals(computed).iter_rows(named=True)
    }

    assert found == BY_HAND


def test_the_figures_of_the_span_are_complete_unless_they_look_back_beyond_it(computed):
    incomplete = totals(computed).filter(~pl.col("complete"))["indicator"].to_list()

    assert incomplete == ["referrals_per_child", "rereferrals"]
    assert (
        "rereferrals (published) is incomplete for 390 in 2025: their returns begin on 2024-04-01; it would be "
        "complete from 2025-04-01." in computed.notes
    )


def test_the_workbook_counted_without_the_package(computed):
    within = [
        row for row in sheet(3)
        if row["Child Unique ID"] and dt.date(2024, 4, 1) <= a_day(row["Date of referral"]) <= EXTRACT
    ]  # fmt: skip
    completed = [row for row in sheet(4) if a_day(row["Continuous Assessment Date of Authorisation"])]
    conferences = [row for row in sheet(5) if a_day(row["Date of Initial Child Protection Conference"])]
    started = [row for row in sheet(7) if a_day(row["Child Protection Plan Start Date"]) >= dt.date(2024, 4, 1)]
    looked_after = [
        row for row in sheet(8)
        if not a_day(row["Date Ceased to be Looked After"]) and not row["Child\u2019s Legal Status"].startswith("V4")
    ]  # fmt: skip
    found = dict(totals(computed).select("indicator", "numerator").iter_rows())

    assert found["referrals"] == len(within) + 1  # a case in List 6 that no referral led to
    assert found["assessments_completed"] == len(completed)
    assert found["initial_conferences"] == len(conferences)
    assert found["child_protection_plan_starts"] == len(started)
    assert found["children_in_care"] == len(looked_after)


def test_small_numbers_are_protected_as_in_any_figure(annex_a):
    published = csc.compute(annex_a.extracts, "child_protection_plan_starts", periods=YEAR).published

    assert isinstance(published, Published)
    assert totals(csc.compute(annex_a.extracts, "child_protection_plan_starts", periods=YEAR))["status"].to_list() == [
        "c"
    ]


@pytest.mark.parametrize("indicator", ["placement_instability", "long_term_stability", "placement_distance"])
def test_what_needs_the_placements_between_is_refused(annex_a, indicator):
    said = "Annex A holds the placement and legal status of the day, and not those before"

    with pytest.raises(csc.NothingComputed, match=f"{indicator} is not computed from these extracts: {said}"):
        csc.compute(annex_a.extracts, indicator, periods=YEAR)
    with pytest.raises(csc.NothingComputed, match=said):  # the tables alone know it too
        csc.compute(annex_a.ssda903, indicator, periods=YEAR)
    with pytest.raises(csc.NothingComputed, match=said):
        csc.records(annex_a.extracts, indicator, periods=YEAR)


def test_where_children_live_is_known_on_the_day_of_the_extract_only(annex_a):
    of_march, of_december = csc.quarters(2025)[3], csc.quarters(2025)[2]

    assert totals(csc.compute(annex_a.extracts, "foster_care", periods=of_march, internal=True))["numerator"][0] == 1
    with pytest.raises(csc.NothingComputed, match=r"on the day of the extract \(2025-03-31\), and not on days before"):
        csc.compute(annex_a.extracts, "foster_care", periods=of_december)
    with pytest.raises(csc.NothingComputed, match="foster_care is not computed"):
        csc.compute(annex_a.extracts, "foster_care", periods=[of_december, of_march])


def test_what_is_left_out_of_everything_is_said(computed):
    left_out = [note for note in computed.notes if note.startswith("Not computed from these extracts: ")]

    assert (
        "Not computed from these extracts: deescalation_sustained: Annex A does not hold child in need plans."
        in left_out
    )
    named = {name for note in left_out for name in note.split(": ")[1].split(", ")}
    of_children = {name for name, spec in catalogue().indicators.items() if spec.collection in ("cin", "ssda903")}
    assert named | set(BY_HAND) == of_children
    assert not named & set(BY_HAND)


def test_the_care_leavers_are_a_table_of_their_own(annex_a):
    shown = annex_a.care_leavers.select(
        "child_id",
        "observed_on",
        "eligibility",
        "in_touch",
        "accommodation",
        "suitability",
        "activity",
        "unaccompanied",
    )

    assert shown.rows() == [
        ("AXA030", EXTRACT, "FORMER_RELEVANT", "YES", "U", "SUITABLE", "F2", False),
        ("AXA031", EXTRACT, "FORMER_RELEVANT", "RHOM", None, "EXCLUDE", None, False),
        ("AXA032", EXTRACT, "RELEVANT", "YES", "Z", "UNSUITABLE", None, True),
    ]
    assert annex_a.ssda903.care_leavers.is_empty()
    with pytest.raises(csc.NothingComputed, match="the return about their birthday"):
        csc.compute(annex_a.extracts, "care_leavers_eet", periods=YEAR)


# An extract whose days are not those of a reporting year


@pytest.fixture(scope="module")
def half_year():
    """The same workbook, said to be of the six months to the end of September."""
    return csc.read_annex_a(WORKBOOK, la_code="390", extract_date=dt.date(2024, 9, 30), months=6)


def test_the_coverage_is_the_span_of_the_extract(half_year):
    assert set(half_year.coverage.select("observed_from", "observed_to").rows()) == {
        (dt.date(2024, 4, 1), dt.date(2024, 9, 30))
    }
    assert set(half_year.coverage["collection"]) == {"cin", "ssda903"}


@pytest.mark.parametrize(
    "indicator",
    [
        "referrals",
        "rereferrals",
        "repeat_child_protection_plans",
        "children_in_care",
        "care_starts",
        "section_47_enquiries",
    ],
)
def test_a_period_that_is_not_wholly_inside_is_incomplete_and_said_to_be(half_year, indicator):
    result = csc.compute(half_year.extracts, indicator, periods=YEAR, internal=True)

    assert totals(result)["complete"].to_list() == [False]
    assert any("cover 2024-04-01 to 2024-09-30" in note and indicator in note for note in result.notes)


@pytest.mark.parametrize(
    ("indicator", "complete"),
    [
        ("referrals", [True, True]),
        ("rereferrals", [False, False]),
        ("children_in_care", [True, True]),
        ("care_starts", [True, True]),
        ("repeat_child_protection_plans", [True, True]),
    ],
)
def test_a_period_inside_is_complete_unless_it_looks_back(half_year, indicator, complete):
    result = csc.compute(half_year.extracts, indicator, periods=csc.quarters(2025)[:2], internal=True)

    assert totals(result)["complete"].to_list() == complete


def test_repeat_plans_that_go_by_the_plans_themselves_are_incomplete(annex_a):
    request = csc.Request("repeat_child_protection_plans", parameters={"look_back_months": 24})
    result = csc.compute(annex_a.extracts, request, periods=YEAR, internal=True)

    assert totals(result)["complete"].to_list() == [False]
    assert any("it would be complete from 2026-04-01" in note for note in result.notes)


def test_enquiries_that_are_not_followed_up_yet_are_left_out_and_said_to_be(annex_a):
    request = csc.Request("section_47_to_conference", parameters={"method": "cohort"})
    result = csc.compute(annex_a.extracts, request, periods=YEAR, internal=True)

    # AXA005's enquiry began six days before the extract.
    assert totals(result).select("numerator", "denominator", "complete").rows() == [(1.0, 3.0, False)]
    assert any("is not followed up yet" in note for note in result.notes)


def test_a_span_may_end_on_any_day_of_a_month():
    odd = csc.read_annex_a(WORKBOOK, la_code="390", extract_date=dt.date(2025, 2, 14), months=12)

    assert odd.coverage.select("observed_from", "observed_to").row(0) == (dt.date(2024, 2, 15), dt.date(2025, 2, 14))
    quarters = csc.compute(odd.extracts, "children_in_care", periods=csc.quarters(2025), internal=True)
    assert totals(quarters)["complete"].to_list() == [True, True, True, False]


def test_the_command_line_reads_it_when_told_whose_it_is_and_of_which_day(computed):
    workbook = "fixtures/annex_a/annex_a.xlsx"
    said = ("--la", "390", "--annex-a", "2025-03-31", "--year", "2025", "--internal", "--format", "json")

    done = run("compute", workbook, *said)
    untold = run("compute", workbook, "--annex-a", "2025-03-31")
    unknown = run("compute", workbook)

    assert done.code == 0, done.stderr
    figures = {cell["indicator"]: cell["numerator"] for cell in done.json() if cell["breakdown"] == "total"}
    of_notebook = totals(computed)
    assert figures == dict(of_notebook.select("indicator", "numerator").iter_rows())
    assert (untold.code, unknown.code) == (2, 3)
    assert "one --la that says whose it is" in untold.stderr
    assert "Read it with --annex-a YYYY-MM-DD and --la" in unknown.stderr
