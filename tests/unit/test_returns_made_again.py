"""Returns made again, cases exported twice, twins of one day: a real event counts once, a corrected one never."""

from __future__ import annotations

import datetime as dt

import pytest

import csc_indicators as csc
from csc_indicators.errors import UsageError
from tests.lib.raw_census import census, child, episode, validated

EARLY, LATE = {"produced_at": "2025-05-20T09:00:00"}, {"produced_at": "2025-07-01T09:00:00"}


def dates(cin):
    return cin.episodes["referral_date"].to_list()


def rows_superseded(cin):
    return {account.table: account.superseded for account in cin.accounts}["episodes"]


def test_what_a_return_made_again_corrected_or_removed_is_gone():
    first = census(child("A", episode("2024-05-10"), episode("2024-08-01")), **EARLY, source_file="first")
    again = census(child("A", episode("2024-05-12")), **LATE, source_file="again")

    for order in ((first, again), (again, first)):
        cin = validated(*order)
        assert dates(cin) == [dt.date(2024, 5, 12)]
        assert rows_superseded(cin) == 2
        assert [(finding.rule, finding.source_file) for finding in cin.findings] == [("return_replaced", "first")]
        records = csc.rereferrals(cin.episodes, periods=[csc.year(2025)]).collect()
        assert (records["numerator"].sum(), records["denominator"].sum()) == (0.0, 1.0)


def test_an_extract_of_part_of_a_year_is_replaced_by_the_whole():
    part = census(child("A", episode("2024-05-10")), ends="2024-09-30", **LATE)
    whole = census(child("A", episode("2024-05-11")), ends="2025-03-31", **EARLY)

    assert dates(validated(part, whole)) == [dt.date(2024, 5, 11)]


def test_files_of_one_return_are_its_parts():
    one = census(child("A", episode("2024-05-10")), **EARLY, source_file="one")
    other = census(child("A", episode("2024-08-01")), child("B", episode("2024-08-02")), **EARLY, source_file="other")
    cin = validated(one, other)

    assert len(dates(cin)) == 3
    assert "return_replaced" not in {finding.rule for finding in cin.findings}


def test_a_child_exported_twice_has_its_referrals_once():
    twice = child("A", episode("2024-05-10"), episode("2024-08-01"))
    cin = validated(census(twice, twice))

    assert dates(cin) == [dt.date(2024, 5, 10), dt.date(2024, 8, 1)]
    assert rows_superseded(cin) == 2


def test_of_two_referrals_of_one_day_the_next_census_returns_the_one_still_open():
    closed = episode("2023-05-10", no_further_action="1", closure_date="2023-05-10", closure_reason="RC8")
    still_open = episode("2023-05-10", no_further_action="0")
    ended = episode("2023-05-10", no_further_action="0", closure_date="2024-07-01", closure_reason="RC7")
    cin = validated(
        census(child("A", closed, still_open), ends="2024-03-31"), census(child("A", ended), ends="2025-03-31")
    )

    assert cin.episodes.sort("no_further_action").select("no_further_action", "closure_date").rows() == [
        (False, dt.date(2024, 7, 1)),
        (True, dt.date(2023, 5, 10)),
    ]
    assert rows_superseded(cin) == 1


def test_a_year_that_contradicts_the_reference_date_is_said_and_the_date_used():
    cin = validated(census(child("A", episode("2023-05-10")), ends="2024-03-31", year="2025"))

    assert [finding.rule for finding in cin.findings] == ["year_disagrees"]
    assert cin.episodes["census_year"].to_list() == [2024]


@pytest.mark.parametrize(
    ("keywords", "message"),
    [
        ({"count_of": "child"}, "count_of cannot be"),
        ({"measured_from": "closed"}, "measured_from cannot be"),
        ({"referral_sources": "1A"}, "referral_sources cannot be"),
        ({"referral_sources": ["9Z"]}, "referral_sources cannot be"),
        ({"window_months": 0}, "window_months cannot be"),
        ({"periods": csc.year(2025)}, "periods is a list of periods"),
        ({"periods": []}, "periods is a list of periods"),
    ],
)
def test_a_misspelt_choice_is_refused_before_anything_is_counted(keywords, message):
    episodes = validated(census(child("A", episode("2024-05-10")))).episodes

    with pytest.raises(UsageError, match=message):
        csc.rereferrals(episodes, **{"periods": [csc.year(2025)], **keywords})


def test_what_is_no_table_is_refused():
    with pytest.raises(UsageError, match="takes tables"):
        csc.rereferrals(validated(census(child("A", episode("2024-05-10")))), periods=[csc.year(2025)])
