"""The benchmarks run from end to end on little data, and every way of counting agrees. Times are not looked at."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from benchmarks.measuring import interleaved

ROOT = Path(__file__).resolve().parents[2]
GOALS = (
    "`import csc_indicators` in under 0.3 s",
    "`compute` for one authority from its census files, in seconds",
    "Re-referrals: at most 2.5 times the packed sort alone",
    "Re-referrals: at most 2.5 times the packed sort and comparison",
    "Re-referrals: at most 0.6 times the best DuckDB query",
    "Re-referrals: at least 6 times faster than vectorised pandas",
    "Re-referrals of one authority: at least 500 times faster than pandas child by child",
    "Sweep, 24 windows: at most 2.2 times one point",
    "Sweep, mixed grid of 24: at most 2.2 times one point",
    "All CIN indicators in one run: at most 12 times re-referrals alone",
    "All CIN indicators: peak memory under 10 GiB, tables included",
    "Placement instability: at least 2 times faster than the best DuckDB query",
    "CIN XML to raw tables: at most 3.5 times an expat scan with empty handlers",
    "CIN XML to raw tables: at most 3.5 times an expat scan without handlers",
    "CIN XML to validated tables: at most 3.5 times an expat scan with empty handlers",
    "Reading XML takes memory for its tables, not its document",
    "Validation, clean: at most 1.5 times the same checks by hand",
    "Validation, half the rows failing: at most 2 times the same checks by hand",
    "Growth to 2 times the country, in-memory engine: no faster than n log n",
    "Growth to 2 times the country, streaming engine: no faster than n log n",
    "The whole country, authority by authority, under a limit of 4 GiB",
    "Made-up England, 153 authorities and ten years, to Parquet: within 10 minutes",
    "Made-up England: within 16 GiB of memory",
    "Re-referrals of made-up England: at most 0.6 times the best DuckDB query",
)


def run(*arguments):
    return subprocess.run(
        [sys.executable, "-m", "benchmarks", *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )


def test_a_small_run_agrees_and_its_page_names_every_goal(tmp_path):
    page = tmp_path / "results.md"

    done = run("--small", "--out", str(page))

    # A way whose answer differs ends the run.
    assert done.stderr == ""
    assert done.returncode == 0
    text = page.read_text(encoding="utf-8")
    lines = [line for line in text.partition("## The machine")[0].splitlines() if line.startswith("| ")]
    named = [line.removeprefix("| ").partition(" | ")[0] for line in lines[2:]]
    assert len(named) == len(GOALS)
    assert [found for found, goal in zip(named, GOALS, strict=True) if not found.startswith(goal)] == []
    assert all(line.endswith(("| met |", "| **not met** |")) for line in lines[2:])


def test_the_page_kept_names_the_same_goals():
    text = (ROOT / "benchmarks/results.md").read_text(encoding="utf-8")

    assert [goal for goal in GOALS if not goal.startswith("Growth") and goal not in text] == []
    assert "Growth to 10 times the country" in text


def test_a_small_run_does_not_overwrite_the_page_kept():
    before = (ROOT / "benchmarks/results.md").read_bytes()

    done = run("--small")

    assert done.returncode == 2
    assert "--out" in done.stderr
    assert (ROOT / "benchmarks/results.md").read_bytes() == before


def test_a_way_whose_answer_differs_is_named():
    ways = {
        "first": lambda: pl.DataFrame({"n": [1]}),
        "no answer": lambda: None,
        "other": lambda: pl.DataFrame({"n": [2]}),
    }

    with pytest.raises(ValueError, match=r"^other: the answer differs"):
        interleaved(ways, rounds=1)


def test_one_benchmark_measured_again_leaves_the_rest_of_the_page_as_it_was(tmp_path):
    page = tmp_path / "results.md"
    before = (ROOT / "benchmarks" / "results.md").read_text(encoding="utf-8")
    page.write_text(before, encoding="utf-8")

    done = run("--small", "--only", "start", "--out", str(page))

    assert (done.returncode, done.stderr) == (0, "")
    after = page.read_text(encoding="utf-8")
    headings = [[line for line in text.splitlines() if line.startswith("## ")] for text in (before, after)]
    assert headings[0] == headings[1]
    # Only the two goals of that benchmark, and its section, may differ.
    changed = {line for line in before.splitlines() if line.startswith("| ")} - {*after.splitlines()}
    goals = [line for line in changed if line.endswith((" met |", " **not met** |"))]
    assert all(line.startswith(("| `import", "| `compute`")) for line in goals)
