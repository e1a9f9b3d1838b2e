"""The store: results of runs and published figures over years and authorities, in one DuckDB file.

Nothing in it is changed or removed. What is added twice is there once: a run is known by the fingerprint of its
manifest and cells, wherever its inputs lie, and a file by its own. What comes later stands beside what was there, and
views show the latest: of published figures the latest of each, of results the latest run of each indicator and area,
because only what one run shows was protected together. Order is that of adding, from a sequence, because no clock is
read.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import polars as pl

from csc_indicators.engines.local import Computation
from csc_indicators.errors import UnreadableFile, UsageError
from csc_indicators.extracts.published import PublishedSeries
from csc_indicators.outputs.manifest import manifest
from csc_indicators.outputs.store_file import CELL, CELLS, SOURCE, append, named, opened
from csc_indicators.outputs.tidy import as_csv

DEFAULT_STORE = Path("csc_indicators.duckdb")

FINGERPRINT_LENGTH = 16


@dataclass(frozen=True, kw_only=True)
class StoredRun:
    """A run in the store: its id, whether it was added now or was there already, and how many cells it has."""

    run_id: str
    added: bool
    rows: int
    restricted: bool


@dataclass(frozen=True, kw_only=True)
class StoredFile:
    """A published file in the store: whether it was added now or was there already, and how many figures it has."""

    file: str
    sha256: str
    vintage: str
    added: bool
    rows: int


def add_results(store: str | Path, computation: Computation) -> StoredRun:
    """Add the cells of a computation to a store; the store is made when there is none.

    Args:
        store: The file of the store.
        computation: What was computed. Restricted results are kept apart: they are marked, and not in `latest_results`.

    Returns:
        The run. The same inputs, definitions and parameters give the same id from any folder, and are added once.

    Raises:
        UsageError: the file is in use, of another layout, or cannot be made there.
        UnreadableFile: the file is not a store, or an input is no longer where it was read.

    >>> import tempfile
    >>> import csc_indicators as csc
    >>> computation = csc.compute("fixtures/region/390/2025", "referrals")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     first = add_results(f"{folder}/figures.duckdb", computation)
    ...     again = add_results(f"{folder}/figures.duckdb", computation)
    >>> first.added, again.added, first.run_id == again.run_id
    (True, False, True)
    """
    published = computation.published
    origin = _origin(computation)
    described = json.dumps(origin, sort_keys=True, ensure_ascii=False)
    cells = _with_columns(published.frame, CELLS)
    run_id = _run_id(origin, cells)
    with opened(Path(store), to_write=True) as connection:
        known = connection.execute("SELECT 1 FROM runs WHERE run_id = ?", [run_id]).fetchone() is not None
        if not known:
            connection.execute(
                "INSERT INTO runs (run_id, restricted, cells, manifest) VALUES (?, ?, ?, ?)",
                [run_id, published.restricted, cells.height, described],
            )
            append(connection, "results", cells.with_columns(pl.lit(run_id).alias("run_id")))
    return StoredRun(run_id=run_id, added=not known, rows=cells.height, restricted=published.restricted)


def add_published(store: str | Path, series: PublishedSeries) -> tuple[StoredFile, ...]:
    """Add published figures to a store, file by file; the store is made when there is none.

    A file that the store holds already, by its fingerprint, is left as it is. One of a later vintage is added beside.

    Args:
        store: The file of the store.
        series: What `read_published` gives.

    Returns:
        Each file, and whether it was added.

    Raises:
        UsageError: the store is in use, of another layout, or cannot be made there.
        UnreadableFile: the file is not a store.
    """
    stored: list[StoredFile] = []
    with opened(Path(store), to_write=True) as connection:
        for file in series.files:
            figures = _with_columns(series.frame.filter(pl.col("sha256") == file.sha256), {**CELLS, **SOURCE})
            known = (
                connection.execute("SELECT figures FROM published_files WHERE sha256 = ?", [file.sha256]).fetchone()
                is not None
            )
            if not known:
                connection.execute(
                    "INSERT INTO published_files (sha256, file, releases, vintage, figures, account) "
                    "VALUES (?, ?, ?, ?, ?, ?)",
                    [
                        file.sha256,
                        file.file,
                        "; ".join(file.releases),
                        file.vintage,
                        figures.height,
                        json.dumps(file.as_dict(), sort_keys=True, ensure_ascii=False),
                    ],
                )
                append(connection, "published_figures", figures.unique(maintain_order=True))
            stored.append(
                StoredFile(
                    file=file.file, sha256=file.sha256, vintage=file.vintage, added=not known, rows=figures.height
                )
            )
    return tuple(stored)


def published_figures(
    store: str | Path,
    *,
    indicator: str | None = None,
    reading: str | None = None,
    periods: str | Sequence[str] | None = None,
    area_codes: str | Sequence[str] | None = None,
    every_vintage: bool = False,
) -> pl.DataFrame:
    """Published figures of a store, the latest vintage of each.

    Args:
        store: The file of the store.
        indicator: One indicator; all when left out.
        reading: One reading; all when left out.
        periods: The label of a period, such as "2025", or several; all when left out.
        area_codes: The code of an area, such as "302" or "E92000001", or several; all when left out.
        every_vintage: Also what later vintages took the place of.

    Returns:
        The columns of the results, and `value_made, release, file, vintage, sha256`; in order of indicator, reading,
        period, area and group. No rows when nothing was found.

    Raises:
        UsageError: there is no such store, it is in use or of another layout, or what is asked for is not text.
        UnreadableFile: the file is not a store.
    """
    table = "published_figures" if every_vintage else "latest_published"
    asked = {
        "indicator": _texts("indicator", indicator),
        "reading": _texts("reading", reading),
        "period": _texts("periods", periods),
        "area_code": _texts("area_codes", area_codes),
    }
    return _selected(Path(store), table, [*CELLS, *SOURCE], asked, order=[*CELL, "vintage", "sha256", "file"])


def stored_results(
    store: str | Path,
    *,
    run_id: str | None = None,
    indicator: str | None = None,
    area_codes: str | Sequence[str] | None = None,
) -> pl.DataFrame:
    """Results of a store: those of the latest run of each indicator and area, or of one run.

    Rows of one indicator and area never come from two runs, because these were not protected together: a year of one
    and three quarters of the other would give the fourth, which may be hidden. What earlier runs hold is shown by
    their ids.

    Args:
        store: The file of the store.
        run_id: One run, which may be a restricted one; the latest runs that are not restricted when left out.
        indicator: One indicator; all when left out.
        area_codes: The code of an area or several; all when left out.

    Returns:
        `run_id`, `restricted` and the columns of the results.

    Raises:
        UsageError: there is no such store or run, the store is in use or of another layout, or what is asked for is
            not text.
        UnreadableFile: the file is not a store.
    """
    path = Path(store)
    asked = {
        "run_id": _texts("run_id", run_id),
        "indicator": _texts("indicator", indicator),
        "area_code": _texts("area_codes", area_codes),
    }
    if run_id is not None and run_id not in runs(path)["run_id"].to_list():
        raise UsageError(f"{path}: the store has no run {run_id!r}. `runs` lists those it has.")
    table = "latest_results" if run_id is None else "results_of_runs"
    return _selected(path, table, ["run_id", "restricted", *CELLS], asked, order=[*CELL, "run_id"])


def runs(store: str | Path) -> pl.DataFrame:
    """The runs of a store in the order in which they were added: `run_order, run_id, restricted, cells, manifest`.

    Raises:
        UsageError: there is no such store, it is in use or of another layout.
        UnreadableFile: the file is not a store.
    """
    with opened(Path(store), to_write=False) as connection:
        return connection.sql("SELECT run_order, run_id, restricted, cells, manifest FROM runs ORDER BY 1").pl()


def stored_files(store: str | Path) -> pl.DataFrame:
    """The published files of a store, by name and vintage: `file, releases, vintage, figures, sha256`.

    Raises:
        UsageError: there is no such store, it is in use or of another layout.
        UnreadableFile: the file is not a store.
    """
    with opened(Path(store), to_write=False) as connection:
        query = "SELECT file, releases, vintage, figures, sha256 FROM published_files ORDER BY file, vintage, sha256"
        return connection.sql(query).pl()


def _origin(computation: Computation) -> dict[str, Any]:
    """The manifest of a computation, whose inputs are read again for it."""
    try:
        return manifest(computation)
    except OSError as error:
        raise UnreadableFile(
            f"{error.filename}: an input of these results cannot be read any more, so it is not known what they were "
            "made from. Put the file back, or compute the results again from where it is now."
        ) from None


def _run_id(origin: Mapping[str, Any], cells: pl.DataFrame) -> str:
    """The fingerprint of a run: its manifest and its cells, but not the folders of its inputs."""
    inputs = [{**described, "file": Path(described["file"]).name} for described in origin["inputs"]]
    inputs.sort(key=lambda described: (described["file"], described["sha256"]))
    identity = json.dumps({**origin, "inputs": inputs}, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(f"{identity}\n{as_csv(cells)}".encode()).hexdigest()[:FINGERPRINT_LENGTH]


def _texts(name: str, asked: object) -> list[str] | None:
    """What is asked for as texts, one text as one of them; None when it was left out."""
    if asked is None:
        return None
    several = [asked] if isinstance(asked, str) else asked
    if isinstance(several, Iterable):
        items = list(cast("Iterable[object]", several))
        texts = [item for item in items if isinstance(item, str)]
        if len(texts) == len(items):
            return texts
    raise UsageError(f"{name}: give one text in quotes, or a list of texts.")


def _selected(
    path: Path, table: str, columns: Sequence[str], asked: Mapping[str, Sequence[str] | None], *, order: Sequence[str]
) -> pl.DataFrame:
    conditions = [f'"{name}" IN (SELECT unnest(${name}))' for name, wanted in asked.items() if wanted is not None]
    values = {name: list(wanted) for name, wanted in asked.items() if wanted is not None}
    query = (
        f"SELECT {named(columns)} FROM {table} "  # noqa: S608 (names of this module only; values are bound)
        f"WHERE {' AND '.join(conditions) or 'true'} ORDER BY {named(order)}"
    )
    with opened(path, to_write=False) as connection:
        return connection.sql(query, params=values).pl() if values else connection.sql(query).pl()


def _with_columns(frame: pl.DataFrame, columns: Mapping[str, str]) -> pl.DataFrame:
    """A table with exactly these columns, in order; one that it lacks is empty."""
    return frame.select(
        pl.col(name) if name in frame.columns else pl.lit(None, pl.String).alias(name) for name in columns
    )
