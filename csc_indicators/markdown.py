"""Markdown that also reads as it stands in a terminal: short lines, plain lists, aligned tables."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Sequence

WIDTH = 100
"""Characters to a line of text; tables may be wider."""

_LIST_MARKER = re.compile(r"\s*([-*+#>]|\d+[.)])\s")


def paragraph(text: str) -> str:
    """Text as lines of at most `WIDTH` characters."""
    return _wrapped(text, "", "")


def bullet(text: str, *, level: int = 0) -> str:
    """Text as an item of a list; items one level down belong to the item above them."""
    indent = "    " * level
    return _wrapped(text, f"{indent}- ", f"{indent}  ")


def numbered(number: int, text: str) -> str:
    """Text as an item of a numbered list."""
    return _wrapped(text, f"{number}. ", "    ")


def table(header: Sequence[str], rows: Iterable[Sequence[str]], *, right: Iterable[str] = ()) -> str:
    """A table, its columns aligned so that it reads as text; the columns named in `right` are aligned right.

    >>> print(table(["child", "n"], [["A", "1"], ["B", "12"]], right=["n"]))
    | child |   n |
    |-------|----:|
    | A     |   1 |
    | B     |  12 |
    """
    numbers = [name in set(right) for name in header]
    cells = [[cell.replace("|", "\\|") for cell in row] for row in (header, *rows)]
    widths = [max(3, *(len(row[place]) for row in cells)) for place in range(len(header))]

    def line(row: Sequence[str]) -> str:
        padded = (
            cell.rjust(width) if number else cell.ljust(width)
            for cell, width, number in zip(row, widths, numbers, strict=True)
        )
        return f"| {' | '.join(padded)} |"

    rule = "|".join("-" * (width + 1) + (":" if number else "-") for width, number in zip(widths, numbers, strict=True))
    return "\n".join([line(cells[0]), f"|{rule}|", *(line(row) for row in cells[1:])])


def code(names: Iterable[str]) -> str:
    """Names set as code, one after the other.

    >>> code(["sex", "age_band"])
    '`sex`, `age_band`'
    """
    return ", ".join(f"`{name}`" for name in names)


def _wrapped(text: str, first: str, following: str) -> str:
    lines = textwrap.wrap(
        " ".join(text.split()),
        WIDTH,
        initial_indent=first,
        subsequent_indent=following,
        break_long_words=False,
        break_on_hyphens=False,
    )
    joined = lines[:1]
    for line in lines[1:]:
        # A line that happens to begin as an item of a list would become one.
        if _LIST_MARKER.match(line):
            joined[-1] += " " + line.strip()
        else:
            joined.append(line)
    return "\n".join(joined)
