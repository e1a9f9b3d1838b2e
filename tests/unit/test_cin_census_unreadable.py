"""Census files that cannot be read: each refused in one line that quotes nothing of the file."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from csc_indicators.errors import UnreadableFile
from csc_indicators.extracts.cin_census import read_cin_census_xml
from tests.lib.census_xml import child, message, write

ROOT = Path(__file__).resolve().parents[2]
FAULTY = "fixtures/faulty/files"


def refusal(folder: Path, text: str | bytes) -> str:
    with pytest.raises(UnreadableFile) as caught:
        read_cin_census_xml([write(folder, text)])
    assert caught.value.exit_code == 3
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
    return str(caught.value).removeprefix(f"{folder / 'census.xml'}: ")


README_ROWS = [
    tuple(cell.strip() for cell in line.strip("|\n").split("|"))
    for line in (ROOT / FAULTY / "README.md").read_text(encoding="utf-8").splitlines()
    if line.startswith("| `")
]


def test_the_table_of_unreadable_files_is_complete():
    files = {path.name for path in (ROOT / FAULTY).iterdir()} - {"README.md"}
    assert {name.strip("`") for name, _, _ in README_ROWS} == files


@pytest.mark.parametrize(("name", "expected", "exit_code"), README_ROWS, ids=[row[0].strip("`") for row in README_ROWS])
def test_an_unreadable_file_gives_the_line_in_the_table(monkeypatch, name, expected, exit_code):
    monkeypatch.chdir(ROOT)
    with pytest.raises(UnreadableFile) as caught:
        read_cin_census_xml([Path(FAULTY, name.strip("`"))])
    assert str(caught.value) == expected
    assert str(caught.value.exit_code) == exit_code


def test_a_missing_file_a_folder_and_a_forbidden_file_are_named(tmp_path, monkeypatch):
    with pytest.raises(UnreadableFile) as caught:
        read_cin_census_xml([tmp_path / "none.xml"])
    assert str(caught.value) == f"{tmp_path / 'none.xml'}: there is no such file. Check the path."
    with pytest.raises(UnreadableFile) as caught:
        read_cin_census_xml([tmp_path])
    assert str(caught.value) == f"{tmp_path}: this is a folder. Give the files in it."

    def forbid(*_args, **_keywords):
        raise PermissionError

    monkeypatch.setattr(Path, "open", forbid)
    with pytest.raises(UnreadableFile) as caught:
        read_cin_census_xml([tmp_path / "locked.xml"])
    assert str(caught.value) == (
        f"{tmp_path / 'locked.xml'}: you have no permission to read this file. Ask for it, or copy the file to "
        "where you have."
    )


def test_a_gzip_file_is_named_as_one(tmp_path):
    assert refusal(tmp_path, gzip.compress(message().encode())) == (
        "the file is a gzip archive, not XML. Unpack it and give the XML file inside."
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("  \n\n", "line 3: the file ends before it is complete. Export or copy it again."),
        (
            "<Message>\n<Children></Message>",
            (
                "line 2: an end tag does not match the element it should close. Export the file again, or undo edits "
                "made by hand."
            ),
        ),
        (
            "<Message>\n</Message>\n<Message/>",
            (
                "line 3: something follows the end of the outermost element. If files were joined together, give "
                "each on its own."
            ),
        ),
        (
            message(child(1, "<Note>&SECRET;</Note>")),
            (
                "line 1: an entity other than the five of XML itself is used. Export the file again, or write the "
                "character itself."
            ),
        ),
        (
            b"<Message>\nSECRET\xff</Message>",
            (
                "line 2: a character is not allowed here, or is not in the text encoding the file declares. Export "
                "the file again."
            ),
        ),
        (
            '<?xml version="1.0" encoding="utf-16"?><Message/>',
            "line 1: the file is not in the text encoding it declares. Correct the encoding on its first line.",
        ),
        (
            '<?xml version="1.0" encoding="SECRET"?><Message/>',
            "line 1: the text encoding the file declares is not supported. Save the file as UTF-8.",
        ),
        (
            '<?xml version="1.0" encoding="shift_jis"?><Message/>',
            "line 1: the text encoding the file declares is not supported. Save the file as UTF-8.",
        ),
        (
            "<Message SECRET='1' SECRET='2'/>",
            "line 1: the file is not XML. Give the XML file that was exported for the return.",
        ),
        ("<Message><x SECRET='1' SECRET='2'/></Message>", "line 1: it is not well-formed XML. Export the file again."),
        ("<Message>\n<SECRET:x/></Message>", "line 2: it is not well-formed XML. Export the file again."),
        (
            "<Message>" + "<SECRET>" * 300 + "</SECRET>" * 300 + "</Message>",
            "line 1: it is nested too deeply or holds too long a text for a census. Export the file again.",
        ),
        (
            f"<Message>\n<SECRET>{'x' * 10_500_000}</SECRET></Message>",
            "line 2: it is nested too deeply or holds too long a text for a census. Export the file again.",
        ),
        ("<Message>" + "\n" * 70_000, "line 70001: the file ends before it is complete. Export or copy it again."),
    ],
)
def test_malformed_files_are_explained_without_quoting_them(tmp_path, text, expected):
    assert refusal(tmp_path, text) == expected


def test_every_truncation_of_a_file_is_refused_in_one_line(tmp_path):
    text = '<?xml version="1.0"?>\n' + message(child(1, "<CINdetails/>"))
    for length in range(len(text)):
        line = refusal(tmp_path, text[:length])
        assert "\n" not in line
        assert "DEMO" not in line


def test_a_file_that_looks_sound_at_first_gives_nothing_if_it_breaks_later(tmp_path):
    good = write(tmp_path, message(child()), "good.xml")
    bad = write(tmp_path, message(child())[:-20], "bad.xml")
    with pytest.raises(UnreadableFile, match=r"bad\.xml: line 1: the file ends"):
        read_cin_census_xml([good, bad])
