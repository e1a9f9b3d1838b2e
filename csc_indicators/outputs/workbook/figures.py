"""The sheet of all figures: the long table of results, which every formula of the workbook reads by its key."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from csc_indicators.area_membership import LOCAL_AUTHORITY
from csc_indicators.catalogue import catalogue
from csc_indicators.comparators import KEY, positions
from csc_indicators.errors import UsageError
from csc_indicators.outputs.terminal import UNITS
from csc_indicators.outputs.workbook.book import Book, fit_header, new_sheet
from csc_indicators.outputs.workbook.choices import Choices

SHEET = "Figures"
HEADER_ROW = 3
MOST_ROWS = 1_048_576 - HEADER_ROW - 1
"""What a sheet holds below the header."""

COLUMNS: Mapping[str, tuple[str, float]] = {
    "title": ("Indicator", 40),
    "reading_label": ("Reading", 34),
    "period": ("Period", 11),
    "level": ("Level", 20),
    "area_name": ("Area", 42),
    "breakdown": ("Breakdown", 16),
    "group": ("Group", 34),
    "numerator": ("Numerator", 13),
    "denominator": ("Denominator", 14),
    "value": ("Value", 10),
    "unit_text": ("Unit", 19),
    "lower": ("Lower 95 %", 11),
    "upper": ("Upper 95 %", 11),
    "status": ("Symbol", 10),
    "complete": ("Complete", 11),
    "authorities": ("Authorities behind it", 13),
    "place": ("Place", 10),
    "ranked_from": ("Place 1 is the", 12),
    "quarter": ("Quarter", 15),
    "funnel": ("Funnel", 11),
    "indicator": ("Indicator id", 24),
    "parameters": ("Parameters", 18),
    "period_start": ("First day", 13),
    "period_end": ("Last day", 13),
    "area_code": ("Area code", 12),
    "definition_version": ("Definition version", 11),
    "key": ("Key", 18),
}
"""The columns with their headings and widths: first what is read and printed, then what is for machines."""

PRINTED = "funnel"
"""The last column that is printed."""

LOOKED_UP = ("key", "level", "area_name", "numerator", "denominator", "value", "lower", "upper", "status", "complete",
             "authorities", "place", "quarter", "funnel")  # fmt: skip
"""What formulas read, each under the defined name `Figures_<column>`."""

_STYLE_OF_TEXT = {"unit_text": "indented", "ranked_from": "indented"} | dict.fromkeys(
    ("status", "complete", "place"), "centre"
)
_COUNTS, _VALUES = ("numerator", "denominator"), ("value", "lower", "upper")


@dataclass(frozen=True)
class Figures:
    """The table as it is written. Rows count from 1, as look-ups do; row 0 is that of a figure that is not there."""

    table: pl.DataFrame
    row_of: Mapping[str, int]
    columns: Mapping[str, list[Any]]

    def shown(self, row: int, column: str) -> Any:  # noqa: ANN401 (number or text)
        """What a formula shows of a row: nothing, as an empty text, where the cell is empty or the row is not there."""
        found = self.columns[column][row - 1] if row else None
        return "" if found is None else found


def figures_of(cells: pl.DataFrame, choices: Choices) -> Figures:
    """The table of all figures, with the place of each authority's value among those of the authorities here.

    Raises:
        UsageError: there are more figures than a sheet has rows.
    """
    if cells.height > MOST_ROWS:
        raise UsageError(
            f"a workbook holds {MOST_ROWS:,} figures and these are {cells.height:,}; "
            "ask for fewer indicators, periods or breakdowns, or write CSV"
        )
    indicators = cells["indicator"].unique().to_list()
    titles = {name: catalogue().indicator(name).title for name in indicators}
    readings = {
        f"{name}/{reading}": catalogue().reading(name, reading).label
        for name, reading in cells.select("indicator", "reading").unique().iter_rows()
    }
    unit = pl.col("unit").cast(pl.String)
    table = _with_places(cells).with_columns(
        choices.keys["key"],
        pl.col("indicator").replace_strict(titles, return_dtype=pl.String).alias("title"),
        pl.format("{}/{}", "indicator", "reading")
        .replace_strict(readings, return_dtype=pl.String)
        .alias("reading_label"),
        unit.replace_strict(UNITS, default=unit, return_dtype=pl.String).alias("unit_text"),
        pl.when("complete").then(pl.lit("yes")).otherwise(pl.lit("no")).alias("complete"),
    )
    columns = {name: table[name].to_list() for name in COLUMNS}
    return Figures(table, {key: row for row, key in enumerate(columns["key"], start=1)}, columns)


def _with_places(cells: pl.DataFrame) -> pl.DataFrame:
    """Cells with `place` ("2= of 12"), `ranked_from`, `quarter` and `funnel`, which only authorities have."""
    own = cells.filter(level=LOCAL_AUTHORITY)
    nothing = [pl.lit(None, pl.String).alias(name) for name in ("place", "ranked_from", "quarter", "funnel")]
    if own.is_empty():
        return cells.with_columns(nothing)
    equal = pl.when(pl.col("tied") > 1).then(pl.lit("=")).otherwise(pl.lit(""))
    places = positions(cells).select(
        *KEY,
        "area_code",
        pl.lit(LOCAL_AUTHORITY).alias("level"),
        pl.when(pl.col("rank").is_not_null()).then(pl.format("{}{} of {}", "rank", equal, "ranked")).alias("place"),
        pl.when(pl.col("rank").is_not_null()).then("ranked_from").alias("ranked_from"),
        "quarter",
        "funnel",
    )
    return cells.join(places, on=[*KEY, "area_code", "level"], how="left", maintain_order="left")


def write_figures(book: Book, figures: Figures) -> None:
    """The sheet, as a table that can be filtered, with the defined names that the formulas read."""
    about = (
        "One row for each figure. Filter and sort as you like: formulas find a figure by its key, wherever it stands."
    )
    names = list(COLUMNS)
    sheet = new_sheet(
        book, SHEET, title="All figures", about=about, widths=[width for _, width in COLUMNS.values()],
        repeat_to=HEADER_ROW,
    )  # fmt: skip
    first, last = HEADER_ROW + 1, HEADER_ROW + figures.table.height
    sheet.add_table(HEADER_ROW, 0, last, len(names) - 1, {
        "name": "All_figures",
        "style": "Table Style Light 1",
        "columns": [{"header": header, "header_format": book.styles["header"]} for header, _ in COLUMNS.values()],
    })  # fmt: skip
    # The buttons of the filter take their part of each heading.
    fit_header(sheet, HEADER_ROW, *zip(*((head, width - 3) for head, width in COLUMNS.values()), strict=True))
    decimals = [catalogue().indicator(name).decimals for name in figures.columns["indicator"]]
    styles = book.styles
    for place, name in enumerate(names):
        for offset, content in enumerate(figures.columns[name]):
            if content is None:
                continue
            if name in _VALUES:
                sheet.write_number(first + offset, place, content, styles[f"value_{decimals[offset]}"])
            elif name in _COUNTS:
                sheet.write_number(first + offset, place, content, styles[style_of_count(content)])
            elif isinstance(content, dt.date):
                sheet.write_datetime(first + offset, place, dt.datetime.combine(content, dt.time()), styles["date"])
            elif isinstance(content, int):
                sheet.write_number(first + offset, place, content, styles["count"])
            else:
                sheet.write_string(first + offset, place, content, styles[_STYLE_OF_TEXT.get(name, "cell")])
    sheet.freeze_panes(first, 1)
    sheet.set_paper(8)  # A3
    sheet.print_area(0, 0, last, names.index(PRINTED))
    for name in LOOKED_UP:
        letter = _letter(names.index(name))
        book.file.define_name(f"Figures_{name}", f"={SHEET}!${letter}${first + 1}:${letter}${last + 1}")


def style_of_count(count: float) -> str:
    """None of a whole number's decimals; full-time equivalents are shown with one, as they are published."""
    return "count" if float(count).is_integer() else "part_count"


def _letter(column: int) -> str:
    return chr(ord("A") + column) if column < 26 else "A" + chr(ord("A") + column - 26)  # noqa: PLR2004 (letters)
