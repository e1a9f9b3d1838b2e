"""Golden results: every figure of the fixtures, one file an indicator, so that no figure moves unseen.

`python tests/golden.py` writes `fixtures/golden/<indicator>.json` anew and prints each figure that moved; the change is
then reviewed line by line like any other. A cell is one line: its reading, area, period, breakdown and group, then its
numbers.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

ROOT = Path(__file__).resolve().parents[1]
if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))

from csc_indicators.catalogue import catalogue  # noqa: E402 (a script must find the package first)
from csc_indicators.engines.local import Request, compute  # noqa: E402
from csc_indicators.loading import Extracts, load  # noqa: E402
from csc_indicators.periods import years  # noqa: E402

GOLDEN = ROOT / "fixtures" / "golden"
FIXTURES = {
    "cin": (ROOT / "fixtures" / "region",),
    "ssda903": (ROOT / "fixtures" / "looked_after",),
    "workforce": (ROOT / "fixtures" / "workforce",),
    "context": tuple(ROOT / "fixtures" / folder for folder in ("context", "region", "looked_after")),
}
YEARS = years(2023, 2025)
WHERE = ("reading", "area_code", "period", "breakdown", "group")
NUMBERS = ("numerator", "denominator", "value", "lower", "upper", "status", "complete")

Cells = Mapping[str, list[Any]]


def golden_cells(indicator: str, extracts: Extracts) -> dict[str, list[Any]]:
    """The cells of every reading and year of an indicator in total, and by each of its breakdowns.

    Indicators of children looked after have many breakdowns and readings: there, and of the workforce, the default
    reading alone is broken down.
    """
    spec = catalogue().indicator(indicator)
    requests = [Request(indicator, reading.name) for reading in spec.reading]
    if spec.collection == "cin":
        frame = compute(extracts, requests, periods=YEARS, by=spec.breakdowns, internal=True).frame
    else:
        by_default = Request(indicator, spec.default_reading)
        others = [request for request in requests if request != by_default]
        frames = [compute(extracts, by_default, periods=YEARS, by=spec.breakdowns, internal=True).frame]
        if others:
            frames.append(compute(extracts, others, periods=YEARS, internal=True).frame)
        frame = pl.concat(frames)
    return {
        " | ".join(row[name] for name in WHERE): [row[name] for name in NUMBERS] for row in frame.iter_rows(named=True)
    }


def file_of(indicator: str) -> Path:
    return GOLDEN / f"{indicator}.json"


def read_golden(indicator: str) -> dict[str, list[Any]]:
    """The golden cells of an indicator; none when there is no file yet."""
    file = file_of(indicator)
    return json.loads(file.read_text(encoding="utf-8"))["cells"] if file.is_file() else {}


def as_text(cells: Cells) -> str:
    """The file of some cells: one line a cell."""
    lines = ",\n".join(f"  {json.dumps(key)}: {json.dumps(numbers)}" for key, numbers in cells.items())
    heading = ",\n".join(
        f" {json.dumps(key)}: {json.dumps(list(names))}" for key, names in (("where", WHERE), ("numbers", NUMBERS))
    )
    return f'{{\n{heading},\n "cells": {{\n{lines}\n }}\n}}\n'


def moved(indicator: str, old: Cells, new: Cells) -> list[str]:
    """Every figure that differs: the indicator, the cell, and its numbers before and after."""
    return [
        f"{indicator} | {key}: {shown(old.get(key))} -> {shown(new.get(key))}"
        for key in dict.fromkeys((*old, *new))
        if old.get(key) != new.get(key)
    ]


def shown(numbers: list[Any] | None) -> str:
    if numbers is None:
        return "no such cell"
    return " ".join(f"{name}={number}" for name, number in zip(NUMBERS, numbers, strict=True) if number is not None)


def main() -> None:
    """Write every file anew and print what moved."""
    extracts = {collection: load(folder) for collection, folder in FIXTURES.items()}
    GOLDEN.mkdir(exist_ok=True)
    for indicator in catalogue().indicators:
        new = golden_cells(indicator, extracts[catalogue().indicator(indicator).collection])
        changes = moved(indicator, read_golden(indicator), new)
        file_of(indicator).write_text(as_text(new), encoding="utf-8", newline="\n")
        for change in changes:
            sys.stdout.write(change + "\n")
        sys.stdout.write(f"{indicator}: {len(new)} cells, {len(changes)} moved\n")
    for file in sorted(GOLDEN.glob("*.json")):
        if file.stem not in catalogue().indicators:
            file.unlink()
            sys.stdout.write(f"{file.stem}: no such indicator any more; its file is gone\n")


if __name__ == "__main__":
    main()
