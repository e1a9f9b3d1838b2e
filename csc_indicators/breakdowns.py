"""How figures are broken down: which attribute of a unit record, in which groups.

Unit records carry what was recorded (an ethnicity code, an age in years); a breakdown says which groups those fall
into. Groupings and bands that are published choices stand in `specs/values.toml`, dated; the rest are a code set's
labels.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

import polars as pl

from csc_indicators.catalogue import catalogue
from csc_indicators.code_set import CodeSet
from csc_indicators.codes import ASSESSMENT_FACTOR, CATEGORY_OF_ABUSE, PRIMARY_NEED, SEX
from csc_indicators.context_codes import JUDGEMENT, LEADERSHIP_POST, PARTNER_AGENCY, POST_KIND, SUPPLIED_GROUP
from csc_indicators.errors import UsageError
from csc_indicators.histories.people import NOT_YET_BORN
from csc_indicators.looked_after_codes import (
    ACCOMMODATION,
    IN_TOUCH,
    NOT_RECORDED,
    PLACEMENT_LOCATION,
    PLACEMENT_PROVIDER,
)
from csc_indicators.names import suggestion
from csc_indicators.workforce_codes import ROLE

TOTAL = "total"
TOTAL_GROUP = "Total"
UNKNOWN = "Unknown"
BEFORE_BIRTH = "before_birth"


@dataclass(frozen=True)
class Breakdown:
    """One way to break a figure down.

    `attribute` is the column of the unit records; `groups` gives, for a day, the groups in order; `group_of` gives the
    expression that puts a record in its group on that day. A record without the attribute is in the group "Unknown".
    `says_value` is true where the groups stand for values of the figure itself: with how many are in each, the sum of
    all is known.
    """

    name: str
    title: str
    attribute: str
    groups: Callable[[dt.date], tuple[str, ...]]
    group_of: Callable[[dt.date], pl.Expr]
    says_value: bool = False


def breakdown(name: str) -> Breakdown:
    """The breakdown of this name.

    Raises:
        UsageError: there is none.
    """
    if name not in BREAKDOWNS:
        raise UsageError(
            f'No breakdown is called "{name}".{suggestion(name, BREAKDOWNS)} Breakdowns: {", ".join(BREAKDOWNS)}.'
        )
    return BREAKDOWNS[name]


def _mapped(
    attribute: str, groups: tuple[str, ...], group_of_value: Mapping[Any, str], without: str = UNKNOWN
) -> pl.Expr:
    dtype = pl.Enum(groups)
    column = pl.col(attribute)
    values = pl.Series(list(group_of_value.values()), dtype=dtype)
    return column.replace_strict(list(group_of_value), values, default=without, return_dtype=dtype)


def _labelled(code_set: CodeSet) -> dict[str, str]:
    return {code: f"{code} {label}" for code, label in code_set.labels.items()}


def _known_labels(code_set: CodeSet) -> dict[str, str]:
    """The labels of a code set, but for the code that says that nothing is known."""
    return {code: label for code, label in code_set.labels.items() if code != NOT_RECORDED}


def _of_states(name: str, title: str, labels: Mapping[str, str], without: str = UNKNOWN) -> Breakdown:
    """A group for each value of an attribute that an indicator derives; `without` is the group of those without one."""
    groups = (*labels.values(), without)

    def group_of(_: dt.date) -> pl.Expr:
        return _mapped(name, groups, labels, without)

    return Breakdown(name, title, name, lambda _: groups, group_of)


def _of_codes(name: str, title: str, code_set: CodeSet, labels: Mapping[str, str]) -> Breakdown:
    """A group for each code of a set, under its label."""
    groups = (*dict.fromkeys(labels.values()), UNKNOWN)
    # Looked up by the code's number: several times faster than comparing codes, and there may be millions.
    by_number = pl.Series([labels.get(code, UNKNOWN) for code in code_set.codes], dtype=pl.Enum(groups))

    def group_of(_: dt.date) -> pl.Expr:
        number = pl.col(code_set.name).cast(code_set.dtype).to_physical()
        return pl.lit(by_number).gather(number).fill_null(pl.lit(UNKNOWN, dtype=pl.Enum(groups)))

    return Breakdown(name, title, code_set.name, lambda _: groups, group_of)


def _of_grouping(name: str, title: str, attribute: str) -> Breakdown:
    """The groups of a dated grouping of codes."""

    def groups(on: dt.date) -> tuple[str, ...]:
        return (*catalogue().value(name, on), UNKNOWN)

    def group_of(on: dt.date) -> pl.Expr:
        grouping: Mapping[str, list[str]] = catalogue().value(name, on)
        return _mapped(attribute, groups(on), {code: group for group, codes in grouping.items() for code in codes})

    return Breakdown(name, title, attribute, groups, group_of)


def _of_bands(name: str, title: str, attribute: str) -> Breakdown:
    """The bands of a dated value: each begins at a number and ends where the next begins."""

    def groups(on: dt.date) -> tuple[str, ...]:
        return (*catalogue().value(name, on), UNKNOWN)

    def group_of(on: dt.date) -> pl.Expr:
        bands: Mapping[str, int | str] = catalogue().value(name, on)
        number = pl.col(attribute)
        group = pl.lit(UNKNOWN)
        for band, begins in bands.items():
            first = NOT_YET_BORN if begins == BEFORE_BIRTH else begins
            group = pl.when(number >= first).then(pl.lit(band)).otherwise(group)
        return group.cast(pl.Enum(groups(on)))

    return Breakdown(name, title, attribute, groups, group_of)


def _of_flag(name: str, title: str, yes: str, no: str) -> Breakdown:
    groups = (yes, no, UNKNOWN)

    def group_of(_: dt.date) -> pl.Expr:
        flag = pl.col(name)
        group = pl.when(flag).then(pl.lit(yes)).when(~flag).then(pl.lit(no)).otherwise(pl.lit(UNKNOWN))
        return group.cast(pl.Enum(groups))

    return Breakdown(name, title, name, lambda _: groups, group_of)


BREAKDOWNS: Mapping[str, Breakdown] = MappingProxyType(
    {
        entry.name: entry
        for entry in (
            _of_codes("sex", "Sex", SEX, {"F": "Female", "M": "Male"}),
            _of_bands("age_band", "Age at the unit's date", "age"),
            _of_grouping("ethnicity_major", "Major ethnic group", "ethnicity"),
            _of_flag("disabled", "Disability", "Disabled", "Not disabled"),
            _of_codes("primary_need", "Primary need", PRIMARY_NEED, _labelled(PRIMARY_NEED)),
            _of_grouping("referral_source_group", "Who made the referral", "referral_source"),
            replace(_of_bands("times_referred", "Times referred", "times_referred"), says_value=True),
            _of_bands("assessment_working_days", "Working days to authorisation", "assessment_working_days"),
            _of_codes(
                "assessment_factor", "Factor found at assessment", ASSESSMENT_FACTOR, _labelled(ASSESSMENT_FACTOR)
            ),
            _of_flag("awaiting_assessment", "Awaiting assessment", "Awaiting assessment", "Assessed or in progress"),
            _of_bands("conference_working_days", "Working days to the conference", "conference_working_days"),
            _of_codes("category_of_abuse", "Category of abuse", CATEGORY_OF_ABUSE, CATEGORY_OF_ABUSE.labels),
            _of_bands("plan_days", "Time on the plan", "plan_days"),
            _of_states(
                "plan_kind",
                "Kind of plan",
                {"child_protection": "Child protection plan", "child_in_need": "Child in need plan"},
            ),
            _of_states(
                "destination",
                "Where the plan stepped down to",
                {"child_in_need": "Case still open", "early_help": "Early help", "closed": "Closed"},
            ),
            _of_states(
                "re_presented_by",
                "How the child presented again",
                {
                    "child_protection_plan": "Child protection plan",
                    "section_47": "Section 47 enquiry",
                    "referral": "Referral",
                    "care_entry": "Entry to care",
                },
                without="Did not within the time followed",
            ),
            _of_flag("uasc", "Unaccompanied asylum-seeking children", "Unaccompanied", "Not unaccompanied"),
            _of_grouping("placement_group", "Where the child lives", "placement_lived_in"),
            _of_grouping("legal_basis", "Legal basis of care", "legal_status"),
            _of_codes("placement_provider", "Provider of the placement", PLACEMENT_PROVIDER, PLACEMENT_PROVIDER.labels),
            _of_codes(
                "placement_location", "Side of the authority's boundary", PLACEMENT_LOCATION, PLACEMENT_LOCATION.labels
            ),
            _of_bands("distance_band", "Distance from home", "miles_begun"),
            _of_bands("placements", "Placements in the period", "placements"),
            _of_bands("social_workers", "Social workers in the period", "social_workers"),
            _of_bands("age_at_care_start", "Age at the start of care", "age_at_care_start"),
            _of_bands("age_year", "Age in single years", "age"),
            _of_bands("sdq_band", "Band of the score", "sdq_score"),
            _of_bands("care_leaver_age", "Age of care leavers", "age"),
            _of_grouping("care_leaver_activity", "Activity of care leavers", "activity"),
            _of_codes("accommodation", "Where care leavers live", ACCOMMODATION, _known_labels(ACCOMMODATION)),
            _of_codes("role", "Role", ROLE, ROLE.labels),
            _of_codes("leadership_post", "Leading post", LEADERSHIP_POST, LEADERSHIP_POST.labels),
            _of_codes("judgement", "Judgement", JUDGEMENT, JUDGEMENT.labels),
            _of_codes("partner_agency", "Agency", PARTNER_AGENCY, PARTNER_AGENCY.labels),
            _of_codes("post_kind", "Kind of post", POST_KIND, POST_KIND.labels),
            _of_states("social_care_group", "Social care group", SUPPLIED_GROUP.labels),
            _of_codes("in_touch", "Contact with care leavers", IN_TOUCH, IN_TOUCH.labels),
        )
    }
)
"""Every breakdown by name. A code that stands for not known, such as sex U, is in the group "Unknown"."""
