"""The Excel workbook: all figures, a sheet to compare them on by drop-downs, their definitions and their quality.

Nothing in it needs macros: what is chosen drives formulas over the sheet of figures, and charts over those. Programs
that do not calculate see the figures of the first choice, which are written beside each formula.
"""

from __future__ import annotations

from pathlib import Path

from csc_indicators.engines.local import Computation
from csc_indicators.errors import NothingComputed, UsageError
from csc_indicators.outputs.workbook.book import new_book, new_sheet
from csc_indicators.outputs.workbook.choices import choices_of, first_choice
from csc_indicators.outputs.workbook.compare import new_compare, write_compare
from csc_indicators.outputs.workbook.contents import SHEET, TITLE, WIDTHS, write_contents
from csc_indicators.outputs.workbook.definitions import write_definitions
from csc_indicators.outputs.workbook.figures import figures_of, write_figures
from csc_indicators.outputs.workbook.lists import write_lists
from csc_indicators.outputs.workbook.quality import write_quality
from csc_indicators.outputs.workbook.workings import write_workings


def workbook(computation: Computation) -> bytes:
    """A computation as an Excel workbook (xlsx, without macros).

    Sheets: Contents; Compare, where an indicator, an area, a group, a comparator and a period are chosen from
    drop-downs and tables and charts follow; Figures, the long table of results; Definitions; Data quality. What can be
    compared with is what was computed: ask `compute` for the levels. The same computation makes the same bytes.

    Args:
        computation: What `compute` returned. A restricted one is marked as such on every sheet and printed page.

    Raises:
        NothingComputed: there is no figure.
        UsageError: there are more figures than a sheet has rows.

    >>> import csc_indicators as csc
    >>> workbook(csc.compute("fixtures/region", "referrals"))[:2]
    b'PK'
    """
    cells = computation.frame
    if cells.is_empty():
        raise NothingComputed("there is no figure to make a workbook of")
    choices = choices_of(cells, computation.periods)
    figures = figures_of(cells, choices)
    chosen = first_choice(choices, dict(zip(figures.columns["key"], figures.columns["value"], strict=True)))
    on = max(period.end for period in computation.periods)
    book = new_book(title=TITLE, on=on, restricted=computation.published.restricted)
    about = "Figures for England's children's social care, computed from the returns of authorities"
    contents = new_sheet(book, SHEET, title=TITLE, about=about, widths=WIDTHS)
    new_compare(book)
    write_figures(book, figures)
    starts = write_definitions(book, choices)
    write_quality(book, computation, choices)
    write_lists(book, choices)
    workings = write_workings(book, choices, figures, chosen)
    write_compare(book, choices, figures, chosen, workings)
    write_contents(book, contents, computation, choices, starts)
    return book.finished()


def write_workbook(computation: Computation, path: str | Path) -> Path:
    """Write a computation as an Excel workbook; see `workbook`.

    Args:
        computation: What `compute` returned.
        path: The file to write, ending in `.xlsx`; one that is there is replaced.

    Returns:
        The path.

    Raises:
        UsageError: the path is no `.xlsx` file, its folder does not exist or it cannot be written, or there are more
            figures than a sheet has rows.
        NothingComputed: there is no figure.
    """
    file = Path(path)
    if file.suffix.lower() != ".xlsx":
        raise UsageError(f"{file}: a workbook's name ends in .xlsx")
    if not file.parent.is_dir():
        raise UsageError(f"{file}: the folder {file.parent} does not exist: make it, or name another")
    content = workbook(computation)
    try:
        file.write_bytes(content)
    except OSError as error:
        raise UsageError(f"{file}: cannot be written ({error.strerror}); name another file") from None
    return file
