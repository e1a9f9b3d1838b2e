"""The hidden sheet of workings: where the chosen figures stand, and what the charts draw.

Each cell holds a formula and the value it has for the choice that the workbook is opened with, so that programs which
do not calculate show right figures. The formulas use nothing that Excel 2010 or LibreOffice lack.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from csc_indicators.area_membership import LOCAL_AUTHORITY, STATISTICAL_NEIGHBOURS
from csc_indicators.breakdowns import TOTAL_GROUP
from csc_indicators.outputs.workbook.book import Book, Sheet, new_sheet
from csc_indicators.outputs.workbook.choices import ITS_REGION, OF_NEIGHBOURS, Choice, Choices
from csc_indicators.outputs.workbook.figures import Figures

SHEET = "Workings"
FACTS_ROW, FIRST_ROW = 3, 22
NOT_AVAILABLE = "#N/A"
MARK = "► "

FULL, UNFINISHED, ALONE = "full", "unfinished", "alone"
"""What a comparator is good for: a verdict; only a difference, as it is an authority whose figure is incomplete;
nothing, as it is a region or England that is made of one authority and so that authority itself."""

FACTS = ("Measure_number", "Group_number", "Area_key", "Region_key", "Comparator_key", "Comparator_name",
         "Chosen_decimals", "Chosen_unit", "Chart_title", "Area_row", "Area_named", "Area_over_periods",
         "Area_in_period", "Comparator_row", "Comparator_area", "Figures_found", "Comparators_found")  # fmt: skip
"""What is worked out of the choice, in order, each under a defined name."""

Cell = float | str


@dataclass(frozen=True)
class Line:
    """A row of the sheet for one period or authority: its place there, and the figures' rows that it stands for.

    `comparison` says what the comparator is good for; nothing where there is none.
    """

    row: int
    figure: int
    comparator: int
    comparison: str = ""


@dataclass(frozen=True)
class Workings:
    """Where things stand on the sheet, and what they are for the first choice."""

    periods: tuple[Line, ...]
    authorities: tuple[Line, ...]
    labels: tuple[str, ...]
    """The names of the authorities from the highest value, the chosen one marked."""
    area: str
    """The chosen area as it is called in the chosen period: it may be of more authorities in another."""
    comparator: str
    """What it is compared with, as that is called in the chosen period."""
    drawn: dict[str, list[float | None]]
    """The charts' numbers by the letter of their column; None is a gap."""


def looked_up(column: str, row: str) -> str:
    """The formula's part that reads a column of the figures, an empty text where there is nothing."""
    return f'IF({row}=0,"",IF(INDEX(Figures_{column},{row})="","",INDEX(Figures_{column},{row})))'


def found(key: str) -> str:
    """The formula that says in which row of the figures a key stands; 0 for none."""
    return f"=IFERROR(MATCH({key},Figures_key,0),0)"


def write_workings(book: Book, choices: Choices, figures: Figures, chosen: Choice) -> Workings:
    """The sheet, and what the sheet Compare needs to know of it."""
    sheet = new_sheet(
        book, SHEET, title="Workings", about="What the sheet Compare works out. Row 0 is no figure.", widths=[24] * 20
    )

    def row_of(period: str, area_key: str) -> int:
        return figures.row_of.get(choices.key(chosen, period, area_key), 0)

    area, comparator = _write_facts(book, sheet, choices, figures, chosen, row_of)
    drawn: dict[str, list[float | None]] = {}
    periods = _write_periods(sheet, choices, figures, chosen, row_of, drawn)
    authorities, labels = _write_authorities(sheet, choices, figures, chosen, row_of, drawn)
    sheet.hide()
    return Workings(periods, authorities, labels, area, comparator, drawn)


RowOf = Callable[[str, str], int]


def _write_facts(
    book: Book, sheet: Sheet, choices: Choices, figures: Figures, chosen: Choice, row_of: RowOf
) -> tuple[str, str]:
    """What was chosen as numbers and codes, each under a defined name; returns the names of area and comparator."""
    labels = [measure.label for measure in choices.measures]
    number = labels.index(chosen.measure) + 1
    measure = choices.measures[number - 1]
    region = next(area.region for area in choices.areas if area.label == chosen.area)
    area_key, comparator_key = choices.area_key(chosen.area), choices.comparator_key(chosen)
    of_area, its_region = f'"{STATISTICAL_NEIGHBOURS}"', f'"{ITS_REGION}"'
    named = comparator_name(choices, chosen)
    title = chart_title(choices, chosen)
    rows = [row_of(period, area_key) for period in choices.periods]
    others = [row_of(period, comparator_key) for period in choices.periods]
    compared, own = row_of(chosen.period, comparator_key), row_of(chosen.period, area_key)
    area = str(figures.shown(own, "area_name")) if own else chosen.area
    beside = str(figures.shown(compared, "area_name")) if compared else named
    if compared and chosen.comparator == STATISTICAL_NEIGHBOURS:
        beside += f" ({figures.shown(compared, 'authorities')} with a value)"
    n = len(choices.periods)
    facts: dict[str, tuple[str, Cell]] = {
        "Measure_number": ("=IFERROR(MATCH(Chosen_indicator,Measure_labels,0),0)", number),
        "Group_number": (
            "=IFERROR(MATCH(Chosen_group,Group_labels,0),0)",
            choices.groups.index(chosen.group) + 1,
        ),
        "Area_key": ('=IFERROR(INDEX(Area_codes,MATCH(Chosen_area,Area_labels,0)),"")', area_key),
        "Region_key": (
            ('=IFERROR(IF(INDEX(Area_regions,MATCH(Chosen_area,Area_labels,0))="","",'
            'INDEX(Area_regions,MATCH(Chosen_area,Area_labels,0))),"")'),
            region,
        ),
        "Comparator_key": (
            (f'=IF(Chosen_comparator={of_area},"{OF_NEIGHBOURS}"&Area_key,IF(Chosen_comparator={its_region},Region_key,'
            'IFERROR(INDEX(Area_codes,MATCH(Chosen_comparator,Area_labels,0)),"")))'),
            comparator_key,
        ),
        "Comparator_name": (
            (f'=IF(Chosen_comparator={of_area},Chosen_comparator&" of "&Chosen_area,IF(Chosen_comparator={its_region},'
            'IFERROR(INDEX(Area_labels,MATCH(Region_key,Area_codes,0)),"No region"),Chosen_comparator))'),
            named,
        ),
        "Chosen_decimals": (
            "=IFERROR(INDEX(Measure_decimals,Measure_number),1)",
            measure.decimals,
        ),
        "Chosen_unit": (
            '=IFERROR(INDEX(Measure_unit,Measure_number),"")',
            measure.facts["Measure_unit"],
        ),
        "Chart_title": (
            ('=IFERROR(INDEX(Measure_title,Measure_number),"")&IF(Chosen_group="Total","",", "&Chosen_group)'
            '&" ("&Chosen_unit&")"'),
            title,
        ),
        "Area_row": (found('Measure_number&"|"&Chosen_period&"|"&Group_number&"|"&Area_key'), own),
        "Area_named": (f'=IF(Area_row=0,Chosen_area,{looked_up("area_name", "Area_row")})', area),
        "Area_over_periods": ('=Area_named&": "&Chart_title', f"{area}: {title}"),
        "Area_in_period": ('=Area_named&": "&Chart_title&", "&Chosen_period', f"{area}: {title}, {chosen.period}"),
        "Comparator_row": (
            found('Measure_number&"|"&Chosen_period&"|"&Group_number&"|"&Comparator_key'),
            compared,
        ),
        "Comparator_area": (
            (f'=IF(Comparator_row=0,Comparator_name,{looked_up("area_name", "Comparator_row")}'
            f'&IF(Chosen_comparator={of_area}," ("&{looked_up("authorities", "Comparator_row")}&" with a value)",""))'),
            beside,
        ),
        "Figures_found": (f"=SUM(B{FIRST_ROW + 1}:B{FIRST_ROW + n})", sum(rows)),
        "Comparators_found": (f"=SUM(C{FIRST_ROW + 1}:C{FIRST_ROW + n})", sum(others)),
    }  # fmt: skip
    for offset, name in enumerate(FACTS):
        formula, value = facts[name]
        sheet.write_string(FACTS_ROW + offset, 0, name)
        sheet.write_formula(FACTS_ROW + offset, 1, formula, None, value)
        book.file.define_name(name, f"={SHEET}!$B${FACTS_ROW + offset + 1}")
    return area, beside


def comparator_name(choices: Choices, chosen: Choice) -> str:
    """What is compared with, by its name."""
    if chosen.comparator == STATISTICAL_NEIGHBOURS:
        return f"{STATISTICAL_NEIGHBOURS} of {chosen.area}"
    if chosen.comparator == ITS_REGION:
        code = choices.comparator_key(chosen)
        return next((area.label for area in choices.areas if code and area.code == code), "No region")
    return chosen.comparator


def chart_title(choices: Choices, chosen: Choice) -> str:
    """What the charts are of: the indicator, its group and its unit."""
    facts = next(measure.facts for measure in choices.measures if measure.label == chosen.measure)
    group = "" if chosen.group == TOTAL_GROUP else f", {chosen.group}"
    return f"{facts['Measure_title']}{group} ({facts['Measure_unit']})"


def fact_cell(name: str) -> str:
    """The cell of a fact, for charts: they take cells, not names."""
    return f"={SHEET}!$B${FACTS_ROW + FACTS.index(name) + 1}"


def _number(value: Any) -> float | None:  # noqa: ANN401 (number or text)
    return value if isinstance(value, (int, float)) else None


def _write(sheet: Sheet, row: int, cells: Sequence[tuple[int, str, Cell | None]]) -> None:
    """Formulas of one row with their values; without a value they are not available, which a chart leaves out."""
    for column, formula, value in cells:
        sheet.write_formula(row, column, formula, None, NOT_AVAILABLE if value is None else value)


def _write_periods(
    sheet: Sheet,
    choices: Choices,
    figures: Figures,
    chosen: Choice,
    row_of: RowOf,
    drawn: dict[str, list[float | None]],
) -> tuple[Line, ...]:
    """For each period the rows and values of the area and of what it is compared with."""
    heads = ("Period", "Figure", "Comparator", "Value", "Comparator value", "Comparator lower", "Comparator upper",
             "Drawn", "Comparator drawn", "Comparator is good for")  # fmt: skip
    for column, head in enumerate(heads):
        sheet.write_string(FIRST_ROW - 1, column, head)
    neighbours = chosen.comparator == STATISTICAL_NEIGHBOURS
    lines: list[Line] = []
    drawn["H"], drawn["I"] = [], []
    for offset, period in enumerate(choices.periods):
        row, r = FIRST_ROW + offset, FIRST_ROW + offset + 1
        compared = row_of(period, choices.comparator_key(chosen))
        good_for = _good_for(figures, compared)
        line = Line(row, row_of(period, choices.area_key(chosen.area)), compared, good_for)
        value, other = figures.shown(line.figure, "value"), figures.shown(line.comparator, "value")
        bounds = [other if neighbours else figures.shown(line.comparator, bound) for bound in ("lower", "upper")]
        sheet.write_string(row, 0, period)
        key = f'Measure_number&"|"&$A{r}&"|"&Group_number&"|"&'
        # The neighbours' median has no interval and is taken as it stands.
        bound = f'IF(Chosen_comparator="{STATISTICAL_NEIGHBOURS}",E{r},{{}})'
        _write(sheet, row, [
            (1, found(f"{key}Area_key"), line.figure),
            (2, found(f"{key}Comparator_key"), line.comparator),
            (3, f"={looked_up('value', f'$B{r}')}", value),
            (4, f"={looked_up('value', f'$C{r}')}", other),
            (5, "=" + bound.format(looked_up("lower", f"$C{r}")), bounds[0]),
            (6, "=" + bound.format(looked_up("upper", f"$C{r}")), bounds[1]),
            (7, f"=IF(ISNUMBER(D{r}),D{r},NA())", _number(value)),
            (8, f"=IF(ISNUMBER(E{r}),E{r},NA())", _number(other)),
            (9, (f'=IF($C{r}=0,"",IF(INDEX(Figures_level,$C{r})="{LOCAL_AUTHORITY}",'
                 f'IF(INDEX(Figures_complete,$C{r})="no","{UNFINISHED}","{FULL}"),'
                 f'IF(AND(INDEX(Figures_level,$C{r})<>"{STATISTICAL_NEIGHBOURS}",'
                 f'INDEX(Figures_authorities,$C{r})=1),"{ALONE}","{FULL}")))'), good_for),
        ])  # fmt: skip
        drawn["H"].append(_number(value))
        drawn["I"].append(_number(other))
        lines.append(line)
    return tuple(lines)


def _good_for(figures: Figures, comparator: int) -> str:
    """What the comparator in a row of the figures is good for; nothing where there is none."""
    if not comparator:
        return ""
    level = figures.shown(comparator, "level")
    if level == LOCAL_AUTHORITY:
        return UNFINISHED if figures.shown(comparator, "complete") == "no" else FULL
    is_alone = level != STATISTICAL_NEIGHBOURS and figures.shown(comparator, "authorities") == 1
    return ALONE if is_alone else FULL


def _write_authorities(
    sheet: Sheet,
    choices: Choices,
    figures: Figures,
    chosen: Choice,
    row_of: RowOf,
    drawn: dict[str, list[float | None]],
) -> tuple[tuple[Line, ...], tuple[str, ...]]:
    """All authorities in the chosen period, from the highest value; those without a value come last.

    In K to N they are by name with their place in the order, in O to T in that order.
    """
    heads = ("Authority", "Figure", "Value", "Order", "Nth is", "Figure", "Label", "Chosen", "Others", "Comparator")
    for column, head in enumerate(heads):
        sheet.write_string(FIRST_ROW - 1, 10 + column, head)
    areas = choices.authorities
    rows = [row_of(chosen.period, area.code) for area in areas]
    values = [_number(figures.shown(row, "value")) for row in rows]
    ordered = sorted(range(len(areas)), key=lambda place: (-(values[place] or 0.0) if values[place] is not None
                                                           else float("inf"), place))  # fmt: skip
    first, last = FIRST_ROW + 1, FIRST_ROW + len(areas)
    compared = _number(figures.shown(row_of(chosen.period, choices.comparator_key(chosen)), "value"))
    lines: list[Line] = []
    for letter in "RST":
        drawn[letter] = []
    for offset, area in enumerate(areas):
        row, r = FIRST_ROW + offset, FIRST_ROW + offset + 1
        sheet.write_string(row, 10, area.code)
        nth = ordered[offset]
        value, is_chosen = values[nth], areas[nth].label == chosen.area
        named = f"INDEX(Area_labels,$O{r})"
        _write(sheet, row, [
            (11, found(f'Measure_number&"|"&Chosen_period&"|"&Group_number&"|"&$K{r}'), rows[offset]),
            (12, f"={looked_up('value', f'$L{r}')}", "" if values[offset] is None else values[offset]),
            (13, (f"=IF(ISNUMBER(M{r}),RANK(M{r},$M${first}:$M${last},0)+COUNTIF($M${first}:M{r},M{r})-1,"
                 f"COUNT($M${first}:$M${last})+ROWS($M${first}:M{r})-COUNT($M${first}:M{r}))"),
             ordered.index(offset) + 1),
            (14, f"=MATCH(ROWS($O${first}:O{r}),$N${first}:$N${last},0)", nth + 1),
            (15, f"=INDEX($L${first}:$L${last},O{r})", rows[nth]),
            (16, f'=IF({named}=Chosen_area,"{MARK}","")&{named}', (MARK if is_chosen else "") + areas[nth].label),
            (17, (f"=IF(AND({named}=Chosen_area,ISNUMBER(INDEX($M${first}:$M${last},O{r}))),"
                 f"INDEX($M${first}:$M${last},O{r}),NA())"), value if is_chosen else None),
            (18, (f"=IF(AND({named}<>Chosen_area,ISNUMBER(INDEX($M${first}:$M${last},O{r}))),"
                 f"INDEX($M${first}:$M${last},O{r}),NA())"), None if is_chosen else value),
            (19, f"=IF(ISNUMBER({looked_up('value', 'Comparator_row')}),{looked_up('value', 'Comparator_row')},NA())",
             compared),
        ])  # fmt: skip
        drawn["R"].append(value if is_chosen else None)
        drawn["S"].append(None if is_chosen else value)
        drawn["T"].append(compared)
        lines.append(Line(row, rows[nth], 0))
    return tuple(lines), tuple((MARK if areas[nth].label == chosen.area else "") + areas[nth].label for nth in ordered)
