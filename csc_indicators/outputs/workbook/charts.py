"""The two charts of the sheet Compare: an area over the periods, and all authorities in one of them.

They draw what the workings hold. A figure that is not there is "not available" and leaves a gap, never a zero. What
tells the lines and bars apart is not colour alone: lines differ in dash and marker, the chosen bar is named and dark.

What a chart is of stands in its legend and in a cell above it: not every program follows a title that is a formula.
"""

from __future__ import annotations

from csc_indicators.outputs.workbook.book import DARK_BLUE, LIGHT_GREY, MID_GREY, ORANGE, Chart, File
from csc_indicators.outputs.workbook.workings import FIRST_ROW, SHEET, Workings, fact_cell

NAMES_FIT = 40
"""With more authorities than this their names no longer fit below the bars; the table beside the chart has them."""

_SMALL = {"name": "Arial", "size": 9, "color": "#333333"}


def chart_of_periods(file: File, workings: Workings) -> Chart:
    """Lines of the area and of its comparator over all periods."""
    chart: Chart = file.add_chart({"type": "line"})
    count = len(workings.periods)
    lines = (
        ("H", fact_cell("Area_over_periods"), {"color": DARK_BLUE, "width": 2.5}, "circle", DARK_BLUE),
        (
            "I",
            fact_cell("Comparator_area"),
            {"color": ORANGE, "width": 2.25, "dash_type": "dash"},
            "diamond",
            "#FFFFFF",
        ),
    )
    for letter, name, line, marker, fill in lines:
        chart.add_series({
            "name": name,
            "categories": _column("A", count),
            "values": _column(letter, count),
            "values_data": workings.drawn[letter],
            "line": line,
            "marker": {"type": marker, "size": 8, "fill": {"color": fill}, "border": {"color": line["color"]}},
        })  # fmt: skip
    chart.set_x_axis({"num_font": _SMALL, "line": {"color": MID_GREY}, "text_axis": True})
    return _dressed(chart, {})


def chart_of_authorities(file: File, workings: Workings, *, from_zero: bool) -> Chart:
    """Bars of all authorities in the chosen period, the chosen one dark and named, and a line at the comparator.

    Bars stand on zero, `from_zero`, unless there are figures below it.
    """
    chart: Chart = file.add_chart({"type": "column", "subtype": "stacked"})
    count = len(workings.authorities)
    bars = (
        ("R", fact_cell("Area_in_period"), {"fill": {"color": DARK_BLUE}, "border": {"color": DARK_BLUE}}),
        ("S", "Other authorities", {"fill": {"color": LIGHT_GREY}, "border": {"color": MID_GREY}}),
    )
    for letter, name, look in bars:
        chart.add_series({
            "name": name,
            "categories": _column("Q", count),
            "values": _column(letter, count),
            "values_data": workings.drawn[letter],
            "gap": 40,
            **look,
        })  # fmt: skip
    line: Chart = file.add_chart({"type": "line"})
    line.add_series({
        "name": fact_cell("Comparator_area"),
        "categories": _column("Q", count),
        "values": _column("T", count),
        "values_data": workings.drawn["T"],
        "line": {"color": ORANGE, "width": 2.25, "dash_type": "dash"},
        "marker": {"type": "diamond" if count == 1 else "none"},
    })  # fmt: skip
    chart.combine(line)
    names = {"num_font": {**_SMALL, "rotation": -45 if count > 5 else 0}, "label_position": "low"}  # noqa: PLR2004 (fits)
    if count > NAMES_FIT:
        names = {"num_font": {**_SMALL, "size": 6, "rotation": -90}, "label_position": "low"}
    chart.set_x_axis({**names, "line": {"color": MID_GREY}})
    return _dressed(chart, {"min": 0} if from_zero else {})


def _column(letter: str, count: int) -> str:
    return f"={SHEET}!${letter}${FIRST_ROW + 1}:${letter}${FIRST_ROW + max(count, 1)}"


def _dressed(chart: Chart, y_axis: dict[str, float]) -> Chart:
    """A chart with what both have alike."""
    chart.set_title({"none": True})
    grid = {"visible": True, "line": {"color": "#E3E6E8", "width": 0.75}}
    chart.set_y_axis({"num_font": _SMALL, "num_format": "General", "major_gridlines": grid, **y_axis})
    chart.set_legend({"position": "bottom", "font": _SMALL})
    chart.show_blanks_as("gap")
    chart.show_na_as_empty_cell()
    chart.show_hidden_data()
    return chart
