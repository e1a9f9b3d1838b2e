"""The raw return on looked-after children (SSDA903): which columns each table has, and what we call them.

`TABLES` is the whole mapping from the return's names to ours, for CSV, Excel and XML alike. A file is recognised by the
columns that only its table has, whatever the file is called.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from csc_indicators.errors import Finding

CHILD = "CHILD"
BORN = {"DOB": "birth_date"}


@dataclass(frozen=True)
class ReturnedTable:
    """One table of the return.

    `recognised_by` are the columns, besides CHILD, that together only this table has; `columns` are ours by the
    return's names; `derived` are columns that an authority's system may add and that no return asks for.
    """

    file: str
    recognised_by: tuple[str, ...]
    columns: Mapping[str, str]
    derived: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def names(self) -> Mapping[str, str]:
        """Every column by the return's name, CHILD first."""
        return {CHILD: "child_id", **self.columns, **self.derived}

    @property
    def schema(self) -> pl.Schema:
        """The raw table: the number of its return, its file and row there, then text columns."""
        return pl.Schema(
            {
                "return": pl.UInt32(),
                "source_file": pl.String(),
                "source_row": pl.UInt32(),
                **dict.fromkeys(self.names.values(), pl.String()),
            }
        )


TABLES: Mapping[str, ReturnedTable] = {
    "children": ReturnedTable(
        "header.csv",
        ("ETHNIC",),
        {
            "SEX": "returned_sex",
            **BORN,
            "ETHNIC": "ethnicity",
            "UPN": "unique_pupil_number",
            "MOTHER": "is_mother",
            "MC_DOB": "child_birth_date",
        },
    ),
    "episodes": ReturnedTable(
        "episodes.csv",
        ("DECOM", "PLACE"),
        {
            "DECOM": "start_date",
            "RNE": "reason_for_new_episode",
            "LS": "legal_status",
            "CIN": "primary_need",
            "PLACE": "placement",
            "PLACE_PROVIDER": "placement_provider",
            "DEC": "end_date",
            "REC": "reason_ceased",
            "REASON_PLACE_CHANGE": "reason_place_change",
            "HOME_POST": "home_postcode",
            "PL_POST": "placement_postcode",
            "URN": "provider_number",
        },
        {
            "PL_LA": "placement_authority",
            "PL_LOCATION": "placement_location",
            "PL_DISTANCE": "placement_distance",
        },
    ),
    "uasc": ReturnedTable("uasc.csv", ("DUC",), {"SEX": "returned_sex", **BORN, "DUC": "ceased_date"}),
    "outcomes": ReturnedTable(
        "oc2.csv",
        ("SDQ_SCORE", "CONVICTED"),
        {
            **BORN,
            "SDQ_SCORE": "sdq_score",
            "SDQ_REASON": "sdq_reason",
            "CONVICTED": "convicted",
            "HEALTH_CHECK": "health_check",
            "IMMUNISATIONS": "immunisations",
            "TEETH_CHECK": "teeth_check",
            "HEALTH_ASSESSMENT": "health_assessment",
            "SUBSTANCE_MISUSE": "substance_misuse",
            "INTERVENTION_RECEIVED": "intervention_received",
            "INTERVENTION_OFFERED": "intervention_offered",
        },
    ),
    "care_leavers": ReturnedTable(
        "oc3.csv",
        ("IN_TOUCH", "ACTIV", "ACCOM"),
        {**BORN, "IN_TOUCH": "in_touch", "ACTIV": "activity", "ACCOM": "accommodation"},
    ),
    "missing": ReturnedTable(
        "missing.csv",
        ("MIS_START",),
        {**BORN, "MISSING": "missing_kind", "MIS_START": "start_date", "MIS_END": "end_date"},
    ),
    "adoption": ReturnedTable(
        "ad1.csv",
        ("DATE_INT", "DATE_MATCH"),
        {
            **BORN,
            "DATE_INT": "decision_date",
            "DATE_MATCH": "match_date",
            "FOSTER_CARE": "by_foster_carers",
            "NB_ADOPTR": "number_of_adopters",
            "SEX_ADOPTR": "adopter_sex",
            "LS_ADOPTR": "adopter_status",
        },
    ),
    "placed_for_adoption": ReturnedTable(
        "placed_for_adoption.csv",
        ("DATE_PLACED",),
        {
            **BORN,
            "DATE_PLACED": "start_date",
            "DATE_PLACED_CEASED": "end_date",
            "REASON_PLACED_CEASED": "reason_placed_ceased",
        },
    ),
    "previous_permanence": ReturnedTable(
        "previous_permanence.csv",
        ("PREV_PERM",),
        {
            **BORN,
            "PREV_PERM": "previous_permanence",
            "LA_PERM": "permanence_authority",
            "DATE_PERM": "permanence_date",
        },
    ),
    "reviews": ReturnedTable(
        "reviews.csv", ("REVIEW",), {**BORN, "REVIEW": "review_date", "REVIEW_CODE": "review_participation"}
    ),
    "social_workers": ReturnedTable(
        "sw_episodes.csv",
        ("SW_ID", "SW_DECOM"),
        {
            **BORN,
            "SW_ID": "social_worker_id",
            "SW_DECOM": "start_date",
            "SW_DEC": "end_date",
            "SW_REASON": "social_worker_change",
        },
    ),
    "deprivations_of_liberty": ReturnedTable(
        "dolo.csv", ("DOLO_START",), {**BORN, "DOLO_START": "start_date", "DOLO_END": "end_date"}
    ),
}
"""Every table of the return."""


@dataclass(frozen=True)
class RawSsda903:
    """Returns as read: every cell still text.

    `returns` has one row a return: `return` (its number), `la_code`, `year` and `source` (the file or folder);
    `tables` is keyed like `TABLES`; `findings` say what was passed over on the way in. Returns that are not of a
    whole reporting year have two further columns of days, `first_day` and `last_day`: what they cover.
    """

    returns: pl.DataFrame
    tables: Mapping[str, pl.DataFrame]
    findings: tuple[Finding, ...] = ()


RETURNS_SCHEMA = pl.Schema({"return": pl.UInt32(), "la_code": pl.String(), "year": pl.Int64(), "source": pl.String()})


def table_of(columns: list[str]) -> str | None:
    """The table that a file with these columns holds; None when it is none of the return.

    >>> table_of(["CHILD", "DOB", "REVIEW", "REVIEW_CODE"]), table_of(["child_id", "referral_date"])
    ('reviews', None)
    """
    held = {column.strip().upper() for column in columns}
    if CHILD not in held:
        return None
    found = [name for name, table in TABLES.items() if held.issuperset(table.recognised_by)]
    return max(found, key=lambda name: len(held & TABLES[name].names.keys()), default=None)
