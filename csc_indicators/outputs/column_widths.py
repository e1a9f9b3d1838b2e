"""How wide the columns of a table are printed, so that nothing in it is cut off.

Rich makes a table fit by narrowing its columns until numbers end in an ellipsis and columns disappear. A figure that
cannot be read is worse than a long line: here only columns of names fold, and a table whose figures do not fit is
printed wider than the terminal.

A column with `overflow="fold"` holds names, which may fold. Any other column holds figures, statuses or verdicts, each
of which stays on its line; only its heading may fold, at whole words. A column with `no_wrap` stays as it is where
lines have no end, as in a pipe or a file.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.console import Console
from rich.measure import Measurement
from rich.text import Text

if TYPE_CHECKING:
    from rich.console import ConsoleOptions, RenderResult
    from rich.table import Column, Table

PIPE = 160
"""Characters in a line of a pipe or a file, which have no width of their own: prose folds there, figures do not."""

NARROW = 12
"""Characters that a folded column has at least: names are harder to read in fewer."""

UNLIMITED = 100_000


PART = re.compile(r"[^\s_=,/]*[\s_=,/]+|[^\s_=,/]+")


@dataclass(frozen=True)
class Name:
    """A name in a cell, which folds after a word, also after one within an identifier such as `window_months=12`."""

    text: str

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        """What rich asks for: the widths on one line, and with only the words whole."""
        return Measurement.get(console, options, Text(self.text))

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """What rich shows: the name, folded to the width it is given."""
        # A part that is itself too long is left to rich to break.
        yield Text(folded(self.text, options.max_width), overflow="fold")


def folded(text: str, width: int) -> str:
    """A text in lines of at most so many characters, save for parts that are longer.

    >>> print(folded("within_12_months_of_closure", 12))
    within_12_
    months_of_
    closure
    >>> print(folded("North East (3 of 12 authorities)", 16))
    North East (3 of
    12 authorities)
    """
    lines = [""]
    for part in PART.findall(text):
        if lines[-1] and len(lines[-1]) + len(part.rstrip()) > width:
            lines.append("")
        lines[-1] += part
    return "\n".join(line.rstrip() for line in lines)


@dataclass(frozen=True)
class _Width:
    """What a column needs: to be `full` on one line, to fold at whole `words`, and its `least`."""

    full: int
    words: int
    least: int


def fit(table: Table, width: int | None) -> int:
    """Set the columns of a table so that it fits a width, if it can without a loss, and give the width it then has.

    `width` is that of the terminal, in characters, or None where lines have no end; then nothing folds but prose. What
    is tried on a terminal, in this order: headings fold; columns of names fold at whole words; they fold anywhere; the
    table goes without its edges and without space around its cells. If it still does not fit, it is as in a pipe, and
    the width is what it needs then, more than was given.

    >>> from rich.table import Table
    >>> table = Table()
    >>> table.add_column("Area", overflow="fold", no_wrap=True)
    >>> table.add_column("Value", no_wrap=True)
    >>> table.add_row("Newcastle upon Tyne (391)", "1,234.5")
    >>> fit(table, 100)
    100
    >>> fit(table, None)
    160
    >>> fit(table, 30), [column.width for column in table.columns]
    (30, [16, 7])
    """
    widths = _widths(table)
    full = _frame(table) + sum(each.full for each in widths)
    if width is None:
        return max(PIPE, full) if all(column.no_wrap for column in table.columns) else PIPE
    if full <= width:
        return width
    roomy, tight = width - _frame(table), width - (len(widths) - 1)
    for room, floors in (
        (roomy, [each.words for each in widths]),
        (roomy, [each.least for each in widths]),
        (tight, [each.words for each in widths]),
        (tight, [each.least for each in widths]),
    ):
        if sum(floors) <= room:
            _settle(table, _shared(widths, floors, room))
            if room == tight:
                table.padding = (0, 0)
                table.show_edge = False
            return width
    needed = [each.full if column.no_wrap else each.words for column, each in zip(table.columns, widths, strict=True)]
    _settle(table, needed)
    return _frame(table) + sum(needed)


def _widths(table: Table) -> list[_Width]:
    measure = Console(width=UNLIMITED).measure
    widths: list[_Width] = []
    for column in table.columns:
        heading = measure(column.header)
        cells = [measure(cell) for cell in column.cells]
        full = max(heading.maximum, *(cell.maximum for cell in cells), 1)
        if _folds(column):
            words = max(heading.minimum, *(cell.minimum for cell in cells), 1)
            widths.append(_Width(full, words, min(words, max(heading.minimum, NARROW))))
        else:
            whole = max(heading.minimum, *(cell.maximum for cell in cells), 1)
            widths.append(_Width(full, whole, whole))
    return widths


def _folds(column: Column) -> bool:
    return column.overflow == "fold"


def _frame(table: Table) -> int:
    """Characters of a line that belong to no cell: the lines between columns and at the edges, and the space around."""
    _, right, _, left = table.padding
    columns = len(table.columns)
    return columns + 1 + columns * (left + right)


def _shared(widths: list[_Width], floors: list[int], room: int) -> list[int]:
    """Widths from the floors up to the full ones, in which the column that folds most often is widened first."""
    shared = list(floors)
    for _ in range(room - sum(floors)):
        most = max(range(len(widths)), key=lambda column: widths[column].full / shared[column])
        if shared[most] >= widths[most].full:
            break
        shared[most] += 1
    return shared


def _settle(table: Table, widths: list[int]) -> None:
    for column, width in zip(table.columns, widths, strict=True):
        column.width = width
        column.no_wrap = False
