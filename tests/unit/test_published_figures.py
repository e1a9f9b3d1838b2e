"""Published figures read from files in the shape in which they are downloaded."""

from __future__ import annotations

import datetime as dt
import shutil
import zipfile
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from csc_indicators.catalogue import catalogue
from csc_indicators.errors import UnreadableFile, UsageError
from csc_indicators.extracts.published import SCHEMA, PublishedSeries, read_published
from csc_indicators.geography import population
from tests.lib.published_files import (
    ACTIVITY,
    BARNET,
    CUMBRIA,
    ENGLAND,
    GATESHEAD,
    INNER_LONDON,
    NEED,
    NORTH_EAST,
    NORTHAMPTONSHIRES,
    NOWHERE,
    REFERRALS,
    STABILITY,
    WORKFORCE,
    leavers,
    referrals,
    stability,
    workers,
    write_file,
)


def figure(series: PublishedSeries, indicator: str, **which: str) -> dict[str, Any]:
    """The one figure of an indicator; of its default reading unless another is asked for."""
    which = {"reading": catalogue().indicator(indicator).default_reading, **which}
    found = series.frame.filter(pl.col("indicator") == indicator, **which)
    assert found.height == 1
    return found.row(0, named=True)


def rules(series: PublishedSeries) -> dict[str, tuple[int, ...]]:
    return {finding.rule: finding.row_numbers for finding in series.findings if finding.rule != "value_made"}


def balanced(series: PublishedSeries) -> PublishedSeries:
    assert all(file.balances for file in series.files)
    return series


# What is read


def test_a_figure_whose_parts_stand_in_one_row(tmp_path):
    rows = [("2025", GATESHEAD, referrals("400", "83", "20.8"))]

    series = balanced(read_published(write_file(tmp_path / REFERRALS, rows)))

    found = figure(series, "rereferrals")
    assert (found["numerator"], found["denominator"], found["value"], found["status"]) == (83.0, 400.0, 20.8, "ok")
    assert (found["period"], found["period_start"], found["period_end"]) == (
        "2025",
        dt.date(2024, 4, 1),
        dt.date(2025, 3, 31),
    )
    assert (found["level"], found["area_code"], found["area_name"]) == ("Local authority", "390", "Gateshead")
    assert (found["breakdown"], found["group"], found["unit"], found["authorities"]) == ("total", "Total", "percent", 1)
    assert (found["release"], found["file"], found["vintage"]) == ("Children in need", REFERRALS, "2025")
    assert not found["value_made"]
    assert found["lower"] is found["upper"] is found["definition_version"] is None
    assert series.frame.schema == SCHEMA


def test_a_figure_whose_denominator_stands_in_another_row(tmp_path):
    rows = [
        ("2025", GATESHEAD, stability("Total children", "528", "100")),
        ("2025", GATESHEAD, stability("With 3 or more placements during the year", "53", "10")),
        ("2025", GATESHEAD, stability("Total children", "300", "100", "CLA 2 years on 31 March")),
        ("2025", GATESHEAD, stability("With 3 or more placements during the previous 2 years", "60", "20",
                                      "CLA 2 years on 31 March")),
    ]  # fmt: skip

    series = balanced(read_published(write_file(tmp_path / STABILITY, rows)))

    year = figure(series, "placement_instability")
    assert (year["numerator"], year["denominator"], year["value"]) == (53.0, 528.0, 10.0)
    two_years = figure(series, "placement_instability", reading="two_years")
    assert (two_years["numerator"], two_years["denominator"], two_years["value"]) == (60.0, 300.0, 20.0)
    assert series.files[0].rows_used == 4


def test_a_denominator_that_the_file_lacks_is_missing_and_said(tmp_path):
    rows = [
        ("2025", GATESHEAD, stability("Total children", "528", "100")),
        ("2025", GATESHEAD, stability("With 3 or more placements during the year", "53", "10")),
        ("2025", BARNET, stability("With 3 or more placements during the year", "30", "9")),
    ]

    series = balanced(read_published(write_file(tmp_path / STABILITY, rows)))

    assert figure(series, "placement_instability", area_code="302")["denominator"] is None
    assert figure(series, "placement_instability", area_code="302")["value"] == 9.0
    assert rules(series) == {"no_denominator": (3,)}


def test_groups_are_called_as_in_our_results(tmp_path):
    rows = [
        ("2025", ENGLAND, leavers("17 to 18 years", "Total", "200", "100")),
        ("2025", ENGLAND, leavers("17 to 18 years", "Total in education, employment or training", "130", "65")),
        ("2025", ENGLAND, leavers("19 to 21 years", "Total", "400", "100")),
        ("2025", ENGLAND, leavers("19 to 21 years", "Total in education, employment or training", "220", "55")),
        ("2025", ENGLAND, leavers("22 years", "Total", "90", "100")),
    ]

    series = balanced(read_published(write_file(tmp_path / ACTIVITY, rows)))

    eet = series.frame.filter(indicator="care_leavers_eet").select("breakdown", "group", "numerator", "denominator")
    assert eet.rows() == [
        ("care_leaver_age", "17 to 18", 130.0, 200.0),
        ("care_leaver_age", "19 to 21", 220.0, 400.0),
    ]
    assert series.files[0].rows_of_no_figure == 1


def test_a_release_with_the_columns_of_its_time_is_read_all_the_same(tmp_path):
    def earlier(item: str, count: str, percent: str) -> dict[str, str]:
        return {"age": "Aged 17 to 18", "activity": item, "number": count, "percentage": percent}

    rows = [
        ("2023", ENGLAND, earlier("Total", "200", "100")),
        ("2023", ENGLAND, earlier("In an apprenticeship", "8", "4")),
    ]

    series = balanced(read_published(write_file(tmp_path / ACTIVITY, rows)))

    found = figure(series, "care_leavers_apprenticeships")
    assert (found["group"], found["numerator"], found["denominator"], found["value"]) == ("17 to 18", 8.0, 200.0, 4.0)


def test_a_column_that_changed_its_meaning_is_not_mistaken_for_the_one_that_has_its_name_now(tmp_path):
    """`characteristic` was the item and is now the group."""
    now = {"characteristic": "Reason episode ceased", "children_count": "12", "children_percent": "24"}
    rows = [
        ("2025", GATESHEAD, {**now, "breakdown": "Special guardianship order"}),
        ("2025", GATESHEAD, {**now, "breakdown": "Total", "children_count": "50", "children_percent": "100"}),
    ]
    before = {"cla_group": "Reason episode ceased", "number": "10", "percentage": "25"}
    earlier = [
        ("2023", GATESHEAD, {**before, "characteristic": "Special guardianship orders"}),
        ("2023", GATESHEAD, {**before, "characteristic": "Total", "number": "40", "percentage": "100"}),
    ]
    for folder in ("now", "before"):
        (tmp_path / folder).mkdir()
    name = "la_children_who_ceased_during_the_year.csv"
    paths = [write_file(tmp_path / "now" / name, rows), write_file(tmp_path / "before" / name, earlier)]

    series = balanced(read_published(paths))

    figures = series.frame.filter(reading="ceased_special_guardianship")
    assert figures.select("period", "numerator", "denominator", "value").rows() == [
        ("2023", 10.0, 40.0, 25.0),
        ("2025", 12.0, 50.0, 24.0),
    ]


def test_a_denominator_of_several_columns_is_their_sum(tmp_path):
    rows = [("2025", ENGLAND, workers(agency_fte="5343.2", inpost_fte="28482.6", agency_rate_fte="15.8"))]

    series = balanced(read_published(write_file(tmp_path / WORKFORCE, rows)))

    assert figure(series, "agency_rate")["denominator"] == 33825.8


def test_workforce_figures_are_of_the_year_of_their_census(tmp_path):
    series = read_published(write_file(tmp_path / WORKFORCE, [("2025", GATESHEAD, workers())]))

    found = figure(series, "vacancy_rate")
    assert (found["period"], found["period_end"]) == ("2025", dt.date(2025, 9, 30))


def test_authorities_that_return_together_are_one_area_and_that_is_said(tmp_path):
    rows = [("2021", NORTHAMPTONSHIRES, workers()), ("2021", GATESHEAD, workers())]

    series = balanced(read_published(write_file(tmp_path / WORKFORCE, rows)))

    found = figure(series, "caseload", area_code="940+941")
    assert (found["area_name"], found["authorities"]) == ("North Northamptonshire with West Northamptonshire", 2)
    assert rules(series) == {"joint_return": (1,)}


def test_authorities_that_return_together_are_the_same_area_in_either_order(tmp_path):
    level, region, region_name, _, name = NORTHAMPTONSHIRES
    rows = [
        ("2021", NORTHAMPTONSHIRES, workers()),
        ("2022", (level, region, region_name, "941 / 940", name), workers()),
    ]

    series = balanced(read_published(write_file(tmp_path / WORKFORCE, rows)))

    found = series.frame.filter(indicator="caseload").select("area_code", "area_name").unique().rows()
    assert found == [("940+941", "North Northamptonshire with West Northamptonshire")]


def test_a_school_year_goes_by_the_year_in_which_it_ends(tmp_path):
    cells = {
        "social_care_group": "CINO at 31 March", "phase_type_grouping": "Total", "t_pupils": "100",
        "t_sess_possible": "30000", "t_sess_overall": "5000", "pt_overall": "16.7", "t_pupils_pa_10_exact": "40",
        "pt_pupils_pa_10_exact": "40", "t_pupils_pa_50_exact": "9", "pt_pupils_pa_50_exact": "9",
    }  # fmt: skip
    rows = [("202425", ENGLAND, cells), ("202425", ENGLAND, {**cells, "phase_type_grouping": "Special"})]

    series = balanced(read_published(write_file(tmp_path / "absence_la.csv", rows, identifier="Academic year")))

    found = figure(series, "school_absence")
    assert (found["period"], found["group"]) == ("2025", "In need, neither on a plan nor looked after")
    assert series.files[0].rows_of_no_figure == 1


def test_a_school_year_of_years_that_do_not_follow_each_other_is_left_out(tmp_path):
    cells = {"social_care_group": "CINO at 31 March", "t_att8": "900", "t_pupils": "50", "avg_att8": "18"}
    rows = [("202426", ENGLAND, cells), ("202324", ENGLAND, cells)]

    series = balanced(read_published(write_file(tmp_path / "ks4_la.csv", rows, identifier="Academic year")))

    assert figure(series, "attainment_8")["period"] == "2024"
    assert rules(series) == {"unreadable_period": (1,)}


def test_a_header_in_capitals_with_a_byte_order_mark_is_read(tmp_path):
    rows = [("2025", GATESHEAD, referrals("400", "83", "20.8"))]

    path = write_file(tmp_path / REFERRALS, rows, capitals=True, mark=True)

    assert figure(read_published(path), "rereferrals")["value"] == 20.8


@pytest.mark.parametrize(
    "name",
    [
        "c1_children_in_need_referrals_and_rereferrals.csv",
        "C1_Children_in_need_referrals_and_rereferrals_2013_to_2025.CSV",
        "c1_children_in_need_referrals_and_rereferrals_2025 (1).csv",
    ],
)
def test_a_file_is_known_whatever_years_its_name_has(tmp_path, name):
    path = write_file(tmp_path / name, [("2025", GATESHEAD, referrals("400", "83", "20.8"))])

    assert figure(read_published(path), "rereferrals")["file"] == name


# Symbols


@pytest.mark.parametrize(
    ("written", "status"),
    [
        *((same, same) for same in ("c", "z", "x", "k", "u", "low")),
        (":", "x"),  # these two are no longer in use
        ("~", "low"),
        ("C", "c"),
        ("LOW", "low"),
    ],
)
def test_a_symbol_is_the_status_and_there_is_no_value(tmp_path, written, status):
    rows = [("2025", GATESHEAD, referrals("400", written, written))]

    series = balanced(read_published(write_file(tmp_path / REFERRALS, rows)))

    found = figure(series, "rereferrals")
    assert (found["value"], found["status"]) == (None, status)
    assert (found["numerator"], found["denominator"]) == (None, 400.0)
    assert rules(series) == {"missing_columns": ()}


@pytest.mark.parametrize("written", ["1,200", "12%", "n/a", "-", "1e3", "12 ", ".5"])
def test_a_cell_that_is_neither_number_nor_symbol_is_a_finding_without_its_text(tmp_path, written):
    rows = [
        ("2025", BARNET, referrals("400", "83", "20.8")),
        ("2025", GATESHEAD, referrals("400", "83", written)),
    ]

    series = balanced(read_published(write_file(tmp_path / REFERRALS, rows)))

    found = figure(series, "rereferrals", area_code="390")
    if written == "12 ":  # spaces around a number are none of it
        assert found["value"] == 12.0
        return
    assert (found["value"], found["status"]) == (None, "x")
    [finding] = [finding for finding in series.findings if finding.rule == "unreadable_cell"]
    assert (finding.row_numbers, finding.column) == ((2,), "rereferral_percent")
    assert finding.indicators == ("rereferrals",)
    assert written not in finding.as_line()


def test_an_empty_cell_is_not_available_and_said(tmp_path):
    series = balanced(
        read_published(write_file(tmp_path / REFERRALS, [("2025", GATESHEAD, referrals("400", "83", ""))]))
    )

    assert figure(series, "rereferrals")["status"] == "x"
    assert rules(series)["empty_cell"] == (1,)


# Values that a file does not hold


def need(count: str) -> dict[str, str]:
    return {"category": "Children in Need", "Anypoint_episodes": "900", "Anypoint_child": "800", "At31_episodes": count}


def test_a_rate_is_made_from_the_count_and_the_population_of_the_mid_year_before(tmp_path):
    rows = [("2025", BARNET, need("1500")), ("2025", ENGLAND, need("400000"))]

    series = balanced(read_published(write_file(tmp_path / NEED, rows)))

    people = population("302", 2024)
    assert people is not None
    barnet = figure(series, "children_in_need", area_code="302")
    assert barnet["value"] == pytest.approx(1500 / people * 10_000, abs=0.05)
    assert (barnet["denominator"], barnet["value_made"]) == (people, True)
    england = figure(series, "children_in_need", level="National")
    assert england["value"] == pytest.approx(400_000 / 12_183_016 * 10_000, abs=0.05)
    made = [finding for finding in series.findings if finding.rule == "value_made"]
    assert made[0].indicators == ("children_in_need",)
    assert "population aged 0 to 17" in made[0].message
    assert (made[0].rows, made[0].row_numbers) == (2, ())


def test_no_rate_is_made_of_a_count_that_is_a_symbol_or_of_a_population_that_is_not_known(tmp_path):
    former_dorset = ("Local authority", "E12000009", "South West", "835", "Dorset")
    rows = [("2025", BARNET, need("c")), ("2015", former_dorset, need("500")), ("2027", BARNET, need("500"))]

    series = balanced(read_published(write_file(tmp_path / NEED, rows)))

    cells = series.frame.filter(indicator="children_in_need").select("period", "value", "status")
    assert cells.rows() == [("2015", None, "x"), ("2025", None, "c"), ("2027", None, "x")]
    assert rules(series)["no_population"] == (2, 3)


def conferences(**cells: str) -> dict[str, str]:
    usual = {"Section47": "200", "Section47_child": "180", "ICPC": "80", "ICPC_child": "79",
             "Duration_0-10_days": "6", "Duration_11-15_days": "57"}  # fmt: skip
    return usual | cells


def test_a_percentage_is_made_of_several_columns_and_rounded_half_up(tmp_path):
    rows = [
        ("2025", GATESHEAD, conferences()),
        ("2025", BARNET, conferences(**{"Duration_0-10_days": "c"})),
        ("2024", BARNET, conferences(ICPC="0", **{"Duration_0-10_days": "0", "Duration_11-15_days": "0"})),
    ]

    series = balanced(read_published(write_file(tmp_path / "c4_children_in_need_section_47s_and_icpcs.csv", rows)))

    timely = series.frame.filter(indicator="conferences_within_15_days")
    # 63 of 80 are 78.75 per cent.
    assert timely.select("period", "area_code", "numerator", "value", "status").rows() == [
        ("2024", "302", 0.0, None, "z"),
        ("2025", "302", None, None, "c"),
        ("2025", "390", 63.0, 78.8, "ok"),
    ]
    assert figure(series, "section_47_to_conference", area_code="390")["value"] == 40.0


def test_a_value_that_is_made_and_rounds_to_zero_says_so_and_a_true_zero_is_one(tmp_path):
    rows = [("2025", ENGLAND, need("10")), ("2025", NORTH_EAST, need("0"))]
    series = balanced(read_published(write_file(tmp_path / NEED, rows)))

    # 10 of 12,183,016 children are 0.008 in 10,000.
    cells = series.frame.filter(indicator="children_in_need").sort("level").select("numerator", "value", "status")
    assert cells.rows() == [(10.0, 0.0, "k"), (0.0, 0.0, "ok")]


# Rows that are left out


def test_areas_that_are_not_known_and_years_that_cannot_be_read_are_left_out_by_rule(tmp_path):
    cells = referrals("400", "83", "20.8")
    school = ("School", "", "", "", "")
    rows = [
        ("2025", GATESHEAD, cells),
        ("2025", NOWHERE, cells),
        ("2025", CUMBRIA, cells),
        ("2023", CUMBRIA, cells),
        ("2025", ("Regional", "E12000099", "Nowhere", "", ""), cells),
        ("20X5", GATESHEAD, cells),
        ("202425", GATESHEAD, cells),
        ("2011", GATESHEAD, cells),
        ("2025", school, cells),
        ("2025", INNER_LONDON, cells),
        ("2025", NORTH_EAST, cells),
    ]

    series = balanced(read_published(write_file(tmp_path / REFERRALS, rows)))

    assert rules(series) == {
        "missing_columns": (),
        "unknown_area": (2, 5),
        "other_years": (3,),
        "unreadable_period": (6, 7),
        "too_early": (8,),
        "other_level": (9,),
    }
    kept = series.frame.filter(indicator="rereferrals").select("period", "area_code").rows()
    assert kept == [("2023", "909"), ("2025", "E12000001"), ("2025", "E13000001"), ("2025", "390")]
    [file] = series.files
    assert dict(file.rows_rejected) == {
        "other_level": 1,
        "unreadable_period": 2,
        "too_early": 1,
        "unknown_area": 2,
        "other_years": 1,
    }
    assert (file.rows_read, file.rows_used, file.rows_of_no_figure) == (11, 4, 0)


def test_a_row_that_is_there_twice_counts_once(tmp_path):
    row = ("2025", GATESHEAD, referrals("400", "83", "20.8"))

    series = balanced(read_published(write_file(tmp_path / REFERRALS, [row, row])))

    assert figure(series, "rereferrals")["value"] == 20.8
    assert rules(series)["repeated_row"] == (2,)
    assert dict(series.files[0].rows_rejected) == {"repeated_row": 1}


def test_rows_that_the_spec_does_not_tell_apart_are_not_believed(tmp_path):
    """A release with a filter more than the spec knows has several rows where one was."""
    rows = [
        ("2025", GATESHEAD, referrals("400", "83", "20.8")),
        ("2025", GATESHEAD, {**referrals("200", "40", "20"), "category": "Referrals of girls"}),
        ("2025", BARNET, referrals("300", "60", "20")),
    ]

    series = balanced(read_published(write_file(tmp_path / REFERRALS, rows)))

    assert series.frame.filter(indicator="rereferrals")["area_code"].to_list() == ["302"]
    assert rules(series)["ambiguous_rows"] == (1, 2)
    assert dict(series.files[0].rows_rejected) == {"ambiguous_rows": 2}


# Files


def test_a_file_that_no_spec_knows_is_refused_with_the_nearest(tmp_path):
    path = write_file(tmp_path / "d3_cpp_subsequent_plans_2025.csv", [("2025", GATESHEAD, {"CPP_start": "1"})])

    says = r'no indicator is known to be in a file of that name\. Did you mean "d3_cpps_subsequent_plan"'
    with pytest.raises(UsageError, match=says) as caught:
        read_published(path)
    assert caught.value.exit_code == 2


def test_a_file_like_no_other_is_refused_with_the_names_known(tmp_path):
    path = tmp_path / "random.csv"
    path.write_text("a,b\n1,2\n", encoding="utf-8")

    with pytest.raises(UsageError, match=r"random\.csv: no indicator is known .* The names known are, .*absence_la, "):
        read_published(path)


def test_a_file_under_another_name_is_told_by_its_columns(tmp_path):
    path = write_file(tmp_path / "export.csv", [("2025", GATESHEAD, conferences())])

    with pytest.raises(UsageError, match="Its columns are those of c4_children_in_need_section_47s_and_icpcs"):
        read_published(path)


def test_a_file_of_a_known_name_with_other_columns_is_refused(tmp_path):
    path = write_file(tmp_path / STABILITY, [("2025", GATESHEAD, {"cla_group": "CLA on 31 March", "count": "9"})])

    with pytest.raises(UsageError, match=r"has other columns\. Missing: children_count, children_percent, placement"):
        read_published(path)


def test_columns_of_some_figures_that_a_release_lacks_are_said(tmp_path):
    series = read_published(write_file(tmp_path / REFERRALS, [("2025", GATESHEAD, referrals("400", "83", "20.8"))]))

    [finding] = [finding for finding in series.findings if finding.rule == "missing_columns"]
    assert "rereferrals:children" in finding.message
    assert "not in this edition of the file" in finding.advice
    assert finding.indicators == ("rereferrals",)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "no header"),
        ("a,b\n1,2\n", "the column time_period is missing"),
        ("time_period,Time_period\n1,2\n", "a column name is given twice"),
        ("time_period,time_identifier,geographic_level\n2025,Reporting year\n", "line 2: it has 2 fields"),
    ],
)
def test_a_file_that_is_none_of_these_is_refused_by_name(tmp_path, text, says):
    path = tmp_path / STABILITY
    path.write_text(text, encoding="utf-8")

    with pytest.raises(UnreadableFile, match=says):
        read_published(path)


def test_an_archive_of_a_release_is_read_and_what_is_not_known_passed_over(tmp_path):
    known = write_file(tmp_path / REFERRALS, [("2025", GATESHEAD, referrals("400", "83", "20.8"))])
    other = write_file(tmp_path / "ks9_la.csv", [("2025", GATESHEAD, {"t_pupils": "1"})])
    archive = tmp_path / "release.zip"
    with zipfile.ZipFile(archive, "w") as file:
        for path in (known, other):
            file.write(path, f"data/{path.name}")
        file.writestr(f"data/{known.stem}.meta.csv", "col_name,col_type\n")

    series = balanced(read_published(archive))

    assert [file.file for file in series.files] == [REFERRALS]
    assert [finding.source_file for finding in series.findings if finding.rule == "passed_over"] == ["ks9_la.csv"]


def test_a_folder_is_read_and_gives_the_same_as_its_files(tmp_path):
    folder = tmp_path / "figures"
    folder.mkdir()
    paths = [
        write_file(folder / REFERRALS, [("2025", GATESHEAD, referrals("400", "83", "20.8"))]),
        write_file(folder / NEED, [("2025", GATESHEAD, need("900"))]),
    ]
    shutil.copy(paths[0], folder / ".hidden.csv")

    assert read_published(folder).frame.equals(read_published(sorted(paths)).frame)


def test_a_file_that_is_there_under_two_names_is_read_once_and_said(tmp_path):
    first = write_file(tmp_path / REFERRALS, [("2025", GATESHEAD, referrals("400", "83", "20.8"))])
    copy = first.with_name(f"{first.stem} (1).csv")
    shutil.copy(first, copy)

    series = balanced(read_published([first, copy]))

    assert figure(series, "rereferrals")["file"] == REFERRALS
    assert [file.file for file in series.files] == [REFERRALS]
    [finding] = [finding for finding in series.findings if finding.rule == "repeated_file"]
    assert (finding.source_file, finding.severity) == (copy.name, "kept")
    assert f"the same as {REFERRALS}" in finding.message


def test_a_folder_or_archive_without_any_figures_is_refused_by_name(tmp_path):
    archive = tmp_path / "release.zip"
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("data/ks9_la.csv", "a,b\n1,2\n")

    with pytest.raises(UsageError, match=r"release\.zip: no file with published figures was found\. The names known"):
        read_published(archive)
    (tmp_path / "empty").mkdir()
    with pytest.raises(UsageError, match=r"empty: no file with published figures was found\. The names known"):
        read_published(tmp_path / "empty")


def test_the_vintage_is_the_latest_year_in_the_file_or_the_one_given(tmp_path):
    cells = referrals("400", "83", "20.8")
    path = write_file(tmp_path / REFERRALS, [("2025", GATESHEAD, cells), ("2024", GATESHEAD, cells)])

    assert read_published(path).frame["vintage"].unique().to_list() == ["2025"]
    assert read_published(path, vintage="2025 revised").files[0].vintage == "2025 revised"


def test_no_finding_or_refusal_holds_a_cell_of_a_row(tmp_path):
    odd: Path = write_file(
        tmp_path / REFERRALS,
        [
            ("2025", GATESHEAD, referrals("SECRET1", "SECRET2", "SECRET3")),
            ("SECRET4", NOWHERE, referrals("1", "1", "1")),
        ],
    )

    series = read_published(odd)

    assert len(series.findings) > 2
    assert not any("SECRET" in finding.as_line() for finding in series.findings)


# What the specs say


def test_every_indicator_that_dfe_publishes_says_where_its_figures_stand_or_that_it_is_not_established():
    for spec in catalogue().indicators.values():
        for figures in spec.published_figures:
            assert figures.established or figures.note, spec.id


def test_every_entry_has_the_columns_and_items_that_it_names_in_one_file_at_a_time():
    """Two readings of one file never stand in the same cells."""
    seen: dict[tuple[object, ...], str] = {}
    for spec in catalogue().indicators.values():
        for figures in spec.published_figures:
            if figures.established:
                cells = (figures.file, figures.value or figures.numerator, str(figures.where), figures.denominator)
                label = f"{spec.id}:{figures.reading or spec.default_reading}"
                assert seen.setdefault(cells, label) == label
