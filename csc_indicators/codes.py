"""The code sets of the returns, each spelt once, with labels, groups and the census years in which a code is valid.

A census year is the year in which the reporting year ends (2025 is 1 April 2024 to 31 March 2025). A code outside its
years is kept and reported, because authorities' systems change over before or after the return does; an unknown code
becomes a missing value and is reported.

Source: the CIN census schemas and guidance from 2017 to 2026 (Department for Education).
"""

from __future__ import annotations

import polars as pl

from csc_indicators.code_set import CodeSet
from csc_indicators.context_codes import CONTEXT_CODE_SETS
from csc_indicators.looked_after_codes import LOOKED_AFTER_CODE_SETS
from csc_indicators.workforce_codes import WORKFORCE_CODE_SETS

LA_CODE = pl.Enum([f"{number:03d}" for number in range(1000)])
"""An authority's three-digit DfE code: text to read, and physically the number itself."""

LA_CODE_PATTERN = r"^\d{3}$"

SEX = CodeSet("sex", {"F": "Female", "M": "Male", "U": "Not known or not yet born"})

GENDER_CURRENT = CodeSet(
    "gender_current", {"1": "Male", "2": "Female", "0": "Not recorded or unborn", "9": "Indeterminate"}
)
"""What `Sex` was until the census of 2024."""

SEX_OF_GENDER_CURRENT = {"1": "M", "2": "F", "0": "U", "9": "U"}

ETHNICITY = CodeSet(
    "ethnicity",
    {
        "WBRI": "White British",
        "WIRI": "White Irish",
        "WIRT": "Traveller of Irish heritage",
        "WROM": "Gypsy or Roma",
        "WOTH": "Any other White background",
        "MWBC": "White and Black Caribbean",
        "MWBA": "White and Black African",
        "MWAS": "White and Asian",
        "MOTH": "Any other mixed background",
        "AIND": "Indian",
        "APKN": "Pakistani",
        "ABAN": "Bangladeshi",
        "CHNE": "Chinese",
        "AOTH": "Any other Asian background",
        "BCRB": "Caribbean",
        "BAFR": "African",
        "BOTH": "Any other Black background",
        "OOTH": "Any other ethnic group",
        "REFU": "Refused",
        "NOBT": "Information not yet obtained",
    },
)

ETHNICITY_NOT_KNOWN = ("REFU", "NOBT")
"""Codes that say that an ethnicity was refused or not obtained."""

DISABILITY = CodeSet(
    "disability",
    {
        "NONE": "No disability",
        "MOB": "Mobility",
        "HAND": "Hand function",
        "PC": "Personal care",
        "INC": "Incontinence",
        "COMM": "Communication",
        "LD": "Learning",
        "HEAR": "Hearing",
        "VIS": "Vision",
        "BEH": "Behaviour",
        "CON": "Consciousness",
        "AUT": "Autism or Asperger syndrome",
        "DDA": "Other disability under the Equality Act",
    },
)
NO_DISABILITY = "NONE"

REFERRAL_SOURCE = CodeSet(
    "referral_source",
    {
        "1A": "Family member, relative or carer",
        "1B": "Acquaintance",
        "1C": "Self",
        "1D": "Other individual",
        "2A": "Schools",
        "2B": "Education services",
        "3A": "General practitioner",
        "3B": "Health visitor",
        "3C": "School nurse",
        "3D": "Other primary health services",
        "3E": "Accident and emergency",
        "3F": "Other health services",
        "4": "Housing",
        "5A": "Local authority social care",
        "5B": "Other services of the authority",
        "5C": "Services outside the authority",
        "5D": "Early help services of the authority",
        "6": "Police",
        "7": "Other legal agency",
        "8": "Other",
        "9": "Anonymous",
        "10": "Unknown",
    },
    first_year={"5D": 2023},
)

PRIMARY_NEED = CodeSet(
    "primary_need",
    {
        "N1": "Abuse or neglect",
        "N2": "Child's disability or illness",
        "N3": "Parental disability or illness",
        "N4": "Family in acute stress",
        "N5": "Family dysfunction",
        "N6": "Socially unacceptable behaviour",
        "N7": "Low income",
        "N8": "Absent parenting",
        "N9": "Cases other than children in need",
        "N0": "Not stated",
    },
)
PRIMARY_NEED_NOT_STATED = "N0"

CLOSURE_REASON = CodeSet(
    "closure_reason",
    {
        "RC1": "Adopted",
        "RC2": "Died",
        "RC3": "Child arrangements order",
        "RC4": "Special guardianship order",
        "RC5": "Transferred to another authority",
        "RC6": "Transferred to adult social care",
        "RC7": "Services ceased for another reason, including no longer in need",
        "RC8": "Closed after assessment, no further action",
        "RC9": "Closed after assessment, to early help",
    },
    first_year={"RC9": 2023},
)

CLOSED_DIED, CLOSED_TRANSFERRED, CLOSED_TO_EARLY_HELP = "RC2", "RC5", "RC9"
"""Reasons of closure that say more than that the case ended."""

CATEGORY_OF_ABUSE = CodeSet(
    "category_of_abuse",
    {"NEG": "Neglect", "PHY": "Physical abuse", "SAB": "Sexual abuse", "EMO": "Emotional abuse", "MUL": "Multiple"},
)

UPN_UNKNOWN = CodeSet(
    "unique_pupil_number_unknown",
    {
        "UN1": "Too young for school",
        "UN2": "Looked after, from outside England",
        "UN3": "Newly arrived, not yet in school",
        "UN4": "Educated outside the maintained sector",
        "UN5": "Sources unable to agree",
        "UN6": "Number could not be matched",
        "UN7": "Referral with no further action",
    },
)

ASSESSMENT_FACTOR = CodeSet(
    "assessment_factor",
    {
        "1A": "Alcohol misuse: child",
        "1B": "Alcohol misuse: parent",
        "1C": "Alcohol misuse: another person",
        "2A": "Drug misuse: child",
        "2B": "Drug misuse: parent",
        "2C": "Drug misuse: another person",
        "3A": "Domestic abuse: child",
        "3B": "Domestic abuse: parent",
        "3C": "Domestic abuse: another person",
        "4A": "Mental health: child",
        "4B": "Mental health: parent",
        "4C": "Mental health: another person",
        "5A": "Learning disability: child",
        "5B": "Learning disability: parent",
        "5C": "Learning disability: another person",
        "6A": "Physical disability or illness: child",
        "6B": "Physical disability or illness: parent",
        "6C": "Physical disability or illness: another person",
        "7A": "Young carer",
        "8B": "Privately fostered: overseas children who intend to return",
        "8C": "Privately fostered: overseas children who intend to stay",
        "8D": "Privately fostered: United Kingdom children in alternative families",
        "8E": "Privately fostered: United Kingdom children who make their own arrangements",
        "8F": "Privately fostered: other",
        "9A": "Unaccompanied asylum-seeking child",
        "10A": "Going missing",
        "11A": "Child sexual exploitation",
        "12A": "Trafficking",
        "13A": "Gangs",
        "14A": "Socially unacceptable behaviour",
        "15A": "Self-harm",
        "16A": "Neglect",
        "17A": "Emotional abuse",
        "18A": "Physical abuse, source unknown",
        "18B": "Physical abuse: child on child",
        "18C": "Physical abuse: adult on child",
        "19A": "Sexual abuse, source unknown",
        "19B": "Sexual abuse: child on child",
        "19C": "Sexual abuse: adult on child",
        "20": "Other",
        "21": "No factors identified",
        "22A": "Female genital mutilation",
        "23A": "Abuse linked to faith or belief",
        "24A": "Child criminal exploitation",
    },
    first_year={"18B": 2021, "18C": 2021, "19B": 2021, "19C": 2021, "24A": 2022},
    last_year={"18A": 2024, "19A": 2024},
)

PRE_PROCEEDINGS_FROM = 2027
"""The first census that asks for pre-proceedings: what an earlier one holds of them is not all."""
PRE_PROCEEDINGS_OUTCOME = CodeSet(
    "pre_proceedings_outcome", {"A": "A", "B": "B", "C": "C"}, first_year={"A": PRE_PROCEEDINGS_FROM}
)
"""Outcomes of pre-proceedings (first collected for 2026-27); the return's own labels are not yet published to us."""

CODE_SETS: dict[str, CodeSet] = {
    code_set.name: code_set
    for code_set in (
        SEX,
        GENDER_CURRENT,
        ETHNICITY,
        DISABILITY,
        REFERRAL_SOURCE,
        PRIMARY_NEED,
        CLOSURE_REASON,
        CATEGORY_OF_ABUSE,
        UPN_UNKNOWN,
        ASSESSMENT_FACTOR,
        PRE_PROCEEDINGS_OUTCOME,
        *LOOKED_AFTER_CODE_SETS,
        *WORKFORCE_CODE_SETS,
        *CONTEXT_CODE_SETS,
    )
}
"""Every code set by name, for specs that refer to one."""

TRUE_TEXTS = ("1", "true")
FALSE_TEXTS = ("0", "false")
"""How the returns write yes and no; letter case does not matter."""
