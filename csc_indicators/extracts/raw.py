"""The raw CIN census: what a file says, as text, before anything is believed.

Both ways in (census XML and one-file-a-table CSV or Parquet) end here, so everything after has one shape to deal with.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from csc_indicators.errors import Finding

CENSUS_COLUMNS = (
    "source_file",
    "la_code",
    "reference_date",
    "collection",
    "year",
    "source_level",
    "software_code",
    "release",
    "serial_number",
    "produced_at",
)
"""Text columns of `RawCinCensus.censuses`, after its index column `census`."""


@dataclass(frozen=True)
class RawTable:
    """The shape of one raw table: link columns to its parents' `source_row`, then text columns."""

    links: tuple[str, ...]
    columns: tuple[str, ...]

    @property
    def schema(self) -> pl.Schema:
        """Column names and types, `census` and `source_row` first."""
        numbers = ("census", "source_row", *self.links)
        return pl.Schema({**dict.fromkeys(numbers, pl.UInt32()), **dict.fromkeys(self.columns, pl.String())})


CHILD = ("child_row",)
EPISODE = ("child_row", "episode_row")

RAW_TABLES: dict[str, RawTable] = {
    "children": RawTable(
        (),
        (
            "child_id",
            "unique_pupil_number",
            "former_unique_pupil_number",
            "unique_pupil_number_unknown",
            "birth_date",
            "expected_birth_date",
            "gender_current",
            "sex",
            "death_date",
            "ethnicity",
        ),
    ),
    "disabilities": RawTable(CHILD, ("disability",)),
    "episodes": RawTable(
        CHILD,
        (
            "referral_date",
            "referral_source",
            "primary_need",
            "closure_date",
            "closure_reason",
            "initial_conference_date",
            "no_further_action",
        ),
    ),
    "assessments": RawTable(EPISODE, ("start_date", "internal_review_date", "authorisation_date")),
    "assessment_factors": RawTable((*EPISODE, "assessment_row"), ("factor",)),
    "child_in_need_plans": RawTable(EPISODE, ("start_date", "end_date")),
    "section_47_enquiries": RawTable(
        EPISODE, ("start_date", "conference_target_date", "initial_conference_date", "conference_not_required")
    ),
    "child_protection_plans": RawTable(
        EPISODE,
        (
            "start_date",
            "end_date",
            "initial_category_of_abuse",
            "latest_category_of_abuse",
            "number_of_previous_plans",
        ),
    ),
    "reviews": RawTable((*EPISODE, "plan_row"), ("review_date",)),
    "pre_proceedings": RawTable(
        EPISODE,
        (
            "start_date",
            "letter_before_proceedings_date",
            "family_group_meeting_offered",
            "family_group_meeting_held",
            "initial_meeting_date",
            "review_meetings_count",
            "step_decision_date",
            "outcome",
            "court_application_date",
            "initial_conference_letter_date",
        ),
    ),
}
"""Every raw table of the CIN census by name."""


@dataclass(frozen=True)
class RawCinCensus:
    """One or more CIN censuses as text.

    `censuses` has one row per file, authority and reference date, indexed by `census`; every row of every table carries
    that index, its own `source_row` and the `source_row` of its parents in the same file.

    An extract that does not begin on the 1 April before its reference date has a further text column `first_day`, the
    first day it covers. A table with rows from several places of a file says which in a further column `source_file`.
    """

    censuses: pl.DataFrame
    tables: dict[str, pl.DataFrame]
    findings: tuple[Finding, ...] = ()
