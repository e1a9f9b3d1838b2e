"""The CIN census as validated tables: what each holds, in which types, and what a row must satisfy.

`RETURNED` says how each returned column is read. `RETURNED` and `ROW_RULES` together make the pandera contract that
every table is checked against before it is stacked; `CinCensus` is what comes out: one row per real event, however
many censuses it was returned in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING

import polars as pl

from csc_indicators.codes import ETHNICITY, LA_CODE, SEX
from csc_indicators.errors import Finding
from csc_indicators.extracts.parsing import Column
from csc_indicators.extracts.raw import RAW_TABLES

if TYPE_CHECKING:
    from csc_indicators.tables.accounting import RowAccount
    from csc_indicators.tables.limits import Limit

CHILD_KEY_SPAN = 2**21
"""Children one authority may have: a `child_key` is the authority's code times this, plus the child's ordinal in it."""

IDENTITY = {"la_code": LA_CODE, "child_key": pl.Int32(), "child_id": pl.String()}
SOURCE = {"census_year": pl.Int16(), "source_file": pl.Categorical(), "source_row": pl.UInt32()}
CHILD_ATTRIBUTES = {"birth_date": pl.Date(), "sex": SEX.dtype, "ethnicity": ETHNICITY.dtype, "disabled": pl.Boolean()}
KNOWN = {"known_to": pl.Date()}
OBSERVED = {"observed_from": pl.Date(), "observed_to": pl.Date()}


def child_key(la_code: str, ordinal: int) -> int:
    """The number that stands for a child: unique across authorities, and small enough to sort by.

    >>> child_key("390", 2)
    817889282
    """
    return int(la_code) * CHILD_KEY_SPAN + ordinal


RETURNED: dict[str, tuple[Column, ...]] = {
    "children": (
        Column("child_id", required=True),
        Column("unique_pupil_number"),
        Column("former_unique_pupil_number"),
        Column("unique_pupil_number_unknown", "code", "unique_pupil_number_unknown"),
        Column("birth_date", "date"),
        Column("expected_birth_date", "date"),
        Column("gender_current", "code", "gender_current"),
        Column("sex", "code", "sex"),
        Column("death_date", "date"),
        Column("ethnicity", "code", "ethnicity"),
    ),
    "disabilities": (Column("disability", "code", "disability", required=True),),
    "episodes": (
        Column("referral_date", "date", required=True),
        Column("referral_source", "code", "referral_source"),
        Column("primary_need", "code", "primary_need"),
        Column("closure_date", "date"),
        Column("closure_reason", "code", "closure_reason"),
        Column("initial_conference_date", "date"),
        Column("no_further_action", "boolean"),
    ),
    "assessments": (
        Column("start_date", "date", required=True),
        Column("internal_review_date", "date"),
        Column("authorisation_date", "date"),
    ),
    "assessment_factors": (Column("factor", "code", "assessment_factor", required=True),),
    "child_in_need_plans": (Column("start_date", "date", required=True), Column("end_date", "date")),
    "section_47_enquiries": (
        Column("start_date", "date", required=True),
        Column("conference_target_date", "date"),
        Column("initial_conference_date", "date"),
        Column("conference_not_required", "boolean"),
    ),
    "child_protection_plans": (
        Column("start_date", "date", required=True),
        Column("end_date", "date"),
        Column("initial_category_of_abuse", "code", "category_of_abuse"),
        Column("latest_category_of_abuse", "code", "category_of_abuse"),
        Column("number_of_previous_plans", "integer"),
    ),
    "reviews": (Column("review_date", "date", required=True),),
    "pre_proceedings": (
        Column("start_date", "date", required=True),
        Column("letter_before_proceedings_date", "date"),
        Column("family_group_meeting_offered", "boolean"),
        Column("family_group_meeting_held", "boolean"),
        Column("initial_meeting_date", "date"),
        Column("review_meetings_count", "integer"),
        Column("step_decision_date", "date"),
        Column("outcome", "code", "pre_proceedings_outcome"),
        Column("court_application_date", "date"),
        Column("initial_conference_letter_date", "date"),
    ),
}
"""What each returned column holds, by table."""


@dataclass(frozen=True)
class TableContract:
    """A validated, stacked table: its columns and types, its own key when it has one, and who its rows are about.

    `subject` is the column that says who a row is about; None where it is about nobody.
    """

    name: str
    schema: pl.Schema
    key: str | None = None
    subject: str | None = "child_id"


def _returned(table: str) -> dict[str, pl.DataType]:
    return {column.name: column.dtype for column in RETURNED[table]}


EPISODE_FACTS = ("referral_date", "referral_source", "primary_need")
"""What every event says of the case it belongs to: what its figures are broken down by."""

ASSESSMENT_FACTS = ("start_date", "authorisation_date", "next_authorisation_date")
"""What every assessment factor says of its assessment: when the case's next one was authorised tells the latest."""
NEXT_AUTHORISATION = {"next_authorisation_date": pl.Date()}


def _event_table(
    name: str, key: str | None = None, parent: str | None = None, facts: Mapping[str, pl.DataType] | None = None
) -> TableContract:
    """The contract of a table below an episode.

    An event says what an indicator asks of it by itself: its child's attributes, its episode's facts, until when it is
    known and the span of census years around that day. Looking those up in each indicator would be a join every time.
    """
    keys: dict[str, pl.DataType] = {"episode_key": pl.UInt32()}
    keys |= {column: pl.UInt32() for column in (parent, key) if column}
    episode = {fact: _returned("episodes")[fact] for fact in EPISODE_FACTS}
    return TableContract(
        name,
        pl.Schema(
            {
                **IDENTITY,
                **keys,
                **(facts or {}),
                **_returned(name),
                **episode,
                **CHILD_ATTRIBUTES,
                **KNOWN,
                **OBSERVED,
                **SOURCE,
            }
        ),
        key,
    )


CHILDREN = TableContract(
    "children",
    pl.Schema(
        {
            **IDENTITY,
            "unique_pupil_number": pl.String(),
            "former_unique_pupil_number": pl.String(),
            "unique_pupil_number_unknown": _returned("children")["unique_pupil_number_unknown"],
            **CHILD_ATTRIBUTES,
            "unborn": pl.Boolean(),
            "death_date": pl.Date(),
            **SOURCE,
        }
    ),
    "child_key",
)
DISABILITIES = TableContract("disabilities", pl.Schema({**IDENTITY, **_returned("disabilities"), **SOURCE}))
EPISODES = TableContract(
    "episodes",
    pl.Schema(
        {
            **IDENTITY,
            "episode_key": pl.UInt32(),
            "episode": pl.UInt16(),
            **_returned("episodes"),
            "first_activity_date": pl.Date(),
            **CHILD_ATTRIBUTES,
            **KNOWN,
            **OBSERVED,
            **SOURCE,
        }
    ),
    "episode_key",
)
ASSESSMENTS = _event_table("assessments", "assessment_key", facts=NEXT_AUTHORISATION)
ASSESSMENT_FACTORS = _event_table(
    "assessment_factors",
    parent="assessment_key",
    facts={fact: pl.Date() for fact in ASSESSMENT_FACTS},
)
CHILD_IN_NEED_PLANS = _event_table("child_in_need_plans", "child_in_need_plan_key")
SECTION_47_ENQUIRIES = _event_table("section_47_enquiries", "enquiry_key")
CHILD_PROTECTION_PLANS = _event_table("child_protection_plans", "plan_key")
REVIEWS = _event_table("reviews", parent="plan_key")
PRE_PROCEEDINGS = _event_table("pre_proceedings", "pre_proceedings_key")

CONTRACTS: dict[str, TableContract] = {
    contract.name: contract
    for contract in (
        CHILDREN,
        DISABILITIES,
        EPISODES,
        ASSESSMENTS,
        ASSESSMENT_FACTORS,
        CHILD_IN_NEED_PLANS,
        SECTION_47_ENQUIRIES,
        CHILD_PROTECTION_PLANS,
        REVIEWS,
        PRE_PROCEEDINGS,
    )
}
"""The validated tables by name."""

COVERAGE_SCHEMA = pl.Schema({"la_code": LA_CODE, "collection": pl.String(), **OBSERVED})

if set(RETURNED) != set(RAW_TABLES) or set(CONTRACTS) != set(RAW_TABLES):  # a programming error, not a user's
    raise AssertionError("the raw, returned and validated tables differ")


@dataclass(frozen=True)
class CinCensus:
    """One or more CIN censuses, validated and stacked: one row per real event, the later return winning.

    Every table carries `la_code`, `child_key`, `child_id` and where its row came from (`census_year`, `source_file`,
    `source_row`). Tables below an episode carry its `episode_key`, referral date, source and primary need, and the
    child's attributes. `known_to` is the reference date of the last census that returned the row: a case without an
    end is known to be open up to then. `observed_from` and `observed_to` are the unbroken span of the authority's
    census years around that day (in `episodes`: around the referral). `first_activity_date` of an episode is the start
    of its first assessment, enquiry or plan; `next_authorisation_date` of an assessment is the day on which the next of
    its episode was authorised. `coverage` has one row per authority and unbroken
    span of census years. `accounts` says for each table what became of every row read. `limits` names the indicators
    for which these tables do not say enough; a census has none.

    Source: the CIN census returns of 2017 to 2027; types and rules in this module.
    """

    children: pl.DataFrame
    disabilities: pl.DataFrame
    episodes: pl.DataFrame
    assessments: pl.DataFrame
    assessment_factors: pl.DataFrame
    child_in_need_plans: pl.DataFrame
    section_47_enquiries: pl.DataFrame
    child_protection_plans: pl.DataFrame
    reviews: pl.DataFrame
    pre_proceedings: pl.DataFrame
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
        return f"CinCensus({sizes}, findings: {len(self.findings)})"
