"""Periods of care by the keys of the CIN census: where one begins and ends, and whose it is."""

from __future__ import annotations

import datetime as dt

from csc_indicators.examples import example_care, example_tables
from csc_indicators.histories.periods_of_care import periods_of_care_in_census


def periods_of(*rows, children=({"child_id": "A"},)):
    census = example_tables({"children": list(children)})["children"]
    found = periods_of_care_in_census(example_care(list(rows)), census).collect()
    return [
        (str(begins), None if ends is None else str(ends))
        for begins, ends in found.select("start_date", "end_date").rows()
    ]


def test_episodes_that_follow_each_other_are_one_period_of_care():
    assert periods_of(
        {"start_date": "2023-05-10", "end_date": "2023-08-01", "reason_ceased": "X1"},
        {"start_date": "2023-08-01", "end_date": "2024-02-29", "reason_for_new_episode": "P", "reason_ceased": "E4A"},
    ) == [("2023-05-10", "2024-02-29")]


def test_a_gap_and_a_start_on_the_day_of_the_end_begin_another():
    assert periods_of(
        {"start_date": "2023-05-10", "end_date": "2023-08-01", "reason_ceased": "E4A"},
        {"start_date": "2023-08-01", "end_date": "2023-09-01", "reason_ceased": "E4A"},
        {"start_date": "2023-09-02", "reason_for_new_episode": "missing"},
    ) == [("2023-05-10", "2023-08-01"), ("2023-08-01", "2023-09-01"), ("2023-09-02", None)]


def test_one_that_the_later_returns_lost_lasts_up_to_the_last_that_held_it():
    assert periods_of(
        {"start_date": "2023-05-10", "known_to": "2024-03-31"},
        {"child_id": "B", "start_date": "2023-05-10", "known_to": "2025-03-31"},
    ) == [("2023-05-10", "2024-04-01")]


def test_short_breaks_are_none_and_children_of_no_census_are_left_out():
    assert periods_of({"start_date": "2023-05-10", "legal_status": "V4"}) == []
    assert periods_of({"start_date": "2023-05-10"}, children=[{"child_id": "B"}]) == []


def test_the_key_is_that_of_the_census():
    census = example_tables({"children": [{"child_id": "A"}, {"child_id": "B"}]})["children"]
    found = periods_of_care_in_census(
        example_care([{"child_id": "B", "start_date": dt.date(2023, 5, 10)}]), census
    ).collect()

    assert found["child_key"].to_list() == census.filter(child_id="B")["child_key"].to_list()
