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
        "death_date": day(child, ".//PersonDeathDate"),
        "sex": text(child, ".//Sex") or SEX_OF_GENDER.get(text(child, ".//GenderCurrent") or "", "U"),
        "ethnicity": text(child, ".//Ethnicity"),
        "disabled": any(code != "NONE" for code in disabilities) if disabilities else None,
    }


def flag(element: ET.Element, path: str) -> bool | None:
    return TRUE_FALSE.get((text(element, path) or "").lower())


def number(element: ET.Element, path: str) -> int | None:
    written = text(element, path)
    return int(written) if written else None


def episode_facts(details: ET.Element) -> Row:
    return {
        "referral_source": text(details, "ReferralSource"),
        "primary_need": text(details, "PrimaryNeedCode"),
        "closure_date": day(details, "CINclosureDate"),
        "closure_reason": text(details, "ReasonForClosure"),
        "initial_conference_date": day(details, "DateOfInitialCPC"),
        "no_further_action": flag(details, "ReferralNFA"),
    }


def assessment_facts(element: ET.Element) -> Row:
    return {
        "authorisation_date": day(element, "AssessmentAuthorisationDate"),
        "parts": {code for found in element.iterfind(".//AssessmentFactors") if (code := (found.text or "").strip())},
    }


def enquiry_facts(element: ET.Element) -> Row:
    return {
        "initial_conference_date": day(element, "DateOfInitialCPC"),
        "conference_not_required": flag(element, "ICPCnotRequired"),
    }


def protection_plan_facts(element: ET.Element) -> Row:
    return {
        "end_date": day(element, "CPPendDate"),
        "initial_category_of_abuse": text(element, "InitialCategoryOfAbuse"),
        "latest_category_of_abuse": text(element, "LatestCategoryOfAbuse"),
        "number_of_previous_plans": number(element, "NumberOfPreviousCPP"),
        "parts": {dt.date.fromisoformat((held.text or "").strip()) for held in element.iterfind(".//CPPreviewDate")},
    }


def need_plan_facts(element: ET.Element) -> Row:
    return {"end_date": day(element, "CINPlanEndDate")}


EVENTS = {
    "assessments": ("Assessments", "AssessmentActualStartDate", "assessment_key", assessment_facts),
    "section_47_enquiries": ("Section47", "S47ActualStartDate", "enquiry_key", enquiry_facts),
    "child_protection_plans": ("ChildProtectionPlans", "CPPstartDate", "plan_key", protection_plan_facts),
    "child_in_need_plans": ("CINPlanDates", "CINPlanStartDate", "child_in_need_plan_key", need_plan_facts),
}
"""The events below an episode: their element, the element of their start, their key, and what else they say."""

PARTS = {"assessment_factors": ("assessments", "factor"), "reviews": ("child_protection_plans", "review_date")}
Identity = tuple[Any, ...]


def census_rows(folder: Path) -> tuple[Row, ...]:
    """The episodes of every return under a folder, in order of authority, child, day and number on the day."""
    return census_tables(folder)["episodes"]


@cache
def census_tables(folder: Path) -> dict[str, tuple[Row, ...]]:
    """Every table of the returns under a folder.

    Episodes are in order of authority, child, day and number on the day; events in order of their episode, day and
    number on the day. An event carries the facts of its episode and its child, and until when it is known.
    """
    roots = returns(folder)
    spans = spans_observed(roots)
    children: dict[Identity, Row] = {}
    episodes: dict[Identity, Row] = {}
    events: dict[str, dict[Identity, Row]] = {table: {} for table in EVENTS}
    for root in roots:
        la_code, known_to = text(root, ".//LEA") or "", dt.date.fromisoformat(root.findtext(".//ReferenceDate") or "")
        for child in root.iterfind(".//Child"):
            child_id = text(child, ".//LAchildID") or ""
            facts = child_facts(child)
            # What a later return leaves out is not taken back.
            facts["death_date"] = facts["death_date"] or children.get((la_code, child_id), facts)["death_date"]
            children[la_code, child_id] = facts
            on_day: Counter[dt.date] = Counter()
            for details in child.iterfind("CINdetails"):
                referred = day(details, "CINreferralDate")
                assert referred is not None
                on_day[referred] += 1
                episode = (la_code, child_id, referred, on_day[referred])
                said = episode_facts(details)
                # A return says only what was done in its year: a conference of an earlier one stays.
                held = "initial_conference_date"
                said[held] = said[held] or episodes.get(episode, said)[held]
                episodes[episode] = {**said, "known_to": known_to}
                for table, (element, start, _, facts_of) in EVENTS.items():
                    begun: Counter[dt.date] = Counter()
                    for found in details.iterfind(element):
                        starts = day(found, start)
                        assert starts is not None
                        begun[starts] += 1
                        identity = (episode, starts, begun[starts])
                        row = {**facts_of(found), "known_to": known_to}
                        if "parts" in row:
                            row["parts"] |= events[table].get(identity, row)["parts"]
                        events[table][identity] = row
    return as_tables(children, episodes, events, spans)


def span_of(spans: list[tuple[dt.date, dt.date]], on: dt.date) -> Row:
    held = next((span for span in spans if span[0] <= on <= span[1]), (None, None))
    return {"observed_from": held[0], "observed_to": held[1]}


def as_tables(
    children: dict[Identity, Row],
    episodes: dict[Identity, Row],
    events: dict[str, dict[Identity, Row]],
    spans: dict[str, list[tuple[dt.date, dt.date]]],
) -> dict[str, tuple[Row, ...]]:
    """The tables: keys count the rows of each in order."""
    whose = [{"la_code": la_code, "child_id": child_id} for la_code, child_id in children]
    tables: dict[str, tuple[Row, ...]] = {
        "children": tuple(who | facts for who, facts in zip(whose, children.values(), strict=True))
    }
    numbered: dict[Identity, Row] = {}
    for key, (identity, facts) in enumerate(sorted(episodes.items(), key=lambda item: item[0])):
        la_code, child_id, referred, _ = identity
        numbered[identity] = {
            "la_code": la_code,
            "child_id": child_id,
            "child_key": (la_code, child_id),
            "episode_key": key,
            "referral_date": referred,
            **facts,
            **children[la_code, child_id],
        }
    tables["episodes"] = tuple(row | span_of(spans[row["la_code"]], row["referral_date"]) for row in numbered.values())
    for table, (_, _, key_name, _) in EVENTS.items():
        around = ("la_code", "child_id", "episode_key", "referral_date", "referral_source", "primary_need",
                  "birth_date", "sex", "ethnicity", "disabled")  # fmt: skip
        tables[table] = tuple(
            {
                **{name: numbered[episode][name] for name in around},
                key_name: key,
                "start_date": starts,
                **facts,
                **span_of(spans[episode[0]], facts["known_to"]),
            }
            for key, ((episode, starts, _), facts) in enumerate(sorted(events[table].items(), key=lambda item: item[0]))
        )
    for table, (parent, column) in PARTS.items():
        tables[table] = tuple({**row, column: part} for row in tables[parent] for part in sorted(row["parts"], key=str))
    return tables
