"""`python -m benchmarks`: run everything and rewrite `benchmarks/results.md`."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks import (
    all_indicators,
    england,
    growth,
    placement_instability,
    readers,
    rereferrals,
    start,
    sweep,
    validation,
)
from benchmarks.measuring import Goal, Section, load_average, machine, table

LOAD_NOTE = """\
Load average (programs using a core or waiting for one, over a minute) around each benchmark. Above the number of cores,
other programs competed with what was measured, and times are longer than they need be:"""
RESULTS = Path(__file__).with_name("results.md")
BENCHMARKS: tuple[Callable[..., Section], ...] = (
    start.run,
    rereferrals.run,
    sweep.run,
    all_indicators.run,
    placement_instability.run,
    readers.run,
    validation.run,
    growth.run,
    england.run,
)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure csc_indicators.")
    parser.add_argument("--small", action="store_true", help="a smoke run: little data, few rounds, meaningless times")
    parser.add_argument("--out", type=Path, help="the page to write (left out: benchmarks/results.md)")
    names = [run.__module__.rpartition(".")[2] for run in BENCHMARKS]
    parser.add_argument("--only", choices=names, help="measure this one again, and leave the rest of the page as it is")
    arguments = parser.parse_args()
    if arguments.small and arguments.out is None:
        parser.error("--small measures nothing worth keeping: say with --out where its page goes")
    if arguments.only:
        section = BENCHMARKS[names.index(arguments.only)](small=arguments.small)
        page = arguments.out or RESULTS
        page.write_text(with_section(page.read_text(encoding="utf-8"), section), encoding="utf-8")
        return
    sections, loads = [], []
    for run in BENCHMARKS:
        load, begun = load_average(), time.perf_counter()
        section = run(small=arguments.small)
        sections.append(section)
        loads.append((section.title, load, load_average(), f"{time.perf_counter() - begun:.0f} s"))
        print(
            f"{section.title}: {sum(goal.met for goal in section.goals)} of {len(section.goals)} goals met", flush=True
        )
    page = results(sections, loads, small=arguments.small)
    (arguments.out or RESULTS).write_text(page, encoding="utf-8")


def results(sections: list[Section], loads: list[tuple[str, ...]], *, small: bool) -> str:
    """The page of results as Markdown."""
    goals = [goal for section in sections for goal in section.goals]
    parts = [
        "# Benchmark results",
        "Written by `python -m benchmarks`; how each figure is measured stands in [README.md](README.md).",
    ]
    if small:
        parts.append("**A smoke run on little data: the times mean nothing.**")
    parts += [
        "## Goals",
        table(("goal", "measured", ""), [_line(goal) for goal in goals]),
        "## The machine",
        machine(),
        LOAD_NOTE,
        table(("benchmark", "load before", "load after", "took"), loads),
    ]
    for section in sections:
        parts += [f"## {section.title}", section.text.strip()]
    return "\n\n".join(parts) + "\n"


def with_section(page: str, section: Section) -> str:
    """The page of results with one section, and its goals, measured anew; one that was not there comes last."""
    lines = page.splitlines()
    for goal in section.goals:
        cells = " | ".join(_line(goal))
        line = f"| {cells} |"
        here = [at for at, before in enumerate(lines) if before.startswith(f"| {goal.goal} |")]
        at = (
            here[0]
            if here
            else max(at for at, before in enumerate(lines) if before.startswith("| ") and at < _machine(lines)) + 1
        )
        lines[at : at + len(here)] = [line]
    heading = f"## {section.title}"
    if heading in lines:
        begins = lines.index(heading)
        ends = next((at for at in range(begins + 1, len(lines)) if lines[at].startswith("## ")), len(lines))
    else:
        begins = ends = len(lines)
    lines[begins:ends] = [*([""] if begins == ends else []), heading, "", *section.text.strip().splitlines(), ""]
    return "\n".join(lines).rstrip() + "\n"


def _machine(lines: list[str]) -> int:
    """Where the goals end and the machine is described."""
    return lines.index("## The machine")


def _line(goal: Goal) -> tuple[str, str, str]:
    return goal.goal, goal.measured, "met" if goal.met else "**not met**"


if __name__ == "__main__":
    main()
