"""Supplied tables (context) as validated tables: what each holds, in which types.

Every table carries `la_code`, its own key, its columns, and where its row came from; `observed_from` and `observed_to`
are the unbroken span that the authority's rows of the table cover.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import polars as pl

from csc_indicators.codes import LA_CODE
from csc_indicators.errors import Finding
from csc_indicators.extracts.context_shapes import CONTEXT_TABLES, YEAR
from csc_indicators.extracts.parsing import Column
from csc_indicators.tables.cin import OBSERVED, TableContract

if TYPE_CHECKING:
    from csc_indicators.tables.accounting import RowAccount

COLLECTION = "context"

RETURNED: Mapping[str, tuple[Column, ...]] = {
    name: tuple(column.column for column in table.columns) for name, table in CONTEXT_TABLES.items()
}
"""What each supplied column holds, by table."""

KEYS = {name: f"{name}_key" for name in CONTEXT_TABLES}
"""The column that numbers the rows of a table."""

WHERE_FROM = {"source_file": pl.Categorical(), "source_row": pl.UInt32()}


def _contract(table: str) -> TableContract:
    own = {column.name: column.dtype for column in RETURNED[table] if column.name != "la_code"}
    years = {YEAR: pl.Int32()} if YEAR in own else {}
    schema = {"la_code": LA_CODE, KEYS[table]: pl.UInt32(), **own, **years, **OBSERVED, **WHERE_FROM}
    return TableContract(
        f"{COLLECTION}.{table}", pl.Schema(schema), KEYS[table], "child_id" if "child_id" in own else None
    )


CONTRACTS: Mapping[str, TableContract] = {table: _contract(table) for table in RETURNED}
"""The validated tables by name."""


@dataclass(frozen=True)
class Context:
    """Supplied tables, validated: only those that were given.

    `tables` holds them by name (`finance`, `post_holders` and so on; see `CONTEXT_TABLES`). `coverage` has, for each
    table and authority, the spans that its rows cover, under the name `context.<table>`.
    """

    tables: Mapping[str, pl.DataFrame]
    coverage: pl.DataFrame
    findings: tuple[Finding, ...] = ()
    accounts: tuple[RowAccount, ...] = field(default=())

    def table(self, name: str) -> pl.DataFrame | None:
        """A table by name; None when it was not given."""
        return self.tables.get(name)

    def __repr__(self) -> str:
        """Row counts only: a table's rows may be about real children and do not belong in a log."""
        sizes = ", ".join(f"{name}: {table.height}" for name, table in self.tables.items())
        return f"Context({sizes}, findings: {len(self.findings)})"
