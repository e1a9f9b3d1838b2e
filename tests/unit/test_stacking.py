"""Several censuses become one table: one row per real event, whatever the files' order, and the later return wins."""

from __future__ import annotations

import datetime as dt
import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from csc_indicators.tables.cin import CONTRACTS, child_key
from tests.lib.raw_census import Census, census, child, episode, event, factor, review, validated

ORIGIN = ("source_file", "source_row", "census_year")
EVENTS = ("assessments", "child_in_need_plans", "section_47_enquiries", "child_protection_plans", "pre_proceedings")


def content(cin, *, origin=False):
    """Every table as rows, without the numbers and names that only say where a row came from."""
    tables = {}
    for name in CONTRACTS:
        frame = cin.table(name)
        frame = frame if origin else frame.drop(column for column in ORIGIN if column in frame.columns)
        tables[name] = frame.rows()
    return tables


def episodes(cin, *columns):
    return cin.episodes.select(columns).rows()


def superseded(cin):
    return {account.table: account.superseded for account in cin.accounts if account.superseded}


def day(text):
    return dt.date.fromisoformat(text)


CLOSED = {"closure_date": "2024-06-01", "closure_reason": "RC8"}


def test_a_case_open_then_closed_is_one_episode_with_its_closure():
    first = census(child("A", episode("2024-02-10")), ends="2024-03-31")
    second = census(child("A", episode("2024-02-10", **CLOSED)))
    cin = validated(first, second)

    assert episodes(cin, "referral_date", "closure_date", "closure_reason", "census_year") == [
        (day("2024-02-10"), day("2024-06-01"), "RC8", 2025)
    ]
    assert superseded(cin) == {"children": 1, "episodes": 1, "disabilities": 1}


def test_the_later_return_wins_in_every_cell_of_an_event_and_adds_to_what_is_known_of_the_child():
    first = census(child("A", episode("2024-02-10", primary_need="N1", **CLOSED), ethnicity="WBRI"), ends="2024-03-31")
    second = census(child("A", episode("2024-02-10", primary_need="N4", referral_source="6"), ethnicity=None, sex="M"))
    cin = validated(first, second)

    assert episodes(cin, "primary_need", "referral_source", "closure_date", "ethnicity", "sex") == [
        ("N4", "6", None, "WBRI", "M")
    ]


def test_a_conference_at_a_transfer_stays_when_a_later_return_of_the_case_says_nothing_of_it():
    held = census(child("A", episode("2024-02-10", initial_conference_date="2024-02-20")), ends="2024-03-31")
    later = census(child("A", episode("2024-02-10", **CLOSED)))
    corrected = census(child("A", episode("2024-02-10", initial_conference_date="2024-02-21", **CLOSED)))

    assert episodes(validated(held, later), "initial_conference_date", "closure_reason") == [(day("2024-02-20"), "RC8")]
    assert episodes(validated(held, corrected), "initial_conference_date") == [(day("2024-02-21"),)]


def test_a_resubmission_of_a_census_replaces_it_whichever_is_read_first():
    old = census(
        child("A", episode("2024-05-10", primary_need="N1")), produced_at="2025-05-20T09:00:00", source_file="b"
    )
    new = census(
        child("A", episode("2024-05-10", primary_need="N2")), produced_at="2025-07-01T09:00:00", source_file="a"
    )

    for order in itertools.permutations((old, new)):
        assert episodes(validated(*order), "primary_need", "source_file") == [("N2", "a")]


def test_of_two_returns_that_say_no_time_the_one_read_last_wins():
    one = census(child("A", episode("2024-05-10", primary_need="N1")))
    other = census(child("A", episode("2024-05-10", primary_need="N2")))

    assert episodes(validated(one, other), "primary_need") == [("N2",)]
    assert episodes(validated(other, one), "primary_need") == [("N1",)]


def test_the_census_of_the_later_day_wins_over_one_written_later():
    later_day = census(child("A", episode("2024-02-10", **CLOSED)), produced_at="2025-05-20T09:00:00")
    written_later = census(child("A", episode("2024-02-10")), ends="2024-03-31", produced_at="2025-09-01T09:00:00")

    assert episodes(validated(later_day, written_later), "closure_date") == [(day("2024-06-01"),)]


def test_an_event_that_only_the_earlier_return_holds_is_kept():
    first = census(
        child(
            "A",
            episode(
                "2024-02-10",
                event("assessments", "2024-02-12", factor("3A")),
                event("section_47_enquiries", "2024-02-20"),
            ),
            episode("2023-05-10", closure_date="2023-06-01", closure_reason="RC8"),
        ),
        ends="2024-03-31",
    )  # fmt: skip
    second = census(child("A", episode("2024-02-10", event("assessments", "2024-06-12", factor("4A")), **CLOSED)))
    cin = validated(first, second)

    assert episodes(cin, "referral_date", "census_year") == [(day("2023-05-10"), 2024), (day("2024-02-10"), 2025)]
    assert cin.assessments["start_date"].to_list() == [day("2024-02-12"), day("2024-06-12")]
    assert cin.assessments["episode_key"].unique().to_list() == [1]
    assert cin.assessment_factors["factor"].to_list() == ["3A", "4A"]
    assert cin.section_47_enquiries["start_date"].to_list() == [day("2024-02-20")]


def test_two_referrals_of_one_day_stay_two_however_often_they_are_returned():
    twins = (episode("2024-02-10", primary_need="N1"), episode("2024-02-10", primary_need="N2"))
    changed = (episode("2024-02-10", primary_need="N3"), episode("2024-02-10", primary_need="N4"))
    cin = validated(census(child("A", *twins), ends="2024-03-31"), census(child("A", *changed)))

    assert episodes(cin, "primary_need", "episode") == [("N3", 1), ("N4", 2)]
    assert superseded(cin)["episodes"] == 2


def test_of_two_twins_the_later_return_may_hold_one():
    twins = (episode("2024-02-10", primary_need="N1"), episode("2024-02-10", primary_need="N2"))
    cin = validated(
        census(child("A", *twins), ends="2024-03-31"), census(child("A", episode("2024-02-10", primary_need="N3")))
    )

    assert episodes(cin, "primary_need", "census_year") == [("N3", 2025), ("N2", 2024)]


@pytest.mark.parametrize("table", EVENTS)
def test_an_event_returned_twice_is_one_and_two_of_one_day_are_two(table):
    first = census(
        child("A", episode("2024-02-10", event(table, "2024-03-01"), event(table, "2024-03-01"))), ends="2024-03-31"
    )
    second = census(child("A", episode("2024-02-10", event(table, "2024-03-01"), event(table, "2024-05-01"))))
    cin = validated(first, second)
    frame = cin.table(table)

    assert frame.select("start_date", "census_year").rows() == [
        (day("2024-03-01"), 2025), (day("2024-03-01"), 2024), (day("2024-05-01"), 2025)
    ]  # fmt: skip
    assert superseded(cin)[table] == 1
    assert frame[CONTRACTS[table].key].to_list() == [0, 1, 2]


def test_parts_of_an_event_hang_from_the_one_event_of_both_returns():
    def plan(*days):
        return event("child_protection_plans", "2024-03-01", *(review(each) for each in days))

    def assessment(*codes):
        return event("assessments", "2024-02-20", *(factor(code) for code in codes))

    first = census(child("A", episode("2024-02-10", plan("2024-03-20"), assessment("3A", "4A"))), ends="2024-03-31")
    second = census(child("A", episode("2024-02-10", plan("2024-03-20", "2024-06-20", "2024-06-20"), assessment("4A"))))
    cin = validated(first, second)

    assert cin.reviews.select("plan_key", "review_date", "census_year").rows() == [
        (0, day("2024-03-20"), 2025), (0, day("2024-06-20"), 2025)
    ]  # fmt: skip
    assert cin.assessment_factors.select("assessment_key", "factor", "census_year").rows() == [
        (0, "3A", 2024), (0, "4A", 2025)
    ]  # fmt: skip


def test_the_same_event_of_two_children_or_two_cases_is_two():
    both = (
        child("A", episode("2024-05-10", event("assessments", "2024-06-03"), **CLOSED),
              episode("2024-06-02", event("assessments", "2024-06-03"))),
        child("B", episode("2024-05-10", event("assessments", "2024-06-03"))),
    )  # fmt: skip
    cin = validated(census(*both))

    assert cin.assessments.select("child_id", "episode_key").rows() == [("A", 0), ("A", 1), ("B", 2)]


def test_one_identifier_in_two_authorities_is_two_children():
    cin = validated(census(child("A", episode(), sex="F")), census(child("A", episode(), sex="M"), la_code="391"))

    assert cin.episodes.select("la_code", "child_key", "sex").rows() == [
        ("390", child_key("390", 0), "F"), ("391", child_key("391", 0), "M")
    ]  # fmt: skip
    assert superseded(cin) == {}


def test_children_are_numbered_within_their_authority_in_order_of_their_identifier():
    cin = validated(census(child("B", episode()), child("A", episode())), census(child("Z", episode()), la_code="391"))

    assert cin.children.select("child_id", "child_key").rows() == [
        ("A", child_key("390", 0)), ("B", child_key("390", 1)), ("Z", child_key("391", 0))
    ]  # fmt: skip


# What is known of a child


def test_a_child_is_as_last_returned_in_every_episode():
    closed = episode("2023-05-10", closure_date="2023-06-01", closure_reason="RC8")
    unborn = child("A", closed, birth_date=None, expected_birth_date="2023-07-01", sex=None, gender_current="0")
    first = census(unborn, ends="2024-03-31")
    second = census(child("A", episode("2024-05-10"), birth_date="2023-06-25", sex="M"))
    before_birth = validated(first)
    born = validated(first, second)

    assert before_birth.children.select("birth_date", "unborn", "sex").rows() == [(day("2023-07-01"), True, "U")]
    assert born.children.select("birth_date", "unborn", "sex").rows() == [(day("2023-06-25"), False, "M")]
    assert episodes(born, "birth_date", "sex") == [(day("2023-06-25"), "M")] * 2


@pytest.mark.parametrize(
    ("sex", "gender", "read_as"),
    [
        ("F", None, "F"),
        ("U", "1", "U"),
        (None, "1", "M"),
        (None, "2", "F"),
        (None, "0", "U"),
        (None, "9", "U"),
        (None, None, None),
    ],
)
def test_sex_is_read_from_either_element(sex, gender, read_as):
    cin = validated(census(child("A", episode(), sex=sex, gender_current=gender)))

    assert episodes(cin, "sex") == [(read_as,)]


@pytest.mark.parametrize(
    ("codes", "disabled"),
    [((), None), (("NONE",), False), (("LD",), True), (("NONE", "LD"), True), (("LD", "LD"), True)],
)
def test_disability_is_unknown_when_nothing_is_returned(codes, disabled):
    cin = validated(census(child("A", episode(), disabilities=codes)))

    assert episodes(cin, "disabled") == [(disabled,)]


def test_disabilities_are_those_of_the_childs_last_return():
    first = census(child("A", episode("2024-02-10"), disabilities=("LD", "VIS")), ends="2024-03-31")
    second = census(child("A", episode("2024-02-10"), disabilities=("VIS", "AUT")))

    assert validated(first, second).disabilities["disability"].to_list() == ["VIS", "AUT"]


def test_a_disability_that_the_last_return_no_longer_holds_is_gone():
    first = census(child("A", episode("2024-02-10"), disabilities=("LD",)), ends="2024-03-31")
    cin = validated(first, census(child("A", episode("2024-02-10"), disabilities=())))

    assert cin.disabilities.is_empty()
    assert episodes(cin, "disabled") == [(None,)]


# Laws


@st.composite
def histories(draw):
    """Several censuses of one or two authorities, each child with cases returned over the years, in order of time."""
    censuses = []
    for la_code in draw(st.sampled_from((["390"], ["390", "391"]))):
        cases = draw(
            st.lists(
                st.tuples(
                    st.sampled_from("ABC"),
                    st.sampled_from(("2023-05-10", "2023-05-10", "2024-02-29")),
                    st.integers(2023, 2025),
                ),
                max_size=5,
            )
        )
        for year in (2024, 2025):
            children = []
            for name in "ABC":
                of_child = [
                    episode(
                        referred,
                        *[event("assessments", f"{year - 1}-06-01", factor("3A"))] * draw(st.integers(0, 2)),
                        primary_need=draw(st.sampled_from(("N1", "N2"))),
                        closure_date=f"{year}-03-01" if closes <= year else None,
                        closure_reason="RC8" if closes <= year else None,
                    )
                    for who, referred, closes in cases
                    if who == name and referred < f"{year}-04-01"
                ]
                if of_child:
                    children.append(child(name, *of_child, ethnicity=draw(st.sampled_from(("WBRI", "CHNE")))))
            censuses.append(census(*children, la_code=la_code, ends=f"{year}-03-31", produced_at=f"{year}-05-20"))
    return censuses


FEWER = settings(max_examples=settings().max_examples // 4)  # each example validates several censuses


@FEWER
@given(histories(), st.randoms(use_true_random=False))
def test_the_order_of_the_files_is_of_no_importance(censuses, random):
    shuffled = list(censuses)
    random.shuffle(shuffled)

    assert content(validated(*shuffled), origin=True) == content(validated(*censuses), origin=True)


@FEWER
@given(histories())
def test_the_same_census_twice_changes_nothing_but_the_count_of_superseded_rows(censuses):
    once, twice = validated(*censuses), validated(*censuses, *censuses)

    assert content(twice) == content(once)
    for of_one, of_two in zip(once.accounts, twice.accounts, strict=True):
        assert of_two.read == 2 * of_one.read
        assert of_two.kept == of_one.kept
        assert of_two.superseded == of_one.superseded + of_one.read


@FEWER
@given(histories())
def test_a_census_in_a_file_for_each_child_is_the_same_census(censuses):
    split = [Census(each.header, (part,)) for each in censuses for part in each.parts]
    empty = [Census(each.header) for each in censuses]

    assert content(validated(*split, *empty)) == content(validated(*censuses))


@FEWER
@given(histories())
def test_authorities_do_not_touch_each_other(censuses):
    together = validated(*censuses)
    for la_code in {each.header["la_code"] for each in censuses}:
        alone = validated(*(each for each in censuses if each.header["la_code"] == la_code))
        columns = [name for name in alone.episodes.columns if name != "episode_key"]
        part = together.episodes.filter(la_code=la_code)
        assert part.select(columns).rows() == alone.episodes.select(columns).rows()
        assert together.children.filter(la_code=la_code).rows() == alone.children.rows()
