"""The synthetic fixtures: reproducible, small, consistent between censuses, and true to the counts they claim."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
AUTHORITIES = ("390", "391", "840")
YEARS = (2023, 2024, 2025)
RETURNS = [(la_code, year) for la_code in AUTHORITIES for year in YEARS]
CANARY = "CANARY7Q"
TRUE_FLAGS = {"1", "true"}


def words(text: str) -> set[str]:
    return set(text.split())


CODES = {
    "ReferralSource": words("1A 1B 1C 1D 2A 2B 3A 3B 3C 3D 3E 3F 4 5A 5B 5C 5D 6 7 8 9 10"),
    "PrimaryNeedCode": {f"N{number}" for number in range(10)},
    "ReasonForClosure": {f"RC{number}" for number in range(1, 10)},
    "Ethnicity": words(
        "WBRI WIRI WIRT WOTH WROM MWBC MWBA MWAS MOTH AIND APKN ABAN AOTH CHNE BCRB BAFR BOTH OOTH REFU NOBT"
    ),
    "Disability": words("NONE MOB HAND PC INC COMM LD HEAR VIS BEH CON AUT DDA"),
    "InitialCategoryOfAbuse": {"NEG", "PHY", "SAB", "EMO", "MUL"},
    "LatestCategoryOfAbuse": {"NEG", "PHY", "SAB", "EMO", "MUL"},
    "AssessmentFactors": words(
        "1A 1B 1C 2A 2B 2C 3A 3B 3C 4A 4B 4C 5A 5B 5C 6A 6B 6C 7A 8B 8C 8D 8E 8F 9A 10A 11A 12A 13A 14A 15A 16A 17A "
        "18B 18C 19B 19C 20 21 22A 23A 24A"
    ),
    "UPNunknown": {f"UN{number}" for number in range(1, 8)},
    "ReferralNFA": {"0", "1", "false", "true"},
    "ICPCnotRequired": {"0", "1", "false", "true"},
}
DATES_AHEAD = {"ExpectedPersonBirthDate", "InitialCPCtarget"}


@dataclass(frozen=True)
class HeldReferral:
    """A referral as some return holds it; `position` tells two referrals of one day apart."""

    child_id: str
    day: date
    position: int


def parsed(path: Path) -> Element:
    return ET.parse(path).getroot()  # noqa: S314 - the file is our own


@cache
def region_return(la_code: str, year: int) -> Element:
    return parsed(FIXTURES / "region" / la_code / str(year) / "cin_census.xml")


def day(text: str | None) -> date:
    assert text is not None
    return date.fromisoformat(text)


def written_files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def run_script(name: str, out: Path) -> None:
    subprocess.run([sys.executable, "-B", str(FIXTURES / name), "--out", str(out)], check=True)


def held_referrals(la_code: str, year: int) -> dict[HeldReferral, Element]:
    found: dict[HeldReferral, Element] = {}
    for child in region_return(la_code, year).iter("Child"):
        child_id = child.findtext("ChildIdentifiers/LAchildID") or ""
        seen: Counter[date] = Counter()
        for episode in child.findall("CINdetails"):
            referred = day(episode.findtext("CINreferralDate"))
            found[HeldReferral(child_id, referred, seen[referred])] = episode
            seen[referred] += 1
    return found


def test_region_is_what_its_script_writes(tmp_path: Path) -> None:
    run_script("make_region.py", tmp_path)

    assert written_files(tmp_path / "region") == written_files(FIXTURES / "region")
    assert len(written_files(FIXTURES / "region")) == 9
    for name in ("region_truth.json", "README.md"):
        assert (tmp_path / name).read_bytes() == (FIXTURES / name).read_bytes()


def test_faulty_returns_are_what_their_script_writes(tmp_path: Path) -> None:
    run_script("make_faulty.py", tmp_path)

    for folder, returns in (("rows", 25), ("partly", 3)):
        assert written_files(tmp_path / "faulty" / folder) == written_files(FIXTURES / "faulty" / folder)
        assert len(written_files(FIXTURES / "faulty" / folder)) == returns


def test_workforce_censuses_are_what_their_script_writes(tmp_path: Path) -> None:
    run_script("make_workforce.py", tmp_path)

    assert written_files(tmp_path / "workforce") == written_files(FIXTURES / "workforce")
    assert len(written_files(FIXTURES / "workforce")) == 12


def test_supplied_tables_are_what_their_script_writes(tmp_path: Path) -> None:
    run_script("make_context.py", tmp_path)

    assert written_files(tmp_path / "context") == written_files(FIXTURES / "context")
    assert len(written_files(FIXTURES / "context")) == 15


def test_published_figures_are_what_their_script_writes(tmp_path: Path) -> None:
    run_script("make_published.py", tmp_path)

    assert written_files(tmp_path) == written_files(FIXTURES / "published")
    assert len(written_files(FIXTURES / "published")) == 1


def test_fixtures_stay_small() -> None:
    def size_of(folder: Path) -> int:
        return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())

    assert size_of(FIXTURES / "region") < 5_000_000
    assert size_of(FIXTURES) < 10_000_000


@pytest.mark.parametrize(("la_code", "year"), RETURNS)
def test_header_says_what_the_folder_says(la_code: str, year: int) -> None:
    message = region_return(la_code, year)

    assert message.findtext("Header/CollectionDetails/Collection") == "CIN"
    assert message.findtext("Header/CollectionDetails/Year") == str(year)
    assert message.findtext("Header/CollectionDetails/ReferenceDate") == f"{year}-03-31"
    assert message.findtext("Header/Source/LEA") == la_code


@pytest.mark.parametrize(("la_code", "year"), RETURNS)
def test_codes_are_valid_for_the_year(la_code: str, year: int) -> None:
    message = region_return(la_code, year)

    for element, codes in CODES.items():
        assert {found.text for found in message.iter(element)} <= codes, element
    now, before = ("Sex", "GenderCurrent") if year >= 2025 else ("GenderCurrent", "Sex")
    assert {found.text for found in message.iter(now)} == ({"M", "F", "U"} if year >= 2025 else {"1", "2", "0"})
    assert not list(message.iter(before))
    assert {found.text for found in message.iter("ReferralSource")} >= CODES["ReferralSource"] - {"3C", "10", "1B"}


@pytest.mark.parametrize(("la_code", "year"), RETURNS)
def test_children_are_identified_once_by_a_synthetic_id(la_code: str, year: int) -> None:
    children = list(region_return(la_code, year).iter("ChildIdentifiers"))
    ids = [child.findtext("LAchildID") or "" for child in children]

    assert len(set(ids)) == len(ids) > 300
    assert all(re.fullmatch(rf"SYN{la_code}[A-Z0-9]{{1,14}}", child_id) for child_id in ids)
    assert all(re.fullmatch(r"S000\d{9}", child.findtext("UPN", "S000000000000")) for child in children)
    for child in children:
        assert (child.find("PersonBirthDate") is None) != (child.find("ExpectedPersonBirthDate") is None)


@pytest.mark.parametrize(("la_code", "year"), RETURNS)
def test_nothing_is_dated_after_the_census(la_code: str, year: int) -> None:
    for element in region_return(la_code, year).iterfind("Children//*"):
        if element.text and re.fullmatch(r"\d{4}-\d{2}-\d{2}", element.text) and element.tag not in DATES_AHEAD:
            assert day(element.text) <= date(year, 3, 31), element.tag


@pytest.mark.parametrize(("la_code", "year"), RETURNS)
def test_each_episode_was_open_in_the_year_and_is_sound(la_code: str, year: int) -> None:
    for episode in held_referrals(la_code, year).values():
        referred, closed = day(episode.findtext("CINreferralDate")), episode.findtext("CINclosureDate")
        assert (closed is None) == (episode.find("ReasonForClosure") is None)
        if closed is not None:
            assert referred <= day(closed)
            assert day(closed) >= date(year - 1, 4, 1)
        activity = Counter(element.tag for element in episode if len(element))
        if episode.findtext("ReferralNFA") in TRUE_FLAGS:
            assert not activity
            assert referred >= date(year - 1, 4, 1)
        else:
            assert episode.findtext("PrimaryNeedCode") is not None
        if episode.findtext("ReasonForClosure") in {"RC8", "RC9"}:
            # The assessment may have been completed, and returned, in the year before the closure.
            assert activity in ({"Assessments": 1}, {})


@pytest.mark.parametrize(("la_code", "year"), RETURNS)
def test_a_childs_cases_do_not_overlap(la_code: str, year: int) -> None:
    spans: defaultdict[str, list[tuple[date, date]]] = defaultdict(list)
    for referral, episode in held_referrals(la_code, year).items():
        if episode.findtext("ReferralNFA") not in TRUE_FLAGS:
            closed = episode.findtext("CINclosureDate")
            spans[referral.child_id].append((referral.day, day(closed) if closed else date.max))

    for found in spans.values():
        ordered = sorted(found)
        assert all(earlier[1] < later[0] for earlier, later in pairwise(ordered))


@pytest.mark.parametrize("la_code", AUTHORITIES)
def test_conferences_fall_on_working_days_and_start_the_plans(la_code: str) -> None:
    conferences: set[tuple[str, date]] = set()
    plans: set[tuple[str, date]] = set()
    for year in YEARS:
        for child in region_return(la_code, year).iter("Child"):
            child_id = child.findtext("ChildIdentifiers/LAchildID") or ""
            conferences |= {(child_id, day(found.text)) for found in child.iter("DateOfInitialCPC")}
            plans |= {(child_id, day(found.text)) for found in child.iter("CPPstartDate")}
    held_since = date(2022, 4, 1)

    assert all(held.weekday() < 5 for _, held in conferences)
    assert {plan for plan in plans if plan[1] >= held_since} < conferences
    assert not {date(2022, 9, 19), date(2023, 12, 25), date(2024, 4, 1)} & {held for _, held in conferences}


@pytest.mark.parametrize("la_code", AUTHORITIES)
def test_later_returns_only_add_to_what_earlier_ones_say(la_code: str) -> None:
    fixed = ("ReferralSource", "PrimaryNeedCode", "ReferralNFA")
    for year in YEARS[:-1]:
        before, after = held_referrals(la_code, year), held_referrals(la_code, year + 1)
        for referral, episode in before.items():
            no_further_action = episode.findtext("ReferralNFA") in TRUE_FLAGS
            still_open = episode.find("CINclosureDate") is None and not no_further_action
            assert (referral in after) == still_open
            if still_open:
                assert [episode.findtext(name) for name in fixed] == [after[referral].findtext(name) for name in fixed]
        new = set(after) - set(before)
        assert all(referral.day >= date(year, 4, 1) for referral in new)


@pytest.mark.parametrize("la_code", AUTHORITIES)
def test_a_child_expected_in_one_return_is_born_in_the_next_under_the_same_id(la_code: str) -> None:
    path = f".//ChildIdentifiers[LAchildID='SYN{la_code}UNBORN']"
    before, after = (region_return(la_code, year).find(path) for year in (2023, 2024))
    assert before is not None
    assert after is not None

    assert before.findtext("ExpectedPersonBirthDate") == "2023-05-02"
    assert (before.findtext("PersonBirthDate"), before.findtext("GenderCurrent")) == (None, "0")
    assert (after.findtext("PersonBirthDate"), after.findtext("GenderCurrent")) == ("2023-05-06", "2")
    assert after.findtext("ExpectedPersonBirthDate") is None


def test_authorities_spell_flags_and_reviews_in_both_ways() -> None:
    def flags(la_code: str, element: str) -> set[str | None]:
        return {found.text for found in region_return(la_code, 2024).iter(element)}

    def most_reviews_in_a_wrapper(la_code: str) -> int:
        return max(len(wrapper) for wrapper in region_return(la_code, 2024).iter("Reviews"))

    assert [flags(la_code, "ReferralNFA") for la_code in AUTHORITIES] == [{"0", "1"}, {"false", "true"}, {"0", "1"}]
    assert [flags(la_code, "ICPCnotRequired") for la_code in AUTHORITIES] == [
        {"0", "1"},
        {"false", "true"},
        {"false", "true"},
    ]
    assert most_reviews_in_a_wrapper("391") == 1
    assert min(most_reviews_in_a_wrapper("390"), most_reviews_in_a_wrapper("840")) >= 2


@pytest.mark.parametrize("la_code", AUTHORITIES)
def test_truth_agrees_with_a_recount_of_the_returns(la_code: str) -> None:
    truth = json.loads((FIXTURES / "region_truth.json").read_text(encoding="utf-8"))[la_code]
    held = {referral: episode for year in YEARS for referral, episode in held_referrals(la_code, year).items()}
    days: defaultdict[str, set[date]] = defaultdict(set)
    for referral in held:
        days[referral.child_id].add(referral.day)

    def within_twelve_months(earlier: date, later: date) -> bool:
        # A year before 29 February is 28 February; every other day of a month has its like a year before.
        reach = (later.year - 1, later.month, 28 if (later.month, later.day) == (2, 29) else later.day)
        return reach <= (earlier.year, earlier.month, earlier.day) and earlier < later

    for year in YEARS:
        in_year = {found: episode for found, episode in held.items() if date(year - 1, 4, 1) <= found.day}
        in_year = {found: episode for found, episode in in_year.items() if found.day <= date(year, 3, 31)}
        again = [
            found
            for found in in_year
            if any(within_twelve_months(earlier, found.day) for earlier in days[found.child_id])
        ]
        counts = truth[str(year)]
        assert counts["referrals"] == len(in_year)
        assert counts["no_further_action"] == sum(
            episode.findtext("ReferralNFA") in TRUE_FLAGS for episode in in_year.values()
        )
        assert counts["rereferrals_observed"] == len(again)
        assert (counts["rereferrals_true"] > len(again)) == (year == 2023)
        assert counts["rereferrals_true"] >= len(again)


def test_figures_differ_by_authority_and_are_of_a_likely_size() -> None:
    truth = json.loads((FIXTURES / "region_truth.json").read_text(encoding="utf-8"))
    rates = {
        la_code: [
            truth[la_code][str(year)]["rereferrals_true"] / truth[la_code][str(year)]["referrals"] for year in YEARS
        ]
        for la_code in AUTHORITIES
    }

    assert max(rates["390"]) < min(rates["391"]) < max(rates["391"]) < min(rates["840"])
    assert all(0.15 <= rate <= 0.28 for found in rates.values() for rate in found)


def test_every_fault_has_its_folder_and_its_line_in_the_readme() -> None:
    folders = {path.name for path in (FIXTURES / "faulty" / "rows").iterdir()}
    section = (FIXTURES / "README.md").read_text(encoding="utf-8").split("## Faulty rows")[1].split("\n## ")[0]

    assert folders == set(re.findall(r"^\| `(\w+)` \|", section, flags=re.MULTILINE))


@pytest.mark.parametrize("path", sorted((FIXTURES / "faulty" / "rows").rglob("*.xml")), ids=lambda path: path.parts[-4])
def test_the_faulty_child_is_the_third_and_carries_the_canary(path: Path) -> None:
    children = parsed(path).findall("Children/Child")

    carrying = [
        position
        for position, child in enumerate(children)
        if any(CANARY in (found.text or "") for found in child.iter())
    ]
    assert carrying == ([2, 3] if "duplicated_child" in path.parts else [2])
    assert len(children) == (7 if "duplicated_child" in path.parts else 6)


def test_partly_faulty_has_one_faulty_row() -> None:
    invalid: list[tuple[str, str | None]] = []
    for la_code in AUTHORITIES:
        message = parsed(FIXTURES / "faulty" / "partly" / la_code / "2025" / "cin_census.xml")
        assert len(message.findall("Children/Child")) == 40
        invalid += [
            (la_code, found.text)
            for found in message.iter("CINreferralDate")
            if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", found.text or "")
        ]

    assert invalid == [("391", CANARY)]
