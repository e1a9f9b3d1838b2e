"""Published cells as files and text: CSV, JSON and Parquet, the same rows in the same order every time.

Writers take only a `Published`, which only disclosure control makes. Restricted results carry a column that says so on
every row, because a file outlives the command that made it.
"""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl

from csc_indicators.disclosure import Published

RESTRICTED = "restricted"


def cells_of(published: Published) -> pl.DataFrame:
    """The cells as they are written: with a column `restricted` when nothing was hidden."""
    if not published.restricted:
        return published.frame
    return published.frame.with_columns(pl.lit(value=True).alias(RESTRICTED))


def as_json(frame: pl.DataFrame) -> str:
    """A table as a JSON array with one object a row; dates as ISO text, missing cells as null."""
    rows = frame.with_columns(pl.col(pl.Date).dt.to_string()).to_dicts()
    return json.dumps(rows, indent=1, ensure_ascii=False)


def as_csv(frame: pl.DataFrame) -> str:
    """A table as CSV with a header row; missing cells are empty."""
    return frame.write_csv()


def write_cells(published: Published, folder: Path) -> tuple[Path, ...]:
    """Write the cells to a folder as CSV and Parquet; restricted ones under a name that says so."""
    folder.mkdir(parents=True, exist_ok=True)
    stem = f"{RESTRICTED}_cells" if published.restricted else "cells"
    frame = cells_of(published)
    csv, parquet = folder / f"{stem}.csv", folder / f"{stem}.parquet"
    csv.write_text(as_csv(frame), encoding="utf-8", newline="\n")
    frame.write_parquet(parquet)
    return csv, parquet
