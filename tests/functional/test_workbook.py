"""The Excel workbook: what is on its sheets, and that its formulas give our figures whatever is chosen."""

from __future__ import annotations

import dataclasses
import re
import zipfile

import fastexcel
import polars as pl
import pytest

import csc_indicators as csc
from csc_indicators.breakdowns import BREAKDOWNS
from csc_indicators.catalogue import catalogue
from csc_indicators.comparators import differences, positions
from csc_indicators.disclosure import policy, publish
from csc_indicators.errors import NothingComputed, UsageError
from csc_indicators.geography import region_of
from csc_indicators.outputs.workbook import workbook, write_workbook
from csc_indicators.outputs.workbook.compare import TABLE_ROW
from csc_indicators.outputs.workbook.figures import HEADER_ROW
from csc_indicators.outputs.workbook.workings import FIRST_ROW
from csc_indicators.tables.accounting import RowAccount
from tests.lib.command_line import ROOT
from tests.lib.spreadsheets import (
    MAIN,
    SOFFICE,
    WITHOUT_SOFFICE,
    calculated,
    cells_of,
    formulas_of,
    part,
    sheet_parts,
    with_cells,
)

REGION = ROOT / "fixtures" / "region"
LEVELS = ("Local authority", "Regional", "National", "Statistical neighbours")
PERIODS = ("2023", "2024", "2025")
FIRST = TABLE_ROW + 3  # the first period's row, counted from 1
VALUES = ("value", "lower", "upper")
COLUMNS = "BCDEFGHIJKLMNOPQRST"
CHOICES = {"indicator": "B4", "area": "B5", "group": "B6", "comparator": "B7", "period": "B8"}
CODES = {"Gateshead": "390", "Newcastle upon Tyne": "391", "County Durham": "840"}
ENGLAND = "England (3 of 153 authorities)"
GIRLS = f"{BREAKDOWNS['sex'].title}: Female"
ALCOHOL = f"{BREAKDOWNS['assessment_factor'].title}: 1A Alcohol misuse: child"


@pytest.fixture(scope="module")
def computed():
    """Every number, but for those that are hidden here: what is hidden must not hang on how a policy hides.

    In 2023 the region is of one authority alone: only how many it is of is changed.
    """
    everything = csc.compute(REGION, levels=LEVELS, by="sex", internal=True)
    return republished(everything, lambda cells: region_alone_in_2023(small_hidden(cells)), internal=True)


@pytest.fixture(scope="module")
def path(computed, tmp_path_factory):
    return write_workbook(computed, tmp_path_factory.mktemp("workbook") / "figures.xlsx")


@pytest.fixture(scope="module")
def of_referrals():
    return csc.compute(REGION, ["referrals", "rereferrals"])


def republished(computation, change, *, internal=False):
    """The computation with its cells changed."""
    cells = change(computation.frame)
    policies = {name: policy(catalogue().indicator(name).disclosure) for name in cells["indicator"].unique()}
    return dataclasses.replace(computation, published=publish(cells, policies, internal=internal))


def small_hidden(cells):
    small = pl.col("numerator").is_between(1, 5)
    emptied = [pl.when(~small.fill_null(value=False)).then(name).alias(name) for name in ("numerator", *VALUES)]
    return cells.with_columns(*emptied, status=pl.when(small).then(pl.lit("c")).otherwise("status"))


def region_alone_in_2023(cells):
    alone = (pl.col("level") == "Regional") & (pl.col("period") == "2023")
    return cells.with_columns(authorities=pl.when(alone).then(1).otherwise("authorities"))


# What the formulas must come to


def row_of(cells, chosen, period, level, code):
    breakdown, group = ("total", "Total")
    if chosen["group"] != "Total":
        title, _, group = chosen["group"].partition(": ")
        breakdown = next(name for name, each in BREAKDOWNS.items() if each.title == title)
    found = cells.filter(
        indicator=chosen["id"], period=period, level=level, area_code=code, breakdown=breakdown, group=group
    )
    return found.row(0, named=True) if found.height else None


def comparator_of(chosen):
    code = CODES[chosen["area"]]
    return {
        "Statistical neighbours": ("Statistical neighbours", code),
        "Its region": ("Regional", region_of(code).code),
        ENGLAND: ("National", "E92000001"),
        "No comparator": ("National", "nowhere"),
    }.get(chosen["comparator"]) or ("Local authority", CODES[chosen["comparator"]])


def number_or_symbol(row, name):
    if row is None:
        return "-"
    return row[name] if row[name] is not None else "" if row["status"] == "ok" else row["status"]


def plain(row, name):
    return "" if row is None or row[name] is None else row[name]


def expected_lines(cells, chosen):
    """For each period what columns B to T show, from the published cells and what is worked out of them elsewhere."""
    places = positions(cells)
    level, other_code = comparator_of(chosen)
    compared = differences(cells).filter(compared_with=level) if level != "Local authority" else None
    decimals = catalogue().indicator(chosen["id"]).decimals
    lines, before = {}, None
    for period in PERIODS:
        own = row_of(cells, chosen, period, "Local authority", CODES[chosen["area"]])
        other = row_of(cells, chosen, period, level, other_code)
        same = {} if own is None else {
            name: own[name] for name in ("indicator", "period", "area_code", "breakdown", "group")
        }  # fmt: skip
        place = places.filter(**same).row(0, named=True) if same else None
        difference = None
        if compared is not None and same:
            found = compared.filter(pl.col("comparator_code") == other_code, **same)
            difference = found.row(0, named=True) if found.height else None
        rank = "" if place is None or place["rank"] is None else (
            f"{place['rank']}{'=' if place['tied'] > 1 else ''} of {place['ranked']}"
        )  # fmt: skip
        value = plain(own, "value")
        change = round(value - before, decimals) if "" not in (value, "" if before is None else before) else ""
        before = None if value == "" else value
        lines[period] = [
            number_or_symbol(own, "value"),
            "" if own is None or own["status"] == "ok" else own["status"],
            number_or_symbol(own, "numerator"),
            number_or_symbol(own, "denominator"),
            plain(own, "lower"),
            plain(own, "upper"),
            "" if own is None else "yes" if own["complete"] else "no",
            rank,
            plain(place, "quarter"),
            plain(place, "funnel"),
            change,
            number_or_symbol(other, "value"),
            "" if other is None or other["status"] == "ok" else other["status"],
            plain(other, "authorities"),
            "" if other is None else "yes" if other["complete"] else "no",
            *(plain(difference, name) for name in ("difference", "difference_lower", "difference_upper", "differs")),
        ]
        if level == "Local authority" and "" not in (value, plain(other, "value")):
            # Two authorities: no library function compares them, so the rule is written out once more.
            gap = value - other["value"]
            low = gap - ((value - own["lower"]) ** 2 + (other["upper"] - other["value"]) ** 2) ** 0.5
            high = gap + ((own["upper"] - value) ** 2 + (other["value"] - other["lower"]) ** 2) ** 0.5
            told = "higher" if low > 0 else "lower" if high < 0 else "within chance"
            told = told if own["complete"] and other["complete"] else ""
            lines[period][-4:] = [gap, round(low, decimals + 1), round(high, decimals + 1), told]
    return lines


def shown_lines(cells):
    return {
        period: [cells.get(f"{column}{FIRST + offset}", "") for column in COLUMNS]
        for offset, period in enumerate(PERIODS)
    }


def assert_same(shown, expected):
    for period in PERIODS:
        for column, found, right in zip(COLUMNS, shown[period], expected[period], strict=True):
            assert type(found) is type(right) or isinstance(found, float), (period, column, found, right)
            assert found == (pytest.approx(right, abs=1e-6) if isinstance(right, float) else right), (period, column)


def first_choice(cells):
    held = {name: cells[place] for name, place in CHOICES.items()}
    titles = {spec.title: spec.id for spec in catalogue().indicators.values()}
    return held | {"id": titles[held["indicator"]]}


def choice(indicator, area, group, comparator, period="2025"):
    return {"id": indicator, "indicator": catalogue().indicator(indicator).title, "area": area, "group": group,
            "comparator": comparator, "period": period}  # fmt: skip


OTHER_CHOICES = [
    choice("rereferrals", "Newcastle upon Tyne", "Total", "Its region"),
    choice("assessments_within_45_days", "Gateshead", GIRLS, ENGLAND, "2024"),
    choice("section_47_to_conference", "County Durham", "Total", "Statistical neighbours", "2023"),
    choice("privately_fostered", "Gateshead", "Total", ENGLAND, "2023"),
    choice("child_protection_plans", "Newcastle upon Tyne", GIRLS, "Gateshead", "2023"),
    choice("section_47_enquiries", "Newcastle upon Tyne", GIRLS, "Gateshead"),
    choice("deescalation_sustained", "Gateshead", "Total", "No comparator"),
    choice("referrals", "Gateshead", ALCOHOL, "Its region"),
    choice("plan_reviews_in_time", "County Durham", "Total", "Gateshead", "2024"),
    choice("plan_reviews_in_time", "Gateshead", "Total", "Its region", "2024"),
]


# Calculated again


@pytest.fixture(scope="module")
def worked_out(path, tmp_path_factory):
    """For each of the other choices: the sheets Compare and Workings, stale and as LibreOffice calculates them."""
    folder = tmp_path_factory.mktemp("choices")
    stale = [
        with_cells(path, "Compare", {place: each[name] for name, place in CHOICES.items()}, folder / f"{number}.xlsx")
        for number, each in enumerate(OTHER_CHOICES)
    ]
    fresh = calculated([path, *stale], folder)
    return stale, fresh


@pytest.mark.skipif(SOFFICE is None, reason=WITHOUT_SOFFICE)
@pytest.mark.parametrize("number", range(len(OTHER_CHOICES)))
def test_whatever_is_chosen_the_formulas_give_our_figures(computed, worked_out, number):
    stale, fresh = worked_out
    chosen = OTHER_CHOICES[number]
    cells = cells_of(fresh[number + 1], "Compare")
    expected = expected_lines(computed.frame, chosen)

    assert shown_lines(cells_of(stale[number], "Compare")) != expected  # so that a stale value would be seen
    assert_same(shown_lines(cells), expected)
    assert (chosen["group"] == ALCOHOL) == all(line[0] == "-" for line in expected.values())
    assert cells["B9"] == catalogue().indicator(chosen["id"]).numerator


@pytest.mark.skipif(SOFFICE is None, reason=WITHOUT_SOFFICE)
@pytest.mark.parametrize("number", range(len(OTHER_CHOICES)))
def test_charts_draw_the_chosen_figures_and_leave_a_gap_where_there_is_none(computed, worked_out, number):
    chosen, workings = OTHER_CHOICES[number], cells_of(worked_out[1][number + 1], "Workings")
    drawn = {letter: [workings[f"{letter}{FIRST_ROW + 1 + n}"] for n in range(3)] for letter in "HIRS"}
    expected = expected_lines(computed.frame, chosen)
    values = {
        area: plain(row_of(computed.frame, chosen, chosen["period"], "Local authority", code), "value")
        for area, code in CODES.items()
    }
    known = sorted((value for value in values.values() if value != ""), reverse=True)
    bars = [own if own != "#N/A" else other for own, other in zip(drawn["R"], drawn["S"], strict=True)]
    own_bar = [] if values[chosen["area"]] == "" else [values[chosen["area"]]]

    assert drawn["H"] == [line[0] if isinstance(line[0], float) else "#N/A" for line in expected.values()]
    assert drawn["I"] == [line[11] if isinstance(line[11], float) else "#N/A" for line in expected.values()]
    assert bars == known + ["#N/A"] * (3 - len(known))
    assert [value for value in drawn["R"] if value != "#N/A"] == own_bar


@pytest.mark.skipif(SOFFICE is None, reason=WITHOUT_SOFFICE)
@pytest.mark.parametrize("number", [0, 1, 2, 3, 4, 9])
def test_what_is_compared_with_is_named_as_it_is_in_the_chosen_period(computed, worked_out, number):
    chosen, cells = OTHER_CHOICES[number], cells_of(worked_out[1][number + 1], "Compare")
    other = row_of(computed.frame, chosen, chosen["period"], *comparator_of(chosen))
    known = f" ({other['authorities']} with a value)" if other["level"] == "Statistical neighbours" else ""

    assert cells[f"M{TABLE_ROW + 1}"] == f"Compared with: {other['area_name']}{known}"
    assert cells[f"A{TABLE_ROW + 1}"] == chosen["area"]
    assert number != 3 or cells[f"M{TABLE_ROW + 1}"].endswith("England (3 of 152 authorities)")


@pytest.mark.skipif(SOFFICE is None, reason=WITHOUT_SOFFICE)
def test_nothing_is_said_of_an_incomplete_figure_nor_of_a_region_that_is_one_authority(worked_out):
    region_alone, against_authority, changed = (
        shown_lines(cells_of(worked_out[1][number + 1], "Compare")) for number in (0, 8, 9)
    )

    assert region_alone["2023"][11] != "" == region_alone["2023"][15]
    assert region_alone["2024"][15] != ""
    assert (against_authority["2024"][6], against_authority["2024"][14]) == ("yes", "no")
    assert against_authority["2024"][15] != "" == against_authority["2024"][18]
    assert changed["2024"][6] == "no"
    assert changed["2024"][15] != "" == changed["2024"][18]
    assert changed["2025"][6] == "yes"
    assert changed["2025"][18] != ""


@pytest.mark.skipif(SOFFICE is None, reason=WITHOUT_SOFFICE)
def test_what_cannot_be_shown_is_said(worked_out):
    said = [cells_of(file, "Compare").get("B11", "") for file in worked_out[1]]

    assert said[7] == "There is nothing to compare with for these choices."
    assert said[8].startswith("There is no figure for these choices")
    assert not any(said[:7] + said[9:])


@pytest.mark.skipif(SOFFICE is None, reason=WITHOUT_SOFFICE)
@pytest.mark.parametrize("sheet", ["Compare", "Workings", "Data quality"])
def test_the_values_beside_the_formulas_are_what_they_come_to(path, worked_out, sheet):
    written, fresh = cells_of(path, sheet), cells_of(worked_out[1][0], sheet)

    assert formulas_of(path, sheet)
    for place in formulas_of(path, sheet):
        assert written.get(place, "") == pytest.approx(fresh.get(place, ""), abs=1e-9), place


# Without calculating


def test_a_program_that_does_not_calculate_shows_the_first_choice(computed, path):
    cells = cells_of(path, "Compare")

    assert_same(shown_lines(cells), expected_lines(computed.frame, first_choice(cells)))


def test_the_workbook_has_its_sheets_and_no_macros(path):
    states = {
        each.get("name"): each.get("state", "visible") for each in part(path, "xl/workbook.xml").find(f"{MAIN}sheets")
    }

    assert states == {
        "Contents": "visible", "Compare": "visible", "Figures": "visible", "Definitions": "visible",
        "Data quality": "visible", "Lists": "hidden", "Workings": "hidden",
    }  # fmt: skip
    with zipfile.ZipFile(path) as archive:
        assert not [name for name in archive.namelist() if "vba" in name.lower() or "externalLink" in name]


def test_formulas_use_only_functions_that_old_programs_have(path):
    everywhere = [text for sheet in sheet_parts(path) for text in formulas_of(path, sheet).values()]
    names = [each.text for each in part(path, "xl/workbook.xml").iter(f"{MAIN}definedName")]
    used = {name for text in (*everywhere, *names) for name in re.findall(r"([A-Z][A-Z0-9.]*)\(", text)}

    assert used == {"AND", "COUNT", "COUNTIF", "IF", "IFERROR", "INDEX", "ISNUMBER", "MATCH", "NA", "RANK", "ROUND",
                    "ROWS", "SQRT", "SUM"}  # fmt: skip


def test_every_drop_down_reads_a_list_in_cells(path):
    names = {each.get("name"): each.text for each in part(path, "xl/workbook.xml").iter(f"{MAIN}definedName")}
    lists = cells_of(path, "Lists")
    offered = {}
    for each in part(path, sheet_parts(path)["Compare"]).iter(f"{MAIN}dataValidation"):
        source = each.find(f"{MAIN}formula1").text
        offered[each.get("sqref").split()[0].partition(":")[0]] = source
        assert source in names
    column, first, last = re.fullmatch(r"Lists!\$([A-Z]+)\$(\d+):\$[A-Z]+\$(\d+)", names["Comparators"]).groups()

    assert offered == {"B4": "Measure_labels", "B5": "Area_labels", "B6": "Groups_to_choose", "B7": "Comparators",
                       "B8": "Periods"}  # fmt: skip
    assert [lists[f"{column}{row}"] for row in range(int(first), int(last) + 1)] == [
        "Statistical neighbours", "Its region", ENGLAND, "County Durham", "Gateshead", "Newcastle upon Tyne",
        "North East (3 of 12 authorities)", "No comparator",
    ]  # fmt: skip


def test_only_what_was_computed_can_be_compared_with(of_referrals, tmp_path):
    lists = cells_of(write_workbook(of_referrals, tmp_path / "own.xlsx"), "Lists")

    assert not {"Statistical neighbours", "Its region", "England"} & set(lists.values())
    assert cells_of(tmp_path / "own.xlsx", "Compare")["B7"] == "Gateshead"


def test_one_authority_alone_is_compared_with_nothing(tmp_path):
    alone = csc.compute(REGION, "referrals", la_codes="390", periods=csc.year(2025))
    cells = cells_of(write_workbook(alone, tmp_path / "alone.xlsx"), "Compare")

    assert (cells["B7"], cells["B11"]) == ("No comparator", "There is nothing to compare with for these choices.")
    assert cells[f"B{FIRST}"] == alone.frame["value"][0]


def test_figures_are_the_published_cells_and_a_hidden_number_is_an_empty_cell(computed, path):
    sheet = fastexcel.read_excel(path).load_sheet("Figures", header_row=HEADER_ROW).to_polars()
    numbers = {"Numerator": "numerator", "Denominator": "denominator", "Value": "value", "Lower 95 %": "lower",
               "Upper 95 %": "upper"}  # fmt: skip
    texts = {"Indicator id": "indicator", "Period": "period", "Area": "area_name", "Level": "level", "Group": "group",
             "Symbol": "status"}  # fmt: skip
    cells = computed.frame

    for shown, own in (numbers | texts).items():
        assert sheet[shown].to_list() == cells[own].to_list(), own
    assert sheet["Key"].is_unique().all()
    assert cells.filter(status="c")["numerator"].null_count() > 0


def test_a_chart_has_no_point_where_there_is_no_figure(tmp_path, of_referrals):
    def without_2024(cells):
        hidden = pl.col("period") == "2024"
        emptied = [pl.when(~hidden).then(name).alias(name) for name in ("numerator", "value", "lower", "upper")]
        return cells.with_columns(*emptied, status=pl.when(hidden).then(pl.lit("x")).otherwise("status"))

    changed = republished(of_referrals, without_2024, internal=True)
    file = write_workbook(changed, tmp_path / "gap.xlsx")
    chart = part(file, "xl/charts/chart1.xml")
    namespace = {"c": "http://schemas.openxmlformats.org/drawingml/2006/chart"}
    points = [each.get("idx") for each in chart.xpath("(//c:ser)[1]/c:val//c:pt", namespaces=namespace)]
    gap = chart.xpath("//c:dispBlanksAs/@val", namespaces=namespace)

    assert points == ["0", "2"]
    assert gap in ([], ["gap"])  # the default is a gap
    assert cells_of(file, "Compare")[f"B{FIRST + 1}"] == "x"


def test_text_is_never_a_formula_or_a_link(of_referrals, tmp_path):
    def renamed(cells):
        return cells.with_columns(area_code=pl.lit("=9"), area_name=pl.lit('=HYPERLINK("http://example.org")')).unique(
            subset=["indicator", "period"], maintain_order=True
        )

    file = write_workbook(republished(of_referrals, renamed, internal=True), tmp_path / "odd.xlsx")

    assert '=HYPERLINK("http://example.org")' in cells_of(file, "Figures").values()
    assert not [
        text for sheet in sheet_parts(file) for text in formulas_of(file, sheet).values() if "HYPERLINK" in text
    ]


def test_labels_hold_no_signs_that_look_ups_read_as_wildcards(of_referrals, tmp_path):
    def starred(cells):
        return cells.with_columns(
            area_code=pl.lit("9*") + pl.col("area_code"), area_name=pl.lit("What~* is this? ") + pl.col("area_name")
        )

    lists = cells_of(
        write_workbook(republished(of_referrals, starred, internal=True), tmp_path / "signs.xlsx"), "Lists"
    )

    assert "What-x is this Gateshead" in lists.values()


def test_a_restricted_workbook_says_so_on_every_sheet_and_page(tmp_path):
    file = write_workbook(csc.compute(REGION, "referrals", internal=True), tmp_path / "restricted.xlsx")

    for sheet, name in sheet_parts(file).items():
        assert cells_of(file, sheet)["A2"].startswith("RESTRICTED: small numbers are shown"), sheet
        assert "RESTRICTED" in part(file, name).find(f"{MAIN}headerFooter/{MAIN}oddHeader").text


def test_a_workbook_under_disclosure_control_does_not_say_restricted(of_referrals, tmp_path):
    path = write_workbook(of_referrals, tmp_path / "open.xlsx")
    for sheet, name in sheet_parts(path).items():
        assert not [text for text in cells_of(path, sheet).values() if "RESTRICTED" in str(text)]
        assert "RESTRICTED" not in part(path, name).find(f"{MAIN}headerFooter/{MAIN}oddHeader").text


def test_rows_are_accounted_for_and_findings_are_without_values(computed, path):
    cells = cells_of(path, "Data quality")
    rows = {cells[f"A{n}"]: n for n in range(1, 400) if f"A{n}" in cells}
    episodes = next(account for account in computed.extracts.accounts if account.table == "episodes")
    place = max(n for n in range(1, 400) if cells.get(f"A{n}") == "episodes" and isinstance(cells.get(f"B{n}"), float))
    finding = next(n for n in range(1, 400) if cells.get(f"C{n}") == "same_day_referrals")
    found = sum(each.rows for each in computed.extracts.findings if each.rule == "same_day_referrals")

    assert computed.published.restricted
    assert [cells[f"{column}{place}"] for column in "BCDEG"] == [
        episodes.read, episodes.kept, 0, episodes.superseded, "yes",
    ]  # fmt: skip
    assert cells[f"E{finding}"] == found
    assert "Incomplete figures: the notes above say why" in rows


def test_no_childs_id_is_in_the_workbook(computed, path):
    ids = set(computed.extracts.cin.children["child_id"].to_list())
    texts = {str(text) for sheet in sheet_parts(path) for text in cells_of(path, sheet).values()}

    assert len(ids) > 1000
    assert not ids & texts


def test_contents_link_every_indicator_to_its_definition(computed, path):
    links = {
        each.get("ref"): each.get("location")
        for each in part(path, sheet_parts(path)["Contents"]).iter(f"{MAIN}hyperlink")
    }
    contents, definitions = cells_of(path, "Contents"), cells_of(path, "Definitions")
    titles = {catalogue().indicator(name).title for name in computed.frame["indicator"].unique()}
    linked = {
        contents[place]: definitions[target.rpartition("!")[2]]
        for place, target in links.items()
        if "Definitions" in target and contents[place] != "Definitions"
    }

    assert linked == {title: title for title in titles}
    assert "Contains public sector information licensed under the Open Government Licence v3.0." in contents.values()


def test_a_change_is_marked_where_one_of_its_periods_is_incomplete(path):
    formats = [each.find(f"{MAIN}numFmt") for each in part(path, "xl/styles.xml").iter(f"{MAIN}dxf")]
    marks = {}
    for each in part(path, sheet_parts(path)["Compare"]).iter(f"{MAIN}conditionalFormatting"):
        if re.fullmatch(r"L\d+", each.get("sqref")):
            rules = sorted(each, key=lambda rule: int(rule.get("priority")))
            marks[each.get("sqref")] = {
                rule.find(f"{MAIN}formula").text: formats[int(rule.get("dxfId"))].get("formatCode") for rule in rules
            }

    assert marks == {
        f"L{row}": {
            f'AND(Chosen_decimals={decimals},IF($H{row}="no",TRUE,$H{row - 1}="no"))': f'{shown}"*"'
            for decimals, shown in enumerate(("#,##0", "#,##0.0", "#,##0.00", "#,##0.000"))
        }
        for row in (FIRST + 1, FIRST + 2)
    }
    assert "Marked * where one of the two periods is incomplete" in str(cells_of(path, "Contents").values())


def test_the_licence_is_said_once(of_referrals, tmp_path):
    contents = cells_of(write_workbook(of_referrals, tmp_path / "own.xlsx"), "Contents")

    assert len([text for text in contents.values() if "Open Government Licence" in str(text)]) == 1
    assert "2 (one reading each)" in contents.values()


def test_an_area_is_called_what_it_is_in_the_latest_period_and_stands_by_its_plain_name(of_referrals, tmp_path):
    def in_part(cells):
        name = pl.when(pl.col("area_code") != "840").then("area_name")
        return cells.with_columns(
            area_name=name.when(pl.col("period") == "2023").then(pl.lit("Durham (2 of 2 authorities)"))
            .when(pl.col("period") == "2024").then(pl.lit("Durham (1 of 2 authorities)"))
        ).filter((pl.col("area_code") != "840") | (pl.col("period") != "2025"))  # fmt: skip

    changed = republished(of_referrals, lambda cells: in_part(cells.sort("area_code")), internal=True)
    lists = cells_of(write_workbook(changed, tmp_path / "part.xlsx"), "Lists")
    places = [place for place, text in lists.items() if text == "Area_labels"]
    column = places[0].rstrip("0123456789")

    assert [lists[f"{column}{row}"] for row in (4, 5, 6)] == [
        "Durham (1 of 2 authorities)", "Gateshead", "Newcastle upon Tyne",
    ]  # fmt: skip


def test_legends_and_headings_read_the_same_cells(path):
    names = {each.get("name"): each.text for each in part(path, "xl/workbook.xml").iter(f"{MAIN}definedName")}
    series = {"c": "http://schemas.openxmlformats.org/drawingml/2006/chart"}
    legends = {
        each.text
        for number in (1, 2)
        for each in part(path, f"xl/charts/chart{number}.xml").xpath("//c:tx//c:f", namespaces=series)
    }

    assert formulas_of(path, "Compare")[f"M{TABLE_ROW + 1}"] == '"Compared with: "&Comparator_area'
    assert formulas_of(path, "Compare")[f"A{TABLE_ROW + 1}"] == "Area_named"
    assert {names[name] for name in ("Comparator_area", "Area_over_periods", "Area_in_period")} == legends


def test_small_numbers_of_rows_are_not_shown_beside_published_figures(of_referrals, tmp_path):
    accounts = (
        RowAccount(table="children", read=1_003, kept=1_000, superseded=3),
        RowAccount(table="episodes", read=40, kept=20, rejected={"first_rule": 2, "second_rule": 18}),
        RowAccount(table="reviews", read=40, kept=30, superseded=10),
    )
    cin = dataclasses.replace(of_referrals.extracts.cin, accounts=accounts)
    extracts = dataclasses.replace(of_referrals.extracts, cin=cin)
    changed = dataclasses.replace(of_referrals, extracts=extracts)
    cells = cells_of(write_workbook(changed, tmp_path / "open.xlsx"), "Data quality")
    rows = {cells[f"A{n}"]: n for n in range(1, 400) if f"A{n}" in cells and f"G{n}" in cells}
    shown = {
        table: [cells.get(f"{column}{rows[table]}") for column in "BCDEFG"]
        for table in ("children", "episodes", "reviews")
    }

    assert shown == {
        "children": ["1,001 to 1,005", 1000, 0, "1 to 5", None, "yes"],
        "episodes": ["39 to 43", 20, "19 to 23", 0, "first_rule 1 to 5, second_rule 18", "yes"],
        "reviews": [40, 30, 0, 10, None, "yes"],
    }
    assert list(formulas_of(tmp_path / "open.xlsx", "Data quality")) == [f"G{rows['reviews']}"]


def test_the_same_computation_makes_the_same_bytes(of_referrals):
    assert workbook(of_referrals) == workbook(csc.compute(REGION, ["referrals", "rereferrals"]))


def test_the_file_is_dated_the_last_day_of_its_figures(path):
    core = part(path, "docProps/core.xml")

    assert {each.text for each in core if "created" in each.tag or "modified" in each.tag} == {"2025-03-31T00:00:00Z"}


def test_what_cannot_be_written_is_one_clear_error(of_referrals, tmp_path):
    with pytest.raises(UsageError, match=r"ends in \.xlsx"):
        write_workbook(of_referrals, tmp_path / "figures.xls")
    with pytest.raises(UsageError, match=r"the folder .*no folder does not exist: make it, or name another"):
        write_workbook(of_referrals, tmp_path / "no folder" / "figures.xlsx")
    (tmp_path / "taken.xlsx").mkdir()
    with pytest.raises(UsageError, match="cannot be written"):
        write_workbook(of_referrals, tmp_path / "taken.xlsx")
    nothing = dataclasses.replace(of_referrals, published=of_referrals.published.only(pl.lit(value=False)))
    with pytest.raises(NothingComputed):
        workbook(nothing)
