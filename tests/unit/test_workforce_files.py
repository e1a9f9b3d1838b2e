"""Which files are a workforce census, whose and of which year, and how the other returns are told apart from it."""

from __future__ import annotations

from pathlib import Path

import pytest

import csc_indicators as csc
from csc_indicators.errors import FatalFindings, UnreadableFile
from csc_indicators.extracts.discovery import discover
from csc_indicators.extracts.raw_workforce import TABLES, census_table_of
from csc_indicators.extracts.workforce import read_workforce_files
from tests.lib.care_files import EPISODE, HEADER
from tests.lib.workforce_files import TOTALS, WORKER, as_csv, as_xml, put, workbook, worker, zipped

WORKERS = as_csv([WORKER])
AUTHORITY = as_csv([TOTALS])
XML = as_xml([WORKER])
CIN = (
    "<Message><Header><CollectionDetails><Collection>CIN</Collection><Year>2025</Year>"
    "<ReferenceDate>2025-03-31</ReferenceDate></CollectionDetails><Source><LEA>302</LEA></Source></Header>"
    "<Children/></Message>"
)
CARE = "<EXPSSDA903><CHILD><HEADER><CHILDID>A1</CHILDID></HEADER></CHILD></EXPSSDA903>"
EPISODES = as_csv([EPISODE])
NOTES = workbook({"Notes": [{"Read": "me"}]})


def raw(*files, **whose):
    return read_workforce_files(files, **whose)


def passed_over(findings):
    return [Path(each.source_file).name for each in findings if each.rule == "file_passed_over"]


# What a file is


def kinds(root):
    found = discover([root])
    names = ("cin_xml", "cin_tables", "ssda903", "workforce", "postcodes")
    return {file.name: kind for kind in names for file in getattr(found, kind)}


def test_the_three_returns_are_told_apart_in_every_form(tmp_path):
    files = {
        "cin.xml": (CIN, "cin_xml"),
        "care.xml": (CARE, "ssda903"),
        "work.xml": (XML, "workforce"),
        "work utf-16.xml": (XML.replace("UTF-8", "UTF-16").encode("utf-16"), "workforce"),
        "care.csv": (EPISODES, "ssda903"),
        "work.csv": (WORKERS, "workforce"),
        "authority.csv": (AUTHORITY, "workforce"),
        "care.xlsx": (workbook({"Notes": [{"Read": "me"}], "E": [EPISODE]}), "ssda903"),
        "work.xlsx": (workbook({"Notes": [{"Read": "me"}], "W": [WORKER]}), "workforce"),
        "care.zip": (zipped({"a.csv": EPISODES, "b.xml": CARE}), "ssda903"),
        "work csv.zip": (zipped({"notes.csv": "a,b\n1,2\n", "w.csv": WORKERS}), "workforce"),
        "work xml.zip": (zipped({"deep/w.XML": XML}), "workforce"),
        "work utf-16.zip": (zipped({"w.xml": XML.replace("UTF-8", "UTF-16").encode("utf-16")}), "workforce"),
        "work name.zip": (zipped({"w.xml": XML.replace("<Collection>", '<Collection of="x">')}), "workforce"),
        "work xlsx.zip": (zipped({"w.xlsx": workbook({"W": [WORKER]})}), "workforce"),
    }
    for name, (content, _) in files.items():
        put(tmp_path, name, content)

    assert kinds(tmp_path) == {name: kind for name, (_, kind) in files.items()}


def test_all_three_returns_of_one_folder_are_read_together(tmp_path):
    put(tmp_path, "cin.xml", CIN)
    put(tmp_path, "e.csv", EPISODES)
    put(tmp_path, "h.csv", as_csv([HEADER]))
    put(tmp_path, "work.zip", zipped({"w.xml": XML}))
    extracts = csc.load(tmp_path)

    assert list(extracts.collections) == ["cin", "ssda903", "workforce"]
    assert extracts.coverage["collection"].to_list() == ["cin", "ssda903", "workforce"]
    assert all(account.balances for account in extracts.accounts)


@pytest.mark.parametrize("table", TABLES)
def test_all_columns_of_a_table_in_any_order_and_case_are_its_and_no_other_tables(table):
    columns = list(TABLES[table].columns)

    assert census_table_of([f" {column.lower()} " for column in reversed(columns)]) == table


@pytest.mark.parametrize("missing", ["SWENo", "AgencyWorker"])
def test_a_file_without_a_column_that_its_table_is_known_by_is_passed_over_by_name(tmp_path, missing):
    put(tmp_path, "a.csv", WORKERS)
    put(tmp_path, "b.csv", as_csv([{name: cell for name, cell in WORKER.items() if name != missing}]))

    assert passed_over(csc.read_workforce(tmp_path).findings) == ["b.csv"]


@pytest.mark.parametrize(
    ("name", "content"),
    [("notes.txt", "x"), ("other.csv", "a,b\n1,2\n"), (".workers.csv", WORKERS)],
)
def test_a_file_that_is_no_table_is_passed_over(tmp_path, name, content):
    put(tmp_path, "a.csv", WORKERS)
    put(tmp_path, name, content)

    assert passed_over(csc.read_workforce(tmp_path).findings) == ([] if name.startswith(".") else [name])


def test_a_sheet_and_a_member_that_are_no_table_are_said(tmp_path):
    members = {"w.csv": WORKERS, "other.csv": "a,b\n1,2\n", "x.xlsx": NOTES, "read.me": "x", "__MACOSX/._w.csv": b"\0"}
    tables = csc.read_workforce(put(tmp_path, "w.zip", zipped(members)).parent)

    assert passed_over(tables.findings) == ["w.zip!other.csv", "w.zip!x.xlsx!Notes"]
    assert tables.workers.height == 1


def test_a_file_that_somebody_named_must_be_part_of_a_census(tmp_path):
    good, other = put(tmp_path, "a.csv", WORKERS), put(tmp_path, "b.csv", "a,b\n1,2\n")

    with pytest.raises(UnreadableFile, match=r"b\.csv: no table of the workforce census has these columns"):
        raw(good, other, named=[good, other])


@pytest.mark.parametrize("content", [EPISODES, CIN])
def test_a_folder_without_a_census_is_said(tmp_path, content):
    put(tmp_path, "e.csv" if content == EPISODES else "c.xml", content)

    with pytest.raises(UnreadableFile, match="no workforce census was found"):
        csc.read_workforce(tmp_path)


def test_progress_adds_up_to_the_size_of_the_files(tmp_path):
    files = [put(tmp_path, "a.zip", zipped({"w.csv": WORKERS})), put(tmp_path, "b.csv", AUTHORITY)]
    steps = []
    raw(*files, on_progress=steps.append)

    assert steps == [file.stat().st_size for file in files]


def test_the_printed_form_of_what_was_read_is_without_its_rows(tmp_path):
    read = raw(put(tmp_path, "w.csv", as_csv([worker(SWENo="ZQ81CANARY")])))

    assert "ZQ81CANARY" in str(read.tables["workers"]["worker_id"])
    assert "ZQ81CANARY" not in repr(read) + str(read)


# Whose, and of which year


def whose(read):
    return [(lea, day[:4]) for lea, day in read.returns.select("la_code", "reference_date").rows()]


@pytest.mark.parametrize(
    ("folder", "manifest", "arguments", "expected"),
    [
        ("302/2025", "", {}, ("302", "2025")),
        ("302/2025/new", "", {}, ("302", "2025")),
        ("302/2025", "", {"la_code": "330"}, ("330", "2025")),
        ("302/2025", "", {"year": 2024}, ("302", "2024")),
        ("302/2025", 'la_code = "330"', {}, ("330", "2025")),
        ("302/2025", 'la_code = "330"\nyear = 2024', {"year": 2023}, ("330", "2023")),
        ("loose", 'la_code = "330"\nyear = 2024', {}, ("330", "2024")),
    ],
)
@pytest.mark.parametrize("form", ["csv", "xlsx", "zip"])
def test_authority_and_year_come_from_the_first_that_says_it(tmp_path, form, folder, manifest, arguments, expected):
    content = {"csv": WORKERS, "xlsx": workbook({"W": [WORKER]}), "zip": zipped({"w.csv": WORKERS})}[form]
    file = put(tmp_path, f"w.{form}", content, folder)
    if manifest:
        put(tmp_path, "return.toml", manifest, folder)

    assert whose(raw(file, **arguments)) == [expected]


@pytest.mark.parametrize("packed", [False, True])
def test_an_xml_census_says_it_itself_whatever_stands_around_it(tmp_path, packed):
    content = zipped({"w.xml": XML}) if packed else XML
    file = put(tmp_path, "w.zip" if packed else "w.xml", content, "330/2021")
    put(tmp_path, "return.toml", 'la_code = "331"', "330/2021")

    assert whose(raw(file, la_code="332", year=2020)) == [("302", "2025")]


@pytest.mark.parametrize(
    ("arguments", "asked"),
    [
        ({}, "which authority's return"),
        ({"la_code": "302"}, "which year's return"),
        ({"la_code": "Camden", "year": 2025}, "la_code must be the three digits"),
        ({"la_code": "302", "year": 25}, "year must be"),
    ],
)
def test_what_nothing_says_or_what_cannot_be_is_asked_for(tmp_path, arguments, asked):
    with pytest.raises(UnreadableFile, match=asked):
        csc.read_workforce(put(tmp_path, "w.csv", WORKERS, "loose"), **arguments)


# The parts of one census


@pytest.mark.parametrize(
    ("files", "first", "second"),
    [
        ({"a.csv": WORKERS, "b.csv": WORKERS}, "a.csv", "b.csv"),
        ({"a.csv": WORKERS, "b.zip": zipped({"w.csv": WORKERS})}, "a.csv", "b.zip!w.csv"),
        ({"a.xlsx": workbook({"W": [WORKER], "V": [WORKER]})}, "a.xlsx!W", "a.xlsx!V"),
        ({"0.csv": WORKERS, "a.csv": AUTHORITY, "b.csv": AUTHORITY}, "a.csv", "b.csv"),
    ],
    ids=["csv", "archive", "sheets", "authority"],
)
def test_a_table_given_twice_for_one_census_is_refused_with_both_places(tmp_path, files, first, second):
    for name, content in files.items():
        put(tmp_path, name, content)
    with pytest.raises(UnreadableFile) as caught:
        csc.read_workforce(tmp_path)

    assert str(caught.value).replace(f"{tmp_path}/302/2025/", "") == (
        f"{second}: {first} holds the same table of the same census (302, 2025). Give one of them."
    )


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.csv", AUTHORITY), ("a.xlsx", workbook({"A": [TOTALS]})), ("a.zip", zipped({"a.csv": AUTHORITY}))],
)
def test_a_census_without_its_workers_is_refused(tmp_path, name, content):
    put(tmp_path, "w.csv", as_csv([worker(2024)]), "302/2024")
    put(tmp_path, name, content)

    with pytest.raises(UnreadableFile, match="of 302 for 2025 has no table of workers"):
        csc.read_workforce(tmp_path)


def test_a_census_with_only_the_heading_of_its_workers_is_refused(tmp_path):
    with pytest.raises(UnreadableFile, match=r"w\.csv: it holds no worker"):
        raw(put(tmp_path, "w.csv", WORKERS.partition("\n")[0] + "\n"))


def test_workers_and_totals_of_one_census_may_come_in_different_forms(tmp_path):
    put(tmp_path, "w.zip", zipped({"w.csv": WORKERS}))
    put(tmp_path, "a.xlsx", workbook({"A": [TOTALS]}))
    tables = csc.read_workforce(tmp_path)

    assert (tables.workers.height, tables.authority_totals.height, tables.coverage.height) == (1, 1, 1)


def test_several_authorities_and_years_are_numbered_in_order_and_their_rows_with_them(tmp_path):
    for la_code, year in (("330", 2024), ("302", 2025), ("302", 2024)):
        put(tmp_path, "w.csv", as_csv([worker(year, SWENo=f"{la_code}-{year}")]), f"{la_code}/{year}")
    put(tmp_path, "w.xml", as_xml([worker(SWENo="331-2025")], la_code="331"), "331/2025")
    read = raw(*sorted([*tmp_path.rglob("*.csv"), *tmp_path.rglob("*.xml")]))

    assert whose(read) == [("302", "2024"), ("302", "2025"), ("330", "2024"), ("331", "2025")]
    assert read.tables["workers"].select("return", "worker_id").rows() == [
        (0, "302-2024"),
        (1, "302-2025"),
        (2, "330-2024"),
        (3, "331-2025"),
    ]


# Files that cannot be read


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("w.csv", WORKERS.encode("utf-16"), "the file is UTF-16 text"),
        ("w.csv", WORKERS.replace("WBRI", "\u00e9").encode("cp1252"), "line 2: the text is not UTF-8"),
        ("w.csv", WORKERS + "ZQ81CANARY,x\n", "line 3: it has 2 fields"),
        ("w.csv", WORKERS.replace("Ethnicity", "fte", 1), "a column name is given twice"),
        ("w.xlsx", workbook({"W": [WORKER | {"fte": ""}]}), "w.xlsx!W: a column name is given twice"),
        ("w.zip", zipped({"w.csv": WORKERS})[:200], "the archive is damaged"),
        ("w.xlsx", b"ZQ81CANARY", "not an Excel workbook"),
    ],
)
def test_a_file_that_cannot_be_believed_is_refused_in_one_line(tmp_path, name, content, said):
    file = put(tmp_path, name, content)
    with pytest.raises(UnreadableFile) as caught:
        csc.read_workforce(file)

    assert said in str(caught.value)
    assert "ZQ81CANARY" not in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("header", "rule"),
    [
        ({"LEA": None}, "missing_la_code"),
        ({"LEA": "ZQ81CANARY"}, "missing_la_code"),
        ({"LEA": "3022"}, "missing_la_code"),
        ({"ReferenceDate": None}, "missing_reference_date"),
        ({"ReferenceDate": "ZQ81CANARY"}, "missing_reference_date"),
        ({"ReferenceDate": "2025-03-31"}, "missing_reference_date"),
        ({"ReferenceDate": "30/09/2025"}, "missing_reference_date"),
        ({"ReferenceDate": "2025-09-31"}, "missing_reference_date"),
        ({"ReferenceDate": "1850-09-30"}, "missing_reference_date"),
    ],
)
def test_a_header_that_does_not_say_whose_or_when_is_fatal(tmp_path, header, rule):
    file = put(tmp_path, "w.xml", as_xml([worker(SWENo="ZQ81CANARY")], **header))
    with pytest.raises(FatalFindings) as caught:
        csc.read_workforce(file)
    (finding,) = [each for each in caught.value.findings if each.severity == "fatal"]

    assert (finding.rule, finding.table, finding.source_file) == (rule, "workforce.header", str(file))
    assert "ZQ81CANARY" not in str(caught.value) + repr(caught.value) + str(finding.as_dict())
