"""Each rule of the return on looked-after children is raised by its fault, on its row, and by nothing else."""

from __future__ import annotations

import pytest

import csc_indicators as csc
from csc_indicators.errors import ROW_NUMBERS_SHOWN, FatalFindings
from csc_indicators.extracts.raw_ssda903 import RETURNS_SCHEMA, TABLES, RawSsda903
from csc_indicators.tables.accounting import RowAccount
from csc_indicators.tables.ssda903 import CONTRACTS, RETURNED
from csc_indicators.tables.ssda903_rules import ACROSS_RULES, ROW_RULES
from csc_indicators.tables.ssda903_validation import validate_ssda903
from tests.lib.care_files import EPISODE, HEADER, read, read_years

CANARY = "ZQ81CANARY"
WHO = {"CHILD": "A1", "DOB": "01/06/2015"}
OC2_FLAGS = ("CONVICTED", "HEALTH_CHECK", "IMMUNISATIONS", "TEETH_CHECK", "HEALTH_ASSESSMENT", "SUBSTANCE_MISUSE")
ROWS = {
    "children": HEADER,
    "episodes": EPISODE,
    "uasc": WHO | {"SEX": "F", "DUC": ""},
    "outcomes": WHO
    | {"SDQ_SCORE": "10", "SDQ_REASON": "", "INTERVENTION_RECEIVED": "", "INTERVENTION_OFFERED": ""}
    | dict.fromkeys(OC2_FLAGS, "0"),
    "care_leavers": WHO | {"IN_TOUCH": "YES", "ACTIV": "F2", "ACCOM": "U1"},
    "missing": WHO | {"MISSING": "M", "MIS_START": "05/06/2024", "MIS_END": "06/06/2024"},
    "adoption": WHO
    | {"DATE_INT": "01/05/2024", "DATE_MATCH": "02/05/2024", "FOSTER_CARE": "0", "NB_ADOPTR": "2"}
    | {"SEX_ADOPTR": "MF", "LS_ADOPTR": "L11"},
    "placed_for_adoption": WHO | {"DATE_PLACED": "05/06/2024", "DATE_PLACED_CEASED": "", "REASON_PLACED_CEASED": ""},
    "previous_permanence": WHO | {"PREV_PERM": "P2", "LA_PERM": "302", "DATE_PERM": "zz/05/2020"},
    "reviews": WHO | {"REVIEW": "05/06/2024", "REVIEW_CODE": "PN1"},
    "social_workers": WHO | {"SW_ID": "SW1", "SW_DECOM": "05/06/2024", "SW_DEC": "", "SW_REASON": "MANAGE"},
    "deprivations_of_liberty": WHO | {"DOLO_START": "05/06/2024", "DOLO_END": ""},
}
"""A sound row of every table: each with all its columns, so that none is reported as missing."""

FILES = {"children": "headers", "episodes": "episodes"}
"""What the writer of a return calls its tables, where that is not our name."""


def a_return(year=2025, **tables):
    """A return of two sound children, B1 before A1, with the rows given in place of those of a table."""
    sex = {"SEX": "F" if year > 2024 else "2"}
    start = {"DECOM": f"10/05/{year - 1}"}
    both = {
        "children": [HEADER | sex | {"CHILD": "B1"}, HEADER | sex],
        "episodes": [EPISODE | start | {"CHILD": "B1"}, EPISODE | start],
    }
    return year, {FILES.get(table, table): rows for table, rows in (both | tables).items()}


def planted(table, year=2025, **cells):
    """A return whose second row of a table holds the cells given, after a sound one."""
    own = {
        "children": {"SEX": "F" if year > 2024 else "2"},
        "episodes": {"DECOM": f"10/05/{year - 1}"},
        "uasc": {"SEX": "F" if year > 2024 else "2"},
        "social_workers": {"SW_DECOM": f"05/06/{year - 1}", "SW_REASON": "MANAGE" if year > 2023 else ""},
    }
    row = ROWS[table] | own.get(table, {})
    return a_return(year, **{table: [row | {"CHILD": "B1"}, row | cells]})


def validated(folder, returned):
    year, tables = returned
    return read(folder, year=year, **tables)


def found(tables):
    return sorted(
        (finding.severity, finding.rule, finding.table.removeprefix("ssda903."), finding.column, finding.row_numbers)
        for finding in tables.findings
    )


def account(tables, table):
    return next(each for each in tables.accounts if each.table == f"ssda903.{table}")


def test_sound_rows_of_every_table_raise_nothing_and_are_all_kept(tmp_path):
    others = {table: [row] for table, row in ROWS.items() if table not in FILES}
    tables = validated(tmp_path, a_return(**others))

    assert found(tables) == []
    for each in tables.accounts:
        assert each.kept == each.read > 0, each.table


# rule, table, column: a return that breaks it, and one that is just short of breaking it.
ENDS = {
    "episodes": ("DECOM", "DEC", {"REC": "E4A"}),
    "missing": ("MIS_START", "MIS_END", {}),
    "placed_for_adoption": ("DATE_PLACED", "DATE_PLACED_CEASED", {}),
    "social_workers": ("SW_DECOM", "SW_DEC", {}),
    "deprivations_of_liberty": ("DOLO_START", "DOLO_END", {}),
}
LONG_AGO = {"DECOM": "10/05/2023"}
"""A start before the only return: what began care then is not looked for."""
ROW_CASES = {
    ("missing_birth_date", "children", "birth_date"): (planted("children", DOB=""), planted("children")),
    ("born_after_year", "children", "birth_date"): (
        planted("children", DOB="01/04/2025"),
        planted("children", DOB="31/03/2025"),
    ),
    **{
        ("start_after_year", table, "start_date"): (
            planted(table, **{start: "01/04/2025", end: ""}),
            planted(table, **{start: "31/03/2025", end: ""}),
        )
        for table, (start, end, _) in ENDS.items()
    },
    **{
        ("ended_before_start", table, "end_date"): (
            planted(table, **more, **{start: "05/06/2024", end: "04/06/2024"}),
            planted(table, **more, **{start: "05/06/2024", end: "06/06/2024"}),
        )
        for table, (start, end, more) in ENDS.items()
    },
    ("end_after_year", "episodes", "end_date"): (
        planted("episodes", DEC="01/04/2025", REC="E4A"),
        planted("episodes", DEC="31/03/2025", REC="E4A"),
    ),
    ("reason_without_end", "episodes", "reason_ceased"): (planted("episodes", REC="E4A"), planted("episodes")),
    ("end_without_reason", "episodes", "reason_ceased"): (
        planted("episodes", DEC="01/06/2024"),
        planted("episodes", DEC="01/06/2024", REC="E8"),
    ),
    ("no_length", "episodes", "end_date"): (
        planted("episodes", DEC="10/05/2024", REC="E4A"),
        planted("episodes", DEC="11/05/2024", REC="E4A"),
    ),
    ("missing_legal_status", "episodes", "legal_status"): (planted("episodes", LS=""), planted("episodes")),
    ("missing_placement", "episodes", "placement"): (planted("episodes", PLACE=""), planted("episodes")),
    ("missing_reason_for_new_episode", "episodes", "reason_for_new_episode"): (
        planted("episodes", RNE="", **LONG_AGO),
        planted("episodes", RNE="P", **LONG_AGO),
    ),
    ("impossible_score", "outcomes", "sdq_score"): (
        planted("outcomes", SDQ_SCORE="41"),
        planted("outcomes", SDQ_SCORE="40"),
    ),
    ("matched_before_decision", "adoption", "match_date"): (
        planted("adoption", DATE_MATCH="30/04/2024"),
        planted("adoption", DATE_MATCH="01/05/2024"),
    ),
    ("code_outside_its_years", "children", "returned_sex"): (
        planted("children", 2024, SEX="F"),
        planted("children", 2025, SEX="F"),
    ),
    ("code_outside_its_years", "uasc", "returned_sex"): (
        planted("uasc", 2025, SEX="2"),
        planted("uasc", 2024, SEX="2"),
    ),
    ("code_outside_its_years", "episodes", "placement"): (
        planted("episodes", 2023, PLACE="K3"),
        planted("episodes", 2024, PLACE="K3"),
    ),
    ("code_outside_its_years", "episodes", "reason_ceased"): (
        planted("episodes", 2020, DEC="10/06/2019", REC="E43"),
        planted("episodes", 2019, DEC="10/06/2018", REC="E43"),
    ),
    ("code_outside_its_years", "episodes", "reason_place_change"): (
        planted("episodes", 2018, REASON_PLACE_CHANGE="CUSTOD"),
        planted("episodes", 2019, REASON_PLACE_CHANGE="CUSTOD"),
    ),
    ("code_outside_its_years", "care_leavers", "activity"): (
        planted("care_leavers", 2021, ACTIV="F4"),
        planted("care_leavers", 2022, ACTIV="F4"),
    ),
    ("code_outside_its_years", "social_workers", "social_worker_change"): (
        planted("social_workers", 2023, SW_REASON="MANAGE"),
        planted("social_workers", 2024, SW_REASON="MANAGE"),
    ),
}
ACTIONS = {(rule.id, rule.table, rule.column): rule.action for rule in ROW_RULES}
REJECTING = [case for case, action in ACTIONS.items() if action == "reject"]


def test_there_is_a_case_for_every_row_rule():
    assert set(ROW_CASES) == set(ACTIONS)


@pytest.mark.parametrize("case", ROW_CASES, ids="-".join)
def test_a_row_rule_is_raised_by_its_fault_alone(tmp_path, case):
    broken, short_of_it = ROW_CASES[case]
    severity = "rejected" if ACTIONS[case] == "reject" else "kept"

    assert found(validated(tmp_path / "broken", broken)) == [(severity, *case, (2,))]
    assert found(validated(tmp_path / "short", short_of_it)) == []


@pytest.mark.parametrize("case", ROW_CASES, ids="-".join)
def test_a_row_that_breaks_a_rule_is_left_out_only_if_the_rule_says_so(tmp_path, case):
    rule, table, _ = case
    broken = account(validated(tmp_path, ROW_CASES[case][0]), table)
    rejected = {rule: 1} if case in REJECTING else {}

    assert broken == RowAccount(table=f"ssda903.{table}", read=2, kept=2 - len(rejected), rejected=rejected)


def test_an_impossible_score_is_set_to_missing_and_its_row_stays(tmp_path):
    tables = validated(tmp_path, planted("outcomes", SDQ_SCORE="41"))

    assert tables.outcomes.sort("child_id").select("child_id", "sdq_score").rows() == [("A1", None), ("B1", 10)]


# Cells


def in_the_return(table, column):
    """What the return calls one of our columns."""
    return next(theirs for theirs, ours in TABLES[table].names.items() if ours == column)


REQUIRED = [(table, each.name) for table, columns in RETURNED.items() for each in columns if each.required]
UNREADABLE_RULES = {
    "code": "unknown_code",
    "day_first_date": "unreadable_date",
    "partial_date": "unreadable_date",
    "boolean": "unreadable_flag",
    "integer": "unreadable_number",
    "number": "unreadable_number",
}
TYPED = [(table, each) for table, columns in RETURNED.items() for each in columns if each.kind in UNREADABLE_RULES]


@pytest.mark.parametrize(("table", "column"), REQUIRED, ids=[".".join(each) for each in REQUIRED])
def test_a_row_without_what_it_cannot_do_without_is_left_out(tmp_path, table, column):
    tables = validated(tmp_path, planted(table, **{in_the_return(table, column): " "}))

    assert ("rejected", f"missing_{column}", table, column, (2,)) in found(tables)
    assert account(tables, table).rejected == {f"missing_{column}": 1}


@pytest.mark.parametrize(("table", "column"), TYPED, ids=[f"{table}.{column.name}" for table, column in TYPED])
def test_a_cell_that_cannot_be_read_is_reported_without_being_quoted(tmp_path, table, column):
    tables = validated(tmp_path, planted(table, **{in_the_return(table, column.name): CANARY}))
    rule = UNREADABLE_RULES[column.kind]

    assert ("rejected" if column.required else "kept", rule, table, column.name, (2,)) in found(tables)
    assert account(tables, table).rejected == ({rule: 1} if column.required else {})
    assert CANARY not in repr((tables.findings, tables.accounts))


def test_of_several_faults_of_a_row_all_are_told_and_the_row_is_counted_once(tmp_path):
    tables = validated(tmp_path, planted("missing", CHILD="", MIS_START="no day", MIS_END="", MISSING=CANARY))

    assert [(severity, rule) for severity, rule, *_ in found(tables)] == [
        ("kept", "unknown_code"),
        ("rejected", "missing_child_id"),
        ("rejected", "unreadable_date"),
    ]
    assert account(tables, "missing").rejected == {"missing_child_id": 1}


def test_a_finding_counts_every_row_and_names_the_first_twenty(tmp_path):
    rows = [EPISODE | {"CHILD": f"B{number}", "LS": ""} for number in range(ROW_NUMBERS_SHOWN + 5)]
    headers = [HEADER | {"CHILD": row["CHILD"]} for row in rows]
    (finding,) = validated(tmp_path, (2025, {"episodes": rows, "headers": headers})).findings

    assert (finding.rule, finding.rows) == ("missing_legal_status", ROW_NUMBERS_SHOWN + 5)
    assert finding.row_numbers == tuple(range(1, ROW_NUMBERS_SHOWN + 1))


# Across rows


def episodes(*rows, headers=(HEADER,)):
    return 2025, {"episodes": [EPISODE | row for row in rows], "headers": list(headers)}


HOME, MOVE, NUMBERED = {"REC": "E4A"}, {"REC": "X1"}, {"UPN": "S000000000001"}
ACROSS_CASES = {
    "end_is_not_followed": (
        episodes({"DEC": "01/06/2024", **MOVE}, {"DECOM": "02/06/2024"}),
        episodes({"DEC": "01/06/2024", **MOVE}, {"DECOM": "01/06/2024", "RNE": "P"}),
        1,
    ),
    "start_while_in_care": (
        episodes({"DEC": "01/06/2024", **HOME}, {"DECOM": "01/06/2024"}),
        episodes({"DEC": "01/06/2024", **HOME}, {"DECOM": "02/06/2024"}),
        2,
    ),
    "start_is_not_said": (
        episodes({"DEC": "01/06/2024", **HOME}, {"DECOM": "02/06/2024", "RNE": "P"}),
        episodes({"DEC": "01/06/2024", **HOME}, {"DECOM": "01/06/2024", "RNE": "P"}),
        2,
    ),
    "first_is_no_start": (
        episodes({"DECOM": "02/04/2024", "RNE": "P"}),
        episodes({"DECOM": "01/04/2024", "RNE": "P"}),
        1,
    ),
    "episodes_overlap": (
        episodes({"DEC": "01/12/2024", **HOME}, {"DECOM": "30/11/2024", "DEC": "30/11/2024", "REC": "E4A"}),
        episodes({"DEC": "01/12/2024", **HOME}, {"DECOM": "02/12/2024", "DEC": "02/12/2024", "REC": "E4A"}),
        2,
    ),
    "shared_pupil_number": (
        episodes({}, headers=[HEADER | NUMBERED, HEADER | NUMBERED | {"CHILD": "Z9"}]),
        episodes({}, headers=[HEADER | NUMBERED, HEADER | {"CHILD": "Y9"}, HEADER | {"CHILD": "Z9"}]),
        (1, 2),
    ),
    "child_without_header": (
        episodes({}, headers=[HEADER | {"CHILD": "Z9"}]),
        episodes({}, headers=[HEADER, HEADER | {"CHILD": "Z9"}]),
        1,
    ),
}
ELSEWHERE = {"no_length"}
"""What episodes within one day raise besides, on either side of the edge."""


def test_there_is_a_case_for_every_rule_across_rows():
    assert {*ACROSS_CASES, "open_episode_not_returned"} == {rule.id for rule in ACROSS_RULES}


@pytest.mark.parametrize("rule", ACROSS_CASES)
def test_a_rule_across_rows_is_raised_by_its_fault_alone(tmp_path, rule):
    broken, short_of_it, row = ACROSS_CASES[rule]
    rows = row if isinstance(row, tuple) else (row,)
    (about,) = [each for each in ACROSS_RULES if each.id == rule]
    faults = [each for each in found(validated(tmp_path / "broken", broken)) if each[1] not in ELSEWHERE]
    none = [each for each in found(validated(tmp_path / "short", short_of_it)) if each[1] not in ELSEWHERE]

    assert faults == [("kept", rule, about.table, about.column, rows)]
    assert none == []


@pytest.mark.parametrize(
    ("tables", "table"),
    [
        (episodes({}, headers=[HEADER, HEADER]), "children"),
        (episodes({}, headers=[HEADER, HEADER | {"ETHNIC": "BAFR"}]), "children"),
    ],
)
def test_a_child_that_a_return_describes_twice_is_said_and_described_once(tmp_path, tables, table):
    twice = validated(tmp_path, tables)
    assert found(twice) == [("kept", "second_row_of_child", table, "child_id", (2,))]
    assert twice.children["ethnicity"].to_list() == [HEADER["ETHNIC"]]
    (account,) = [each for each in twice.accounts if each.table == "ssda903.children"]
    assert (account.read, account.kept, account.superseded) == (2, 1, 1)


def test_two_dates_of_birth_of_a_child_in_one_return_are_said_on_its_header_row(tmp_path):
    other = WHO | {"REVIEW": "05/06/2024", "REVIEW_CODE": "PN1", "DOB": "02/06/2015"}
    disagreeing = validated(tmp_path / "two", a_return(reviews=[other, other, other | {"CHILD": "B1", "DOB": ""}]))
    agreeing = validated(tmp_path / "one", a_return(reviews=[other | {"DOB": WHO["DOB"]}]))

    assert found(disagreeing) == [("kept", "birth_dates_disagree", "children", "birth_date", (2,))]
    assert {*disagreeing.children["birth_date"]} == {*agreeing.children["birth_date"]}
    assert found(agreeing) == []


def test_an_open_episode_missing_from_the_latest_return_is_said(tmp_path):
    first = {"episodes": [EPISODE | {"DECOM": "10/05/2023"}], "headers": [HEADER | {"SEX": "2"}]}
    other = {"episodes": [EPISODE | {"CHILD": "B1"}], "headers": [HEADER | {"CHILD": "B1"}]}
    again = {"episodes": [*other["episodes"], *first["episodes"]], "headers": [*other["headers"], HEADER]}

    assert found(read_years(tmp_path / "lost", {2024: first, 2025: other})) == [
        ("kept", "open_episode_not_returned", "episodes", "end_date", (1,))
    ]
    assert found(read_years(tmp_path / "held", {2024: first, 2025: again})) == []


def test_an_open_episode_with_a_reason_for_ending_is_not_asked_for_what_follows(tmp_path):
    """Case systems export open episodes with X1; nothing need follow one that goes on."""
    assert [rule for _, rule, *_ in found(validated(tmp_path, episodes(MOVE)))] == ["reason_without_end"]


def test_short_breaks_in_the_middle_of_care_contradict_nothing(tmp_path):
    care = [{"DEC": "01/07/2024", **MOVE}, {"DECOM": "01/07/2024", "RNE": "P", "PLACE": "K2"}]
    breaks = {"DECOM": "01/06/2024", "DEC": "05/06/2024", "LS": "V4", **HOME}

    assert found(validated(tmp_path, episodes(care[0], breaks, care[1]))) == []


def test_short_breaks_that_become_care_the_same_day_are_followed(tmp_path):
    rows = [{"DEC": "01/07/2024", "LS": "V4", **MOVE}, {"DECOM": "01/07/2024"}]

    assert found(validated(tmp_path, episodes(*rows))) == []


# The whole


def test_no_return_at_all_is_fatal():
    with pytest.raises(FatalFindings, match="no return on looked-after children was found"):
        validate_ssda903(RawSsda903(RETURNS_SCHEMA.to_frame(), {}))


def test_each_table_is_announced_once_in_its_turn(tmp_path):
    validated(tmp_path, a_return())
    named: list[str] = []
    csc.load(tmp_path, on_step=named.append)

    assert named == list(TABLES)


@pytest.mark.parametrize("table", RETURNED)
def test_every_table_comes_out_in_the_columns_of_its_contract_and_the_order_of_its_key(tmp_path, table):
    others = {name: [row | {"CHILD": "B1"}, row] for name, row in ROWS.items() if name not in FILES}
    frame = validated(tmp_path, a_return(**others)).table(table)
    key = CONTRACTS[table].key

    assert frame.schema == CONTRACTS[table].schema
    assert frame["child_id"].to_list() == ["A1", "B1"]
    assert frame[key].is_sorted()
    assert frame[key].is_unique().all()
