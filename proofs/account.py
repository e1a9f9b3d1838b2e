"""The outcomes as tables of counts, for the terminal and for the page of the documentation."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from csc_indicators.markdown import table
from proofs.checks import (
    AREA_COUNTS,
    AREA_VALUES,
    AUTHORITY_VALUES,
    BOUNDED,
    EXACT,
    EXPLAINED,
    MISS,
    NEIGHBOURS,
    POPULATIONS,
    UNCHECKED,
    WITHIN,
)
from proofs.figures import ENGLAND, REGION, TOTAL_GROUP
from proofs.known_exceptions import EXCEPTIONS

Column = tuple[str, tuple[str, ...], tuple[str, ...], tuple[str, ...]]
"""A heading, and the checks, levels (any, if none) and outcomes that are counted below it."""

_AUTHORITY, _AREA = (AUTHORITY_VALUES,), (AREA_VALUES,)
VALUES: tuple[Column, ...] = (
    ("Authorities: exact", _AUTHORITY, (), (EXACT,)),
    ("within rounding", _AUTHORITY, (), (WITHIN,)),
    ("Regions: exact", _AREA, (REGION,), (EXACT,)),
    ("within rounding ", _AREA, (REGION,), (WITHIN,)),
    ("by exception", _AREA, (REGION,), (EXPLAINED,)),
    ("England: exact", _AREA, (ENGLAND,), (EXACT,)),
    ("within rounding  ", _AREA, (ENGLAND,), (WITHIN,)),
    ("by exception ", _AREA, (ENGLAND,), (EXPLAINED,)),
    ("Cannot be told", (AUTHORITY_VALUES, AREA_VALUES), (), (UNCHECKED,)),
    ("Unexplained", (AUTHORITY_VALUES, AREA_VALUES), (), (MISS,)),
)
COUNTS: tuple[Column, ...] = (
    ("Sums: exact", (AREA_COUNTS,), (), (EXACT,)),
    ("within rounding", (AREA_COUNTS,), (), (WITHIN,)),
    ("by exception", (AREA_COUNTS,), (), (EXPLAINED,)),
    ("within bounds", (AREA_COUNTS,), (), (BOUNDED,)),
    ("Cannot be told", (AREA_COUNTS, POPULATIONS), (), (UNCHECKED,)),
    ("Populations: exact", (POPULATIONS,), (), (EXACT,)),
    ("Unexplained", (AREA_COUNTS, POPULATIONS), (), (MISS,)),
)
MEDIANS: tuple[Column, ...] = (
    ("The same", (NEIGHBOURS,), (), (EXACT,)),
    ("No neighbour has a value", (NEIGHBOURS,), (), (UNCHECKED,)),
    ("Another", (NEIGHBOURS,), (), (MISS,)),
)


def counted(outcomes: pl.DataFrame, columns: Sequence[Column]) -> str:
    """A table with a line for each series and group, and one for all, that counts outcomes."""
    here = outcomes.filter(pl.col("check").is_in([name for _, checks, _, _ in columns for name in checks]))
    rows = [
        (f"`{name}`" + (f", {group}" if group != TOTAL_GROUP else ""), *_numbers(lines, columns))
        for (name, group), lines in here.sort("series", "group").group_by("series", "group", maintain_order=True)
    ]
    rows.append(("All", *_numbers(here, columns)))
    headings = [heading for heading, *_ in columns]
    # Columns in which nothing is counted say nothing, except the one that must be empty.
    kept = [place for place in range(len(headings)) if rows[-1][place + 1] != "0" or place == len(headings) - 1]
    header = ("Figures", *(headings[place].strip() for place in kept))
    return table(header, [(row[0], *(row[place + 1] for place in kept)) for row in rows], right=header[1:])


def _numbers(lines: pl.DataFrame, columns: Sequence[Column]) -> list[str]:
    found: list[str] = []
    for _, checks, levels, named in columns:
        here = lines.filter(pl.col("check").is_in(checks), pl.col("outcome").is_in(named))
        found.append(f"{here.filter(pl.col('level').is_in(levels or here['level'].unique())).height:,}")
    return found


def exceptions(outcomes: pl.DataFrame) -> str:
    """The table of exceptions that were made: how many figures each is needed for, and why."""
    made = outcomes.filter(pl.col("outcome") == EXPLAINED)
    rows: list[tuple[str, ...]] = []
    for each in EXCEPTIONS:
        for_it = made.filter(pl.col("exception").str.split("; ").list.contains(each.name))
        named = ", ".join(f"`{name}`" for name in for_it["series"].unique().sort())
        if for_it.height:
            rows.append((each.name, named, str(for_it.height), each.reason))
    return table(("Exception", "Figures", "Number", "Reason"), rows, right=("Number",))


def misses(outcomes: pl.DataFrame) -> list[str]:
    """A line for each published number that the package's arithmetic does not give."""
    found = outcomes.filter(pl.col("outcome") == MISS).select("check", "series", "group", "year", "code")
    return [f"{check}: {name}, {group}, {year}, {code}" for check, name, group, year, code in found.iter_rows()]


def account(outcomes: pl.DataFrame) -> str:
    """All tables, each under a heading."""
    parts = (
        ("## Values from counts", counted(outcomes, VALUES)),
        ("## Regions and England as sums", counted(outcomes, COUNTS)),
        ("## Exceptions by name", exceptions(outcomes)),
        (
            "## Neighbours' values, computed twice",
            "No median of neighbours' values is published beside the figures: this compares two computations.\n\n"
            + counted(outcomes, MEDIANS),
        ),
    )
    return "\n\n".join(f"{heading}\n\n{text}" for heading, text in parts)
