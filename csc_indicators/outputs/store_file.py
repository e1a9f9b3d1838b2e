"""The file of the store: its tables and views, and how it is opened.

`latest_results` takes all rows of an indicator and area from one run. What a run hides is worked out over all that the
run shows; rows of two runs side by side can give it away, as a year and three of its quarters give the fourth.

DuckDB's own words never reach a user: they name processes and places, and say nothing of what to do.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import duckdb
import polars as pl

from csc_indicators.errors import UnreadableFile, UsageError

LAYOUT = 2
"""The version of the tables. A store of another one is refused, because its columns would be taken for these."""

CELLS: Mapping[str, str] = {
    "indicator": "VARCHAR",
    "reading": "VARCHAR",
    "parameters": "VARCHAR",
    "period": "VARCHAR",
    "period_start": "DATE",
    "period_end": "DATE",
    "level": "VARCHAR",
    "area_code": "VARCHAR",
    "area_name": "VARCHAR",
    "breakdown": "VARCHAR",
    "group": "VARCHAR",
    "numerator": "DOUBLE",
    "denominator": "DOUBLE",
    "value": "DOUBLE",
    "lower": "DOUBLE",
    "upper": "DOUBLE",
    "status": "VARCHAR",
    "complete": "BOOLEAN",
    "unit": "VARCHAR",
    "definition_version": "VARCHAR",
    "authorities": "BIGINT",
}
"""The columns of a result and of a published figure."""

SOURCE: Mapping[str, str] = {
    "value_made": "BOOLEAN",
    "release": "VARCHAR",
    "file": "VARCHAR",
    "vintage": "VARCHAR",
    "sha256": "VARCHAR",
}
"""Where a published figure comes from."""

CELL = ("indicator", "reading", "parameters", "period", "level", "area_code", "breakdown", "group")
"""What a cell is about: of several published figures with the same, the latest counts."""

AREA = ("indicator", "level", "area_code")
"""What the latest results of one run are shown for."""

# Nothing is loaded from elsewhere: an extension that is missing is an error, not a download.
OFFLINE: Mapping[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
}

LOCKED = ("lock", "being used by another process", "different configuration")
"""Words in DuckDB's message when a file is open elsewhere."""


def named(columns: Sequence[str]) -> str:
    """Columns as SQL names them: some, such as `group`, are words of the language."""
    return ", ".join(f'"{column}"' for column in columns)


def append(connection: duckdb.DuckDBPyConnection, table: str, frame: pl.DataFrame) -> None:
    """Add the rows of a table to one of the store's."""
    connection.register("incoming", frame)
    try:
        connection.execute(
            f"INSERT INTO {table} ({named(frame.columns)}) SELECT {named(frame.columns)} FROM incoming"  # noqa: S608
        )
    finally:
        connection.unregister("incoming")


@contextmanager
def opened(path: Path, *, to_write: bool) -> Generator[duckdb.DuckDBPyConnection]:
    """A store that is open; what was written is there as a whole, or not at all.

    Raises:
        UsageError: it is not there to be read, is in use, of another layout, or cannot be made there.
        UnreadableFile: the file is not a store.
    """
    if not to_write and not path.exists():
        raise UsageError(f"{path}: there is no store here. Add results or published figures first, or check the path.")
    try:
        connection = duckdb.connect(str(path), read_only=not to_write, config=dict(OFFLINE))
    except duckdb.Error as error:
        raise _told(path, error) from None
    try:
        _check(connection, path, to_write=to_write)
        connection.begin()
        yield connection
        connection.commit()
    except duckdb.Error as error:
        raise _told(path, error) from None
    finally:
        connection.close()


def _told(path: Path, error: duckdb.Error) -> UsageError | UnreadableFile:
    """What is wrong with a store, without DuckDB's own words, which name processes and places."""
    said = str(error).lower()
    if path.is_dir():
        return UsageError(f"{path}: this is a folder. Give the name of a file for the store.")
    if any(word in said for word in LOCKED) or isinstance(error, duckdb.TransactionException):
        return UsageError(f"{path}: the store is in use by another process. Wait until it has finished, and try again.")
    if not path.exists():
        return UsageError(
            f"{path}: the store cannot be made there. Check that the folder exists and can be written to."
        )
    if "not a valid duckdb database" in said or "serialization" in said:
        return UnreadableFile(f"{path}: the file is not a store. Give another name, or the store's own.")
    return UnreadableFile(f"{path}: the store is damaged, or cannot be read or written there. Use a copy of it.")


def _check(connection: duckdb.DuckDBPyConnection, path: Path, *, to_write: bool) -> None:
    """Make the tables of a new store; refuse a database of another kind or layout."""
    tables = {name for (name,) in connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()}
    if "store_layout" not in tables:
        if tables or not to_write:
            raise UnreadableFile(
                f"{path}: the file is a DuckDB database, but not a store of this package. Give another name."
            )
        connection.execute("BEGIN")
        connection.execute(TABLES)
        connection.execute("COMMIT")
        return
    found = connection.execute("SELECT layout FROM store_layout").fetchone()
    if found is None or found[0] != LAYOUT:
        layout = found[0] if found else "none"
        raise UsageError(
            f"{path}: the store has layout {layout} and this version of the package uses {LAYOUT}. Use the version "
            "that made it, or add to a new store."
        )


def _columns_of(columns: Mapping[str, str]) -> str:
    return ", ".join(f'"{name}" {kind}' for name, kind in columns.items())


def _columns_in(table: str, columns: Iterable[str]) -> str:
    return ", ".join(f'{table}."{name}"' for name in columns)


TABLES = f"""
CREATE TABLE store_layout (layout INTEGER NOT NULL);
INSERT INTO store_layout VALUES ({LAYOUT});
CREATE SEQUENCE run_orders;
CREATE SEQUENCE file_orders;
CREATE TABLE runs (
    run_order BIGINT NOT NULL DEFAULT nextval('run_orders'),
    run_id VARCHAR PRIMARY KEY,
    restricted BOOLEAN NOT NULL,
    cells BIGINT NOT NULL,
    manifest VARCHAR NOT NULL
);
CREATE TABLE results (run_id VARCHAR NOT NULL, {_columns_of(CELLS)});
CREATE TABLE published_files (
    file_order BIGINT NOT NULL DEFAULT nextval('file_orders'),
    sha256 VARCHAR PRIMARY KEY,
    file VARCHAR NOT NULL,
    releases VARCHAR NOT NULL,
    vintage VARCHAR NOT NULL,
    figures BIGINT NOT NULL,
    account VARCHAR NOT NULL
);
CREATE TABLE published_figures ({_columns_of({**CELLS, **SOURCE})});
CREATE VIEW results_of_runs AS
    SELECT runs.run_order, runs.restricted, results.* FROM results JOIN runs USING (run_id);
CREATE VIEW latest_results AS
    SELECT * FROM results_of_runs WHERE NOT restricted
    QUALIFY run_order = max(run_order) OVER (PARTITION BY {named(AREA)});
CREATE VIEW latest_published AS
    SELECT published_figures.* FROM published_figures JOIN published_files USING (sha256)
    QUALIFY row_number() OVER (
        PARTITION BY {named(CELL)}
        ORDER BY published_figures.vintage DESC, file_order DESC, {_columns_in("published_figures", [*CELLS, *SOURCE])}
    ) = 1;
"""  # noqa: S608 (names of this module only)
