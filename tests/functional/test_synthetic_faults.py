"""Faults planted in made-up returns: each is noted, found where it can be, and nothing good is rejected for it."""

from __future__ import annotations

import shutil

import polars as pl
import pytest

import csc_indicators as csc
from csc_indicators.errors import UnreadableFile, UsageError
from csc_indicators.extracts.discovery import OF_A_SIMULATION
from csc_indicators.synthetic.fault_kinds import SECOND_ID
from csc_indicators.synthetic.faults import NOTED
from csc_indicators.synthetic.synthesis import FAULTS, TRUTH
from docs.generate_fault_page import BEGIN, END, OUR_NAMES, PAGE, TOLD_AS, as_table, rows_of_children, score
from tests.lib.command_line import run_here

AUTHORITIES = ("420", "807", "857")
YEARS, RATE = 2, 0.03
ENOUGH = 0.95


@pytest.fixture(scope="module")
def clean(tmp_path_factory):
    return csc.synthesise(tmp_path_factory.mktemp("clean") / "up", las=AUTHORITIES, years=YEARS)


@pytest.fixture(scope="module")
def faulty(tmp_path_factory):
    return csc.synthesise(tmp_path_factory.mktemp("faulty") / "up", las=AUTHORITIES, years=YEARS, faults=RATE)


@pytest.fixture(scope="module")
def in_xml(tmp_path_factory):
    folder = tmp_path_factory.mktemp("in_xml") / "up"
    return csc.synthesise(folder, las=AUTHORITIES, years=YEARS, faults=RATE, form="xml", processes=2)


@pytest.fixture(scope="module")
def planted(faulty):
    return pl.read_parquet(faulty / FAULTS)


@pytest.fixture(scope="module")
def scored(faulty, tmp_path_factory):
    # Scoring takes the file away that is cut short.
    return score(shutil.copytree(faulty, tmp_path_factory.mktemp("scored") / "up"))


def test_every_kind_is_planted_and_says_where(planted, faulty):
    assert planted.schema == NOTED
    kinds = planted.with_columns(collection=pl.col("table").str.split(".").list.first().fill_null("cin"))
    assert {*kinds.select("collection", "fault").rows()} == {*TOLD_AS}
    assert all((faulty / file).exists() for file in planted["file"].unique())
    # What cannot be found says why; what can, does not.
    assert planted.filter(pl.col("detectable") == pl.col("why_not").is_not_null()).is_empty()
    assert planted.filter(pl.col("fault") != "truncated_file").select("year", "table", "child_id").is_unique().all()


def test_what_can_be_found_is_found(scored):
    found = scored.found
    assert found.filter(pl.col("found") < ENOUGH * pl.col("detectable")).rows() == []
    assert (found["detectable"] > 0).all()


def test_no_good_row_is_rejected_and_nothing_is_told_of_a_child_without_a_fault(scored):
    assert scored.rejected > 0 < scored.with_parent
    assert (scored.rejected_wrongly, scored.told_wrongly) == (0, {})


@pytest.mark.parametrize("form", ["csv", "xml"])
def test_the_row_that_is_noted_is_that_of_the_child_as_its_reader_counts(form, faulty, in_xml, tmp_path):
    folder = shutil.copytree({"csv": faulty, "xml": in_xml}[form], tmp_path / "up")
    noted = pl.read_parquet(folder / FAULTS)
    for (cut,) in noted.filter(fault="truncated_file").select("file").rows():
        (folder / cut).unlink()
        noted = noted.filter(pl.col("file") != cut)
    rows = noted.select("child_id", "file", "row", place=pl.col("table").replace(OUR_NAMES))
    assert rows.join(rows_of_children(folder), on=rows.columns, how="anti").is_empty()


def test_whoever_rejects_a_row_of_another_fault_does_so_wrongly(faulty, planted, tmp_path):
    # Dates that are no dates are planted by hand, in rows whose own fault leaves them in use.
    folder = shutil.copytree(faulty, tmp_path / "up")
    row, file = planted.filter(table="ssda903.episodes", fault="lower_case_code").select("row", "file").row(0)
    lines = (folder / file).read_text(encoding="utf-8").splitlines(keepends=True)
    cells = lines[row].split(",")
    lines[row] = ",".join([cells[0], "no day", *cells[2:]])
    (folder / file).write_text("".join(lines), encoding="utf-8")
    assert score(folder).rejected_wrongly == 1


def test_a_good_row_that_is_told_of_is_counted(faulty, planted, tmp_path):
    folder = shutil.copytree(faulty, tmp_path / "up")
    first_ids = pl.col("child_id").str.strip_suffix(SECOND_ID)
    once = planted.filter(first_ids.is_unique(), fault="end_without_reason")["child_id"][0]
    planted.filter(pl.col("child_id").ne_missing(once)).write_parquet(folder / FAULTS)
    assert score(folder).told_wrongly.get("end_without_reason") == 1


def test_a_fault_is_missed_when_nothing_tells_of_it(clean, planted, tmp_path):
    # The same notes beside returns without faults: nothing of them is there to be found, and nothing is rejected.
    folder = shutil.copytree(clean, tmp_path / "up")
    planted.write_parquet(folder / FAULTS)
    nothing = score(folder)
    assert nothing.found["found"].to_list() == [0] * len(TOLD_AS)
    assert (nothing.rejected, nothing.rejected_wrongly, nothing.told_wrongly) == (0, 0, {})


def test_the_truth_is_that_of_the_returns_without_faults(clean, faulty):
    assert (clean / TRUTH).read_bytes() == (faulty / TRUTH).read_bytes()


def test_the_file_that_is_cut_short_is_refused_by_name(faulty, planted):
    (cut,) = planted.filter(fault="truncated_file")["file"]
    with pytest.raises(UnreadableFile, match=cut):
        csc.load(faulty)


def test_messages_hold_no_value_of_a_faulty_row(faulty, planted, tmp_path):
    folder = shutil.copytree(faulty, tmp_path / "up")
    for file in planted.filter(fault="truncated_file")["file"]:
        (folder / file).unlink()
    said = " ".join(finding.as_line() for finding in csc.load(folder).findings)
    assert not any(child in said for child in planted["child_id"].drop_nulls())
    assert "N77" not in said


def test_the_truth_files_are_no_extracts():
    assert {TRUTH, FAULTS} == {*OF_A_SIMULATION}


def test_the_same_faults_come_of_the_same_seed_in_either_form(planted, in_xml):
    again = pl.read_parquet(in_xml / FAULTS)
    # The XML form has dates of birth once, so that no other is there to disagree; and its rows stand within children.
    anywhere = ["fault", "la_code", "year", "table", "column", "child_id"]
    assert again.select(anywhere).equals(planted.select(anywhere))
    seen_in_both = planted["detectable"] == again["detectable"]
    assert {*planted.filter(~seen_in_both)["fault"]} <= {"birth_year_mistyped"}
    assert {file.rpartition("/")[2] for file in again["file"]} == {"cin_census.xml", "looked_after.xml"}


@pytest.mark.parametrize(
    ("choices", "message"),
    [
        ({"faults": 0.2}, "a share of 0.2 of the rows cannot be planted. Ask for 0 to 0.05"),
        ({"faults": -0.1}, "a share of -0.1"),
        ({"faults": 0.01, "form": "parquet"}, "Ask for the form csv or xml"),
    ],
)
def test_faults_that_cannot_be_planted_are_refused(choices, message, tmp_path):
    with pytest.raises(UsageError, match=message):
        csc.synthesise(tmp_path / "out", las=1, years=1, **choices)


def test_the_command_plants_faults(tmp_path):
    out = str(tmp_path / "out")
    made = run_here("synthesise", "--las", "2", "--years", "1", "--faults", "0.01", "--out", out)
    validated = run_here("validate", out)
    assert (made.code, validated.code) == (0, 3)
    assert "cin_census.xml" in validated.stderr


def test_the_page_has_a_line_for_every_kind(scored):
    shown = PAGE.read_text(encoding="utf-8").partition(BEGIN)[2].partition(END)[0]
    kinds = [line.split("|")[1:3] for line in shown.splitlines() if line.startswith("|")]
    ours = [line.split("|")[1:3] for line in as_table(scored.found).splitlines() if line.startswith("|")]
    assert [[cell.strip() for cell in row] for row in kinds[2:]] == [[cell.strip() for cell in row] for row in ours[2:]]
