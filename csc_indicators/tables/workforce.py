"""The workforce census as validated tables: what each holds, in which types.

`RETURNED` says how each returned column is read; `Workforce` is what comes out: one row a post of a worker on each 30
September, agency workers among them, and one row an authority with its vacancies and its own total of agency workers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import polars as pl

from csc_indicators.codes import ETHNICITY, LA_CODE, SEX
from csc_indicators.errors import Finding
from csc_indicators.extracts.parsing import Column
from csc_indicators.extracts.raw_workforce import ITEMS, PAY_ITEMS, REPEATED, TOTALS, WORKER_PAY, WORKERS
from csc_indicators.tables.cin import OBSERVED, SOURCE, TableContract

if TYPE_CHECKING:
    from csc_indicators.tables.accounting import RowAccount

COLLECTION = "workforce"

RETURNED: Mapping[str, tuple[Column, ...]] = {
    WORKERS: (
        Column("worker_id", required=True),
        Column("is_agency", "boolean", required=True),
        Column("full_time_equivalent", "number"),
        Column("birth_date", "day_first_date"),
        Column("worker_sex", "code", "worker_sex"),
        Column("ethnicity", "code", "ethnicity"),
        Column("qualification_level", "code", "qualification_level"),
        Column("is_step_up_graduate", "boolean"),
        Column("is_frontline_graduate", "boolean"),
        Column("role", "code", "role"),
        Column("start_date", "day_first_date"),
        Column("end_date", "day_first_date"),
        Column("worker_origin", "code", "worker_origin"),
        Column("worker_destination", "code", "worker_destination"),
        Column("leaving_reason", "code", "leaving_reason"),
        Column("full_time_equivalent_on_census_day", "number"),
        Column("cases", "integer"),
        Column("days_lost", "number"),
        *(Column(name, "number") for name in WORKER_PAY.values()),
    ),
    TOTALS: (
        Column("vacancies", "number"),
        Column("agency_full_time_equivalent", "number"),
        Column("agency_headcount", "integer"),
        *(
            Column(name) if name == "other_allowances" else Column(name, "code", "pay_extent")
            for name in PAY_ITEMS.values()
        ),
    ),
    ITEMS: (Column("item"), Column("value", required=True)),
}
"""What each returned column holds, by table."""

KEYS = {WORKERS: "worker_key", TOTALS: "authority_key", ITEMS: "item_key"}
"""The column that numbers the rows of a table over all censuses."""

ITEM = pl.Enum(list(REPEATED.values()))


def _contract(table: str) -> TableContract:
    own = {column.name: column.dtype for column in RETURNED[table]}
    if table == WORKERS:
        own = {("sex" if name == "worker_sex" else name): dtype for name, dtype in own.items()}
        own |= {"sex": SEX.dtype, "ethnicity": ETHNICITY.dtype}
    if table == ITEMS:
        own = {"worker_key": pl.UInt32(), **own, "item": ITEM}
    schema = {"la_code": LA_CODE, KEYS[table]: pl.UInt32(), **own, "reference_date": pl.Date(), **OBSERVED, **SOURCE}
    subject = "worker_id" if table == WORKERS else None
    return TableContract(f"{COLLECTION}.{table}", pl.Schema(schema), KEYS[table], subject)


CONTRACTS: Mapping[str, TableContract] = {table: _contract(table) for table in RETURNED}
"""The validated tables by name."""


@dataclass(frozen=True)
class Workforce:
    """One or more workforce censuses, validated: of several files of an authority and a year the last stands.

    `workers` has one row a post: `la_code`, `worker_key` (the number of the row over all censuses), `worker_id` (the
    registration number), `is_agency`, `full_time_equivalent` (0 to 1), `role`, `start_date`, `end_date` (of a leaver),
    `cases`, `days_lost` and the rest of what was returned; `reference_date` is the census's 30 September, and
    `observed_from` and `observed_to` are the unbroken span of the authority's censuses around it. A worker in two roles
    has two rows, an agency worker has one with `is_agency`. `authority_totals` has one row an authority and year:
    `vacancies` and the authority's own total of agency workers, which is never added to the agency workers' rows.
    `worker_items` has a row for each of the items that a worker may have several of.

    Source: the workforce censuses of 2021 to 2025; types in this module, rules in `workforce_rules`.
    """

    workers: pl.DataFrame
    authority_totals: pl.DataFrame
    worker_items: pl.DataFrame
    coverage: pl.DataFrame
    findings: tuple[Finding, ...]
    accounts: tuple[RowAccount, ...]

    def table(self, name: str) -> pl.DataFrame:
        """A table by name."""
        return getattr(self, name)

    def __repr__(self) -> str:
        """Row counts only: a table's rows are about real people and do not belong in a log."""
        sizes = ", ".join(
            f"{field.name}: {self.table(field.name).height}" for field in fields(self) if field.name in CONTRACTS
        )
        return f"Workforce({sizes}, findings: {len(self.findings)})"
