"""A made-up England: written to Parquet, read back authority by authority, and its re-referrals counted."""

from __future__ import annotations

import os
import resource
import tempfile
import time
from pathlib import Path

import duckdb
import polars as pl

import csc_indicators as csc
from benchmarks.measuring import (
    Goal,
    Section,
    Timing,
    at_most,
    interleaved,
    megabytes,
    peak_memory,
    shown,
    timings_table,
)
from benchmarks.rereferral_ways import BY_DAY, THREE_BACK, in_duckdb, ours
from csc_indicators.synthetic.synthesis import authorities, synthesise

AUTHORITIES, YEARS, PROCESSES = 153, 10, 2
MOST_SECONDS, MOST_MEMORY = 600, 16 * 2**30
ROUNDS = 5


def run(*, small: bool = False) -> Section:
    """Make England up, read it, and count re-referrals in it in several ways."""
    pl.thread_pool_size()  # this process keeps all of its threads
    count, years, rounds = (2, 2, 1) if small else (AUTHORITIES, YEARS, ROUNDS)
    codes = authorities(count) if not small else ("420", "857")
    with tempfile.TemporaryDirectory() as temporary:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        # Processes that each use every core get in each other's way.
        os.environ["POLARS_MAX_THREADS"] = "1"
        begun = time.perf_counter()
        folder = synthesise(Path(temporary) / "england", las=codes, years=years, form="parquet", processes=PROCESSES)
        made = time.perf_counter() - begun
        del os.environ["POLARS_MAX_THREADS"]
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        busy = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        # Of the children the largest is known: as many as run at a time held no more than so many of it.
        memory = peak_memory() + PROCESSES * after.ru_maxrss * 1024
        size = sum(file.stat().st_size for file in folder.rglob("*.parquet"))
        begun = time.perf_counter()
        episodes = pl.concat([_episodes(folder / code) for code in codes])
        read = time.perf_counter() - begun
    timings = _counted(episodes, rounds)
    quickest_sql = min(("DuckDB, by day", "DuckDB, three rows back"), key=lambda name: timings[name].median)
    goals = (
        Goal(
            "Made-up England, 153 authorities and ten years, to Parquet: within 10 minutes",
            f"{shown(made)} (processor time {shown(busy)})",
            made <= MOST_SECONDS,
        ),
        Goal("Made-up England: within 16 GiB of memory", f"{megabytes(memory)} at most", memory <= MOST_MEMORY),
        at_most(
            "Re-referrals of made-up England", timings["ours"], 0.6, timings[quickest_sql], "the best DuckDB query"
        ),
    )
    text = f"""{len(codes)} authorities and {years} years, simulated with twelve years before them, by {PROCESSES}
processes of one thread: {megabytes(size)} of Parquet. Reading the cases of every authority back through the contracts,
one after another, took {shown(read)}: {episodes.height:,} referrals. Re-referrals of all of them, {rounds} rounds; the
counts by authority and year were equal:

{timings_table(timings, "ours")}

The computation from these referrals says of each figure whether it is complete, which the queries do not."""
    return Section("A made-up England", goals, text)


def _episodes(folder: Path) -> pl.DataFrame:
    """The validated cases of one authority."""
    tables = [folder / "children.parquet", folder / "episodes.parquet"]
    return csc.read_cin_census(tables).episodes


def _counted(episodes: pl.DataFrame, rounds: int) -> dict[str, Timing]:
    connection = duckdb.connect()
    connection.register("arrow", episodes.select("child_key", "referral_date").to_arrow())
    connection.execute("CREATE TABLE referrals AS SELECT * FROM arrow")
    return interleaved(
        {
            "ours": lambda: ours(episodes),
            "DuckDB, by day": lambda: in_duckdb(connection, BY_DAY, "referrals"),
            "DuckDB, three rows back": lambda: in_duckdb(connection, THREE_BACK, "referrals"),
        },
        rounds,
    )
