"""Raw CIN censuses put together in a few lines: what a reader would return, every cell a text.

`census(child("A", episode("2024-05-10")))` is sound as it stands; a test spoils what it is about. Rows are numbered in
the order in which they stand, as a reader numbers them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from csc_indicators.extracts.raw import CENSUS_COLUMNS, RAW_TABLES, RawCinCensus
from csc_indicators.tables.cin import CinCensus
from csc_indicators.tables.validation import validate_cin_census

Cells = dict[str, str | None]
LINK_OF = {
    "children": "child_row",
    "episodes": "episode_row",
    "assessments": "assessment_row",
    "child_protection_plans": "plan_row",
}


@dataclass(frozen=True)
class Part:
    """A row of a table, with the rows that hang from it."""

    table: str
    cells: Cells
    parts: tuple[Part, ...] = ()


@dataclass(frozen=True)
class Census:
    """One return: its header and its children."""

    header: Cells
    parts: tuple[Part, ...] = field(default=())


def census(
    *children: Part, la_code: str | None = "390", ends: str | None = "2025-03-31", **header: str | None
) -> Census:
    """A return; other columns of the header by name. Its file is named for its authority and day unless said."""
    cells = {"la_code": la_code, "reference_date": ends, "collection": "CIN", "source_file": f"{la_code}/{ends}.xml"}
    return Census({**cells, **header}, children)


def child(
    child_id: str | None = "A", *parts: Part, disabilities: Sequence[str] = ("NONE",), **cells: str | None
) -> Part:
    """A child that breaks no rule, with its episodes."""
    sound: Cells = {"child_id": child_id, "birth_date": "2015-06-01", "ethnicity": "WBRI", "sex": "F"}
    held = (*(Part("disabilities", {"disability": code}) for code in disabilities), *parts)
    return Part("children", {**sound, **cells}, held)


def episode(referral_date: str | None = "2024-05-10", *parts: Part, **cells: str | None) -> Part:
    """An open episode that breaks no rule, with its events."""
    sound: Cells = {
        "referral_date": referral_date,
        "referral_source": "1A",
        "primary_need": "N1",
        "no_further_action": "0",
    }
    return Part("episodes", {**sound, **cells}, parts)


def event(table: str, start_date: str | None = "2024-06-03", *parts: Part, **cells: str | None) -> Part:
    """An assessment, plan, enquiry or other event of an episode."""
    return Part(table, {"start_date": start_date, **cells}, parts)


def factor(code: str | None) -> Part:
    return Part("assessment_factors", {"factor": code})


def review(day: str | None) -> Part:
    return Part("reviews", {"review_date": day})


def raw(*censuses: Census) -> RawCinCensus:
    """The censuses as a reader returns them."""
    rows: dict[str, list[dict[str, Any]]] = {name: [] for name in RAW_TABLES}
    for number, each in enumerate(censuses):
        counts = dict.fromkeys(RAW_TABLES, 0)
        _lay_out(each.parts, {"census": number}, rows, counts)
    headers = [{"census": number, **each.header} for number, each in enumerate(censuses)]
    schema = pl.Schema({"census": pl.UInt32(), **dict.fromkeys(CENSUS_COLUMNS, pl.String())})
    return RawCinCensus(
        pl.DataFrame(headers, schema=schema),
        {name: pl.DataFrame(rows[name], schema=shape.schema) for name, shape in RAW_TABLES.items()},
    )


def _lay_out(
    parts: Iterable[Part], above: dict[str, int], rows: dict[str, list[dict[str, Any]]], counts: dict[str, int]
) -> None:
    for part in parts:
        counts[part.table] += 1
        number = counts[part.table]
        unknown = set(part.cells) - set(RAW_TABLES[part.table].columns)
        assert not unknown, f"{part.table} has no {unknown}"
        rows[part.table].append({**above, "source_row": number, **part.cells})
        link = LINK_OF.get(part.table)
        _lay_out(part.parts, {**above, link: number} if link else above, rows, counts)


def validated(*censuses: Census) -> CinCensus:
    """The censuses validated and stacked."""
    return validate_cin_census(raw(*censuses))


def rules(cin: CinCensus) -> list[tuple[str, str, str, str, tuple[int, ...]]]:
    """What was found: severity, rule, table, column and rows."""
    return [
        (finding.severity, finding.rule, finding.table, finding.column, finding.row_numbers) for finding in cin.findings
    ]
