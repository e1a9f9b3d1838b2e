"""Made-up returns in every form they are written in, by one process or by several: the same world."""

from __future__ import annotations

import dataclasses
import os
import subprocess
import sys

import polars as pl
import pytest

import csc_indicators as csc
from csc_indicators.errors import UsageError
from tests.lib.command_line import run_here

AUTHORITIES = ("420", "857")
YEARS = 2
SOURCE = ("source_file", "source_row")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return csc.synthesise(tmp_path_factory.mktemp("made") / "up", las=AUTHORITIES, years=YEARS)


def in_form(tmp_path_factory, form):
    return csc.load(
        csc.synthesise(tmp_path_factory.mktemp(form) / "up", las=AUTHORITIES, years=YEARS, form=form, seed=1)
    )


@pytest.fixture(scope="module")
def as_csv(folder):
    return csc.load(folder)


@pytest.fixture(scope="module")
def as_xml(tmp_path_factory):
    return in_form(tmp_path_factory, "xml")


@pytest.fixture(scope="module")
def as_parquet(tmp_path_factory):
    return in_form(tmp_path_factory, "parquet")


def tables_of(held):
    """The tables of a collection, without where their rows stood, in an order that owes nothing to that."""
    tables = {field.name: getattr(held, field.name) for field in dataclasses.fields(held)}
    tables = {name: table for name, table in tables.items() if isinstance(table, pl.DataFrame)}
    keys = {
        name: [column for column in table.columns if column.endswith("_key") or column in SOURCE]
        for name, table in tables.items()
    }
    return {name: table.drop(keys[name]).sort(pl.all()) for name, table in tables.items()}


@pytest.mark.parametrize("form", ["as_xml", "as_parquet"])
@pytest.mark.parametrize("collection", ["cin", "ssda903", "workforce"])
def test_every_form_is_read_as_the_same_tables(form, collection, as_csv, request):
    other = request.getfixturevalue(form)
    first, second = tables_of(getattr(as_csv, collection)), tables_of(getattr(other, collection))
    # The XML form of the return on looked-after children has no place for social workers.
    differ = {name for name in first if not first[name].equals(second[name])}
    assert differ == ({"social_workers"} if (form, collection) == ("as_xml", "ssda903") else set())
    assert any(table.height for table in first.values())
    if "social_workers" in differ:
        assert second["social_workers"].is_empty()


def test_no_row_is_rejected_in_any_form(as_csv, as_xml, as_parquet):
    for extracts in (as_csv, as_xml, as_parquet):
        assert [account.table for account in extracts.accounts if account.rejected] == []


def contents(folder):
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def test_several_processes_write_the_same_bytes(folder, tmp_path):
    done = []
    several = csc.synthesise(tmp_path / "several", las=AUTHORITIES, years=YEARS, processes=2, on_authority=done.append)
    assert contents(several) == contents(folder)
    assert sorted(done) == list(AUTHORITIES)


WRITES_A_TABLE = """
import hashlib, pathlib, sys
import polars as pl
from csc_indicators.synthetic.synthesis import write_table

names = pl.select(b=pl.int_range(97), c=pl.int_range(97).cast(pl.String))

def of_year(year, rows=36_000):
    texts = pl.select(a=pl.int_range(year * rows, (year + 1) * rows).cast(pl.String), b=pl.int_range(rows) % 97)
    return texts.filter(pl.col("b") != 3).join(names, on="b", maintain_order="left")

path = pathlib.Path(sys.argv[1])
table = pl.concat([of_year(year) for year in range(10)])
write_table(table, path)
print(pl.thread_pool_size(), table.n_chunks(), hashlib.sha256(path.read_bytes()).hexdigest())
"""
"""Several years of a large table, put together as those of the CIN census are: its pieces are as many as threads."""


def test_parquet_is_the_same_bytes_however_many_threads_there_are(tmp_path):
    said = [
        subprocess.run(
            [sys.executable, "-c", WRITES_A_TABLE, str(tmp_path / f"{threads}.parquet")],
            env={**os.environ, "POLARS_MAX_THREADS": threads},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.split()
        for threads in ("1", "3")
    ]
    (one, pieces, digest), (three, more_pieces, other) = said
    # Without a difference in its pieces the table would show nothing.
    assert (one, three) == ("1", "3")
    assert int(pieces) < int(more_pieces)
    assert digest == other


def test_a_number_of_processes_below_one_is_refused(tmp_path):
    with pytest.raises(UsageError, match="0 processes cannot make anything"):
        csc.synthesise(tmp_path / "out", las=1, years=1, processes=0)


def test_the_command_takes_a_form(tmp_path):
    made = run_here("synthesise", "--las", "1", "--years", "1", "--form", "parquet", "--out", str(tmp_path / "out"))
    assert (made.code, made.stdout) == (0, "")
    assert (tmp_path / "out" / "201" / "2025" / "episodes.parquet").exists()
