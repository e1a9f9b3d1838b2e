"""Children who are away when the returns begin: where a placement that no return holds would change the answer."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csc_indicators.examples import example_care
from csc_indicators.indicators.stability import placement_instability
from csc_indicators.periods import year
from tests.lib import care_histories
from tests.lib.case_histories import chances
from tests.lib.drawing import look_until
from tests.lib.families import CARE, FAMILY_OF, expected, parameters_for, periods_for, records

INDICATOR = "placement_instability"
KEY = ("period", "unit_row", "numerator", "denominator", "complete")


@st.composite
def away_when_the_returns_begin(draw):
    """Histories as others, but for their first episode: a temporary placement that did not begin care."""
    tables = draw(care_histories.care_histories())
    episodes = {}
    for row in tables["episodes"]:
        episodes.setdefault((row["la_code"], row["child_id"]), []).append(row)
    for first, *others in episodes.values():
        first.update(draw(care_histories.places(care_histories.TEMPORARY)))
        first["reason_for_new_episode"] = draw(chances(("P", "L", "T", "missing")))
        for row in others[:1]:
            row["placement"] = draw(chances((row["placement"], "A3", "A5")))
    return tables


def drawn(data):
    tables = data.draw(away_when_the_returns_begin(), label="tables")
    periods = data.draw(periods_for(INDICATOR), label="periods")
    parameters = data.draw(parameters_for(INDICATOR, tables), label="parameters")
    # The threshold that a child is one short of is the one where it matters.
    parameters["threshold"] = data.draw(st.integers(1, 4), label="threshold")
    return tables, periods, parameters


def units_of(rows):
    return sorted((tuple(row[name] for name in KEY) for row in rows), key=str)


def computed(tables, periods, parameters):
    return records(INDICATOR, FAMILY_OF[INDICATOR].frames(tables), periods, **parameters)


@given(data=st.data())
def test_a_unit_is_incomplete_where_a_placement_before_would_change_its_answer_and_nowhere_else(data):
    tables, periods, parameters = drawn(data)
    units = expected(INDICATOR, CARE.rows(CARE.frames(tables)), periods, **parameters)

    assert units_of(computed(tables, periods, parameters).iter_rows(named=True)) == units_of(units)


@pytest.mark.parametrize("temporary_placements", ["collapse", "count"])
def test_the_histories_reach_units_of_both_kinds(temporary_placements):
    reached = set()

    def live(data):
        tables, periods, parameters = drawn(data)
        chosen = {"temporary_placements": temporary_placements, "continuous_months": None}
        reached.update(computed(tables, periods, parameters | chosen)["complete"])

    look_until(lambda: reached == {True, False}, live)
    assert reached == {True, False}


FIRST_RETURN = dt.date(2024, 4, 1)


def episodes_of(*rows, returns_begin=FIRST_RETURN):
    """A child's episodes: the day each begins, the day it ends, the reason for it, and the placement."""
    columns = ("start_date", "end_date", "reason_for_new_episode", "placement")
    return example_care({**dict(zip(columns, row, strict=True)), "observed_from": returns_begin} for row in rows)


def in_hospital_then(*stays, since="2023-12-01", reason="P", returns_begin=FIRST_RETURN):
    """A child in hospital since a day, then one after the other in each of some placements."""
    days = ["2024-05-10", "2024-07-10", "2024-09-10"][: len(stays)]
    rows = zip([since, *days], [*days, "missing"], [reason, *"PPP"[: len(stays)]], ["T1", *stays], strict=True)
    return episodes_of(*rows, returns_begin=returns_begin)


def short_of(episodes, **parameters):
    """The thresholds of one to four at which a placement before the returns would change the answer."""
    return [threshold for threshold in (1, 2, 3, 4) if not complete(episodes, threshold=threshold, **parameters)]


def complete(episodes, of=2025, **parameters):
    return placement_instability(episodes, periods=[year(of)], **parameters).collect()["complete"].all()


def test_only_a_child_one_short_of_the_threshold_is_marked():
    assert short_of(in_hospital_then("U4", "K2")) == [3]


def test_only_a_stay_that_began_by_the_day_on_which_the_returns_begin_is_marked():
    days = (dt.date(2023, 4, 1), dt.date(2024, 3, 9), dt.date(2024, 3, 10), FIRST_RETURN)
    began = [in_hospital_then("U4", "K2", since="2024-03-10", returns_begin=day) for day in days]

    assert [short_of(episodes) for episodes in began] == [[], [], [3], [3]]


def test_a_stay_that_was_over_before_the_period_or_begins_care_is_not_marked():
    assert short_of(in_hospital_then("U4", "K2"), of=2026) == []
    assert short_of(in_hospital_then("U4", "K2", reason="S")) == []


def test_a_child_that_is_away_all_the_time_is_short_of_one_placement():
    assert short_of(in_hospital_then()) == [1]
    assert short_of(in_hospital_then(), temporary_placements="count") == []


def test_a_placement_after_it_that_lasts_no_day_is_none_whatever_came_before():
    episodes = episodes_of(
        ("2023-12-01", "2024-05-10", "P", "T1"),
        ("2024-05-10", "2024-05-10", "P", "U4"),
        ("2024-05-10", "missing", "P", "K2"),
    )

    assert short_of(episodes) == []


def test_temporary_placements_of_their_own_hide_none_but_before_a_placement_for_adoption_with_the_carer():
    on_its_own = {"temporary_placements": "count"}
    no_move = episodes_of(("2023-12-01", "2024-05-10", "P", "T1"), ("2024-05-10", "missing", "L", "A5"))
    by_way_of_no_day = episodes_of(
        ("2023-12-01", "2024-05-10", "P", "T1"),
        ("2024-05-10", "2024-05-10", "P", "T2"),
        ("2024-05-10", "missing", "P", "A5"),
    )

    assert short_of(in_hospital_then("U4", "K2"), **on_its_own) == []
    assert short_of(in_hospital_then("A5", "K2"), **on_its_own) == [3]
    assert short_of(no_move, **on_its_own) == []
    assert short_of(by_way_of_no_day, **on_its_own) == []


def test_over_months_only_those_in_care_throughout_are_judged_by_their_placements():
    throughout = in_hospital_then("U4", "K2", since="2023-03-01")
    later = in_hospital_then("U4", "K2", since="2023-12-01")
    home_between = episodes_of(
        ("2023-03-01", "2024-05-10", "P", "T1"),
        ("2024-07-10", "missing", "S", "U4"),
    )

    assert short_of(throughout, continuous_months=24) == [3]
    assert short_of(later, continuous_months=24) == [1, 2, 3, 4]
    assert short_of(home_between, continuous_months=24) == []
    assert short_of(home_between) == [2]
