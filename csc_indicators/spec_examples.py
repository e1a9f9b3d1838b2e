"""Worked examples in specs: tiny tables, and what the indicator makes of them."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, StrictBool, StrictFloat, StrictInt, StrictStr

from csc_indicators.spec_model import RawValue, SpecModel, Texts


class Expectation(SpecModel):
    """What a worked example gives under one reading or one set of parameters."""

    numerator: StrictInt | StrictFloat
    denominator: StrictInt | StrictFloat | None = None
    reading: StrictStr | None = None
    set: dict[StrictStr, RawValue] = Field(default_factory=dict[str, RawValue])
    group: dict[StrictStr, StrictStr] = Field(default_factory=dict[str, str])
    decided_by: Texts | None = None
    complete: StrictBool | None = None


ExampleRows = tuple[dict[StrictStr, Any], ...]
"""Rows of a table that say only what matters."""


class Example(SpecModel):
    """A tiny table and what the indicator makes of it; executed by tests, printed in the docs."""

    name: StrictStr
    case: Literal["typical", "boundary", "exclusion"]
    period: StrictStr
    expect: tuple[Expectation, ...]
    edge: Literal["before", "on", "day_before", "day_after", "leap_day", "same_day", "missing_end"] | None = None
    decided_by: Texts | None = None
    children: ExampleRows | None = None
    episodes: ExampleRows | None = None
    assessments: ExampleRows | None = None
    section_47_enquiries: ExampleRows | None = None
    child_protection_plans: ExampleRows | None = None
    child_in_need_plans: ExampleRows | None = None
    care_episodes: ExampleRows | None = None
    outcomes: ExampleRows | None = None
    care_leavers: ExampleRows | None = None
    missing: ExampleRows | None = None
    adoption: ExampleRows | None = None
    social_workers: ExampleRows | None = None
    postcodes: ExampleRows | None = None
    workers: ExampleRows | None = None
    authority_totals: ExampleRows | None = None
    finance: ExampleRows | None = None
    population: ExampleRows | None = None
    post_holders: ExampleRows | None = None
    inspections: ExampleRows | None = None
    court_outcomes: ExampleRows | None = None
    attendance: ExampleRows | None = None
    attainment: ExampleRows | None = None
    school_history: ExampleRows | None = None
    family_group_decisions: ExampleRows | None = None
    conference_attendance: ExampleRows | None = None
    early_help: ExampleRows | None = None
    deprivation: ExampleRows | None = None
    posts: ExampleRows | None = None
    injury_admissions: ExampleRows | None = None
    lasting_relationships: ExampleRows | None = None
    social_care_groups: ExampleRows | None = None
    periods_of_care: ExampleRows | None = None

    @property
    def tables(self) -> dict[str, ExampleRows]:
        """The rows of the tables that the example holds."""
        return {name: rows for name in EXAMPLE_TABLE_NAMES if (rows := getattr(self, name)) is not None}


EXAMPLE_TABLE_NAMES = tuple(
    name for name, field in Example.model_fields.items() if field.annotation == ExampleRows | None
)
"""The tables that an example may hold: of the collection that the indicator is computed from."""
