"""What Annex A holds besides the tables of the two returns, and for which indicators it does not say enough.

The indicators it can answer are listed; any other is refused with its reason, so that an indicator which is added later
is refused until somebody has looked at what Annex A says of it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping

import polars as pl

from csc_indicators.catalogue import catalogue
from csc_indicators.codes import ETHNICITY, LA_CODE, SEX
from csc_indicators.errors import Finding
from csc_indicators.extracts.annex_a_labels import CARE_LEAVER_CODE_SETS, YES
from csc_indicators.extracts.annex_a_lists import CARE_LEAVERS, LISTS
from csc_indicators.extracts.parsing import Column, parse
from csc_indicators.looked_after_codes import ACTIVITY
from csc_indicators.tables.accounting import RowAccount
from csc_indicators.tables.checking import Ledger, ReturnedTable, check_rows
from csc_indicators.tables.limits import Limit
from csc_indicators.tables.rules import RowRule, is_missing

ANSWERED: Mapping[str, int] = {
    "referrals": 3,
    "referrals_no_further_action": 3,
    "referrals_per_child": 3,
    "rereferrals": 3,
    "assessments_completed": 4,
    "assessments_within_45_days": 4,
    "section_47_enquiries": 5,
    "section_47_to_conference": 5,
    "initial_conferences": 5,
    "conferences_within_15_days": 5,
    "children_in_need": 6,
    "children_in_need_in_year": 6,
    "child_protection_plans": 7,
    "child_protection_plan_starts": 7,
    "repeat_child_protection_plans": 7,
    "plans_open_two_years": 7,
    "children_in_care": 8,
    "care_starts": 8,
    "care_ceases": 8,
    "family_network_leavers": 8,
    "foster_care": 8,
    "residential_care": 8,
    "supported_accommodation": 8,
    "family_network_care": 8,
}
"""The indicators that Annex A can answer, and the list without which it cannot."""

OF_THE_DAY = ("foster_care", "residential_care", "supported_accommodation", "family_network_care")
"""Indicators of where children live, which the list of children looked after says for the day of the extract only."""

WHERE_THEY_LIVE = "the list says where a child lives on the day of the extract ({day}), and not on days before"
NOT_HELD: Mapping[str, str] = {
    "cin.assessment_factors": "Annex A does not ask for the factors that assessments found",
    "cin.reviews": "Annex A holds the latest review conference of a plan, and not those before",
    "cin.child_in_need_plans": "Annex A does not hold child in need plans",
    "ssda903.outcomes": "Annex A holds days of checks, and not the outcomes that the return asks for",
    "ssda903.missing": "Annex A holds how often a child was missing, and not when",
    "ssda903.adoption": "the list of adoption is not read",
    "ssda903.social_workers": "Annex A names the social worker of the day, and not those before",
    "ssda903.care_leavers": (
        "Annex A says how care leavers do on the day of the extract, and the return about their birthday; see the "
        "table of care leavers"
    ),
    "ssda903.episodes": "Annex A holds the placement and legal status of the day, and not those before",
}
"""For each table that Annex A does not hold, or not in full, why."""

NAME = "annex_a.care_leavers"
COLUMNS = tuple(
    Column(
        column.name,
        "date" if column.holds == "date" else "text",
        required=column.key,
    )
    for column in CARE_LEAVERS.columns
)
RULES = (
    RowRule(
        "missing_birth_date",
        NAME,
        "birth_date",
        "keep",
        is_missing("birth_date"),
        "no date of birth that can be used; the age of the care leaver is not known",
        "record the date of birth",
    ),
)
ENUMS = {
    "sex": SEX.dtype,
    "ethnicity": ETHNICITY.dtype,
    "activity": ACTIVITY.dtype,
    **{
        name: code_set.dtype
        for name, code_set in zip(
            ("eligibility", "in_touch", "accommodation", "suitability"), CARE_LEAVER_CODE_SETS, strict=True
        )
    },
}
FLAGS = ("unaccompanied", "disabled")


def limits(held: Collection[int], last_day: dt.date, collection: str) -> dict[str, Limit]:
    """The indicators of a collection that an Annex A extract does not say enough for.

    Args:
        held: The numbers of the lists that the workbook has.
        last_day: The day of the extract.
        collection: `cin` or `ssda903`.
    """
    found: dict[str, Limit] = {}
    for spec in catalogue().indicators.values():
        number = ANSWERED.get(spec.id)
        if spec.collection != collection:
            continue
        if number is None:
            lacking = [NOT_HELD[table] for table in NOT_HELD if table in spec.tables]
            found[spec.id] = Limit(lacking[0] if lacking else "Annex A does not hold what it is computed from")
        elif number not in held:
            found[spec.id] = Limit(f"the workbook has no list of {LISTS[number].about} (List {number})")
        elif spec.id in OF_THE_DAY:
            found[spec.id] = Limit(WHERE_THEY_LIVE.format(day=last_day), only_on=last_day)
    return found


def validate_care_leavers(
    raw: pl.DataFrame, la_code: str, observed_on: dt.date, findings: tuple[Finding, ...]
) -> tuple[pl.DataFrame, RowAccount, tuple[Finding, ...]]:
    """The list of care leavers as a validated table, what became of its rows, and what was found.

    Args:
        raw: The list as text, its labels as codes.
        la_code: The authority.
        observed_on: The day of the extract.
        findings: What was found while it was read.
    """
    ledger = Ledger(list(findings))
    raw = raw.with_columns(pl.col("source_file").cast(pl.Categorical()))
    parsed = parse(raw, COLUMNS)
    rows = check_rows(ReturnedTable(NAME, COLUMNS, RULES), parsed.table, parsed, ledger)
    again = ~pl.col("child_id").is_first_distinct()
    what = "the care leaver is listed twice; the first row is used"
    ledger.report(rows.filter(again), "rejected", "duplicated_child", (NAME, "child_id"), what, "list each once")
    ledger.reject(NAME, "duplicated_child", rows.filter(again).height)
    names = [column.name for column in COLUMNS if column.name != "child_id"]
    table = rows.filter(~again).select(
        pl.lit(la_code).cast(LA_CODE).alias("la_code"),
        "child_id",
        pl.lit(observed_on).alias("observed_on"),
        *(
            pl.col(name).cast(ENUMS[name]) if name in ENUMS else pl.col(name) == YES if name in FLAGS else name
            for name in names
        ),
        "source_file",
        "source_row",
    )
    account = RowAccount(table=NAME, read=raw.height, kept=table.height, rejected=ledger.rejected.get(NAME, {}))
    return table, account, tuple(ledger.findings)
