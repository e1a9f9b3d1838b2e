"""Which of the three social care groups a child is in: by precedence, by time in care, authority by authority."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csc_indicators.examples import example_care, example_tables
from csc_indicators.histories.groups import social_care_groups
from csc_indicators.periods import year
from tests.lib import care_histories, case_histories
from tests.lib.families import CARE, CASES
from tests.lib.oracles.care_common import first_day_of_months, is_short_break, places
from tests.lib.oracles.common import is_open_at

NEED = {"referral_date": "2023-05-10"}
PLAN = {"start_date": "2024-05-10"}
LONG, SHORT = {"start_date": "2024-04-01"}, {"start_date": "2024-04-02"}


def group_of(need=(), plans=(), care=(), **options):
    cin = example_tables({"episodes": list(need), "child_protection_plans": list(plans)})
    groups = social_care_groups(
        cin["episodes"], cin["child_protection_plans"], example_care(list(care)), periods=[year(2025)], **options
    )
    return groups.collect()["social_care_group"].to_list()


@pytest.mark.parametrize(
    ("need", "plans", "care", "group"),
    [
        ([NEED], [], [], ["CINO"]),
        ([NEED], [PLAN], [], ["CPPO"]),
        ([NEED], [PLAN], [LONG], ["CLA12"]),
        ([], [], [LONG], ["CLA12"]),
        ([NEED], [PLAN], [SHORT], []),
        ([NEED], [], [LONG | {"legal_status": "V4"}], ["CINO"]),
        ([NEED | {"closure_date": "2025-03-31"}], [], [], []),
        ([NEED | {"no_further_action": True}], [], [], []),
        ([NEED], [PLAN | {"end_date": "2025-03-31"}], [LONG | {"end_date": "2025-03-31"}], ["CINO"]),
    ],
)
def test_the_group_of_a_child(need, plans, care, group):
    assert group_of(need, plans, care) == group


def test_how_long_is_long_is_a_parameter():
    assert group_of([NEED], [], [SHORT], care_months=6) == ["CLA12"]


def test_children_of_one_id_in_two_authorities_are_two_children():
    assert group_of([NEED], [], [LONG | {"la_code": "302"}]) == ["CLA12", "CINO"]


@given(
    cases=case_histories.case_histories(),
    care=care_histories.care_histories(),
    ends=st.sampled_from((2023, 2024, 2025)),
)
def test_the_groups_are_those_of_a_row_by_row_reading(cases, care, ends):
    period = year(ends)
    cin, ssda903 = CASES.frames(cases), CARE.frames(care)
    rows = {**CASES.rows(cin), **CARE.rows(ssda903)}
    place_of, expected = places(rows["ssda903.episodes"]), {}
    for row in rows["episodes"]:
        if is_open_at(row, period.end, "referral_date", "closure_date") and row["no_further_action"] is not True:
            expected[row["la_code"], row["child_id"]] = "CINO"
    for row in rows["child_protection_plans"]:
        if is_open_at(row, period.end, "start_date", "end_date"):
            expected[row["la_code"], row["child_id"]] = "CPPO"
    in_care = [row for row in rows["ssda903.episodes"] if is_open_at(row, period.end, "start_date", "end_date")]
    for row in sorted(
        (row for row in in_care if not is_short_break(row)), key=lambda row: is_long(row, place_of, period)
    ):
        expected[row["la_code"], row["child_id"]] = "CLA12" if is_long(row, place_of, period) else None
    groups = social_care_groups(
        cin["cin.episodes"], cin["cin.child_protection_plans"], ssda903["ssda903.episodes"], periods=[period]
    ).collect()

    assert {(row["la_code"], row["child_id"]): row["social_care_group"] for row in groups.iter_rows(named=True)} == {
        child: group for child, group in expected.items() if group is not None
    }


def is_long(row, place_of, period):
    return place_of[row["episode_key"]].care_start <= first_day_of_months(period.end, 12)
