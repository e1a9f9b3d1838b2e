"""The other commands: findings, the list and its definitions, unit records, lint, version and help."""

from __future__ import annotations

import polars as pl
import pytest

import csc_indicators
from csc_indicators.catalogue import catalogue
from csc_indicators.cli import app
from csc_indicators.cli_comparison import comparison
from csc_indicators.explanation import explain
from tests.lib.command_line import GATESHEAD, PARTLY, ROOT, run, run_here, unpadded


def test_validate_lists_findings_rows_and_coverage():
    done = run("validate", PARTLY)
    file = f"{PARTLY}/391/2025/cin_census.xml"

    assert (done.code, done.stderr) == (0, "")
    assert unpadded(done.stdout) == [
        (
            f"rejected: {file}: episodes.referral_date: not a date written YYYY-MM-DD between 1900 and 2099; the row "
            "is left out (1 row: 1): correct the cell in the case system and export again"
        ),
        (
            f"rejected: {file}: assessments.episode_row: the row belongs to a child, episode or event that was left "
            "out or is not in the file; the row is left out (1 row: 1): correct what the row belongs to"
        ),
        (
            f"kept: {file}: children: a child without any episode that can be used (8590); the child is in no figure "
            "(1 row: 1): return only children with a referral or an open case in the year"
        ),
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
        ("SYN390OVER12M", "2024-05-15", "0.0", "1.0", "within_window", f"{GATESHEAD}/2024/cin_census.xml"),
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


def test_records_without_reasons_are_the_unit_records_only():
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
    listed = [line.split(maxsplit=1) for line in done.stdout.partition("Commands:\n")[2].splitlines()]
    registered = (*app.registered_commands, *comparison.registered_commands)
    commands = [command.name or command.callback.__name__ for command in registered]

    assert (done.code, done.stderr) == (0, "")
    assert sorted(name for name, said in listed if said) == sorted([*commands, "published"])
    assert {"compute", "validate", "list", "explain", "records", "sensitivity", "lint"} <= set(commands)
    assert {"benchmark", "screen", "workbook"} <= set(commands)
