"""What a single row of the CIN census must satisfy, and what becomes of it when it does not.

The numbers in brackets are DfE's own validation rules.
"""

from __future__ import annotations

import polars as pl

from csc_indicators.tables.cin import RETURNED
from csc_indicators.tables.rules import RowRule, code_rules, is_before, is_given, is_missing

CHILD_RULES = (
    RowRule(
        "both_birth_dates",
        "children",
        "birth_date",
        "keep",
        is_given("birth_date") & is_given("expected_birth_date"),
        "a date of birth and an expected one (8525); the date of birth is used",
        "return the expected date only for a child not yet born",
    ),
    RowRule(
        "missing_birth_date",
        "children",
        "birth_date",
        "keep",
        is_missing("birth_date") & is_missing("expected_birth_date"),
        "no date of birth and no expected one (8525); the child is in no age group",
        "record the date of birth, or the expected date for a child not yet born",
    ),
    RowRule(
        "born_after_census",
        "children",
        "birth_date",
        "keep",
        is_before("reference_date", "birth_date"),
        "the date of birth is after the end of the census (8520); the child counts as not yet born",
        "correct the date of birth, or return it as expected for a child not yet born",
    ),
)

EPISODE_RULES = (
    RowRule(
        "referral_after_census",
        "episodes",
        "referral_date",
        "reject",
        is_before("reference_date", "referral_date"),
        "the referral is dated after the end of the census (8600)",
        "correct the referral date, or leave the episode for the next census",
    ),
    RowRule(
        "closure_before_referral",
        "episodes",
        "closure_date",
        "blank",
        is_before("closure_date", "referral_date"),
        "the case closed before it was referred (8630); the closure date is set to missing",
        "correct the closure or the referral date",
    ),
    RowRule(
        "closure_outside_census",
        "episodes",
        "closure_date",
        "keep",
        is_before("closure_date", "census_start") | is_before("reference_date", "closure_date"),
        "the case closed outside the census year (8620)",
        "return a case only in the years in which it was open, with a closure date within the year",
    ),
    RowRule(
        "closure_without_reason",
        "episodes",
        "closure_reason",
        "keep",
        is_given("closure_date") & is_missing("closure_reason"),
        "a closure date without a reason (8805)",
        "record the reason for closure",
    ),
    RowRule(
        "reason_without_closure",
        "episodes",
        "closure_date",
        "keep",
        is_given("closure_reason") & is_missing("closure_date"),
        "a reason for closure without a date (8810); the case counts as open",
        "record the closure date, or remove the reason",
    ),
    RowRule(
        "missing_referral_source",
        "episodes",
        "referral_source",
        "keep",
        is_missing("referral_source"),
        "no referral source that can be used (8866); the referral is in no source group",
        "record the source of the referral",
    ),
    RowRule(
        "missing_primary_need",
        "episodes",
        "primary_need",
        "keep",
        is_missing("primary_need") & ~pl.col("no_further_action").fill_null(value=False),
        "no primary need that can be used, although further action followed (8650)",
        "record the primary need",
    ),
    RowRule(
        "missing_no_further_action",
        "episodes",
        "no_further_action",
        "keep",
        is_missing("no_further_action"),
        "no usable answer to whether further action followed (8568); the referral counts as having led to action",
        "record whether the referral led to no further action",
    ),
)

EVENT_RULES = (
    RowRule(
        "authorised_before_start",
        "assessments",
        "authorisation_date",
        "keep",
        is_before("authorisation_date", "start_date"),
        "the assessment was authorised before it started (8608)",
        "correct the start or the authorisation date",
    ),
    RowRule(
        "conference_before_enquiry",
        "section_47_enquiries",
        "initial_conference_date",
        "keep",
        is_before("initial_conference_date", "start_date"),
        "the initial conference is dated before the enquiry (8615)",
        "correct the conference or the enquiry date",
    ),
    RowRule(
        "ended_before_start",
        "child_protection_plans",
        "end_date",
        "keep",
        is_before("end_date", "start_date"),
        "the child protection plan ended before it started (8925)",
        "correct the start or the end date",
    ),
    RowRule(
        "ended_before_start",
        "child_in_need_plans",
        "end_date",
        "keep",
        is_before("end_date", "start_date"),
        "the child in need plan ended before it started (4011)",
        "correct the start or the end date",
    ),
)


ROW_RULES: tuple[RowRule, ...] = (*CHILD_RULES, *EPISODE_RULES, *EVENT_RULES, *code_rules(RETURNED))
"""Every rule about a single row."""


def rules_of(table: str) -> tuple[RowRule, ...]:
    """The row rules of a table."""
    return tuple(rule for rule in ROW_RULES if rule.table == table)
