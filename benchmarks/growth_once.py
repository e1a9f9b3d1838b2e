"""One measurement of `growth`, in a process of its own: what re-referrals take of time and memory.

    python -m benchmarks.growth_once whole FILE COPIES ENGINE
    python -m benchmarks.growth_once by_authority FOLDER LIMIT

Prints a line of JSON.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from pathlib import Path

import polars as pl

from benchmarks.measuring import peak_memory
from benchmarks.rereferral_ways import ours
from csc_indicators.tables.cin import CHILD_KEY_SPAN, EPISODES

READ = ("la_code", "child_key", "referral_date", "episode_key")
"""What the figure needs; a plan over a file reads no other column."""
ROUNDS = 3


def copies_of(path: Path, copies: int) -> pl.LazyFrame:
    """The referrals, and as many again of other children of the same authorities for each further copy."""
    once = pl.read_parquet(path, columns=list(READ))
    span = CHILD_KEY_SPAN // copies
    if int((once["child_key"] % CHILD_KEY_SPAN).max()) >= span:
        raise ValueError(f"an authority has too many children to copy {copies} times")
    table = pl.concat(
        [once.with_columns((pl.col("child_key") + copy * span).cast(pl.Int32)) for copy in range(copies)], rechunk=True
    )
    # The other columns of the table are in the plan, and are never made.
    others = [pl.lit(None, dtype=dtype).alias(name) for name, dtype in EPISODES.schema.items() if name not in READ]
    return table.lazy().with_columns(others)


def whole(path: Path, copies: int, engine: str) -> dict[str, object]:
    episodes = copies_of(path, copies)
    before = peak_memory()
    seconds = []
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        counts = ours(episodes, engine=engine)
        seconds.append(time.perf_counter() - begun)
    return {"seconds": seconds, "before": before, "peak": peak_memory(), **_sums(counts)}


def by_authority(folder: Path, limit: int) -> dict[str, object]:
    resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
    begun = time.perf_counter()
    counts = pl.concat([ours(pl.scan_parquet(path)) for path in sorted(folder.glob("*.parquet"))])
    return {"seconds": [time.perf_counter() - begun], "before": 0, "peak": peak_memory(), **_sums(counts)}


def _sums(counts: pl.DataFrame) -> dict[str, int]:
    return {name: int(counts[name].sum()) for name in ("numerator", "denominator")}


if __name__ == "__main__":
    how, where, *rest = sys.argv[1:]
    if how == "whole":
        print(json.dumps(whole(Path(where), int(rest[0]), rest[1])))
    else:
        print(json.dumps(by_authority(Path(where), int(rest[0]))))
