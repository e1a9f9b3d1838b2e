"""A workbook being written: its styles, and what is alike on every sheet.

Text is written as text, so nothing that a table holds is taken for a formula or a link. There is no clock in it: the
date of making is the last day of the figures, and the same figures are the same bytes.
"""

from __future__ import annotations

import datetime as dt
import io
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import xlsxwriter  # pyright: ignore[reportMissingTypeStubs] - it comes without types

# The writer of workbooks has no types of its own, and those that are worked out from its source are too narrow.
File: TypeAlias = Any
Sheet: TypeAlias = Any
Style: TypeAlias = Any
Chart: TypeAlias = Any

NOT_FOR_PUBLICATION = "RESTRICTED: small numbers are shown; not for publication"

DARK_BLUE, ORANGE, LIGHT_GREY, MID_GREY, DARK_RED = "#12436D", "#C2410C", "#BFC7CE", "#5B6670", "#B00020"
"""Colours told apart by people who see few colours, and in black and white; none carries a meaning alone."""

ROW_HEIGHT = 16
"""Of a row of one line, in points."""

_WRAPPED: dict[str, Any] = {"text_wrap": True, "valign": "top"}
_LINED: dict[str, Any] = {"valign": "vcenter", "bottom": 1, "bottom_color": LIGHT_GREY}
_RIGHT: dict[str, Any] = {"align": "right", **_LINED}
_STYLES: Mapping[str, dict[str, Any]] = {
    "title": {"bold": True, "font_size": 16, "font_color": DARK_BLUE},
    "heading": {"bold": True, "font_size": 12, "font_color": DARK_BLUE},
    "restricted": {"bold": True, "font_size": 12, "font_color": DARK_RED},
    "warning": {"bold": True, "font_color": DARK_RED},
    "note": {"font_color": MID_GREY},
    "label": {"bold": True, "valign": "top"},
    "text": {"valign": "top"},
    "wrapped": _WRAPPED,
    "header": {"bold": True, "bg_color": DARK_BLUE, "font_color": "#FFFFFF", "border": 1, **_WRAPPED},
    "header_right": {"bold": True, "bg_color": DARK_BLUE, "font_color": "#FFFFFF", "border": 1, "align": "right",
                     **_WRAPPED},
    "span": {"bold": True, "font_color": DARK_BLUE, "bottom": 2, "bottom_color": DARK_BLUE,
             "text_wrap": True, "valign": "bottom"},
    "choice": {"bg_color": "#FFF4C2", "border": 1, "bold": True, "num_format": "@", "valign": "vcenter",
               "align": "left", "text_wrap": True},
    "link": {"font_color": "#0B5FA5", "underline": 1, **_WRAPPED},
    "cell": _LINED,
    "cell_wrapped": {"text_wrap": True, **_LINED},
    "cell_link": {"font_color": "#0B5FA5", "underline": 1, "text_wrap": True, **_LINED},
    "centre": {"align": "center", **_LINED},
    "indented": {"indent": 1, **_LINED},
    "right": _RIGHT,
    "count": {"num_format": "#,##0", **_RIGHT},
    "part_count": {"num_format": "#,##0.0", **_RIGHT},
    "date": {"num_format": "d mmm yyyy", "align": "left", **_LINED},
    "value_0": {"num_format": "#,##0", **_RIGHT},
    "value_1": {"num_format": "#,##0.0", **_RIGHT},
    "value_2": {"num_format": "#,##0.00", **_RIGHT},
    "value_3": {"num_format": "#,##0.000", **_RIGHT},
    "value_4": {"num_format": "#,##0.0000", **_RIGHT},
}  # fmt: skip
_FONT = {"font_name": "Arial", "font_size": 10}


@dataclass(frozen=True)
class Book:
    """A workbook and its styles by name. `restricted` puts a line about it on every sheet and every printed page."""

    file: File
    styles: Mapping[str, Style]
    restricted: bool
    _bytes: io.BytesIO

    def finished(self) -> bytes:
        """The bytes of the file; nothing can be added afterwards."""
        self.file.close()
        return self._bytes.getvalue()


def new_book(*, title: str, on: dt.date, restricted: bool) -> Book:
    """An empty workbook, dated the last day of its figures."""
    held = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "default_format_properties": _FONT,
    }
    file: File = xlsxwriter.Workbook(held, options)
    properties = {
        "title": title,
        "subject": "Children's social care indicators",
        "author": "csc_indicators",
        "comments": NOT_FOR_PUBLICATION if restricted else "Under disclosure control",
        "created": dt.datetime.combine(on, dt.time()),
    }
    file.set_properties(properties)
    file.set_calc_mode("auto")
    styles = {name: file.add_format({**_FONT, **look}) for name, look in _STYLES.items()}
    return Book(file, styles, restricted, held)


def new_sheet(
    book: Book, name: str, *, title: str, about: str, widths: Sequence[float], repeat_to: int | None = None
) -> Sheet:
    """A sheet with its title in the first row, and in the second what it is for or that it is restricted.

    Printed it is landscape and as wide as a page; rows from the top to `repeat_to` stand on every page.
    """
    sheet: Sheet = book.file.add_worksheet(name)
    # A height that is said is kept; one that is worked out can be too small below a high row.
    sheet.set_default_row(ROW_HEIGHT)
    for column, width in enumerate(widths):
        sheet.set_column(column, column, width)
    sheet.write_string(0, 0, title, book.styles["title"])
    sheet.set_row(0, 24)
    sheet.write_string(1, 0, about, book.styles["note"])
    if book.restricted:
        sheet.write_string(1, 0, f"{NOT_FOR_PUBLICATION}. {about}", book.styles["restricted"])
        sheet.set_tab_color(DARK_RED)
    sheet.hide_gridlines(2)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.set_margins(left=0.4, right=0.4, top=0.6, bottom=0.6)
    marked = f"&L&B{NOT_FOR_PUBLICATION}" if book.restricted else ""
    sheet.set_header(f"{marked}&R&A")
    sheet.set_footer("&Lcsc_indicators&RPage &P of &N")
    if repeat_to is not None:
        sheet.repeat_rows(0, repeat_to)
    return sheet


def fit_row(sheet: Sheet, row: int, *texts: tuple[str, float]) -> None:
    """Make a row as high as its longest wrapped text needs: not every program works that out when it opens a file.

    Args:
        sheet: The sheet.
        row: The row, counted from 0.
        texts: Each text with the width of its column.
    """
    lines = max(sum(1 + int(len(part) / (1.05 * width)) for part in text.split("\n")) for text, width in texts)
    sheet.set_row(row, max(ROW_HEIGHT, min(3 + 13 * lines, 400)))


def fit_header(sheet: Sheet, row: int, names: Sequence[str], widths: Sequence[float]) -> None:
    """Make a row of headings as high as the longest needs: they are bold and break between words only."""
    lines = max(
        len(textwrap.wrap(name, max(int(0.85 * width), 1), break_long_words=False))
        for name, width in zip(names, widths, strict=False)
    )
    sheet.set_row(row, 3 + 13 * max(lines, 1))


def write_header(book: Book, sheet: Sheet, row: int, names: Sequence[str], *, right: bool = False) -> None:
    """A row of column headings; with `right` all but the first stand over numbers."""
    for place, name in enumerate(names):
        sheet.write_string(row, place, name, book.styles["header_right" if right and place else "header"])
