"""Every faulty extract: what is said of it, what becomes of its rows, and that the rest is computed all the same."""

from __future__ import annotations

import re

import pytest

from csc_indicators.loading import load
from tests.lib.command_line import PARTLY, ROOT, run, run_here

ROWS = "fixtures/faulty/rows"
FILES = "fixtures/faulty/files"
LEFT_OUT_WITH_IT = "parent_left_out"

# For each fault: the findings as (severity, rule, table, column, row numbers).
ASSESSMENT_LEFT_OUT = (
    ("rejected", LEFT_OUT_WITH_IT, "assessments", "episode_row", (3,)),
    ("rejected", LEFT_OUT_WITH_IT, "assessment_factors", "assessment_row", (5, 6)),
)
NO_EPISODE = ("kept", "child_without_episode", "children", "", (3,))
FINDINGS = {
    "both_birth_dates": [("kept", "both_birth_dates", "children", "birth_date", (3,))],
    "child_without_episode": [NO_EPISODE],
    "closure_before_referral": [("kept", "closure_before_referral", "episodes", "closure_date", (3,))],
    "closure_without_reason": [("kept", "closure_without_reason", "episodes", "closure_reason", (3,))],
    "code_not_valid_in_year": [("kept", "code_outside_its_years", "episodes", "closure_reason", (3,))],
    "disability_none_with_others": [("kept", "none_with_other_disabilities", "disabilities", "disability", (3,))],
    "duplicated_child": [("rejected", "duplicated_child", "children", "child_id", (4,))],
    "invalid_no_further_action": [
        ("kept", "unreadable_flag", "episodes", "no_further_action", (3,)),
        ("kept", "missing_no_further_action", "episodes", "no_further_action", (3,)),
    ],
    "invalid_referral_date": [
        ("rejected", "unreadable_date", "episodes", "referral_date", (3,)),
        *ASSESSMENT_LEFT_OUT,
        NO_EPISODE,
    ],
    "missing_birth_date": [("kept", "missing_birth_date", "children", "birth_date", (3,))],
    "missing_child_id": [
        ("rejected", "missing_child_id", "children", "child_id", (3,)),
        ("rejected", LEFT_OUT_WITH_IT, "disabilities", "child_row", (3,)),
        ("rejected", LEFT_OUT_WITH_IT, "episodes", "child_row", (3,)),
        *ASSESSMENT_LEFT_OUT,
    ],
    "missing_referral_date": [
        ("rejected", "missing_referral_date", "episodes", "referral_date", (3,)),
        *ASSESSMENT_LEFT_OUT,
        NO_EPISODE,
    ],
    "mixed_case_codes": [
        ("kept", "code_tidied", table, column, (row,))
        for table, column, row in (
            ("children", "sex", 3),
            ("children", "ethnicity", 3),
            ("disabilities", "disability", 3),
            ("episodes", "referral_source", 3),
            ("episodes", "primary_need", 3),
            ("episodes", "closure_reason", 3),
            ("assessment_factors", "factor", 5),
        )
    ],
    "old_sex_code_in_sex_element": [("kept", "unknown_code", "children", "sex", (3,))],
    "overlapping_episodes": [("kept", "overlapping_episodes", "episodes", "referral_date", (4,))],
    "reason_without_closure": [("kept", "reason_without_closure", "episodes", "closure_date", (3,))],
    "referral_after_census": [("rejected", "referral_after_census", "episodes", "referral_date", (3,)), NO_EPISODE],
    "two_open_episodes": [
        ("kept", "overlapping_episodes", "episodes", "referral_date", (4,)),
        ("kept", "two_open_episodes", "episodes", "closure_date", (3,)),
    ],
    "unknown_element": [("kept", "unknown_element", "episodes", "", (3,))],
    "unknown_primary_need": [
        ("kept", "unknown_code", "episodes", "primary_need", (3,)),
        ("kept", "missing_primary_need", "episodes", "primary_need", (3,)),
    ],
    "unknown_referral_source": [
        ("kept", "unknown_code", "episodes", "referral_source", (3,)),
        ("kept", "missing_referral_source", "episodes", "referral_source", (3,)),
    ],
}
HEADER_FAULTS = {
    "missing_reference_date": ("missing_reference_date", "reference_date", "no date the census ends on"),
    "invalid_reference_date": ("missing_reference_date", "reference_date", "no date the census ends on"),
    "missing_la_code": ("missing_la_code", "la_code", "no three-digit authority code (LEA)"),
    "wrong_collection": ("wrong_collection", "collection", "not a CIN census"),
}
REFERRALS = dict.fromkeys(FINDINGS, 6) | {
    "child_without_episode": 5,
    "duplicated_child": 7,
    "invalid_referral_date": 5,
    "missing_child_id": 5,
    "missing_referral_date": 5,
    "overlapping_episodes": 7,
    "referral_after_census": 5,
    "two_open_episodes": 7,
}
"""Referrals that are counted of each return: six, one fewer where the faulty one cannot be used, one more where the
fault is a further one."""

CONSEQUENCES = {
    # What a fault does to the row that stays.
    "closure_before_referral": ("closure_date", None),
    "invalid_no_further_action": ("no_further_action", None),
    "unknown_primary_need": ("primary_need", None),
    "unknown_referral_source": ("referral_source", None),
    "old_sex_code_in_sex_element": ("sex", None),
    "missing_birth_date": ("birth_date", None),
    "code_not_valid_in_year": ("closure_reason", "RC9"),
    "disability_none_with_others": ("disabled", True),
}


def folders(name):
    return sorted(path.name for path in ROOT.joinpath(name).iterdir() if path.is_dir())


def year_of(fault):
    return next(path.name for path in ROOT.joinpath(ROWS, fault, "390").iterdir())


def census(fault):
    return f"{ROWS}/{fault}/390/{year_of(fault)}/cin_census.xml"


def test_every_fixture_is_expected_and_no_other():
    documented = ROOT.joinpath("fixtures", "README.md").read_text(encoding="utf-8").partition("## Faulty rows")[2]
    names = re.findall(r"^\| `(\w+)` \|", documented, re.MULTILINE)

    assert sorted({*FINDINGS, *HEADER_FAULTS}) == folders(ROWS) == sorted(names)


@pytest.mark.parametrize("fault", FINDINGS)
def test_the_fault_and_nothing_else_is_found(fault):
    done = run_here("validate", f"{ROWS}/{fault}", "--format", "json")
    found = [
        (finding["severity"], finding["rule"], finding["table"], finding["column"], tuple(finding["row_numbers"]))
        for finding in done.json()["findings"]
    ]

    assert (done.code, done.stderr) == (0, "")
    assert found == FINDINGS[fault]
    assert {finding["source_file"] for finding in done.json()["findings"]} == {census(fault)}
    assert all(finding["rows"] == len(finding["row_numbers"]) for finding in done.json()["findings"])


@pytest.mark.parametrize("fault", FINDINGS)
def test_every_row_is_accounted_for_and_a_lost_one_is_counted(fault):
    report = run_here("validate", f"{ROWS}/{fault}", "--format", "json").json()
    lost = {}
    for severity, rule, table, _, rows in FINDINGS[fault]:
        if severity == "rejected":
            lost.setdefault(table, {})[rule] = len(rows)

    for account in report["rows"]:
        rejected = account["rows_rejected"]
        assert account["rows_read"] == account["rows_kept"] + sum(rejected.values()) + account["rows_superseded"]
        assert rejected == lost.get(account["table"], {})


@pytest.mark.parametrize("fault", FINDINGS)
def test_the_rest_is_computed_and_the_loss_is_said(fault):
    done = run_here("compute", f"{ROWS}/{fault}", "--indicator", "referrals", "--internal", "--format", "json")
    (cell,) = done.json()
    of_rows = [finding for finding in FINDINGS[fault] if finding[0] == "rejected"]

    assert done.code == 0
    assert (cell["numerator"], cell["period"], cell["complete"]) == (REFERRALS[fault], year_of(fault), True)
    assert f"{len(FINDINGS[fault])} finding{'s' if len(FINDINGS[fault]) > 1 else ''}; " in done.stderr
    for _, rule, table, _, rows in of_rows:
        line = next(line for line in done.said if line.startswith(f"{table}: "))
        assert f"{len(rows)} rejected ({rule} {len(rows)})" in line


@pytest.mark.parametrize("fault", CONSEQUENCES)
def test_what_the_fault_does_to_the_row_that_stays(fault):
    column, value = CONSEQUENCES[fault]
    episodes = load(ROOT / ROWS / fault).cin.episodes
    faulty = episodes.filter(episodes["source_row"] == 3)
    others = episodes.filter(episodes["source_row"] != 3)

    assert faulty[column].to_list() == [value]
    assert value not in others[column].to_list()


def test_codes_in_lower_case_count_as_the_codes_they_are():
    tidied = load(ROOT / ROWS / "mixed_case_codes").cin.episodes.filter(source_row=3).row(0, named=True)

    assert (tidied["sex"], tidied["referral_source"], tidied["closure_reason"]) == ("F", "2A", "RC8")


def test_two_descriptions_of_one_child_are_one_child_with_the_episodes_of_both():
    cin = load(ROOT / ROWS / "duplicated_child").cin
    ids = cin.episodes.filter(cin.episodes["source_row"].is_in([3, 4]))

    assert ids["child_key"].n_unique() == 1
    assert ids["episode"].to_list() == [1, 2]
    assert cin.children.height == 6


@pytest.mark.parametrize("command", ["validate", "compute"])
@pytest.mark.parametrize("fault", HEADER_FAULTS)
def test_a_header_that_does_not_say_whose_census_it_is_stops_the_run(fault, command):
    _, column, what = HEADER_FAULTS[fault]
    done = run_here(command, f"{ROWS}/{fault}")

    assert (done.code, done.stdout) == (4, "")
    assert len(done.said) == 1
    assert done.stderr.startswith(f"error: fatal: {census(fault)}: header.{column}: {what}")
    assert done.stderr.endswith(": correct the header and read the file again; nothing is guessed from names\n")


@pytest.mark.parametrize("fault", HEADER_FAULTS)
def test_a_fatal_finding_is_in_the_json_too(fault):
    rule, column, _ = HEADER_FAULTS[fault]
    done = run_here("validate", f"{ROWS}/{fault}", "--format", "json")

    assert done.code == 4
    assert [(finding["severity"], finding["rule"], finding["column"]) for finding in done.json()["findings"]] == [
        ("fatal", rule, column)
    ]


def documented_messages():
    """What the README of the unreadable files says of each, word for word."""
    text = ROOT.joinpath(FILES, "README.md").read_text(encoding="utf-8")
    return re.findall(r"^\| `([\w.]+)` \| (.+) \| (\d) \|$", text, re.MULTILINE)


def test_every_unreadable_file_is_documented():
    files = sorted(path.name for path in ROOT.joinpath(FILES).iterdir() if path.name != "README.md")

    assert files == sorted(name for name, _, _ in documented_messages())


@pytest.mark.parametrize("command", ["validate", "compute"])
@pytest.mark.parametrize(("name", "message", "code"), documented_messages())
def test_a_file_that_cannot_be_read_is_said_in_one_line(name, message, code, command):
    done = run_here(command, f"{FILES}/{name}")

    assert (done.code, done.stdout, done.stderr) == (int(code), "", f"error: {message}\n")


def test_one_unreadable_file_stops_the_run_and_is_named():
    done = run_here("compute", PARTLY, f"{FILES}/truncated.xml")

    assert (done.code, done.stdout) == (3, "")
    assert done.said == [
        f"error: {FILES}/truncated.xml: line 6: the file ends before it is complete. Export or copy it again."
    ]


def test_a_folder_with_one_faulty_row_is_computed_but_for_that_row():
    done = run("compute", PARTLY, "--indicator", "referrals", "--internal", "--format", "json")
    census_of = {
        la: ROOT.joinpath(PARTLY, la, "2025", "cin_census.xml").read_text(encoding="utf-8")
        for la in ("390", "391", "840")
    }
    in_year = {
        la: sum("2024-04-01" <= day <= "2025-03-31" for day in re.findall(r"<CINreferralDate>([\d-]+)<", text))
        for la, text in census_of.items()
    }

    assert done.code == 0
    assert {cell["area_code"]: cell["numerator"] for cell in done.json()} == in_year
    assert "<CINreferralDate>CANARY7Q<" in census_of["391"]
    assert done.said[:4] == [
        "children: 120 rows read, 120 kept, 0 rejected, 0 superseded by later returns",
        "episodes: 129 rows read, 128 kept, 1 rejected (unreadable_date 1), 0 superseded by later returns",
        "assessments: 125 rows read, 124 kept, 1 rejected (parent_left_out 1), 0 superseded by later returns",
        "3 findings; `validate` lists them",
    ]
