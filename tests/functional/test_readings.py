"""Every reading of every indicator: the command line's figures against a second, row-by-row reading of the fixtures.

Indicators of the CIN census are read from the region, those of looked-after children from their own fixture.
"""

from __future__ import annotations

import csv
import datetime as dt
import json
import tomllib
from collections import defaultdict
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.lib.care_rows import care_tables
from tests.lib.census_rows import census_tables
from tests.lib.command_line import REGION, ROOT, run
from tests.lib.oracle_referrals import ORACLES as REFERRAL_ORACLES
from tests.lib.oracle_referrals import is_unit_record
from tests.lib.oracles import CARE_ORACLES, ORACLES

SPECS = {
    path.stem: tomllib.loads(path.read_text(encoding="utf-8"))
    for path in sorted(ROOT.joinpath("specs", "indicators").glob("*.toml"))
}
# Those of the workforce and of supplied tables are not of a return on children: `test_workforce` and `test_context`
# read them.
SPECS = {name: spec for name, spec in SPECS.items() if not spec["tables"][0].startswith(("workforce.", "context."))}
READINGS = [(indicator, reading["name"]) for indicator, spec in SPECS.items() for reading in spec["reading"]]
YEARS = (2023, 2024, 2025)
TRUTH = json.loads(ROOT.joinpath("fixtures", "region_truth.json").read_text(encoding="utf-8"))
PER = {
    "percent": 100,
    "rate_per_10000": 10_000,
    "mean": 1,
    "ratio": 100,
    "per_10000": 10_000,
    "months": Decimal(12) / Decimal("365.25"),  # of days
}


class Fixture(NamedTuple):
    """The extracts that the indicators of one collection are computed from, and a second reading of them.

    Attributes:
        key: The keys of the tables that units are rows of.
        shared: Tables that belong to no child.
    """

    folder: str
    authorities: tuple[str, ...]
    tables: Callable[[Path], dict[str, list[dict[str, Any]]]]
    key: dict[str, str]
    shared: tuple[str, ...] = ()


FIXTURES = {
    "cin": Fixture(
        REGION,
        ("390", "391", "840"),
        census_tables,
        {
            "episodes": "episode_key",
            "assessments": "assessment_key",
            "section_47_enquiries": "enquiry_key",
            "child_protection_plans": "plan_key",
            "child_in_need_plans": "child_in_need_plan_key",
        },
    ),
    "ssda903": Fixture(
        "fixtures/looked_after",
        ("390", "840"),
        care_tables,
        {"ssda903.episodes": "episode_key", "ssda903.care_leavers": "care_leaver_key"},
        shared=("postcodes",),
    ),
}


def fixture_of(indicator):
    return FIXTURES[SPECS[indicator]["tables"][0].partition(".")[0]]


class Sums(NamedTuple):
    """What a cell adds up to."""

    numerator: int
    denominator: int
    complete: bool


def parameters_of(indicator, reading):
    """The parameters that a reading sets: None where the spec has a word for it."""
    spec = SPECS[indicator]
    words = {parameter["name"]: parameter.get("none") for parameter in spec["parameter"]}
    chosen = next(entry["set"] for entry in spec["reading"] if entry["name"] == reading)
    return {
        name: None if value == words[name] else tuple(value) if isinstance(value, list) else value
        for name, value in chosen.items()
    }


def unit_of(indicator, reading):
    """The unit of a figure: some readings have another than the indicator's usual one."""
    spec = SPECS[indicator]
    chosen = {f"{name}={value}" for name, value in parameters_of(indicator, reading).items()}
    return next((unit for when, unit in spec.get("unit_when", {}).items() if when in chosen), spec["unit"])


def year_of(number):
    return dt.date(number - 1, 4, 1), dt.date(number, 3, 31)


@cache
def histories(fixture_name):
    """The tables of each child on their own."""
    fixture = FIXTURES[fixture_name]
    tables = fixture.tables(ROOT / fixture.folder)
    shared = {name: tables.pop(name) for name in fixture.shared}
    by_child = defaultdict(lambda: {name: [] for name in tables} | shared)
    for name, rows in tables.items():
        for row in rows:
            by_child[row["la_code"], row["child_id"]][name].append(row)
    return list(by_child.values())


def units_of_child(indicator, tables, start, end, **parameters):
    """The unit records of an indicator for one child, each with the row of its unit."""
    if indicator in REFERRAL_ORACLES:
        units = REFERRAL_ORACLES[indicator](tables["episodes"], start, end, **parameters)
        units = [{**unit, "unit_table": "episodes"} for unit in units if is_unit_record(indicator, unit)]
    else:
        oracle = (ORACLES | CARE_ORACLES)[indicator]
        units = [unit for unit in oracle(tables, start, end, **parameters) if unit["listed"]]
    key = fixture_of(indicator).key
    for unit in units:
        table = unit["unit_table"]
        yield unit, next(row for row in tables[table] if row[key[table]] == unit["unit_row"])


@cache
def expected_units(indicator, reading, year):
    """The unit records of a year, each with the row of its unit."""
    start, end = year_of(year)
    parameters = parameters_of(indicator, reading)
    collection = SPECS[indicator]["tables"][0].partition(".")[0]
    return [
        pair for tables in histories(collection) for pair in units_of_child(indicator, tables, start, end, **parameters)
    ]


def summed(units):
    """The sums of units by whatever stands first in each pair."""
    sums = defaultdict(lambda: Sums(0, 0, complete=True))
    for key, unit in units:
        so_far = sums[key]
        sums[key] = Sums(
            so_far.numerator + unit["numerator"],
            so_far.denominator + (unit["denominator"] or 0),
            complete=so_far.complete and unit["complete"],
        )
    return sums


@pytest.fixture(scope="module")
def cells():
    """Every cell of every reading, as the command line prints them, totals and a few breakdowns."""
    found = {}
    for collection, fixture in FIXTURES.items():
        readings = [
            part
            for indicator, reading in READINGS
            if fixture_of(indicator) is fixture
            for part in ("--reading", f"{indicator}={reading}")
        ]
        by = [part for name in GROUPED_BY[collection] for part in ("--by", name)]
        done = run("compute", fixture.folder, "--internal", "--format", "json", *readings, *by)
        assert done.code == 0, done.stderr
        found |= {
            (
                cell["indicator"],
                cell["reading"],
                cell["area_code"],
                int(cell["period"]),
                cell["breakdown"],
                cell["group"],
            ): cell
            for cell in done.json()
        }
    return found


def totals(cells, indicator, reading):
    return {
        (area, year): cells[indicator, reading, area, year, "total", "Total"]
        for area in fixture_of(indicator).authorities
        for year in YEARS
    }


def years_asked_for(indicator):
    """The years in whose returns the indicator's items are."""
    return [year for year in YEARS if year >= SPECS[indicator].get("collected_since", year)]


def test_nothing_is_shown_of_a_year_in_which_it_was_not_asked_for(cells):
    before = [cell for cell in cells if cell[0] == "social_worker_changes" and cell[3] < 2024]
    assert before
    assert {(cells[cell]["numerator"], cells[cell]["status"], cells[cell]["complete"]) for cell in before} == {
        (None, "x", False)
    }


@pytest.mark.parametrize(("indicator", "reading"), READINGS)
def test_the_figures_are_those_of_the_row_by_row_reading(cells, indicator, reading):
    is_rate = unit_of(indicator, reading) == "rate_per_10000"
    for year in years_asked_for(indicator):
        expected = summed((row["la_code"], unit) for unit, row in expected_units(indicator, reading, year))
        for area in fixture_of(indicator).authorities:
            cell = cells[indicator, reading, area, year, "total", "Total"]
            denominator = population(area, year - 1) if is_rate else expected[area].denominator
            found = Sums(cell["numerator"], cell["denominator"], complete=cell["complete"])
            assert found == expected[area]._replace(denominator=denominator), (area, year)


def population(area, mid_year):
    with ROOT.joinpath("csc_indicators", "reference", "populations.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["la_code"] == area:
                return int(row[str(mid_year)])
    raise AssertionError(area)


@pytest.mark.parametrize(("indicator", "reading"), READINGS)
def test_values_are_the_ratio_rounded_half_up(cells, indicator, reading):
    places = Decimal(1).scaleb(-SPECS[indicator]["decimals"])
    unit = unit_of(indicator, reading)
    compared = 0
    for (found_indicator, found_reading, area, year, breakdown, _), cell in cells.items():
        if (found_indicator, found_reading) != (indicator, reading) or cell["value"] is None:
            continue
        if unit == "survival":
            if breakdown != "total":
                continue
            exact = 100 * estimated(
                unit for unit, row in expected_units(indicator, reading, year) if unit["la_code"] == area
            )
        else:
            exact = Decimal(cell["numerator"]) * PER[unit] / Decimal(cell["denominator"])
        assert cell["value"] == float(exact.quantize(places, ROUND_HALF_UP)), cell
        compared += 1
    with_denominator = [cell for cell in totals(cells, indicator, reading).values() if cell["denominator"]]
    assert compared >= len(with_denominator)


def estimated(units):
    """The estimate of Kaplan and Meier, one day after the other."""
    followed = [(unit["followed_days"], unit["numerator"]) for unit in units]
    share = Decimal(1)
    for day in sorted({days for days, no_event in followed if not no_event}):
        at_risk = sum(days >= day for days, _ in followed)
        events = sum(days == day and not no_event for days, no_event in followed)
        share = share * (at_risk - events) / at_risk
    return share


def age_band(unit, row):
    born, on = row["birth_date"], unit["date"]
    if born is None:
        return "Unknown"
    if born > on:
        return "Unborn"
    years = on.year - born.year - ((on.month, on.day) < (born.month, born.day))
    bands = ((18, "18 and over"), (16, "16 to 17"), (10, "10 to 15"), (5, "5 to 9"), (1, "1 to 4"), (0, "Under 1"))
    return next(name for first, name in bands if years >= first)


def unaccompanied(unit, row):
    """On the day; of care leavers, ever."""
    until = row["unaccompanied_until"]
    still = until is None or until > unit["date"] or unit["unit_table"] == "ssda903.care_leavers"
    is_so = row["unaccompanied"] and still
    return "Unaccompanied" if is_so else "Not unaccompanied"


NEEDS = {
    "N1": "N1 Abuse or neglect",
    "N2": "N2 Child's disability or illness",
    "N3": "N3 Parental disability or illness",
    "N4": "N4 Family in acute stress",
    "N5": "N5 Family dysfunction",
    "N6": "N6 Socially unacceptable behaviour",
    "N7": "N7 Low income",
    "N8": "N8 Absent parenting",
    "N9": "N9 Cases other than children in need",
    "N0": "N0 Not stated",
}
GROUP_OF = {
    "sex": lambda _, row: {"F": "Female", "M": "Male"}.get(row["sex"], "Unknown"),
    "disabled": lambda _, row: {True: "Disabled", False: "Not disabled", None: "Unknown"}[row["disabled"]],
    "age_band": age_band,
    "primary_need": lambda _, row: NEEDS.get(row["primary_need"], "Unknown"),
    "uasc": unaccompanied,
}
GROUPED_BY = {"cin": ("sex", "disabled", "age_band", "primary_need"), "ssda903": ("sex", "uasc")}


@pytest.mark.parametrize(
    ("indicator", "breakdown"),
    [(name, by) for name in SPECS for by in GROUPED_BY[SPECS[name]["tables"][0].partition(".")[0]]],
)
def test_the_groups_are_those_of_the_row_by_row_reading(cells, indicator, breakdown):
    reading = SPECS[indicator]["default_reading"]
    is_rate = SPECS[indicator]["unit"] == "rate_per_10000"
    # A group that is always published beside the total is a part of its rate, per child of the whole population.
    part_of_rate = is_rate and SPECS[indicator].get("published_groups") == breakdown
    for year in years_asked_for(indicator):
        expected = summed(
            ((row["la_code"], GROUP_OF[breakdown](unit, row)), unit)
            for unit, row in expected_units(indicator, reading, year)
        )
        for (found_indicator, found_reading, area, found_year, found_breakdown, group), cell in cells.items():
            if (found_indicator, found_reading, found_year, found_breakdown) == (indicator, reading, year, breakdown):
                numerator, denominator, _ = expected.pop((area, group), (0, 0, True))
                if is_rate:
                    denominator = population(area, year - 1) if part_of_rate else None
                wanted = (numerator, denominator)
                assert (cell["numerator"], cell["denominator"]) == wanted, (area, year, group)
        assert not expected, "groups that the command line does not show"


SAME_WHEN_SOUND = {
    ("children_in_need", "children"): "a child has one open case",
    ("child_protection_plans", "plans"): "a child has one open plan",
    ("repeat_child_protection_plans", "either"): "a plan among the returns is reported as a previous one",
}
"""Readings that differ only where returns break a rule, and the rule; the region's returns are sound."""


@pytest.mark.parametrize(("indicator", "reading"), READINGS)
def test_every_other_reading_gives_another_figure(cells, indicator, reading):
    default = SPECS[indicator]["default_reading"]
    usual, other = totals(cells, indicator, default), totals(cells, indicator, reading)
    differing = [
        place
        for place in usual
        if any(usual[place][name] != other[place][name] for name in ("numerator", "denominator"))
    ]

    assert bool(differing) == (reading != default and (indicator, reading) not in SAME_WHEN_SOUND)


@pytest.mark.parametrize(
    ("indicator", "year"),
    [("rereferrals", "2025"), ("section_47_to_conference", "2025"), ("deescalation_sustained", "2023")],
)
def test_readings_stand_side_by_side_and_no_two_agree(indicator, year):
    """The definitions that directors asked about: each reading gives one authority another figure."""
    done = run("sensitivity", indicator, REGION, "--la", "840", "--year", year, "--internal", "--format", "json")
    assert done.code == 0, done.stderr
    figures = {cell["reading"]: (cell["numerator"], cell["denominator"], cell["value"]) for cell in done.json()}

    assert set(figures) == {name for of, name in READINGS if of == indicator}
    assert len(set(figures.values())) == len(figures)


@pytest.mark.parametrize("year", YEARS)
@pytest.mark.parametrize("area", FIXTURES["cin"].authorities)
def test_the_published_readings_are_the_known_truth(cells, area, year):
    truth = TRUTH[area][str(year)]
    rereferrals = cells["rereferrals", "published", area, year, "total", "Total"]
    no_further_action = cells["referrals_no_further_action", "published", area, year, "total", "Total"]
    referrals = cells["referrals", "published", area, year, "total", "Total"]

    assert (rereferrals["numerator"], rereferrals["denominator"]) == (truth["rereferrals_observed"], truth["referrals"])
    assert (no_further_action["numerator"], no_further_action["denominator"]) == (
        truth["no_further_action"],
        truth["referrals"],
    )
    assert referrals["numerator"] == truth["referrals"]
    assert rereferrals["complete"] == (truth["rereferrals_observed"] == truth["rereferrals_true"])
