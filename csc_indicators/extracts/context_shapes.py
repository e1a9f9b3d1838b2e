"""The supplied tables (context): what each is for, its columns and an example row, for reader, contracts and templates.

A table belongs to a `year` (the year in which the reporting year or the academic year ends), or lists what happened up
to a day: `known_to` says up to which day the list is complete, because nothing else in the list can.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from csc_indicators.extracts.parsing import Column, Kind

YEAR, KNOWN_TO = "year", "known_to"


@dataclass(frozen=True)
class ContextColumn:
    """A column of a supplied table: what it holds, what to write there, and an example."""

    name: str
    kind: Kind
    about: str
    example: str = ""
    code_set: str = ""
    required: bool = True

    @property
    def column(self) -> Column:
        """The column as the readers know it."""
        return Column(self.name, self.kind, self.code_set, self.required)


@dataclass(frozen=True)
class ContextTable:
    """A supplied table. `key` is what no two rows share; `happened` the column of the day something happened."""

    name: str
    title: str
    about: str
    columns: tuple[ContextColumn, ...]
    key: tuple[str, ...]
    happened: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """The columns in order."""
        return tuple(column.name for column in self.columns)

    @property
    def required(self) -> frozenset[str]:
        """The columns that a file must have."""
        return frozenset(column.name for column in self.columns if column.required)


LA = ContextColumn("la_code", "text", "The authority's three-digit code", "302")
CHILD = ContextColumn("child_id", "text", "The child's id, as in the returns on children", "A1")
BORN = ContextColumn("birth_date", "day_first_date", "The child's date of birth", "2012-06-01", required=False)
FINANCIAL_YEAR = ContextColumn(YEAR, "integer", "The year in which the financial year ends", "2025")
ACADEMIC_YEAR = ContextColumn(YEAR, "integer", "The year in which the academic year ends", "2025")
UP_TO = ContextColumn(KNOWN_TO, "day_first_date", "The day up to which the list is complete", "2025-03-31")
GROUP = ContextColumn(
    "social_care_group",
    "code",
    "The child's social care group, where it is not to be worked out from the returns",
    code_set="supplied_group",
    required=False,
)


def _day(name: str, about: str, example: str = "", *, required: bool = True) -> ContextColumn:
    return ContextColumn(name, "day_first_date", about, example, required=required)


def _number(name: str, about: str, example: str, *, required: bool = True) -> ContextColumn:
    return ContextColumn(name, "number", about, example, required=required)


def _whole(name: str, about: str, example: str, *, required: bool = True) -> ContextColumn:
    return ContextColumn(name, "integer", about, example, required=required)


def _code(name: str, about: str, example: str, code_set: str, *, required: bool = True) -> ContextColumn:
    return ContextColumn(name, "code", about, example, code_set, required)


def _flag(name: str, about: str, example: str, *, required: bool = True) -> ContextColumn:
    return ContextColumn(name, "boolean", about, example, required=required)


_TABLES = (
    ContextTable(
        "finance",
        "Spending",
        "What the authority spent in a financial year, by line; a line in all, or by where its money comes from.",
        (
            LA,
            FINANCIAL_YEAR,
            _code("line", "The line of spending", "childrens_social_care", "finance_line"),
            _code("funding", "Where the money comes from; empty for the line in all", "", "funding", required=False),
            _number("amount", "Pounds", "41250000"),
        ),
        ("la_code", "year", "line", "funding"),
    ),
    ContextTable(
        "population",
        "Children in the population",
        "Children aged 0 to 17, where others than the published mid-year estimates are to be used.",
        (LA, FINANCIAL_YEAR, _whole("population", "Children aged 0 to 17", "55200")),
        ("la_code", "year"),
    ),
    ContextTable(
        "post_holders",
        "Holders of leading posts",
        "Who was Director of Children's Services or practice leader, and when.",
        (
            LA,
            _code("post", "The post", "director", "leadership_post"),
            _flag("interim", "Whether the post was held for an interim only", "false", required=False),
            _day("start_date", "The first day in post", "2021-09-01"),
            _day("end_date", "The last day in post; empty while it lasts", required=False),
            UP_TO,
        ),
        ("la_code", "post", "start_date"),
        "start_date",
    ),
    ContextTable(
        "inspections",
        "Inspections of children's services",
        "Ofsted's judgement on the impact of leaders on social work practice, by inspection.",
        (
            LA,
            _day("inspection_date", "The day on which the inspection ended", "2023-06-16"),
            _code("judgement", "The judgement", "good", "judgement"),
            UP_TO,
        ),
        ("la_code", "inspection_date"),
        "inspection_date",
    ),
    ContextTable(
        "court_outcomes",
        "Outcomes of care proceedings",
        "How proceedings under section 31 of the Children Act 1989 ended, one row a child and proceedings.",
        (
            LA,
            CHILD,
            BORN,
            _day("end_date", "The day of the final order, or of the withdrawal", "2024-11-20"),
            _code("outcome", "Where the child lives when they end", "with_parents", "proceedings_outcome"),
            UP_TO,
        ),
        ("la_code", "child_id", "end_date"),
        "end_date",
    ),
    ContextTable(
        "attendance",
        "Attendance at school",
        "Sessions possible and missed of each child in an academic year.",
        (
            LA,
            CHILD,
            ACADEMIC_YEAR,
            BORN,
            GROUP,
            _whole("sessions_possible", "Half days on which the child could attend", "360"),
            _whole("sessions_missed", "Half days missed, authorised or not", "30"),
        ),
        ("la_code", "child_id", "year"),
    ),
    ContextTable(
        "attainment",
        "Attainment",
        "Results at the end of key stages 2 and 4, one row a child and key stage.",
        (
            LA,
            CHILD,
            ACADEMIC_YEAR,
            _code("key_stage", "The key stage that ended", "2", "key_stage"),
            GROUP,
            _flag(
                "expected_standard",
                "Key stage 2: the expected standard in reading, writing and maths",
                "true",
                required=False,
            ),
            _number("progress", "Key stage 2: the progress score", "", required=False),
            _number("attainment_8", "Key stage 4: the Attainment 8 score", "", required=False),
        ),
        ("la_code", "child_id", "year", "key_stage"),
    ),
    ContextTable(
        "school_history",
        "Schools",
        "Which schools a child was at, and when.",
        (
            LA,
            CHILD,
            ContextColumn("school", "text", "The school: its number, or any name that tells it from others", "100001"),
            _day("start_date", "The first day at the school", "2022-09-05"),
            _day("end_date", "The last day there; empty while it lasts", required=False),
            UP_TO,
        ),
        ("la_code", "child_id", "start_date", "school"),
        "start_date",
    ),
    ContextTable(
        "family_group_decisions",
        "Family group decision making",
        "Children who entered pre-proceedings, and whether family group decision making was offered and held. Made "
        "from the CIN census where that holds it.",
        (
            LA,
            CHILD,
            _day("start_date", "The day on which pre-proceedings began", "2024-05-10"),
            _flag("offered", "Whether it was offered; empty where that is not known", "true", required=False),
            _flag("held", "Whether it was held; empty where that is not known", "false", required=False),
            UP_TO,
        ),
        ("la_code", "child_id", "start_date"),
        "start_date",
    ),
    ContextTable(
        "conference_attendance",
        "Agencies at conferences",
        "Which agencies were invited to an initial child protection conference, and whether they came.",
        (
            LA,
            ContextColumn("conference_id", "text", "Anything that tells the conference from others", "C1"),
            _day("conference_date", "The day of the conference", "2024-05-24"),
            _code("agency", "The agency invited", "police", "partner_agency"),
            _flag("attended", "Whether it was there", "true"),
            UP_TO,
        ),
        ("la_code", "conference_id", "agency"),
        "conference_date",
    ),
    ContextTable(
        "early_help",
        "Early help",
        "Spells of targeted early help of a child.",
        (
            LA,
            CHILD,
            _day("start_date", "The first day", "2024-01-15"),
            _day("end_date", "The day it ended; empty while it lasts", "2024-06-30", required=False),
            UP_TO,
        ),
        ("la_code", "child_id", "start_date"),
        "start_date",
    ),
    ContextTable(
        "deprivation",
        "Deprivation",
        "A score of deprivation that affects children, such as the income deprivation index.",
        (LA, FINANCIAL_YEAR, _number("score", "The score", "0.168", required=False)),
        ("la_code", "year"),
    ),
    ContextTable(
        "posts",
        "Posts and vacancies by kind of post",
        "Full-time equivalents in post and vacant, of social workers by role and of others who work with children.",
        (
            LA,
            FINANCIAL_YEAR,
            _code("post", "The kind of post", "early_help", "post_kind"),
            _number("vacancies", "Full-time equivalents vacant", "2.5"),
            _number("in_post", "Full-time equivalents in post", "14"),
        ),
        ("la_code", "year", "post"),
    ),
    ContextTable(
        "injury_admissions",
        "Admissions to hospital for injury",
        "Children and young people admitted to hospital because of injuries, as published.",
        (
            LA,
            FINANCIAL_YEAR,
            _whole("admissions", "Admissions", "480"),
            _whole("population", "The population of the published rate", "64000"),
        ),
        ("la_code", "year"),
    ),
    ContextTable(
        "lasting_relationships",
        "Lasting relationships of care leavers",
        "Whether a care leaver has a lasting relationship identified, from a local record.",
        (
            LA,
            CHILD,
            FINANCIAL_YEAR,
            _flag("identified", "Whether one is identified", "true"),
        ),
        ("la_code", "child_id", "year"),
    ),
)

CONTEXT_TABLES: Mapping[str, ContextTable] = MappingProxyType({table.name: table for table in _TABLES})
"""Every supplied table by name."""


def context_table_of(columns: list[str], stem: str = "") -> str | None:
    """The supplied table that a file holds: the one it is named after, or the one whose columns it has.

    >>> context_table_of(["la_code", "year", "score"]), context_table_of(["anything"], "finance")
    ('deprivation', 'finance')
    >>> context_table_of(["SWENo", "AgencyWorker"])
    """
    named = stem.strip().lower()
    if named in CONTEXT_TABLES:
        return named
    held = {column.strip().lower() for column in columns}
    found = [name for name, table in CONTEXT_TABLES.items() if held >= table.required]
    return max(found, key=lambda name: len(held & set(CONTEXT_TABLES[name].names)), default=None)
