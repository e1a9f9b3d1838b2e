"""Example tables of the workforce census: a few columns given, the rest inert.

A row of defaults puts nothing in any numerator: it is a case holder's in a full-time post, begun the year before, who
is still in post on 30 September 2025 and holds no cases.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

import polars as pl

from csc_indicators.errors import UsageError
from csc_indicators.example_cells import FAR_AHEAD, LONG_AGO, Rows, cell
from csc_indicators.names import suggestion
from csc_indicators.tables.workforce import CONTRACTS, KEYS

CENSUS_DAY = dt.date(2025, 9, 30)

WORKFORCE_EXAMPLE_TABLES: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        "workers": {
            "la_code": "999",
            "worker_id": "SW1",
            "census": CENSUS_DAY,
            "is_agency": False,
            "full_time_equivalent": 1.0,
            "full_time_equivalent_on_census_day": 1.0,
            "birth_date": dt.date(1985, 6, 1),
            "sex": "F",
            "ethnicity": "WBRI",
            "role": "5",
            "start_date": dt.date(2024, 6, 1),
            "end_date": None,
            "cases": None,
            "days_lost": None,
            "base_salary": None,
            "recruitment_and_retention_payments": None,
            "other_payments": None,
            "observed_from": LONG_AGO,
        },
        "authority_totals": {
            "la_code": "999",
            "census": CENSUS_DAY,
            "vacancies": None,
            "agency_full_time_equivalent": None,
            "agency_headcount": None,
        },
    }
)
"""The tables that an example may hold, with what a cell holds when the example leaves it out.

`census` is the 30 September of the census that a row stands in.
"""


def example_workforce(rows: Iterable[Mapping[str, Any]]) -> pl.DataFrame:
    """A table shaped as `Workforce.workers` from rows that say only what matters.

    Raises:
        UsageError: a row has a key that is no column of the table.

    >>> example_workforce([{"worker_id": "SW2", "cases": 12}]).select("worker_id", "reference_date", "cases").row(0)
    ('SW2', datetime.date(2025, 9, 30), 12)
    """
    return example_workforce_tables({"workers": list(rows)})["workers"]


def example_workforce_tables(tables: Mapping[str, Rows]) -> dict[str, pl.DataFrame]:
    """The tables of a workforce census from rows that say only what matters.

    Args:
        tables: Rows by table: those of `WORKFORCE_EXAMPLE_TABLES`, whose columns and defaults stand there. Keys count
            the rows of a table from 0. Dates are dates or ISO texts; the text "missing" is a missing cell.

    Returns:
        Both tables, empty where no rows are given.

    Raises:
        UsageError: there is no such table, or a row has a key that is no column of it.

    >>> tables = example_workforce_tables({"authority_totals": [{"vacancies": 2.5}]})
    >>> tables["authority_totals"].select("la_code", "vacancies").row(0)
    ('999', 2.5)
    """
    for name in tables:
        if name not in WORKFORCE_EXAMPLE_TABLES:
            raise UsageError(
                f'an example holds no table "{name}".{suggestion(name, WORKFORCE_EXAMPLE_TABLES)} '
                f"Tables: {', '.join(WORKFORCE_EXAMPLE_TABLES)}."
            )
    return {
        name: _frame(name, [_full(name, row, number) for number, row in enumerate(tables.get(name, ()))])
        for name in WORKFORCE_EXAMPLE_TABLES
    }


def _full(table: str, row: Mapping[str, Any], number: int) -> dict[str, Any]:
    """A row with every column: its own cell, or the default."""
    defaults = WORKFORCE_EXAMPLE_TABLES[table]
    unknown = [name for name in row if name not in defaults]
    if unknown:
        raise UsageError(
            f'{table} have no column "{unknown[0]}".{suggestion(unknown[0], defaults)} Columns: {", ".join(defaults)}.'
        )
    made = {name: cell(row[name], default) if name in row else default for name, default in defaults.items()}
    census = made.pop("census")
    return {
        "observed_from": LONG_AGO,
        **made,
        "observed_to": FAR_AHEAD,
        "reference_date": census,
        "census_year": census.year,
        "source_file": "example",
        "source_row": number + 1,
        KEYS[table]: number,
    }


def _frame(table: str, rows: list[dict[str, Any]]) -> pl.DataFrame:
    schema = CONTRACTS[table].schema
    return pl.DataFrame({name: [row.get(name) for row in rows] for name in schema}, schema=schema)
