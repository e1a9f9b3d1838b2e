"""Example tables of the return on looked-after children: a few columns given, the rest inert.

A row of defaults puts nothing in any numerator: an episode says only that it was over long ago. One that says when it
started is open, and was last returned long after any period.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

import polars as pl

from csc_indicators.errors import UsageError
from csc_indicators.example_cells import FAR_AHEAD, LONG_AGO, WHO, Rows, cell, child_keys, frame_of, whose
from csc_indicators.extracts.postcodes import POSTCODES_SCHEMA
from csc_indicators.names import suggestion
from csc_indicators.tables.ssda903 import CONTRACTS, KEYS

_CHILD: Mapping[str, Any] = {
    "birth_date": dt.date(2015, 6, 1),
    "sex": "F",
    "ethnicity": "WBRI",
    "unaccompanied": False,
    "unaccompanied_until": None,
}
_COVERED: Mapping[str, Any] = {"observed_from": LONG_AGO, "observed_to": FAR_AHEAD}
_ROW: Mapping[str, Any] = {**WHO, **_CHILD, **_COVERED, "known_to": FAR_AHEAD}
_OF_A_YEAR: Mapping[str, Any] = {**WHO, **_CHILD, **_COVERED, "year": LONG_AGO}

CARE_EXAMPLE_TABLES: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        "episodes": {
            **_ROW,
            "start_date": LONG_AGO,
            "end_date": None,
            "reason_for_new_episode": "S",
            "legal_status": "C2",
            "primary_need": "N1",
            "placement": "P3",
            "placement_provider": "PR1",
            "reason_ceased": None,
            "home_postcode": None,
            "placement_postcode": None,
            "placement_location": "IN",
            "placement_distance": None,
        },
        "outcomes": {
            **_OF_A_YEAR,
            "sdq_score": None,
            "sdq_reason": None,
            "convicted": None,
            "health_check": None,
            "immunisations": None,
            "teeth_check": None,
            "health_assessment": None,
            "substance_misuse": None,
        },
        "care_leavers": {**_OF_A_YEAR, "in_touch": "NO", "activity": "0", "accommodation": "0"},
        "missing": {**_ROW, "missing_kind": "M", "start_date": LONG_AGO, "end_date": None},
        "adoption": {**_OF_A_YEAR, "decision_date": None, "match_date": None},
        "social_workers": {**_ROW, "social_worker_id": "SW1", "start_date": LONG_AGO, "end_date": None},
        "postcodes": {"postcode": "AA11AA", "easting": 400000, "northing": 400000},
    }
)
"""The tables that an example may hold, with what a cell holds when the example leaves it out.

`year` of a table that is returned once a year is the 31 March that its return was made for.
"""


def example_care(rows: Iterable[Mapping[str, Any]]) -> pl.DataFrame:
    """A table shaped as `Ssda903.episodes` from rows that say only what matters.

    Raises:
        UsageError: a row has a key that is no column of the table.

    >>> example_care([{"child_id": "B", "start_date": "2024-05-10"}]).select("child_id", "start_date").row(0)
    ('B', datetime.date(2024, 5, 10))
    """
    return example_care_tables({"episodes": list(rows)})["episodes"]


def example_care_tables(tables: Mapping[str, Rows]) -> dict[str, pl.DataFrame]:
    """The tables of a return on looked-after children from rows that say only what matters.

    Args:
        tables: Rows by table: those of `CARE_EXAMPLE_TABLES`, whose columns and defaults stand there. Keys count the
            rows of a table from 0. Dates are dates or ISO texts; the text "missing" is a missing cell.

    Returns:
        Every table that an example may hold, empty where no rows are given; `postcodes` only when it is given.

    Raises:
        UsageError: there is no such table, or a row has a key that is no column of it.

    >>> tables = example_care_tables({"outcomes": [{"year": "2025-03-31", "sdq_score": 12}]})
    >>> tables["outcomes"].select("known_to", "sdq_score").row(0)
    (datetime.date(2025, 3, 31), 12)
    """
    full: dict[str, list[dict[str, Any]]] = {}
    for name, rows in tables.items():
        if name not in CARE_EXAMPLE_TABLES:
            raise UsageError(
                f'an example holds no table "{name}".{suggestion(name, CARE_EXAMPLE_TABLES)} '
                f"Tables: {', '.join(CARE_EXAMPLE_TABLES)}."
            )
        full[name] = [_full(name, row) for row in rows]
    keys = child_keys({whose(row) for name, rows in full.items() if name != "postcodes" for row in rows})
    made = {
        name: frame_of(
            [row | {KEYS[name]: number} for number, row in enumerate(full.get(name, []))],
            CONTRACTS[name].schema,
            keys,
        )
        for name in CARE_EXAMPLE_TABLES
        if name != "postcodes"
    }
    if "postcodes" in full:
        made["postcodes"] = pl.DataFrame(full["postcodes"], schema=POSTCODES_SCHEMA)
    return made


def _full(table: str, row: Mapping[str, Any]) -> dict[str, Any]:
    """A row with every column: its own cell, or the default."""
    defaults = dict(CARE_EXAMPLE_TABLES[table])
    unknown = [name for name in row if name not in defaults]
    if unknown:
        raise UsageError(
            f'{table} have no column "{unknown[0]}".{suggestion(unknown[0], defaults)} Columns: {", ".join(defaults)}.'
        )
    if "start_date" in defaults and "start_date" not in row:
        # What says nothing of itself is not still going on in every period.
        defaults["known_to"] = LONG_AGO
    made = {name: cell(row[name], default) if name in row else default for name, default in defaults.items()}
    if "year" in made:
        made["known_to"] = made.pop("year")
    return made
