"""No figure moves unseen: every cell of the region is as it was when the golden files were last reviewed."""

from __future__ import annotations

import json

import pytest

from csc_indicators.catalogue import catalogue
from csc_indicators.loading import load
from tests.golden import FIXTURES, GOLDEN, WHERE, as_text, file_of, golden_cells, moved, read_golden

TWO = {"390", "840"}
AUTHORITIES = {"cin": {*TWO, "391"}, "ssda903": TWO, "workforce": TWO, "context": TWO}
INDICATORS = sorted(catalogue().indicators)


@pytest.fixture(scope="module")
def extracts():
    return {collection: load(folder) for collection, folder in FIXTURES.items()}


@pytest.mark.parametrize("indicator", INDICATORS)
def test_no_figure_has_moved(extracts, indicator):
    held = extracts[catalogue().indicator(indicator).collection]
    changes = moved(indicator, read_golden(indicator), golden_cells(indicator, held))
    listed = "\n".join(changes)

    assert not changes, f"{len(changes)} figures moved; if they should have, run python tests/golden.py:\n{listed}"


@pytest.mark.parametrize("indicator", INDICATORS)
def test_a_golden_file_holds_every_reading_and_breakdown(indicator):
    spec = catalogue().indicator(indicator)
    keys = [dict(zip(WHERE, key.split(" | "), strict=True)) for key in read_golden(indicator)]

    assert {key["reading"] for key in keys} == {reading.name for reading in spec.reading}
    always = {spec.published_groups} - {None}
    assert {key["breakdown"] for key in keys} == {"total", *spec.breakdowns, *always}
    assert {key["area_code"] for key in keys} == AUTHORITIES[spec.collection]
    assert {key["period"] for key in keys} == {"2023", "2024", "2025"}


@pytest.mark.parametrize("indicator", INDICATORS)
def test_a_golden_file_is_written_as_the_script_writes_it(indicator):
    assert file_of(indicator).read_bytes() == as_text(read_golden(indicator)).encode()


def test_there_is_a_golden_file_for_each_indicator_and_no_other():
    assert sorted(file.stem for file in GOLDEN.glob("*")) == INDICATORS


def test_a_moved_figure_is_named_with_its_numbers_before_and_after():
    same = [5.0, 10.0, 50.0, 20.0, 80.0, "ok", True]
    old = {
        "published | 390 | 2025 | total | Total": [1.0, 4.0, 25.0, None, None, "ok", True],
        "gone": same,
        "kept": same,
    }
    new = {
        "published | 390 | 2025 | total | Total": [2.0, 4.0, 50.0, None, None, "ok", False],
        "kept": same,
        "new": same,
    }
    numbers = "numerator=5.0 denominator=10.0 value=50.0 lower=20.0 upper=80.0 status=ok complete=True"

    assert moved("rereferrals", old, new) == [
        (
            "rereferrals | published | 390 | 2025 | total | Total: "
            "numerator=1.0 denominator=4.0 value=25.0 status=ok complete=True -> "
            "numerator=2.0 denominator=4.0 value=50.0 status=ok complete=False"
        ),
        f"rereferrals | gone: {numbers} -> no such cell",
        f"rereferrals | new: no such cell -> {numbers}",
    ]


def test_a_golden_file_reads_back_as_it_was_written():
    cells = {"published | 390 | 2025 | age_band | 1 to 4": [1.0, None, 0.5, None, None, "c", False]}

    assert json.loads(as_text(cells))["cells"] == cells
