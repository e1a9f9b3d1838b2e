"""Five linked years of returns on looked-after children, from files to figures, in every form they come in."""

from __future__ import annotations

import csv
import shutil

import pytest

import csc_indicators as csc
from csc_indicators.catalogue import catalogue
from tests.lib.care_files import workbook, zipped
from tests.lib.command_line import ROOT, run

LOOKED_AFTER = ROOT / "fixtures" / "looked_after"
INDICATORS = [name for name, spec in catalogue().indicators.items() if spec.collection == "ssda903"]
FIVE_YEARS = ("2021", "2022", "2023", "2024", "2025")


def totals(frame):
    names = ("indicator", "area_code", "period", "numerator", "denominator", "complete")
    return frame.filter(breakdown="total").select(names).rows()


def test_a_folder_of_five_years_gives_every_indicator_for_each_year_with_its_completeness():
    done = run("compute", "fixtures/looked_after", "--internal", "--format", "csv")

    assert done.code == 0, done.stderr
    cells = [cell for cell in csv.DictReader(done.stdout.splitlines()) if cell["breakdown"] == "total"]
    assert [(cell["indicator"], cell["area_code"], cell["period"]) for cell in cells] == [
        (indicator, area, year) for indicator in INDICATORS for area in ("390", "840") for year in FIVE_YEARS
    ]
    assert {cell["complete"] for cell in cells} == {"true", "false"}
    said = {(cell["indicator"], cell["period"]): cell["complete"] for cell in cells if cell["area_code"] == "840"}
    # What needs nothing from before is complete from the first year on; for how long a child has been in care is not.
    assert [said["children_in_care", year] for year in FIVE_YEARS] == ["true"] * 5
    assert [said["long_term_stability", year] for year in FIVE_YEARS] == ["false", "false", "true", "true", "true"]
    assert "note: long_term_stability (published) is incomplete for 390, 840 in 2021, 2022" in done.stderr


@pytest.fixture(scope="module")
def as_csv():
    return totals(csc.compute(LOOKED_AFTER, INDICATORS, periods=csc.years(2021, 2025), internal=True).frame)


def rows_of(file):
    with file.open(encoding="utf-8", newline="") as opened:
        return list(csv.DictReader(opened))


def in_workbooks(year_folder):
    sheets = {file.stem: rows_of(file) for file in sorted(year_folder.glob("*.csv"))}
    return "903.xlsx", workbook(sheets)


def in_archives(year_folder):
    return "903.zip", zipped({file.name: file.read_bytes() for file in sorted(year_folder.glob("*.csv"))})


@pytest.mark.parametrize("packed", [in_workbooks, in_archives])
def test_workbooks_and_archives_give_the_same_figures(tmp_path, as_csv, packed):
    shutil.copy(LOOKED_AFTER / "postcodes.csv", tmp_path)
    for folder in LOOKED_AFTER.glob("*/*"):
        if folder.is_dir():
            name, content = packed(folder)
            other = tmp_path / folder.parent.name / folder.name
            other.mkdir(parents=True)
            other.joinpath(name).write_bytes(content)

    found = totals(csc.compute(tmp_path, INDICATORS, periods=csc.years(2021, 2025), internal=True).frame)
    assert found == as_csv


def test_both_collections_in_one_folder_give_the_indicators_of_both(tmp_path):
    shutil.copytree(LOOKED_AFTER / "390" / "2025", tmp_path / "903" / "390" / "2025")
    shutil.copytree(ROOT / "fixtures" / "region" / "390" / "2025", tmp_path / "cin" / "390" / "2025")
    result = csc.compute(tmp_path, periods=csc.year(2025))

    of_children = [name for name, spec in catalogue().indicators.items() if spec.collection in ("cin", "ssda903")]
    assert result.frame["indicator"].unique(maintain_order=True).to_list() == of_children


def test_an_indicator_of_a_return_that_is_not_there_is_said_to_need_it():
    done = run("compute", "fixtures/region", "--indicator", "foster_care")

    assert done.code == 5
    assert "foster_care is computed from the return on looked-after children (SSDA903)" in done.stderr
