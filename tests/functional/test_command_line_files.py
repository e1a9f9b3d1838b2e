"""What `compute --out` writes: the cells, the manifest, the same bytes every time."""

from __future__ import annotations

import hashlib
import json

import polars as pl
import pytest

import csc_indicators
from csc_indicators.catalogue import catalogue
from tests.lib.command_line import PARTLY, ROOT, run_here


def version_of(indicator):
    return catalogue().definition_version(indicator)


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """Two runs of one command, in two folders."""
    folders = [tmp_path_factory.mktemp("out") / "deep" / "results" for _ in range(2)]
    options = ("--indicator", "referrals", "--indicator", "rereferrals", "--reading", "rereferrals=ever", "--by", "sex")
    return folders, [run_here("compute", PARTLY, *options, "--format", "csv", "--out", folder) for folder in folders]


def test_the_files_written_are_named_on_standard_error(written):
    folders, outcomes = written

    assert outcomes[0].code == 0
    assert outcomes[0].said[-3:] == [
        f"wrote {folders[0] / name}" for name in ("cells.csv", "cells.parquet", "manifest.json")
    ]
    assert sorted(path.name for path in folders[0].iterdir()) == ["cells.csv", "cells.parquet", "manifest.json"]


def test_the_files_hold_what_is_printed(written):
    folders, outcomes = written

    assert folders[0].joinpath("cells.csv").read_text(encoding="utf-8") == outcomes[0].stdout
    parquet = pl.read_parquet(folders[0] / "cells.parquet")
    assert parquet.write_csv() == outcomes[0].stdout
    assert parquet.schema["period_start"] == pl.Date


def test_the_same_command_writes_the_same_bytes(written):
    folders, outcomes = written

    assert outcomes[0].stdout == outcomes[1].stdout
    for name in ("cells.csv", "cells.parquet", "manifest.json"):
        assert folders[0].joinpath(name).read_bytes() == folders[1].joinpath(name).read_bytes(), name


def test_the_manifest_says_from_what_and_how_the_figures_were_made(written):
    folders, _ = written
    manifest = json.loads(folders[0].joinpath("manifest.json").read_text(encoding="utf-8"))
    files = [f"{PARTLY}/{la_code}/2025/cin_census.xml" for la_code in ("390", "391", "840")]

    assert manifest["package"] == {"name": "csc_indicators", "version": csc_indicators.__version__}
    assert manifest["disclosure"] == {"policies": ["dfe_cin"], "restricted": False}
    assert manifest["areas"] == {"levels": ["Local authority"], "joined": False, "neighbours": None}
    assert {name: entry["version"] for name, entry in manifest["definitions"].items()} == {
        name: version_of(name) for name in ("referrals", "rereferrals")
    }
    assert manifest["parameters"] == [
        {"indicator": "referrals", "reading": "published", "parameters": "", "period": "2025"},
        {"indicator": "rereferrals", "reading": "ever", "parameters": "window_months=ever", "period": "2025"},
    ]
    assert manifest["inputs"] == [
        {
            "file": file,
            "bytes": len(ROOT.joinpath(file).read_bytes()),
            "sha256": hashlib.sha256(ROOT.joinpath(file).read_bytes()).hexdigest(),
        }
        for file in files
    ]
    assert manifest["coverage"] == [
        {"la_code": la_code, "collection": "cin", "observed_from": "2024-04-01", "observed_to": "2025-03-31"}
        for la_code in ("390", "391", "840")
    ]
    rows = {entry.pop("table"): entry for entry in manifest["rows"]}
    assert rows["episodes"] == {
        "rows_read": "129 to 133", "rows_kept": 128, "rows_rejected": {"unreadable_date": "1 to 5"},
        "rows_superseded": 0,
    }  # fmt: skip
    assert {name: (entry["severity"], entry["rows"]) for name, entry in manifest["findings"].items()} == {
        "assessments.parent_left_out": ("rejected", "1 to 5"),
        "children.child_without_episode": ("kept", "1 to 5"),
        "episodes.unreadable_date": ("rejected", "1 to 5"),
    }
    assert manifest["notes"] == [
        (
            "rereferrals (ever; window_months=ever) is incomplete for 390, 391, 840 in 2025: their returns "
            "begin on 2024-04-01; it would be complete only for children born since."
        )
    ]


def test_a_restricted_manifest_has_every_row_counted(tmp_path):
    run_here("compute", PARTLY, "--indicator", "referrals", "--internal", "--out", tmp_path)
    manifest = json.loads(tmp_path.joinpath("manifest.json").read_text(encoding="utf-8"))

    assert {entry["rows"] for entry in manifest["findings"].values()} == {1}


def test_restricted_files_are_named_and_marked_so(tmp_path):
    done = run_here("compute", PARTLY, "--indicator", "referrals", "--internal", "--out", tmp_path)

    assert done.code == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "manifest.json", "restricted_cells.csv", "restricted_cells.parquet"
    ]  # fmt: skip
    assert pl.read_parquet(tmp_path / "restricted_cells.parquet")["restricted"].all()
    assert (
        json.loads(tmp_path.joinpath("manifest.json").read_text(encoding="utf-8"))["disclosure"]["restricted"] is True
    )


def test_a_folder_that_cannot_be_written_to_is_a_usage_error(tmp_path):
    taken = tmp_path / "taken"
    taken.write_text("")
    done = run_here("compute", PARTLY, "--indicator", "referrals", "--out", taken)

    assert done.code == 2, done.stderr
    assert done.said[-1].startswith("error: ")
    assert str(taken) in done.said[-1]
