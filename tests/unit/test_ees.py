"""Published cells as tidy files of Explore Education Statistics: what the files hold, say and leave out."""

from __future__ import annotations

import csv
import datetime as dt
import io

import polars as pl
import pytest

import csc_indicators as csc
from csc_indicators.area_membership import area_names
from csc_indicators.catalogue import catalogue
from csc_indicators.disclosure import Published, policy, publish
from csc_indicators.errors import NothingComputed, UsageError
from csc_indicators.outputs.ees import write_ees
from csc_indicators.outputs.ees_layout import column_names, layout_of, metadata_of, with_items
from csc_indicators.outputs.screening.screen import screen
from csc_indicators.outputs.screening.vocabulary import is_not_harmonised, is_smushed
from csc_indicators.periods import parse_period
from tests.lib.command_line import ROOT

REGION = ROOT / "fixtures" / "region"
LEVELS = ("Local authority", "Regional", "National", "Statistical neighbours")


def cell(indicator="rereferrals", group="Total", numerator=20.0, denominator=100.0, value=20.0, **others):
    """A row of results; a number that is not known is None."""
    period = parse_period(others.get("period", "2025"))
    code = others.get("area_code", "302")
    return {
        "indicator": indicator,
        "reading": "published",
        "parameters": "",
        "period": period.label,
        "period_start": period.start,
        "period_end": period.end,
        "level": "Local authority",
        "area_code": code,
        "area_name": area_names().get(code, code),
        "breakdown": "total" if group == "Total" else "sex",
        "group": group,
        "numerator": numerator,
        "denominator": denominator,
        "value": value,
        "lower": value,
        "upper": value,
        "status": "ok",
        "complete": True,
        "unit": catalogue().indicator(indicator).unit,
        "definition_version": "1",
        "authorities": 1,
        **others,
    }


def published(*cells: dict, internal: bool = False, threshold: bool = False) -> Published:
    """Rows of results as published; by default nothing in them is hidden besides what is hidden already."""
    frame = pl.DataFrame(list(cells), infer_schema_length=None).with_columns(
        pl.col("numerator", "denominator", "value", "lower", "upper").cast(pl.Float64)
    )
    if not threshold:
        # What was counted is taken to have been protected before.
        made = publish(frame.clear(), {}, internal=internal)
        return made.beside(lambda _: frame)
    return publish(
        frame, {name: policy(catalogue().indicator(name).disclosure) for name in frame["indicator"].unique()}
    )


def rows_of(file) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(file.read_text(encoding="utf-8"))))


def written(folder, *cells: dict) -> list[dict[str, str]]:
    """The rows of the one data file that the cells make, which must be sound."""
    files = write_ees(published(*cells), folder).files
    assert len(files) == 2
    assert [check for check in screen(files[0]) if check.result == "FAIL"] == []
    return rows_of(files[0])


@pytest.fixture(scope="module")
def region(tmp_path_factory):
    """The made-up region by sex, with what was hidden, as files."""
    computation = csc.compute(
        REGION,
        ["referrals", "rereferrals", "assessment_factors", "child_protection_plans", "section_47_to_conference"],
        periods=csc.years(2023, 2025),
        by=("sex",),
        levels=LEVELS,
    )
    return computation, write_ees(computation.published, tmp_path_factory.mktemp("ees"))


def test_the_files_of_a_region_pass_the_screen_without_a_warning(region):
    _, ees = region
    data = ees.files[::2]

    assert [file.name for file in data] == [
        "referrals.csv",
        "rereferrals.csv",
        "assessment_factors.csv",
        "child_protection_plans.csv",
        "section_47_to_conference.csv",
    ]
    assert [file.name for file in ees.files[1::2]] == [f"{file.stem}.meta.csv" for file in data]
    assert [(file.name, check.name) for file in data for check in screen(file) if check.result != "PASS"] == []
    assert {row["rereferral_percent"] for row in rows_of(data[1])} & {"c", "z"} == {"c"}


def test_every_number_of_the_results_is_in_the_files_and_nothing_hidden_is(region):
    computation, ees = region
    kept = computation.frame.filter(level="Local authority", indicator="rereferrals")
    rows = rows_of(ees.files[2])
    topics = {"total": "Total", "sex": "Sex"}
    shown = {
        (row["time_period"], row["old_la_code"], row["breakdown_topic"], row["breakdown"]): [
            row[name] for name in ("rereferral_count", "referral_count", "rereferral_percent")
        ]
        for row in rows
    }

    assert len(shown) == len(rows) == kept.height
    for row in kept.iter_rows(named=True):
        key = (row["period"], row["area_code"], topics[row["breakdown"]], row["group"])
        for text, name in zip(shown[key], ("numerator", "denominator", "value"), strict=True):
            assert text == row["status"] if row[name] is None else float(text) == row[name]


def test_what_the_files_leave_out_is_counted_and_said(region):
    computation, ees = region
    frame = computation.frame

    assert ees.partial_areas == frame.filter(pl.col("level").is_in(["Regional", "National"])).height > 0
    assert ees.neighbours == frame.filter(level="Statistical neighbours").height > 0
    assert ees.incomplete == frame.filter(~pl.col("complete"), level="Local authority").height > 0
    assert [note.split()[0] for note in ees.notes] == [
        f"{count:,}" for count in (ees.partial_areas, ees.neighbours, ees.incomplete)
    ]
    assert all("Regional" not in file.read_text(encoding="utf-8") for file in ees.files)


def test_the_same_results_give_the_same_bytes(region, tmp_path):
    computation, ees = region
    again = write_ees(computation.published, tmp_path)

    assert [file.read_bytes() for file in again.files] == [file.read_bytes() for file in ees.files]
    assert not any(b"\r" in file.read_bytes() for file in again.files)


def test_the_columns_are_those_of_the_site_in_their_order(tmp_path):
    (row,) = written(tmp_path, cell())

    assert row == {
        "time_period": "2025",
        "time_identifier": "Reporting year",
        "geographic_level": "Local authority",
        "country_code": "E92000001",
        "country_name": "England",
        "region_code": "E12000007",
        "region_name": "London",
        "old_la_code": "302",
        "new_la_code": "E09000003",
        "la_name": "Barnet",
        "rereferral_percent": "20",
        "rereferral_count": "20",
        "referral_count": "100",
        "rereferral_percent_lower": "20",
        "rereferral_percent_upper": "20",
    }


def test_metadata_says_what_each_column_is(tmp_path):
    write_ees(published(cell(), cell(group="Female")), tmp_path)

    assert [tuple(row.values()) for row in rows_of(tmp_path / "rereferrals.meta.csv")][:4] == [
        (
            "breakdown_topic",
            "Filter",
            "Kind of breakdown",
            "",
            "",
            "",
            "Choose what the figures are broken down by",
            "",
        ),
        ("breakdown", "Filter", "Breakdown", "", "", "", "Choose groups of children or workers", "breakdown_topic"),
        (
            *("rereferral_percent", "Indicator", "Re-referrals within 12 months"),
            *("Within 12 months of the previous referral", "%", "1", "", ""),
        ),
        (
            *("rereferral_count", "Indicator", "Rereferral count"),
            *("Within 12 months of the previous referral", "", "0", "", ""),
        ),
    ]


def test_regions_and_england_leave_finer_columns_empty_and_come_first(tmp_path):
    rows = written(
        tmp_path,
        cell(),
        cell(level="Regional", area_code="E13000002"),
        cell(level="National", area_code="E92000001"),
    )

    columns = (
        "geographic_level",
        "country_code",
        "region_code",
        "region_name",
        "old_la_code",
        "new_la_code",
        "la_name",
    )
    assert [[row[name] for name in columns] for row in rows] == [
        ["National", "E92000001", "", "", "", "", ""],
        ["Regional", "E92000001", "E13000002", "Outer London", "", "", ""],
        ["Local authority", "E92000001", "E12000007", "London", "302", "E09000003", "Barnet"],
    ]


def test_an_authority_has_the_code_of_its_time(tmp_path):
    rows = written(
        tmp_path,
        *(cell(area_code="825", period=period) for period in ("2011", "2020", "2021", "2025")),
        cell(area_code="909", period="2025"),
    )

    # Before the list of authorities begins the first code, after an authority's end the last.
    assert [(row["time_period"], row["new_la_code"]) for row in rows] == [
        ("2011", "E10000002"),
        ("2020", "E10000002"),
        ("2021", "E06000060"),
        ("2025", "E06000060"),
        ("2025", "E10000006"),
    ]


def test_a_year_of_workforce_figures_is_named_by_its_census(tmp_path):
    census = {"period_start": dt.date(2022, 10, 1), "period_end": dt.date(2023, 9, 30)}
    rows = written(tmp_path, cell("caseload", area_code="815", period="2023", **census))

    # On 30 September 2023 North Yorkshire had the code that it took in April.
    assert [(row["time_period"], row["time_identifier"], row["new_la_code"]) for row in rows] == [
        ("2023", "Reporting year", "E06000065")
    ]


@pytest.mark.parametrize(
    ("period", "name", "time"),
    [
        ("2024-25 Q4", "rereferrals_quarters", ("202425", "Financial year Q4")),
        ("1999-00 Q1", "rereferrals_quarters", ("199900", "Financial year Q1")),
        ("2024-12", "rereferrals_months", ("2024", "December")),
        ("2025-01", "rereferrals_months", ("2025", "January")),
    ],
)
def test_quarters_and_months_have_files_of_their_own(tmp_path, period, name, time):
    files = write_ees(published(cell(), cell(period=period)), tmp_path).files

    assert [file.name for file in files[::2]] == ["rereferrals.csv", f"{name}.csv"]
    assert [(row["time_period"], row["time_identifier"]) for row in rows_of(files[2])] == [time]
    assert [check for file in files[::2] for check in screen(file) if check.result != "PASS"] == []


def test_twelve_months_that_end_within_a_year_are_refused_before_anything_is_written(tmp_path):
    with pytest.raises(UsageError, match="year to 2024-06 cannot be in a tidy file"):
        write_ees(published(cell(), cell(period="year to 2024-06")), tmp_path / "out")

    assert not (tmp_path / "out").exists()


SYMBOLS = [
    pytest.param({"status": "c", "numerator": None, "value": None}, ("c", "c", "100", "c"), id="hidden numerator"),
    pytest.param(
        {"status": "c", "numerator": None, "denominator": None, "value": None}, ("c", "c", "c", "c"), id="all hidden"
    ),
    pytest.param(
        {"status": "z", "numerator": 0, "denominator": 0, "value": None},
        ("z", "0", "0", "z"),
        id="nothing to divide by",
    ),
    pytest.param(
        {"status": "x", "numerator": None, "denominator": None, "value": None}, ("x", "x", "x", "x"), id="not covered"
    ),
    pytest.param({"status": "u", "value": None}, ("u", "20", "100", "u"), id="of low reliability"),
    pytest.param({"status": "low", "value": None}, ("low", "20", "100", "low"), id="low"),
    pytest.param({"status": "ok", "numerator": 0, "value": 0}, ("0", "0", "100", "0"), id="a true zero"),
    pytest.param({"status": "k", "numerator": 20, "value": 0}, ("low", "20", "100", "0"), id="a value rounds to zero"),
    pytest.param({"status": "k", "numerator": 0, "value": 0.3}, ("0.3", "low", "100", "0.3"), id="a count does"),
    pytest.param({"status": "ok", "value": 0.1 + 0.2}, ("0.3", "20", "100", "0.3"), id="no trace of how it is held"),
    pytest.param({"status": "ok", "denominator": 12345678.0}, ("20", "20", "12345678", "20"), id="a large number"),
    pytest.param({"status": "ok", "lower": None, "upper": None}, ("20", "20", "100", "z"), id="no interval"),
]


@pytest.mark.parametrize(("others", "shown"), SYMBOLS)
def test_a_cell_is_a_number_or_the_symbol_for_why_there_is_none(tmp_path, others, shown):
    (row,) = written(tmp_path, cell(**others))

    names = ("rereferral_percent", "rereferral_count", "referral_count", "rereferral_percent_lower")
    assert tuple(row[name] for name in names) == shown


def test_full_time_equivalents_keep_their_decimals_and_counts_have_none(tmp_path):
    write_ees(published(cell("caseload", numerator=301.5, denominator=18.25, value=16.5)), tmp_path)

    (row,) = rows_of(tmp_path / "caseload.csv")
    assert (row["cases"], row["case_holders"], row["caseload_fte"]) == ("301.5", "18.25", "16.5")
    decimals = {row["col_name"]: row["indicator_dp"] for row in rows_of(tmp_path / "caseload.meta.csv")}
    assert decimals == {"caseload_fte": "1", "cases": "1", "case_holders": "1"}


def test_several_readings_are_items_of_a_filter_of_which_the_usual_one_is_shown_first(tmp_path):
    spec = catalogue().indicator("rereferrals")
    other = next(reading for reading in spec.reading if reading.name != spec.default_reading)
    usual = next(reading for reading in spec.reading if reading.name == spec.default_reading)

    rows = written(tmp_path, cell(reading=other.name, value=30.0), cell(reading=usual.name))

    assert [(row["reading"], row["rereferral_percent"]) for row in rows] == [(other.label, "30"), (usual.label, "20")]
    (filter_row, *_) = rows_of(tmp_path / "rereferrals.meta.csv")
    assert (filter_row["col_name"], filter_row["filter_default"]) == ("reading", usual.label)
    assert {check.result for check in screen(tmp_path / "rereferrals.csv")} == {"PASS"}


def test_one_reading_under_several_sets_of_parameters_says_them(tmp_path):
    rows = written(tmp_path, cell(), cell(parameters="window_months=6", value=11.0))

    label = catalogue().reading("rereferrals", "published").label
    assert [row["reading"] for row in rows] == [label, f"{label} (window_months=6)"]


def test_parameters_that_change_with_time_alone_are_no_items(tmp_path):
    rows = written(tmp_path, cell(period="2024"), cell(parameters="window_months=6"))

    assert [("reading" in row, row["time_period"]) for row in rows] == [(False, "2024"), (False, "2025")]


def test_every_time_and_place_has_every_item_and_what_there_is_not_is_not_applicable(tmp_path):
    rows = written(tmp_path, cell(), cell(group="Female"), cell(period="2024"), cell(period="2024", group="Male"))

    shown = {(row["time_period"], row["breakdown"]): row["rereferral_percent"] for row in rows}
    assert shown == {
        ("2024", "Total"): "20",
        ("2024", "Female"): "z",
        ("2024", "Male"): "20",
        ("2025", "Total"): "20",
        ("2025", "Female"): "20",
        ("2025", "Male"): "z",
    }


def test_items_of_two_breakdowns_may_share_a_name(tmp_path):
    unknown = [cell(group="Unknown"), cell(group="Unknown", breakdown="age_band", value=30.0)]

    rows = written(tmp_path, cell(), cell(group="Female"), *unknown)

    assert [(row["breakdown_topic"], row["breakdown"], row["rereferral_percent"]) for row in rows] == [
        ("Total", "Total", "20"),
        ("Sex", "Female", "20"),
        ("Sex", "Unknown", "20"),
        ("Age at the unit's date", "Unknown", "30"),
    ]


def test_groups_without_a_total_have_the_first_as_default_and_no_topic(tmp_path):
    rows = written(tmp_path, cell(group="Female"), cell(group="Male"))

    assert [row["breakdown"] for row in rows] == ["Female", "Male"]
    (filter_row, *_) = rows_of(tmp_path / "rereferrals.meta.csv")
    assert (filter_row["filter_default"], filter_row["filter_grouping_column"]) == ("Female", "")
    assert {check.result for check in screen(tmp_path / "rereferrals.csv")} == {"PASS"}


def test_a_group_alone_is_refused_because_it_would_be_taken_for_the_total(tmp_path):
    with pytest.raises(UsageError, match="one and the same group"):
        write_ees(published(cell(group="Female")), tmp_path)


def test_an_area_that_lacks_authorities_is_left_out_and_one_that_does_not_is_there(tmp_path):
    part = cell(level="Regional", area_code="E12000001", area_name="North East (3 of 12 authorities)", value=99.0)
    whole = cell(level="Regional", area_code="E12000002")

    ees = write_ees(published(cell(), part, whole), tmp_path)

    assert [row["region_name"] for row in rows_of(ees.files[0])] == ["North West", "London"]
    assert ees.partial_areas == 1
    assert ees.notes == ("1 row of regions or England left out: not all of their authorities are in the figures.",)


def test_nothing_but_partial_areas_and_neighbours_is_nothing_to_write(tmp_path):
    part = cell(level="National", area_code="E92000001", area_name="England (3 of 153 authorities)")
    neighbours = cell(level="Statistical neighbours")

    with pytest.raises(NothingComputed, match="nothing for a tidy file"):
        write_ees(published(part, neighbours), tmp_path)


def test_joined_authorities_are_refused(tmp_path):
    with pytest.raises(UsageError, match=r"940\+941 is no place of the site"):
        write_ees(published(cell(area_code="940+941")), tmp_path)


def test_restricted_results_are_refused(tmp_path):
    with pytest.raises(UsageError, match="restricted"):
        write_ees(published(cell(), internal=True), tmp_path)

    assert list(tmp_path.iterdir()) == []


def test_readings_of_two_units_are_refused_and_each_alone_is_written(tmp_path):
    ratio, percent = (
        cell("section_47_to_conference"),
        cell("section_47_to_conference", unit="percent", reading="cohort"),
    )

    with pytest.raises(UsageError, match=r"several units \(percent, ratio\)"):
        write_ees(published(ratio, percent), tmp_path)
    write_ees(published(percent), tmp_path)
    metadata = rows_of(tmp_path / "section_47_to_conference.meta.csv")

    assert [row["indicator_unit"] for row in metadata] == ["%", "", "", "%", "%"]


@pytest.mark.parametrize("name", sorted(catalogue().indicators))
def test_every_indicator_has_names_and_labels_that_keep_the_rules(name, tmp_path):
    spec = catalogue().indicator(name)
    group = spec.breakdowns[:1] or ((spec.published_groups,) if spec.published_groups else ())
    of_group = [cell(name, group="A group", breakdown=breakdown) for breakdown in group]

    files = write_ees(published(cell(name), *of_group), tmp_path).files

    assert [(check.name, check.message) for check in screen(files[0]) if check.result != "PASS"] == []


def test_names_that_break_a_rule_give_way_to_plain_ones():
    broken = {
        name
        for name, spec in catalogue().indicators.items()
        for column in (spec.columns.value, spec.columns.numerator, spec.columns.denominator)
        if column and (is_smushed(column) or is_not_harmonised(column))
    }

    assert broken == {"workforce_ethnicity"}
    assert column_names(catalogue().indicator("workforce_ethnicity").columns) == {
        "value": "value",
        "numerator": "numerator",
        "denominator": "denominator",
    }
    frame = published(cell("workforce_ethnicity")).frame
    labels = metadata_of(layout_of(with_items(frame)))["label"].to_list()
    assert labels[1:3] == ["Minority ethnic", "Ethnicity known"]


def test_what_disclosure_control_hides_is_hidden_in_the_file(tmp_path):
    few = [cell(numerator=23.0), cell(group="Female", numerator=20.0, denominator=60.0)]
    cells = [*few, cell(group="Male", numerator=3.0, denominator=40.0)]

    write_ees(published(*cells, threshold=True), tmp_path)

    rows = rows_of(tmp_path / "rereferrals.csv")
    assert [(row["breakdown"], row["rereferral_count"]) for row in rows] == [
        ("Total", "23"),
        ("Female", "c"),
        ("Male", "c"),
    ]
