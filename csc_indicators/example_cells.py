"""What all example tables share: whose a row is, how a cell is written, and how rows become a table."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import polars as pl

from csc_indicators.spec_model import MISSING
from csc_indicators.tables.cin import child_key

LONG_AGO = dt.date(1990, 1, 1)
FAR_AHEAD = dt.date(2099, 1, 1)

Rows = Sequence[Mapping[str, Any]]

WHO: Mapping[str, Any] = MappingProxyType({"la_code": "999", "child_id": "A"})


def whose(row: Mapping[str, Any]) -> tuple[str, str]:
    """The authority and the child of a row."""
    return row.get("la_code", WHO["la_code"]), row.get("child_id", WHO["child_id"])


def child_keys(children: Iterable[tuple[str, str]]) -> dict[tuple[str, str], int]:
    """A key for each child, in order of authority and child."""
    keys: dict[tuple[str, str], int] = {}
    for la_code, child_id in sorted(children):
        ordinal = sum(other == la_code for other, _ in keys)
        keys[la_code, child_id] = child_key(la_code, ordinal)
    return keys


def frame_of(rows: Sequence[Mapping[str, Any]], schema: pl.Schema, keys: Mapping[tuple[str, str], int]) -> pl.DataFrame:
    """The rows as a table of a schema; what an example does not say is the same for all of its rows."""
    columns: dict[str, list[Any]] = {name: [] for name in schema}
    for number, row in enumerate(rows):
        derived = {
            "child_key": keys[whose(row)],
            "census_year": 2025,
            "source_file": "example",
            "source_row": number + 1,
            "unborn": False,
        }
        for name, cells in columns.items():
            cells.append(derived[name] if name in derived else row.get(name))
    return pl.DataFrame(columns, schema=schema)


def cell(value: Any, default: Any) -> Any:  # noqa: ANN401 (whatever an example holds)
    """A cell as an example writes it: a text may be a date, or say that the cell is missing."""
    if isinstance(value, str) and value == MISSING:
        return None
    if isinstance(value, str) and (isinstance(default, dt.date) or _is_iso_date(value)):
        return dt.date.fromisoformat(value)
    return value


def _is_iso_date(text: str) -> bool:
    try:
        dt.date.fromisoformat(text)
    except ValueError:
        return False
    return len(text) == len("2024-05-10")
