"""The code sets of the supplied tables (context): what no statutory return about children holds.

They are ours: no collection prescribes them. Each is written in words, so that a file can be read without a key.
"""

from __future__ import annotations

from csc_indicators.code_set import CodeSet

FINANCE_LINE = CodeSet(
    "finance_line",
    {
        "children_looked_after": "Children looked after",
        "childrens_social_care": "Children's social care in all, children looked after among it",
        "family_help": "Family Help in all: early help, children in need, protection and care",
        "all_services": "All services of the authority",
    },
)
"""Lines of spending. Each holds what belongs to it, also where another line holds it too."""
CARE_LINE, SOCIAL_CARE_LINE, FAMILY_HELP_LINE, ALL_SERVICES_LINE = FINANCE_LINE.codes

FUNDING = CodeSet(
    "funding",
    {
        "core": "Core funding of the authority",
        "permanent_grant": "Grants without an end",
        "temporary_grant": "Grants for a time",
        "other": "Other income",
    },
)
"""Where the money of a line comes from."""
PERMANENT_GRANT = "permanent_grant"

LEADERSHIP_POST = CodeSet(
    "leadership_post",
    {"director": "Director of Children's Services", "practice_leader": "Practice leader"},
)

JUDGEMENT = CodeSet(
    "judgement",
    {
        "outstanding": "Outstanding",
        "good": "Good",
        "requires_improvement": "Requires improvement to be good",
        "inadequate": "Inadequate",
    },
)
"""Ofsted's judgements on the impact of leaders on social work practice."""

PROCEEDINGS_OUTCOME = CodeSet(
    "proceedings_outcome",
    {
        "with_parents": "Lives with parents, whatever the order",
        "special_guardianship": "Special guardianship",
        "child_arrangements": "Lives with others under a child arrangements order",
        "care_order": "Care order, in care",
        "placement_order": "Placement order",
        "other": "Another outcome",
    },
)
HOME_WITH_PARENTS = "with_parents"

PARTNER_AGENCY = CodeSet(
    "partner_agency",
    {
        "police": "Police",
        "health": "Health",
        "education": "Schools and education",
        "youth_justice": "Youth justice",
        "housing": "Housing",
        "probation": "Probation",
        "voluntary": "Voluntary organisations",
        "other": "Other agencies",
    },
)

KEY_STAGE = CodeSet("key_stage", {"2": "Key stage 2", "4": "Key stage 4"})
KEY_STAGE_2, KEY_STAGE_4 = KEY_STAGE.codes

SUPPLIED_GROUP = CodeSet(
    "supplied_group",
    {
        "CLA12": "Looked after for twelve months",
        "CPPO": "On a child protection plan, not looked after",
        "CINO": "In need, neither on a plan nor looked after",
    },
)
"""The social care groups of the statistics on outcomes, where the supplier of a table says them."""

POST_KIND = CodeSet(
    "post_kind",
    {
        "senior_manager": "Social work: senior managers",
        "middle_manager": "Social work: middle managers",
        "first_line_manager": "Social work: first-line managers",
        "senior_practitioner": "Social work: senior practitioners",
        "case_holder": "Social work: case holders",
        "early_help": "Early help workers",
        "family_support": "Family support workers",
        "personal_adviser": "Personal advisers of care leavers",
        "residential": "Staff of children's homes",
        "youth_justice": "Youth justice workers",
        "other": "Other posts",
    },
)
"""Kinds of post in children's services, social workers by role and others."""

CONTEXT_CODE_SETS = (
    FINANCE_LINE,
    FUNDING,
    LEADERSHIP_POST,
    JUDGEMENT,
    PROCEEDINGS_OUTCOME,
    PARTNER_AGENCY,
    KEY_STAGE,
    SUPPLIED_GROUP,
    POST_KIND,
)
