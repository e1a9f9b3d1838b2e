"""Made-up files of published figures in the shape in which they are downloaded.

Every number is made up. The columns are those that every such file begins with, in the order that the releases on
looked-after children have them, and then the file's own.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

ENGLAND = ("National", "", "", "", "")
NORTH_EAST = ("Regional", "E12000001", "North East", "", "")
INNER_LONDON = ("Regional", "E13000001", "Inner London", "", "")
GATESHEAD = ("Local authority", "E12000001", "North East", "390", "Gateshead")
BARNET = ("Local authority", "E12000007", "London", "302", "Barnet")
CUMBRIA = ("Local authority", "E12000002", "North West", "909", "Cumbria")
NORTHAMPTONSHIRES = ("Local authority", "E12000004", "East Midlands", "940 / 941", "North and West Northamptonshire")
NOWHERE = ("Local authority", "E12000001", "North East", "999", "Nowhere")

Area = tuple[str, str, str, str, str]
LEADING = ("time_period", "time_identifier", "geographic_level", "country_code", "country_name", "region_code",
           "region_name", "old_la_code", "la_name", "new_la_code")  # fmt: skip

REFERRALS = "c1_children_in_need_referrals_and_rereferrals_2024_to_2025.csv"
STABILITY = "la_cla_placement_stability.csv"
ACTIVITY = "la_care_leavers_activity.csv"
NEED = "b1_children_in_need_2013_to_2025.csv"
WORKFORCE = "csww_indicators_2017_to_2025.csv"

Row = tuple[str, Area, Mapping[str, str]]
"""Year, area and the file's own cells."""


def write_file(
    path: Path, rows: Sequence[Row], *, identifier: str = "Reporting year", capitals: bool = False, mark: bool = False
) -> Path:
    """A file with these rows; its own columns are those of the first row.

    `capitals` writes the header in capitals, `mark` a byte-order mark before it.
    """
    own = list(rows[0][2])
    header = [*LEADING, *own]
    with path.open("w", encoding="utf-8-sig" if mark else "utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([name.upper() for name in header] if capitals else header)
        for time_period, (level, region, region_name, la_code, la_name), cells in rows:
            place = ("E92000001", "England", region, region_name, la_code, la_name, "")
            writer.writerow([time_period, identifier, level, *place, *(cells[name] for name in own)])
    return path


def referrals(count: str, repeated: str, percent: str, nfa: str = "10", nfa_percent: str = "5") -> dict[str, str]:
    """The cells of a file of referrals."""
    return {
        "category": "Referrals and Re-referrals",
        "referral_count": count,
        "rereferral_count": repeated,
        "rereferral_percent": percent,
        "no_further_action_count": nfa,
        "no_further_action_percent": nfa_percent,
    }


def stability(item: str, count: str, percent: str, group: str = "CLA on 31 March") -> dict[str, str]:
    """The cells of a file of placement stability."""
    return {"cla_group": group, "placement_stability": item, "children_count": count, "children_percent": percent}


def leavers(age: str, item: str, count: str, percent: str) -> dict[str, str]:
    """The cells of a file of care leavers' activity."""
    return {"care_leaver_age": age, "breakdown": item, "care_leaver_count": count, "care_leaver_percent": percent}


def workers(**cells: str) -> dict[str, str]:
    """The cells of a file of workforce indicators."""
    usual = {
        "inpost_fte": "90", "inpost_headcount": "100", "leavers_fte": "9", "leavers_headcount": "10",
        "turnover_rate_fte": "10", "turnover_rate_headcount": "10", "agency_fte": "10", "agency_headcount": "11",
        "agency_rate_fte": "10", "agency_rate_headcount": "9.9", "vacancy_fte": "10", "vacancy_rate_fte": "10",
        "case_holders_fte": "50", "cases": "800", "caseload_fte": "16", "working_days_lost_fte": "700",
        "absence_rate_fte": "3.1",
    }  # fmt: skip
    return usual | cells
