"""The store: append-only, each run and file once, the latest of everything in its views."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import duckdb
import polars as pl
import pytest

import csc_indicators as csc
from csc_indicators.errors import UnreadableFile, UsageError
from csc_indicators.extracts.published import SCHEMA, read_published
from csc_indicators.outputs.store import add_published, add_results, published_figures, runs, stored_results
from csc_indicators.outputs.store_file import CELLS, LAYOUT, SOURCE
from tests.lib.command_line import ROOT
from tests.lib.published_files import BARNET, GATESHEAD, REFERRALS, referrals, write_file

REGION = ROOT / "fixtures" / "region"


@pytest.fixture(scope="module")
def computed():
    """Referrals of one authority, as published and as they are."""
    source = csc.load(REGION / "390" / "2025")
    return {
        internal: csc.compute(source, "referrals_no_further_action", by="sex", internal=internal)
        for internal in (False, True)
    }


def release(folder: Path, name: str, *years: tuple[str, str]):
    """Published figures of a file with these years and percentages."""
    (folder / name).mkdir(exist_ok=True)
    rows = [(year, GATESHEAD, referrals("400", "83", percent)) for year, percent in years]
    return read_published(write_file(folder / name / REFERRALS, rows))


def contents(store: Path) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table."""
    with duckdb.connect(str(store), read_only=True) as connection:
        names = [name for (name,) in connection.execute("SELECT table_name FROM duckdb_tables() ORDER BY 1").fetchall()]
        return {name: connection.table(name).order("ALL").fetchall() for name in names}


# Runs


def test_the_cells_of_a_run_come_back_as_they_were(tmp_path, computed):
    store = tmp_path / "figures.duckdb"
    run = add_results(store, computed[False])

    back = stored_results(store, run_id=run.run_id)

    cells = computed[False].published.frame
    assert (run.added, run.rows, run.restricted) == (True, cells.height, False)
    columns = [name for name in CELLS if name in cells.columns]
    keys = ["indicator", "period", "level", "area_code", "breakdown", "group"]
    assert back.select(columns).sort(keys).equals(cells.select(columns).sort(keys))
    assert stored_results(store).equals(back)


def test_the_same_run_is_one_run_and_says_so(tmp_path, computed):
    store = tmp_path / "figures.duckdb"
    first = add_results(store, computed[False])
    before = contents(store)

    again = add_results(store, computed[False])

    assert (again.run_id, again.added) == (first.run_id, False)
    assert contents(store) == before
    assert add_results(tmp_path / "other.duckdb", computed[False]).run_id == first.run_id


def test_a_restricted_run_is_marked_and_kept_out_of_the_latest_results(tmp_path, computed):
    store = tmp_path / "figures.duckdb"
    public = add_results(store, computed[False])
    restricted = add_results(store, computed[True])

    assert restricted.restricted
    assert runs(store).select("run_id", "restricted").rows() == [(public.run_id, False), (restricted.run_id, True)]
    assert stored_results(store)["run_id"].unique().to_list() == [public.run_id]
    assert stored_results(store, run_id=restricted.run_id)["restricted"].unique().to_list() == [True]


def test_later_results_stand_beside_earlier_ones_and_the_latest_are_shown(tmp_path, computed):
    store = tmp_path / "figures.duckdb"
    first = add_results(store, computed[False])
    before = contents(store)
    later = csc.compute(REGION / "390" / "2025", ["referrals_no_further_action", "referrals"])
    second = add_results(store, later)

    after = contents(store)

    assert all(set(before[table]) <= set(after[table]) for table in before)
    latest = stored_results(store)
    assert latest["run_id"].unique().to_list() == [second.run_id]
    assert latest["breakdown"].unique().to_list() == ["total"]
    assert "sex" in stored_results(store, run_id=first.run_id)["breakdown"].to_list()
    assert runs(store)["run_order"].to_list() == [1, 2]
    assert stored_results(store, indicator="referrals", area_codes=["390"])["indicator"].unique().to_list() == [
        "referrals"
    ]


def test_a_year_of_one_run_is_never_shown_beside_quarters_of_another(tmp_path):
    """A year less three of its quarters is the fourth, which may be hidden."""
    store = tmp_path / "figures.duckdb"
    source = csc.load([REGION / area / "2025" for area in ("390", "391")])
    year = add_results(store, csc.compute(source, ["referrals", "referrals_no_further_action"]))
    quarters = add_results(
        store, csc.compute(source, "referrals_no_further_action", periods=csc.quarters(2025), la_codes="390")
    )

    latest = stored_results(store)

    shown = latest.select("indicator", "area_code", "run_id").unique().sort("indicator", "area_code").rows()
    assert shown == [
        ("referrals", "390", year.run_id),
        ("referrals", "391", year.run_id),
        ("referrals_no_further_action", "390", quarters.run_id),
        ("referrals_no_further_action", "391", year.run_id),
    ]
    mixed = latest.filter(indicator="referrals_no_further_action", area_code="390")
    assert "2025" not in mixed["period"].to_list()
    assert len(contents(store)["results"]) == year.rows + quarters.rows


def test_restricted_results_do_not_hide_earlier_ones_that_are_not(tmp_path, computed):
    store = tmp_path / "figures.duckdb"
    public = add_results(store, computed[False])
    add_results(store, computed[True])

    assert stored_results(store).height == public.rows


def test_a_run_has_one_id_from_whatever_folder_its_inputs_are_read(tmp_path, monkeypatch):
    store = tmp_path / "figures.duckdb"
    shutil.copytree(REGION / "390" / "2025", tmp_path / "returns")
    elsewhere = add_results(store, csc.compute(tmp_path / "returns", "referrals"))
    monkeypatch.chdir(ROOT)

    again = add_results(store, csc.compute("fixtures/region/390/2025", "referrals"))
    other = add_results(store, csc.compute("fixtures/region/391/2025", "referrals"))

    assert (again.run_id, again.added) == (elsewhere.run_id, False)
    assert other.run_id != elsewhere.run_id
    kept = json.loads(runs(store)["manifest"][0])["inputs"]
    assert {str(Path(described["file"]).parent) for described in kept} == {str(tmp_path / "returns")}


def test_an_input_that_is_gone_when_results_are_added_is_said_in_one_line(tmp_path):
    shutil.copytree(REGION / "390" / "2025", tmp_path / "returns")
    computation = csc.compute(tmp_path / "returns", "referrals")
    (tmp_path / "returns").rename(tmp_path / "moved")

    with pytest.raises(UnreadableFile, match=r"returns.*: an input of these results cannot be read any more.*\. Put"):
        add_results(tmp_path / "figures.duckdb", computation)
    assert not (tmp_path / "figures.duckdb").exists()


def test_a_run_keeps_its_manifest(tmp_path, computed):
    store = tmp_path / "figures.duckdb"
    add_results(store, computed[False])

    manifest = json.loads(runs(store)["manifest"][0])

    assert manifest["disclosure"]["restricted"] is False
    assert "referrals_no_further_action" in manifest["definitions"]


def test_a_run_that_the_store_does_not_have_is_refused(tmp_path, computed):
    store = tmp_path / "figures.duckdb"
    add_results(store, computed[False])

    with pytest.raises(UsageError, match="the store has no run 'abc'"):
        stored_results(store, run_id="abc")


# Published figures


def test_published_figures_come_back_as_they_were(tmp_path):
    store = tmp_path / "figures.duckdb"
    series = release(tmp_path, "a", ("2024", "20.5"), ("2025", "c"))

    [stored] = add_published(store, series)

    assert (stored.file, stored.added, stored.vintage, stored.rows) == (REFERRALS, True, "2025", series.frame.height)
    keys = ["indicator", "reading", "period"]
    assert published_figures(store).sort(keys).equals(series.frame.sort(keys))
    assert list(SCHEMA) == [*CELLS, *SOURCE]


def test_the_same_file_adds_nothing_and_says_so(tmp_path):
    store = tmp_path / "figures.duckdb"
    add_published(store, release(tmp_path, "a", ("2025", "20.5")))
    before = contents(store)

    [again] = add_published(store, release(tmp_path, "copy", ("2025", "20.5")))

    assert not again.added
    assert contents(store) == before


def test_a_newer_vintage_is_shown_and_the_older_stays(tmp_path):
    store = tmp_path / "figures.duckdb"
    add_published(store, release(tmp_path, "newer", ("2024", "21"), ("2025", "22")))
    before = contents(store)
    add_published(
        store, release(tmp_path, "older", ("2023", "19"), ("2024", "20.5"))
    )  # added later, of an older vintage

    latest = published_figures(store, indicator="rereferrals")
    every = published_figures(store, indicator="rereferrals", every_vintage=True)

    assert latest.select("period", "value", "vintage").rows() == [
        ("2023", 19.0, "2024"), ("2024", 21.0, "2025"), ("2025", 22.0, "2025")
    ]  # fmt: skip
    assert every.select("period", "value", "vintage").rows() == [
        ("2023", 19.0, "2024"), ("2024", 20.5, "2024"), ("2024", 21.0, "2025"), ("2025", 22.0, "2025")
    ]  # fmt: skip
    after = contents(store)
    assert all(set(before[table]) <= set(after[table]) for table in before)


def test_of_two_files_of_one_vintage_the_one_added_later_is_shown(tmp_path):
    store = tmp_path / "figures.duckdb"
    add_published(store, release(tmp_path, "first", ("2025", "22")))
    add_published(store, release(tmp_path, "corrected", ("2025", "23")))

    assert published_figures(store, indicator="rereferrals")["value"].to_list() == [23.0]


def test_figures_are_selected_by_indicator_reading_period_and_area(tmp_path):
    store = tmp_path / "figures.duckdb"
    rows = [(year, area, referrals("400", "83", "20")) for year in ("2024", "2025") for area in (GATESHEAD, BARNET)]
    add_published(store, read_published(write_file(tmp_path / REFERRALS, rows)))

    some = published_figures(store, indicator="rereferrals", reading="published", periods=["2025"], area_codes=["302"])

    assert some.select("indicator", "period", "area_code").rows() == [("rereferrals", "2025", "302")]
    assert published_figures(store, indicator="sdq_score").is_empty()
    assert published_figures(store, area_codes=["302' OR 1=1 --"]).is_empty()


def test_one_text_is_one_of_what_is_asked_for(tmp_path, computed):
    store = tmp_path / "figures.duckdb"
    add_published(store, release(tmp_path, "a", ("2024", "20"), ("2025", "20.5")))
    add_results(store, computed[False])

    assert stored_results(store, area_codes="390").equals(stored_results(store, area_codes=["390"]))
    assert stored_results(store, area_codes="390").height > 0
    one = published_figures(store, indicator="rereferrals", periods="2025", area_codes="390")
    assert one.select("period", "area_code").rows() == [("2025", "390")]
    assert published_figures(store, periods=[]).is_empty()


@pytest.mark.parametrize("asked", [390, [390], b"390", ["390", None], 2025.0])
def test_what_is_asked_for_in_anything_but_text_is_refused(tmp_path, computed, asked):
    store = tmp_path / "figures.duckdb"
    add_results(store, computed[False])

    with pytest.raises(UsageError, match="area_codes: give one text in quotes, or a list of texts"):
        stored_results(store, area_codes=asked)
    with pytest.raises(UsageError, match="periods: give one text"):
        published_figures(store, periods=asked)


def test_of_figures_that_are_alike_in_all_else_the_same_one_is_shown_whatever_their_order(tmp_path):
    series = release(tmp_path, "a", ("2025", "20.5"))
    renamed = series.frame.with_columns(pl.lit("a copy.csv").alias("file"))
    shown: list[list[str]] = []
    for name, frames in {"one": [series.frame, renamed], "other": [renamed, series.frame]}.items():
        add_published(tmp_path / f"{name}.duckdb", replace(series, frame=pl.concat(frames)))
        shown.append(published_figures(tmp_path / f"{name}.duckdb", indicator="rereferrals")["file"].to_list())

    assert shown[0] == shown[1] == ["a copy.csv"]


def test_results_and_published_figures_share_a_store(tmp_path, computed):
    store = tmp_path / "figures.duckdb"
    add_published(store, release(tmp_path, "a", ("2025", "20.5")))
    add_results(store, computed[False])

    assert published_figures(store).height > 0 < stored_results(store).height


# What is no store


def test_a_store_that_is_not_there_is_refused_on_reading_and_made_on_adding(tmp_path):
    store = tmp_path / "figures.duckdb"

    with pytest.raises(UsageError, match="there is no store here"):
        published_figures(store)
    assert not store.exists()


@pytest.mark.parametrize("content", [b"", b"time_period,level\n2025,National\n" * 200])
def test_a_file_that_is_no_store_is_refused_and_left_alone(tmp_path, content):
    other = tmp_path / "figures.duckdb"
    other.write_bytes(content)

    with pytest.raises(UnreadableFile, match="the file is not a store"):
        add_published(other, release(tmp_path, "a", ("2025", "20.5")))
    with pytest.raises(UnreadableFile, match="the file is not a store"):
        runs(other)
    assert other.read_bytes() == content


def test_a_database_of_another_kind_is_refused_and_left_alone(tmp_path):
    other = tmp_path / "other.duckdb"
    with duckdb.connect(str(other)) as connection:
        connection.execute("CREATE TABLE mine (a INTEGER)")

    with pytest.raises(UnreadableFile, match="a DuckDB database, but not a store of this package"):
        add_published(other, release(tmp_path, "a", ("2025", "20.5")))

    with duckdb.connect(str(other), read_only=True) as connection:
        assert connection.execute("SELECT table_name FROM duckdb_tables()").fetchall() == [("mine",)]


def test_a_store_of_another_layout_is_refused(tmp_path):
    store = tmp_path / "figures.duckdb"
    add_published(store, release(tmp_path, "a", ("2025", "20.5")))
    with duckdb.connect(str(store)) as connection:
        connection.execute("UPDATE store_layout SET layout = layout + 1")

    with pytest.raises(UsageError, match=f"has layout {LAYOUT + 1} and this version of the package uses {LAYOUT}"):
        published_figures(store)


@pytest.mark.parametrize(
    ("name", "says"), [("", "this is a folder"), ("nowhere/figures.duckdb", "the store cannot be made there")]
)
def test_a_place_where_no_store_can_be_is_refused(tmp_path, name, says):
    with pytest.raises(UsageError, match=says):
        add_published(tmp_path / name, release(tmp_path, "a", ("2025", "20.5")))


HOLDS_THE_STORE = """
import sys, duckdb
connection = duckdb.connect(sys.argv[1])
print("open", flush=True)
sys.stdin.read()
"""


def test_a_store_that_another_process_writes_to_is_refused_in_one_line(tmp_path):
    store = tmp_path / "figures.duckdb"
    series = release(tmp_path, "a", ("2025", "20.5"))
    add_published(store, series)
    command = [sys.executable, "-c", HOLDS_THE_STORE, str(store)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdin is not None
        assert other.stdout.readline() == "open\n"

        with pytest.raises(UsageError, match=r"in use by another process\. Wait") as caught:
            add_published(store, series)
        other.stdin.close()

    assert "\n" not in str(caught.value)
    assert str(other.pid) not in str(caught.value)
    assert add_published(store, series)[0].added is False


def test_nothing_is_kept_of_an_addition_that_fails_on_the_way(tmp_path, monkeypatch):
    store = tmp_path / "figures.duckdb"
    add_published(store, release(tmp_path, "a", ("2025", "20.5")))
    before = contents(store)

    def fails(*_: object) -> None:
        raise duckdb.IOException("the disk is full")

    monkeypatch.setattr("csc_indicators.outputs.store.append", fails)
    with pytest.raises(UnreadableFile, match="cannot be read or written there"):
        add_published(store, release(tmp_path, "b", ("2025", "21")))

    assert contents(store) == before


def test_analysts_read_the_store_with_their_own_sql(tmp_path, computed):
    store = tmp_path / "figures.duckdb"
    add_results(store, computed[False])

    with duckdb.connect(str(store), read_only=True) as connection:
        found: pl.DataFrame = connection.sql('SELECT "group", value FROM latest_results ORDER BY ALL').pl()

    assert found.height == computed[False].published.frame.height
