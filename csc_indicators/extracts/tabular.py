"""Reads and writes the CIN census as one CSV or Parquet file a table: the same raw tables as from XML.

A folder holds one extract. The stem of a file is the name of its table (`children.csv`, `episodes.parquet`). Each row
says whose it is (`la_code`, `reference_date`, `child_id`) and, by ordinal, which of that child's episodes, assessments
or plans it belongs to; joins turn those into the row numbers that the XML reader gives.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Literal, TypeAlias

import polars as pl

from csc_indicators.errors import ROW_NUMBERS_SHOWN, Finding, UnreadableFile
from csc_indicators.extracts.column_findings import about_column
from csc_indicators.extracts.raw import CENSUS_COLUMNS, RAW_TABLES, RawCinCensus
from csc_indicators.extracts.text_tables import as_text, read_csv, read_parquet, shown_name
from csc_indicators.extracts.xml_files import why_not_opened

FileType: TypeAlias = Literal["csv", "parquet"]

CENSUS_KEYS = ("la_code", "reference_date")
ORDINALS = {"episodes": "episode", "assessments": "assessment", "child_protection_plans": "plan"}
"""Tables that other tables stand below, and the column that numbers their rows within their parent."""
PARENTS = {
    "child_row": "children",
    "episode_row": "episodes",
    "assessment_row": "assessments",
    "plan_row": "child_protection_plans",
}
"""Link column -> the table whose row it names."""


def key_columns(table: str) -> tuple[str, ...]:
    """The columns that say which row of which parent a row of `table` is; every file must have them.

    >>> key_columns("assessment_factors")
    ('la_code', 'reference_date', 'child_id', 'episode', 'assessment')
    """
    parents = [PARENTS[link] for link in RAW_TABLES[table].links]
    ordinals = [ORDINALS[name] for name in (*parents, table) if name in ORDINALS]
    return (*CENSUS_KEYS, "child_id", *ordinals)


def read_cin_census_tables(paths: Sequence[Path], *, on_progress: Callable[[int], None] | None = None) -> RawCinCensus:
    """Read CSV or Parquet files, one a table, as text.

    Files of one folder belong together and may hold several authorities and reference dates: each of those is a census,
    whose `source_file` is the folder. `source_row` counts a file's data rows from 1. Text is stripped and empty text is
    null. A row whose parent is not there has a null link. Where a key is repeated, rows below it link to the first.

    Args:
        paths: The files, in any order.
        on_progress: Called with the number of bytes read since the last call.

    Raises:
        UnreadableFile: A file is missing, damaged, not named after a table, not CSV or Parquet, in another text
            encoding than UTF-8, has lines of differing length, lacks a key column, or its parent table is missing.
    """
    findings: list[Finding] = []
    folders: dict[Path, dict[str, Path]] = {}
    for path in paths:
        table = _table_name(path)
        named = folders.setdefault(path.parent, {})
        if table in named:
            raise UnreadableFile(f"{path}: {named[table].name} in the same folder is the same table. Give one of them.")
        named[table] = path
    censuses: list[pl.DataFrame] = [_census_schema().to_frame()]
    tables = {name: [shape.schema.to_frame()] for name, shape in RAW_TABLES.items()}
    for folder, named in folders.items():
        _require_parents(named)
        texts = {name: _read_table(name, named[name], findings, on_progress) for name in RAW_TABLES if name in named}
        index = _index_censuses(folder, texts.values(), sum(frame.height for frame in censuses))
        censuses.append(index)
        for name, table in _link(texts, index, named, findings).items():
            tables[name].append(table)
        for name in RAW_TABLES:
            if name not in named:
                message, advice = (
                    "no file of this table was given; it was read as empty",
                    "Give it if the return has it.",
                )
                findings.append(
                    about_column("absent_table", message, advice, table=name, column="", source_file=str(folder))
                )
    return RawCinCensus(
        censuses=pl.concat(censuses),
        tables={name: pl.concat(tables.pop(name), rechunk=True) for name in RAW_TABLES},
        findings=tuple(findings),
    )


def write_cin_census_tables(raw: RawCinCensus, folder: Path, file_type: FileType) -> tuple[Path, ...]:
    """Write every raw table in the shape `read_cin_census_tables` reads, and return the files in the tables' order.

    A raw census without rows gives templates: files with a header only. Rows are written in order, and a child's
    episodes, an episode's assessments and its plans are numbered from 1 in that order. Of the censuses only authority
    and reference date are written, and a child without `child_id` loses what stands below it, as in any such file.

    Raises:
        OSError: The folder cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written: list[Path] = []
    keyed: dict[str, pl.DataFrame] = {}
    for name, shape in RAW_TABLES.items():
        keys = key_columns(name)
        table = raw.tables[name].join(raw.censuses.select("census", *CENSUS_KEYS), on="census", maintain_order="left")
        if shape.links:
            parent = PARENTS[shape.links[-1]]
            inherited = [key for key in key_columns(parent) if key not in CENSUS_KEYS]
            known = keyed[parent].select("census", pl.col("source_row").alias(shape.links[-1]), *inherited)
            table = table.join(known, on=["census", shape.links[-1]], how="left", maintain_order="left")
        if name in ORDINALS:
            number = pl.int_range(1, pl.len() + 1).over(keys[:-1]).cast(pl.String)
            table = table.with_columns(number.alias(ORDINALS[name]))
        keyed[name] = table
        path = folder / f"{name}.{file_type}"
        out = table.select(*keys, *(column for column in shape.columns if column not in keys))
        if file_type == "csv":
            out.write_csv(path)
        else:
            out.write_parquet(path)
        written.append(path)
    return tuple(written)


def _census_schema() -> pl.Schema:
    return pl.Schema({"census": pl.UInt32(), **dict.fromkeys(CENSUS_COLUMNS, pl.String())})


def _table_name(path: Path) -> str:
    name, suffix = path.stem.lower(), path.suffix.lower()
    if suffix not in (".csv", ".parquet"):
        raise UnreadableFile(f"{path}: the file is neither CSV nor Parquet by its ending. Save it as one of them.")
    if name not in RAW_TABLES:
        raise UnreadableFile(
            f"{path}: no table has this file's name. Name each file after its table: {', '.join(RAW_TABLES)}."
        )
    return name


def _require_parents(named: Mapping[str, Path]) -> None:
    for name, path in named.items():
        for link in RAW_TABLES[name].links:
            if PARENTS[link] not in named:
                raise UnreadableFile(
                    f"{path}: its rows belong to rows of {PARENTS[link]}, which was not given. "
                    f"Give {PARENTS[link]}{path.suffix} of the same folder too."
                )


def _read_table(
    name: str, path: Path, findings: list[Finding], on_progress: Callable[[int], None] | None
) -> pl.DataFrame:
    """The key and text columns of one file as stripped text, with `source_row`."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UnreadableFile(f"{path}: {why_not_opened(error)}") from None
    frame = read_csv(data, path) if path.suffix.lower() == ".csv" else read_parquet(data, path)
    if on_progress:
        on_progress(len(data))
    keys = key_columns(name)
    expected = tuple(dict.fromkeys((*keys, *RAW_TABLES[name].columns)))
    present = frame.schema
    for key in keys:
        if key not in present:
            near = _nearest(key, list(present), expected)
            raise UnreadableFile(f"{path}: the column {key} is missing{near}. Give every row its {key}.")
    for column in expected:
        if column not in present:
            message, advice = "the column is not in the file and was read as empty", "Add it if the return collects it."
            findings.append(
                about_column("missing_column", message, advice, table=name, column=column, source_file=str(path))
            )
    for column in present:
        if column not in expected:
            message, advice = (
                "the column is not one of this table and was not read",
                "Correct its name if it is misspelt.",
            )
            findings.append(
                about_column(
                    "unknown_column", message, advice, table=name, column=shown_name(column), source_file=str(path)
                )
            )
    texts = [
        as_text(column, present[column], path) if column in present else pl.lit(None, pl.String).alias(column)
        for column in expected
    ]
    return frame.select(texts).with_row_index("source_row", offset=1)


def _index_censuses(folder: Path, texts: Iterable[pl.DataFrame], first: int) -> pl.DataFrame:
    """One row per authority and reference date of a folder, numbered from `first` in the order they come."""
    found = pl.concat([text.select(CENSUS_KEYS) for text in texts]).unique(maintain_order=True)
    schema = _census_schema()
    return found.with_row_index("census", offset=first).select(
        pl.lit(str(folder)).alias(name)
        if name == "source_file"
        else pl.col(name).cast(dtype)
        if name in found.columns or name == "census"
        else pl.lit(None, dtype).alias(name)
        for name, dtype in schema.items()
    )


def _link(
    texts: Mapping[str, pl.DataFrame], censuses: pl.DataFrame, named: Mapping[str, Path], findings: list[Finding]
) -> dict[str, pl.DataFrame]:
    """Each table with its parents' row numbers in place of their keys."""
    linked: dict[str, pl.DataFrame] = {}
    parents: dict[str, pl.DataFrame] = {}
    keyed = censuses.select("census", *CENSUS_KEYS)
    for name, text in texts.items():
        shape = RAW_TABLES[name]
        table = text.join(keyed, on=CENSUS_KEYS, how="left", nulls_equal=True, maintain_order="left")
        # A column of whole numbers with gaps is often written with decimals by the tool that made the file.
        ordinals = [key for key in key_columns(name) if key in ORDINALS.values()]
        table = table.with_columns(pl.col(ordinals).str.replace(r"\.0+$", ""))
        for link in shape.links:
            parent = parents[PARENTS[link]]
            on = [column for column in parent.columns if column != link]
            table = table.join(parent, on=on, how="left", maintain_order="left")
        if name == "children" or name in ORDINALS:
            key = [shape.links[-1], ORDINALS[name]] if shape.links else ["census", "child_id"]
            known = table.select("source_row", *key).drop_nulls()
            first = known.unique(key, keep="first", maintain_order=True)
            if first.height < known.height:
                later = known.join(first, on="source_row", how="anti").get_column("source_row").sort()
                findings.append(_repeated_key(name, named[name], later))
            link = next(link for link, parent in PARENTS.items() if parent == name)
            parents[name] = first.rename({"source_row": link})
        linked[name] = table.select(pl.col(column).cast(dtype) for column, dtype in shape.schema.items())
    return linked


def _repeated_key(table: str, path: Path, rows: pl.Series) -> Finding:
    return Finding(
        stage="extracts",
        severity="kept",
        rule="repeated_key",
        message="the same key is on an earlier row; what belongs to that key was linked to the earlier row",
        advice=f"Give each row of {table} its own key.",
        table=table,
        column=key_columns(table)[-1],
        source_file=str(path),
        rows=len(rows),
        row_numbers=tuple(rows.head(ROW_NUMBERS_SHOWN)),
    )


def _nearest(key: str, present: Sequence[str], expected: Iterable[str]) -> str:
    """The name most like `key` among columns nobody asked for, if the first line is a header at all."""
    others = {name.lower().replace(" ", "_"): name for name in present if name not in expected}
    near = difflib.get_close_matches(key, list(others), n=1)
    return f"; the nearest is {shown_name(others[near[0]])}" if near and len(others) < len(present) else ""
