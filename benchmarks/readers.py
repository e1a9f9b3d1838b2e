"""Reading a CIN census from XML: against the XML parsers alone, and how much memory it takes."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path
from xml.parsers import expat

import polars as pl
from lxml import etree

from benchmarks.measuring import Goal, Section, at_most, interleaved, megabytes, peak_memory, table, timings_table
from csc_indicators.extracts.cin_census import read_cin_census_xml
from csc_indicators.tables.validation import validate_cin_census

ROOT = Path(__file__).resolve().parents[1]
FILE_SIZE = 60_000_000


def run(*, small: bool = False) -> Section:
    rounds = 1 if small else 3
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "cin_census.xml"
        children = _write_large(path, 1_500_000 if small else FILE_SIZE)
        size = path.stat().st_size
        # What is imported only when first used is not what is measured.
        _read_and_validate(_largest_census())
        timings = interleaved(
            {
                "expat, no handlers": partial(_expat, path, handlers=False),
                "expat, empty handlers": partial(_expat, path, handlers=True),
                "lxml iterparse": partial(_iterparse, path),
                "ours, read": partial(_read, path),
                "ours, read and validate": partial(_read_and_validate, path),
            },
            rounds,
        )
        memory = _memory(path)
    handlers, bare = timings["expat, empty handlers"], timings["expat, no handlers"]
    read, both = timings["ours, read"], timings["ours, read and validate"]
    speed, validating = size / read.median / 1e6, both.median - read.median
    parsing = timings["lxml iterparse"].median / read.median
    taken = memory["peak"] - memory["before"]
    ratio = taken / memory["tables"]
    goals = (
        at_most("CIN XML to raw tables", read, 3.5, handlers, "an expat scan with empty handlers"),
        at_most("CIN XML to raw tables", read, 3.5, bare, "an expat scan without handlers"),
        at_most("CIN XML to validated tables", both, 3.5, handlers, "an expat scan with empty handlers"),
        Goal(
            "Reading XML takes memory for its tables, not its document: at most twice the tables",
            f"{ratio:.2f} times",
            ratio <= 2,
        ),
    )
    memory_rows = [
        ("the file", megabytes(size)),
        ("its raw tables", megabytes(memory["tables"])),
        ("reading it, at the peak, above what imports hold", megabytes(taken)),
    ]
    text = f"""One generated census of {megabytes(size)} and {children:,} children, {rounds} rounds.
Ours reads {speed:.0f} MB a second.

{timings_table(timings, "expat, empty handlers")}

{table(("memory", "size"), memory_rows)}

Two bare scans are shown because they differ {handlers.median / bare.median:.1f} times:
without handlers expat never enters Python, and no reader written in Python gets near it.
lxml's own parsing, an element for each tag, is {parsing:.0%} of the time of our reading; the rest is collecting
cells into columns, child by child. Validating adds {validating:.1f} s: typing, rules, links between rows and stacking.

Memory is measured in a process of its own. Beside the tables, the peak holds what polars and lxml set up when first
used (about 15 MB even for a file of 1 MB), cells not yet packed into columns, and a second copy of a table while its
pieces are put together.
"""
    return Section("Reading CIN XML", goals, text)


def _write_large(path: Path, size: int) -> int:
    """The largest census of the fixtures with its children repeated under new ids; the number of children."""
    text = _largest_census().read_text(encoding="utf-8")
    start, end = text.index("<Children>") + len("<Children>"), text.index("</Children>")
    body = text[start:end]
    copies = max(1, size // len(body))
    with path.open("w", encoding="utf-8") as file:
        file.write(text[:start])
        for copy in range(copies):
            file.write(body.replace("<LAchildID>SYN", f"<LAchildID>{copy:03}"))
        file.write(text[end:])
    return body.count("<Child>") * copies


def _largest_census() -> Path:
    return max(ROOT.glob("fixtures/region/*/*/cin_census.xml"), key=lambda file: file.stat().st_size)


def _expat(path: Path, *, handlers: bool) -> None:
    parser = expat.ParserCreate()
    if handlers:
        parser.StartElementHandler = lambda _name, _attributes: None
        parser.EndElementHandler = lambda _name: None
        parser.CharacterDataHandler = lambda _text: None
    with path.open("rb") as file:
        parser.ParseFile(file)


def _iterparse(path: Path) -> None:
    for _, child in etree.iterparse(str(path), events=("end",), tag="Child"):
        child.clear()
        while child.getprevious() is not None:
            del child.getparent()[0]


def _read(path: Path) -> pl.DataFrame:
    return _counts(read_cin_census_xml([path]).tables["episodes"])


def _read_and_validate(path: Path) -> pl.DataFrame:
    return _counts(validate_cin_census(read_cin_census_xml([path])).episodes)


def _counts(episodes: pl.DataFrame) -> pl.DataFrame:
    return episodes.select(rows=pl.len())


def _memory(path: Path) -> dict[str, int]:
    command = [sys.executable, "-m", "benchmarks.readers", str(path)]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)  # noqa: S603 (this very file)
    return json.loads(done.stdout)


def main() -> None:
    """In a process of its own: read a file and print what memory it took."""
    before = peak_memory()
    tables = read_cin_census_xml([Path(sys.argv[1])]).tables
    peak = peak_memory()
    # As Arrow holds them: `estimated_size` leaves out the 16 bytes that every short text takes.
    size = sum(held.to_arrow(compat_level=pl.CompatLevel.newest()).nbytes for held in tables.values())
    print(json.dumps({"before": before, "peak": peak, "tables": size}))


if __name__ == "__main__":
    main()
