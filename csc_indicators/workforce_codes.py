"""The code sets of the children's social work workforce census, with the census years in which a code is valid.

A census year is the year of its 30 September. A code outside its years is kept and reported; one that no year has
becomes a missing value and is reported.

Source: the workforce census schemas of 2021 to 2025 (Department for Education).
"""

from __future__ import annotations

from csc_indicators.code_set import CodeSet

WORKER_SEX = CodeSet(
    "worker_sex",
    {"M": "Male", "F": "Female", "1": "Male", "2": "Female", "0": "Not known", "9": "Not specified"},
    first_year={"M": 2024, "F": 2024},
    last_year={"1": 2023, "2": 2023, "0": 2023, "9": 2023},
)
"""`Sex` from the census of 2024, and the `GenderCurrent` that it took the place of."""
SEX_OF_WORKER = {"M": "M", "F": "F", "1": "M", "2": "F", "0": "U", "9": "U"}

ROLE = CodeSet(
    "role",
    {
        "1": "Senior manager",
        "2": "Middle manager",
        "3": "First-line manager",
        "4": "Senior practitioner",
        "5": "Case holder",
        "6": "Qualified without cases",
    },
)
"""The role of a worker in the authority."""
CASE_HOLDER = "5"

QUALIFICATION_LEVEL = CodeSet("qualification_level", {"1": "Undergraduate", "2": "Postgraduate", "3": "Other"})

WORKER_ORIGIN = CodeSet(
    "worker_origin",
    {
        "1": "Newly qualified social worker",
        "2": "Social worker in another English authority",
        "3": "Social worker outside England",
        "4": "Agency social worker",
        "5": "Other social work outside an authority",
        "6": "Another role in social care",
        "7": "Work outside social care, or none",
        "8": "Other",
        "9": "Not known",
        "10": "Not yet collected",
    },
)
"""Where a starter came from."""

WORKER_DESTINATION = CodeSet(
    "worker_destination",
    {
        "1": "Social worker in another English authority",
        "2": "Social worker outside England",
        "3": "Agency social worker",
        "4": "Other social work outside an authority",
        "5": "Another role in social care",
        "6": "Work outside social care, or none",
        "7": "Other",
        "8": "Not known",
        "9": "Not yet collected",
    },
)
"""Where a leaver went. The numbers are not those of `WORKER_ORIGIN`: there is no newly qualified worker among them."""

LEAVING_REASON = CodeSet(
    "leaving_reason",
    {
        "1": "Resigned",
        "2": "Voluntary redundancy",
        "3": "Compulsory redundancy",
        "4": "Dismissed",
        "5": "Retired",
        "6": "Died",
        "7": "Moved within the authority",
        "8": "Other",
        "9": "Not known",
        "10": "Not yet collected",
    },
)

ABSENCE_REASON = CodeSet(
    "absence_reason",
    {
        "MAT": "Maternity, paternity or adoption leave",
        "OTH": "Other paid leave",
        "PUB": "Public duties",
        "SIC": "Sickness",
        "TRN": "Training",
        "UNA": "Unauthorised",
        "UNP": "Unpaid leave",
    },
)

EARLY_CAREER_STATUS = CodeSet(
    "early_career_status",
    {
        "1": "Assessed and supported year in employment",
        "2": "Frontline practitioner",
        "3": "Practice supervisor",
        "4": "Practice leader",
    },
    last_year={"1": 2024, "2": 2024, "3": 2024, "4": 2024},
)
"""The status by the knowledge and skills statements, which the census asked for up to 2024."""

PAY_EXTENT = CodeSet(
    "pay_extent",
    {"0": "Nobody", "1": "All social workers", "2": "Some social workers"},
    first_year={"0": 2025, "1": 2025, "2": 2025},
)
"""To whom an authority pays an allowance, which the census asks for from 2025."""

WORKFORCE_CODE_SETS = (
    WORKER_SEX,
    ROLE,
    QUALIFICATION_LEVEL,
    WORKER_ORIGIN,
    WORKER_DESTINATION,
    LEAVING_REASON,
    ABSENCE_REASON,
    EARLY_CAREER_STATUS,
    PAY_EXTENT,
)
