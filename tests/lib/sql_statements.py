"""Indicators as DuckDB SQL: what runs a text on the rows of a test."""

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from csc_indicators.catalogue import catalogue

PERIODS = {"label": "VARCHAR", "first_day": "DATE", "last_day": "DATE"}


@dataclass(frozen=True, eq=False)
class Statements:
    """SQL texts of indicators, over the tables they read.

    Each text reads the tables and `periods` (label, first_day, last_day), has $parameters, and says `la_code`,
    `period`, `numerator` and `denominator` (NULL for a rate). A number that is NULL means "ever" or "none".

    Attributes:
        columns: The columns of each table, with their types.
        queries: The text of each indicator.
        prepare: What is run once, before any row is there.
    """

    columns: Mapping[str, Mapping[str, str]]
    queries: Mapping[str, str]
    prepare: Sequence[tuple[str, Sequence[Any]]] = ()

    @functools.cached_property
    def connection(self):
        """A database in memory, its tables empty."""
        connection = duckdb.connect(":memory:", config={"threads": 1})
        for statement, rows in self.prepare:
            if rows:
                connection.executemany(statement, rows)
            else:
                connection.execute(statement)
        for table, columns in {**self.columns, "periods": PERIODS}.items():
            connection.execute(
                f"CREATE TABLE {table} ({', '.join(f'{name} {kind}' for name, kind in columns.items())})"
            )
        return connection

    def fill(self, table, rows):
        self.connection.execute(f"TRUNCATE {table}")
        if rows:
            places = ", ".join(f"({', '.join('?' * len(row))})" for row in rows)
            cells = [cell for row in rows for cell in row]
            self.connection.execute(f"INSERT INTO {table} VALUES {places}", cells)  # noqa: S608 (place holders only)

    def sums(self, indicator, tables, periods, **parameters):
        """{(la_code, period label): (numerator, denominator)} where either is not nought.

        Args:
            indicator: The id of the indicator.
            tables: Rows as dicts, by table.
            periods: The periods.
            parameters: Those that are not at their default.
        """
        for table, columns in self.columns.items():
            self.fill(table, [[row[name] for name in columns] for row in tables.get(table, ())])
        self.fill("periods", [[period.label, period.start, period.end] for period in periods])
        text = self.queries[indicator]
        return {
            (la_code, label): (int(numerator), None if denominator is None else int(denominator))
            for la_code, label, numerator, denominator in self.connection.execute(
                f"SELECT la_code, period, numerator, denominator FROM ({text})",  # noqa: S608 (texts of the tests)
                {name: value for name, value in chosen(indicator, parameters).items() if f"${name}" in text},
            ).fetchall()
            if numerator or denominator
        }


def chosen(indicator, parameters):
    """Every parameter of an indicator as SQL takes it: its default where it is not given, a set as a list."""
    values = {}
    for parameter in catalogue().indicator(indicator).parameter:
        value = parameters.get(parameter.name, parameter.default)
        if value == parameter.none and parameter.none is not None:
            value = None
        if parameter.type in ("choices", "codes"):
            value = list(value or ())
        values[parameter.name] = value
    return values
