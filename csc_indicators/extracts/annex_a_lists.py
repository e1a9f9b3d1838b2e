"""The lists of Annex A: which columns each has, by which headings, and what their cells hold.

Headings are compared without letter case, quotation marks, brackets and spacing (`annex_a_labels.plain`), because the
templates that authorities use differ in those. A heading that no column accepts is reported, not guessed from its
words.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Holds = Literal["text", "date", "label", "count"]


@dataclass(frozen=True)
class ListColumn:
    """One column of a list: our name for it, the headings it goes by, and what its cells hold.

    `labels` names the list of labels of a column that holds them. A list without a `key` column cannot be read at all.
    """

    name: str
    headings: tuple[str, ...]
    holds: Holds = "text"
    labels: str = ""
    key: bool = False


@dataclass(frozen=True)
class AnnexAList:
    """One list that is read: its number, what it is about, its columns, and those that are left unread on purpose."""

    number: int
    about: str
    columns: tuple[ListColumn, ...]
    not_read: tuple[str, ...] = ()

    @property
    def sheet(self) -> str:
        """What its sheet is called."""
        return f"List {self.number}"

    def column(self, name: str) -> ListColumn:
        """A column by our name."""
        return next(column for column in self.columns if column.name == name)


def _date(name: str, *headings: str, key: bool = False) -> ListColumn:
    return ListColumn(name, headings, "date", key=key)


def _label(name: str, labels: str, *headings: str) -> ListColumn:
    return ListColumn(name, headings, "label", labels)


CHILD_ID = ListColumn(
    "child_id", ("Child Unique ID", "Child ID", "Child's Unique ID", "Unique Child ID", "Person ID"), key=True
)
OF_THE_CHILD = (
    CHILD_ID,
    _label("sex", "sex", "Gender", "Sex"),
    _label("ethnicity", "ethnicity", "Ethnicity", "Ethnic Origin"),
    _date("birth_date", "Date of Birth", "DOB", "Date of Birth or Expected Date of Birth"),
)
DISABLED = _label(
    "disabled", "yes_no", "Does the Child have a Disability", "Does the Child have a Disability (Y/N)", "Disability"
)
UNREAD = ("Age of Child (Years)", "Age", "Age of Child", "Allocated Team", "Allocated Worker")
"""Columns of every list that no figure needs: ages are worked out from dates of birth."""

REFERRALS = AnnexAList(
    3,
    "referrals",
    (
        *OF_THE_CHILD,
        _date("referral_date", "Date of Referral", "Referral Date", key=True),
        _label("referral_source", "referral_source", "Referral Source", "Source of Referral"),
        _label("no_further_action", "yes_no", "Referral NFA?", "Referral NFA", "Referral NFA (Y/N)"),
    ),
    (*UNREAD, "Number of Referrals in Last 12 Months"),
)
ASSESSMENTS = AnnexAList(
    4,
    "assessments",
    (
        *OF_THE_CHILD,
        DISABLED,
        _date("start_date", "Continuous Assessment Start Date", "Assessment Start Date", key=True),
        _date(
            "authorisation_date",
            "Continuous Assessment Date of Authorisation",
            "Assessment Date of Authorisation",
            "Continuous Assessment Authorisation Date",
        ),
    ),
    (
        *UNREAD,
        "Child Seen During Continuous Assessment",
        "Was the child assessed as requiring LA children's social care support?",
    ),
)
SECTION_47_ENQUIRIES = AnnexAList(
    5,
    "section 47 enquiries and initial conferences",
    (
        *OF_THE_CHILD,
        DISABLED,
        _date(
            "start_date",
            "Strategy discussion initiating Section 47 Enquiry Start Date",
            "Strategy discussion initiating Section 47 Enquiry - Start Date",
            "Section 47 Enquiry Start Date",
            "Section 47 Start Date",
            key=True,
        ),
        _label(
            "conference_not_required",
            "yes_no",
            "Was an Initial Child Protection Conference deemed unnecessary?",
            "Was an Initial Child Protection Conference deemed unnecessary? (Y/N)",
        ),
        _date("initial_conference_date", "Date of Initial Child Protection Conference", "Date of ICPC"),
    ),
    (
        *UNREAD,
        "Did the Initial Child Protection Conference Result in a Child Protection Plan",
        "Did the Initial Child Protection Conference Result in a Child Protection Plan (Y/N)",
        "Number of Section 47 Enquiries in the last 12 months",
        "Number of ICPCs in the last 12 months",
    ),
)
CHILDREN_IN_NEED = AnnexAList(
    6,
    "children in need",
    (
        *OF_THE_CHILD,
        DISABLED,
        _date("start_date", "CIN Start Date", "Child in Need Start Date", key=True),
        _label("primary_need", "primary_need", "Primary Need Code", "Primary Need"),
        _date("closure_date", "CIN Closure Date", "Child in Need Closure Date"),
        _label("closure_reason", "closure_reason", "Reason for Closure", "CIN Reason for Closure"),
        _label("case_status", "case_status", "Case Status"),
    ),
    (*UNREAD, "Date Child Was Last Seen"),
)
PROTECTION_PLANS = AnnexAList(
    7,
    "child protection plans",
    (
        *OF_THE_CHILD,
        DISABLED,
        _date("start_date", "Child Protection Plan Start Date", "CPP Start Date", "CP Plan Start Date", key=True),
        _date("end_date", "Child Protection Plan End Date", "CPP End Date", "CP Plan End Date"),
        _label("initial_category_of_abuse", "category_of_abuse", "Initial Category of Abuse"),
        _label("latest_category_of_abuse", "category_of_abuse", "Latest Category of Abuse"),
        ListColumn(
            "number_of_previous_plans",
            ("Number of Previous Child Protection Plans", "Number of Previous CPPs", "Number of Previous CP Plans"),
            "count",
        ),
    ),
    (
        *UNREAD,
        "Date of the Last Statutory Visit",
        "Was the Child Seen Alone?",
        "Date of latest review conference",
        "Subject to Emergency Protection Order or Protected Under Police Powers in Last Six Months (Y/N)",
        "Sub-categories of abuse",
    ),
)
LOOKED_AFTER = AnnexAList(
    8,
    "children looked after",
    (
        *OF_THE_CHILD,
        _label(
            "unaccompanied",
            "yes_no",
            "Unaccompanied Asylum Seeking Child (UASC) within the Last 12 Months (Y/N)",
            "Unaccompanied Asylum Seeking Child (UASC) within the Last 12 Months",
            "UASC (Y/N)",
            "UASC",
        ),
        _date("start_date", "Date Started to be Looked After", key=True),
        _label("primary_need", "primary_need", "Child's Category of Need", "Category of Need"),
        _label(
            "second_period",
            "yes_no",
            "Is this a second or subsequent period of being a Looked After Child within the last 12 months (Y/N)",
            "Is this a second or subsequent period of being a Looked After Child within the last 12 months",
        ),
        _date("legal_status_start", "Start date of current legal status"),
        _label("legal_status", "legal_status", "Child's Legal Status", "Legal Status"),
        _date("end_date", "Date Ceased to be Looked After"),
        _label("reason_ceased", "reason_ceased", "Reason Ceased to be Looked After"),
        _date("placement_start", "Start Date of Most Recent Placement", "Start Date of Current Placement"),
        _label("placement", "placement", "Placement Type", "Type of Placement"),
        _label("placement_provider", "placement_provider", "Placement Provider"),
    ),
    (
        *UNREAD,
        DISABLED.headings[0],
        "Disability",
        "Date of Latest Statutory Review",
        "Date of Last Social Work Visit",
        "What is the permanence plan for this child?",
        "Date of Last IRO Visit / Contact to the Child",
        "Date of Last Health Assessment",
        "Date of Last Dental Check",
        "Number of Placements in the Last 12 months",
        "Placement postcode",
        "URN of Placement",
        "Placement Location",
        "LA of Placement",
        "Number of Episodes the Child has been 'Missing' from their Placement in the last 12 months",
        "Number of Episodes the Child has been 'Absent' from their Placement in the last 12 months",
        "Was the child offered a Return Interview after their last missing episode (Y/N)?",
        "Did the child accept a Return Interview after their last missing episode (Y/N)?",
    ),
)
CARE_LEAVERS = AnnexAList(
    9,
    "care leavers",
    (
        *OF_THE_CHILD,
        _label(
            "unaccompanied",
            "yes_no",
            "Unaccompanied Asylum Seeking Child (UASC), or formerly UASC if 18 or over (Y/N)",
            "Unaccompanied Asylum Seeking Child (UASC), or formerly UASC if 18 or over",
            "UASC (Y/N)",
            "UASC",
        ),
        DISABLED,
        _label("eligibility", "eligibility", "Eligibility Category"),
        _date("pathway_plan_review_date", "Latest Pathway Plan Review Date", "Date of Latest Pathway Plan Review"),
        _label("in_touch", "latest_in_touch", "LA In Touch", "LA in Touch (Y/N)", "In Touch"),
        _date("latest_contact_date", "Latest Date of Contact", "Date of Latest Contact"),
        _label("accommodation", "latest_accommodation", "Type of Accommodation"),
        _label("suitability", "suitability", "Suitability of Accommodation"),
        _label("activity", "activity", "Activity Status"),
    ),
    (*UNREAD, "Allocated Personal Advisor", "Personal Advisor"),
)

LISTS: Mapping[int, AnnexAList] = {
    item.number: item
    for item in (
        REFERRALS,
        ASSESSMENTS,
        SECTION_47_ENQUIRIES,
        CHILDREN_IN_NEED,
        PROTECTION_PLANS,
        LOOKED_AFTER,
        CARE_LEAVERS,
    )
}
"""The lists that are read, by number."""

NOT_READ: Mapping[int, str] = {
    1: "contacts",
    2: "early help",
    10: "adoption",
    11: "adopters",
}
"""The lists that are not read, by number, and what they are about: no table of the returns holds what they do."""
