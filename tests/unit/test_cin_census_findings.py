"""What the CIN census XML reader finds odd in a file it can read: reported with row numbers, never fatal."""

from __future__ import annotations

from tests.lib.census_xml import HEADER, child, message, read, rows


def test_unknown_elements_are_reported_once_each_with_their_rows(tmp_path):
    odd = (
        "<CINdetails><Extra>SECRET</Extra><Extra/><Assessments><Deep><Er>SECRET</Er></Deep></Assessments></CINdetails>"
    )
    raw = read(
        tmp_path, message(child(1), child(2, odd), child(3, "<Extra/>"), child(4, "<CINdetails><Extra/></CINdetails>"))
    )
    episode, deep, at_child = raw.findings
    assert (episode.table, episode.rows, episode.row_numbers) == ("episodes", 3, (1, 2))
    assert episode.message.split()[0] == "Message/Children/Child/CINdetails/Extra"
    assert (deep.table, deep.rows, deep.row_numbers) == ("assessments", 1, (1,))
    assert deep.message.split()[0] == "Message/Children/Child/CINdetails/Assessments/Deep"
    assert (at_child.table, at_child.rows, at_child.row_numbers) == ("children", 1, (3,))
    assert {(f.rule, f.severity, f.stage, f.source_file) for f in raw.findings} == {
        ("unknown_element", "kept", "extracts", str(tmp_path / "census.xml"))
    }
    assert "SECRET" not in "".join(finding.as_line() for finding in raw.findings)
    assert raw.tables["children"].height == 4


def test_unknown_elements_outside_any_child_are_reported(tmp_path):
    text = (
        f"<Message><Extra/>{HEADER.replace('<Year>', '<Odd/><Year>')}"
        f"<Children><Pupil/>{child(1)}<Pupil/>{child(2)}<Pupil/></Children><Child/></Message>"
    )
    raw = read(tmp_path, text)
    assert {f.message.split()[0]: (f.rows, f.table) for f in raw.findings} == {
        "Message/Children/Pupil": (3, ""),
        "Message/Extra": (1, ""),
        "Message/Header/CollectionDetails/Odd": (1, "censuses"),
        "Message/Child": (1, ""),
    }
    assert rows(raw, "children", "child_id") == [("DEMO1",), ("DEMO2",)]


def test_elements_inside_a_single_value_are_reported(tmp_path):
    inside = (
        "<CINdetails><CINreferralDate>2025-04-01<Note/></CINreferralDate></CINdetails>"
        "<ChildCharacteristics><Disabilities><Disability>LD<Note/></Disability></Disabilities></ChildCharacteristics>"
    )
    raw = read(tmp_path, message(child(1, inside)))
    assert [finding.message.split()[0] for finding in raw.findings] == [
        "Message/Children/Child/CINdetails/CINreferralDate/Note",
        "Message/Children/Child/ChildCharacteristics/Disabilities/Disability/Note",
    ]
    assert rows(raw, "episodes", "referral_date") == [("2025-04-01",)]
    assert rows(raw, "disabilities", "disability") == [("LD",)]


def test_a_child_inside_a_child_is_an_unknown_element(tmp_path):
    raw = read(tmp_path, message(child(1, f"<Children>{child(9)}</Children>"), child(2)))
    assert rows(raw, "children", "child_id") == [("DEMO1",), ("DEMO2",)]
    (finding,) = raw.findings
    assert (finding.message.split()[0], finding.row_numbers) == ("Message/Children/Child/Children", (1,))


def test_the_name_of_an_unknown_element_is_cut_and_cleaned(tmp_path):
    raw = read(tmp_path, message(child(1, f"<\u00e9{'A-b_c.9' * 20}/>")))
    (finding,) = raw.findings
    assert finding.message.split()[0] == "Message/Children/Child/" + ("A-b_c.9" * 20)[:60]


def test_very_many_unknown_names_share_a_finding(tmp_path):
    raw = read(tmp_path, message(child(1, "".join(f"<Odd{number}/>" for number in range(150)))))
    assert len(raw.findings) == 101
    assert raw.findings[-1].rows == 50
    assert sum(finding.rows for finding in raw.findings) == 150


def test_a_repeated_single_value_keeps_the_first(tmp_path):
    dates = "".join(f"<PersonBirthDate>{date}</PersonBirthDate>" for date in ("", "2019-01-01", "2019-02-02"))
    twice = f"<ChildIdentifiers>{dates}</ChildIdentifiers>"
    raw = read(tmp_path, message(child(1), child(2, twice), child(3, twice)))
    assert rows(raw, "children", "birth_date") == [(None,), ("2019-01-01",), ("2019-01-01",)]
    (finding,) = raw.findings
    assert (finding.rule, finding.severity, finding.table, finding.column) == (
        "repeated_element",
        "kept",
        "children",
        "birth_date",
    )
    assert (finding.rows, finding.row_numbers) == (2, (2, 3))
    assert "2019" not in finding.as_line()


def test_a_second_block_of_identifiers_cannot_replace_the_first(tmp_path):
    again = "<ChildIdentifiers><LAchildID>OTHER</LAchildID><Sex>F</Sex></ChildIdentifiers>"
    raw = read(tmp_path, message(child(1, again)))
    assert rows(raw, "children", "child_id", "sex") == [("DEMO1", "F")]
    assert [(f.rule, f.column, f.row_numbers) for f in raw.findings] == [("repeated_element", "child_id", (1,))]


def test_row_numbers_in_a_finding_are_capped_and_all_counted(tmp_path):
    raw = read(tmp_path, message(*(child(number, "<Extra/>") for number in range(30))))
    (finding,) = raw.findings
    assert (finding.rows, finding.row_numbers) == (30, tuple(range(1, 21)))
