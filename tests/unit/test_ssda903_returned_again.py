"""The same children in return after return: which rows are one event, in which order, known until when."""

from __future__ import annotations

import datetime as dt
import itertools
from pathlib import Path

import polars as pl
import pytest

import csc_indicators as csc
from csc_indicators.periods import years
from csc_indicators.tables.ssda903 import CONTRACTS
from tests.lib.care_files import episode, header, read, read_years, write_return


def day(text):
    return dt.datetime.strptime(text, "%d/%m/%Y").replace(tzinfo=dt.UTC).date()


def lives(tables, *columns):
    return tables.episodes.select("child_id", "start_date", "end_date", *columns).rows()


def superseded(tables, table="episodes"):
    return next(each.superseded for each in tables.accounts if each.table == f"ssda903.{table}")


def said(tables, rule):
    """Where a rule was broken: the year of the file, and the rows."""
    return [(Path(each.source_file).parent.name, each.row_numbers) for each in tables.findings if each.rule == rule]


def figure(tables, indicator, year, column="numerator"):
    frame = csc.compute(csc.Extracts(ssda903=tables), indicator, periods=years(year, year), internal=True).frame
    return frame.filter(breakdown="total")[column].to_list()


# Two episodes that begin on one day

MOVED = (episode(DECOM="10/05/2023", DEC="10/05/2023", REC="X1"), episode(DECOM="10/05/2023", RNE="P", PLACE="K2"))


@pytest.mark.parametrize("rows", [MOVED, MOVED[::-1]], ids=["earlier first", "later first"])
def test_of_two_that_begin_on_one_day_the_one_that_ended_came_first_in_whatever_order_they_are_listed(tmp_path, rows):
    tables = read_years(tmp_path, {2024: list(rows)})

    assert lives(tables, "placement", "end_repaired") == [
        ("A1", day("10/05/2023"), day("10/05/2023"), "U4", False),
        ("A1", day("10/05/2023"), None, "K2", False),
    ]
    assert said(tables, "stale_open_episode") == []
    assert figure(tables, "residential_care", 2024) == [1.0]


@pytest.mark.parametrize("rows", [MOVED, MOVED[::-1]], ids=["earlier first", "later first"])
def test_of_two_that_began_on_one_day_the_next_return_holds_the_one_that_was_open(tmp_path, rows):
    ended = MOVED[1] | {"DEC": "01/06/2024", "REC": "E4A"}
    tables = read_years(tmp_path, {2024: list(rows), 2025: [ended]})

    assert lives(tables, "placement") == [
        ("A1", day("10/05/2023"), day("10/05/2023"), "U4"),
        ("A1", day("10/05/2023"), day("01/06/2024"), "K2"),
    ]
    assert superseded(tables) == 1
    assert said(tables, "open_episode_not_returned") == []
    assert figure(tables, "care_ceases", 2025) == [1.0]


def test_a_row_given_twice_is_two_of_one_day_of_which_one_covers_no_day(tmp_path):
    tables = read(tmp_path, [episode(), episode()])

    assert lives(tables, "end_repaired") == [
        ("A1", day("10/05/2024"), day("10/05/2024"), True),
        ("A1", day("10/05/2024"), None, False),
    ]
    assert said(tables, "stale_open_episode") == [("2025", (1,))]
    assert figure(tables, "children_in_care", 2025) == [1.0]


# Until when, and in which span


def test_a_row_is_known_up_to_the_last_return_that_holds_it_within_the_unbroken_years_around_that(tmp_path):
    first, second, third = (
        episode(CHILD=name, DECOM=f"10/05/{year}") for name, year in zip("ABC", (2020, 2022, 2024), strict=True)
    )
    tables = read_years(tmp_path, {2021: [first], 2023: [second], 2024: [second], 2025: [third, second]})

    assert tables.coverage.select("observed_from", "observed_to").rows() == [
        (day("01/04/2020"), day("31/03/2021")),
        (day("01/04/2022"), day("31/03/2025")),
    ]
    assert lives(tables, "known_to", "observed_from", "observed_to", "census_year") == [
        ("A", day("10/05/2020"), None, day("31/03/2021"), day("01/04/2020"), day("31/03/2021"), 2021),
        ("B", day("10/05/2022"), None, day("31/03/2025"), day("01/04/2022"), day("31/03/2025"), 2025),
        ("C", day("10/05/2024"), None, day("31/03/2025"), day("01/04/2022"), day("31/03/2025"), 2025),
    ]
    assert superseded(tables) == 2


@pytest.mark.parametrize(("end", "is_said"), [("", True), ("01/03/2024", False)])
def test_an_episode_that_a_later_return_drops_stays_as_last_returned_and_is_said_only_if_open(tmp_path, end, is_said):
    reason = {"DEC": end, "REC": "E4A" if end else ""}
    tables = read_years(tmp_path, {2024: [episode(DECOM="10/05/2023") | reason], 2025: [episode(CHILD="B1")]})

    assert lives(tables, "known_to")[0] == ("A1", day("10/05/2023"), day(end) if end else None, day("31/03/2024"))
    assert superseded(tables) == 0
    assert said(tables, "open_episode_not_returned") == ([("2024", (1,))] if is_said else [])
    assert figure(tables, "children_in_care", 2025) == [1.0]


def test_what_was_repaired_is_listed_by_its_own_file_and_row(tmp_path):
    """Rows of several years stand in another order while they are stacked than when they are repaired."""
    late = [episode(CHILD=name) for name in ("A1", "B1", "C1")]
    stale = [episode(CHILD="Z1", DECOM="10/05/2023"), episode(CHILD="Z1", DECOM="10/06/2023", RNE="P")]
    over = [
        episode(CHILD="Y1", DECOM="10/05/2023", DEC="10/08/2023", REC="X1"),
        episode(CHILD="Y1", DECOM="10/06/2023", RNE="P"),
    ]
    tables = read_years(tmp_path, {2024: [*stale, *over], 2025: [*late, stale[1], over[1]]})

    assert said(tables, "stale_open_episode") == [("2024", (1,))]
    assert said(tables, "end_after_next_start") == [("2024", (3,))]
    assert tables.episodes.filter("end_repaired").select("child_id", "source_row", "end_date").rows() == [
        ("Y1", 3, day("10/06/2023")),
        ("Z1", 1, day("10/06/2023")),
    ]


# What is recorded of a child


def test_a_corrected_birth_date_reaches_every_row_of_the_child(tmp_path):
    was, now = "01/06/2014", "01/06/2015"
    first = {"episodes": [episode(DECOM="10/05/2023")], "headers": [header(DOB=was, SEX="2")]}
    second = {
        "episodes": [episode(DECOM="10/05/2023")],
        "headers": [header(DOB=now)],
        "oc3": [{"CHILD": "A1", "DOB": was, "IN_TOUCH": "YES", "ACTIV": "F2", "ACCOM": "U1"}],
    }
    tables = read_years(tmp_path, {2024: first, 2025: second})

    for table in ("children", "episodes", "care_leavers"):
        assert tables.table(table)["birth_date"].to_list() == [day(now)], table


def test_a_child_without_a_header_in_the_latest_return_is_as_last_described(tmp_path):
    returned = {2024: {"episodes": [episode(DECOM="10/05/2023")], "headers": [header(SEX="2")]}}
    returned[2025] = {"episodes": [episode(DECOM="10/05/2023")], "headers": []}
    tables = read_years(tmp_path, returned)

    assert tables.children.select("child_id", "sex", "ethnicity", "described", "census_year").rows() == [
        ("A1", "F", "WBRI", True, 2024)
    ]
    assert said(tables, "child_without_header") == []


def test_a_child_that_no_header_describes_is_born_when_its_other_rows_last_say(tmp_path):
    outcome = {"CHILD": "A1", "SDQ_SCORE": "10", "CONVICTED": "0"}
    returned = {
        2024: {"episodes": [episode(DECOM="10/05/2023")], "headers": [], "oc2": [outcome | {"DOB": "01/06/2014"}]},
        2025: {"episodes": [episode(DECOM="10/05/2023")], "headers": [], "oc2": [outcome | {"DOB": "01/06/2015"}]},
    }
    tables = read_years(tmp_path, returned)

    assert tables.episodes.select("birth_date", "sex", "ethnicity").rows() == [(day("01/06/2015"), None, None)]
    assert tables.children["described"].to_list() == [False]
    assert next(each for each in tables.accounts if each.table == "ssda903.children").read == 0


def test_a_status_that_ceased_holds_its_day_in_later_returns_that_no_longer_hold_the_child(tmp_path):
    ceased = {"CHILD": "A1", "SEX": "2", "DOB": "01/06/2008", "DUC": "01/02/2024"}
    returned = {
        2024: {"episodes": [episode(DECOM="10/05/2023")], "uasc": [ceased]},
        2025: {"episodes": [episode(DECOM="10/05/2023")]},
    }
    tables = read_years(tmp_path, returned)

    assert tables.episodes.select("unaccompanied", "unaccompanied_until").row(0) == (True, day("01/02/2024"))


def test_an_identifier_in_another_letter_case_is_the_same_child_and_with_noughts_before_it_another(tmp_path):
    rows = [episode(CHILD="a1"), episode(CHILD="007"), episode(CHILD="7")]
    tables = read(tmp_path, rows, headers=[header(CHILD=name) for name in ("A1", "007", "7")])

    assert tables.children["child_id"].to_list() == ["007", "7", "A1"]
    assert tables.episodes["child_id"].to_list() == ["007", "7", "A1"]


def test_one_identifier_in_two_authorities_is_two_children(tmp_path):
    write_return(tmp_path / "302" / "2025", [episode()])
    write_return(tmp_path / "330" / "2025", [episode()], [header(SEX="M")])
    tables = csc.read_ssda903(tmp_path)

    assert tables.episodes.select("la_code", "sex").rows() == [("302", "F"), ("330", "M")]
    assert tables.episodes["child_key"].n_unique() == 2
    assert superseded(tables) == 0


# The other tables

WHO = {"CHILD": "A1", "DOB": "01/06/2015"}
MISSING = WHO | {"MISSING": "M", "MIS_START": "30/03/2024", "MIS_END": ""}
WORKER = WHO | {"SW_ID": "SW1", "SW_DECOM": "05/06/2023", "SW_DEC": "", "SW_REASON": "MANAGE"}
OUTCOME = WHO | {"SDQ_SCORE": "10", "CONVICTED": "0"}
BEFORE = WHO | {"PREV_PERM": "P1", "LA_PERM": "", "DATE_PERM": ""}


@pytest.mark.parametrize(
    ("table", "file", "first", "second", "column", "expected"),
    [
        ("missing", "missing", [MISSING], [MISSING | {"MIS_END": "02/04/2024"}], "end_date", [day("02/04/2024")]),
        ("social_workers", "sw", [WORKER], [WORKER | {"SW_DEC": "02/04/2024"}], "end_date", [day("02/04/2024")]),
        ("social_workers", "sw", [WORKER], [WORKER | {"SW_ID": "SW2"}], "social_worker_id", ["SW1", "SW2"]),
        ("outcomes", "oc2", [OUTCOME], [OUTCOME | {"SDQ_SCORE": "12"}], "sdq_score", [10, 12]),
        ("previous_permanence", "pp", [BEFORE], [BEFORE | {"PREV_PERM": "P2"}], "previous_permanence", ["P2"]),
    ],
    ids=["missing", "a worker", "two workers", "outcomes of two years", "permanence"],
)
def test_which_rows_of_two_returns_are_one(tmp_path, table, file, first, second, column, expected):
    episodes = [episode(DECOM="10/05/2023")]
    returned = {2024: {"episodes": episodes, file: first}, 2025: {"episodes": episodes, file: second}}
    tables = read_years(tmp_path, returned)

    assert tables.table(table)[column].to_list() == expected
    assert superseded(tables, table) == 2 - len(expected)


# Laws


def test_the_order_in_which_files_are_given_changes_nothing(tmp_path):
    returned = {
        2023: [episode(CHILD="B1", DECOM="10/05/2022"), episode(CHILD="A1", DECOM="11/05/2022")],
        2024: [episode(CHILD="A1", DECOM="11/05/2022"), *MOVED],
        2025: [episode(CHILD="B1", DECOM="10/05/2022", DEC="01/05/2024", REC="E4A"), MOVED[1]],
    }
    expected = read_years(tmp_path, returned)
    files = sorted(tmp_path.rglob("*.csv"))
    for order in itertools.islice(itertools.permutations(files), 0, 720, 97):
        tables = csc.read_ssda903(order)
        for table in CONTRACTS:
            assert tables.table(table).equals(expected.table(table)), table
        assert tables.findings == expected.findings


def test_every_row_is_kept_rejected_or_superseded_over_several_returns(tmp_path):
    bad = episode(CHILD="C1", DEC="09/05/2024", REC="E4A")
    returned = {2024: [episode(DECOM="10/05/2023")], 2025: [episode(DECOM="10/05/2023"), bad, episode(CHILD="")]}
    tables = read_years(tmp_path, returned)
    (account,) = [each for each in tables.accounts if each.table == "ssda903.episodes"]

    assert (account.read, account.kept, account.superseded) == (4, 1, 1)
    assert account.rejected == {"missing_child_id": 1, "ended_before_start": 1}
    assert account.balances
    assert tables.episodes.select(pl.col("episode_key")).height == account.kept
