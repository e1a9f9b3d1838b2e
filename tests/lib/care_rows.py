"""Returns on looked-after children, read once more with the standard library alone and from the words of the docs.

Shares no code with the package. A folder is one return of one authority, in CSV files with dates as DD/MM/YYYY. An
episode is one real stretch of care, known by the authority, the child, the day it began and its number among the
child's of that day in the return; of several returns of one episode the later one's word stands, and likewise of a
child. What comes out are dicts with the columns that `tests/lib/oracles` read. For sound returns: nothing is repaired.
"""

from __future__ import annotations

import csv
import datetime as dt
from collections import Counter
from pathlib import Path
from typing import Any

Row = dict[str, Any]
SEX = {"1": "M", "2": "F", "M": "M", "F": "F"}
TRUE_FALSE = {"1": True, "0": False}


def day(text: str) -> dt.date | None:
    return dt.datetime.strptime(text, "%d/%m/%Y").date() if text else None  # noqa: DTZ007 (a day has no zone)


def number(text: str) -> float | None:
    return float(text) if text else None


def whole(text: str) -> int | None:
    return int(text) if text else None


def code(text: str) -> str | None:
    return text or None


def flag(text: str) -> bool | None:
    return TRUE_FALSE.get(text)


FILES: dict[str, tuple[str, tuple[str, ...], dict[str, tuple[str, Any]]]] = {
    "episodes": (
        "episodes.csv",
        ("child_id", "start_date"),
        {
            "start_date": ("DECOM", day),
            "end_date": ("DEC", day),
            "reason_for_new_episode": ("RNE", code),
            "legal_status": ("LS", code),
            "primary_need": ("CIN", code),
            "placement": ("PLACE", code),
            "reason_ceased": ("REC", code),
            "home_postcode": ("HOME_POST", lambda text: text.replace(" ", "") or None),
            "placement_postcode": ("PL_POST", lambda text: text.replace(" ", "") or None),
            "placement_location": ("PL_LOCATION", code),
            "placement_distance": ("PL_DISTANCE", number),
        },
    ),
    "outcomes": (
        "oc2.csv",
        ("child_id", "known_to"),
        {
            "sdq_score": ("SDQ_SCORE", whole),
            "convicted": ("CONVICTED", flag),
            "immunisations": ("IMMUNISATIONS", flag),
            "teeth_check": ("TEETH_CHECK", flag),
            "health_assessment": ("HEALTH_ASSESSMENT", flag),
            "substance_misuse": ("SUBSTANCE_MISUSE", flag),
        },
    ),
    "care_leavers": (
        "oc3.csv",
        ("child_id", "known_to"),
        {
            "birth_date": ("DOB", day),
            "in_touch": ("IN_TOUCH", code),
            "activity": ("ACTIV", code),
            "accommodation": ("ACCOM", code),
        },
    ),
    "missing": (
        "missing.csv",
        ("child_id", "start_date"),
        {"missing_kind": ("MISSING", code), "start_date": ("MIS_START", day), "end_date": ("MIS_END", day)},
    ),
    "adoption": (
        "ad1.csv",
        ("child_id", "known_to"),
        {"decision_date": ("DATE_INT", day), "match_date": ("DATE_MATCH", day)},
    ),
    "social_workers": (
        "sw_episodes.csv",
        ("child_id", "start_date", "social_worker_id"),
        {"social_worker_id": ("SW_ID", code), "start_date": ("SW_DECOM", day), "end_date": ("SW_DEC", day)},
    ),
}
KEYS = {
    "episodes": "episode_key",
    "outcomes": "outcome_key",
    "care_leavers": "care_leaver_key",
    "missing": "missing_key",
    "adoption": "adoption_key",
    "social_workers": "social_worker_key",
}


def lines(file: Path) -> list[dict[str, str]]:
    """The rows of a file; none when the return has no such file."""
    if not file.is_file():
        return []
    with file.open(encoding="utf-8", newline="") as opened:
        return list(csv.DictReader(opened))


def returns(folder: Path) -> list[tuple[str, dt.date, Path]]:
    """Authority, 31 March and folder of every return, the earliest first."""
    found = [(of.parent.name, dt.date(int(of.name), 3, 31), of) for of in folder.glob("*/*") if of.is_dir()]
    return sorted(found, key=lambda one: (one[1], one[0]))


def first_day_of_returns(la_code: str, year: int, years: set[tuple[str, int]]) -> dt.date:
    """The first day of the returns that lead up to a year's without a gap."""
    while (la_code, year - 1) in years:
        year -= 1
    return dt.date(year - 1, 4, 1)


def care_tables(folder: Path) -> dict[str, list[Row]]:
    """The tables of a folder of returns, `<authority>/<year>/*.csv`, by the names that specs give them."""
    years = {(la_code, returned_on.year) for la_code, returned_on, _ in returns(folder)}
    children: dict[tuple[str, str], Row] = {}
    events: dict[str, dict[tuple[Any, ...], Row]] = {name: {} for name in FILES}
    for la_code, returned_on, files in returns(folder):
        for line in lines(files / "header.csv"):
            child = children.setdefault((la_code, line["CHILD"]), {})
            child |= {"sex": SEX.get(line["SEX"], "U"), "birth_date": day(line["DOB"]), "ethnicity": line["ETHNIC"]}
        for line in lines(files / "uasc.csv"):
            child = children.setdefault((la_code, line["CHILD"]), {})
            child |= {"unaccompanied": True, "unaccompanied_until": day(line["DUC"])}
        for name, (file, identity, columns) in FILES.items():
            seen: Counter[tuple[Any, ...]] = Counter()
            for line in lines(files / file):
                row = {"la_code": la_code, "child_id": line["CHILD"], "known_to": returned_on}
                row["observed_from"] = first_day_of_returns(la_code, returned_on.year, years)
                row |= {column: read(line.get(header) or "") for column, (header, read) in columns.items()}
                which = (la_code, *(row[column] for column in identity))
                seen[which] += 1
                events[name][(*which, seen[which])] = row
    nobody = {"sex": "U", "birth_date": None, "ethnicity": None, "unaccompanied": False, "unaccompanied_until": None}
    tables = {
        f"ssda903.{name}": [
            row | nobody | children.get((row["la_code"], row["child_id"]), {}) | {KEYS[name]: key}
            for key, (_, row) in enumerate(sorted(rows.items(), key=lambda event: [str(part) for part in event[0]]))
        ]
        for name, rows in events.items()
    }
    tables["postcodes"] = [
        {
            "postcode": line["postcode"].replace(" ", ""),
            "easting": int(line["easting"]),
            "northing": int(line["northing"]),
        }
        for line in lines(folder / "postcodes.csv")
    ]
    return tables
