"""The first sheet: what was computed, how to read it, and where everything is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

import csc_indicators
from csc_indicators.catalogue import catalogue
from csc_indicators.comparators import FEWEST_FOR_QUARTERS
from csc_indicators.disclosure import policy
from csc_indicators.engines.local import Computation
from csc_indicators.geography import reference_sources
from csc_indicators.outputs.workbook import compare, definitions, figures, quality
from csc_indicators.outputs.workbook.book import Book, Sheet, fit_header, fit_row, write_header
from csc_indicators.outputs.workbook.choices import Choices, Measure

SHEET = "Contents"
TITLE = "Children's social care indicators"
WIDTHS = (54, 60, 20, 14, 10, 10)
LICENCE = "Contains public sector information licensed under the Open Government Licence v3.0."

SHEETS = (
    (
        compare.SHEET,
        "Choose an indicator, an area and what to compare it with: figures, differences and charts follow.",
    ),
    (figures.SHEET, "Every figure in one table, to filter or to take elsewhere."),
    (definitions.SHEET, "What each indicator counts, its readings and what to know of it."),
    (quality.SHEET, "What was found in the returns, what became of every row, and which figures are incomplete."),
)


def write_contents(
    book: Book, sheet: Sheet, computation: Computation, choices: Choices, starts: Mapping[str, int]
) -> None:
    """The sheet. `starts` says in which row of the definitions each indicator's begins."""
    row = _write_sheets(book, sheet, 3)
    row = _write_pairs(book, sheet, row + 1, "What was computed", _computed(computation, choices))
    row = _write_indicators(book, sheet, row + 1, computation.frame, choices, starts)
    row = _write_pairs(book, sheet, row + 1, "How to read it", _reading())
    row = _write_pairs(book, sheet, row + 1, "Disclosure control", _policies(computation))
    row = _write_lines(book, sheet, row + 1, "Notes", computation.notes or ("There is nothing to note.",))
    _write_lines(book, sheet, row + 1, "Sources and versions", _sources())


def _write_sheets(book: Book, sheet: Sheet, row: int) -> int:
    for offset, (name, about) in enumerate(SHEETS):
        sheet.write_url(row + offset, 0, f"internal:'{name}'!A1", book.styles["link"], name)
        sheet.write_string(row + offset, 1, about, book.styles["text"])
    return row + len(SHEETS)


def _write_pairs(book: Book, sheet: Sheet, row: int, heading: str, pairs: Sequence[tuple[str, str]]) -> int:
    sheet.write_string(row, 0, heading, book.styles["heading"])
    for offset, (label, text) in enumerate(pairs, start=row + 1):
        sheet.write_string(offset, 0, label, book.styles["label"])
        # Merged over the table's columns; a merged cell does not find its height by itself.
        sheet.merge_range(offset, 1, offset, len(WIDTHS) - 1, "", book.styles["wrapped"])
        sheet.write_string(offset, 1, text, book.styles["wrapped"])
        fit_row(sheet, offset, (text, sum(WIDTHS[1:])))
    return row + 1 + len(pairs)


def _write_lines(book: Book, sheet: Sheet, row: int, heading: str, lines: Sequence[str]) -> int:
    sheet.write_string(row, 0, heading, book.styles["heading"])
    for offset, line in enumerate(lines, start=row + 1):
        sheet.merge_range(offset, 0, offset, len(WIDTHS) - 1, "", book.styles["wrapped"])
        sheet.write_string(offset, 0, line, book.styles["wrapped"])
        fit_row(sheet, offset, (line, sum(WIDTHS)))
    return row + 1 + len(lines)


def _computed(computation: Computation, choices: Choices) -> list[tuple[str, str]]:
    cells = computation.frame
    periods = choices.periods
    shown = periods[0] if len(periods) == 1 else f"{periods[0]} to {periods[-1]} ({len(periods)} periods)"
    indicators, measures = cells["indicator"].n_unique(), len(choices.measures)
    readings = "one reading each" if measures == indicators else f"{measures} with their readings"
    others = [area.label for area in choices.areas if area not in choices.authorities]
    return [
        ("Authorities", ", ".join(f"{area.label} ({area.code})" for area in choices.authorities) or "none"),
        *([("Larger areas", ", ".join(others))] if others else []),
        ("Periods", shown),
        ("Indicators", f"{indicators} ({readings})"),
        ("Figures", f"{cells.height:,}, of which {cells['value'].count():,} have a value"),
    ]


def _write_indicators(
    book: Book, sheet: Sheet, row: int, cells: pl.DataFrame, choices: Choices, starts: Mapping[str, int]
) -> int:
    """A line for each indicator and reading, linked to its definition, with how many figures it has."""
    sheet.write_string(row, 0, "Indicators", book.styles["heading"])
    heads = ("Indicator", "Reading", "Unit", "Definition", "Figures", "With a value")
    write_header(book, sheet, row + 1, heads)
    fit_header(sheet, row + 1, heads, WIDTHS)
    for offset, measure in enumerate(choices.measures, start=row + 2):
        own = _rows_of(cells, measure)
        target = f"internal:'{definitions.SHEET}'!A{starts[measure.indicator]}"
        facts = measure.facts
        reading = facts["Measure_reading"] + (f" ({measure.parameters})" if measure.parameters else "")
        sheet.write_url(offset, 0, target, book.styles["cell_link"], facts["Measure_title"])
        for column, text in enumerate((reading, facts["Measure_unit"], facts["Measure_status"]), start=1):
            sheet.write_string(offset, column, text, book.styles["cell_wrapped"])
        fit_row(sheet, offset, (facts["Measure_title"], WIDTHS[0]), (reading, WIDTHS[1]))
        sheet.write_number(offset, 4, own.height, book.styles["count"])
        sheet.write_number(offset, 5, own["value"].count(), book.styles["count"])
    return row + 2 + len(choices.measures)


def _rows_of(cells: pl.DataFrame, measure: Measure) -> pl.DataFrame:
    return cells.filter(indicator=measure.indicator, reading=measure.reading, parameters=measure.parameters)


def _reading() -> list[tuple[str, str]]:
    return [
        *definitions.symbol_meanings().items(),
        ("Complete", "“no”: the returns do not hold all that the figure needs, so it may still change."),
        ("Intervals", "95 %: a value this far off is within what chance does to numbers of this size."),
        ("More than chance", ("“higher” or “lower” where the interval of the difference leaves zero out. "
                             "One in twenty does by chance. It is no judgement of an authority. Nothing is said of "
                             "an incomplete figure, and a region that is one authority is not compared with it.")),
        ("Statistical neighbours", "The median of the published values of those neighbours that are in the returns."),
        ("Areas", "“3 of 12 authorities” is the sum of those three, not the region's figure."),
        ("Place and quarter", ("Among the authorities in this workbook. Quarters go from the lowest values; of fewer "
                              f"than {FEWEST_FOR_QUARTERS} values there are none.")),
        ("Change", "Marked * where one of the two periods is incomplete: it may be the returns that changed."),
        ("Funnel", ("“within”: no further from the centre than chance puts 95 in 100 authorities of this size; "
                   "“far”: further than 99.8 in 100.")),
    ]  # fmt: skip


def _policies(computation: Computation) -> list[tuple[str, str]]:
    if computation.published.restricted:
        return [
            ("None", "Small numbers are shown. The workbook is not for publication and must be kept as case data are.")
        ]
    policies = [policy(name) for name in computation.published.policies]
    return [(each.title.partition(":")[0], f"{each.title}. {each.source}") for each in policies]


def _sources() -> list[str]:
    sources = reference_sources()
    # The licence is the same for all of them and is said once.
    named = [
        f"{source.title}, {source.publisher} ({source.vintage}). {source.attribution}".removesuffix(f" {LICENCE}")
        for source in sources.values()
    ]
    versions = sorted({catalogue().definition_version(name) for name in catalogue().indicators})
    return [*dict.fromkeys(named), LICENCE,
            (f"Made with csc_indicators {csc_indicators.__version__}; "
            f"each figure has its definition version ({versions[0]} to {versions[-1]}).")]  # fmt: skip
