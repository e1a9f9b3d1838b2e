"""The package's arithmetic gives the figures that are published, and the proof of it would see if it did not."""

from __future__ import annotations

import functools
import os
import sys
from pathlib import Path

import polars as pl
import pytest

from csc_indicators.area_membership import area_members
from csc_indicators.comparators import Neighbours, neighbour_values
from csc_indicators.errors import UnreadableFile, UsageError
from docs.generate_arithmetic_page import BEGIN, END, PAGE, tables
from proofs.__main__ import SHIPPED, main
from proofs.account import misses
from proofs.checks import (
    AREA_COUNTS,
    AREA_VALUES,
    AUTHORITY_VALUES,
    BOUNDED,
    EXACT,
    EXPLAINED,
    MISS,
    NEIGHBOURS,
    POPULATIONS,
    WITHIN,
    outcomes,
)
from proofs.figures import COLUMNS, read_figures, series
from proofs.known_exceptions import EXCEPTIONS, LEFT_OUT

EVERY_FIGURE = os.environ.get("CSC_PUBLISHED_FIGURES")
"""A file of all published figures, where there is one; the sample in the repository is always checked."""

SAMPLED = (
    "agency_rate", "care_ceases", "care_leavers_eet", "care_leavers_suitable_accommodation", "care_starts", "caseload",
    "ceased_special_guardianship", "children_in_care", "children_rereferred", "foster_care", "long_term_stability",
    "placement_distance", "placement_instability", "referrals_no_further_action", "repeat_child_protection_plans",
    "rereferrals", "residential_care", "social_worker_changes", "social_worker_turnover", "vacancy_rate",
)  # fmt: skip
ONLY_AREAS = (
    "care_leavers_apprenticeships", "care_leavers_higher_education", "care_leavers_unsuitable_accommodation",
    "ceased_child_arrangements", "plans_open_two_years", "supported_accommodation",
)  # fmt: skip
"""Of these the sample has few authorities with a value; their regions and England are there."""

IN_ONE_YEAR = "social_worker_changes"


@functools.cache
def sample():
    return read_figures(SHIPPED)


@functools.cache
def found():
    return outcomes(sample())


def number(table, *checks, outcome=(EXACT, WITHIN, EXPLAINED), **where):
    return table.filter(pl.col("check").is_in(checks), pl.col("outcome").is_in(outcome)).filter(**where).height


def of(name):
    return sample().filter(series=name)


def test_no_published_figure_is_unexplained():
    assert misses(found()) == []


@pytest.mark.parametrize("name", SAMPLED)
def test_values_of_authorities_come_out_of_their_counts(name):
    assert number(found(), AUTHORITY_VALUES, series=name) >= 30
    if series(name).counted == "people":
        assert number(found(), AUTHORITY_VALUES, series=name, outcome=(EXACT,)) >= 30


@pytest.mark.parametrize("name", [*SAMPLED, *ONLY_AREAS])
def test_values_of_regions_and_england_come_out_of_their_counts(name):
    assert number(found(), AREA_VALUES, series=name) >= (12 if name == IN_ONE_YEAR else 44)


def test_sums_over_authorities_are_the_published_counts():
    assert number(found(), AREA_COUNTS, outcome=(EXACT,)) >= 70
    assert number(found(), AREA_COUNTS, outcome=(EXPLAINED,)) >= 15
    assert number(found(), AREA_COUNTS, outcome=(BOUNDED,)) >= 300
    for area in ("E12000007", "E13000001", "E13000002"):
        assert number(found(), AREA_COUNTS, code=area, year=2025, outcome=(EXACT,)) >= 6, area
        assert number(found(), AREA_VALUES, code=area, year=2025, outcome=(EXACT,)) >= 3, area


def test_published_denominators_of_rates_are_the_populations():
    for name in ("care_ceases", "care_starts", "children_in_care"):
        assert number(found(), POPULATIONS, series=name) >= 90


def test_the_rate_of_children_in_need_is_the_one_of_the_dashboard():
    assert number(found(), AREA_VALUES, series="children_in_need", outcome=(EXACT,)) == 2


def test_neighbours_values_come_out_the_same_in_plain_python():
    assert number(found(), NEIGHBOURS, outcome=(EXACT,)) >= 900


@pytest.mark.parametrize("exception", EXCEPTIONS, ids=lambda each: f"{each.authority} {each.year}")
def test_every_exception_is_needed(exception):
    names = [exception.series] if isinstance(exception.series, str) else list(exception.series)
    figures = sample().filter(pl.col("series").is_in(names))
    others = [each for each in EXCEPTIONS if each != exception]
    with_it, without_it = outcomes(figures), outcomes(figures, others)

    if exception in LEFT_OUT:
        assert number(with_it, AREA_VALUES, outcome=(MISS,)) == 0
        assert number(without_it, AREA_VALUES, outcome=(MISS,)) >= 1
    else:
        # Without it, the published count is not reached but only allowed.
        assert number(without_it, AREA_COUNTS, outcome=(EXACT, EXPLAINED)) < number(
            with_it, AREA_COUNTS, outcome=(EXACT, EXPLAINED)
        )


def test_an_exception_must_give_the_published_count():
    """With another count in place of Hackney's of 2020, what is added up is not what is published."""
    another = pl.when(pl.col("code") == "204", pl.col("year") == 2020).then(pl.col("numerator") + 60)
    figures = of("rereferrals").with_columns(another.otherwise("numerator").alias("numerator"))

    assert number(outcomes(figures), AREA_COUNTS, outcome=(MISS,)) >= 1


# That it would see


def half_to_even(numerator, denominator, scale, decimals):
    return (numerator * scale / denominator).round(decimals, mode="half_to_even")


def test_another_rule_of_rounding_would_be_seen(monkeypatch):
    figures = of("care_leavers_eet")
    assert number(outcomes(figures), AUTHORITY_VALUES, outcome=(MISS,)) == 0
    monkeypatch.setattr("csc_indicators.aggregation.rounded_ratio", half_to_even)

    assert number(outcomes(figures), AUTHORITY_VALUES, outcome=(MISS,)) >= 3


def test_an_authority_in_the_wrong_part_of_london_would_be_seen(monkeypatch):
    barnet = (pl.col("la_code") == "302") & (pl.col("area_code") == "E13000002")
    moved = area_members().with_columns(
        pl.when(barnet).then(pl.lit("E13000001")).otherwise("area_code").alias("area_code")
    )
    monkeypatch.setattr("csc_indicators.areas.area_members", lambda: moved)
    found_now = outcomes(of("care_starts"))

    for check in (AREA_COUNTS, AREA_VALUES, POPULATIONS):
        assert number(found_now, check, outcome=(MISS,)) >= 1, check


def test_a_mean_of_neighbours_would_be_seen(monkeypatch):
    of_means = functools.partial(neighbour_values, neighbours=Neighbours(statistic="mean"))
    monkeypatch.setattr("proofs.neighbours.neighbour_values", of_means)
    found_now = outcomes(of("care_starts"))

    assert number(found_now, NEIGHBOURS, outcome=(MISS,)) >= 20


@pytest.mark.parametrize(
    ("name", "code", "column", "change", "check"),
    [
        ("rereferrals", "302", "value", 0.1, AUTHORITY_VALUES),
        ("vacancy_rate", "302", "value", 0.2, AUTHORITY_VALUES),
        ("rereferrals", "E12000001", "value", 0.3, AREA_VALUES),
        ("rereferrals", "E12000007", "numerator", 10, AREA_COUNTS),
        ("vacancy_rate", "E13000002", "denominator", 3, AREA_COUNTS),
        ("care_starts", "302", "denominator", 1, POPULATIONS),
        ("care_starts", "E92000001", "denominator", 1, POPULATIONS),
        ("children_in_need", "E92000001", "numerator", 100, AREA_VALUES),
    ],
)
def test_a_published_number_that_is_another_would_be_seen(name, code, column, change, check):
    here = pl.col("code") == code
    spoiled = of(name).with_columns(pl.when(here).then(pl.col(column) + change).otherwise(column).alias(column))

    assert number(outcomes(spoiled), check, code=code, outcome=(MISS,)) >= 1


# The command, the file and the page


def test_the_command_gives_the_account_and_fails_when_something_is_unexplained(monkeypatch, tmp_path, capsys):
    lines = SHIPPED.read_text(encoding="utf-8").splitlines(keepends=True)
    few = [lines[0], *(line for line in lines if line.startswith("care_starts,"))]
    file = tmp_path / "figures.csv"
    monkeypatch.setattr(sys, "argv", ["proofs", str(file)])

    file.write_text("".join(few), encoding="utf-8")
    assert main() == 0
    assert "\n0 unexplained of " in capsys.readouterr().out

    file.write_text("".join(few).replace("care_starts,,2025,302,", "care_starts,,2025,302,9"), encoding="utf-8")
    assert main() == 1
    assert "values of authorities: care_starts, Total, 2025, 302\n" in capsys.readouterr().out

    file.unlink()
    assert main() == UnreadableFile.exit_code
    assert capsys.readouterr().err == "figures.csv is no file of published figures in comma-separated values.\n"


@pytest.mark.parametrize(
    ("header", "row", "error", "message"),
    [
        (COLUMNS[1:], "x", UsageError, "figures.csv has no column indicator. Its columns should be indicator, group"),
        (COLUMNS, "nothing,,2025,302,1,2,50,,", UsageError, 'No indicator is called "nothing"'),
        (COLUMNS, "rereferrals,,2025,302,many,2,50,,", UnreadableFile, "figures.csv is no file of published figures"),
    ],
)  # fmt: skip
def test_what_is_no_file_of_published_figures_is_refused(header, row, error, message, tmp_path):
    file = tmp_path / "figures.csv"
    file.write_text(f"{','.join(header)}\n{row}\n", encoding="utf-8")

    with pytest.raises(error, match=message):
        read_figures(file)


def test_the_page_has_the_exceptions_and_nothing_unexplained():
    text = PAGE.read_text(encoding="utf-8").split(BEGIN)[1].split(END)[0]

    assert [each.name for each in EXCEPTIONS if each.name not in text] == []
    assert " of which 0 are unexplained." in " ".join(text.split())


@pytest.mark.skipif(not EVERY_FIGURE, reason="CSC_PUBLISHED_FIGURES names no file of all published figures")
def test_the_page_is_what_all_published_figures_give():
    text = PAGE.read_text(encoding="utf-8").split(BEGIN)[1].split(END)[0]

    assert text.strip() == tables(Path(EVERY_FIGURE))
