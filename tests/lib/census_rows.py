"""The episodes of CIN census files, read once more with the standard library alone and from the words of the docs.

Shares no code with the package. A file is one return of one authority. An episode is one real referral of a child,
known by the authority, the child, the day, and its number among the child's referrals of that day in the return; of
several returns of one episode the later one's word stands, and likewise of a child. What comes out are dicts with the
columns that `tests/lib/oracle_referrals.py` reads.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

Row = dict[str, Any]
TRUE_FALSE = {"1": True, "true": True, "0": False, "false": False}
SEX_OF_GENDER = {"1": "M", "2": "F"}


def text(element: ET.Element, path: str) -> str | None:
    found = element.findtext(path)
    return found.strip() or None if found is not None else None


def day(element: ET.Element, path: str) -> dt.date | None:
    written = text(element, path)
    return dt.date.fromisoformat(written) if written else None


def returns(folder: Path) -> list[ET.Element]:
    """The returns of a folder, the earliest first."""
    roots = [ET.parse(file).getroot() for file in sorted(folder.rglob("*.xml"))]  # noqa: S314 (our own fixtures)
    return sorted(roots, key=lambda root: (root.findtext(".//ReferenceDate"), root.findtext(".//DateTime")))


def spans_observed(roots: list[ET.Element]) -> dict[str, list[tuple[dt.date, dt.date]]]:
    """For each authority the unbroken spans of its census years, each from 1 April to the reference date."""
    spans: dict[str, list[tuple[dt.date, dt.date]]] = {}
    for root in roots:
        la_code, ends = text(root, ".//LEA") or "", dt.date.fromisoformat(root.findtext(".//ReferenceDate") or "")
        begins = dt.date(ends.year if ends.month >= 4 else ends.year - 1, 4, 1)
        of_authority = spans.setdefault(la_code, [])
        if of_authority and begins <= of_authority[-1][1] + dt.timedelta(days=1):
            of_authority[-1] = (of_authority[-1][0], max(ends, of_authority[-1][1]))
        else:
            of_authority.append((begins, ends))
    return spans


def child_facts(child: ET.Element) -> Row:
    """What a return says of a child itself."""
    disabilities = [found.text for found in child.iterfind(".//Disability")]
    return {
        "birth_date": day(child, ".//PersonBirthDate") or day(child, ".//ExpectedPersonBirthDate"),
        "sex": text(child, ".//Sex") or SEX_OF_GENDER.get(text(child, ".//GenderCurrent") or "", "U"),
        "ethnicity": text(child, ".//Ethnicity"),
        "disabled": any(code != "NONE" for code in disabilities) if disabilities else None,
    }


@cache
def census_rows(folder: Path) -> tuple[Row, ...]:
    """The episodes of every return under a folder, in order of authority, child, day and number on the day."""
    roots = returns(folder)
    spans = spans_observed(roots)
    children: dict[tuple[str, str], Row] = {}
    episodes: dict[tuple[str, str, dt.date, int], Row] = {}
    for root in roots:
        la_code = text(root, ".//LEA") or ""
        for child in root.iterfind(".//Child"):
            child_id = text(child, ".//LAchildID") or ""
            children[la_code, child_id] = child_facts(child)
            on_day: Counter[dt.date] = Counter()
            for details in child.iterfind("CINdetails"):
                referred = day(details, "CINreferralDate")
                assert referred is not None
                on_day[referred] += 1
                episodes[la_code, child_id, referred, on_day[referred]] = {
                    "referral_source": text(details, "ReferralSource"),
                    "primary_need": text(details, "PrimaryNeedCode"),
                    "closure_date": day(details, "CINclosureDate"),
                    "no_further_action": TRUE_FALSE.get((text(details, "ReferralNFA") or "").lower()),
                }
    rows: list[Row] = []
    for number, ((la_code, child_id, referred, _), facts) in enumerate(
        sorted(episodes.items(), key=lambda item: item[0])
    ):
        observed = next((span for span in spans[la_code] if span[0] <= referred <= span[1]), (None, None))
        rows.append(
            {
                "la_code": la_code,
                "child_id": child_id,
                "child_key": (la_code, child_id),
                "episode_key": number,
                "referral_date": referred,
                "observed_from": observed[0],
                "observed_to": observed[1],
                **facts,
                **children[la_code, child_id],
            }
        )
    return tuple(rows)
