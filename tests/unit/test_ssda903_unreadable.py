"""Files of a looked-after return that cannot be read: each refused in one line that quotes nothing of it."""

from __future__ import annotations

import gzip
import io
import zipfile
from pathlib import Path

import pytest

import csc_indicators as csc
from csc_indicators.errors import UnreadableFile
from csc_indicators.extracts import documents
from csc_indicators.extracts.ssda903 import read_ssda903_files
from tests.lib.care_files import as_csv, episode, header, workbook, zipped

CANARY = "ZQ81CANARY"
ROW = episode(CHILD=CANARY, HOME_POST=CANARY)
EPISODES = as_csv([ROW])
XML = (
    f"<EXPSSDA903>\n<CHILD><HEADER><CHILDID>{CANARY}</CHILDID></HEADER>\n"
    "<EPISODE><DECOM>10/05/2024</DECOM><PL>K2</PL></EPISODE></CHILD></EXPSSDA903>"
)


def put(root: Path, name: str, content: str | bytes, folder: str = "302/2025") -> Path:
    file = root / folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    return file


def refusal(root: Path, *paths: Path, **whose: object) -> str:
    """Why the files of a folder, or only those given, were refused; without the folder."""
    with pytest.raises(UnreadableFile) as caught:
        csc.read_ssda903(paths or root, **whose)
    assert caught.value.exit_code == 3
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
    message = str(caught.value)
    assert "\n" not in message
    assert CANARY not in message
    return message.replace(f"{root}/", "").replace("302/2025/", "")


# CSV


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (
            EPISODES.replace("\n", "\r"),
            "line 1: it cannot be read as one line of column names; its lines may end as on old Macintosh computers.",
        ),
        (EPISODES.encode("utf-16"), "the file is UTF-16 text. Save it as CSV in UTF-8."),
        (EPISODES.replace("3.5", "\u00e9").encode("cp1252"), "line 2: the text is not UTF-8."),
        (EPISODES + f"{CANARY},x\n", "line 3: it has 2 fields where the header has 15."),
        (EPISODES + f'"{CANARY}\n', "line 3: a quotation mark is out of place."),
        (EPISODES.replace("C2", f'"C2" {CANARY}'), "line 2: a quotation mark is out of place."),
        (
            EPISODES.replace("PL_LOCATION", "Dec", 1),
            "a column name is given twice. Give each column a name of its own.",
        ),
        (
            EPISODES.replace("PL_LOCATION", "DEC", 1),
            "line 1: a column name is given twice. Give each column a name of its own.",
        ),
    ],
    ids=["carriage returns", "utf-16", "cp1252", "short", "open quotation", "quotation", "name twice in case", "twice"],
)
def test_csv_that_cannot_be_believed(tmp_path, content, expected):
    put(tmp_path, "episodes.csv", content)

    assert refusal(tmp_path).startswith(f"episodes.csv: {expected}")


@pytest.mark.parametrize("content", ["", "\n\n", EPISODES.partition("\n")[0]], ids=["empty", "blank", "only a heading"])
def test_a_csv_without_a_row_alone_is_refused_whether_named_or_found(tmp_path, content):
    file = put(tmp_path, "children.csv", content)

    assert refusal(tmp_path)
    assert refusal(tmp_path, file, la_code="302", year=2025)


@pytest.mark.parametrize("content", ["", "\n\n", "Report of\n"], ids=["empty", "blank", "title"])
def test_a_csv_that_holds_no_table_is_passed_over_beside_those_that_do(tmp_path, content):
    put(tmp_path, "episodes.csv", EPISODES)
    put(tmp_path, "oc3.csv", content)
    tables = csc.read_ssda903(tmp_path)

    assert [Path(each.source_file).name for each in tables.findings if each.rule == "file_passed_over"] == ["oc3.csv"]


def test_a_table_with_only_a_heading_is_a_table_without_rows(tmp_path):
    put(tmp_path, "episodes.csv", EPISODES)
    put(tmp_path, "oc3.csv", "CHILD,DOB,IN_TOUCH,ACTIV,ACCOM\n")
    tables = csc.read_ssda903(tmp_path)

    assert tables.care_leavers.is_empty()
    assert not [each for each in tables.findings if each.table == "ssda903.care_leavers"]


def test_a_file_without_permission_is_named(tmp_path, monkeypatch):
    file = put(tmp_path, "episodes.csv", EPISODES)

    def forbid(*_arguments):
        raise PermissionError(CANARY)

    monkeypatch.setattr(Path, "read_bytes", forbid)
    assert refusal(tmp_path, file).startswith("episodes.csv: you have no permission to read this file.")


# Archives

DAMAGED = (
    "return.zip: the archive is damaged, protected by a password or packed in an unusual way. Unpack it and give the "
    "files."
)


def test_every_truncation_of_an_archive_is_refused(tmp_path):
    whole = zipped({"episodes.csv": EPISODES})
    for length in range(0, len(whole), 7):
        put(tmp_path, "return.zip", whole[:length])
        assert refusal(tmp_path) == DAMAGED, length


def encrypted(archive: bytes) -> bytes:
    """An archive whose members say that they are encrypted: the first flag of each of their two headers."""
    data = bytearray(archive)
    data[data.index(b"PK\x03\x04") + 6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    return bytes(data)


def test_an_archive_protected_by_a_password_is_refused(tmp_path):
    put(tmp_path, "return.zip", encrypted(zipped({"episodes.csv": EPISODES})))

    assert refusal(tmp_path) == DAMAGED


def outcome(file: Path) -> str:
    """Why a file is refused; nothing when it is read."""
    try:
        read_ssda903_files([file])
    except UnreadableFile as error:
        return str(error)
    return ""


@pytest.mark.parametrize("packing", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_an_archive_with_any_byte_wrong_is_read_or_refused_in_one_line(tmp_path, packing):
    """Each way of packing has errors of its own; none may reach the user, for it could quote the file."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", packing) as opened:
        opened.writestr("episodes.csv", EPISODES)
    outcomes = []
    for position in range(0, len(archive.getvalue()), 3):
        data = bytearray(archive.getvalue())
        data[position] ^= 0xFF
        outcomes.append(outcome(put(tmp_path, "return.zip", bytes(data))))

    assert f"{tmp_path}/302/2025/{DAMAGED}" in outcomes
    assert CANARY not in "".join(outcomes)


def test_an_archive_that_unpacks_to_more_than_a_return_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(documents, "MOST_UNPACKED", len(EPISODES) - 1)
    put(tmp_path, "return.zip", zipped({"episodes.csv": EPISODES}))

    assert refusal(tmp_path) == ("return.zip: the archive unpacks to more than a return can hold. Unpack and check it.")


@pytest.mark.parametrize(
    "members", [{}, {"notes.txt": CANARY}, {"deep.zip": zipped({"episodes.csv": EPISODES})}], ids=len
)
def test_an_archive_without_a_file_that_can_be_read_is_refused_when_named_and_said_when_found(tmp_path, members):
    put(tmp_path, "episodes.csv", EPISODES)
    file = put(tmp_path, "return.zip", zipped(members))
    found = [Path(each.source_file).name for each in csc.read_ssda903(tmp_path).findings if each.stage == "extracts"]

    assert found == ["return.zip"]
    assert refusal(tmp_path, file) == (
        "return.zip: the archive holds no .csv, .xlsx or .xml file. Give one that holds the files of a return."
    )


# XML

DOCTYPES = {
    "internal": f'<!DOCTYPE x [<!ENTITY a "{CANARY}">]>',
    "external": '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">]>',
    "outside": '<!DOCTYPE x SYSTEM "http://localhost:9/x.dtd">',
    "parameter": '<!DOCTYPE x [<!ENTITY % a SYSTEM "file:///etc/hostname"> %a;]>',
    "many laughs": '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;">]>',
    "empty": "<!DOCTYPE EXPSSDA903>",
}


@pytest.mark.parametrize("doctype", DOCTYPES.values(), ids=DOCTYPES)
@pytest.mark.parametrize("packed", [False, True], ids=["alone", "in an archive"])
def test_xml_that_declares_a_document_type_is_refused_before_anything_is_expanded(tmp_path, doctype, packed):
    text = f'<?xml version="1.0"?>\n{doctype}\n{XML.replace("K2", "&a;" if "a" in doctype else "K2")}'
    if packed:
        put(tmp_path, "return.zip", zipped({"return.xml": text}))
    else:
        put(tmp_path, "return.xml", text)

    assert refusal(tmp_path) == (
        f"{'return.zip!' if packed else ''}return.xml: line 2: the file declares a document type (DOCTYPE), which no "
        "return needs and which can carry an attack, so it was not read. Export the file again."
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (XML.replace("</DECOM>", "</DEC>"), "line 3: an end tag does not match the element it should close."),
        (XML.replace("K2", "&CANARY;"), "line 3: an entity other than the five of XML itself is used."),
        (
            XML.encode().replace(b"K2", b"\xff"),
            "line 3: a character is not allowed here, or is not in the text encoding",
        ),
        (XML + XML, "line 3: something follows the end of the outermost element."),
        (XML[:-30], "line 3: the file ends before it is complete."),
        (XML.replace("<DECOM>", "<DECOM a='1' a='2'>"), "line 3: it is not well-formed XML."),
        (XML.replace("K2", "<x>" * 300 + "</x>" * 300), "line 3: it is not well-formed XML."),
    ],
    ids=["tags", "entity", "encoding", "two", "cut short", "attributes", "depth"],
)
def test_malformed_xml_is_explained_without_quoting_it(tmp_path, text, expected):
    put(tmp_path, "return.xml", text)

    assert refusal(tmp_path).startswith(f"return.xml: {expected}")


def test_every_truncation_of_xml_is_refused_in_one_line(tmp_path):
    for length in range(len("<EXPSSDA903>"), len(XML)):
        file = put(tmp_path, "return.xml", XML[:length])
        with pytest.raises(UnreadableFile) as caught:
            read_ssda903_files([file])
        assert str(caught.value).startswith(f"{file}: line ")
        assert CANARY not in str(caught.value)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "the file is empty. Export or copy it again."),
        (gzip.compress(XML.encode()), "the file is a gzip archive, not XML. Unpack it and give the XML file inside."),
        (b"<Message/>", "line 1: the outermost element is not EXPSSDA903, so this is another kind of file."),
    ],
    ids=["empty", "gzip", "another return"],
)
def test_what_is_no_xml_of_this_return_is_refused_inside_an_archive(tmp_path, content, expected):
    put(tmp_path, "return.zip", zipped({"return.xml": content}))

    assert refusal(tmp_path).startswith(f"return.zip!return.xml: {expected}")


# Workbooks

NO_WORKBOOK = "903.xlsx: not an Excel workbook, damaged, or protected by a password. Save it again as .xlsx."
WORKBOOK = workbook({"Episodes": [ROW], "Children": [header(CHILD=CANARY)]})


def without_part(archive: bytes, part: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        return zipped({name: opened.read(name) for name in opened.namelist() if name != part})


@pytest.mark.parametrize(
    "content",
    [
        without_part(WORKBOOK, "xl/worksheets/sheet2.xml"),
        without_part(WORKBOOK, "xl/workbook.xml"),
        WORKBOOK[: len(WORKBOOK) // 2],
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600),  # how a workbook with a password begins
        EPISODES.encode(),
        b"",
    ],
    ids=["a sheet is missing", "the list of sheets is missing", "cut short", "protected", "csv", "empty"],
)
def test_a_workbook_that_cannot_be_opened_is_refused(tmp_path, content):
    put(tmp_path, "903.xlsx", content)

    assert refusal(tmp_path) == NO_WORKBOOK


def test_a_workbook_without_the_sheet_of_episodes_is_refused(tmp_path):
    put(tmp_path, "903.xlsx", workbook({"Children": [header(CHILD=CANARY)]}))

    assert "the return of 302 for 2025 has no table of episodes (columns CHILD, DECOM, PLACE" in refusal(tmp_path)


def test_a_workbook_without_any_table_is_refused_when_named(tmp_path):
    file = put(tmp_path, "903.xlsx", workbook({"Notes": [{CANARY: CANARY}]}))

    assert refusal(tmp_path, file) == (
        "903.xlsx: no table of the return has these columns. Its first line must name them, such as CHILD, DECOM, DEC "
        "and PLACE."
    )


def test_a_heading_given_twice_in_letter_case_alone_is_refused_in_a_sheet(tmp_path):
    put(tmp_path, "903.xlsx", workbook({"Episodes": [ROW | {"dec": ""}]}))

    assert refusal(tmp_path) == ("903.xlsx!Episodes: a column name is given twice. Give each column a name of its own.")


# One table twice


@pytest.mark.parametrize(
    ("files", "first", "second"),
    [
        ({"a.csv": EPISODES, "b.csv": EPISODES}, "a.csv", "b.csv"),
        ({"a.csv": EPISODES, "b.xml": XML}, "a.csv", "b.xml"),
        ({"a.csv": EPISODES, "b.zip": zipped({"e.csv": EPISODES})}, "a.csv", "b.zip!e.csv"),
        ({"a.zip": zipped({"x/e.csv": EPISODES, "y/e.csv": EPISODES})}, "a.zip!x/e.csv", "a.zip!y/e.csv"),
        ({"a.xlsx": workbook({"One": [ROW], "Two": [ROW]})}, "a.xlsx!One", "a.xlsx!Two"),
    ],
    ids=["csv", "xml", "archive", "archive alone", "sheets"],
)
def test_a_table_given_twice_for_one_return_is_refused_with_both_places(tmp_path, files, first, second):
    for name, content in files.items():
        put(tmp_path, name, content)

    assert refusal(tmp_path) == (
        f"{second}: {first} holds the same table (episodes.csv) of the same return (302, 2025). Give one of them."
    )


def test_the_same_return_in_two_places_is_refused(tmp_path):
    put(tmp_path, "episodes.csv", EPISODES, "one/302/2025")
    put(tmp_path, "episodes.csv", EPISODES, "two/302/2025")

    assert "two/episodes.csv: one/episodes.csv holds the same table" in refusal(tmp_path)


def test_two_authorities_in_one_folder_are_one_return_twice(tmp_path):
    put(tmp_path, "camden episodes.csv", EPISODES, "all")
    put(tmp_path, "barnet episodes.csv", EPISODES, "all")

    assert refusal(tmp_path, la_code="302", year=2025).startswith(
        "all/camden episodes.csv: all/barnet episodes.csv holds the same table"
    )
    assert refusal(tmp_path).startswith("all/barnet episodes.csv: nothing says which authority's return this is.")
