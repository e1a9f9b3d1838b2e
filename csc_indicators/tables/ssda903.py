"""The return on looked-after children as validated tables: what each holds, in which types.

`RETURNED` says how each returned column is read; `Ssda903` is what comes out: one row per real episode, however many
returns it was in, with what is recorded of its child.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING

import polars as pl

from csc_indicators.codes import ETHNICITY, SEX
from csc_indicators.errors import Finding
from csc_indicators.extracts.parsing import Column
from csc_indicators.extracts.raw_ssda903 import TABLES
from csc_indicators.tables.cin import IDENTITY, KNOWN, OBSERVED, SOURCE, TableContract

if TYPE_CHECKING:
    from csc_indicators.tables.accounting import RowAccount
    from csc_indicators.tables.limits import Limit

COLLECTION = "ssda903"

CHILD_ID = Column("child_id", required=True)
BORN = Column("birth_date", "day_first_date")
STARTED = Column("start_date", "day_first_date", required=True)
ENDED = Column("end_date", "day_first_date")
RETURNED_SEX = Column("returned_sex", "code", "returned_sex")

RETURNED: Mapping[str, tuple[Column, ...]] = {
    "children": (
        CHILD_ID,
        RETURNED_SEX,
        BORN,
        Column("ethnicity", "code", "ethnicity"),
        Column("unique_pupil_number"),
        Column("is_mother", "boolean"),
        Column("child_birth_date", "day_first_date"),
    ),
    "episodes": (
        CHILD_ID,
        STARTED,
        Column("reason_for_new_episode", "code", "reason_for_new_episode"),
        Column("legal_status", "code", "legal_status"),
        Column("primary_need", "code", "primary_need"),
        Column("placement", "code", "placement"),
        Column("placement_provider", "code", "placement_provider"),
        ENDED,
        Column("reason_ceased", "code", "reason_ceased"),
        Column("reason_place_change", "code", "reason_place_change"),
        Column("home_postcode", "postcode"),
        Column("placement_postcode", "postcode"),
        Column("provider_number"),
        Column("placement_authority"),
        Column("placement_location", "code", "placement_location"),
        Column("placement_distance", "number"),
    ),
    "uasc": (CHILD_ID, RETURNED_SEX, BORN, Column("ceased_date", "day_first_date")),
    "outcomes": (
        CHILD_ID,
        BORN,
        Column("sdq_score", "integer"),
        Column("sdq_reason", "code", "sdq_reason"),
        Column("convicted", "boolean"),
        Column("health_check", "boolean"),
        Column("immunisations", "boolean"),
        Column("teeth_check", "boolean"),
        Column("health_assessment", "boolean"),
        Column("substance_misuse", "boolean"),
        Column("intervention_received", "boolean"),
        Column("intervention_offered", "boolean"),
    ),
    "care_leavers": (
        CHILD_ID,
        BORN,
        Column("in_touch", "code", "in_touch"),
        Column("activity", "code", "activity"),
        Column("accommodation", "code", "accommodation"),
    ),
    "missing": (CHILD_ID, BORN, Column("missing_kind", "code", "missing_kind"), STARTED, ENDED),
    "adoption": (
        CHILD_ID,
        BORN,
        Column("decision_date", "day_first_date"),
        Column("match_date", "day_first_date"),
        Column("by_foster_carers", "boolean"),
        Column("number_of_adopters", "integer"),
        Column("adopter_sex", "code", "adopter_sex"),
        Column("adopter_status", "code", "adopter_status"),
    ),
    "placed_for_adoption": (
        CHILD_ID,
        BORN,
        STARTED,
        ENDED,
        Column("reason_placed_ceased", "code", "reason_placed_ceased"),
    ),
    "previous_permanence": (
        CHILD_ID,
        BORN,
        Column("previous_permanence", "code", "previous_permanence", required=True),
        Column("permanence_authority"),
        Column("permanence_date", "partial_date"),
    ),
    "reviews": (
        CHILD_ID,
        BORN,
        Column("review_date", "day_first_date", required=True),
        Column("review_participation", "code", "review_participation"),
    ),
    "social_workers": (
        CHILD_ID,
        BORN,
        Column("social_worker_id", required=True),
        STARTED,
        ENDED,
        Column("social_worker_change", "code", "social_worker_change"),
    ),
    "deprivations_of_liberty": (CHILD_ID, BORN, STARTED, ENDED),
}
"""What each returned column holds, by table."""

EVENT_IDENTITY: Mapping[str, tuple[str, ...]] = {
    "children": ("child_key",),
    "episodes": ("child_key", "start_date"),
    "uasc": ("child_key",),
    "outcomes": ("child_key", "census_year"),
    "care_leavers": ("child_key", "census_year"),
    "missing": ("child_key", "start_date"),
    "adoption": ("child_key", "census_year"),
    "placed_for_adoption": ("child_key", "start_date"),
    "previous_permanence": ("child_key",),
    "reviews": ("child_key", "review_date"),
    "social_workers": ("child_key", "start_date", "social_worker_id"),
    "deprivations_of_liberty": ("child_key", "start_date"),
}
"""What makes two returned rows the same, besides their number among those of the same identity in one return."""

KEYS = {
    "episodes": "episode_key",
    "uasc": "uasc_key",
    "outcomes": "outcome_key",
    "care_leavers": "care_leaver_key",
    "missing": "missing_key",
    "adoption": "adoption_key",
    "placed_for_adoption": "placed_for_adoption_key",
    "previous_permanence": "previous_permanence_key",
    "reviews": "review_key",
    "social_workers": "social_worker_key",
    "deprivations_of_liberty": "deprivation_of_liberty_key",
}
"""The column that numbers the rows of a table over all returns."""

ATTRIBUTES = {
    "birth_date": pl.Date(),
    "sex": SEX.dtype,
    "ethnicity": ETHNICITY.dtype,
    "unaccompanied": pl.Boolean(),
    "unaccompanied_until": pl.Date(),
}
"""What is recorded of a child: `unaccompanied` is an asylum-seeking child alone, until the day that status ceased."""

OWN = {"child_id", "returned_sex", *ATTRIBUTES}
"""Returned columns that are the child's, and so stand among the attributes."""


def _contract(table: str) -> TableContract:
    key = KEYS.get(table)
    own = {column.name: column.dtype for column in RETURNED[table] if column.name not in OWN}
    more = {"episodes": {"end_repaired": pl.Boolean()}, "children": {"described": pl.Boolean()}}
    schema = {
        **IDENTITY,
        **({key: pl.UInt32()} if key else {}),
        **own,
        **more.get(table, {}),
        **ATTRIBUTES,
        **KNOWN,
        **OBSERVED,
        **SOURCE,
    }
    return TableContract(f"{COLLECTION}.{table}", pl.Schema(schema), key or "child_key")


CONTRACTS: Mapping[str, TableContract] = {table: _contract(table) for table in RETURNED}
"""The validated tables by name."""

if set(RETURNED) != set(TABLES) or set(EVENT_IDENTITY) != set(TABLES):  # a programming error, not a user's
    raise AssertionError("the raw, returned and validated tables differ")


@dataclass(frozen=True)
class Ssda903:
    """One or more returns on looked-after children, validated and stacked: one row per real event.

    Every table carries `la_code`, `child_key`, `child_id`, what is recorded of the child, and where its row came from
    (`census_year`, `source_file`, `source_row`). `known_to` is the 31 March of the last return that held the row: an
    episode without an end is known to be open up to then. `observed_from` and `observed_to` are the unbroken span of
    the authority's returns around that day. An episode's `end_repaired` says that its end was worked out from what
    followed; a child's `described` says that a header row describes it. A `child_key` is that of this collection: the
    same child has another in the CIN census. `limits` names the indicators for which these tables do not say enough; a
    return has none.

    Source: the SSDA903 returns of 2018 to 2027; types in this module, rules in `ssda903_rules`.
    """

    children: pl.DataFrame
    episodes: pl.DataFrame
    uasc: pl.DataFrame
    outcomes: pl.DataFrame
    care_leavers: pl.DataFrame
    missing: pl.DataFrame
    adoption: pl.DataFrame
    placed_for_adoption: pl.DataFrame
    previous_permanence: pl.DataFrame
    reviews: pl.DataFrame
    social_workers: pl.DataFrame
    deprivations_of_liberty: pl.DataFrame
    coverage: pl.DataFrame
    findings: tuple[Finding, ...]
    accounts: tuple[RowAccount, ...]
    limits: Mapping[str, Limit] = field(default_factory=dict[str, "Limit"])

    def table(self, name: str) -> pl.DataFrame:
        """A table by name."""
        return getattr(self, name)

    def __repr__(self) -> str:
        """Row counts only: a table's rows are about real children and do not belong in a log."""
        sizes = ", ".join(
            f"{item.name}: {self.table(item.name).height}" for item in fields(self) if item.name in CONTRACTS
        )
        return f"Ssda903({sizes}, findings: {len(self.findings)})"
