"""Which files are tables of a return, whose they are, and what becomes of those that are none."""

from __future__ import annotations

from pathlib import Path

import pytest

import csc_indicators as csc
from csc_indicators.errors import UnreadableFile
from csc_indicators.extracts.raw_ssda903 import TABLES, table_of
from csc_indicators.extracts.ssda903 import read_ssda903_files
from tests.lib.care_files import as_csv, episode, header, workbook, write_return, zipped

EPISODES = as_csv([episode()])
NOTES = workbook({"Notes": [{"Read": "me"}]})


def put(root, name, content, folder="302/2025"):
    file = root / folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    return file


def raw(*files, **whose):
    return read_ssda903_files(files, **whose)


def passed_over(findings):
    return [Path(each.source_file).name for each in findings if each.rule == "file_passed_over"]


# A table by its columns


@pytest.mark.parametrize("table", TABLES)
def test_every_table_is_known_by_the_columns_that_only_it_has(tmp_path, table):
    columns = ("CHILD", *TABLES[table].recognised_by)
    read = raw(
        put(tmp_path, "Export 1.csv", as_csv([dict.fromkeys(columns, "1")])),
        *([] if table == "episodes" else [put(tmp_path, "Export 2.csv", EPISODES)]),
    )
    others = {ours for theirs, ours in TABLES[table].columns.items() if theirs not in columns}
    missing = {each.column for each in read.findings if each.rule == "missing_column"}

    assert read.tables[table].height == 1
    assert missing == others
    assert {each.table for each in read.findings} <= {f"ssda903.{table}"}


@pytest.mark.parametrize("table", TABLES)
def test_all_columns_of_a_table_in_any_order_and_case_are_its_and_no_other_tables(table):
    columns = list(TABLES[table].names)

    assert table_of(columns) == table_of([f" {column.lower()} " for column in reversed(columns)]) == table


@pytest.mark.parametrize("missing", ["CHILD", "DECOM", "PLACE"])
def test_a_file_without_a_column_that_its_table_is_known_by_is_passed_over_by_name(tmp_path, missing):
    row = {name: cell for name, cell in episode().items() if name != missing}
    put(tmp_path, "a.csv", EPISODES)
    put(tmp_path, "b.csv", as_csv([row]))

    assert passed_over(csc.read_ssda903(tmp_path).findings) == ["b.csv"]


def test_a_heading_is_shown_without_what_no_heading_holds(tmp_path):
    read = raw(put(tmp_path, "e.csv", as_csv([episode(**{"Zo\u00eb's <note>": "x", "y" * 100: "x"})])))

    assert [each.column for each in read.findings] == ["ZOSNOTE", "Y" * 60]


def test_rows_are_numbered_from_the_first_below_the_heading_and_empty_cells_are_missing(tmp_path):
    file = put(tmp_path, "e.csv", as_csv([episode(LS=" "), episode(CHILD=" B2 ", URN='a, "b"')]))
    read = raw(file).tables["episodes"]
    columns = ("source_file", "source_row", "child_id", "legal_status", "end_date", "provider_number")

    assert read.select(columns).rows() == [
        (str(file), 1, "A1", None, None, None),
        (str(file), 2, "B2", "C2", None, 'a, "b"'),
    ]


@pytest.mark.parametrize("ends", ["\r\n", "\n\n\n", "\r\n\r\n"])
def test_lines_may_end_as_on_any_present_system_and_empty_ones_may_follow(tmp_path, ends):
    line = "\r\n" if "\r" in ends else "\n"
    file = put(tmp_path, "e.csv", EPISODES.strip().replace("\n", line) + ends)

    assert raw(file).tables["episodes"]["child_id"].to_list() == ["A1"]


# Files that are none


@pytest.mark.parametrize(
    ("name", "content"),
    [("notes.xlsx", NOTES), ("notes.zip", zipped({"notes.txt": "x"})), ("notes.zip", zipped({"n.csv": "a,b\n1,2\n"}))],
    ids=["workbook", "archive", "archive of another table"],
)
@pytest.mark.parametrize("folder", ["", "302/2024", "302"], ids=["root", "a year", "an authority"])
def test_a_file_that_is_no_table_is_passed_over_wherever_it_lies_and_makes_no_return(tmp_path, name, content, folder):
    """A return without a table would have figures of nought, and for what is none nobody can say whose it is."""
    put(tmp_path, "e.csv", EPISODES)
    put(tmp_path, name, content, folder)
    tables = csc.read_ssda903(tmp_path)

    assert [found.partition("!")[0] for found in passed_over(tables.findings)] == [name]
    assert tables.coverage["observed_from"].dt.year().to_list() == [2024]


def test_a_census_beside_a_workbook_that_is_no_return_is_read(tmp_path):
    put(tmp_path, "notes.xlsx", NOTES, "")
    census = (
        "<Message><Header><CollectionDetails><Collection>CIN</Collection><Year>2025</Year>"
        "<ReferenceDate>2025-03-31</ReferenceDate></CollectionDetails><Source><LEA>302</LEA></Source></Header>"
        "<Children/></Message>"
    )
    put(tmp_path, "census.xml", census, "")

    assert csc.load(tmp_path).cin is not None


def test_a_table_of_which_nothing_says_whose_it_is_is_asked_about_in_every_form(tmp_path):
    forms = {"e.csv": EPISODES, "e.zip": zipped({"e.csv": EPISODES}), "e.xlsx": workbook({"E": [episode()]})}
    for name, content in forms.items():
        file = put(tmp_path, name, content, name[2:])
        with pytest.raises(UnreadableFile, match="nothing says which authority's return this is"):
            csc.read_ssda903(file.parent)


def test_a_file_that_somebody_named_must_be_a_table(tmp_path):
    good = put(tmp_path, "e.csv", EPISODES)

    with pytest.raises(UnreadableFile, match=r"notes\.xlsx: no table of the return has these columns"):
        csc.read_ssda903([good, put(tmp_path, "notes.xlsx", NOTES)])


def test_hidden_files_and_those_that_systems_add_to_archives_are_not_read(tmp_path):
    members = {"e.CSV": EPISODES, "__MACOSX/._e.csv": b"\x00\x05", ".header.csv": as_csv([header()]), "read.me": "x"}
    put(tmp_path, ".header.csv", as_csv([header()]))
    read = csc.read_ssda903(put(tmp_path, "r.ZIP", zipped(members)).parent)

    assert read.episodes["child_id"].to_list() == ["A1"]
    assert not read.children["described"].any()
    assert passed_over(read.findings) == []


def test_what_the_xml_form_has_no_place_for_may_stand_beside_it(tmp_path):
    put(
        tmp_path,
        "r.zip",
        zipped({"r.xml": "<EXPSSDA903><CHILD><HEADER><CHILDID>A1</CHILDID></HEADER></CHILD></EXPSSDA903>"}),
    )
    worker = {"CHILD": "A1", "DOB": "", "SW_ID": "SW1", "SW_DECOM": "05/06/2024", "SW_DEC": "", "SW_REASON": ""}
    put(tmp_path, "sw.csv", as_csv([worker]))
    read = raw(*sorted((tmp_path / "302" / "2025").iterdir()))

    assert (read.tables["children"].height, read.tables["social_workers"].height) == (1, 1)


def test_progress_adds_up_to_the_size_of_the_files(tmp_path):
    files = [put(tmp_path, "e.csv", EPISODES), put(tmp_path, "h.zip", zipped({"h.csv": as_csv([header()])}))]
    steps: list[int] = []
    raw(*files, on_progress=steps.append)

    assert steps == [file.stat().st_size for file in files]


# Whose, and for which year


def whose(read):
    return read.returns.select("la_code", "year").rows()


@pytest.mark.parametrize(
    ("folder", "manifest", "arguments", "expected"),
    [
        ("302/2025", "", {}, ("302", 2025)),
        ("302/2025/from the archive/new", "", {}, ("302", 2025)),
        ("302/2025", "", {"la_code": "330"}, ("330", 2025)),
        ("302/2025", "", {"year": 2024}, ("302", 2024)),
        ("302/2025", 'la_code = "330"', {}, ("330", 2025)),
        ("302/2025", "year = 2024", {}, ("302", 2024)),
        ("302/2025", 'la_code = "330"\nyear = 2024', {"year": 2023}, ("330", 2023)),
        ("loose", 'la_code = "330"\nyear = 2024\nmade_by = "team"', {}, ("330", 2024)),
        ("loose", "la_code = 330\nyear = '2024'", {}, ("330", 2024)),
        ("100/2019/302/2025", "", {}, ("302", 2025)),
    ],
)
def test_each_of_authority_and_year_comes_from_the_first_that_says_it(tmp_path, folder, manifest, arguments, expected):
    file = put(tmp_path, "e.csv", EPISODES, folder)
    if manifest:
        put(tmp_path, "return.toml", manifest, folder)

    assert whose(raw(file, **arguments)) == [expected]


@pytest.mark.parametrize("folder", ["302", "2025", "2025/302", "302/25", "302/1999", "3022/2025", "x302/2025"])
def test_folders_that_do_not_say_both_say_neither(tmp_path, folder):
    with pytest.raises(UnreadableFile, match="nothing says which authority's return this is"):
        raw(put(tmp_path, "e.csv", EPISODES, folder))


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({"la_code": "E09000007", "year": 2025}, "la_code must be the three digits of an authority"),
        ({"la_code": "Camden", "year": 2025}, "la_code must be the three digits of an authority"),
        ({"la_code": "\u0663\u0660\u0662", "year": 2025}, "la_code must be the three digits of an authority"),
        ({"la_code": "302", "year": 25}, "year must be the year in which the reporting year ends"),
        ({"la_code": "302", "year": "2024/25"}, "year must be the year in which the reporting year ends"),
    ],
)
def test_an_authority_or_year_that_cannot_be_is_refused_with_how_to_write_it(tmp_path, arguments, expected):
    with pytest.raises(UnreadableFile, match=expected):
        raw(put(tmp_path, "e.csv", EPISODES, ""), **arguments)


def test_several_authorities_and_years_are_numbered_in_order_and_their_rows_with_them(tmp_path):
    for la_code, year in (("330", 2024), ("302", 2025), ("302", 2024)):
        write_return(tmp_path / la_code / str(year), [episode(CHILD=f"{la_code}-{year}")])
    read = raw(*sorted(tmp_path.rglob("*.csv")))

    assert whose(read) == [("302", 2024), ("302", 2025), ("330", 2024)]
    assert read.tables["episodes"].select("return", "child_id").rows() == [
        (0, "302-2024"),
        (1, "302-2025"),
        (2, "330-2024"),
    ]


# Postcodes


def postcodes(root, text):
    put(root, "e.csv", EPISODES)
    root.joinpath("places.csv").write_text(text, encoding="utf-8")
    return csc.load(root)


def test_a_table_of_postcodes_is_known_by_its_columns_in_any_case_and_among_others(tmp_path):
    text = "Name, Postcode ,NORTHING,Easting\nx,aa1 1aa,500000,400000\ny,\tAA1  1AB ,500001.0, 400001\n"

    assert postcodes(tmp_path, text).postcodes.rows() == [("AA11AA", 400000, 500000), ("AA11AB", 400001, 500001)]


def test_rows_of_postcodes_that_say_no_place_are_counted_and_of_two_the_first_stands(tmp_path):
    rows = ("AA1 1AA,1,2", "aa11aa,3,4", ",5,6", " ,5,6", "BB1 1BB,,6", "CC1 1CC,ZQ81CANARY,6", "DD1 1DD,5.5,6")
    extracts = postcodes(tmp_path, "postcode,easting,northing\n" + "\n".join(rows) + "\n")
    (finding,) = [each for each in extracts.findings if each.rule == "unusable_postcode"]

    assert extracts.postcodes.rows() == [("AA11AA", 1, 2)]
    assert (finding.severity, finding.rows) == ("rejected", 5)
    assert "ZQ81CANARY" not in repr(finding)


def test_postcodes_with_a_name_twice_are_refused_unless_nothing_is_read_from_it(tmp_path):
    with pytest.raises(UnreadableFile, match=r"places\.csv: a column name is given twice"):
        postcodes(tmp_path / "one", "postcode,Postcode,easting,northing\nAA1 1AA,BB1 1BB,1,2\n")

    spare = postcodes(tmp_path / "two", "postcode,note,Note,easting,northing\nAA1 1AA,x,y,1,2\n")
    assert spare.postcodes.rows() == [("AA11AA", 1, 2)]
