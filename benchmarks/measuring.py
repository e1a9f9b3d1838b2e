"""Timing several ways of one piece of work turn by turn, checking that they agree, and showing what was measured."""

from __future__ import annotations

import gc
import os
import platform
import statistics
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import polars as pl


@dataclass(frozen=True)
class Timing:
    """Seconds that one way took, round by round, and seconds of processor time where they were measured."""

    seconds: tuple[float, ...]
    processor: tuple[float, ...] = ()

    @property
    def median(self) -> float:
        """The middle round."""
        return statistics.median(self.seconds)

    @property
    def cells(self) -> tuple[str, str]:
        """The median, and the quickest and slowest round, as shown in a table."""
        return shown(self.median), f"{shown(min(self.seconds))} to {shown(max(self.seconds))}"


@dataclass(frozen=True)
class Goal:
    """One thing to reach, what was measured, and whether it was reached."""

    goal: str
    measured: str
    met: bool


@dataclass(frozen=True)
class Section:
    """What one benchmark has to say: its goals, and Markdown with its tables."""

    title: str
    goals: tuple[Goal, ...]
    text: str


def interleaved(ways: Mapping[str, Callable[[], pl.DataFrame | None]], rounds: int) -> dict[str, Timing]:
    """Run every way once a round, so that a busy moment of the machine falls on all of them alike.

    A way that returns a table returns the answer; `ValueError` says which way's answer differs from the first one's.
    """
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in ways}
    expected: pl.DataFrame | None = None
    for _ in range(rounds):
        for name, way in ways.items():
            gc.collect()
            begun, busy = time.perf_counter(), time.process_time()
            answer = way()
            taken[name].append((time.perf_counter() - begun, time.process_time() - busy))
            if answer is None:
                continue
            expected = answer if expected is None else expected
            if not answer.equals(expected):
                raise ValueError(f"{name}: the answer differs from that of the first way")
    return {name: Timing(*map(tuple, zip(*rounds_of, strict=True))) for name, rounds_of in taken.items()}


def shown(seconds: float) -> str:
    return f"{seconds * 1000:,.0f} ms" if seconds < 10 else f"{seconds:,.1f} s"


def megabytes(size: float) -> str:
    return f"{size / 1e6:,.0f} MB"


def at_most(what: str, ours: Timing, limit: float, peer: Timing, against: str) -> Goal:
    """A goal to take at most so many times as long as another way."""
    ratio, quickest = ours.median / peer.median, min(ours.seconds) / min(peer.seconds)
    measured = f"{ratio:.2f} times (quickest rounds {quickest:.2f})"
    return Goal(f"{what}: at most {limit:g} times {against}", measured, ratio <= limit)


def at_least(what: str, ours: Timing, limit: float, peer: Timing, against: str) -> Goal:
    """A goal to be at least so many times faster than another way."""
    ratio, quickest = peer.median / ours.median, min(peer.seconds) / min(ours.seconds)
    measured = f"{ratio:,.1f} times (quickest rounds {quickest:,.1f})"
    return Goal(f"{what}: at least {limit:g} times faster than {against}", measured, ratio >= limit)


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table, its first column to the left and the others to the right."""
    lines = [header, [":--", *["--:"] * (len(header) - 1)], *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def timings_table(timings: Mapping[str, Timing], against: str) -> str:
    """The timings, each also as a multiple of one of them."""
    base = timings[against].median
    rows = [
        (name, *timing.cells, f"{timing.median / base:.2f}", shown(statistics.median(timing.processor)))
        for name, timing in timings.items()
    ]
    return table(("way", "median", "quickest to slowest", f"times {against}", "processor time"), rows)


def peak_memory() -> int:
    """The most memory this process has held, in bytes.

    Read from the process's own status, because `ru_maxrss` of a process starts at what its parent held.
    """
    status = Path("/proc/self/status").read_text(encoding="ascii")
    kilobytes = next(line for line in status.splitlines() if line.startswith("VmHWM:")).split()[1]
    return int(kilobytes) * 1024


def machine() -> str:
    """What the figures were measured on, as Markdown."""
    processors = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    model = next((line.partition(":")[2].strip() for line in processors if line.startswith("model name")), "unknown")
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    packages = ("csc-indicators", "polars", "duckdb", "pandas", "pandera", "lxml", "pyarrow", "numpy")
    versions = ", ".join(f"{name} {_version(name)}" for name in packages)
    return "\n".join(
        (
            f"- Processor: {model}, {os.cpu_count()} cores; memory {memory / 2**30:.0f} GiB.",
            f"- {platform.system()}, Python {platform.python_version()}, {versions}.",
        )
    )


def load_average() -> str:
    return f"{os.getloadavg()[0]:.1f}"


def _version(name: str) -> str:
    if name == "csc-indicators":
        import csc_indicators  # noqa: PLC0415 (it may run from a checkout, with no installed metadata)

        return csc_indicators.__version__
    return version(name)
