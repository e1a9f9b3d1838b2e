"""The sheet on which the reader chooses: an indicator, an area, a group, what to compare it with, and a period.

Everything below the choices is formulas over the sheet of figures, and two charts, so it stays live without macros.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from csc_indicators.outputs.workbook.book import Book, Chart, Sheet, Style, fit_header, fit_row, new_sheet, write_header
from csc_indicators.outputs.workbook.charts import chart_of_authorities, chart_of_periods
from csc_indicators.outputs.workbook.choices import Choice, Choices
from csc_indicators.outputs.workbook.differences import difference_cells
from csc_indicators.outputs.workbook.figures import Figures
from csc_indicators.outputs.workbook.workings import SHEET as WORKINGS
from csc_indicators.outputs.workbook.workings import Cell, Line, Workings, chart_title, looked_up

SHEET = "Compare"
NO_FIGURE = "-"
"""What stands for a figure that is not among those of the workbook: no symbol of a published table."""

CHOICES_ROW, RULE_ROW, CHART_ROW, CHART_ROWS = 3, 8, 12, 18
TABLE_ROW = CHART_ROW + CHART_ROWS + 1
LAST_COLUMN, LAST_CHOICE_COLUMN = 19, 8

OF_AREA = ("Value", "Symbol", "Numerator", "Denominator", "Lower 95\u00a0%", "Upper 95\u00a0%", "Complete",
           "Place", "Quarter", "Funnel")  # fmt: skip
CHANGE = "Change on period before"
"""The last column of the area; the table of all authorities is without it."""

OF_COMPARATOR = ("Value", "Symbol", "Authorities behind it", "Complete")
OF_DIFFERENCE = ("Difference", "Difference: lower 95\u00a0%", "Difference: upper 95\u00a0%", "Is it more than chance?")
CHANGE_COLUMN, COMPARATOR_COLUMN, DIFFERENCE_COLUMN = 11, 12, 16
_WIDTHS = (34, 10, 8, 11, 13, 9, 9, 10, 11, 14, 11, 11, 10, 8, 12, 10, 11, 11, 11, 14)
INCOMPLETE = "*"
"""What a change is marked with where one of its periods is incomplete."""


def write_compare(book: Book, choices: Choices, figures: Figures, chosen: Choice, workings: Workings) -> None:
    """The sheet, with its drop-downs, formulas and charts."""
    sheet: Sheet = book.file.get_worksheet_by_name(SHEET)
    _write_choices(book, sheet, choices, chosen)
    _write_rule(book, sheet, choices, chosen, workings)
    _insert_charts(book, sheet, choices, figures, chosen, workings)
    beside = f"Compared with: {workings.comparator}"
    _write_span(book, sheet, TABLE_ROW, (0, CHANGE_COLUMN), "=Area_named", workings.area)
    _write_span(book, sheet, TABLE_ROW, (COMPARATOR_COLUMN, LAST_COLUMN), '="Compared with: "&Comparator_area', beside)
    _fit_to_names(sheet, TABLE_ROW, (COMPARATOR_COLUMN, LAST_COLUMN), figures.columns["area_name"], beside)
    heads = ("Period", *OF_AREA, CHANGE, *OF_COMPARATOR, *OF_DIFFERENCE)
    write_header(book, sheet, TABLE_ROW + 1, heads, right=True)
    fit_header(sheet, TABLE_ROW + 1, heads, _WIDTHS)
    first = TABLE_ROW + 2
    for offset, (period, line) in enumerate(zip(choices.periods, workings.periods, strict=True)):
        row = first + offset
        sheet.write_string(row, 0, period, book.styles["cell"])
        figure_at = f"{WORKINGS}!$B{line.row + 1}"
        before = choices.previous.get(period)
        earlier = choices.periods.index(before) if before else None
        _write_figure(book, sheet, row, figures, line.figure, figure_at)
        _write_change(book, sheet, row, figures, workings.periods, offset, earlier, first, choices, chosen)
        _write_comparator(book, sheet, row, figures, line, f"{WORKINGS}!$C{line.row + 1}")
        cells = difference_cells(figures, line, row + 1, line.row + 1, _decimals(choices, chosen), chosen.comparator)
        _write_cells(book, sheet, row, DIFFERENCE_COLUMN, cells)
    last = first + len(choices.periods) - 1
    _write_authorities(book, sheet, figures, workings, chosen, last + 2)
    _format_by_decimals(book, sheet, first, last, last + 4 + len(workings.authorities))
    sheet.freeze_panes(RULE_ROW, 1)
    sheet.activate()


def new_compare(book: Book) -> None:
    """The empty sheet, so that it stands before those it reads."""
    about = "Choose in the yellow cells. All below follows: the charts, the figures and the differences."
    new_sheet(book, SHEET, title="Compare", about=about, widths=_WIDTHS)


def _decimals(choices: Choices, chosen: Choice) -> int:
    return next(measure.decimals for measure in choices.measures if measure.label == chosen.measure)


def _write_choices(book: Book, sheet: Sheet, choices: Choices, chosen: Choice) -> None:
    """The yellow cells, each a drop-down with a defined name."""
    asked = (
        ("Indicator", "Chosen_indicator", chosen.measure, "=Measure_labels", "Which figure, by which reading."),
        ("Area", "Chosen_area", chosen.area, "=Area_labels", "An authority, a region or England."),
        ("Group", "Chosen_group", chosen.group, "=Groups_to_choose", "Groups that the chosen indicator has."),
        ("Compare with", "Chosen_comparator", chosen.comparator, "=Comparators", "What to set beside the area."),
        ("Period", "Chosen_period", chosen.period, "=Periods", "Of the chart and table of all authorities."),
    )
    areas = [area.label for area in choices.areas]
    offered = [measure.label for measure in choices.measures], areas, choices.groups, areas, choices.periods
    for offset, ((label, name, value, source, hint), names) in enumerate(zip(asked, offered, strict=True)):
        row = CHOICES_ROW + offset
        _fit_to_names(sheet, row, (1, LAST_CHOICE_COLUMN), names)
        sheet.write_string(row, 0, label, book.styles["label"])
        sheet.merge_range(row, 1, row, LAST_CHOICE_COLUMN, "", book.styles["choice"])
        sheet.write_string(row, 1, value, book.styles["choice"])
        book.file.define_name(name, f"={SHEET}!$B${row + 1}")
        sheet.data_validation(row, 1, row, 1, {
            "validate": "list",
            "source": source,
            "input_title": label,
            "input_message": hint,
            "error_title": "Not in the list",
            "error_message": "Choose one of the list.",
        })  # fmt: skip


def _write_rule(book: Book, sheet: Sheet, choices: Choices, chosen: Choice, workings: Workings) -> None:
    """What the chosen indicator is, and a line that says so when there is nothing to show."""
    measure = next(measure for measure in choices.measures if measure.label == chosen.measure)
    text, label, wrapped = book.styles["text"], book.styles["label"], book.styles["wrapped"]

    def fact(name: str) -> tuple[str, str]:
        return f'=IFERROR(INDEX({name},Measure_number),"")', measure.facts[name]

    beside = ("Reading", "Measure_reading"), ("Unit", "Measure_unit"), ("Direction", "Measure_better"), \
             ("Definition", "Measure_status")  # fmt: skip
    for offset, (title, name) in enumerate(beside):
        sheet.write_string(CHOICES_ROW + offset, LAST_CHOICE_COLUMN + 2, title, label)
        formula, value = fact(name)
        sheet.write_formula(CHOICES_ROW + offset, LAST_CHOICE_COLUMN + 3, formula, text, value)
    for offset, (title, name) in enumerate(
        (("Numerator", "Measure_numerator"), ("Denominator", "Measure_denominator"))
    ):
        row = RULE_ROW + offset
        formula, value = fact(name)
        sheet.write_string(row, 0, title, label)
        sheet.merge_range(row, 1, row, LAST_COLUMN, "", wrapped)
        sheet.write_formula(row, 1, formula, wrapped, value)
        sheet.set_row(row, 28)
    nothing = (
        "There is no figure for these choices: the indicator has no such group, or was not computed for this area."
    )
    alone = "There is nothing to compare with for these choices."
    shown = any(line.figure for line in workings.periods)
    beside_it = any(line.comparator for line in workings.periods)
    formula = f'=IF(Figures_found=0,"{nothing}",IF(Comparators_found=0,"{alone}",""))'
    value = nothing if not shown else "" if beside_it else alone
    sheet.write_formula(RULE_ROW + 2, 1, formula, book.styles["warning"], value)


def _insert_charts(
    book: Book, sheet: Sheet, choices: Choices, figures: Figures, chosen: Choice, workings: Workings
) -> None:
    """The charts, each under a line that says what it is of."""
    title, style = chart_title(choices, chosen), book.styles["label"]
    sheet.write_formula(CHART_ROW - 1, 0, "=Chart_title", style, title)
    of_period = f"{title}, {chosen.period}, all authorities"
    sheet.write_formula(CHART_ROW - 1, 9, '=Chart_title&", "&Chosen_period&", all authorities"', style, of_period)
    least = min((value for value in figures.columns["value"] if value is not None), default=0)
    pictures: Sequence[tuple[int, Chart, str, int]] = (
        (0, chart_of_periods(book.file, workings), "The chosen area and its comparator over all periods", 835),
        (
            9,
            chart_of_authorities(book.file, workings, from_zero=least >= 0),
            "All authorities in the chosen period",
            890,
        ),
    )
    for column, chart, description, width in pictures:
        chart.set_size({"width": width, "height": CHART_ROWS * 20 - 8})
        place = {"x_offset": 4, "y_offset": 4, "object_position": 2, "description": description}
        sheet.insert_chart(CHART_ROW, column, chart, place)


def _write_span(book: Book, sheet: Sheet, row: int, columns: tuple[int, int], formula: str, value: str) -> None:
    """A heading from one column to another, underlined over all of them."""
    sheet.merge_range(row, columns[0], row, columns[1], "", book.styles["span"])
    sheet.write_formula(row, columns[0], formula, book.styles["span"], value)


def _fit_to_names(sheet: Sheet, row: int, columns: tuple[int, int], names: Sequence[str], *others: str) -> None:
    """Make a row high enough for any of the names: which one stands there is chosen later."""
    longest = max((*names, *others), key=len)
    fit_row(sheet, row, (longest, sum(_WIDTHS[columns[0] : columns[1] + 1])))


def number_or_symbol(column: str, row: str) -> str:
    """The formula that shows a number of a figure, its symbol where there is none, or a dash for no figure."""
    return (
        f'=IF({row}=0,"{NO_FIGURE}",IF(INDEX(Figures_{column},{row})="",'
        f'IF(INDEX(Figures_status,{row})="ok","",INDEX(Figures_status,{row})),INDEX(Figures_{column},{row})))'
    )


def _shown_number(figures: Figures, row: int, column: str) -> Cell:
    if not row:
        return NO_FIGURE
    value, status = figures.shown(row, column), figures.shown(row, "status")
    return ("" if status == "ok" else status) if value == "" else value


def _symbol(row: str) -> str:
    return f'=IF({row}=0,"",IF(INDEX(Figures_status,{row})="ok","",INDEX(Figures_status,{row})))'


def _shown_symbol(figures: Figures, row: int) -> str:
    status = figures.shown(row, "status")
    return "" if status == "ok" else status


def _write_cells(
    book: Book, sheet: Sheet, row: int, column: int, cells: Sequence[tuple[str, Cell, str]]
) -> None:  # fmt: skip
    for offset, (formula, value, style) in enumerate(cells):
        sheet.write_formula(row, column + offset, formula, book.styles[style], value)


def _write_figure(book: Book, sheet: Sheet, row: int, figures: Figures, figure: int, at: str) -> None:
    """The cells of one figure, from its value to whether it is complete, and its place among authorities."""

    def plain(name: str) -> tuple[str, Cell, str]:
        return f"={looked_up(name, at)}", figures.shown(figure, name), "right"

    def number(name: str, style: str) -> tuple[str, Cell, str]:
        return number_or_symbol(name, at), _shown_number(figures, figure, name), style

    cells = [
        number("value", "value_1"),
        (_symbol(at), _shown_symbol(figures, figure), "right"),
        number("numerator", "count"),
        number("denominator", "count"),
        (f"={looked_up('lower', at)}", figures.shown(figure, "lower"), "value_1"),
        (f"={looked_up('upper', at)}", figures.shown(figure, "upper"), "value_1"),
        plain("complete"),
    ]
    _write_cells(book, sheet, row, 1, cells)
    _write_cells(book, sheet, row, 8, [plain("place"), plain("quarter"), plain("funnel")])


def _write_change(
    book: Book,
    sheet: Sheet,
    row: int,
    figures: Figures,
    lines: Sequence[Line],
    offset: int,
    earlier: int | None,
    first: int,
    choices: Choices,
    chosen: Choice,
) -> None:
    """The change since the period that ended the day before, marked where either is incomplete; without one, nothing.

    The mark is part of how the number is shown, so that it stays one.
    """
    if earlier is None:
        sheet.write_blank(row, CHANGE_COLUMN, None, book.styles["right"])
        return
    now, then = f"B{row + 1}", f"B{first + earlier + 1}"
    values = [figures.shown(lines[place].figure, "value") for place in (offset, earlier)]
    known = all(value != "" for value in values)
    change = round(values[0] - values[1], _decimals(choices, chosen)) if known else ""
    formula = f'=IF(AND(ISNUMBER({now}),ISNUMBER({then})),ROUND({now}-{then},Chosen_decimals),"")'
    sheet.write_formula(row, CHANGE_COLUMN, formula, book.styles["value_1"], change)
    incomplete = f'IF($H{row + 1}="no",TRUE,$H{first + earlier + 1}="no")'
    for decimals, look in enumerate(("#,##0", "#,##0.0", "#,##0.00", "#,##0.000")):
        marked = book.file.add_format({"italic": True, "num_format": f'{look}"{INCOMPLETE}"'})
        rule = {"type": "formula", "criteria": f"=AND(Chosen_decimals={decimals},{incomplete})", "format": marked}
        sheet.conditional_format(row, CHANGE_COLUMN, row, CHANGE_COLUMN, {**rule, "stop_if_true": True})


def _write_comparator(book: Book, sheet: Sheet, row: int, figures: Figures, line: Line, at: str) -> None:
    cells = [
        (number_or_symbol("value", at), _shown_number(figures, line.comparator, "value"), "value_1"),
        (_symbol(at), _shown_symbol(figures, line.comparator), "right"),
        (f"={looked_up('authorities', at)}", figures.shown(line.comparator, "authorities"), "count"),
        (f"={looked_up('complete', at)}", figures.shown(line.comparator, "complete"), "right"),
    ]
    _write_cells(book, sheet, row, COMPARATOR_COLUMN, cells)


def _write_authorities(
    book: Book, sheet: Sheet, figures: Figures, workings: Workings, chosen: Choice, row: int
) -> None:
    """Every authority in the chosen period, from the highest value; the chosen one is marked."""
    text = '="All authorities, "&Chosen_period&", from the highest value"'
    shown = f"All authorities, {chosen.period}, from the highest value"
    _write_span(book, sheet, row, (0, len(OF_AREA)), text, shown)
    heads = ("Area", *OF_AREA)
    write_header(book, sheet, row + 1, heads, right=True)
    fit_header(sheet, row + 1, heads, _WIDTHS)
    for offset, (line, label) in enumerate(zip(workings.authorities, workings.labels, strict=True)):
        at = row + 2 + offset
        sheet.write_formula(at, 0, f"={WORKINGS}!$Q{line.row + 1}", book.styles["cell_wrapped"], label)
        _fit_to_names(sheet, at, (0, 0), workings.labels)
        _write_figure(book, sheet, at, figures, line.figure, f"{WORKINGS}!$P{line.row + 1}")


def _format_by_decimals(book: Book, sheet: Sheet, first: int, last_period: int, last: int) -> None:
    """Show each indicator with its own decimals, and counts that are no whole numbers with one.

    A cell has one format, and what it holds changes with the choice; so the formats hang on conditions.
    """

    def when(column: int, to_column: int, criteria: str, look: dict[str, Any]) -> None:
        style: Style = book.file.add_format(look)
        to_row = last if column <= len(OF_AREA) else last_period
        sheet.conditional_format(
            first, column, to_row, to_column, {"type": "formula", "criteria": criteria, "format": style}
        )

    for column, to_column in ((1, 1), (5, 6), (CHANGE_COLUMN, CHANGE_COLUMN)):
        for decimals, look in ((0, "#,##0"), (2, "#,##0.00"), (3, "#,##0.000")):
            when(column, to_column, f"=Chosen_decimals={decimals}", {"num_format": look})
    # A median of neighbours, and so a difference from it, has one decimal more than the values have.
    for column, to_column in ((12, 12), (16, 18)):
        for decimals, look in ((0, "#,##0.0"), (1, "#,##0.0#"), (2, "#,##0.00#"), (3, "#,##0.000#")):
            when(column, to_column, f"=Chosen_decimals={decimals}", {"num_format": look})
    row = first + 1
    when(3, 4, f"=IF(ISNUMBER(D{row}),D{row}<>INT(D{row}),FALSE)", {"num_format": "#,##0.0"})
    when(7, 7, f'=$H{row}="no"', {"italic": True, "bold": True})
    when(15, 15, f'=$P{row}="no"', {"italic": True, "bold": True})
    when(0, 0, f'=LEFT($A{row},1)="►"', {"bold": True})
