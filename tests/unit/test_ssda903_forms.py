"""The XML form, workbooks, and days in every form: each item to its column, and nothing taken from beside it."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest

import csc_indicators as csc
from csc_indicators.errors import UnreadableFile
from csc_indicators.extracts import ssda903_xml
from csc_indicators.extracts.raw_ssda903 import TABLES
from csc_indicators.extracts.ssda903_xml import read_return_xml
from tests.lib.care_files import episode, header, read, read_years, rules, workbook

DAY = dt.date(2024, 5, 10)
FULL = """<?xml version="1.0"?><EXPSSDA903><CHILD><HEADER>
<CHILDID>A1</CHILDID><UPN>UN5</UPN><SEX>F</SEX><DOB>01/06/2008</DOB><ETHNIC>WBRI</ETHNIC><UASC>1</UASC>
<DUC>01/06/2026</DUC><DATE_INT>01/05/2024</DATE_INT><DATE_MATCH>02/05/2024</DATE_MATCH><FOSTER_CARE>0</FOSTER_CARE>
<NB_ADOPTR>2</NB_ADOPTR><SEX_ADOPTR>MF</SEX_ADOPTR><LS_ADOPTR>L11</LS_ADOPTR><IN_TOUCH>YES</IN_TOUCH><ACTIV>F2</ACTIV>
<ACCOM>U1</ACCOM>
<AMISSING><MISSING>M</MISSING><MIS_START>01/06/2024</MIS_START><MIS_END>02/06/2024</MIS_END></AMISSING>
<AMISSING><MISSING>A</MISSING><MIS_START>03/06/2024</MIS_START></AMISSING>
<AREVIEW><REVIEW>04/06/2024</REVIEW><REVIEW_CODE>PN1</REVIEW_CODE></AREVIEW><MOTHER>1</MOTHER>
<MC_DOB>05/06/2024</MC_DOB>
<PERMANENCE><PREV_PERM>P2</PREV_PERM><LA_PERM>330</LA_PERM><DATE_PERM>zz/05/2020</DATE_PERM></PERMANENCE>
<OC2><SDQ_SCORE>14</SDQ_SCORE><SDQ_REASON>SDQ1</SDQ_REASON><CONVICTED>0</CONVICTED><HEALTH_CHECK>1</HEALTH_CHECK>
<IMMUNISATIONS>1</IMMUNISATIONS><TEETH_CHECK>1</TEETH_CHECK><HEALTH_ASSESSMENT>1</HEALTH_ASSESSMENT>
<SUBSTANCE_MISUSE>1</SUBSTANCE_MISUSE><INTERVENTION_RECEIVED>0</INTERVENTION_RECEIVED>
<INTERVENTION_OFFERED>1</INTERVENTION_OFFERED></OC2>
<AD_PLACED><DATE_PLACED>06/06/2024</DATE_PLACED><DATE_PLACED_CEASED>07/06/2024</DATE_PLACED_CEASED>
<REASON_PLACED_CEASED>RD4</REASON_PLACED_CEASED></AD_PLACED></HEADER>
<EPISODE><DECOM>10/05/2024</DECOM><RNE>S</RNE><LS>C2</LS><CIN>N1</CIN><PL>U4</PL><PL_POST>BB1 1BB</PL_POST>
<HOME_POST>AA1 1AA</HOME_POST><URN>1234567</URN><PLACE_PROVIDER>PR1</PLACE_PROVIDER><DEC>01/08/2024</DEC><REC>X1</REC>
<REASON_PLACE_CHANGE>CARPL</REASON_PLACE_CHANGE></EPISODE></CHILD></EXPSSDA903>"""
BORN, NONE = "01/06/2008", None
FULL_ROWS = {
    "children": [("A1", "F", BORN, "WBRI", "UN5", "1", "05/06/2024")],
    "episodes": [
        ("A1", "10/05/2024", "S", "C2", "N1", "U4", "PR1", "01/08/2024", "X1", "CARPL", "AA1 1AA", "BB1 1BB", "1234567")
        + (NONE,) * 3
    ],
    "uasc": [("A1", "F", BORN, "01/06/2026")],
    "outcomes": [("A1", BORN, "14", "SDQ1", "0", "1", "1", "1", "1", "1", "0", "1")],
    "care_leavers": [("A1", BORN, "YES", "F2", "U1")],
    "missing": [("A1", BORN, "M", "01/06/2024", "02/06/2024"), ("A1", BORN, "A", "03/06/2024", NONE)],
    "adoption": [("A1", BORN, "01/05/2024", "02/05/2024", "0", "2", "MF", "L11")],
    "placed_for_adoption": [("A1", BORN, "06/06/2024", "07/06/2024", "RD4")],
    "previous_permanence": [("A1", BORN, "P2", "330", "zz/05/2020")],
    "reviews": [("A1", BORN, "04/06/2024", "PN1")],
}


def xml(*children):
    """The tables of a message with these children, and what was found."""
    return read_return_xml(f"<EXPSSDA903>{''.join(children)}</EXPSSDA903>".encode(), "return.xml")


def child(inside="", episodes="", name="A1"):
    return f"<CHILD><HEADER><CHILDID>{name}</CHILDID>{inside}</HEADER>{episodes}</CHILD>"


def rows(tables, table, *columns):
    return tables[table].select(columns).rows()


# The XML form


@pytest.mark.parametrize("chunk", [1, 7, 1 << 18])
def test_every_element_reaches_its_column_wherever_the_chunks_fall(monkeypatch, chunk):
    monkeypatch.setattr(ssda903_xml, "CHUNK_BYTES", chunk)
    tables, findings = read_return_xml(FULL.encode(), "return.xml")

    assert {name: table.rows() for name, table in tables.items()} == FULL_ROWS
    assert {name: table.columns for name, table in tables.items()} == {
        name: list(TABLES[name].names) for name in tables
    }
    assert findings == []


def test_an_item_left_out_or_empty_is_missing_whatever_the_episode_or_child_before_says():
    full = (
        "<EPISODE><DECOM>10/05/2024</DECOM><LS>C2</LS><PL>K2</PL><DEC>01/06/2024</DEC><REC>X1</REC>"
        "<HOME_POST>AA1 1AA</HOME_POST></EPISODE>"
    )
    bare = "<EPISODE><DECOM>01/06/2024</DECOM><PL>U4</PL><DEC /><REC></REC><LS> </LS></EPISODE>"
    outcome = "<DOB>01/06/2008</DOB><SEX>F</SEX><ETHNIC>WBRI</ETHNIC><OC2><SDQ_SCORE>14</SDQ_SCORE></OC2>"
    tables, _ = xml(child(outcome, full + bare), child("<OC2><CONVICTED>1</CONVICTED></OC2>", bare, "A2"))
    columns = ("CHILD", "PLACE", "LS", "DEC", "REC", "HOME_POST")

    assert rows(tables, "episodes", *columns) == [
        ("A1", "K2", "C2", "01/06/2024", "X1", "AA1 1AA"),
        ("A1", "U4", None, None, None, None),
        ("A2", "U4", None, None, None, None),
    ]
    assert rows(tables, "children", "CHILD", "SEX", "DOB", "ETHNIC")[1] == ("A2", None, None, None)
    assert rows(tables, "outcomes", "CHILD", "DOB", "SDQ_SCORE", "CONVICTED") == [
        ("A1", "01/06/2008", "14", None),
        ("A2", None, None, "1"),
    ]


@pytest.mark.parametrize(
    ("items", "made"),
    [
        ("", ()),
        ("<UASC>0</UASC>", ()),
        ("<UASC/><DUC/><IN_TOUCH/><ACTIV> </ACTIV><DATE_INT></DATE_INT>", ()),
        ("<UASC>1</UASC>", ("uasc",)),
        ("<UASC>true</UASC>", ("uasc",)),
        ("<DUC>01/06/2026</DUC>", ("uasc",)),
        ("<ACCOM>U1</ACCOM>", ("care_leavers",)),
        ("<DATE_MATCH>01/06/2024</DATE_MATCH>", ("adoption",)),
        ("<FOSTER_CARE>0</FOSTER_CARE><ACTIV>0</ACTIV>", ("adoption", "care_leavers")),
    ],
)
def test_loose_items_of_the_header_make_a_row_only_where_one_says_something(items, made):
    tables, _ = xml(child(items))

    assert {name for name in ("adoption", "care_leavers", "uasc") if tables[name].height} == set(made)


def test_the_header_may_follow_the_episodes_and_a_namespace_may_stand_before_all():
    text = (
        '<r:EXPSSDA903 xmlns:r="urn:x"><r:CHILD><r:EPISODE><r:PL>K2</r:PL><r:DECOM>10/05/2024</r:DECOM></r:EPISODE>'
        "<r:HEADER><r:CHILDID>A1</r:CHILDID></r:HEADER></r:CHILD></r:EXPSSDA903>"
    )
    tables, findings = read_return_xml(text.encode(), "return.xml")

    assert rows(tables, "episodes", "CHILD", "DECOM", "PLACE") == [("A1", "10/05/2024", "K2")]
    assert findings == []


def test_comments_cdata_and_instructions_do_not_split_text():
    inside = "<EPISODE><DECOM>10/<!-- note -->05<?x y?><![CDATA[/2024]]></DECOM></EPISODE>"

    assert rows(xml(child("", inside))[0], "episodes", "DECOM") == [("10/05/2024",)]


@pytest.mark.parametrize(
    ("declared", "codec"), [("UTF-8", "utf-8-sig"), ("UTF-16", "utf-16"), ("windows-1252", "cp1252")]
)
def test_the_declared_encoding_is_used_and_the_kind_of_file_known_by_it(tmp_path, declared, codec):
    inside = child("", "<EPISODE><DECOM>10/05/2024</DECOM><PL>K2</PL></EPISODE>", "D\u00e9mo")
    text = f'<?xml version="1.0" encoding="{declared}"?><EXPSSDA903>{inside}</EXPSSDA903>'
    tmp_path.joinpath("r.xml").write_bytes(text.encode(codec))

    assert csc.read_ssda903(tmp_path, la_code="302", year=2025).episodes["child_id"].to_list() == ["D\u00c9MO"]


def test_what_is_not_known_or_given_twice_is_said_and_of_two_the_first_is_kept():
    episodes = "<EPISODE><DECOM>10/05/2024</DECOM><DECOM>11/05/2024</DECOM><PL>K2</PL><SHOE>ZQ81CANARY</SHOE></EPISODE>"
    tables, findings = xml(child("<DOB>01/06/2008</DOB><HAT/><DOB>ZQ81CANARY</DOB>", episodes + "<PET/>"))

    assert rows(tables, "episodes", "DECOM") == [("10/05/2024",)]
    assert rows(tables, "children", "DOB") == [("01/06/2008",)]
    assert sorted((each.rule, each.table, each.message.split()[0]) for each in findings) == [
        ("repeated_element", "ssda903.children", "DOB"),
        ("repeated_element", "ssda903.episodes", "DECOM"),
        ("unknown_element", "ssda903.children", "EXPSSDA903/CHILD/HEADER/HAT"),
        ("unknown_element", "ssda903.children", "EXPSSDA903/CHILD/PET"),
        ("unknown_element", "ssda903.episodes", "EXPSSDA903/CHILD/EPISODE/SHOE"),
    ]
    assert "ZQ81CANARY" not in repr(findings)


def test_a_child_without_identifier_or_header_is_left_out_with_its_rows(tmp_path):
    block = "<EPISODE><DECOM>10/05/2024</DECOM><PL>K2</PL></EPISODE>"
    text = f"<EXPSSDA903>{child('', block)}<CHILD>{block}</CHILD>{child('', block, '')}</EXPSSDA903>"
    tmp_path.joinpath("r.xml").write_text(text, encoding="utf-8")
    tables = csc.read_ssda903(tmp_path, la_code="302", year=2025)

    assert tables.episodes["child_id"].to_list() == ["A1"]
    for account in tables.accounts[:2]:
        assert account.rejected == {"missing_child_id": 2}, account.table


def test_a_message_without_children_says_nothing_of_what_its_form_has_no_place_for():
    tables, findings = xml()

    assert {name: table.height for name, table in tables.items()} == dict.fromkeys(FULL_ROWS, 0)
    assert findings == []


# Workbooks


def sheets(root, **given):
    root.joinpath("903.xlsx").write_bytes(workbook(given))
    return csc.read_ssda903(root, la_code="302", year=2025)


def test_days_of_a_workbook_come_out_as_the_day_in_every_table(tmp_path):
    placed = {"CHILD": "A1", "DOB": dt.date(2015, 6, 1), "DATE_PLACED": DAY, "DATE_PLACED_CEASED": DAY}
    permanence = {"CHILD": "A1", "DOB": dt.date(2015, 6, 1), "PREV_PERM": "P2", "LA_PERM": 330, "DATE_PERM": DAY}
    partial = permanence | {"CHILD": "A2", "DATE_PERM": "zz/05/2020"}
    tables = sheets(tmp_path, E=[episode(DECOM=DAY)], H=[header()], P=[placed], Q=[permanence, partial])

    assert tables.placed_for_adoption.select("start_date", "end_date").rows() == [(DAY, DAY)]
    assert tables.previous_permanence["permanence_authority"].to_list() == ["330", "330"]
    first, second = tables.previous_permanence["permanence_date"].to_list()
    assert first in ("2024-05-10", "10/05/2024")
    assert second == "ZZ/05/2020"
    assert "unreadable_date" not in rules(tables)


@pytest.mark.parametrize(("cell", "expected"), [(1234567, "1234567"), (1234567.0, "1234567"), ("0012", "0012")])
def test_identifiers_of_a_workbook_have_no_decimals_and_keep_their_noughts(tmp_path, cell, expected):
    assert sheets(tmp_path, E=[episode(CHILD=cell)]).episodes["child_id"].to_list() == [expected]


def test_a_number_that_a_workbook_shows_as_a_number_is_no_day(tmp_path):
    """It may be a day whose format was lost, or anything else: it is said, not guessed."""
    tables = sheets(tmp_path, E=[episode(), episode(CHILD="A2", DECOM=45422)])

    assert tables.episodes["child_id"].to_list() == ["A1"]
    assert "unreadable_date" in rules(tables)


# Days


@pytest.mark.parametrize(
    ("written", "read_as"),
    [
        ("29/02/2024", dt.date(2024, 2, 29)),
        ("29/02/2023", None),
        ("00/05/2024", None),
        ("10/13/2024", None),
        ("31/12/1899", None),
        ("01/01/2100", None),
        ("10/05/24 ", DAY),
        ("01/06/49", dt.date(2049, 6, 1)),
        ("01/06/50", dt.date(1950, 6, 1)),
        ("29/02/23", None),
        ("2024-05-10T09:30:00", DAY),
        ("2024-05-10Z", DAY),
        ("2024/05/10", None),
        ("10.05.2024", None),
        ("1/6/2015", None),
        ("zz/06/2015", None),
        ("\u0661\u0660/\u0660\u0665/2024", None),
    ],
)
def test_a_day_is_read_only_where_it_can_be_one_day_alone(tmp_path, written, read_as):
    tables = read(tmp_path, [episode()], headers=[header(DOB=written)])

    assert tables.children["birth_date"].to_list() == [read_as]
    assert ("unreadable_date" in rules(tables)) == (read_as is None)


@pytest.mark.parametrize(
    ("days", "believed"),
    [
        (("05/25/2024", "05/10/2024"), []),
        (("05/25/2024", "25/05/2024", "05/10/2024"), ["25/05/2024", "05/10/2024"]),
        (("05/25/2024", "06/25/2024", "25/05/2024", "05/10/2024"), ["25/05/2024"]),
        (("05/25/2024", "05/05/2024"), ["05/05/2024"]),
        (("05/25/24", "05/10/24"), []),
        (("05/25/2024", "2024-05-10"), ["2024-05-10"]),
        (("05/10/2024", "06/10/2024"), ["05/10/2024", "06/10/2024"]),
    ],
)
def test_what_could_be_either_is_believed_unless_more_of_the_column_can_only_be_month_first(tmp_path, days, believed):
    tables = read(tmp_path, [episode(CHILD=f"A{number}", DECOM=day) for number, day in enumerate(days)])
    ordered = [day for number, day in enumerate(days) if f"A{number}" in tables.episodes["child_id"].to_list()]

    assert ordered == believed


def test_each_column_of_each_file_is_looked_at_by_itself(tmp_path):
    rows = [episode(CHILD=f"A{number}", DEC=day, REC="E4A") for number, day in enumerate(("07/25/2024", "07/10/2024"))]
    headers = [header(CHILD="A0", DOB="05/06/2015"), header(CHILD="A1", DOB="07/10/2015")]
    tables = read(tmp_path, rows, headers=headers)
    (doubt,) = [each for each in tables.findings if each.rule == "ambiguous_date"]

    assert (doubt.table, doubt.column, doubt.rows, doubt.row_numbers) == ("ssda903.episodes", "end_date", 1, (2,))
    assert tables.children["birth_date"].to_list() == [dt.date(2015, 6, 5), dt.date(2015, 10, 7)]
    assert tables.episodes["start_date"].to_list() == [DAY, DAY]
    assert tables.episodes["end_date"].to_list() == [None, None]


@pytest.mark.parametrize(
    ("written", "kept_as"),
    [
        ("zz/05/2020", "ZZ/05/2020"),
        ("ZZ/ZZ/2021", "ZZ/ZZ/2021"),
        ("zz/zz/zzzz", "ZZ/ZZ/ZZZZ"),
        ("12/05/2020", "12/05/2020"),
        ("05/2020", None),
        ("z/05/2020", None),
        ("zz/05/20", None),
        ("May 2020", None),
    ],
)
def test_a_day_known_in_part_is_kept_as_a_text(tmp_path, written, kept_as):
    row = {"CHILD": "A1", "DOB": "01/06/2015", "PREV_PERM": "P2", "LA_PERM": "", "DATE_PERM": written}
    tables = read(tmp_path, [episode()], previous=[row])

    assert tables.previous_permanence["permanence_date"].to_list() == [kept_as]
    assert ("unreadable_date" in rules(tables)) == (kept_as is None)


def as_parquet(folder, **tables):
    """A return of 302 for 2025 as Parquet: dates as days, codes as texts."""
    folder = folder / "302" / "2025"
    folder.mkdir(parents=True)
    for name, rows in tables.items():
        frame = pl.DataFrame(rows, infer_schema_length=None)
        days = [column for column in frame.columns if column in ("DECOM", "DEC", "DOB")]
        frame.with_columns(pl.col(days).str.to_date("%d/%m/%Y", strict=False)).write_parquet(folder / f"{name}.parquet")
    return folder


def test_parquet_is_read_as_csv_is_days_being_days_and_whatever_the_files_are_called(tmp_path):
    rows = {"stays": [episode(), episode(CHILD="B1")], "people": [header(), header(CHILD="B1")]}
    folder = as_parquet(tmp_path / "parquet", **rows)
    tables = csc.load(tmp_path / "parquet").ssda903
    expected = read_years(tmp_path / "csv", {2025: {"episodes": rows["stays"], "headers": rows["people"]}})

    where = ("source_file", "source_row")
    assert tables.episodes.drop(where).equals(expected.episodes.drop(where))
    assert tables.children.drop(where).equals(expected.children.drop(where))
    assert {str(file) for file in tables.episodes["source_file"]} == {str(folder / "stays.parquet")}


def test_a_damaged_parquet_file_is_refused_by_name(tmp_path):
    folder = as_parquet(tmp_path, episodes=[episode()], header=[header()])
    (folder / "episodes.parquet").write_bytes(b"PAR1 and nothing more")

    with pytest.raises(UnreadableFile, match=r"episodes\.parquet: the file is not Parquet, or is damaged"):
        csc.load(tmp_path)
