"""The commands that compare and publish: areas on `compute`, `benchmark`, `published`, `screen` and `workbook`."""

from __future__ import annotations

import csv
import io
import json
import zipfile

import polars as pl
import pytest

from csc_indicators.cli_comparison import STORE
from csc_indicators.geography import local_authority, statistical_neighbours
from csc_indicators.outputs.store import DEFAULT_STORE, stored_results
from tests.lib.command_line import REGION, run_here, unpadded

NEIGHBOURS = statistical_neighbours("390")["neighbour_la_code"].cast(pl.String).to_list()
HEADER = (
    "time_period", "time_identifier", "geographic_level", "country_code", "country_name", "region_code", "region_name",
    "old_la_code", "new_la_code", "la_name", "Referrals", "Re_referrals", "Re_referrals_percent",
)  # fmt: skip
ENGLAND = ("E92000001", "England")
NORTH_EAST = ("E12000001", "North East")


def authority_row(code, top, bottom, percent, year=2025):
    place = local_authority(code, year)
    region = (place.region_code, place.region_name)
    where = (*ENGLAND, *region, code, place.ons_code, place.name)
    return (year, "Reporting year", "Local authority", *where, bottom, top, percent)


def published_rows():
    """Made-up figures in the shape of the release: an authority, its neighbours, one of them hidden, and areas."""
    blank = ("", "", "")
    rows = [authority_row("390", 30, 300, "10.0")]
    rows += [authority_row(code, 10 + place, 100, f"{10 + place}.0") for place, code in enumerate(NEIGHBOURS[1:])]
    rows.append(authority_row(NEIGHBOURS[0], "c", 40, "c"))
    rows.append((2025, "Reporting year", "Regional", *ENGLAND, *NORTH_EAST, *blank, 1000, 200, "20.0"))
    rows.append((2025, "Reporting year", "National", *ENGLAND, "", "", *blank, 100_000, 22_600, "22.6"))
    return rows


@pytest.fixture(scope="module")
def release(tmp_path_factory):
    file = tmp_path_factory.mktemp("release") / "c1_children_in_need_referrals_and_rereferrals_2013_to_2025.csv"
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows([HEADER, *published_rows()])
    file.write_text(text.getvalue(), encoding="utf-8")
    return file


@pytest.fixture(scope="module")
def store(release, tmp_path_factory):
    file = tmp_path_factory.mktemp("store") / "figures.duckdb"
    assert run_here("published", "add", release, "--store", file).code == 0
    return file


def frame_of(outcome):
    assert outcome.code == 0, outcome.stderr
    return pl.read_csv(outcome.stdout.encode(), infer_schema=False)


def cells_of(outcome):
    """The cells of a printed table, row by row."""
    lines = [line for line in outcome.stdout.splitlines() if line.startswith("│")]
    return [[part.strip() for part in line.split("│")[1:-1]] for line in lines]


# Areas on `compute`


def test_levels_are_shown_that_are_asked_for():
    one = ("compute", REGION, "--indicator", "rereferrals", "--year", "2025", "--format", "csv")
    levels = [
        frame_of(run_here(*one, *options))["level"].unique(maintain_order=True).to_list()
        for options in ((), ("--level", "regional"), ("--level", "national", "--level", "authority"))
    ]

    assert levels == [["Local authority"], ["Regional"], ["Local authority", "National"]]


def test_an_authority_is_shown_with_its_neighbours_and_region_of_all_that_are_there():
    outcome = run_here("compute", REGION, "--indicator", "rereferrals", "--year", "2025", "--la", "390",
                       "--level", "authority", "--level", "regional", "--level", "neighbours")  # fmt: skip

    assert cells_of(outcome) == [
        ["Gateshead (390)", "2025", "54", "298", "18.1", "14.2 to 22.9", "ok", "yes"],
        ["North East (3 of 12 authorities) (E12000001)", "2025", "250", "1,080", "22.8", "20.4 to 25.4", "ok", "no"],
        ["Neighbours of Gateshead (1 with a value)", "2025", "", "", "27.5", "", "ok", "no"],
    ]


def test_another_model_and_the_mean_of_neighbours(tmp_path):
    model = tmp_path / "model.csv"
    model.write_text("la_code,neighbour_la_code\n390,391\n390,840\n391,390\n")
    rows = frame_of(
        run_here("compute", REGION, "--indicator", "rereferrals", "--year", "2025", "--level", "neighbours",
                 "--neighbours", model, "--neighbour-value", "mean", "--format", "csv")
    )  # fmt: skip

    assert rows.select("area_code", "value", "authorities").rows() == [("390", "24.15", "2"), ("391", "18.1", "1")]


def test_a_wrong_level_or_model_is_said_before_anything_is_read(tmp_path):
    assert run_here("compute", REGION, "--level", "region").code == 2
    missing = run_here("compute", "nowhere", "--level", "neighbours", "--neighbours", tmp_path / "none.csv")
    assert (missing.code, "none.csv" in missing.stderr) == (3, True)


def test_a_model_of_neighbours_without_their_level_is_refused(tmp_path):
    for options in (("--neighbour-value", "mean"), ("--neighbours", tmp_path / "none.csv", "--level", "neighbours")):
        assert run_here("compute", REGION, "--indicator", "rereferrals", *options).code in (2, 3)
    refused = run_here("compute", REGION, "--indicator", "rereferrals", "--neighbour-value", "mean")
    assert "are for --level neighbours" in refused.stderr


def test_tidy_files_and_a_store_of_runs_are_written(tmp_path):
    arguments = ("compute", REGION, "--indicator", "rereferrals", "--by", "sex", "--level", "regional",
                 "--level", "authority", "--out", tmp_path, "--ees", "--store", tmp_path / "runs.duckdb")  # fmt: skip
    outcome = run_here(*arguments)
    again = run_here(*arguments)

    assert outcome.code == again.code == 0
    assert "rows of regions or England left out: not all of their authorities are in the figures." in outcome.stderr
    screened = run_here("screen", tmp_path / "ees" / "rereferrals.csv")
    assert screened.code == 0, screened.stdout
    assert screened.stdout.endswith("0 failed, 0 warnings\n")
    assert outcome.said[-1].endswith(" added")
    assert again.said[-1].endswith(" is there already, nothing added")
    assert stored_results(tmp_path / "runs.duckdb").height == frame_of(run_here(*arguments, "--format", "csv")).height


def test_the_manifest_says_whose_figures_they_are(tmp_path):
    run_here("compute", REGION, "--indicator", "rereferrals", "--level", "neighbours", "--level", "national",
             "--neighbour-value", "mean", "--joined", "--out", tmp_path)  # fmt: skip

    assert json.loads((tmp_path / "manifest.json").read_text())["areas"] == {
        "levels": ["National", "Statistical neighbours"],
        "joined": True,
        "neighbours": "mean, 2025 model",
    }


def test_what_is_restricted_is_not_written_to_be_published(tmp_path):
    outcome = run_here("compute", REGION, "--indicator", "rereferrals", "--out", tmp_path, "--ees", "--internal")

    assert (outcome.code, list(tmp_path.iterdir())) == (2, [])


# Published figures


def test_a_release_is_added_once(release, tmp_path):
    first = run_here("published", "add", release, "--store", tmp_path / "figures.duckdb")
    again = run_here("published", "add", release, "--store", tmp_path / "figures.duckdb")

    # Of each row a re-referral rate, and a rate of referrals, which is made of their number and the population.
    assert first.stdout == f"{release.name}: {2 * len(published_rows())} figures, to 2025\n"
    assert again.stdout == f"{release.name}: in the store already, nothing added\n"
    listed = run_here("published", "list", "--store", tmp_path / "figures.duckdb")
    assert release.name in listed.stdout.replace("\n", "")
    assert "Children in need" in listed.stdout


def test_the_store_is_where_the_library_has_it():
    assert STORE == DEFAULT_STORE


def test_a_file_that_no_definition_knows_is_refused(tmp_path):
    file = tmp_path / "c1_children_in_need_referals_2025.csv"
    file.write_text("time_period,time_identifier,geographic_level,a\n2025,Reporting year,National,1\n")
    outcome = run_here("published", "add", file, "--store", tmp_path / "figures.duckdb")

    assert outcome.code == 2
    assert "c1_children_in_need_referrals_and_rereferrals" in outcome.stderr
    assert not (tmp_path / "figures.duckdb").exists()


# Benchmark

BENCHMARK = ("benchmark", "--indicator", "rereferrals", "--la", "390", "--store")


def test_an_own_figure_is_set_beside_published_ones(store):
    outcome = run_here(*BENCHMARK, store, REGION)
    lines = unpadded(outcome.stdout)

    assert outcome.code == 0, outcome.stderr
    assert lines[0] == "Re-referrals within 12 months [%], 2025"
    neighbours = "Neighbours of Gateshead (9 with a value)"
    assert cells_of(outcome)[:5] == [
        ["Gateshead (390)", "18.1", "14.2 to 22.9", "", "", "", "computed"],
        ["Gateshead (390), as published", "10.0", "7.1 to 13.9", "+8.1", "2.6 to 13.7", "higher", "published"],
        [neighbours, "14.0", "", "+4.1", "0.2 to 8.9", "higher", "from published values"],
        ["North East (E12000001)", "20.0", "17.6 to 22.6", "-1.9", "-6.6 to 3.5", "within chance", "published"],
        ["England (E92000001)", "22.6", "22.3 to 22.9", "-4.5", "-8.4 to 0.3", "within chance", "published"],
    ]
    assert lines[-1].startswith("rank 1 of 10 from the highest; highest quarter; within what chance alone would do")
    assert 'note: Same rule: "Within 12 months of the previous referral".' in outcome.said
    assert "note: Published figures: Children in need, 2025." in outcome.said


def test_another_rule_for_the_own_figure_is_said_to_be_another(store):
    for options in (("--reading", "ever"), ("--set", "rereferrals.window_months=ever")):
        outcome = run_here(*BENCHMARK, store, REGION, *options)
        assert outcome.code == 0, outcome.stderr
        assert any(line.startswith("note: Different rules: ") for line in outcome.said)


def test_a_program_gets_all_of_it(store):
    made = run_here(*BENCHMARK, store, REGION, "--format", "json").json()

    assert set(made) == {"period", "table", "positions", "notes"}
    assert [row["role"] for row in made["table"]][:3] == ["own", "own, published", "Statistical neighbours"]
    assert made["positions"][0]["rank"] == 1
    assert made["notes"][0].startswith("Same rule")


def test_a_published_figure_needs_no_extracts(store):
    rows = frame_of(run_here(*BENCHMARK, store, "--format", "csv"))

    assert rows.select("role", "value", "source").row(0) == ("own", "10.0", "published")
    hidden = rows.filter(area_code=NEIGHBOURS[0]).select("value", "status", "difference").rows()
    assert hidden == [(None, "c", None)]


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("--reading", "ever"), 2, "name the extracts"),
        (("--year", "2019"), 5, "nothing to compare for 2019"),
    ],
)
def test_what_cannot_be_compared_is_said(store, arguments, code, said):
    outcome = run_here(*BENCHMARK, store, *arguments)

    assert outcome.code == code
    assert said in outcome.stderr


def test_a_store_that_is_not_there_is_said(tmp_path):
    outcome = run_here(*BENCHMARK, tmp_path / "none.duckdb")

    assert outcome.code == 2
    assert "there is no store here" in outcome.stderr


# Screen and workbook


def test_a_file_that_breaks_rules_fails_the_screen_with_what_to_do(tmp_path):
    (tmp_path / "figures.csv").write_text("a,b\n1,2\n")
    (tmp_path / "figures.meta.csv").write_text("col_name\na\n")
    outcome = run_here("screen", tmp_path / "figures.csv")

    assert outcome.code == 4
    assert outcome.stdout.startswith("FAIL col_req_meta: ")
    listed = run_here("screen", tmp_path / "figures.csv", "--format", "json")
    assert listed.code == 4
    assert {check["result"] for check in listed.json()} == {"PASS", "FAIL"}


def test_a_file_without_its_metadata_is_told_where_tidy_files_come_from(tmp_path):
    (tmp_path / "cells.csv").write_text("a,b\n1,2\n")
    outcome = run_here("screen", tmp_path / "cells.csv")

    assert (outcome.code, "compute --out DIR --ees" in outcome.stderr) == (2, True)


def test_a_workbook_is_written_with_every_level(tmp_path):
    file = tmp_path / "figures.xlsx"
    outcome = run_here("workbook", REGION, "--indicator", "rereferrals", "--by", "sex", "--out", file)

    assert outcome.code == 0, outcome.stderr
    assert outcome.said[-1] == f"wrote {file}"
    with zipfile.ZipFile(file) as parts:
        assert b"Statistical neighbours" in parts.read("xl/sharedStrings.xml")
    nowhere = run_here("workbook", "nowhere", "--out", tmp_path / "none" / "figures.xlsx")
    assert (nowhere.code, "there is no folder" in nowhere.stderr) == (2, True)
    wrong = run_here("workbook", REGION, "--out", tmp_path / "figures.xls")
    assert (wrong.code, "ends in .xlsx" in wrong.stderr) == (2, True)
