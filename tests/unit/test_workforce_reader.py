"""Reading the workforce census: XML of each year, CSV, workbooks, archives; what was passed over is said."""

from __future__ import annotations

import datetime as dt

import pytest

import csc_indicators as csc
from csc_indicators.errors import FatalFindings, UnreadableFile
from csc_indicators.extracts.raw_workforce import TABLES, WORKERS
from tests.lib.workforce_files import (
    PAID_BY_AUTHORITY,
    PAY,
    TOTALS,
    as_csv,
    as_xml,
    put,
    read,
    rules,
    totals,
    workbook,
    worker,
    zipped,
)

CANARY = "ZQ81CANARY"


def of_xml(root, text, name="census.xml"):
    return csc.read_workforce(put(root, name, text))


def found(tables):
    return {(finding.rule, finding.column) for finding in tables.findings}


def items(tables):
    return tables.worker_items.select("item", "value").rows()


# XML of each year


def test_the_census_of_2022_has_vacancies_and_gender(tmp_path):
    qualified = {"QualInst": ["University of A", "University of B"], "CFKSSstatus": ["1", "3"]}
    xml = as_xml([worker(2022, **qualified)], [totals(2022)], 2022)
    tables = of_xml(tmp_path, xml)

    assert "<LALevelVacancies>" in xml
    assert "<GenderCurrent>2</GenderCurrent>" in xml
    assert tables.workers.select("la_code", "reference_date", "sex").row(0) == ("302", dt.date(2022, 9, 30), "F")
    assert tables.authority_totals.select("vacancies", "agency_headcount", "car_allowance").row(0) == (1.5, 0, None)
    assert items(tables) == [
        ("qualifying_institution", "University of A"),
        ("qualifying_institution", "University of B"),
        ("early_career_status", "1"),
        ("early_career_status", "3"),
    ]
    assert found(tables) == set()


def test_the_census_of_2024_has_sex_and_still_institutions(tmp_path):
    tables = of_xml(tmp_path, as_xml([worker(2024, QualInst="A", CFKSSstatus="2")], [totals(2024)], 2024))

    assert tables.workers["sex"].to_list() == ["F"]
    assert items(tables) == [("qualifying_institution", "A"), ("early_career_status", "2")]
    assert tables.workers["base_salary"].to_list() == [None]
    assert found(tables) == set()


def test_the_census_of_2025_has_pay_of_workers_and_of_the_authority(tmp_path):
    tables = of_xml(tmp_path, as_xml([worker(OtherPayments="")], [totals(OtherAllowances="Parking")]))
    paid = tables.authority_totals.select("retention_bonus", "car_allowance", "registration_paid", "other_allowances")

    assert tables.workers.select("base_salary", "recruitment_and_retention_payments", "other_payments").row(0) == (
        41_000.0, 500.0, None
    )  # fmt: skip
    assert paid.row(0) == ("1", "2", "1", "Parking")
    assert found(tables) == set()


def test_every_item_of_a_worker_is_read_as_what_it_is(tmp_path):
    row = of_xml(tmp_path, as_xml([worker()])).workers.row(0, named=True)

    ours = [name.removeprefix("worker_") if name == "worker_sex" else name for name in TABLES[WORKERS].columns.values()]
    assert {name: row[name] for name in ours} == {
        "worker_id": "SW0000000001",
        "is_agency": False,
        "full_time_equivalent": 0.8,
        "birth_date": dt.date(1985, 6, 1),
        "sex": "F",
        "ethnicity": "WBRI",
        "qualification_level": "2",
        "is_step_up_graduate": False,
        "is_frontline_graduate": True,
        "role": "5",
        "start_date": dt.date(2019, 5, 10),
        "end_date": None,
        "worker_origin": "1",
        "worker_destination": None,
        "leaving_reason": None,
        "full_time_equivalent_on_census_day": 0.8,
        "cases": 16,
        "days_lost": 2.5,
        "base_salary": 41_000.0,
        "recruitment_and_retention_payments": 500.0,
        "other_payments": 0.0,
    }
    assert (row["observed_from"], row["observed_to"]) == (dt.date(2024, 10, 1), dt.date(2025, 9, 30))


@pytest.mark.parametrize(
    "opening",
    ['<Message xmlns="urn:census">', '<!-- note --><Message xmlns:x="urn:x">', '<?go on?><Message a="b">'],
)
def test_namespaces_comments_and_instructions_change_nothing(tmp_path, opening):
    xml = as_xml([worker(), worker(SWENo="SW2")]).replace("<Message>", opening)
    tables = of_xml(tmp_path, xml.replace("<FTE>0.8", "<FTE><!-- share -->0.8"))

    assert tables.workers["full_time_equivalent"].to_list() == [0.8, 0.8]
    assert found(tables) == set()


def test_a_prefix_of_every_element_changes_nothing(tmp_path):
    plain = as_xml([worker()])
    head, body = plain.split("\n", 1)
    prefixed = body.replace("</", "\0").replace("<", "<c:").replace("\0", "</c:")
    tables = of_xml(tmp_path, head + prefixed.replace("<c:Message>", '<c:Message xmlns:c="urn:c">'))

    assert tables.workers["worker_id"].to_list() == ["SW0000000001"]
    assert tables.authority_totals.height == 1
    assert found(tables) == set()


def test_what_is_not_of_the_census_is_said_and_of_a_repeated_item_the_first_stands(tmp_path):
    rows = [worker(), worker(SWENo="SW2", FTE=["0.5", "0.7"], ShoeSize="4")]
    xml = as_xml(rows).replace("</Message>", f"<Note>{CANARY}</Note></Message>")
    tables = of_xml(tmp_path, xml)
    said = {(each.rule, each.message.split()[0], each.row_numbers) for each in tables.findings}

    assert said == {
        ("repeated_element", "FTE", (2,)),
        ("unknown_element", "Message/CSWWWorker/ShoeSize", (2,)),
        ("unknown_element", "Message/Note", ()),
    }
    assert tables.workers["full_time_equivalent"].to_list() == [0.8, 0.5]


def test_what_stands_inside_an_item_and_a_second_authority_are_said(tmp_path):
    xml = as_xml([worker()]).replace("<FTE>0.8", "<FTE><Share>0.8</Share>")
    tables = of_xml(tmp_path, xml.replace("</LEA>", "</LEA><LEA>330</LEA>"))
    said = {(each.rule, each.message) for each in tables.findings if each.stage == "extracts"}

    assert tables.workers.select("la_code", "full_time_equivalent").row(0) == ("302", None)
    assert said == {
        ("repeated_source", "the header has more than one Source; the first was kept"),
        ("unknown_element", "Message/CSWWWorker/FTE/Share is not an element of the return and was not read"),
    }


def test_both_names_of_an_item_in_one_row_are_one_item_twice(tmp_path):
    tables = of_xml(tmp_path, as_xml([worker(GenderCurrent="1")]))

    assert tables.workers["sex"].to_list() == ["F"]
    assert "repeated_element" in rules(tables)


def test_repeated_items_keep_their_worker_and_their_order(tmp_path):
    absent = {"ContractWeeks": ["4.5", "12"], "Absat30Sept": ["1", "0"], "ReasonAbsence": ["SIC", "MAT", "SIC"]}
    tables = of_xml(tmp_path, as_xml([worker(), worker(SWENo="SW2", **absent), worker(SWENo="SW3", QualInst="A;B")]))
    by_worker = tables.worker_items.join(tables.workers, on="worker_key").sort("item_key")

    assert by_worker.select("worker_id", "item", "value").rows() == [
        ("SW2", "contract_weeks", "4.5"),
        ("SW2", "contract_weeks", "12"),
        ("SW2", "absent_on_census_day", "1"),
        ("SW2", "absent_on_census_day", "0"),
        ("SW2", "absence_reason", "SIC"),
        ("SW2", "absence_reason", "MAT"),
        ("SW2", "absence_reason", "SIC"),
        ("SW3", "qualifying_institution", "A;B"),
    ]


# XML that cannot be read


def refused(root, content, name="census.xml", **whose):
    with pytest.raises(UnreadableFile) as caught:
        csc.read_workforce(put(root, name, content), **whose)
    assert CANARY not in str(caught.value)
    assert "\n" not in str(caught.value)
    return str(caught.value).replace(f"{root}/302/2025/", "")


@pytest.mark.parametrize(
    "doctype",
    [f'<!DOCTYPE x [<!ENTITY a "{CANARY}">]>', '<!DOCTYPE x SYSTEM "http://localhost:9/x.dtd">', "<!DOCTYPE Message>"],
)
@pytest.mark.parametrize("packed", [False, True], ids=["alone", "in an archive"])
def test_a_document_type_is_refused_before_anything_is_expanded(tmp_path, doctype, packed):
    xml = as_xml([worker(SWENo="&a;")]).replace("&amp;a;", "&a;" if "ENTITY" in doctype else "x")
    sound = put(tmp_path, "sound.xml", as_xml([worker()]))
    bad = xml.replace("<Message>", f"{doctype}\n<Message>")
    whole = zipped({"a.xml": sound.read_bytes(), "b.xml": bad}) if packed else bad
    message = refused(tmp_path, whole, "census.zip" if packed else "census.xml")

    assert message.startswith(f"{'census.zip!b.xml' if packed else 'census.xml'}: line 2: ")
    assert "DOCTYPE" in message


def test_every_census_that_is_cut_short_is_refused(tmp_path):
    xml = as_xml([worker(SWENo=CANARY, Ethnicity=CANARY)])
    for length in range(xml.index("</Header>") + 9, len(xml.rstrip()), 11):
        assert refused(tmp_path, xml[:length]).startswith("census.xml: line ")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("</FTE>", "</FTE30>", "an end tag does not match"),
        (CANARY, f"&{CANARY};", "an entity other than the five"),
        ("</Message>", "</Message><Message/>", "something follows the end of the outermost element"),
        (CANARY, "<x>" * 300 + "</x>" * 300, "not well-formed XML"),
    ],
)
def test_malformed_xml_is_explained_without_quoting_it(tmp_path, old, new, said):
    assert said in refused(tmp_path, as_xml([worker(SWENo=CANARY)]).replace(old, new, 1))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (f"<Return><a>{CANARY}</a></Return>", "the outermost element is not"),
        ("", "the file is empty"),
        (CANARY, "not XML"),
    ],
)
def test_an_xml_file_of_another_kind_named_on_its_own_is_refused(tmp_path, content, said):
    assert said in refused(tmp_path, content)


def test_a_header_that_names_another_collection_is_refused(tmp_path):
    path = put(tmp_path, "census.xml", as_xml([worker()], Collection="SWDB"))

    with pytest.raises(FatalFindings, match="the header names another collection"):
        csc.read_workforce(path)


@pytest.mark.parametrize("collection", ["CIN", "SWDB", None])
def test_an_archive_with_xml_of_another_collection_is_refused(tmp_path, collection):
    members = {"a.xml": as_xml([worker()]), "b.xml": as_xml([worker()], Collection=collection)}
    message = refused(tmp_path, zipped(members), "census.zip")

    assert message.startswith("census.zip!b.xml: its header does not name the collection CSWW")


def test_a_census_without_any_worker_is_refused(tmp_path):
    """Its vacancies would be all of its posts."""
    wrapped = as_xml([worker()]).replace("<CSWWWorker>", "<Workers><CSWWWorker>", 1)

    assert "no worker" in refused(tmp_path, as_xml([]))
    assert "no worker" in refused(tmp_path, wrapped.replace("</CSWWWorker>", "</CSWWWorker></Workers>"))


# CSV, workbooks, archives


def test_repeated_items_stand_in_one_cell_with_semicolons_between(tmp_path):
    row = worker(2024, QualInst="A; B ;", ReasonAbsence="SIC", ContractWeeks="", CFKSSstatus="1;;2")
    tables = read(tmp_path, [worker(2024, SWENo="SW2", QualInst="", ReasonAbsence="", ContractWeeks="",
                                    CFKSSstatus=""), row], year=2024)  # fmt: skip

    assert items(tables) == [
        ("qualifying_institution", "A"),
        ("qualifying_institution", "B"),
        ("absence_reason", "SIC"),
        ("early_career_status", "1"),
        ("early_career_status", "2"),
    ]
    assert tables.worker_items["worker_key"].unique().to_list() == [1]
    account = next(each for each in tables.accounts if each.table == "workforce.worker_items")
    assert (account.read, account.rejected) == (7, {"missing_value": 2})


def test_names_of_columns_in_any_letter_case_and_the_older_name_of_sex(tmp_path):
    old = {f" {name.lower()} ": cell for name, cell in worker(2023).items()}
    tables = read(tmp_path, [old], year=2023)

    assert tables.workers.select("sex", "cases").row(0) == ("F", 16)
    assert found(tables) == set()


def test_columns_too_many_and_too_few_are_said_by_name(tmp_path):
    row = {name: cell for name, cell in worker(Shoe_Size="4").items() if name not in ("Cases30", "BaseSalary")}
    tables = read(tmp_path, [row], [{name: cell for name, cell in TOTALS.items() if name != "CostDBS"}])

    assert found(tables) == {
        ("missing_column", "cases"),
        ("missing_column", "base_salary"),
        ("missing_column", "disclosure_check_paid"),
        ("unknown_column", "SHOE_SIZE"),
    }
    assert tables.workers["cases"].to_list() == [None]


def test_what_a_year_did_not_ask_for_is_not_missed(tmp_path):
    assert PAY.keys() & worker(2024).keys() == PAID_BY_AUTHORITY.keys() & totals(2024).keys() == set()
    assert found(read(tmp_path, [worker(2024)], year=2024)) == set()


@pytest.mark.parametrize(
    ("written", "read_as"),
    [("10/05/2019", 10), ("2019-05-10", 10), ("10/05/19", 10), ("2019-05-10T00:00:00", 10), ("10.05.2019", None)],
)
def test_ways_of_writing_a_day(tmp_path, written, read_as):
    tables = read(tmp_path, [worker(RoleStartDate=written)])
    expected = dt.date(2019, 5, read_as) if read_as else None

    assert tables.workers["start_date"].to_list() == [expected]


def test_in_a_file_that_writes_months_first_a_day_that_could_be_either_is_not_believed(tmp_path):
    days = ("05/25/2019", "05/10/2019", "2019-05-10")
    tables = read(tmp_path, [worker(SWENo=f"SW{n}", RoleStartDate=day) for n, day in enumerate(days)])

    assert tables.workers["start_date"].to_list() == [None, None, dt.date(2019, 5, 10)]
    assert {("ambiguous_date", "start_date"), ("unreadable_date", "start_date")} <= found(tables)


def test_a_workbook_with_real_dates_and_numbers(tmp_path):
    row = worker(RoleStartDate=dt.date(2019, 5, 10), FTE=0.8, Cases30=16, Sex="M")
    sheets = {"Workers": [row], "Authority": [totals(NumberOfVacancies=1.5)], "Notes": [{"Read": "me"}]}
    tables = csc.read_workforce(put(tmp_path, "census.xlsx", workbook(sheets)))

    assert tables.workers.select("start_date", "full_time_equivalent", "cases", "sex").row(0) == (
        dt.date(2019, 5, 10), 0.8, 16, "M"
    )  # fmt: skip
    assert tables.authority_totals["vacancies"].to_list() == [1.5]
    assert rules(tables) == {"file_passed_over"}


@pytest.mark.parametrize(
    "members",
    [
        {"deep/w.csv": as_csv([worker()]), "a.csv": as_csv([TOTALS])},
        {"census.xml": as_xml([worker()])},
        {"census.xlsx": workbook({"W": [worker()], "A": [TOTALS]})},
    ],
    ids=["csv", "xml", "workbook"],
)
def test_an_archive_of_any_of_them(tmp_path, members):
    tables = csc.read_workforce(put(tmp_path, "census.zip", zipped(members)))

    assert tables.workers["cases"].to_list() == [16]
    assert tables.authority_totals["vacancies"].to_list() == [1.5]
    assert all("census.zip!" in file for file in tables.workers["source_file"])


def test_members_of_an_archive_whose_names_look_alike_are_censuses_of_their_own(tmp_path):
    """What a message shows of a name leaves out what could harm it; two names may look the same then."""
    members = {"a(1).xml": as_xml([worker()]), "a1.xml": as_xml([worker()], year=2024), "a[1].xml": as_xml([worker()])}
    tables = csc.read_workforce(put(tmp_path, "census.zip", zipped(members)))
    account = next(each for each in tables.accounts if each.table == "workforce.workers")

    assert tables.workers["reference_date"].dt.year().to_list() == [2024, 2025]
    assert (account.read, account.kept, account.superseded) == (3, 2, 1)
