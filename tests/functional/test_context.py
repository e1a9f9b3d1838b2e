"""Supplied tables, from templates to figures: each is written, filled in and computed; the fixture is read again."""

from __future__ import annotations

import csv
import datetime as dt
import re
from calendar import monthrange
from collections import defaultdict
from dataclasses import replace

import polars as pl
import pytest

import csc_indicators as csc
from csc_indicators.catalogue import catalogue
from csc_indicators.engines.local import Request
from csc_indicators.extracts.context_shapes import CONTEXT_TABLES
from tests.lib.care_files import workbook
from tests.lib.command_line import ROOT, run, run_here

FOLDER = ROOT / "fixtures" / "context"
INDICATORS = [name for name, spec in catalogue().indicators.items() if spec.collection == "context"]
YEARS, AUTHORITIES = (2023, 2024, 2025), ("390", "840")

FILLED = {
    "spend_on_care_share": (
        {"finance": ["302,2025,children_looked_after,,30", "302,2025,childrens_social_care,,50"]}, (30, 50, 60.0)
    ),
    "spend_not_on_care_share": (
        {"finance": ["302,2025,children_looked_after,,30", "302,2025,childrens_social_care,,50"]}, (20, 50, 40.0)
    ),
    "spend_per_child": (
        {"finance": ["302,2025,childrens_social_care,,5000"], "population": ["302,2025,10"]}, (5000, 10, 500)
    ),
    "childrens_spend_share": (
        {"finance": ["302,2025,childrens_social_care,,50", "302,2025,all_services,,400"]}, (50, 400, 12.5)
    ),
    "permanent_grant_share": (
        {"finance": ["302,2025,family_help,core,75", "302,2025,family_help,permanent_grant,25"]}, (25, 100, 25.0)
    ),
    "leadership_turnover": (
        {
            "post_holders": [
                "302,director,false,2020-01-01,2024-05-31,2025-03-31",
                "302,director,false,01/06/2024,,2025-03-31",
            ]
        },
        (1, 1, 100.0),
    ),
    "leadership_judgement": ({"inspections": ["302,2023-06-16,good,2025-03-31"]}, (1, None, 1)),
    "school_absence": ({"attendance": ["302,A1,2025,2012-06-01,CINO,300,30"]}, (30, 300, 10.0)),
    "persistent_absence": ({"attendance": ["302,A1,2025,,CPPO,300,30"]}, (1, 1, 100.0)),
    "severe_absence": ({"attendance": ["302,A1,2025,,CLA12,300,149"]}, (0, 1, 0.0)),
    "ks2_expected_standard": ({"attainment": ["302,A1,2025,2,CLA12,true,,"]}, (1, 1, 100.0)),
    "ks2_progress": ({"attainment": ["302,A1,2025,2,CLA12,,-1.5,"]}, (-1.5, 1, -1.5)),
    "attainment_8": ({"attainment": ["302,A1,2025,4,CLA12,,,41.5"]}, (41.5, 1, 41.5)),
    "section_31_proceedings_home": (
        {"court_outcomes": ["302,A1,,2024-11-20,with_parents,2025-03-31"]}, (1, 1, 100.0)
    ),
    "family_group_decision_making": ({"family_group_decisions": ["302,A1,2024-05-10,1,0,2025-03-31"]}, (1, 1, 100.0)),
    "conference_partner_attendance": (
        {"conference_attendance": ["302,C1,2024-05-24,police,true,2025-03-31"]}, (1, 1, 100.0)
    ),
    "post_vacancy_rate": ({"posts": ["302,2025,early_help,1,3"]}, (1, 4, 25.0)),
    "care_leavers_lasting_relationship": ({"lasting_relationships": ["302,A1,2025,true"]}, (1, 1, 100.0)),
    "injury_admissions": ({"injury_admissions": ["302,2025,48,6400"]}, (48, 6400, 75)),
    "deprivation": ({"deprivation": ["302,2025,0.168"]}, (0.168, 1, 0.168)),
}  # fmt: skip
"""For each indicator the rows that its templates are filled with, and what they give."""

WITH_RETURNS = {"early_help_to_referral", "school_moves"}
"""Indicators that need a return on children besides: the fixture of all three is read for them."""


def test_every_indicator_from_a_supplied_table_is_filled_in_here():
    assert {*FILLED, *WITH_RETURNS} == {*INDICATORS}


@pytest.mark.parametrize("indicator", FILLED)
def test_a_template_is_written_filled_in_and_computed(indicator, tmp_path):
    tables, (numerator, denominator, value) = FILLED[indicator]
    for name, rows in tables.items():
        file = tmp_path / f"{name}.csv"
        written = run_here("template", name, "--out", str(file))
        assert written.code == 0, written.stderr
        with file.open("a", encoding="utf-8") as out:
            out.write("\n".join(rows) + "\n")

    done = run_here("compute", str(tmp_path), "--indicator", indicator, "--internal", "--format", "json")

    assert done.code == 0, done.stderr
    total = next(cell for cell in done.json() if cell["breakdown"] == "total" and cell["period"] == "2025")
    assert (total["area_code"], total["numerator"], total["denominator"]) == ("302", numerator, denominator)
    assert total["value"] == value
    assert total["complete"]


def test_a_template_is_computed_with_the_returns_on_children_beside_it(tmp_path):
    """Early help of a child of the region who is referred afterwards; a child looked after who changes school."""
    referrals = csc.read_cin_census(ROOT / "fixtures" / "region" / "390").episodes.sort("referral_date", "child_id")
    # Early enough for six months after the early help to be over by the last census.
    child = referrals.filter(referrals["referral_date"] < dt.date(2024, 10, 15)).tail(1)
    day = child["referral_date"][0] - dt.timedelta(days=30)
    cared_for = csc.read_ssda903(ROOT / "fixtures" / "looked_after" / "390").episodes
    at_end = cared_for.filter(cared_for["end_date"].is_null(), cared_for["start_date"] < dt.date(2023, 1, 1))
    rows = {
        "early_help": [f"390,{child['child_id'][0]},{day - dt.timedelta(days=90)},{day},2025-03-31"],
        "school_history": [
            f"390,{at_end['child_id'][0]},1,2020-09-01,2024-11-01,2025-03-31",
            f"390,{at_end['child_id'][0]},2,2024-11-04,,2025-03-31",
        ],
    }
    for name, lines in rows.items():
        file = tmp_path / f"{name}.csv"
        assert run_here("template", name, "--out", str(file)).code == 0
        with file.open("a", encoding="utf-8") as out:
            out.write("\n".join(lines) + "\n")
    returns = [str(ROOT / "fixtures" / folder / "390") for folder in ("region", "looked_after")]

    asked = [part for name in sorted(WITH_RETURNS) for part in ("--indicator", name)]
    asked += ["--reading", "early_help_to_referral=within_6_months"]
    done = run_here("compute", str(tmp_path), *returns, *asked, "--year", "2025", "--internal", "--format", "json")

    assert done.code == 0, done.stderr
    cells = [cell for cell in done.json() if cell["breakdown"] == "total"]
    found = {cell["indicator"]: (cell["numerator"], cell["denominator"]) for cell in cells}
    assert found == {"early_help_to_referral": (1, 1), "school_moves": (1, 1)}


@pytest.mark.parametrize("name", CONTEXT_TABLES)
def test_the_example_row_of_a_template_is_sound(name, tmp_path):
    file = tmp_path / f"{name}.csv"
    assert run_here("template", name, "--example", "--out", str(file)).code == 0

    table = csc.read_context(file)

    assert table.tables[name].height == 1
    assert table.findings == ()
    assert [account.balances for account in table.accounts] == [True]


@pytest.mark.parametrize("name", CONTEXT_TABLES)
def test_a_template_that_was_written_over_or_is_unknown_is_refused(name, tmp_path):
    file = tmp_path / f"{name}.csv"
    file.write_text("mine\n", encoding="utf-8")

    again, unknown = run_here("template", name, "--out", str(file)), run_here("template", name + "x")

    assert (again.code, file.read_text(encoding="utf-8")) == (2, "mine\n")
    assert "is left as it is" in again.stderr
    assert unknown.code == 2
    assert f'Did you mean "{name}"?' in unknown.stderr


@pytest.mark.parametrize(
    ("name", "header", "row", "says"),
    [
        ("finance", "la_code,year,lin,amount", "302,2025,x,1", "the column line is missing; the nearest is lin"),
        ("attendance", "la_code,year", "302,2025", "the column child_id is missing"),
        ("population", "la_code,year,population,population", "302,2025,1,1", "a column name is given twice"),
    ],
)
def test_a_column_that_is_missing_or_given_twice_is_said(name, header, row, says, tmp_path):
    file = tmp_path / f"{name}.csv"
    file.write_text(f"{header}\n{row}\n", encoding="utf-8")

    with pytest.raises(csc.UnreadableFile, match=says):
        csc.read_context(file)


def test_what_a_cell_cannot_hold_is_reported_with_its_row_and_never_its_value(tmp_path):
    canary = "ZQ81CANARY"
    file = tmp_path / "finance.csv"
    rows = ["302,2025,children_looked_after,,10", f"302,2025,{canary},,10", f"302,2025,family_help,{canary},10",
            f"{canary},2025,family_help,core,10", "302,2025,family_help,core,-1", "302,25,family_help,core,1",
            "302,2025,children_looked_after,,11", f"302,2025,all_services,,{canary}"]  # fmt: skip
    file.write_text("la_code,year,line,funding,amount\n" + "\n".join(rows) + "\n", encoding="utf-8")

    table = csc.read_context(file)

    found = {(finding.rule, finding.column, finding.severity, finding.row_numbers) for finding in table.findings}
    assert found == {
        ("unknown_code", "line", "rejected", (2,)),
        ("unknown_code", "funding", "kept", (3,)),
        ("not_an_authority", "la_code", "rejected", (4,)),
        ("negative_number", "amount", "rejected", (5,)),
        ("not_a_year", "year", "rejected", (6,)),
        ("repeated_row", "funding", "rejected", (7,)),
        ("unreadable_number", "amount", "rejected", (8,)),
    }
    assert canary not in repr(table.findings) + repr(table)
    assert [(account.read, account.kept, account.balances) for account in table.accounts] == [(8, 2, True)]


def test_a_workbook_holds_several_tables_and_an_xlsx_is_told_from_a_return(tmp_path):
    sheets = {
        "population": [{"la_code": "302", "year": 2025, "population": 10}],
        "deprivation": [{"la_code": "302", "year": 2025, "score": 0.5}],
    }
    tmp_path.joinpath("supplied.xlsx").write_bytes(workbook(sheets))

    assert {name: table.height for name, table in csc.read_context(tmp_path).tables.items()} == {
        "population": 1,
        "deprivation": 1,
    }


# The fixture, read a second time


def rows_of(name):
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def reporting_year(day):
    return day.year + (day.month > 3)


def sums_of(pairs):
    """Numerator and denominator by authority and year."""
    sums = defaultdict(lambda: [0.0, 0.0])
    for la_code, year, numerator, denominator in pairs:
        sums[la_code, int(year)][0] += numerator
        sums[la_code, int(year)][1] += denominator
    return {place: (round(both[0], 6), round(both[1], 6)) for place, both in sums.items() if place[1] in YEARS}


def spend_on_care(whole):
    for row in rows_of("finance"):
        amount = float(row["amount"])
        if row["line"] == "children_looked_after":
            yield row["la_code"], row["year"], amount, 0
        elif row["line"] == whole:
            yield row["la_code"], row["year"], 0, amount


def permanent_grants():
    for row in rows_of("finance"):
        if row["line"] == "family_help" and row["funding"]:
            amount = float(row["amount"])
            yield row["la_code"], row["year"], amount * (row["funding"] == "permanent_grant"), amount


def proceedings(youngest, oldest):
    for row in rows_of("court_outcomes"):
        ended = dt.date.fromisoformat(row["end_date"])
        if youngest is not None:
            if not row["birth_date"]:
                continue
            born = dt.date.fromisoformat(row["birth_date"])
            age = ended.year - born.year - ((ended.month, ended.day) < (born.month, born.day))
            if not youngest <= age <= oldest:
                continue
        yield row["la_code"], reporting_year(ended), row["outcome"] == "with_parents", 1


def decisions(stage, *, known_only=False):
    for row in rows_of("family_group_decisions"):
        if row[stage] or not known_only:
            yield row["la_code"], reporting_year(dt.date.fromisoformat(row["start_date"])), row[stage] == "true", 1


def conferences(agencies):
    for row in rows_of("conference_attendance"):
        if row["agency"] in agencies:
            day = dt.date.fromisoformat(row["conference_date"])
            yield row["la_code"], reporting_year(day), row["attended"] == "true", 1


def vacancies():
    for row in rows_of("posts"):
        vacant = float(row["vacancies"])
        yield row["la_code"], row["year"], vacant, vacant + float(row["in_post"])


def absence(least_percent=None):
    """Of the authority whose supplier said the groups: those of the other are worked out from the returns."""
    for row in rows_of("attendance"):
        if row["la_code"] != "840" or not row["social_care_group"] or row["sessions_possible"] == "0":
            continue
        if row["birth_date"]:
            born, on = dt.date.fromisoformat(row["birth_date"]), dt.date(int(row["year"]) - 1, 8, 31)
            age = on.year - born.year - ((on.month, on.day) < (born.month, born.day))
            if not 5 <= age <= 15:
                continue
        possible, missed = int(row["sessions_possible"]), int(row["sessions_missed"])
        if least_percent is None:
            yield row["la_code"], row["year"], missed, possible
        else:
            yield row["la_code"], row["year"], missed * 100 >= least_percent * possible, 1


def shares_of_all_services():
    for row in rows_of("finance"):
        amount = float(row["amount"])
        if row["line"] == "childrens_social_care":
            yield row["la_code"], row["year"], amount, 0
        elif row["line"] == "all_services":
            yield row["la_code"], row["year"], 0, amount


def pounds_per_child():
    for row in rows_of("finance"):
        if row["line"] == "childrens_social_care":
            yield row["la_code"], row["year"], float(row["amount"]), 0
    for row in rows_of("population"):
        yield row["la_code"], row["year"], 0, int(row["population"])


def changes_of_leaders(*, with_interim=True):
    """Posts held by the end of each year, and who began in it after somebody else."""
    held = defaultdict(list)
    for row in rows_of("post_holders"):
        if with_interim or row["interim"] != "true":
            held[row["la_code"], row["post"]].append(dt.date.fromisoformat(row["start_date"]))
    for (la_code, _), starts in held.items():
        for year in YEARS:
            begun = [day for day in sorted(starts) if day <= dt.date(year, 3, 31)]
            changes = sum(day >= dt.date(year - 1, 4, 1) for day in begun[1:])
            yield la_code, year, changes, bool(begun)


def results(key_stage, column):
    """Of the authority whose supplier said the groups, but for children without one."""
    for row in rows_of("attainment"):
        if row["la_code"] == "840" and row["social_care_group"] and row["key_stage"] == key_stage and row[column]:
            told = {"true": 1, "false": 0}.get(row[column])
            yield row["la_code"], row["year"], float(row[column]) if told is None else told, 1


def of_each_row(name, numerator, denominator=lambda _: 1):
    for row in rows_of(name):
        yield row["la_code"], row["year"], numerator(row), denominator(row)


def referred_after_early_help(months):
    """Every referral of the region's files, found without the package's reader."""
    referrals = defaultdict(list)
    for file in (ROOT / "fixtures" / "region").glob("*/*/*.xml"):
        for child in file.read_text(encoding="utf-8").split("<Child>")[1:]:
            child_id = re.search(r"<LAchildID>(\w+)<", child)[1]
            for day in re.findall(r"<CINreferralDate>([0-9-]+)<", child):
                referrals[file.parts[-3], child_id].append(dt.date.fromisoformat(day))
    for row in rows_of("early_help"):
        if not row["end_date"]:
            continue
        ended = dt.date.fromisoformat(row["end_date"])
        turned = ended.month - 1 + months
        last = (ended.replace(day=1, month=turned % 12 + 1, year=ended.year + turned // 12)).replace(
            day=min(ended.day, monthrange(ended.year + turned // 12, turned % 12 + 1)[1])
        )
        if last <= dt.date(2025, 3, 31):
            followed = any(ended <= day <= last for day in referrals[row["la_code"], row["child_id"]])
            yield row["la_code"], reporting_year(ended), followed, 1


SECOND = {
    ("spend_on_care_share", None): lambda: spend_on_care("childrens_social_care"),
    ("spend_on_care_share", "of_family_help"): lambda: spend_on_care("family_help"),
    ("permanent_grant_share", None): permanent_grants,
    ("section_31_proceedings_home", None): lambda: proceedings(None, None),
    ("section_31_proceedings_home", "under_1"): lambda: proceedings(0, 0),
    ("section_31_proceedings_home", "aged_5_to_9"): lambda: proceedings(5, 9),
    ("section_31_proceedings_home", "aged_16_and_over"): lambda: proceedings(16, 99),
    ("family_group_decision_making", None): lambda: decisions("offered"),
    ("family_group_decision_making", "held"): lambda: decisions("held"),
    ("family_group_decision_making", "offered_where_known"): lambda: decisions("offered", known_only=True),
    ("conference_partner_attendance", None): lambda: conferences(("police", "health", "education", "youth_justice")),
    ("conference_partner_attendance", "police_health_and_youth_justice"): lambda: conferences(
        ("police", "health", "youth_justice")
    ),
    ("post_vacancy_rate", None): vacancies,
    ("school_absence", None): absence,
    ("persistent_absence", None): lambda: absence(10),
    ("severe_absence", None): lambda: absence(50),
    ("childrens_spend_share", None): shares_of_all_services,
    ("spend_per_child", None): pounds_per_child,
    ("leadership_turnover", None): changes_of_leaders,
    ("leadership_turnover", "without_interim"): lambda: changes_of_leaders(with_interim=False),
    ("ks2_expected_standard", None): lambda: results("2", "expected_standard"),
    ("ks2_progress", None): lambda: results("2", "progress"),
    ("attainment_8", None): lambda: results("4", "attainment_8"),
    ("care_leavers_lasting_relationship", None): lambda: of_each_row(
        "lasting_relationships", lambda row: row["identified"] == "true"
    ),
    ("injury_admissions", None): lambda: of_each_row(
        "injury_admissions", lambda row: int(row["admissions"]), lambda row: int(row["population"])
    ),
    ("deprivation", None): lambda: of_each_row("deprivation", lambda row: float(row["score"])),
    ("early_help_to_referral", None): lambda: referred_after_early_help(12),
    ("early_help_to_referral", "within_6_months"): lambda: referred_after_early_help(6),
}
"""Readings of the fixture once more, from its files and the words of the specs."""


@pytest.fixture(scope="module")
def supplied():
    return csc.load([FOLDER, ROOT / "fixtures" / "region"])


@pytest.mark.parametrize(("indicator", "reading"), SECOND)
def test_a_figure_of_the_fixture_is_that_of_a_second_reading(supplied, indicator, reading):
    frame = csc.compute(supplied, Request(indicator, reading), periods=csc.years(2023, 2025), internal=True).frame

    totals = frame.filter(breakdown="total")
    computed = {
        (area, int(period)): (round(numerator, 6), round(denominator, 6))
        for area, period, numerator, denominator in totals.select(
            "area_code", "period", "numerator", "denominator"
        ).iter_rows()
        if denominator
    }
    assert computed == sums_of(SECOND[indicator, reading]())


@pytest.fixture(scope="module")
def every_cell():
    """Every reading of every indicator from supplied tables, with the returns on the same children."""
    requests = [
        Request(indicator, reading.name)
        for indicator in INDICATORS
        for reading in catalogue().indicator(indicator).reading
    ]
    extracts = csc.load([FOLDER, ROOT / "fixtures" / "region", ROOT / "fixtures" / "looked_after"])
    frame = csc.compute(extracts, requests, periods=csc.years(2023, 2025), internal=True).frame
    return frame.filter(breakdown="total")


@pytest.mark.parametrize("indicator", INDICATORS)
def test_every_reading_gives_other_figures_than_the_default_one(every_cell, indicator):
    spec = catalogue().indicator(indicator)
    figures = {
        reading.name: every_cell.filter(indicator=indicator, reading=reading.name)
        .select("area_code", "period", "numerator", "denominator")
        .rows()
        for reading in spec.reading
    }

    assert len({str(rows) for rows in figures.values()}) == len(figures)
    assert {row[0] for row in figures[spec.default_reading]} == {*AUTHORITIES}
    assert any(row[2] for row in figures[spec.default_reading])


def test_a_folder_with_supplied_tables_and_returns_gives_every_indicator_of_every_collection():
    folders = [f"fixtures/{name}" for name in ("context", "region", "looked_after", "workforce")]
    done = run("compute", *folders, "--year", "2025", "--format", "csv")

    assert done.code == 0, done.stderr
    assert {cell["indicator"] for cell in csv.DictReader(done.stdout.splitlines())} == {*catalogue().indicators}


def test_yearly_tables_know_no_months_and_lists_do():
    named = run("compute", "fixtures/context", "--period", "month", "--year", "2025", "--indicator", "deprivation")
    among = run(
        "compute", "fixtures/context", "fixtures/region", "--period", "month", "--year", "2025", "--format", "csv"
    )

    assert named.code == 2
    assert "deprivation is known for whole years only" in named.stderr
    assert among.code == 0, among.stderr
    computed = {cell["indicator"] for cell in csv.DictReader(among.stdout.splitlines())}
    lists = {name for name in INDICATORS if not catalogue().indicator(name).whole_years}
    assert computed & {*INDICATORS} == lists
    assert {"section_31_proceedings_home", "leadership_turnover", "family_group_decision_making"} <= lists


def test_family_group_decision_making_is_read_from_a_census_that_asks_for_it():
    cin = csc.read_cin_census(ROOT / "fixtures" / "region")
    assert csc.Extracts(cin).table("context.family_group_decisions") is None

    # The censuses of the region as if they were made three years later.
    later = cin.pre_proceedings.with_columns(
        pl.col("start_date", "known_to", "observed_from", "observed_to").dt.offset_by("3y"),
        family_group_meeting_offered=pl.lit(value=True),
    )
    coverage = cin.coverage.with_columns(pl.col("observed_from", "observed_to").dt.offset_by("3y"))
    extracts = csc.Extracts(replace(cin, pre_proceedings=later, coverage=coverage))
    done = csc.compute(extracts, "family_group_decision_making", periods=csc.years(2026, 2028), internal=True).frame

    of_authority = done.filter(area_code="391").select("period", "numerator", "complete").rows()
    assert later.height == 1
    assert of_authority == [("2026", None, False), ("2027", 0.0, True), ("2028", 1.0, True)]
