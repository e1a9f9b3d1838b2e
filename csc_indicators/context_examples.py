"""Example rows of the supplied tables (context): a few columns given, the rest inert.

A row of defaults puts nothing in any numerator: its numbers are nothing, and what it says happened long before any
period. A table of a year is of 2025.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import polars as pl

from csc_indicators.codes import LA_CODE
from csc_indicators.errors import UsageError
from csc_indicators.example_cells import FAR_AHEAD, LONG_AGO, WHO, Rows, cell
from csc_indicators.names import suggestion
from csc_indicators.tables.context import CONTRACTS, KEYS

_OF_YEAR: Mapping[str, Any] = {"la_code": WHO["la_code"], "year": 2025}
_CHILD_OF_YEAR: Mapping[str, Any] = {**WHO, "year": 2025}
_LISTED: Mapping[str, Any] = {"la_code": WHO["la_code"], "known_to": FAR_AHEAD}
_CHILD_LISTED: Mapping[str, Any] = {**WHO, "known_to": FAR_AHEAD}
_SPELL: Mapping[str, Any] = {**_CHILD_LISTED, "start_date": LONG_AGO, "end_date": None}

CONTEXT_EXAMPLE_TABLES: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        "finance": {**_OF_YEAR, "line": "childrens_social_care", "funding": None, "amount": 0},
        "population": {**_OF_YEAR, "population": 1000},
        "post_holders": {
            **_LISTED,
            "post": "director",
            "interim": False,
            "start_date": LONG_AGO,
            "end_date": None,
        },
        "inspections": {**_LISTED, "inspection_date": FAR_AHEAD, "judgement": "good"},
        "court_outcomes": {
            **_CHILD_LISTED,
            "birth_date": dt.date(2015, 6, 1),
            "end_date": LONG_AGO,
            "outcome": "care_order",
        },
        "attendance": {
            **_CHILD_OF_YEAR,
            "birth_date": dt.date(2012, 6, 1),
            "social_care_group": None,
            "sessions_possible": 0,
            "sessions_missed": 0,
        },
        "attainment": {
            **_CHILD_OF_YEAR,
            "key_stage": "2",
            "social_care_group": None,
            "expected_standard": None,
            "progress": None,
            "attainment_8": None,
        },
        "school_history": {**_SPELL, "school": "1"},
        "family_group_decisions": {**_CHILD_LISTED, "start_date": LONG_AGO, "offered": None, "held": None},
        "conference_attendance": {
            **_LISTED,
            "conference_id": "C1",
            "conference_date": LONG_AGO,
            "agency": "police",
            "attended": False,
        },
        "early_help": _SPELL,
        "deprivation": {**_OF_YEAR, "score": 0},
        "posts": {**_OF_YEAR, "post": "case_holder", "vacancies": 0, "in_post": 0},
        "injury_admissions": {**_OF_YEAR, "admissions": 0, "population": 1000},
        "lasting_relationships": {**_CHILD_OF_YEAR, "identified": False},
        "periods_of_care": {**WHO, "start_date": LONG_AGO, "end_date": None},
        "social_care_groups": {**_CHILD_OF_YEAR, "social_care_group": "CLA12"},
    }
)
"""The tables that an example may hold, with what a cell holds when the example leaves it out.

`social_care_groups` and `periods_of_care` are worked out from the returns on children: tables on education are matched
with them.
"""

_DERIVED = {
    "social_care_groups": pl.Schema(
        {"la_code": LA_CODE, "child_id": pl.String(), "year": pl.Int32(), "social_care_group": pl.String()}
    ),
    "periods_of_care": pl.Schema(
        {"la_code": LA_CODE, "child_id": pl.String(), "start_date": pl.Date(), "end_date": pl.Date()}
    ),
}


def context_example_frame(name: str, rows: Rows) -> pl.DataFrame:
    """One supplied table from rows that say only what matters.

    Raises:
        UsageError: a row has a key that is no column of the table.
    """
    defaults = CONTEXT_EXAMPLE_TABLES[name]
    full: list[dict[str, Any]] = []
    for number, row in enumerate(rows):
        unknown = [column for column in row if column not in defaults]
        if unknown:
            raise UsageError(
                f'{name} have no column "{unknown[0]}".{suggestion(unknown[0], defaults)} '
                f"Columns: {', '.join(defaults)}."
            )
        made = {
            column: cell(row[column], default) if column in row else default for column, default in defaults.items()
        }
        made |= {
            "observed_from": LONG_AGO,
            "observed_to": FAR_AHEAD,
            "source_file": "example",
            "source_row": number + 1,
        }
        full.append(made | ({KEYS[name]: number} if name in KEYS else {}))
    schema = CONTRACTS[name].schema if name in CONTRACTS else _DERIVED[name]
    return pl.DataFrame({column: [row.get(column) for row in full] for column in schema}, schema=schema, strict=False)
