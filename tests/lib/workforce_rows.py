"""Workforce censuses and their figures once more, with the standard library alone and from the words of the specs.

Shares no code with the package. A folder holds `<authority>/<year>/` with XML, or with `workers.csv` and
`authority.csv`. For sound censuses: nothing is repaired. Each figure is a pair, numerator and denominator.
"""

from __future__ import annotations

import csv
import datetime as dt
import xml.etree.ElementTree as ET
from collections import defaultdict
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

Row = dict[str, Any]
Figure = tuple[float, float]
NOT_KNOWN = ("", "REFU", "NOBT")


def day(text: str) -> dt.date | None:
    if not text:
        return None
    return dt.date(*reversed([int(part) for part in text.split("/")])) if "/" in text else dt.date.fromisoformat(text)


def number(text: str) -> float | None:
    return float(text) if text else None


class Census:
    """The rows of one authority and year, in the order returned, and what the authority says of itself."""

    def __init__(self, year: int, workers: Iterable[dict[str, str]], totals: dict[str, str]) -> None:
        self.begins, self.day = dt.date(year - 1, 10, 1), dt.date(year, 9, 30)
        told = ("NumberOfVacancies", "NoAgencyFTE", "NoAgencyHeadcount")
        self.totals = {name: number(totals.get(name, "")) for name in told}
        self.rows = [self._row(cells) for cells in workers]
        self.employed = [row for row in self.rows if not row["agency"]]
        self.in_post = [row for row in self.employed if row["in_post"]]
        self.agency = [row for row in self.rows if row["agency"] and row["in_post"]]

    def _row(self, cells: dict[str, str]) -> Row:
        told = defaultdict(str, cells)
        end = day(told["RoleEndDate"])
        sex = {"1": "M", "2": "F"}.get(told["GenderCurrent"], told["Sex"])
        return {
            "id": told["SWENo"],
            "person": (told["SWENo"], told["PersonBirthDate"], sex, told["Ethnicity"]),
            "agency": told["AgencyWorker"] == "1",
            "fte": number(told["FTE"]),
            "fte30": number(told["FTE30"]),
            "role": told["OrgRole"],
            "ethnicity": told["Ethnicity"],
            "start": day(told["RoleStartDate"]),
            "end": end,
            "in_post": end is None or end > self.day,
            "left": end is not None and self.begins <= end <= self.day,
            "cases": number(told["Cases30"]) or 0,
            "days": number(told["WorkingDaysLost"]),
            "pay": [number(told[name]) for name in ("BaseSalary", "RRPayments", "OtherPayments")],
        }

    def began_before(self, row: Row) -> bool:
        return row["start"] is None or row["start"] < self.begins


def censuses(folder: Path) -> dict[tuple[str, int], Census]:
    """Every census under a folder, by authority and year."""
    found: dict[tuple[str, int], Census] = {}
    for of in sorted(folder.glob("*/*")):
        year = int(of.name)
        if files := list(of.glob("*.xml")):
            root = ET.parse(files[0]).getroot()  # noqa: S314 (the file is our own)
            totals = next(child for child in root if child.tag.startswith("LALevel"))
            workers = [{item.tag: item.text or "" for item in child} for child in root.iter("CSWWWorker")]
            found[of.parent.name, year] = Census(year, workers, {item.tag: item.text or "" for item in totals})
        else:
            found[of.parent.name, year] = Census(year, lines(of / "workers.csv"), lines(of / "authority.csv")[0])
    return found


def lines(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as opened:
        return list(csv.DictReader(opened))


def once(rows: Iterable[Row], also: Callable[[Row], Any] = lambda _: None) -> list[Row]:
    """The most senior row of each person, the first returned of two in one role; without a role comes last."""
    best: dict[Any, Row] = {}
    for row in rows:
        key = (row["person"], also(row))
        if key not in best or (row["role"] or "9") < (best[key]["role"] or "9"):
            best[key] = row
    return list(best.values())


def counted(rows: list[Row], count_by: str, also: Callable[[Row], Any] = lambda _: None) -> list[tuple[Row, float]]:
    """Rows and what each counts for."""
    if count_by == "headcount":
        return [(row, 1.0) for row in once(rows, also)]
    return [(row, row["fte"]) for row in rows if row["fte"] is not None]


def turnover(of: Census, in_post_basis: str = "year_end", count_by: str = "full_time_equivalent") -> Figure:
    rows = [row for row in of.employed if row["in_post"] or (row["left"] and of.began_before(row))]
    numerator = denominator = 0.0
    for row, count in counted(rows, count_by, lambda row: None if row["in_post"] else row["end"]):
        numerator += 0 if row["in_post"] else count
        ends = [row["in_post"], of.began_before(row)] if in_post_basis == "average" else [row["in_post"]]
        denominator += count * sum(ends) / len(ends)
    return numerator, denominator


def agency_rate(of: Census, agency_basis: str = "workers", count_by: str = "full_time_equivalent") -> Figure:
    own = sum(count for _, count in counted(of.in_post, count_by))
    if agency_basis == "authority_total":
        total = of.totals["NoAgencyHeadcount" if count_by == "headcount" else "NoAgencyFTE"]
        return (0, 0) if total is None else (total, total + own)
    agency = len(of.agency) if count_by == "headcount" else sum(row["fte"] or 0 for row in of.agency)
    return agency, agency + own


def vacancy_rate(of: Census) -> Figure:
    vacant = of.totals["NumberOfVacancies"]
    return (0, 0) if vacant is None else (vacant, vacant + sum(row["fte"] or 0 for row in of.in_post))


def caseload(
    of: Census,
    roles: str = "any",
    full_time_equivalent_item: str = "on_census_day",
    count_by: str = "full_time_equivalent",
) -> Figure:
    item = {"on_census_day": "fte30", "contracted": "fte"}[full_time_equivalent_item]
    rows = [row for row in of.in_post + of.agency if row["cases"] and (roles == "any" or row["role"] == "5")]
    if count_by == "headcount":
        people = len(once(row for row in rows if not row["agency"])) + sum(row["agency"] for row in rows)
        return sum(row["cases"] for row in rows), people
    rows = [row for row in rows if row[item]]
    return sum(row["cases"] for row in rows), sum(row[item] for row in rows)


def sickness_absence(
    of: Census, days_lost_of: str = "in_post", unrecorded_absence: str = "none_lost", working_days: int = 253
) -> Figure:
    # 29 February lies in the year to 30 September of a year that has one.
    working_days += of.day.year % 4 == 0
    rows = [
        row
        for row in of.employed
        if (row["in_post"] or (row["left"] and days_lost_of == "in_post_and_leavers"))
        and (row["days"] is not None or unrecorded_absence == "none_lost")
        and row["fte"] is not None
    ]
    return sum(row["days"] or 0 for row in rows), sum(row["fte"] * working_days for row in rows if row["in_post"])


def retention(then: Census | None, now: Census) -> Figure:
    if then is None:
        return 0, 0
    still = {row["id"] for row in now.in_post}
    people = once(then.in_post)
    return sum(row["id"] in still for row in people), len(people)


def tenure(of: Census, band_years: int = 2, count_by: str = "full_time_equivalent") -> Figure:
    starts: dict[Any, list[dt.date]] = defaultdict(list)
    for row in of.in_post:
        starts[row["person"]] += [row["start"]] if row["start"] else []
    counts = counted([row for row in of.in_post if starts[row["person"]]], count_by)
    long = [count for row, count in counts if completed_years(min(starts[row["person"]]), of.day) >= band_years]
    return sum(long), sum(count for _, count in counts)


def completed_years(start: dt.date, on: dt.date) -> int:
    return on.year - start.year - ((on.month, on.day) < (start.month, start.day))


def ethnicity(
    of: Census,
    majority_codes: Iterable[str] = ("WBRI", "WIRI", "WIRT", "WROM", "WOTH"),
) -> Figure:
    people = once(row for row in of.in_post if row["ethnicity"] not in NOT_KNOWN)
    return sum(row["ethnicity"] not in set(majority_codes) for row in people), len(people)


def assignment_length(of: Census) -> Figure:
    known = [row["start"] for row in of.agency if row["start"]]
    return sum((of.day - start).days for start in known), len(known)


def pay_ratio(of: Census, pay: str = "base", pay_of: str = "full_time_equivalent") -> Figure:
    def paid(row: Row) -> float:
        """The pay of a row; nothing when it is not known."""
        base, *others = row["pay"]
        together = (base or 0) + (sum(part or 0 for part in others) if pay == "total" else 0)
        share = row["fte"] or 0 if pay_of == "full_time_equivalent" else 1
        return together / share if base is not None and share else 0

    own: dict[str, list[float]] = defaultdict(list)
    for row in of.in_post:
        if row["role"] and paid(row):
            own[row["role"]].append(paid(row))
    ratios = [paid(row) * len(own[row["role"]]) / sum(own[row["role"]]) for row in of.agency if own.get(row["role"])]
    ratios = [ratio for ratio in ratios if ratio]
    return sum(ratios), len(ratios)


OF_ONE_CENSUS: dict[str, Callable[..., Figure]] = {
    "social_worker_turnover": turnover,
    "agency_rate": agency_rate,
    "vacancy_rate": vacancy_rate,
    "caseload": caseload,
    "sickness_absence": sickness_absence,
    "social_worker_tenure": tenure,
    "workforce_ethnicity": ethnicity,
    "agency_assignment_length": assignment_length,
    "agency_pay_ratio": pay_ratio,
}


def figure(held: dict[tuple[str, int], Census], indicator: str, la_code: str, year: int, **set_to: Any) -> Figure:
    """The numerator and denominator of an indicator with the parameters of a reading."""
    if indicator == "social_worker_retention":
        then = held.get((la_code, year - set_to.pop("after_years", 2)))
        return retention(then, held[la_code, year], **set_to)
    return OF_ONE_CENSUS[indicator](held[la_code, year], **set_to)
