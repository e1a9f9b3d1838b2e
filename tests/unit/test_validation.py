"""Each rule is raised by its fault, on its row, and by nothing else; and every row read is accounted for."""

from __future__ import annotations

import pytest

from csc_indicators.errors import ROW_NUMBERS_SHOWN, FatalFindings
from csc_indicators.extracts.raw import RAW_TABLES
from csc_indicators.tables.accounting import RowAccount
from csc_indicators.tables.checking import indicators_using
from csc_indicators.tables.cin import CONTRACTS, RETURNED
from csc_indicators.tables.cross_rules import CROSS_RULES
from csc_indicators.tables.row_rules import ROW_RULES
from tests.lib.raw_census import (
    Part,
    census,
    child,
    episode,
    event,
    factor,
    review,
    rules,
    validated,
)

SOUND = child("SOUND", episode("2024-07-01"))


def everything(child_id="A"):
    """A child with a row in every table and no fault."""
    return child(
        child_id,
        episode(
            "2024-05-10",
            event("assessments", "2024-05-11", factor("3A"), authorisation_date="2024-05-11"),
            event("child_in_need_plans", "2024-06-03", end_date="2024-06-03"),
            event("section_47_enquiries", "2024-07-03", initial_conference_date="2024-07-03"),
            event("child_protection_plans", "2024-07-03", review("2024-09-01"), end_date="2024-07-03"),
            event("pre_proceedings", "2024-08-03", outcome=None),
            closure_date="2025-03-31",
            closure_reason="RC9",
        ),
    )


def test_sound_rows_raise_nothing_and_are_all_kept():
    cin = validated(census(everything("A"), everything("B"), SOUND))

    assert rules(cin) == []
    for account in cin.accounts:
        assert account.kept == account.read > 0, account.table


def planted(*parts, **cells):
    """A census whose second child has one episode with the cells given, between two sound ones."""
    return census(
        SOUND, child("A", episode(cells.pop("referral_date", "2024-05-10"), *parts, **cells)), child("Z", episode())
    )


def of_child(**cells):
    return census(SOUND, child("A", episode(), **cells), child("Z", episode()))


# rule, table, column: a census that breaks it, and one that is just short of breaking it.
ROW_CASES = {
    ("both_birth_dates", "children", "birth_date"): (
        of_child(expected_birth_date="2015-06-01"),
        of_child(birth_date=None, expected_birth_date="2015-06-01"),
    ),
    ("missing_birth_date", "children", "birth_date"): (of_child(birth_date=None), of_child()),
    ("born_after_census", "children", "birth_date"): (
        of_child(birth_date="2025-04-01"),
        of_child(birth_date="2025-03-31"),
    ),
    ("referral_after_census", "episodes", "referral_date"): (
        planted(referral_date="2025-04-01"),
        planted(referral_date="2025-03-31"),
    ),
    ("closure_before_referral", "episodes", "closure_date"): (
        planted(closure_date="2024-05-09", closure_reason="RC8"),
        planted(closure_date="2024-05-10", closure_reason="RC8"),
    ),
    ("closure_outside_census", "episodes", "closure_date"): (
        planted(closure_date="2025-04-01", closure_reason="RC8"),
        planted(referral_date="2023-05-10", closure_date="2024-04-01", closure_reason="RC8"),
    ),
    ("closure_without_reason", "episodes", "closure_reason"): (planted(closure_date="2024-06-01"), planted()),
    ("reason_without_closure", "episodes", "closure_date"): (planted(closure_reason="RC8"), planted()),
    ("missing_referral_source", "episodes", "referral_source"): (planted(referral_source=None), planted()),
    ("missing_primary_need", "episodes", "primary_need"): (
        planted(primary_need=None),
        planted(primary_need=None, no_further_action="1"),
    ),
    ("missing_no_further_action", "episodes", "no_further_action"): (planted(no_further_action=None), planted()),
    ("authorised_before_start", "assessments", "authorisation_date"): (
        planted(event("assessments", "2024-06-03", authorisation_date="2024-06-02")),
        planted(event("assessments", "2024-06-03", authorisation_date="2024-06-03")),
    ),
    ("conference_before_enquiry", "section_47_enquiries", "initial_conference_date"): (
        planted(event("section_47_enquiries", "2024-06-03", initial_conference_date="2024-06-02")),
        planted(event("section_47_enquiries", "2024-06-03", initial_conference_date="2024-06-03")),
    ),
    ("ended_before_start", "child_protection_plans", "end_date"): (
        planted(event("child_protection_plans", "2024-06-03", end_date="2024-06-02")),
        planted(event("child_protection_plans", "2024-06-03", end_date="2024-06-03")),
    ),
    ("ended_before_start", "child_in_need_plans", "end_date"): (
        planted(event("child_in_need_plans", "2024-06-03", end_date="2024-06-02")),
        planted(event("child_in_need_plans", "2024-06-03", end_date="2024-06-03")),
    ),
    ("code_outside_its_years", "episodes", "referral_source"): (
        census(child("A", episode("2021-05-10", referral_source="5D")), ends="2022-03-31"),
        census(child("A", episode("2022-05-10", referral_source="5D")), ends="2023-03-31"),
    ),
    ("code_outside_its_years", "episodes", "closure_reason"): (
        census(child("A", episode("2021-05-10", closure_date="2021-06-01", closure_reason="RC9")), ends="2022-03-31"),
        census(child("A", episode("2022-05-10", closure_date="2022-06-01", closure_reason="RC9")), ends="2023-03-31"),
    ),
    ("code_outside_its_years", "assessment_factors", "factor"): (
        planted(event("assessments", "2024-06-03", factor("18A"))),
        census(child("A", episode("2023-06-01", event("assessments", "2023-06-03", factor("18A")))), ends="2024-03-31"),
    ),
    ("code_outside_its_years", "pre_proceedings", "outcome"): (
        planted(event("pre_proceedings", "2024-06-03", outcome="A")),
        census(
            child("A", episode("2026-05-10", event("pre_proceedings", "2026-06-03", outcome="A"))), ends="2027-03-31"
        ),
    ),
}
ACTIONS = {(rule.id, rule.table, rule.column): rule.action for rule in ROW_RULES}


def test_there_is_a_case_for_every_row_rule():
    assert set(ROW_CASES) == set(ACTIONS)


@pytest.mark.parametrize("rule", ROW_CASES, ids="-".join)
def test_a_row_rule_is_raised_by_its_fault_alone(rule):
    broken, short_of_it = ROW_CASES[rule]
    severity = "rejected" if ACTIONS[rule] == "reject" else "kept"
    row = 1 if rule[0] == "code_outside_its_years" or rule[1] not in ("children", "episodes") else 2
    consequences = {"child_without_episode"} if ACTIONS[rule] == "reject" else set()
    found = rules(validated(broken))

    assert [entry for entry in found if entry[1] not in consequences] == [(severity, *rule, (row,))]
    assert {entry[1] for entry in found} - {rule[0]} == consequences
    assert rules(validated(short_of_it)) == []


def test_one_rule_about_two_columns_names_the_rows_of_each():
    of_source = episode("2021-05-10", referral_source="5D")
    of_reason = episode("2021-06-10", closure_date="2021-07-01", closure_reason="RC9")
    cin = validated(census(child("A", of_source), child("B", of_reason), ends="2022-03-31"))

    assert rules(cin) == [
        ("kept", "code_outside_its_years", "episodes", "referral_source", (1,)),
        ("kept", "code_outside_its_years", "episodes", "closure_reason", (2,)),
    ]


@pytest.mark.parametrize("rule", [rule for rule in ROW_CASES if ACTIONS[rule] != "keep"], ids="-".join)
def test_what_becomes_of_a_row_that_cannot_stay_as_it_is(rule):
    _, table, column = rule
    cin = validated(ROW_CASES[rule][0])
    kept = cin.table(table).filter(child_id="A")

    if ACTIONS[rule] == "reject":
        assert kept.is_empty()
    else:
        assert kept[column].to_list() == [None]


def two_plans(second_start, previous):
    """A plan that ended on 1 July and a later one, with the number of previous plans that it reports."""
    return (
        event("child_protection_plans", "2024-06-03", end_date="2024-07-01", number_of_previous_plans="0"),
        event("child_protection_plans", second_start, number_of_previous_plans=previous),
    )


def reported_before(previous):
    return event("child_protection_plans", "2024-06-03", number_of_previous_plans=previous)


# rule: children that break it with the rows that do, and children just short of breaking it.
CROSS_CASES = {
    "child_without_episode": ((1,), [child("A")], [child("A", episode())]),
    "overlapping_episodes": (
        (2,),
        [child("A", episode("2024-05-10", closure_date="2024-06-10", closure_reason="RC8"), episode("2024-06-09"))],
        [
            child("A", episode("2024-05-10", closure_date="2024-06-10", closure_reason="RC8"), episode("2024-06-10")),
            child("B", episode("2024-05-10", no_further_action="1"), episode("2024-06-09")),
            child("C", episode("2024-05-10", closure_date="2024-06-10", closure_reason="RC8")),
            child("D", episode("2024-05-11")),
        ],
    ),
    "two_open_episodes": (
        (1,),
        [child("A", episode("2024-05-10"), episode("2024-06-09"))],
        [child("A", episode("2024-05-10", no_further_action="1"), episode("2024-06-09")), child("B", episode())],
    ),
    "same_day_referrals": (
        (1, 2),
        [
            child(
                "A",
                episode("2024-05-10", closure_date="2024-05-10", closure_reason="RC8"),
                episode("2024-05-10", closure_date="2024-05-10", closure_reason="RC8"),
            )
        ],
        [child("A", episode("2024-05-10")), child("B", episode("2024-05-10"))],
    ),
    "previous_plans_not_counted": (
        (2,),
        [child("A", episode("2024-05-10", *two_plans("2024-07-01", "0")))],
        [
            child("A", episode("2024-05-10", *two_plans("2024-07-01", "1"))),
            child("B", episode("2024-05-10", *two_plans("2024-06-30", "0"))),
            child(
                "C", episode("2024-05-10", event("child_protection_plans", "2024-07-02", number_of_previous_plans="0"))
            ),
        ],
    ),
    "previous_plans_not_returned": (
        (1,),
        [child("A", episode("2024-05-10", reported_before("1")), birth_date="2024-05-01")],
        [
            child("A", episode("2024-05-10", reported_before("0")), birth_date="2024-05-01"),
            child("B", episode("2024-05-10", reported_before("1")), birth_date="2023-05-01"),
        ],
    ),
    "activity_before_referral": (
        (1,),
        [child("A", episode("2024-05-10", event("section_47_enquiries", "2024-05-09")))],
        [
            child("A", episode("2024-05-10", event("section_47_enquiries", "2024-05-10"))),
            child("B", episode("2024-05-10", event("assessments", "2024-05-11"))),
        ],
    ),
    "shared_pupil_number": (
        (1, 2),
        [child(who, episode(), unique_pupil_number="S000000000001") for who in ("A", "B")],
        [
            child("A", episode(), unique_pupil_number="S000000000001"),
            child("B", episode(), unique_pupil_number="S000000000002"),
            child("C", episode()),
            child("D", episode()),
        ],
    ),
    "none_with_other_disabilities": (
        (1,),
        [child("A", episode(), disabilities=("NONE", "LD"))],
        [child("A", episode(), disabilities=("NONE",)), child("B", episode(), disabilities=("LD", "VIS"))],
    ),
}
ACROSS_CENSUSES = "open_episode_not_returned"
ALSO = {"two_open_episodes": {"overlapping_episodes"}}


def test_there_is_a_case_for_every_rule_across_rows():
    assert {*CROSS_CASES, ACROSS_CENSUSES} == {rule.id for rule in CROSS_RULES}


@pytest.mark.parametrize("rule", CROSS_CASES)
def test_a_rule_across_rows_is_raised_by_its_fault_alone(rule):
    rows, broken, short_of_it = CROSS_CASES[rule]
    entry = next(entry for entry in CROSS_RULES if entry.id == rule)
    found = rules(validated(census(*broken)))

    assert ("kept", rule, entry.table, entry.column, rows) in found
    assert {entry[1] for entry in found} == {rule, *ALSO.get(rule, ())}
    assert rules(validated(census(*short_of_it))) == []


def test_an_open_case_missing_from_the_next_census_is_reported_on_the_row_last_returned():
    first = census(child("A", episode("2023-05-10")), child("B", episode("2023-05-10")), ends="2024-03-31")
    second = census(child("B", episode("2023-05-10")))
    cin = validated(first, second)

    assert rules(cin) == [("kept", ACROSS_CENSUSES, "episodes", "closure_date", (1,))]
    assert cin.findings[0].source_file == "390/2024-03-31.xml"


def test_an_open_case_is_not_missed_in_another_authority_nor_after_no_further_action():
    first = census(
        child("A", episode("2023-05-10")), child("B", episode("2023-06-10", no_further_action="1")), ends="2024-03-31"
    )
    second = census(child("A", episode("2023-05-10")))
    elsewhere = census(child("C", episode("2023-05-10")), la_code="391", ends="2024-03-31")

    assert rules(validated(first, second, elsewhere)) == []


def test_a_pupil_number_is_the_same_in_two_returns_of_a_child_and_in_two_authorities():
    first = census(child("A", episode("2023-05-10"), unique_pupil_number="S000000000001"), ends="2024-03-31")
    second = census(child("A", episode("2023-05-10"), unique_pupil_number="S000000000001"))
    elsewhere = census(child("B", episode(), unique_pupil_number="S000000000001"), la_code="391")

    assert rules(validated(first, second, elsewhere)) == []


UNREADABLE = {
    "date": "unreadable_date",
    "code": "unknown_code",
    "boolean": "unreadable_flag",
    "integer": "unreadable_number",
}
CELLS = [(table, column) for table, columns in RETURNED.items() for column in columns]


def with_cell(table, column, value):
    """A census of one child whose row in `table` has a cell as given."""

    def spoil(part):
        cells = {**part.cells, column: value} if part.table == table else part.cells
        return Part(part.table, cells, tuple(spoil(inner) for inner in part.parts))

    return census(spoil(everything("A")), everything("B"))


@pytest.mark.parametrize(
    ("table", "column"),
    [cell for cell in CELLS if cell[1].kind != "text"],
    ids=lambda cell: getattr(cell, "name", cell),
)
def test_a_cell_that_cannot_be_read_is_set_to_missing_or_its_row_left_out(table, column):
    cin = validated(with_cell(table, column.name, "CANARY7Q"))
    severity = "rejected" if column.required else "kept"
    (account,) = [account for account in cin.accounts if account.table == table]

    assert (severity, UNREADABLE[column.kind], table, column.name, (1,)) in rules(cin)
    assert dict(account.rejected) == ({UNREADABLE[column.kind]: 1} if column.required else {})
    assert cin.table(table).height == (1 if column.required else 2)
    assert all("CANARY7Q" not in finding.as_line() for finding in cin.findings)


@pytest.mark.parametrize(
    ("table", "column"), [cell for cell in CELLS if cell[1].required], ids=lambda cell: getattr(cell, "name", cell)
)
def test_a_row_without_a_cell_it_cannot_do_without_is_left_out_with_what_hangs_from_it(table, column):
    cin = validated(with_cell(table, column.name, None))
    below = {
        "children": set(RAW_TABLES) - {"children"},
        "episodes": set(RAW_TABLES) - {"children", "disabilities", "episodes"},
    }
    below |= {"assessments": {"assessment_factors"}, "child_protection_plans": {"reviews"}}
    gone = {account.table: dict(account.rejected) for account in cin.accounts if account.rejected}

    assert ("rejected", f"missing_{column.name}", table, column.name, (1,)) in rules(cin)
    assert gone == {table: {f"missing_{column.name}": 1}} | {
        inner: {"parent_left_out": 1} for inner in below.get(table, ())
    }


def test_a_row_left_out_for_its_own_fault_is_not_counted_again_with_its_parent():
    cin = validated(census(child(None, episode("2025-05-01")), SOUND))
    accounts = {account.table: dict(account.rejected) for account in cin.accounts}

    assert accounts["children"] == {"missing_child_id": 1}
    assert accounts["episodes"] == {"referral_after_census": 1}
    assert [entry[1] for entry in rules(cin)] == ["missing_child_id", "parent_left_out", "referral_after_census"]


def test_a_finding_counts_every_row_but_lists_the_first_twenty():
    broken = [child(f"A{number}", episode(referral_source=None)) for number in range(30)]
    cin = validated(census(*broken), census(child("B", episode(referral_source=None)), la_code="391"))
    first, second = cin.findings

    assert (first.rows, first.row_numbers) == (30, tuple(range(1, ROW_NUMBERS_SHOWN + 1)))
    assert "(30 rows: 1, 2, 3, " in first.as_line()
    assert " and 10 more)" in first.as_line()
    assert (first.source_file, second.source_file) == ("390/2025-03-31.xml", "391/2025-03-31.xml")
    assert "(1 row: 1)" in second.as_line()


def test_a_finding_names_the_indicators_it_touches():
    cin = validated(census(child("A", episode(referral_source=None), birth_date=None)))

    assert {finding.rule: finding.indicators for finding in cin.findings} == {
        "missing_birth_date": indicators_using("episodes"),
        "missing_referral_source": indicators_using("episodes"),
    }
    assert "rereferrals" in indicators_using("episodes")


HEADERS = {
    "missing_la_code": (None, "", "39", "3900", "3a0", " 390x"),
    "missing_reference_date": (None, "2025-02-30", "31/03/2025", "2025", "1850-03-31"),
    "wrong_collection": ("SSDA903", "cin2"),
}
HEADER_COLUMN = {
    "missing_la_code": "la_code",
    "missing_reference_date": "reference_date",
    "wrong_collection": "collection",
}


@pytest.mark.parametrize(("rule", "value"), [(rule, value) for rule, values in HEADERS.items() for value in values])
def test_a_header_that_cannot_be_used_is_fatal_and_not_quoted(rule, value):
    spoiled = census(SOUND, source_file="this.xml")
    spoiled.header[HEADER_COLUMN[rule]] = value
    with pytest.raises(FatalFindings) as caught:
        validated(census(SOUND, la_code="391"), spoiled)
    (finding,) = caught.value.findings

    assert (finding.rule, finding.severity, finding.source_file) == (rule, "fatal", "this.xml")
    assert str(caught.value) == finding.as_line()
    assert not value or len(value) < 3 or value not in str(caught.value)


@pytest.mark.parametrize("collection", [None, "CIN", "cin"])
def test_a_collection_may_be_left_out_or_in_any_letter_case(collection):
    assert rules(validated(census(SOUND, collection=collection))) == []


def test_every_fatal_fault_of_every_file_is_said_at_once():
    with pytest.raises(FatalFindings) as caught:
        validated(census(la_code=None, source_file="one.xml"), census(ends=None, collection="X", source_file="two.xml"))

    assert [(finding.rule, finding.source_file) for finding in caught.value.findings] == [
        ("missing_la_code", "one.xml"), ("missing_reference_date", "two.xml"), ("wrong_collection", "two.xml")
    ]  # fmt: skip
    assert len(str(caught.value).splitlines()) == 3


def test_no_census_at_all_is_fatal():
    with pytest.raises(FatalFindings, match="no CIN census was found"):
        validated()


def test_a_census_without_children_is_empty_tables_with_its_coverage():
    cin = validated(census())

    assert rules(cin) == []
    assert cin.coverage.height == 1
    assert all(cin.table(name).schema == contract.schema for name, contract in CONTRACTS.items())
    assert all(cin.table(name).is_empty() for name in CONTRACTS)


def test_every_table_has_the_columns_and_types_of_its_contract():
    cin = validated(census(everything()))

    for name, contract in CONTRACTS.items():
        assert cin.table(name).schema == contract.schema, name


def test_an_account_that_does_not_balance_says_so():
    assert RowAccount(table="episodes", read=3, kept=1, rejected={"a": 1}, superseded=1).balances
    assert not RowAccount(table="episodes", read=3, kept=1, rejected={"a": 1}).balances
