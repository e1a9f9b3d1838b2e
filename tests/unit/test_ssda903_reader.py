"""Reading returns on looked-after children: CSV, Excel, XML, archives; whose they are; how dates are written."""

from __future__ import annotations

import datetime as dt

import pytest

import csc_indicators as csc
from csc_indicators.errors import UnreadableFile
from tests.lib.care_files import as_csv, episode, header, read, rules, workbook, write_return, zipped

DAY = dt.date(2024, 5, 10)
XML = """<?xml version="1.0" encoding="UTF-8"?>
<EXPSSDA903>
  <CHILD>
    <HEADER>
      <CHILDID>A1</CHILDID><UPN>UN5</UPN><SEX>F</SEX><DOB>2015-06-01</DOB><ETHNIC>WBRI</ETHNIC><UASC>1</UASC>
      <DUC>2033-06-01</DUC><IN_TOUCH>YES</IN_TOUCH><ACTIV>F2</ACTIV><ACCOM>U1</ACCOM>
      <AMISSING><MISSING>M</MISSING><MIS_START>2024-06-01</MIS_START><MIS_END>2024-06-02</MIS_END></AMISSING>
      <OC2><SDQ_SCORE>14</SDQ_SCORE><CONVICTED>0</CONVICTED></OC2>
    </HEADER>
    <EPISODE>
      <DECOM>2024-05-10</DECOM><RNE>S</RNE><LS>C2</LS><CIN>N1</CIN><PL>U4</PL><PLACE_PROVIDER>PR1</PLACE_PROVIDER>
      <DEC>2024-08-01</DEC><REC>X1</REC><HOME_POST>AA1 1AA</HOME_POST>
    </EPISODE>
    <EPISODE><DECOM>2024-08-01</DECOM><RNE>P</RNE><PL>K2</PL><DEC /></EPISODE>
  </CHILD>
  <CHILD>
    <HEADER><CHILDID>A2</CHILDID><SEX>M</SEX><DOB>2010-01-02</DOB></HEADER>
    <EPISODE><DECOM>2024-09-01</DECOM><RNE>S</RNE><LS>V2</LS><PL>U6</PL></EPISODE>
  </CHILD>
</EXPSSDA903>
"""


def in_folder(root, name, content, la_code="302", year="2025"):
    file = root / la_code / year / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return root


def starts(tables):
    return tables.episodes["start_date"].to_list()


# What is in a file


def test_a_table_is_known_by_its_columns_whatever_its_file_is_called(tmp_path):
    in_folder(tmp_path, "download (3).csv", as_csv([episode()]))
    in_folder(tmp_path, "export_b.csv", as_csv([header()]))
    tables = csc.read_ssda903(tmp_path)

    assert starts(tables) == [DAY]
    assert tables.children["sex"].to_list() == ["F"]


def test_columns_too_many_and_too_few_are_said_by_name(tmp_path):
    row = {name: cell for name, cell in episode(SHOE_SIZE="4").items() if name != "PLACE_PROVIDER"}
    tables = read(tmp_path, [row])
    said = {(finding.rule, finding.column) for finding in tables.findings}

    assert ("unknown_column", "shoe_size") in {(rule, (column or "").lower()) for rule, column in said}
    assert ("missing_column", "placement_provider") in said
    assert tables.episodes["placement_provider"].to_list() == [None]


def test_case_and_spaces_of_headings_and_codes_are_tolerated_and_counted(tmp_path):
    row = {f" {name.lower()} ": cell for name, cell in episode(LS=" c2 ", PLACE="u4").items()}
    tables = read(tmp_path, [row])

    assert tables.episodes.select("legal_status", "placement").row(0) == ("C2", "U4")
    assert {finding.column for finding in tables.findings if finding.rule == "code_tidied"} == {
        "legal_status",
        "placement",
    }


def test_a_mark_before_the_first_heading_is_read_over(tmp_path):
    in_folder(tmp_path, "episodes.csv", as_csv([episode()]).encode("utf-8-sig"))

    assert starts(csc.read_ssda903(tmp_path)) == [DAY]


@pytest.mark.parametrize(
    ("encoding", "said"), [("utf-16", "is UTF-16 text"), ("cp1252", "line 2: the text is not UTF-8")]
)
def test_another_encoding_is_refused_with_what_to_do(tmp_path, encoding, said):
    in_folder(tmp_path, "episodes.csv", as_csv([episode(CHILD="CANARY\u00e9")]).encode(encoding))
    message = refused(tmp_path)

    assert said in message
    assert "CSV in UTF-8" in message


@pytest.mark.parametrize(
    ("written", "read_as", "is_said"),
    [
        ("10/05/2024", DAY, False),
        ("2024-05-10", DAY, False),
        ("2024-05-10 00:00:00", DAY, True),
        ("2024-05-10T00:00:00", DAY, True),
        ("10/05/24", DAY, True),
        ("10/05/1999", dt.date(1999, 5, 10), False),
        ("10/05/99", dt.date(1999, 5, 10), True),
    ],
)
def test_ways_of_writing_a_day(tmp_path, written, read_as, is_said):
    tables = read(tmp_path, [episode(DECOM=written)])

    assert starts(tables) == [read_as]
    assert ("date_tidied" in rules(tables)) == is_said


@pytest.mark.parametrize(
    "written", ["31/02/2024", "2024-13-01", "10-05-2024", "10/5/2024", "May 2024", "45422", "05/2024"]
)
def test_what_is_no_day_is_a_finding_and_the_row_is_accounted_for(tmp_path, written):
    tables = read(tmp_path, [episode(), episode(CHILD="A2", DECOM=written)])
    account = next(account for account in tables.accounts if account.table == "ssda903.episodes")

    assert starts(tables) == [DAY]
    assert (account.read, account.kept, account.rejected) == (2, 1, {"unreadable_date": 1})
    assert "unreadable_date" in rules(tables)
    assert not any(written in finding.message for finding in tables.findings)


def test_in_a_file_that_writes_months_first_a_day_that_could_be_either_is_not_believed(tmp_path):
    rows = [episode(CHILD="A1", DECOM="05/25/2024"), episode(CHILD="A2", DECOM="05/10/2024")]
    rows.append(episode(CHILD="A3", DECOM="2024-05-10"))
    tables = read(tmp_path, rows)

    assert tables.episodes["child_id"].to_list() == ["A3"]
    assert {"ambiguous_date", "unreadable_date"} <= rules(tables)


def test_a_date_of_which_the_day_is_not_known_is_kept_as_it_is(tmp_path):
    permanence = {"CHILD": "A1", "DOB": "01/06/2015", "PREV_PERM": "P2", "LA_PERM": "", "DATE_PERM": "zz/05/2020"}
    tables = read(tmp_path, [episode()], previous=[permanence])

    assert "ZZ/05/2020" in tables.previous_permanence.row(0)


@pytest.mark.parametrize(
    ("year", "sex", "is_of_the_year"), [(2024, "1", True), (2024, "F", False), (2025, "F", True), (2025, "2", False)]
)
def test_codes_of_another_year_are_kept_and_said(tmp_path, year, sex, is_of_the_year):
    row = episode(DECOM="10/05/2023")
    tables = read(tmp_path, [row], year=year, headers=[header(SEX=sex)])

    assert tables.children["sex"].to_list() == [{"1": "M", "2": "F", "F": "F"}[sex]]
    assert any(finding.column == "returned_sex" for finding in tables.findings) != is_of_the_year


@pytest.mark.parametrize(
    ("column", "code", "first", "last"),
    [
        ("PLACE", "K3", 2024, None),
        ("PLACE", "H5", None, 2025),
        ("PLACE", "P2", None, 2025),
        ("PLACE", "Z1", None, 2026),
        ("PLACE", "Z11", 2026, None),
        ("REC", "E43", None, 2019),
        ("REC", "E46", 2019, None),
    ],
)
def test_codes_of_placements_and_ends_have_their_years(tmp_path, column, code, first, last):
    ours = {"PLACE": "placement", "REC": "reason_ceased"}[column]
    for year in (first, (first or 0) - 1, last, (last or 0) + 1):
        if year is None or year < 2015:
            continue
        row = episode(DECOM=f"10/05/{year - 1}", DEC=f"10/06/{year - 1}", **({"REC": "E4A"} | {column: code}))
        tables = read(tmp_path / str(year), [row], year=year)
        said = {finding.column for finding in tables.findings if "code" in finding.rule}
        in_its_years = (first is None or year >= first) and (last is None or year <= last)

        assert tables.episodes[ours].to_list() == [code]
        assert (ours not in said) == in_its_years, year


def test_an_excel_workbook_of_the_same_tables_with_real_dates(tmp_path):
    episodes = [episode(DECOM=dt.date(2024, 5, 10), DEC=dt.date(2024, 8, 1), REC="E4A", PL_DISTANCE=3.5)]
    in_folder(tmp_path, "903.xlsx", workbook({"Episodes": episodes, "Children": [header()], "Notes": [{"Read": "me"}]}))
    tables = csc.read_ssda903(tmp_path)

    assert tables.episodes.select("start_date", "end_date", "placement_distance").row(0) == (
        DAY, dt.date(2024, 8, 1), 3.5
    )  # fmt: skip
    assert tables.children["birth_date"].to_list() == [dt.date(2015, 6, 1)]
    assert "file_passed_over" in rules(tables)


def test_xml_says_the_same_and_what_is_not_there_is_not_taken_from_elsewhere(tmp_path):
    tables = csc.read_ssda903(in_folder(tmp_path, "return.xml", XML))
    columns = ("child_id", "start_date", "end_date", "legal_status", "placement", "home_postcode")

    assert tables.episodes.select(columns).rows() == [
        ("A1", DAY, dt.date(2024, 8, 1), "C2", "U4", "AA11AA"),
        ("A1", dt.date(2024, 8, 1), None, None, "K2", None),
        ("A2", dt.date(2024, 9, 1), None, "V2", "U6", None),
    ]
    assert tables.children.select("child_id", "sex", "ethnicity", "unaccompanied").rows() == [
        ("A1", "F", "WBRI", True), ("A2", "M", None, False)
    ]  # fmt: skip
    assert tables.care_leavers.select("child_id", "activity").rows() == [("A1", "F2")]
    assert tables.outcomes.select("sdq_score", "convicted").rows() == [(14, False)]
    assert tables.missing["end_date"].to_list() == [dt.date(2024, 6, 2)]
    assert tables.uasc.height == 1


@pytest.mark.parametrize(
    "members",
    [
        {"deep/episodes.csv": as_csv([episode()]), "header.csv": as_csv([header()])},
        {"return.xml": XML.replace("2024-08-01", "2024-07-01")},
        {"903.xlsx": workbook({"Episodes": [episode()]})},
    ],
    ids=["csv", "xml", "workbook"],
)
def test_an_archive_of_any_of_them(tmp_path, members):
    tables = csc.read_ssda903(in_folder(tmp_path, "return.zip", zipped(members)))

    assert starts(tables)[0] == DAY
    assert "return.zip!" in tables.episodes["source_file"][0]


# Whose it is


def test_authority_and_year_come_from_the_arguments_then_a_manifest_then_the_folders(tmp_path):
    loose = write_return(tmp_path / "loose", [episode()])
    by_argument = csc.read_ssda903(loose, la_code="330", year=2025)
    loose.joinpath("return.toml").write_text('la_code = "331"\nyear = 2025\n', encoding="utf-8")
    by_manifest = csc.read_ssda903(loose)
    by_folder = csc.read_ssda903(write_return(tmp_path / "302" / "2025", [episode()]))

    assert [tables.episodes["la_code"][0] for tables in (by_argument, by_manifest, by_folder)] == ["330", "331", "302"]


@pytest.mark.parametrize(
    ("arguments", "asked"),
    [({}, "which authority's return"), ({"la_code": "302"}, "which year's return"), ({"year": 2025}, "authority's")],
)
def test_what_nothing_says_is_asked_for(tmp_path, arguments, asked):
    with pytest.raises(UnreadableFile, match=asked):
        csc.read_ssda903(write_return(tmp_path, [episode()]), **arguments)


@pytest.mark.parametrize("written", ['la_code = "Camden"\nyear = 2025', 'la_code = "302"\nyear = "25"', "la_code: 302"])
def test_a_manifest_that_says_it_wrongly_is_refused(tmp_path, written):
    folder = write_return(tmp_path, [episode()])
    folder.joinpath("return.toml").write_text(written, encoding="utf-8")

    with pytest.raises(UnreadableFile, match=r"return\.toml|la_code must be|year must be"):
        csc.read_ssda903(folder)


# What cannot be read


def refused(root):
    with pytest.raises(UnreadableFile) as caught:
        csc.read_ssda903(root)
    assert "CANARY" not in str(caught.value)
    return str(caught.value)


def test_a_damaged_archive(tmp_path):
    whole = zipped({"episodes.csv": as_csv([episode(CHILD="CANARY")])})

    assert "the archive is damaged" in refused(in_folder(tmp_path, "return.zip", whole[: len(whole) // 2]))


def test_a_file_that_is_no_workbook(tmp_path):
    assert "not an Excel workbook" in refused(in_folder(tmp_path, "return.xlsx", b"CANARY"))


def test_entities_are_refused_before_anything_is_expanded(tmp_path):
    bad = XML.replace("<EXPSSDA903>", '<!DOCTYPE x [<!ENTITY a "CANARY">]><EXPSSDA903>', 1)

    assert "DOCTYPE" in refused(in_folder(tmp_path, "return.xml", bad))


def test_xml_that_is_cut_short(tmp_path):
    assert "return.xml" in refused(in_folder(tmp_path, "return.xml", XML.replace("A1", "CANARY")[:900]))


def test_the_same_table_twice_in_one_return(tmp_path):
    in_folder(tmp_path, "episodes.csv", as_csv([episode(CHILD="CANARY")]))

    message = refused(in_folder(tmp_path, "episodes (1).csv", as_csv([episode()])))
    assert "holds the same table" in message
    assert "Give one of them" in message


def test_a_return_without_episodes(tmp_path):
    assert "no table of episodes" in refused(in_folder(tmp_path, "header.csv", as_csv([header(CHILD="CANARY")])))


def test_a_column_that_is_given_twice(tmp_path):
    text = as_csv([episode()]).replace("PL_LOCATION", "DEC", 1)

    assert "twice" in refused(in_folder(tmp_path, "episodes.csv", text)).lower()


def test_where_postcodes_lie_is_read_beside_the_returns(tmp_path):
    in_folder(tmp_path, "episodes.csv", as_csv([episode()]))
    places = [{"postcode": "aa1 1aa", "easting": "400000", "northing": "500000"}]
    tmp_path.joinpath("places.csv").write_text(as_csv(places), encoding="utf-8")

    assert csc.load(tmp_path).postcodes.rows() == [("AA11AA", 400000, 500000)]
