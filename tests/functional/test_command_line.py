"""Figures from the command line: in each format, for every choice of what to compute, into a pipe or a terminal."""

from __future__ import annotations

import os
import pty
import subprocess

import polars as pl
import pytest

from csc_indicators.catalogue import catalogue
from tests.lib.command_line import (
    GATESHEAD,
    INCOMPLETE,
    LOSS,
    PARTLY,
    REGION,
    RESTRICTED,
    ROOT,
    command,
    environment,
    run,
    run_here,
    unpadded,
)

CSV_HEADER = (
    "indicator,reading,parameters,period,period_start,period_end,level,area_code,area_name,breakdown,group,numerator,"
    "denominator,value,lower,upper,status,complete,unit,definition_version,authorities"
)


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
    done = run(
        "compute", f"{REGION}/840", "--year", "2025", "--indicator", "rereferrals", "--by", "sex", "--format", "csv"
    )
    start = 'rereferrals,published,"",2025,2024-04-01,2025-03-31,Local authority,840,County Durham'
    end = f"ok,true,percent,{version_of('rereferrals')},1"

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
            "authorities": 1,
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
        (indicator, period)
        for indicator, spec in catalogue().indicators.items()
        if spec.collection == "cin"
        for period in ("2023", "2024", "2025")
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
            ("--year", "2024", "--period", "rolling-year", "--internal"),
            [f"year to 2023-{month:02d}" for month in range(4, 13)]
            + [f"year to 2024-{month:02d}" for month in range(1, 4)],
        ),
    ],
)
def test_periods_are_chosen(options, periods):
    done = run_here("compute", GATESHEAD, "--indicator", "referrals", "--format", "csv", *options)

    assert done.code == 0
    assert totals(done, "period") == [(period,) for period in periods]


def test_periods_that_share_days_are_for_restricted_figures_only():
    done = run_here("compute", GATESHEAD, "--indicator", "referrals", "--period", "rolling-year")

    assert done.code == 2
    assert done.stdout == ""
    assert done.stderr == (
        "error: year to 2022-04 and year to 2022-05 share days, and small numbers could be worked out from their "
        "difference; ask for periods that do not overlap, or for restricted figures (internal, --internal)\n"
    )


def test_a_year_that_no_census_covers_beside_one_that_is_covered_is_not_available():
    done = run_here(
        "compute", GATESHEAD, "--indicator", "rereferrals", "--from", "2025", "--to", "2026", "--format", "csv"
    )

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
