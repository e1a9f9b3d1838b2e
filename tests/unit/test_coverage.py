"""From when to when an authority's events are completely observed, and which span each episode lies in."""

from __future__ import annotations

import datetime as dt

import pytest

from tests.lib.raw_census import census, child, episode, validated


def day(text):
    return dt.date.fromisoformat(text)


def episodes(cin, *columns):
    return cin.episodes.select(columns).rows()


def spans(*ends, la_code="390"):
    cin = validated(*(census(la_code=la_code, ends=each) for each in ends))
    return cin.coverage.select("observed_from", "observed_to").rows()


@pytest.mark.parametrize(
    ("ends", "expected"),
    [
        (("2025-03-31",), [("2024-04-01", "2025-03-31")]),
        (("2024-03-31", "2025-03-31"), [("2023-04-01", "2025-03-31")]),
        (("2025-03-31", "2024-03-31", "2023-03-31"), [("2022-04-01", "2025-03-31")]),
        (("2023-03-31", "2025-03-31"), [("2022-04-01", "2023-03-31"), ("2024-04-01", "2025-03-31")]),
        (("2025-03-31", "2025-03-31"), [("2024-04-01", "2025-03-31")]),
        (("2024-09-30",), [("2024-04-01", "2024-09-30")]),
        (("2024-03-31", "2024-09-30"), [("2023-04-01", "2024-09-30")]),
        (("2024-09-30", "2025-03-31"), [("2024-04-01", "2025-03-31")]),
        (("2024-09-30", "2026-03-31"), [("2024-04-01", "2024-09-30"), ("2025-04-01", "2026-03-31")]),
        (("2025-04-01",), [("2025-04-01", "2025-04-01")]),
        (("2024-02-29",), [("2023-04-01", "2024-02-29")]),
        (("2024-03-30", "2025-03-31"), [("2023-04-01", "2024-03-30"), ("2024-04-01", "2025-03-31")]),
    ],
    ids=lambda value: " ".join(value) if isinstance(value[0], str) else "",
)
def test_census_years_that_follow_each_other_join_and_a_missing_one_splits(ends, expected):
    assert spans(*ends) == [tuple(map(day, span)) for span in expected]


def test_each_authority_has_its_own_coverage():
    cin = validated(census(ends="2024-03-31"), census(la_code="391"), census(la_code="390", ends="2023-03-31"))

    assert cin.coverage.rows() == [
        ("390", "cin", day("2022-04-01"), day("2024-03-31")),
        ("391", "cin", day("2024-04-01"), day("2025-03-31")),
    ]


def test_an_episode_has_the_span_that_holds_its_referral():
    first = census(
        child(
            "A",
            *(episode(each, closure_date="2022-06-01", closure_reason="RC8") for each in ("2020-01-01", "2022-04-01")),
        ),
        ends="2023-03-31",
    )
    second = census(
        child("B", episode("2023-03-31")), child("C", episode("2023-06-01")), child("D", episode("2025-03-31"))
    )
    cin = validated(first, second)

    assert episodes(cin, "referral_date", "observed_from", "observed_to") == [
        (day("2020-01-01"), None, None),
        (day("2022-04-01"), day("2022-04-01"), day("2023-03-31")),
        (day("2023-03-31"), day("2022-04-01"), day("2023-03-31")),
        (day("2023-06-01"), None, None),
        (day("2025-03-31"), day("2024-04-01"), day("2025-03-31")),
    ]


def test_a_census_year_ends_at_the_reference_date_when_that_is_within_the_year():
    cin = validated(census(child("A", episode("2024-09-30")), child("B", episode("2024-10-01")), ends="2024-09-30"))

    assert episodes(cin, "child_id", "census_year") == [("A", 2025)]
    assert [finding.rule for finding in cin.findings] == ["referral_after_census", "child_without_episode"]
