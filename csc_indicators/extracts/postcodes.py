"""Reads a table of where postcodes lie: `postcode`, `easting` and `northing` in metres of the national grid.

No such table is part of any return, and none is shipped. Distances of placements are worked out from it where a return
does not say them. The Office for National Statistics and Ordnance Survey publish such tables under open licences.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from csc_indicators.errors import Finding, UnreadableFile
from csc_indicators.extracts.text_tables import read_csv
from csc_indicators.extracts.xml_files import why_not_opened

COLUMNS = ("postcode", "easting", "northing")
POSTCODES_SCHEMA = pl.Schema({"postcode": pl.String(), "easting": pl.Int32(), "northing": pl.Int32()})


def is_postcode_table(columns: Sequence[str]) -> bool:
    """Whether a file with these columns says where postcodes lie."""
    return set(COLUMNS) <= {column.strip().lower() for column in columns}


def plain_postcode(text: pl.Expr) -> pl.Expr:
    """A postcode in capitals and without spaces, so that two spellings of one are the same.

    >>> pl.Series(["dh1 5uj", "DH15UJ "]).to_frame("at").select(plain_postcode(pl.col("at")))["at"].to_list()
    ['DH15UJ', 'DH15UJ']
    """
    return text.str.to_uppercase().str.replace_all(r"\s", "")


def read_postcodes(paths: Sequence[Path]) -> tuple[pl.DataFrame, list[Finding]]:
    """The postcodes of some files, each once, the first file's standing; rows that cannot be used are said.

    Raises:
        UnreadableFile: a file cannot be read.
    """
    frames = [POSTCODES_SCHEMA.to_frame()]
    findings: list[Finding] = []
    for path in paths:
        try:
            data = path.read_bytes()
        except OSError as error:
            raise UnreadableFile(f"{path}: {why_not_opened(error)}") from None
        text = read_csv(data, path)
        names = [column.strip().lower() for column in text.columns]
        if any(names.count(column) > 1 for column in COLUMNS):
            raise UnreadableFile(f"{path}: a column name is given twice. Give each column a name of its own.")
        # Only what is read is renamed: the names of other columns may differ in letter case alone.
        text = text.select(pl.col(text.columns[names.index(column)]).alias(column) for column in COLUMNS)
        typed = text.select(
            plain_postcode(pl.col("postcode")),
            pl.col("easting", "northing").str.strip_chars().str.replace(r"\.0+$", "").cast(pl.Int32, strict=False),
        )
        usable = pl.all_horizontal(pl.col(COLUMNS).is_not_null()) & (pl.col("postcode") != "")
        unusable = typed.select(~usable).to_series().sum()
        if unusable:
            findings.append(
                Finding(
                    stage="extracts",
                    severity="rejected",
                    rule="unusable_postcode",
                    table="postcodes",
                    source_file=str(path),
                    rows=int(unusable),
                    message="no postcode, easting or northing that can be used; the row is left out",
                    advice="give whole metres of the national grid; leave out postcodes without a place",
                )
            )
        frames.append(typed.filter(usable))
    return pl.concat(frames).unique("postcode", keep="first", maintain_order=True), findings
