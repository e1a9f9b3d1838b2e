"""The code sets of the return on looked-after children (SSDA903), with the collection years in which a code is valid.

A collection year is the year in which the reporting year ends. A code outside its years is kept and reported; one that
no year has becomes a missing value and is reported.

Source: the SSDA903 code lists of 2018 to 2027 (Department for Education).
"""

from __future__ import annotations

from csc_indicators.code_set import CodeSet

RETURNED_SEX = CodeSet(
    "returned_sex",
    {"M": "Male", "F": "Female", "U": "Not known", "1": "Male", "2": "Female"},
    first_year={"M": 2025, "F": 2025, "U": 2025},
    last_year={"1": 2024, "2": 2024},
)
SEX_OF_RETURNED = {"M": "M", "F": "F", "U": "U", "1": "M", "2": "F"}

REASON_FOR_NEW_EPISODE = CodeSet(
    "reason_for_new_episode",
    {
        "S": "Started to be looked after",
        "L": "Change of legal status only",
        "P": "Change of placement and carer",
        "T": "Change of placement, same carer",
        "B": "Change of legal status, placement and carer",
        "U": "Change of legal status and placement, same carer",
    },
)
STARTED_TO_BE_LOOKED_AFTER = "S"
CHANGES_OF_CARER = ("P", "B")
CHANGES_WITH_THE_SAME_CARER = ("T", "U")

LEGAL_STATUS = CodeSet(
    "legal_status",
    {
        "C1": "Interim care order",
        "C2": "Full care order",
        "D1": "Freeing order",
        "E1": "Placement order",
        "V2": "Accommodated under section 20",
        "V3": "Short breaks: individual episodes",
        "V4": "Short breaks: an agreed series",
        "L1": "Police protection",
        "L2": "Emergency protection order",
        "L3": "Child assessment order",
        "J1": "Remanded to youth detention or the authority",
        "J2": "Detained under the Police and Criminal Evidence Act",
        "J3": "Youth rehabilitation order with residence or fostering",
    },
)
SHORT_BREAKS = ("V3", "V4")
"""Legal statuses of series of short breaks: a child with no other is not counted as looked after."""

SECTION_20 = "V2"

PLACEMENT = CodeSet(
    "placement",
    {
        "A3": "Placed for adoption with consent, with the current carer",
        "A4": "Placed for adoption with consent, not with the current carer",
        "A5": "Placed for adoption under a placement order, with the current carer",
        "A6": "Placed for adoption under a placement order, not with the current carer",
        "U1": "Fostered by a relative or friend, long term",
        "U2": "Fostered by a relative or friend who may adopt",
        "U3": "Fostered by a relative or friend, other",
        "U4": "Fostered by another carer, long term",
        "U5": "Fostered by another carer who may adopt",
        "U6": "Fostered by another carer, other",
        "K1": "Secure children's home",
        "K2": "Children's home",
        "K3": "Registered supported accommodation",
        "H5": "Semi-independent living accommodation",
        "P1": "With parents or another with parental responsibility",
        "P2": "Independent living",
        "P3": "Residential employment",
        "R1": "Residential care home",
        "R2": "National Health Service or other health establishment",
        "R3": "Family centre or mother and baby unit",
        "R5": "Young offender institution or prison",
        "S1": "Residential school",
        "T0": "Temporary, of any kind",
        "T1": "Temporary: in hospital",
        "T2": "Temporary: on holiday",
        "T3": "Temporary: while the carer is on holiday",
        "T4": "Temporary: other, up to seven days",
        "Z1": "Other placement",
        "Z11": "Other placement, first kind",
        "Z12": "Other placement, second kind",
        "Z13": "Other placement, third kind",
        "Z14": "Other placement, fourth kind",
    },
    first_year={"K3": 2024, "Z11": 2026, "Z12": 2026, "Z13": 2026, "Z14": 2026},
    last_year={"H5": 2025, "P2": 2025, "Z1": 2026},
)
"""Sources differ by a year on when H5 and P2 ended, and on whether Z1 goes on beside Z11 to Z14: the later is taken."""

TEMPORARY_PLACEMENTS = ("T0", "T1", "T2", "T3", "T4")
PLACED_FOR_ADOPTION = ("A3", "A4", "A5", "A6")
PLACED_FOR_ADOPTION_WITH_CURRENT_CARER = ("A3", "A5")
WITH_PARENTS = "P1"
FOSTER_CARE = ("U1", "U2", "U3", "U4", "U5", "U6")
CONNECTED_FOSTER_CARE = {
    "connected_foster_long_term": "U1",
    "connected_foster_adopter": "U2",
    "connected_foster_other": "U3",
}
"""Fostered by a relative or friend, by what for."""

PLACEMENT_PROVIDER = CodeSet(
    "placement_provider",
    {
        "PR0": "Parent",
        "PR1": "Own authority",
        "PR2": "Another authority",
        "PR3": "Another public body",
        "PR4": "Private",
        "PR5": "Voluntary",
    },
)

REASON_CEASED = CodeSet(
    "reason_ceased",
    {
        "X1": "The episode ended and another began the same day",
        "E11": "Adopted, unopposed",
        "E12": "Adopted, consent dispensed with",
        "E2": "Died",
        "E3": "Taken over by another authority",
        "E4A": "Returned home, planned",
        "E4B": "Returned home, unplanned",
        "E13": "To live with others without parental responsibility",
        "E41": "Child arrangements (residence) order",
        "E43": "Special guardianship order to former foster carers",
        "E44": "Special guardianship order to others",
        "E45": "Special guardianship order to former foster carers who are family",
        "E46": "Special guardianship order to former foster carers who are not family",
        "E47": "Special guardianship order to other carers who are family",
        "E48": "Special guardianship order to other carers who are not family",
        "E5": "To independent living with support",
        "E6": "To independent living without support",
        "E7": "To care funded by adult services",
        "E8": "Another reason",
        "E9": "Sentenced to custody",
        "E14": "Accommodation on remand ended",
        "E15": "Found to be 18 or over",
        "E16": "Moved abroad",
        "E17": "Aged 18 or over and stayed with current carers",
    },
    first_year={"E45": 2019, "E46": 2019, "E47": 2019, "E48": 2019},
    last_year={"E43": 2019, "E44": 2019},
)
ANOTHER_EPISODE_FOLLOWS = "X1"
ADOPTED = ("E11", "E12")
RETURNED_HOME = ("E4A", "E4B")
CEASED_ROUTES = {
    "special_guardianship": ("E43", "E44", "E45", "E46", "E47", "E48"),
    "child_arrangements": ("E41",),
    "home": RETURNED_HOME,
    "relatives": ("E13",),
}
"""Ways of leaving care to the family network."""

REASON_PLACE_CHANGE = CodeSet(
    "reason_place_change",
    {
        "CARPL": "Change to or implementation of the care plan",
        "CLOSE": "The provider closed or deregistered",
        "ALLEG": "Allegation under section 47",
        "STAND": "Standards of care",
        "APPRR": "Approval removed",
        "CREQB": "The carer asked, because of behaviour",
        "CREQO": "The carer asked, for another reason",
        "CHILD": "The child asked",
        "LAREQ": "The responsible authority asked",
        "PLACE": "Change in the status of the placement only",
        "CUSTOD": "Custody arrangement",
        "OTHER": "Other",
    },
    first_year={"CUSTOD": 2019},
)

REVIEW_PARTICIPATION = CodeSet(
    "review_participation",
    {
        "PN0": "Under 4",
        "PN1": "Attended and spoke",
        "PN2": "Attended, an advocate spoke",
        "PN3": "Attended and used symbols",
        "PN4": "Attended and did not contribute",
        "PN5": "Absent, an advocate was briefed",
        "PN6": "Absent, views by another medium",
        "PN7": "Absent, no views",
    },
)

SDQ_REASON = CodeSet(
    "sdq_reason",
    {
        "SDQ1": "Age at the last assessment",
        "SDQ2": "The carer refused",
        "SDQ3": "Disability",
        "SDQ4": "Other",
        "SDQ5": "The child or young person refused",
    },
)

IN_TOUCH = CodeSet(
    "in_touch",
    {
        "YES": "In touch",
        "NO": "Not in touch",
        "DIED": "Died",
        "REFU": "Refused contact",
        "NREQ": "No longer requires services",
        "RHOM": "Returned home for six months or more",
    },
)
IS_IN_TOUCH = "YES"

ACTIVITY = CodeSet(
    "activity",
    {
        "F1": "Full time: higher education",
        "P1": "Part time: higher education",
        "F2": "Full time: other education",
        "P2": "Part time: other education",
        "F3": "Full time: training or employment",
        "P3": "Part time: training or employment",
        "F4": "Full time: apprenticeship",
        "P4": "Part time: apprenticeship",
        "F5": "Full time: other training or employment",
        "P5": "Part time: other training or employment",
        "G4": "Not in education, employment or training: illness or disability",
        "G5": "Not in education, employment or training: other",
        "G6": "Not in education, employment or training: pregnancy or parenting",
        "0": "Not known",
    },
    first_year={"F4": 2022, "P4": 2022, "F5": 2022, "P5": 2022},
    last_year={"F3": 2021, "P3": 2021},
)
NOT_RECORDED = "0"

_ACCOMMODATION_KINDS = {
    "B": "With parents or relatives",
    "C": "Community home",
    "D": "Semi-independent",
    "E": "Supported lodgings",
    "G": "Gone abroad",
    "H": "Deported",
    "K": "Ordinary lodgings",
    "R": "Residence not known",
    "S": "No fixed abode",
    "T": "Foyer",
    "U": "Independent living",
    "V": "Emergency accommodation",
    "W": "Bed and breakfast",
    "X": "In custody",
    "Y": "Other",
    "Z": "With former foster carers",
}
ACCOMMODATION = CodeSet(
    "accommodation",
    {
        f"{kind}{digit}": f"{label}, {word}"
        for kind, label in _ACCOMMODATION_KINDS.items()
        for digit, word in (("1", "suitable"), ("2", "unsuitable"))
    }
    | {"0": "Not known"},
)
SUITABLE = tuple(code for code in ACCOMMODATION.codes if code.endswith("1"))
UNSUITABLE = tuple(code for code in ACCOMMODATION.codes if code.endswith("2"))

ADOPTER_SEX = CodeSet(
    "adopter_sex",
    {"M1": "One man", "F1": "One woman", "MM": "Two men", "FF": "Two women", "MF": "A man and a woman"},
)

ADOPTER_STATUS = CodeSet(
    "adopter_status",
    {
        "L0": "Single",
        "L11": "Married, different sex",
        "L12": "Married, same sex",
        "L2": "Civil partnership",
        "L3": "Unmarried, different sex",
        "L4": "Unmarried, same sex",
    },
)

REASON_PLACED_CEASED = CodeSet(
    "reason_placed_ceased",
    {"RD1": "Needs changed", "RD2": "No placement order", "RD3": "No adopters found", "RD4": "Other"},
)

PREVIOUS_PERMANENCE = CodeSet(
    "previous_permanence",
    {
        "P1": "Adoption",
        "P2": "Special guardianship order",
        "P3": "Residence or child arrangements order",
        "P4": "Not known",
        "Z1": "None",
    },
)

MISSING_KIND = CodeSet("missing_kind", {"M": "Missing", "A": "Away without authorisation"})
IS_MISSING = "M"
IS_AWAY = "A"

SOCIAL_WORKER_CHANGE = CodeSet(
    "social_worker_change",
    {
        "MANAGE": "Change of manager",
        "FCONTA": "First contact",
        "LEFTRL": "Left the role",
        "ORGRST": "Reorganisation",
        "TSPROC": "Transferred by process",
        "ABSENC": "Absence",
        "CHCHAN": "The child asked",
        "PCCHAN": "The parent or carer asked",
        "SWDIED": "Died",
        "OTHERS": "Other",
    },
    first_year=dict.fromkeys(
        ("MANAGE", "FCONTA", "LEFTRL", "ORGRST", "TSPROC", "ABSENC", "CHCHAN", "PCCHAN", "SWDIED", "OTHERS"), 2024
    ),
)

PLACEMENT_LOCATION = CodeSet("placement_location", {"IN": "Inside the authority", "OUT": "Outside the authority"})
OUTSIDE_THE_AUTHORITY = "OUT"

LOOKED_AFTER_CODE_SETS = (
    RETURNED_SEX,
    REASON_FOR_NEW_EPISODE,
    LEGAL_STATUS,
    PLACEMENT,
    PLACEMENT_PROVIDER,
    REASON_CEASED,
    REASON_PLACE_CHANGE,
    REVIEW_PARTICIPATION,
    SDQ_REASON,
    IN_TOUCH,
    ACTIVITY,
    ACCOMMODATION,
    ADOPTER_SEX,
    ADOPTER_STATUS,
    REASON_PLACED_CEASED,
    PREVIOUS_PERMANENCE,
    MISSING_KIND,
    SOCIAL_WORKER_CHANGE,
    PLACEMENT_LOCATION,
)
"""Every code set of the return."""
