"""Every indicator of the CIN census at once, for ten years of a whole country, against re-referrals alone."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from benchmarks import national
from benchmarks.measuring import Goal, Section, Timing, at_most, megabytes, shown, table, timings_table

MOST_MEMORY = 10 * 2**30
ROOT = Path(__file__).resolve().parents[1]


def run(*, small: bool = False) -> Section:
    # In a process of its own, so that its peak of memory is its own.
    referrals, rounds = (20_000, 1) if small else (national.REFERRALS, 3)
    done = subprocess.run(  # noqa: S603 (this interpreter)
        [sys.executable, "-m", "benchmarks.all_indicators_once", str(referrals), str(rounds)],
        cwd=ROOT,
        check=True,
        capture_output=True,
        encoding="utf-8",
    )
    measured = json.loads(done.stdout)
    timings = {name: Timing(tuple(seconds), tuple(seconds)) for name, seconds in measured["seconds"].items()}
    every, alone = timings["all indicators"], timings["rereferrals alone"]
    goals = (
        at_most("All CIN indicators in one run", every, 12, alone, "re-referrals alone"),
        Goal(
            "All CIN indicators: peak memory under 10 GiB, tables included",
            megabytes(measured["peak"]),
            measured["peak"] < MOST_MEMORY,
        ),
    )
    rows = sum(measured["rows"].values())
    each = [(name, shown(seconds)) for name, seconds in measured["each"].items()]
    text = f"""{measured["rows"]["episodes"]:,} referrals and {measured["events"]:,} assessments, enquiries and child
protection plans of {measured["authorities"]} authorities over ten years; {rows:,} rows in all tables. Each way is
`engines.local.cells`, ten years of totals at the default readings, so it ends in cells, {rounds} rounds turn by turn.

{timings_table(timings, "rereferrals alone")}

The tables alone take {megabytes(measured["tables"])}; the process held {megabytes(measured["peak"])} at its peak. Each
indicator by itself, one round:

{table(("indicator", "time"), each)}
"""
    return Section("All indicators at once", goals, text)
