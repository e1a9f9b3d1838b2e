"""Each rule of the workforce census is raised by its fault, on its row, and by nothing else."""

from __future__ import annotations

import datetime as dt

import pytest

import csc_indicators as csc
from csc_indicators.errors import ROW_NUMBERS_SHOWN, FatalFindings
from csc_indicators.extracts.raw_workforce import ITEMS, RETURNS_SCHEMA, TABLES, TOTALS, WORKERS, RawWorkforce
from csc_indicators.tables.accounting import RowAccount
from csc_indicators.tables.workforce import CONTRACTS, RETURNED
from csc_indicators.tables.workforce_rules import ACROSS_RULES, ROW_RULES
from csc_indicators.tables.workforce_validation import validate_workforce
from tests.lib.workforce_files import PAY, WORKER, as_csv, as_xml, put, read, totals, worker

CANARY = "ZQ81CANARY"
ITEM_COLUMNS = dict.fromkeys(("ContractWeeks", "Absat30Sept", "ReasonAbsence"), "")


def planted(year=2025, **cells):
    """A census whose second worker has the cells given, after a sound one."""
    return year, {"workers": [worker(year, SWENo="SW1"), worker(year, SWENo="SW2") | cells]}


def of_authority(year=2025, **cells):
    return year, {"workers": [worker(year)], "of_authority": [totals(year) | cells]}


def with_items(year=2025, **cells):
    """As `planted`, with the items that a worker may have several of."""
    empty = ITEM_COLUMNS | dict.fromkeys(cells, "")
    return year, {"workers": [worker(year, SWENo="SW1", **empty), worker(year, SWENo="SW2", **(empty | cells))]}


def validated(folder, census):
    year, given = census
    return read(folder, year=year, **given)


def found(tables):
    return sorted(
        (finding.severity, finding.rule, finding.table.removeprefix("workforce."), finding.column, finding.row_numbers)
        for finding in tables.findings
    )


def account(tables, table):
    return next(each for each in tables.accounts if each.table == f"workforce.{table}")


def test_sound_rows_raise_nothing_and_are_all_kept(tmp_path):
    absent = {"ContractWeeks": "4.5;12", "Absat30Sept": "1;0", "ReasonAbsence": "SIC;MAT"}
    tables = validated(tmp_path, with_items(**absent))

    assert found(tables) == []
    assert [(each.read, each.kept) for each in tables.accounts] == [(2, 2), (1, 1), (6, 6)]


# rule, table, column: a census that breaks it, and one that is just short of breaking it.
ROW_CASES = {
    ("registration_number_form", WORKERS, "worker_id"): (planted(SWENo="2345"), planted(SWENo="sw 2345678901")),
    **{
        ("full_time_equivalent_out_of_range", WORKERS, ours): (planted(**{item: "37"}), planted(**{item: "1.0"}))
        for item, ours in (("FTE", "full_time_equivalent"), ("FTE30", "full_time_equivalent_on_census_day"))
    },
    ("missing_full_time_equivalent", WORKERS, "full_time_equivalent"): (
        planted(FTE=""),
        planted(FTE="", RoleEndDate="2025-01-31"),
    ),
    ("missing_role", WORKERS, "role"): (planted(OrgRole=""), planted(OrgRole="6")),
    ("ended_before_start", WORKERS, "end_date"): (
        planted(RoleStartDate="2025-02-01", RoleEndDate="2025-01-31"),
        planted(RoleStartDate="2025-01-31", RoleEndDate="2025-01-31"),
    ),
    ("start_after_census", WORKERS, "start_date"): (
        planted(RoleStartDate="2025-10-01"),
        planted(RoleStartDate="2025-09-30"),
    ),
    ("end_after_census", WORKERS, "end_date"): (planted(RoleEndDate="2025-10-01"), planted(RoleEndDate="2025-09-30")),
    ("end_before_year", WORKERS, "end_date"): (planted(RoleEndDate="2024-09-30"), planted(RoleEndDate="2024-10-01")),
    ("reason_without_end", WORKERS, "leaving_reason"): (
        planted(ReasonLeave="1"),
        planted(ReasonLeave="1", RoleEndDate="2025-01-31"),
    ),
    ("negative_number", WORKERS, "cases"): (planted(Cases30="-1"), planted(Cases30="0")),
    ("days_lost_out_of_range", WORKERS, "days_lost"): (
        planted(WorkingDaysLost="366.5"),
        planted(WorkingDaysLost="366"),
    ),
    **{
        ("negative_number", WORKERS, TABLES[WORKERS].columns[item.upper()]): (
            planted(**{item: "-0.01"}),
            planted(**{item: "0"}),
        )
        for item in PAY
    },
    **{
        ("negative_number", TOTALS, ours): (of_authority(**{item: "-1"}), of_authority(**{item: "1"}))
        for item, ours in (
            ("NumberOfVacancies", "vacancies"),
            ("NoAgencyFTE", "agency_full_time_equivalent"),
            ("NoAgencyHeadcount", "agency_headcount"),
        )
    },
    ("unknown_item", ITEMS, "value"): (
        with_items(ReasonAbsence=f"SIC;{CANARY}"),
        with_items(ReasonAbsence="SIC;mat"),
    ),
    ("code_outside_its_years", ITEMS, "value"): (with_items(CFKSSstatus="1"), with_items(2024, CFKSSstatus="1")),
    ("code_outside_its_years", WORKERS, "worker_sex"): (planted(2024, Sex="2"), planted(2023, GenderCurrent="2")),
    **{
        ("code_outside_its_years", TOTALS, TABLES[TOTALS].columns[item.upper()]): (
            of_authority(2024, **{item: "1"}),
            of_authority(2025, **{item: "1"}),
        )
        for item in totals()
        if item not in {**totals(2024), "OtherAllowances": ""}
    },
}
ACTIONS = {(rule.id, rule.table, rule.column): rule.action for rule in ROW_RULES}
FIRST_ROW = {TOTALS}
"""Tables of which a census has one row."""


def test_there_is_a_case_for_every_row_rule():
    assert set(ROW_CASES) == set(ACTIONS)


@pytest.mark.parametrize("case", ROW_CASES, ids="-".join)
def test_a_row_rule_is_raised_by_its_fault_alone(tmp_path, case):
    rule, table, column = case
    broken, short_of_it = ROW_CASES[case]
    severity = "rejected" if ACTIONS[case] == "reject" else "kept"
    row = 1 if table in FIRST_ROW else 2
    elsewhere = {"missing_column", "agency_total_differs"}
    faults = [each for each in found(validated(tmp_path / "broken", broken)) if each[1] not in elsewhere]

    assert faults == [(severity, rule, table, column, (row,))]
    assert [each for each in found(validated(tmp_path / "short", short_of_it)) if each[1] not in elsewhere | {
        "code_tidied"
    }] == []  # fmt: skip


@pytest.mark.parametrize("case", ROW_CASES, ids="-".join)
def test_a_row_that_breaks_a_rule_is_left_out_or_blanked_only_if_the_rule_says_so(tmp_path, case):
    rule, table, column = case
    tables = validated(tmp_path, ROW_CASES[case][0])
    broken = account(tables, table)
    rejected = {rule: 1} if ACTIONS[case] == "reject" else {}

    assert broken == RowAccount(
        table=f"workforce.{table}", read=broken.read, kept=broken.read - len(rejected), rejected=rejected
    )
    if ACTIONS[case] == "blank":
        assert tables.table(table)[column].to_list()[-1] is None


# Cells


def in_the_census(table, column):
    """What the census calls one of our columns."""
    name = next(theirs for theirs, ours in TABLES[table].columns.items() if ours == column)
    return next(item for item in {**worker(), **totals()} if item.upper() == name)


UNREADABLE_RULES = {
    "code": "unknown_code",
    "day_first_date": "unreadable_date",
    "boolean": "unreadable_flag",
    "integer": "unreadable_number",
    "number": "unreadable_number",
}
TYPED = [(table, each) for table in TABLES for each in RETURNED[table] if each.kind in UNREADABLE_RULES]
REQUIRED = [(table, each.name) for table in TABLES for each in RETURNED[table] if each.required]


@pytest.mark.parametrize(("table", "column"), REQUIRED, ids=[".".join(each) for each in REQUIRED])
def test_a_row_without_what_it_cannot_do_without_is_left_out(tmp_path, table, column):
    tables = validated(tmp_path, planted(**{in_the_census(table, column): " "}))

    assert ("rejected", f"missing_{column}", table, column, (2,)) in found(tables)
    assert account(tables, table).rejected == {f"missing_{column}": 1}


@pytest.mark.parametrize("cell", [CANARY, "nan", "inf", "1e999", "--1"])
@pytest.mark.parametrize(("table", "column"), TYPED, ids=[f"{table}.{column.name}" for table, column in TYPED])
def test_a_cell_that_cannot_be_read_is_reported_without_being_quoted(tmp_path, table, column, cell):
    build = planted if table == WORKERS else of_authority
    tables = validated(tmp_path, build(**{in_the_census(table, column.name): cell}))
    rule = UNREADABLE_RULES[column.kind]
    row = 2 if table == WORKERS else 1

    assert ("rejected" if column.required else "kept", rule, table, column.name, (row,)) in found(tables)
    assert account(tables, table).rejected == ({rule: 1} if column.required else {})
    assert CANARY not in repr((tables.findings, tables.accounts, tables))


@pytest.mark.parametrize(
    ("item", "good", "bad"),
    [
        ("ContractWeeks", "0;53;4.5", "-1;54;nan;x"),
        ("Absat30Sept", "0;1;true", "2;yes"),
        ("ReasonAbsence", "SIC;mat", "SICK;1"),
        ("CFKSSstatus", "1;4", "5;x"),
        ("QualInst", "Anything; at all", ""),
    ],
)
def test_repeated_items_are_those_of_their_list(tmp_path, item, good, bad):
    tables = validated(tmp_path, with_items(2024, **{item: f"{good};{bad}" if bad else good}))
    rejected = len(bad.split(";")) if bad else 0

    assert account(tables, ITEMS).rejected == ({"unknown_item": rejected} if rejected else {})
    assert tables.worker_items["value"].len() == len(good.split(";"))


def test_items_of_a_worker_who_is_left_out_are_left_out(tmp_path):
    tables = validated(tmp_path, with_items(AgencyWorker="x", ReasonAbsence="SIC;MAT"))

    assert ("rejected", "parent_left_out", ITEMS, "item", (2, 2)) in found(tables)
    assert account(tables, ITEMS).rejected == {"parent_left_out": 2}
    assert tables.worker_items.is_empty()


def test_of_several_faults_of_a_row_all_are_told_and_the_row_is_counted_once(tmp_path):
    tables = validated(tmp_path, planted(SWENo="", AgencyWorker="x", RoleStartDate="2026-01-01"))

    assert {rule for severity, rule, *_ in found(tables) if severity == "rejected"} == {
        "missing_worker_id", "unreadable_flag", "start_after_census"
    }  # fmt: skip
    assert sum(account(tables, WORKERS).rejected.values()) == 1


def test_a_finding_counts_every_row_and_names_the_first_twenty(tmp_path):
    rows = [worker(SWENo=f"SW{number}", OrgRole="") for number in range(ROW_NUMBERS_SHOWN + 5)]
    (finding,) = validated(tmp_path, (2025, {"workers": rows})).findings

    assert (finding.rule, finding.rows) == ("missing_role", ROW_NUMBERS_SHOWN + 5)
    assert finding.row_numbers == tuple(range(1, ROW_NUMBERS_SHOWN + 1))


def test_a_finding_names_the_indicators_that_are_computed_from_its_table(tmp_path):
    (finding,) = validated(tmp_path, planted(OrgRole="")).findings

    assert {"social_worker_turnover", "caseload"} <= set(finding.indicators)
    assert "rereferrals" not in finding.indicators


def test_a_registration_number_is_one_however_it_is_written(tmp_path):
    tables = validated(tmp_path, planted(SWENo=" sw 1"))

    assert tables.workers["worker_id"].to_list() == ["SW1", "SW1"]


# Across rows


def posts(*rows, **of_the_authority):
    workers = [worker(SWENo=row.pop("SWENo", "SW1")) | row for row in map(dict, rows)]
    return 2025, {"workers": workers, "of_authority": [totals(**of_the_authority)]}


HALF, AGENCY = {"FTE": "0.5"}, {"AgencyWorker": "1", "FTE": "1"}
ACROSS_CASES = {
    "posts_of_more_than_one": [
        (posts({"FTE": "0.5"}, {"FTE": "0.6"}), posts({"FTE": "0.333333"}, {"FTE": "0.666667"}), (1, 2)),
        (posts(HALF, {"FTE": "0.6", "RoleEndDate": "2025-10-01"}), posts(HALF, {"FTE": "0.6", **AGENCY}), (1, 2)),
        (posts(HALF, {"FTE": "0.6"}), posts(HALF, {"FTE": "0.6", "RoleEndDate": "2025-09-30"}), (1, 2)),
        (posts(HALF, {"FTE": "0.6"}), posts(HALF, {"FTE": "0.6", "SWENo": "SW2"}), (1, 2)),
    ],
    "agency_total_differs": [
        (posts({}, NoAgencyFTE="1.1"), posts({}, NoAgencyFTE="1"), (1,)),
        (posts(AGENCY, AGENCY, NoAgencyFTE="0.9"), posts(AGENCY, AGENCY, NoAgencyFTE="3"), (1,)),
        (
            posts(AGENCY, AGENCY | {"RoleEndDate": "2025-05-31"}, NoAgencyFTE="2.5"),
            posts(AGENCY, AGENCY | {"RoleEndDate": "2025-05-31"}, NoAgencyFTE="0"),
            (1,),
        ),
        (posts(AGENCY, AGENCY, NoAgencyFTE="0"), posts(AGENCY, AGENCY, NoAgencyFTE=""), (1,)),
    ],
}


def test_there_is_a_case_for_every_rule_across_rows():
    assert set(ACROSS_CASES) == {rule.id for rule in ACROSS_RULES}


@pytest.mark.parametrize(("rule", "number"), [(rule, n) for rule, cases in ACROSS_CASES.items() for n in range(4)])
def test_a_rule_across_rows_is_raised_by_its_fault_and_changes_nothing(tmp_path, rule, number):
    broken, short_of_it, rows = ACROSS_CASES[rule][number]
    (about,) = [each for each in ACROSS_RULES if each.id == rule]
    tables = validated(tmp_path / "broken", broken)
    faults = [each for each in found(tables) if each[1] == rule]

    assert faults == [("kept", rule, about.table, about.column, rows)]
    assert [each for each in found(validated(tmp_path / "short", short_of_it)) if each[1] == rule] == []
    assert account(tables, WORKERS).kept == account(tables, WORKERS).read


def test_the_authoritys_totals_given_again_are_counted_and_the_first_stand(tmp_path):
    rows = [totals(NumberOfVacancies="1"), totals(NumberOfVacancies="9")]
    tables = validated(tmp_path, (2025, {"workers": [WORKER], "of_authority": rows}))

    assert tables.authority_totals["vacancies"].to_list() == [1.0]
    assert found(tables) == [("rejected", "repeated_totals", TOTALS, "vacancies", (2,))]
    assert account(tables, TOTALS).rejected == {"repeated_totals": 1}


# Several censuses


def test_of_two_files_of_one_authority_and_census_the_last_stands_whole(tmp_path):
    item = {"ReasonAbsence": ["SIC", "SIC"]}
    old = as_xml([worker(SWENo="SW1"), worker(SWENo="SW2", **item)], [totals(NumberOfVacancies="9")])
    put(tmp_path, "a.xml", old)
    put(tmp_path, "b.xml", as_xml([worker(SWENo="SW3", ReasonAbsence="MAT")]))
    put(tmp_path, "c.xml", as_xml([worker(2024, SWENo="SW4")], [totals(2024)], 2024))
    tables = csc.read_workforce(tmp_path)
    (finding,) = tables.findings

    assert tables.workers.select("census_year", "worker_id").rows() == [(2024, "SW4"), (2025, "SW3")]
    assert tables.authority_totals["vacancies"].to_list() == [1.5, 1.5]
    assert tables.worker_items.select("worker_key", "value").rows() == [(1, "MAT")]
    assert (finding.rule, finding.source_file[-5:]) == ("return_replaced", "a.xml")
    assert [(each.read, each.kept, each.superseded) for each in tables.accounts] == [(4, 2, 2), (3, 2, 1), (3, 1, 2)]


def test_a_census_in_csv_and_one_in_xml_are_not_mixed(tmp_path):
    put(tmp_path, "a.csv", as_csv([worker(SWENo="SW1")]))
    put(tmp_path, "b.xml", as_xml([worker(SWENo="SW2")], []))
    tables = csc.read_workforce(tmp_path)

    assert tables.workers["worker_id"].to_list() == ["SW2"]
    assert tables.authority_totals.is_empty()
    assert all(each.balances for each in tables.accounts)


def test_unbroken_years_are_one_span_and_a_gap_begins_another(tmp_path):
    for year in (2021, 2022, 2024):
        put(tmp_path, "w.csv", as_csv([worker(year)]), f"302/{year}")
    spans = csc.read_workforce(tmp_path).coverage

    assert spans.rows() == [
        ("302", "workforce", dt.date(2020, 10, 1), dt.date(2022, 9, 30)),
        ("302", "workforce", dt.date(2023, 10, 1), dt.date(2024, 9, 30)),
    ]


def test_rows_of_all_censuses_have_keys_of_their_own_and_the_types_of_their_contract(tmp_path):
    for la_code in ("330", "302"):
        for year in (2025, 2024):
            put(
                tmp_path, "w.xml", as_xml([worker(year), worker(year)], year=year, la_code=la_code), f"{la_code}/{year}"
            )
    tables = csc.read_workforce(tmp_path)

    assert tables.workers["worker_key"].to_list() == list(range(8))
    assert tables.workers["la_code"].to_list() == ["302"] * 4 + ["330"] * 4
    for name, contract in CONTRACTS.items():
        assert tables.table(name).schema == contract.schema


def test_nothing_to_read_is_fatal():
    nothing = {name: table.schema.to_frame() for name, table in TABLES.items()}
    with pytest.raises(FatalFindings, match="no workforce census was found"):
        validate_workforce(RawWorkforce(RETURNS_SCHEMA.to_frame(), nothing))
