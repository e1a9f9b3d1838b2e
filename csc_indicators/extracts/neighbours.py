"""Reads another model of statistical neighbours: a CSV of `la_code` and `neighbour_la_code`, one row a pair.

Both are three-digit DfE codes. Other columns, such as a rank or how close two authorities are, are not needed and are
left alone.
"""

from __future__ import annotations

from pathlib import Path

import polars as pl

from csc_indicators.errors import UnreadableFile
from csc_indicators.extracts.text_tables import read_csv
from csc_indicators.extracts.xml_files import why_not_opened
from csc_indicators.geography import local_authorities

COLUMNS = ("la_code", "neighbour_la_code")
FIRST_ROW = 2
"""The line of the first row of a file with a header."""
LINES_SHOWN = 5


def read_neighbours(path: Path | str) -> pl.DataFrame:
    r"""The pairs of a model of statistical neighbours, as `comparators.Neighbours` takes them.

    Returns:
        `la_code` and `neighbour_la_code`, text, in the order of the file.

    Raises:
        UnreadableFile: the file cannot be read, lacks a column, or has a row that is no pair of two authorities, or a
            pair twice; the message has the lines.

    Example:
        >>> import tempfile
        >>> file = Path(tempfile.mkdtemp()) / "neighbours.csv"
        >>> _ = file.write_text("la_code,neighbour_la_code\n302,320\n302,870\n")
        >>> read_neighbours(file).rows()
        [('302', '320'), ('302', '870')]
    """
    try:
        data = Path(path).read_bytes()
    except OSError as error:
        raise UnreadableFile(f"{path}: {why_not_opened(error)}") from None
    text = read_csv(data, path)
    named = {column.strip().lower(): column for column in text.columns}
    if lacking := [column for column in COLUMNS if column not in named]:
        raise UnreadableFile(
            f"{path}: it lacks the column {' and '.join(lacking)}. A model of neighbours has the columns "
            f"{' and '.join(COLUMNS)}: three-digit codes, one row for each pair."
        )
    pairs = text.select(pl.col(named[column]).str.strip_chars().alias(column) for column in COLUMNS)
    known = local_authorities()["la_code"].cast(pl.String).unique().implode()
    faults = {
        "a code that is no authority's": ~pl.all_horizontal(pl.col(COLUMNS).is_in(known).fill_null(value=False)),
        "an authority as its own neighbour": pl.col("la_code") == pl.col("neighbour_la_code"),
        "a pair that is given before": ~pl.struct(COLUMNS).is_first_distinct(),
    }
    for fault, found in faults.items():
        lines = pairs.with_row_index("line", offset=FIRST_ROW).filter(found)["line"].to_list()
        if lines:
            shown = ", ".join(map(str, lines[:LINES_SHOWN])) + (" and more" if len(lines) > LINES_SHOWN else "")
            raise UnreadableFile(f"{path}: line {shown}: {fault}. Correct the file; nothing of it is used.")
    if pairs.is_empty():
        raise UnreadableFile(f"{path}: it has no rows. Give one row for each pair of neighbours.")
    return pairs
