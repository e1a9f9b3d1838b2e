"""How time and memory grow with the number of referrals, and the whole country under a limit of memory."""

from __future__ import annotations

import json
import math
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks import national
from benchmarks.measuring import Goal, Section, megabytes, shown, table

ROOT = Path(__file__).resolve().parents[1]
COPIES = (1, 2, 4, 10)
ENGINES = ("in-memory", "streaming")
LIMIT = 4 * 2**30


def run(*, small: bool = False) -> Section:
    referrals, copies = (20_000, (1, 2)) if small else (national.REFERRALS, COPIES)
    with tempfile.TemporaryDirectory() as folder:
        whole, parts = Path(folder) / "episodes.parquet", Path(folder) / "authorities"
        parts.mkdir()
        episodes = national.episodes(referrals, 10 if small else national.AUTHORITIES)
        episodes.write_parquet(whole)
        for part in national.of_authorities(episodes, national.AUTHORITIES):
            part.write_parquet(parts / f"{part['la_code'][0]}.parquet")
        del episodes
        measured = {(engine, times): _once("whole", whole, times, engine) for engine in ENGINES for times in copies}
        limited = _once("by_authority", parts, LIMIT)
    once = measured[ENGINES[0], 1]
    for (engine, times), run_of in measured.items():
        _check(run_of, once, times, f"{engine}, {times} times")
    _check(limited, once, 1, "authority by authority")
    most = copies[-1]
    allowed = most * math.log(most * referrals) / math.log(referrals)
    goals = [
        Goal(
            f"Growth to {most} times the country, {engine} engine: no faster than n log n ({allowed:.2f} times)",
            f"{_median(measured[engine, most]) / _median(measured[engine, 1]):.2f} times",
            _median(measured[engine, most]) / _median(measured[engine, 1]) <= allowed,
        )
        for engine in ENGINES
    ]
    goals.append(
        Goal(
            "The whole country, authority by authority, under a limit of 4 GiB",
            f"{megabytes(limited['peak'])} at the peak",
            limited["peak"] < LIMIT,
        )
    )
    rows = [
        (
            f"{engine}, {times} times",
            shown(_median(run_of)),
            f"{_median(run_of) / _median(measured[engine, 1]):.2f}",
            megabytes(run_of["before"]),
            megabytes(run_of["peak"]),
        )
        for (engine, times), run_of in measured.items()
    ]
    header = ("engine and size", "median of 3", "times once", "peak before computing", "peak")
    text = f"""{referrals:,} referrals once; more are further children of the same authorities.
Each line is a process of its own, which holds the columns that are needed in memory and then computes three times.
Numerators and denominators grew exactly with the copies.

{table(header, rows)}

Sorting is the only step whose work grows faster than the rows. Where the in-memory engine takes longer than that, we
suppose it waits for memory: it makes the whole of each column before the next, so its peak is higher. That has not been
taken further apart.

Authority by authority, each from a file of its own and one after another: {shown(_median(limited))}
with reading, {megabytes(limited["peak"])} at the peak, in a process whose writable memory was limited to 4 GiB
(`RLIMIT_DATA`) and which ended well; the sums were those of the whole.
"""
    return Section("Growth and memory", tuple(goals), text)


def _once(*arguments: object) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks.growth_once", *map(str, arguments)]
    done = subprocess.run(  # noqa: S603 (this interpreter)
        command, cwd=ROOT, check=True, capture_output=True, text=True
    )
    return json.loads(done.stdout)


def _median(measured: dict[str, Any]) -> float:
    return statistics.median(measured["seconds"])


def _check(measured: dict[str, Any], once: dict[str, Any], times: int, name: str) -> None:
    for sum_of in ("numerator", "denominator"):
        if measured[sum_of] != once[sum_of] * times:
            raise ValueError(f"{name}: the {sum_of}s do not add up to those of the whole country")
