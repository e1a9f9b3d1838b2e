"""Another model of statistical neighbours, as a file."""

from __future__ import annotations

import pytest

import csc_indicators as csc
from csc_indicators.comparators import Neighbours
from csc_indicators.extracts.neighbours import read_neighbours


@pytest.fixture
def written(tmp_path):
    def write(text):
        file = tmp_path / "neighbours.csv"
        file.write_text(text)
        return file

    return write


def test_a_model_is_read_in_any_case_and_order_of_columns(written):
    file = written("Rank,Neighbour_LA_code,LA_code\n1,391, 390\n2,840,390\n")

    assert read_neighbours(file).rows() == [("390", "391"), ("390", "840")]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("la_code\n390\n", "lacks the column neighbour_la_code"),
        ("la_code,neighbour_la_code\n390,391\n390,999\n", "line 3: a code that is no authority's"),
        ("la_code,neighbour_la_code\n390,\n", "line 2: a code that is no authority's"),
        ("la_code,neighbour_la_code\n390,390\n", "line 2: an authority as its own neighbour"),
        ("la_code,neighbour_la_code\n390,391\n390,391\n", "line 3: a pair that is given before"),
        ("la_code,neighbour_la_code\n", "it has no rows"),
        ("", "it has no header|no header"),
    ],
)
def test_what_is_no_model_is_refused_with_its_line(written, text, message):
    with pytest.raises(csc.UnreadableFile, match=message) as refused:
        read_neighbours(written(text))
    assert "999" not in str(refused.value)


def test_a_file_that_is_not_there_is_said(tmp_path):
    with pytest.raises(csc.UnreadableFile, match=r"none\.csv"):
        read_neighbours(tmp_path / "none.csv")


def test_figures_follow_the_model(written):
    model = Neighbours(read_neighbours(written("la_code,neighbour_la_code\n390,391\n390,840\n")))
    frame = csc.compute(
        "fixtures/region",
        "rereferrals",
        periods=csc.year(2025),
        levels=["Local authority", "Statistical neighbours"],
        neighbours=model,
    ).frame
    values = dict(frame.filter(level="Local authority").select("area_code", "value").iter_rows())

    [row] = frame.filter(level="Statistical neighbours").iter_rows(named=True)
    assert row["area_code"] == "390"
    assert row["value"] == pytest.approx((values["391"] + values["840"]) / 2)
