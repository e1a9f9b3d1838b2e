"""Several years of returns as one history: what is one event, which return's word stands, what is repaired and said."""

from __future__ import annotations

import datetime as dt

import pytest

import csc_indicators as csc
from csc_indicators.periods import years
from csc_indicators.tables.ssda903_rules import ACROSS_RULES, ROW_RULES
from tests.lib.care_files import episode, header, read, read_years, rules

MARCH = {year: dt.date(year, 3, 31) for year in (2023, 2024, 2025)}


def lives(tables):
    columns = ("child_id", "start_date", "end_date", "known_to", "end_repaired")
    return tables.episodes.sort("child_id", "start_date", "episode_key").select(columns).rows()


def account(tables, table="ssda903.episodes"):
    return next(account for account in tables.accounts if account.table == table)


def test_an_episode_open_on_31_march_is_the_one_that_comes_back_with_its_end(tmp_path):
    returned = {2024: [episode(DECOM="10/05/2023")], 2025: [episode(DECOM="10/05/2023", DEC="01/06/2024", REC="E4A")]}
    tables = read_years(tmp_path, returned)

    assert lives(tables) == [("A1", dt.date(2023, 5, 10), dt.date(2024, 6, 1), MARCH[2025], False)]
    assert (account(tables).read, account(tables).kept, account(tables).superseded) == (2, 1, 1)


def test_the_later_return_wins_in_what_it_says_and_does_not_take_back_what_it_leaves_out(tmp_path):
    returned = {
        2024: {"episodes": [episode(DECOM="10/05/2023")], "headers": [header(SEX="2", DOB="01/06/2014")]},
        2025: {
            "episodes": [episode(DECOM="10/05/2023", PLACE="K2")],
            "headers": [header(SEX="", DOB="01/06/2015", ETHNIC="")],
        },
    }
    tables = read_years(tmp_path, returned)

    assert tables.episodes["placement"].to_list() == ["K2"]
    assert tables.children.select("birth_date", "sex", "ethnicity").row(0) == (dt.date(2015, 6, 1), "F", "WBRI")


def test_the_status_of_an_unaccompanied_child_lasts_until_the_latest_return_says_that_it_ceased(tmp_path):
    alone = {"CHILD": "A1", "SEX": "F", "DOB": "01/06/2008", "DUC": ""}
    returned = {
        2024: {"episodes": [episode(DECOM="10/05/2023")], "uasc": [alone]},
        2025: {"episodes": [episode(DECOM="10/05/2023")], "uasc": [alone | {"DUC": "01/09/2024"}]},
    }
    tables = read_years(tmp_path, returned)

    assert tables.episodes.select("unaccompanied", "unaccompanied_until").row(0) == (True, dt.date(2024, 9, 1))


def test_two_episodes_that_begin_on_one_day_stay_two(tmp_path):
    both = [episode(DEC="10/05/2024", REC="X1"), episode(RNE="P", PLACE="K2")]

    assert [row[2] for row in lives(read(tmp_path, both))] == [dt.date(2024, 5, 10), None]


def test_a_stale_open_episode_ends_where_the_next_begins_and_does_not_hide_where_the_child_lives(tmp_path):
    tables = read(tmp_path, [episode(), episode(DECOM="01/09/2024", RNE="P", PLACE="K2")])
    figures = csc.compute(
        csc.Extracts(ssda903=tables), "residential_care", periods=years(2025, 2025), internal=True
    ).frame

    assert [(row[2], row[4]) for row in lives(tables)] == [(dt.date(2024, 9, 1), True), (None, False)]
    assert "stale_open_episode" in rules(tables)
    assert figures.filter(breakdown="total").select("numerator", "denominator").row(0) == (1.0, 1.0)


def test_one_that_ends_after_the_next_began_is_cut_there_but_one_around_another_is_left_and_said(tmp_path):
    over = [episode(DEC="01/10/2024", REC="X1"), episode(DECOM="01/09/2024", RNE="P")]
    around = [
        episode(CHILD="B1", DEC="01/12/2024", REC="E4A"),
        episode(CHILD="B1", DECOM="01/09/2024", DEC="01/10/2024", REC="X1", RNE="P"),
    ]
    tables = read(tmp_path, [*over, *around])

    assert [(row[0], row[2], row[4]) for row in lives(tables)] == [
        ("A1", dt.date(2024, 9, 1), True),
        ("A1", None, False),
        ("B1", dt.date(2024, 12, 1), False),
        ("B1", dt.date(2024, 10, 1), False),
    ]
    assert {"end_after_next_start", "episodes_overlap"} <= rules(tables)


@pytest.mark.parametrize(("reason", "ends"), [("S", None), ("", None), ("P", dt.date(2024, 6, 1))])
def test_one_that_the_returns_lost_is_closed_only_by_an_episode_that_says_what_changed(tmp_path, reason, ends):
    returned = {
        2023: [episode(DECOM="10/05/2022")],
        2024: [episode(CHILD="B1", DECOM="10/05/2023")],
        2025: [episode(DECOM="01/06/2024", RNE=reason)],
    }
    tables = read_years(tmp_path, returned)
    started = csc.care_starts(tables.episodes, periods=years(2025, 2025)).collect()["numerator"].sum()

    assert lives(tables)[0] == ("A1", dt.date(2022, 5, 10), ends, MARCH[2023], ends is not None)
    assert started == (0 if reason == "P" else 1)
    if ends is None:
        assert "open_episode_not_returned" in rules(tables)


def test_short_breaks_and_care_do_not_close_each_other(tmp_path):
    rows = [episode(), episode(DECOM="01/09/2024", LS="V4"), episode(DECOM="01/10/2024", LS="V4")]

    assert [row[4] for row in lives(read(tmp_path, rows))] == [False, True, False]


def test_several_outcomes_of_a_child_in_one_return_are_one(tmp_path):
    outcome = {"CHILD": "A1", "DOB": "01/06/2015", "SDQ_SCORE": "10", "CONVICTED": "0"}
    tables = read(tmp_path, [episode()], oc2=[outcome, outcome | {"SDQ_SCORE": "20"}])

    assert tables.outcomes["sdq_score"].to_list() == [10]
    assert account(tables, "ssda903.outcomes").superseded == 1


# The rules

OC2 = {"CHILD": "A1", "DOB": "01/06/2015", "SDQ_SCORE": "10", "CONVICTED": "0"}
AD1 = {"CHILD": "A1", "DOB": "01/06/2015", "DATE_INT": "01/05/2024", "DATE_MATCH": "01/04/2024", "FOSTER_CARE": "0"}
MISSING = {"CHILD": "A1", "DOB": "01/06/2015", "MISSING": "M", "MIS_START": "05/06/2024", "MIS_END": "04/06/2024"}
WORKER = {"CHILD": "A1", "DOB": "01/06/2015", "SW_ID": "1", "SW_DECOM": "05/06/2024", "SW_DEC": "04/06/2024"}
PLACED = {"CHILD": "A1", "DOB": "01/06/2015", "DATE_PLACED": "05/06/2024", "DATE_PLACED_CEASED": "04/06/2024"}
BREAKING = {
    ("missing_birth_date", "children"): {"headers": [header(DOB="")]},
    ("born_after_year", "children"): {"headers": [header(DOB="01/04/2025")]},
    ("shared_pupil_number", "children"): {
        "headers": [header(UPN="S000000000001"), header(UPN="S000000000001", CHILD="Z9")]
    },
    ("ended_before_start", "episodes"): {"episodes": [episode(DEC="09/05/2024", REC="E4A")]},
    ("start_after_year", "episodes"): {"episodes": [episode(), episode(CHILD="B1", DECOM="01/04/2025")]},
    ("end_after_year", "episodes"): {"episodes": [episode(DEC="01/04/2025", REC="E4A")]},
    ("reason_without_end", "episodes"): {"episodes": [episode(REC="E4A")]},
    ("end_without_reason", "episodes"): {"episodes": [episode(DEC="01/06/2024")]},
    ("no_length", "episodes"): {"episodes": [episode(DEC="10/05/2024", REC="E4A")]},
    ("missing_legal_status", "episodes"): {"episodes": [episode(LS="")]},
    ("missing_placement", "episodes"): {"episodes": [episode(PLACE="")]},
    ("missing_reason_for_new_episode", "episodes"): {"episodes": [episode(RNE="")]},
    ("ended_before_start", "missing"): {"missing": [MISSING]},
    ("start_after_year", "missing"): {"missing": [MISSING | {"MIS_START": "01/04/2025", "MIS_END": ""}]},
    ("ended_before_start", "social_workers"): {"sw": [WORKER]},
    ("start_after_year", "social_workers"): {"sw": [WORKER | {"SW_DECOM": "01/04/2025", "SW_DEC": ""}]},
    ("ended_before_start", "placed_for_adoption"): {"placed": [PLACED]},
    ("impossible_score", "outcomes"): {"oc2": [OC2 | {"SDQ_SCORE": "41"}]},
    ("matched_before_decision", "adoption"): {"ad1": [AD1]},
    ("end_is_not_followed", "episodes"): {"episodes": [episode(DEC="01/06/2024", REC="X1")]},
    ("start_while_in_care", "episodes"): {
        "episodes": [episode(DEC="01/06/2024", REC="E4A"), episode(DECOM="01/06/2024")]
    },
    ("start_is_not_said", "episodes"): {
        "episodes": [episode(DEC="01/06/2024", REC="E4A"), episode(DECOM="01/08/2024", RNE="P")]
    },
    ("first_is_no_start", "episodes"): {"episodes": [episode(RNE="P")]},
    ("child_without_header", "children"): {"headers": [header(CHILD="Z9")]},
}
"""What breaks each rule that a single return can break."""


@pytest.mark.parametrize(("rule", "table"), BREAKING)
def test_a_rule_says_what_breaks_it_and_nothing_of_a_sound_return(tmp_path, rule, table):
    def found(tables):
        return {(finding.rule, finding.table) for finding in tables.findings}

    sound = read(tmp_path / "sound", [episode()])
    broken = read(tmp_path / "broken", **({"episodes": [episode()]} | BREAKING[rule, table]))

    assert (rule, f"ssda903.{table}") in found(broken)
    assert found(sound) == set()


def test_every_rule_about_rows_and_histories_is_broken_somewhere_here():
    known = {rule.id for rule in (*ROW_RULES, *ACROSS_RULES)}
    elsewhere = {"episodes_overlap", "open_episode_not_returned"}
    codes = {rule.id for rule in ROW_RULES if "code" in rule.id}

    assert known - {rule for rule, _ in BREAKING} - elsewhere - codes == set()
