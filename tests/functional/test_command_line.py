"""The command line as a user meets it: what it prints, where, and how it ends."""

from __future__ import annotations

import hashlib
import json
import os
import pty
import subprocess

import polars as pl
import pytest

import csc_indicators
from csc_indicators.catalogue import catalogue
from csc_indicators.explanation import explain
from tests.lib.command_line import PARTLY, REGION, ROOT, command, environment, run, run_here

GATESHEAD = "fixtures/region/390"
CSV_HEADER = (
    "indicator,reading,parameters,period,period_start,period_end,level,area_code,area_name,breakdown,group,numerator,"
    "denominator,value,lower,upper,status,complete,unit,definition_version"
)
LOSS = (
    "children: 120 rows read, 120 kept, 0 rejected, 0 superseded by later returns\n"
    "episodes: 129 rows read, 128 kept, 1 rejected (unreadable_date 1), 0 superseded by later returns\n"
    "assessments: 125 rows read, 124 kept, 1 rejected (parent_left_out 1), 0 superseded by later returns\n"
    "3 findings; `validate` lists them\n"
)
INCOMPLETE = (
    "note: rereferrals (published) is incomplete in some periods for 390, 391, 840: their censuses begin on 2024-04-01; "
    "it would be complete from 2025-04-01.\n"
)
RESTRICTED = "RESTRICTED: small numbers are shown; not for publication\n"


def unpadded(text):
    """A table's lines without the spaces that fill them up to its width."""
    return [line.rstrip() for line in text.splitlines()]


def version_of(indicator):
    return catalogue().definition_version(indicator)


def totals(outcome, *columns):
    """Some columns of the total rows of a CSV result, as text."""
    frame = pl.read_csv(outcome.stdout.encode(), infer_schema=False).filter(pl.col("breakdown") == "total")
    return frame.select(columns).rows()


# Results, in each format


def test_a_table_of_figures():
    done = run("compute", PARTLY, "--indicator", "rereferrals")

    assert done.code == 0
    assert done.stderr == LOSS + INCOMPLETE
    assert unpadded(done.stdout) == [
        "Re-referrals within 12 months [%]",
        "rereferrals · published: Within 12 months of the previous referral",
        "┏━━━━━━━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━┳━━━━━━━━━━━┳━━━━━━━━━━━━━┳━━━━━━━┳━━━━━━━━┳━━━━━━━━━━┓",
        "┃ Area                      ┃ Period ┃ Numerator ┃ Denominator ┃ Value ┃ Status ┃ Complete ┃",
        "┡━━━━━━━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━╇━━━━━━━━━━━╇━━━━━━━━━━━━━╇━━━━━━━╇━━━━━━━━╇━━━━━━━━━━┩",
        "│ Gateshead (390)           │ 2025   │         c │          43 │     c │      c │ no       │",
        "│ Newcastle upon Tyne (391) │ 2025   │         c │          40 │     c │      c │ no       │",
        "│ County Durham (840)       │ 2025   │         c │          45 │     c │      c │ no       │",
        "└───────────────────────────┴────────┴───────────┴─────────────┴───────┴────────┴──────────┘",
    ]


def test_a_restricted_table_says_so_and_shows_small_numbers():
    done = run_here("compute", PARTLY, "--indicator", "rereferrals", "--internal")

    assert done.code == 0
    assert done.stderr == LOSS + INCOMPLETE + RESTRICTED
    assert unpadded(done.stdout) == [
        "Re-referrals within 12 months [%]",
        "rereferrals · published: Within 12 months of the previous referral",
        "RESTRICTED: small numbers are shown; not for publication",
        "┏━━━━━━━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━┳━━━━━━━━━━━┳━━━━━━━━━━━━━┳━━━━━━━┳━━━━━━━━━━━━━━━┳━━━━━━━━┳━━━━━━━━━━┓",
        "┃ Area                      ┃ Period ┃ Numerator ┃ Denominator ┃ Value ┃ 95 % interval ┃ Status ┃ Complete ┃",
        "┡━━━━━━━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━╇━━━━━━━━━━━╇━━━━━━━━━━━━━╇━━━━━━━╇━━━━━━━━━━━━━━━╇━━━━━━━━╇━━━━━━━━━━┩",
        "│ Gateshead (390)           │ 2025   │         3 │          43 │   7.0 │   2.4 to 18.6 │     ok │ no       │",
        "│ Newcastle upon Tyne (391) │ 2025   │         1 │          40 │   2.5 │   0.4 to 12.9 │     ok │ no       │",
        "│ County Durham (840)       │ 2025   │         5 │          45 │  11.1 │   4.8 to 23.5 │     ok │ no       │",
        "└───────────────────────────┴────────┴───────────┴─────────────┴───────┴───────────────┴────────┴──────────┘",
    ]


def test_figures_as_csv():
    done = run("compute", f"{REGION}/840", "--year", "2025", "--indicator", "rereferrals", "--by", "sex", "--format", "csv")
    start = 'rereferrals,published,"",2025,2024-04-01,2025-03-31,Local authority,840,County Durham'
    end = f"ok,true,percent,{version_of('rereferrals')}"

    assert done.code == 0
    assert done.stdout == (
        f"{CSV_HEADER}\n"
        f"{start},total,Total,121.0,440.0,27.5,23.5,31.9,{end}\n"
        f"{start},sex,Female,53.0,206.0,25.7,20.2,32.1,{end}\n"
        f"{start},sex,Male,68.0,228.0,29.8,24.3,36.1,{end}\n"
        f"{start},sex,Unknown,0.0,6.0,0.0,0.0,39.0,{end}\n"
    )


def test_figures_as_json():
    done = run("compute", PARTLY, "--indicator", "referrals", "--la", "391", "--format", "json")

    assert done.code == 0
    assert done.stderr == LOSS
    assert done.json() == [
        {
            "indicator": "referrals",
            "reading": "published",
            "parameters": "",
            "period": "2025",
            "period_start": "2024-04-01",
            "period_end": "2025-03-31",
            "level": "Local authority",
            "area_code": "391",
            "area_name": "Newcastle upon Tyne",
            "breakdown": "total",
            "group": "Total",
            "numerator": 40.0,
            "denominator": 61206.0,
            "value": 6.5,
            "lower": 4.7,
            "upper": 8.9,
            "status": "ok",
            "complete": True,
            "unit": "rate_per_10000",
            "definition_version": version_of("referrals"),
        }
    ]


def test_restricted_rows_are_marked_one_by_one():
    done = run_here("compute", PARTLY, "--indicator", "referrals", "--internal", "--format", "csv")

    assert done.stdout.splitlines()[0] == f"{CSV_HEADER},restricted"
    assert [line.rsplit(",", 1)[1] for line in done.stdout.splitlines()[1:]] == ["true"] * 3


def test_without_an_indicator_all_are_computed_for_every_year_covered():
    done = run_here("compute", GATESHEAD, "--format", "csv")

    assert done.code == 0
    assert totals(done, "indicator", "period") == [
        (indicator, period) for indicator in catalogue().indicators for period in ("2023", "2024", "2025")
    ]


# Which figures


def test_authorities_are_chosen():
    chosen = run_here("compute", PARTLY, "--indicator", "referrals", "--format", "csv", "--la", "840", "--la", "390")

    assert totals(chosen, "area_code") == [("390",), ("840",)]


@pytest.mark.parametrize(
    ("options", "periods"),
    [
        (("--year", "2024"), ["2024"]),
        (("--from", "2024"), ["2024", "2025"]),
        (("--to", "2024"), ["2023", "2024"]),
        (("--from", "2024", "--to", "2024"), ["2024"]),
        (("--year", "2025", "--period", "quarter"), ["2024-25 Q1", "2024-25 Q2", "2024-25 Q3", "2024-25 Q4"]),
        (
            ("--year", "2024", "--period", "month"),
            [f"2023-{month:02d}" for month in range(4, 13)] + [f"2024-{month:02d}" for month in range(1, 4)],
        ),
        (
            ("--year", "2024", "--period", "rolling-year"),
            [f"year to 2023-{month:02d}" for month in range(4, 13)]
            + [f"year to 2024-{month:02d}" for month in range(1, 4)],
        ),
    ],
)
def test_periods_are_chosen(options, periods):
    done = run_here("compute", GATESHEAD, "--indicator", "referrals", "--format", "csv", *options)

    assert done.code == 0
    assert totals(done, "period") == [(period,) for period in periods]


def test_a_year_that_no_census_covers_beside_one_that_is_covered_is_not_available():
    done = run_here("compute", GATESHEAD, "--indicator", "rereferrals", "--from", "2025", "--to", "2026", "--format", "csv")

    assert totals(done, "period", "numerator", "denominator", "value", "status", "complete") == [
        ("2025", "54.0", "298.0", "18.1", "ok", "true"),
        ("2026", None, None, None, "x", "false"),
    ]


def test_indicators_and_several_readings_of_one():
    done = run_here(
        "compute", GATESHEAD, "--year", "2025", "--format", "csv",
        "--indicator", "rereferrals", "--indicator", "referrals", "--indicator", "rereferrals",
        "--reading", "rereferrals=children", "--reading", "rereferrals=published",
    )  # fmt: skip

    assert done.code == 0
    assert totals(done, "indicator", "reading", "parameters", "numerator", "denominator") == [
        ("rereferrals", "children", "count_of=children", "47.0", "267.0"),
        ("rereferrals", "published", "", "54.0", "298.0"),
        ("referrals", "published", "", "298.0", "40414.0"),
    ]


def test_parameters_are_set_over_a_reading_and_shown():
    done = run_here(
        "compute", GATESHEAD, "--year", "2025", "--format", "csv", "--indicator", "rereferrals",
        "--reading", "rereferrals=children",
        "--set", "rereferrals.window_months=ever", "--set", "rereferrals.referral_sources=6,2A",
    )  # fmt: skip
    ((parameters, numerator, denominator, complete),) = totals(
        done, "parameters", "numerator", "denominator", "complete"
    )

    assert parameters == "window_months=ever; referral_sources=2A,6; count_of=children"
    assert 0 < float(numerator) < float(denominator) < 267
    assert complete == "false"
    assert "it would be complete only for children born since.\n" in done.stderr


def test_breakdowns_stand_beside_the_total_with_their_empty_groups():
    done = run_here("compute", GATESHEAD, "--year", "2025", "--indicator", "rereferrals", "--internal",
                    "--by", "age_band", "--by", "sex", "--format", "csv")  # fmt: skip
    frame = pl.read_csv(done.stdout.encode(), infer_schema=False)

    assert frame.select("breakdown", "group").rows() == [
        ("total", "Total"),
        *(("age_band", group) for group in
          ("Unborn", "Under 1", "1 to 4", "5 to 9", "10 to 15", "16 to 17", "18 and over", "Unknown")),
        *(("sex", group) for group in ("Female", "Male", "Unknown")),
    ]  # fmt: skip
    for breakdown in ("age_band", "sex"):
        groups = frame.filter(pl.col("breakdown") == breakdown)
        assert groups["denominator"].cast(pl.Float64).sum() == 298


def test_a_breakdown_asked_for_twice_is_shown_once():
    once = run_here("compute", PARTLY, "--indicator", "referrals", "--by", "sex", "--format", "csv")
    twice = run_here("compute", PARTLY, "--indicator", "referrals", "--by", "sex", "--by", "sex", "--format", "csv")

    assert (twice.code, twice.stdout) == (0, once.stdout), twice.stderr


def test_several_paths_are_read_together():
    done = run_here("compute", f"{GATESHEAD}/2024", f"{GATESHEAD}/2025/cin_census.xml", "--indicator", "rereferrals",
                    "--format", "csv")  # fmt: skip

    assert totals(done, "period", "complete") == [("2024", "false"), ("2025", "true")]


# Written results


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """Two runs of one command, in two folders."""
    folders = [tmp_path_factory.mktemp("out") / "deep" / "results" for _ in range(2)]
    options = ("--indicator", "referrals", "--indicator", "rereferrals", "--reading", "rereferrals=ever", "--by", "sex")
    return folders, [run_here("compute", PARTLY, *options, "--format", "csv", "--out", folder) for folder in folders]


def test_the_files_written_are_named_on_standard_error(written):
    folders, outcomes = written

    assert outcomes[0].code == 0
    assert outcomes[0].said[-3:] == [f"wrote {folders[0] / name}" for name in ("cells.csv", "cells.parquet", "manifest.json")]
    assert sorted(path.name for path in folders[0].iterdir()) == ["cells.csv", "cells.parquet", "manifest.json"]


def test_the_files_hold_what_is_printed(written):
    folders, outcomes = written

    assert folders[0].joinpath("cells.csv").read_text(encoding="utf-8") == outcomes[0].stdout
    parquet = pl.read_parquet(folders[0] / "cells.parquet")
    assert parquet.write_csv() == outcomes[0].stdout
    assert parquet.schema["period_start"] == pl.Date


def test_the_same_command_writes_the_same_bytes(written):
    folders, outcomes = written

    assert outcomes[0].stdout == outcomes[1].stdout
    for name in ("cells.csv", "cells.parquet", "manifest.json"):
        assert folders[0].joinpath(name).read_bytes() == folders[1].joinpath(name).read_bytes(), name


def test_the_manifest_says_from_what_and_how_the_figures_were_made(written):
    folders, _ = written
    manifest = json.loads(folders[0].joinpath("manifest.json").read_text(encoding="utf-8"))
    files = [f"{PARTLY}/{la_code}/2025/cin_census.xml" for la_code in ("390", "391", "840")]

    assert manifest["package"] == {"name": "csc_indicators", "version": csc_indicators.__version__}
    assert manifest["disclosure"] == {"policies": ["dfe_cin"], "restricted": False}
    assert {name: entry["version"] for name, entry in manifest["definitions"].items()} == {
        name: version_of(name) for name in ("referrals", "rereferrals")
    }
    assert manifest["parameters"] == [
        {"indicator": "referrals", "reading": "published", "parameters": "", "period": "2025"},
        {"indicator": "rereferrals", "reading": "ever", "parameters": "window_months=ever", "period": "2025"},
    ]
    assert manifest["inputs"] == [
        {
            "file": file,
            "bytes": len(ROOT.joinpath(file).read_bytes()),
            "sha256": hashlib.sha256(ROOT.joinpath(file).read_bytes()).hexdigest(),
        }
        for file in files
    ]
    assert manifest["coverage"] == [
        {"la_code": la_code, "collection": "cin", "observed_from": "2024-04-01", "observed_to": "2025-03-31"}
        for la_code in ("390", "391", "840")
    ]
    rows = {entry.pop("table"): entry for entry in manifest["rows"]}
    assert rows["episodes"] == {
        "rows_read": 129, "rows_kept": 128, "rows_rejected": {"unreadable_date": 1}, "rows_superseded": 0
    }  # fmt: skip
    assert {name: (entry["severity"], entry["rows"]) for name, entry in manifest["findings"].items()} == {
        "assessments.parent_left_out": ("rejected", 1),
        "children.child_without_episode": ("kept", 1),
        "episodes.unreadable_date": ("rejected", 1),
    }
    assert manifest["notes"] == [
        "rereferrals (ever) is incomplete in some periods for 390, 391, 840: their censuses begin on 2024-04-01; "
        "it would be complete only for children born since."
    ]


def test_restricted_files_are_named_and_marked_so(tmp_path):
    done = run_here("compute", PARTLY, "--indicator", "referrals", "--internal", "--out", tmp_path)

    assert done.code == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "manifest.json", "restricted_cells.csv", "restricted_cells.parquet"
    ]  # fmt: skip
    assert pl.read_parquet(tmp_path / "restricted_cells.parquet")["restricted"].all()
    assert json.loads(tmp_path.joinpath("manifest.json").read_text(encoding="utf-8"))["disclosure"]["restricted"] is True


def test_a_folder_that_cannot_be_written_to_is_a_usage_error(tmp_path):
    taken = tmp_path / "taken"
    taken.write_text("")
    done = run_here("compute", PARTLY, "--indicator", "referrals", "--out", taken)

    assert done.code == 2, done.stderr
    assert done.said[-1].startswith("error: ")
    assert str(taken) in done.said[-1]


# The other commands


def test_validate_lists_findings_rows_and_coverage():
    done = run("validate", PARTLY)
    file = f"{PARTLY}/391/2025/cin_census.xml"

    assert (done.code, done.stderr) == (0, "")
    assert unpadded(done.stdout) == [
        f"rejected: {file}: episodes.referral_date: not a date written YYYY-MM-DD between 1900 and 2099; the row is "
        "left out (1 row: 1): correct the cell in the case system and export again",
        f"rejected: {file}: assessments.episode_row: the row belongs to a child, episode or event that was left out or "
        "is not in the file; the row is left out (1 row: 1): correct what the row belongs to",
        f"kept: {file}: children: a child without any episode that can be used (8590); the child is in no figure "
        "(1 row: 1): return only children with a referral or an open case in the year",
        "3 findings",
        "Rows",
        "┏━━━━━━━━━━━━━━━━━━━━━━━━┳━━━━━━┳━━━━━━┳━━━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━┓",
        "┃ Table                  ┃ Read ┃ Kept ┃              Rejected ┃ Superseded ┃",
        "┡━━━━━━━━━━━━━━━━━━━━━━━━╇━━━━━━╇━━━━━━╇━━━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━┩",
        "│ children               │  120 │  120 │                     0 │          0 │",
        "│ disabilities           │   83 │   83 │                     0 │          0 │",
        "│ episodes               │  129 │  128 │ 1 (unreadable_date 1) │          0 │",
        "│ assessments            │  125 │  124 │ 1 (parent_left_out 1) │          0 │",
        "│ assessment_factors     │  277 │  277 │                     0 │          0 │",
        "│ child_in_need_plans    │   55 │   55 │                     0 │          0 │",
        "│ section_47_enquiries   │   31 │   31 │                     0 │          0 │",
        "│ child_protection_plans │   15 │   15 │                     0 │          0 │",
        "│ reviews                │   18 │   18 │                     0 │          0 │",
        "│ pre_proceedings        │    0 │    0 │                     0 │          0 │",
        "└────────────────────────┴──────┴──────┴───────────────────────┴────────────┘",
        "390: cin events are completely observed from 2024-04-01 to 2025-03-31",
        "391: cin events are completely observed from 2024-04-01 to 2025-03-31",
        "840: cin events are completely observed from 2024-04-01 to 2025-03-31",
    ]


def test_validate_as_json():
    done = run_here("validate", PARTLY, "--format", "json")
    report = done.json()
    first = report["findings"][0]

    assert (done.code, done.stderr) == (0, "")
    assert [finding["rule"] for finding in report["findings"]] == [
        "unreadable_date", "parent_left_out", "child_without_episode"
    ]  # fmt: skip
    assert (first["severity"], first["table"], first["column"], first["rows"], first["row_numbers"]) == (
        "rejected", "episodes", "referral_date", 1, [1]
    )  # fmt: skip
    assert first["indicators"] == sorted(
        name for name, spec in catalogue().indicators.items() if "cin.episodes" in spec.tables
    )
    assert report["coverage"][0] == {
        "la_code": "390", "collection": "cin", "observed_from": "2024-04-01", "observed_to": "2025-03-31"
    }  # fmt: skip
    assert [entry["rows_read"] for entry in report["rows"]] == [120, 83, 129, 125, 277, 55, 31, 15, 18, 0]


def test_the_list_names_every_indicator_with_its_readings_and_breakdowns():
    done = run("list")
    expected = [
        line
        for spec in catalogue().indicators.values()
        for line in (
            f"{spec.id}: {spec.title} ({spec.status}, {spec.unit})",
            f"    readings: {', '.join(reading.name for reading in spec.reading)}",
            f"    by: {', '.join(spec.breakdowns)}",
        )
    ]

    assert (done.code, done.stderr) == (0, "")
    assert done.stdout.splitlines() == expected
    assert "rereferrals: Re-referrals within 12 months (published, percent)" in expected


def test_the_list_as_json():
    entries = {entry.pop("id"): entry for entry in run_here("list", "--format", "json").json()}

    assert list(entries) == list(catalogue().indicators)
    assert entries["referrals"] == {
        "title": "Referrals to children's social care",
        "status": "published",
        "unit": "rate_per_10000",
        "readings": ["published", "excluding_no_further_action"],
        "parameters": ["no_further_action", "referral_sources"],
        "breakdowns": ["sex", "age_band", "ethnicity_major", "disabled", "primary_need", "referral_source_group"],
    }


def test_a_definition_is_explained():
    done = run_here("explain", "rereferrals")

    assert (done.code, done.stderr) == (0, "")
    assert done.stdout == explain(catalogue().indicator("rereferrals"), catalogue()).rstrip("\n") + "\n"
    assert done.stdout.startswith("# Re-referrals within 12 months\n")


@pytest.fixture(scope="module")
def listed():
    """The records behind a figure, with the reasons, as a frame; and how the command ended."""
    done = run("records", "rereferrals", GATESHEAD, "--year", "2025", "--internal", "--why", "--format", "csv")
    return done, pl.read_csv(done.stdout.encode(), infer_schema=False)


def test_records_say_which_clause_decided_each_and_what_it_was_matched_with(listed):
    done, frame = listed
    of_child = frame.filter(pl.col("child_id").str.ends_with("12M")).sort("child_id")
    columns = ("child_id", "date", "numerator", "denominator", "decided_by", "matched_file")

    assert done.code == 0
    assert done.stderr == f"RESTRICTED: {frame.height} records of single children; not for publication\n"
    assert of_child.select(columns).rows() == [
        ("SYN390EXACT12M", "2024-05-15", "1.0", "1.0", "counted", f"{GATESHEAD}/2024/cin_census.xml"),
        ("SYN390OVER12M", "2024-05-15", "0.0", "1.0", "within_window", None),
    ]


def test_records_add_up_to_the_figure(listed):
    _, frame = listed
    sums = frame.select(pl.col("numerator", "denominator").cast(pl.Float64).sum()).row(0)

    assert sums == (54, 298)
    assert frame.filter(pl.col("decided_by") == "counted").height == 54


def test_records_name_the_row_of_the_file(listed):
    _, frame = listed
    row = frame.filter(pl.col("child_id") == "SYN390EXACT12M").row(0, named=True)
    text = ROOT.joinpath(row["source_file"]).read_text(encoding="utf-8")
    episode = text.split("<CINdetails>")[int(row["source_row"])]
    matched = ROOT.joinpath(row["matched_file"]).read_text(encoding="utf-8").split("<CINdetails>")

    assert "<CINreferralDate>2024-05-15</CINreferralDate>" in episode
    assert "<CINreferralDate>2023-05-15</CINreferralDate>" in matched[int(row["matched_row"])]


def test_records_without_reasons_are_the_unit_records_only(listed):
    done = run_here("records", "rereferrals", GATESHEAD, "--year", "2025", "--internal", "--format", "json",
                    "--set", "rereferrals.no_further_action=exclude_later")  # fmt: skip
    rows = done.json()

    assert done.code == 0
    assert len(rows) == 298 - 14
    assert "decided_by" not in rows[0]
    assert done.said == [f"RESTRICTED: {298 - 14} records of single children; not for publication"]


def test_records_need_to_be_asked_for_as_internal():
    done = run("records", "rereferrals", GATESHEAD)

    assert (done.code, done.stdout) == (2, "")
    assert done.stderr == "error: records are about single children; add --internal if you may see them\n"


def test_the_specs_have_no_fault():
    done = run("lint")

    assert done.stdout == f"{len(catalogue().indicators)} specs: 0 errors, 0 warnings\n"
    assert (done.code, done.stderr) == (0, "")


def test_the_version():
    done = run("--version")

    assert (done.code, done.stdout, done.stderr) == (0, f"csc_indicators {csc_indicators.__version__}\n", "")


def test_help_names_the_commands():
    done = run("--help")
    listed = done.stdout.partition("Commands:\n")[2].splitlines()

    assert (done.code, done.stderr) == (0, "")
    assert [line.split()[0] for line in listed] == ["compute", "validate", "list", "explain", "records", "lint"]


# Errors: one clear line, nothing on standard output, an exit code


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("compute", "nowhere"), 3, "nowhere: no such file or folder; check the path"),
        (
            ("compute", "fixtures/README.md"),
            3,
            "fixtures/README.md: not a kind of file that can be read; give .xml, .csv or .parquet",
        ),
        (
            ("compute", "specs"),
            3,
            "no extract was found: give census XML files, or a folder that holds them",
        ),
        (
            ("compute", PARTLY, "--indicator", "rereferal"),
            2,
            'No indicator is called "rereferal". Did you mean "rereferrals"? `list` shows them all.',
        ),
        (("explain", "referals"), 2, 'No indicator is called "referals". Did you mean "referrals"? `list` shows them all.'),
        (
            ("compute", PARTLY, "--reading", "rereferrals=evr"),
            2,
            'rereferrals has no reading "evr". Did you mean "ever"? Readings: published, within_12_months_of_closure, '
            "ever, same_need, different_need, excluding_no_further_action, children.",
        ),
        (("compute", PARTLY, "--reading", "rereferrals"), 2, '--reading takes ID=NAME, not "rereferrals"'),
        (
            ("compute", PARTLY, "--set", "rereferrals.window_month=6"),
            2,
            'rereferrals has no parameter "window_month". Did you mean "window_months"? Parameters: window_months, '
            "measured_from, same_need, no_further_action, referral_sources, earlier_referral_sources, count_of.",
        ),
        (("compute", PARTLY, "--set", "rereferrals=6"), 2, '--set takes ID.PARAM=VALUE, not "rereferrals=6"'),
        (
            ("compute", PARTLY, "--set", "rereferrals.window_months=0"),
            2,
            'window_months cannot be 0: it takes a whole number from 1, or "ever"',
        ),
        (
            ("compute", PARTLY, "--set", "rereferrals.window_months=soon"),
            2,
            'window_months cannot be "soon": it takes a whole number from 1, or "ever"',
        ),
        (
            ("compute", PARTLY, "--indicator", "referrals", "--set", "rereferrals.window_months=6"),
            2,
            "rereferrals is given a reading or a parameter but not asked for; add --indicator rereferrals",
        ),
        (
            ("compute", PARTLY, "--indicator", "referrals", "--by", "times_referred"),
            2,
            "referrals is not broken down by times_referred. Its breakdowns: sex, age_band, ethnicity_major, disabled, "
            "primary_need, referral_source_group.",
        ),
        (("compute", PARTLY, "--year", "2025", "--from", "2024"), 2, "give --year, or --from and --to, not both"),
        (
            ("compute", PARTLY, "--from", "2025", "--to", "2024"),
            2,
            "The years run backwards, from 2025 to 2024: ask for 2024 to 2025.",
        ),
        (
            ("compute", PARTLY, "--la", "302"),
            5,
            "the extracts hold no census of Barnet (302); they hold 390, 391, 840",
        ),
        (
            ("compute", PARTLY, "--year", "2019"),
            5,
            "the extracts cover 2024-04-01 to 2025-03-31, and nothing of 2019",
        ),
        (
            ("records", "rereferrals", PARTLY, "--year", "2019", "--internal"),
            5,
            "the extracts cover 2024-04-01 to 2025-03-31, and nothing of 2019",
        ),
        (
            ("records", "rereferrals", PARTLY, "--internal", "--reading", "rereferrals=ever",
             "--reading", "rereferrals=children"),
            2,
            "records are listed for one reading at a time; give --reading once",
        ),
    ],
)  # fmt: skip
def test_an_error_is_one_line_with_its_exit_code(arguments, code, message):
    done = run_here(*arguments)

    assert (done.code, done.stdout, done.stderr) == (code, "", f"error: {message}\n")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("compute", PARTLY, "--by", "sexx"), ('No breakdown is called "sexx". Did you mean "sex"?',)),
        (("compute", PARTLY, "--la", "999"), ("No local authority has the code '999'",)),
        (("compute", PARTLY, "--year", "1"), ("1 is not a reporting year",)),
        (("comput", PARTLY), ("No such command 'comput'", "compute")),
        (("compute",), ("Missing argument",)),
        (("compute", PARTLY, "--year", "soon"), ("--year",)),
        (("compute", PARTLY, "--period", "weekly"), ("--period", "year", "quarter", "month", "rolling-year")),
        (("compute", PARTLY, "--format", "xml"), ("--format", "table", "csv", "json")),
        (("compute", PARTLY, "--indicater", "referrals"), ("--indicater", "--indicator")),
        (("list", "everything"), ("everything",)),
    ],
)
def test_a_call_that_makes_no_sense_says_what_would(arguments, words):
    done = run_here(*arguments)

    assert (done.code, done.stdout) == (2, "")
    assert all(word in done.stderr for word in words), done.stderr
    assert "Traceback" not in done.stderr


def test_an_error_ends_the_process_with_its_exit_code():
    unknown = run("compute", PARTLY, "--indicator", "rereferal")
    unreadable = run("validate", "fixtures/faulty/files/empty.xml")

    assert (unknown.code, unknown.stdout) == (2, "")
    assert unknown.said == ['error: No indicator is called "rereferal". Did you mean "rereferrals"? `list` shows them all.']
    assert (unreadable.code, unreadable.stdout) == (3, "")
    assert unreadable.said == [
        "error: fixtures/faulty/files/empty.xml: the file is empty. Export or copy it again."
    ]


# Pipes and terminals


@pytest.mark.parametrize(
    "arguments", [("list",), ("compute", PARTLY, "--internal", "--format", "json")], ids=["list", "compute"]
)
def test_a_reader_that_stops_early_as_head_does_is_no_error(arguments):
    reads, writes = os.pipe()
    os.close(reads)
    with os.fdopen(writes, "wb") as closed:
        done = subprocess.run(
            command(*arguments), cwd=ROOT, env=environment(), stdout=closed, stderr=subprocess.PIPE, check=False
        )

    assert done.returncode == 0, done.stderr
    assert b"rror" not in done.stderr


def on_a_terminal(*arguments):
    """Run with standard error on a terminal and standard output on a pipe: the exit code and both texts."""
    controller, terminal = pty.openpty()
    with subprocess.Popen(
        command(*arguments), cwd=ROOT, env=environment(), stdout=subprocess.PIPE, stderr=terminal
    ) as process:
        os.close(terminal)
        shown = b""
        with os.fdopen(controller, "rb", buffering=0) as screen:
            try:
                while part := screen.read(1 << 16):
                    shown += part
            except OSError:  # how Linux says that the other end has closed
                pass
        assert process.stdout is not None
        printed = process.stdout.read()
    return process.returncode, printed.decode(), shown.decode(errors="replace")


def test_a_bar_is_shown_when_standard_error_is_a_terminal_and_results_stay_clean():
    options = ("compute", PARTLY, "--indicator", "referrals", "--format", "csv")
    code, printed, shown = on_a_terminal(*options)

    assert code == 0
    assert printed == run_here(*options).stdout
    assert "━" in shown
    assert "Reading" in shown or "Checking" in shown
    assert LOSS.splitlines()[1] in shown


def test_no_bar_is_shown_to_a_file():
    done = run_here("compute", REGION, "--indicator", "referrals", "--year", "2025")

    assert "Reading" not in done.stderr
    assert "━" not in done.stderr
    assert "\x1b" not in done.stdout + done.stderr
