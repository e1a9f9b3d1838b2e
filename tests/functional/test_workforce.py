"""Linked workforce censuses, from files to figures, against a second reading of the files in every reading."""

from __future__ import annotations

import csv
import shutil
import tomllib

import pytest

import csc_indicators as csc
from csc_indicators.catalogue import catalogue
from csc_indicators.engines.local import Request, compute
from tests.lib.command_line import ROOT, run, run_here
from tests.lib.workforce_files import TOTALS, as_csv, as_xml, put, workbook, worker, zipped
from tests.lib.workforce_rows import censuses, figure

CANARY = "ZQ81CANARY"
WORKFORCE = ROOT / "fixtures" / "workforce"
SPECS = {
    path.stem: tomllib.loads(path.read_text(encoding="utf-8"))
    for path in sorted(ROOT.joinpath("specs", "indicators").glob("*.toml"))
}
SPECS = {name: spec for name, spec in SPECS.items() if spec["tables"][0].startswith("workforce.")}
INDICATORS = [name for name, spec in catalogue().indicators.items() if spec.collection == "workforce"]
READINGS = [(name, reading["name"]) for name, spec in SPECS.items() for reading in spec["reading"]]
AUTHORITIES, YEARS = ("390", "840"), ("2022", "2023", "2024", "2025")
PLACES = [(area, year) for area in AUTHORITIES for year in YEARS]


def test_the_terminal_shows_halves_of_posts_and_whose_a_record_is():
    cells = run("compute", "fixtures/workforce", "--indicator", "agency_rate", "--year", "2025")
    records = run("records", "social_worker_turnover", "fixtures/workforce", "--year", "2025", "--internal")
    by_quarter = run("compute", "fixtures/workforce", "--period", "quarter")

    assert "Agency social workers [%]" in cells.stdout
    assert "26.0" not in cells.stdout
    assert any(".5 " in line for line in cells.stdout.splitlines())
    assert " worker_id " in records.stdout
    assert (by_quarter.code, "known for whole years only" in by_quarter.stderr) == (2, True)


def test_days_lost_of_a_few_workers_are_hidden_but_for_internal_use():
    asked = ("compute", "fixtures/workforce", "--indicator", "sickness_absence", "--by", "role", "--format", "csv")
    public, internal = (list(csv.DictReader(run(*asked, *more).stdout.splitlines())) for more in ((), ("--internal",)))

    of_roles = [cell for cell in public if cell["breakdown"] == "role"]
    hidden = [cell for cell in of_roles if cell["status"] == "c"]
    assert hidden
    assert {cell[column] for cell in hidden for column in ("numerator", "denominator", "value")} == {""}
    assert len(hidden) < len(of_roles)
    assert "c" not in {cell["status"] for cell in internal}
    assert "units" not in {*public[0], *internal[0]}


def test_a_folder_of_censuses_gives_every_indicator_of_every_year_and_authority():
    done = run("compute", "fixtures/workforce", "--internal", "--format", "csv")

    assert done.code == 0, done.stderr
    cells = [cell for cell in csv.DictReader(done.stdout.splitlines()) if cell["breakdown"] == "total"]
    assert [(cell["indicator"], cell["area_code"], cell["period"]) for cell in cells] == [
        (indicator, *place) for indicator in INDICATORS for place in PLACES
    ]
    said = {(cell["indicator"], cell["area_code"], cell["period"]): cell["complete"] for cell in cells}
    # Who is retained over two years is known only from the third census on.
    for area, year in PLACES:
        assert said["social_worker_retention", area, year] == ("true" if year > "2023" else "false")
        assert said["social_worker_turnover", area, year] == "true"


def computed(folder, requests):
    frame = compute(csc.load(folder), requests, periods=csc.years(2022, 2025), internal=True).frame
    columns = ("indicator", "reading", "area_code", "period", "numerator", "denominator", "value")
    return {tuple(row[:4]): row[4:] for row in frame.filter(breakdown="total").select(columns).rows()}


@pytest.fixture(scope="module")
def cells():
    """Numerator, denominator and value of every reading, year and authority."""
    return computed(WORKFORCE, [Request(indicator, reading) for indicator, reading in READINGS])


@pytest.fixture(scope="module")
def raw():
    return censuses(WORKFORCE)


@pytest.mark.parametrize(("indicator", "reading"), READINGS)
def test_the_figures_are_those_of_the_second_reading(cells, raw, indicator, reading):
    set_to = next(entry["set"] for entry in SPECS[indicator]["reading"] if entry["name"] == reading)
    for area, year in PLACES:
        numerator, denominator, value = cells[indicator, reading, area, year]
        expected = figure(raw, indicator, area, int(year), **set_to)

        assert (numerator, denominator) == pytest.approx(expected, abs=1e-5), (area, year)
        assert (value is None) == (not expected[1]), (area, year)


@pytest.mark.parametrize(("indicator", "reading"), READINGS)
def test_every_other_reading_gives_another_figure(cells, indicator, reading):
    default = SPECS[indicator]["default_reading"]
    differs = any(cells[indicator, default, *place] != cells[indicator, reading, *place] for place in PLACES)

    assert differs == (reading != default)


@pytest.mark.parametrize(("indicator", "reading"), READINGS)
def test_every_reading_has_a_figure_above_nothing_somewhere(cells, indicator, reading):
    assert any(cells[indicator, reading, *place][0] for place in PLACES)


def rows_of(file):
    with file.open(encoding="utf-8", newline="") as opened:
        return list(csv.DictReader(opened))


def in_workbooks(folder):
    sheets = {file.stem: rows_of(file) for file in sorted(folder.glob("*.csv"))}
    return "census.xlsx", workbook(sheets)


def in_archives(folder):
    return "census.zip", zipped({file.name: file.read_bytes() for file in sorted(folder.iterdir())})


@pytest.mark.parametrize(("packed", "pattern"), [(in_workbooks, "840/*"), (in_archives, "*/*")])
def test_workbooks_and_archives_give_the_same_figures(tmp_path, cells, packed, pattern):
    shutil.copytree(WORKFORCE, tmp_path, dirs_exist_ok=True)
    for folder in sorted(WORKFORCE.glob(pattern)):
        name, content = packed(folder)
        other = tmp_path / folder.relative_to(WORKFORCE)
        shutil.rmtree(other)
        other.mkdir()
        other.joinpath(name).write_bytes(content)

    found = computed(tmp_path, [Request(name, SPECS[name]["default_reading"]) for name in SPECS])
    assert found == {key: cells[key] for key in found}
    assert len(found) == len(SPECS) * len(PLACES)


def test_full_time_equivalents_that_are_no_whole_numbers_are_shown_inside(cells):
    assert any(numerator % 1 for numerator, _, _ in cells.values())


@pytest.mark.parametrize("form", ["csv", "xml"])
@pytest.mark.parametrize("options", [(), ("--format", "json")], ids=["text", "json"])
def test_the_command_line_repeats_nothing_of_a_row(tmp_path, form, options):
    every_item = dict.fromkeys((*worker(), "QualInst", "ReasonAbsence"), CANARY)
    rows = [worker(), every_item, {**every_item, "AgencyWorker": "0"}]
    rows[0] |= {"QualInst": "", "ReasonAbsence": ""}
    put(tmp_path, f"census.{form}", as_csv(rows) if form == "csv" else as_xml(rows, [dict.fromkeys(TOTALS, CANARY)]))
    for command in (("validate",), ("compute", "--internal")):
        done = run_here(*command, tmp_path, *options)

        assert done.stdout + done.stderr
        assert CANARY not in done.stdout + done.stderr
    assert CANARY not in f"{csc.load(tmp_path)!r}{csc.read_workforce(tmp_path)!r}"


def test_an_indicator_of_a_census_that_is_not_there_is_said_to_need_it():
    done = run("compute", "fixtures/region", "--indicator", "caseload")

    assert done.code == 5
    assert "caseload is computed from" in done.stderr


def test_a_worker_who_lost_more_days_than_a_part_time_post_has_is_computed(tmp_path):
    put(tmp_path, "workers.csv", as_csv([worker(FTE="0.5", WorkingDaysLost="200")]))
    frame = csc.compute(tmp_path, "sickness_absence", periods=csc.years(2025, 2025), internal=True).frame

    assert frame.filter(breakdown="total").select("numerator", "denominator").row(0) == (200.0, 126.5)
