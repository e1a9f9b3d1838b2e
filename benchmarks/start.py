"""How soon one can begin: importing the package, and one authority's figures from its files, start to finish."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.measuring import Goal, Section, Timing, shown, table

ROOT = Path(__file__).resolve().parents[1]
IMPORTS = {
    "`import csc_indicators`": "import csc_indicators",
    "`csc_indicators.rereferrals`, which brings polars": "import csc_indicators; csc_indicators.rereferrals",
    "`csc_indicators.compute`": "import csc_indicators; csc_indicators.compute",
}
SECONDS_TO_COMPUTE = 5


def run(*, small: bool = False) -> Section:
    rounds = 1 if small else 5
    imports = {name: Timing(tuple(_import(code) for _ in range(rounds))) for name, code in IMPORTS.items()}
    whole = Timing(tuple(_seconds(_compute) for _ in range(1 if small else 3)))
    rows = [(name, *timing.cells) for name, timing in imports.items()]
    rows.append(("`compute fixtures/region/390`, the whole process", *whole.cells))
    bare = imports["`import csc_indicators`"].median
    used = imports["`csc_indicators.rereferrals`, which brings polars"].median
    goals = (
        Goal("`import csc_indicators` in under 0.3 s", shown(bare), bare < 0.3),
        Goal(
            f"`compute` for one authority from its census files, in seconds (under {SECONDS_TO_COMPUTE})",
            shown(whole.median),
            whole.median < SECONDS_TO_COMPUTE,
        ),
    )
    text = f"""Fresh interpreters, {rounds} of each; the files are in the disk cache.

{table(("what", "median", "quickest to slowest"), rows)}

The package imports what a name needs when the name is first used, so the bare import is quick because it does next to
nothing. The honest figure for a notebook is the second line: {shown(used)} until the first indicator can be called,
most of it polars. A whole `compute` also imports pandera for validation and reads the specs.
"""
    return Section("Starting up", goals, text)


def _import(code: str) -> float:
    timed = f"import time; begun = time.perf_counter(); {code}; print(time.perf_counter() - begun)"
    done = subprocess.run(  # noqa: S603 (this interpreter)
        [sys.executable, "-c", timed], cwd=ROOT, check=True, capture_output=True, text=True
    )
    return float(done.stdout)


def _compute() -> None:
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "csc_indicators", "compute", "fixtures/region/390", "--out", f"{folder}/out"]
        subprocess.run(command, cwd=ROOT, check=True, capture_output=True)  # noqa: S603 (this interpreter)


def _seconds(work: Callable[[], None]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun
