"""The raw workforce census: which items it has, and what we call them.

`TABLES` is the whole mapping from the census's names to ours, for XML, CSV and Excel alike. Names are in capitals here,
because a CSV file may write them in any letter case.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from csc_indicators.errors import Finding

WORKERS, TOTALS, ITEMS = "workers", "authority_totals", "worker_items"

RENAMED = {"GENDERCURRENT": "SEX"}
"""What the census called otherwise once: `Sex` was `GenderCurrent` until 2023."""


@dataclass(frozen=True)
class CensusTable:
    """One table of the census: its element, the items that only it has, and ours by the census's names.

    `since` says for items that came later with which census: their absence before is no fault.
    """

    element: str
    recognised_by: tuple[str, ...]
    columns: Mapping[str, str]
    since: Mapping[str, int] = field(default_factory=dict[str, int])

    @property
    def schema(self) -> pl.Schema:
        """The raw table: the number of its return, its file and row there, then text columns."""
        return pl.Schema({**PLACE, **dict.fromkeys(self.columns.values(), pl.String())})


PLACE: Mapping[str, pl.DataType] = {"return": pl.UInt32(), "source_file": pl.String(), "source_row": pl.UInt32()}
PAY_ITEMS = {
    "RECRUITMENTBONUS": "recruitment_bonus",
    "RETENTIONBONUS": "retention_bonus",
    "PERFORMANCEAWARD": "performance_award",
    "CARALLOWANCE": "car_allowance",
    "RELOCATIONPACKAGE": "relocation_package",
    "REGIONALWEIGHTING": "regional_weighting",
    "COSTSWE": "registration_paid",
    "COSTDBS": "disclosure_check_paid",
    "OTHERALLOWANCES": "other_allowances",
}
"""What an authority pays besides salaries, and to whom; asked for from 2025."""
WORKER_PAY = {
    "BASESALARY": "base_salary",
    "RRPAYMENTS": "recruitment_and_retention_payments",
    "OTHERPAYMENTS": "other_payments",
}
"""What a worker is paid in a year; asked for from 2025."""
REPEATED = {
    "QUALINST": "qualifying_institution",
    "CONTRACTWEEKS": "contract_weeks",
    "ABSAT30SEPT": "absent_on_census_day",
    "REASONABSENCE": "absence_reason",
    "CFKSSSTATUS": "early_career_status",
}
"""Items that a worker may have several of: each becomes a row of `worker_items`."""

TABLES: Mapping[str, CensusTable] = {
    WORKERS: CensusTable(
        "CSWWWORKER",
        ("SWENO", "AGENCYWORKER"),
        {
            "SWENO": "worker_id",
            "AGENCYWORKER": "is_agency",
            "FTE": "full_time_equivalent",
            "PERSONBIRTHDATE": "birth_date",
            "SEX": "worker_sex",
            "ETHNICITY": "ethnicity",
            "QUALLEVEL": "qualification_level",
            "STEPUPGRAD": "is_step_up_graduate",
            "FRONTLINEGRAD": "is_frontline_graduate",
            "ORGROLE": "role",
            "ROLESTARTDATE": "start_date",
            "ROLEENDDATE": "end_date",
            "STARTORIGIN": "worker_origin",
            "LEAVERDESTINATION": "worker_destination",
            "REASONLEAVE": "leaving_reason",
            "FTE30": "full_time_equivalent_on_census_day",
            "CASES30": "cases",
            "WORKINGDAYSLOST": "days_lost",
            **WORKER_PAY,
        },
        since=dict.fromkeys(WORKER_PAY, 2025),
    ),
    TOTALS: CensusTable(
        "LALEVEL",
        ("NUMBEROFVACANCIES",),
        {
            "NUMBEROFVACANCIES": "vacancies",
            "NOAGENCYFTE": "agency_full_time_equivalent",
            "NOAGENCYHEADCOUNT": "agency_headcount",
            **PAY_ITEMS,
        },
        since=dict.fromkeys(PAY_ITEMS, 2025),
    ),
}
"""The tables that a file of the census may be."""

ITEMS_SCHEMA = pl.Schema({**PLACE, "item": pl.String(), "value": pl.String()})
"""The repeated items: `source_row` is their worker's."""

RETURNS_SCHEMA = pl.Schema(
    {"return": pl.UInt32(), "la_code": pl.String(), "reference_date": pl.String(), "source": pl.String()}
)


@dataclass(frozen=True)
class RawWorkforce:
    """Censuses as read: every cell still text.

    `returns` has one row a census: `return` (its number), `la_code`, `reference_date` and `source` (the file or
    folder); `tables` holds `workers`, `authority_totals` and `worker_items`; `findings` say what was passed over. The
    printed form is without the rows: they are about real people and do not belong in a log.
    """

    returns: pl.DataFrame = field(repr=False)
    tables: Mapping[str, pl.DataFrame] = field(repr=False)
    findings: tuple[Finding, ...] = ()


def census_table_of(columns: list[str]) -> str | None:
    """The table of the census that a file with these columns holds; None when it is none.

    >>> census_table_of(["SWENo", "AgencyWorker", "FTE"]), census_table_of(["CHILD", "DOB"])
    ('workers', None)
    """
    held = {column.strip().upper() for column in columns}
    return next((name for name, table in TABLES.items() if held.issuperset(table.recognised_by)), None)
