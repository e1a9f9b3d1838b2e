"""Neighbours' values, ranks, quarters, funnels and differences: against values worked out by other means."""

from __future__ import annotations

import dataclasses
import datetime as dt
import math
import statistics

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import csc_indicators as csc
from csc_indicators.catalogue import catalogue
from csc_indicators.comparators import (
    KEY,
    Neighbours,
    differences,
    neighbour_values,
    positions,
    with_intervals,
)
from csc_indicators.geography import statistical_neighbours

NEIGHBOURS_OF_390 = statistical_neighbours("390")["neighbour_la_code"].cast(pl.String).to_list()
SCHEMA = {
    "indicator": pl.String, "reading": pl.String, "parameters": pl.String, "period": pl.String,
    "period_start": pl.Date, "period_end": pl.Date, "level": pl.String, "area_code": pl.String, "area_name": pl.String,
    "breakdown": pl.String, "group": pl.String, "numerator": pl.Float64, "denominator": pl.Float64,
    "value": pl.Float64, "lower": pl.Float64, "upper": pl.Float64, "status": pl.String, "complete": pl.Boolean,
    "unit": pl.String, "definition_version": pl.String, "authorities": pl.Int64,
}  # fmt: skip
UNITS = {"rereferrals": "percent", "referrals": "rate_per_10000", "sdq_score": "mean", "agency_rate": "share"}


def cell(area, value=None, *, counts=(None, None), level="Local authority", indicator="rereferrals", year=2025, **rest):
    row = dict.fromkeys(SCHEMA) | {
        "indicator": indicator, "reading": "published", "parameters": "", "period": str(year),
        "period_start": dt.date(year - 1, 4, 1), "period_end": dt.date(year, 3, 31), "level": level,
        "area_code": area, "area_name": f"Area {area}", "breakdown": "total", "group": "Total",
        "numerator": counts[0], "denominator": counts[1], "value": value, "status": "ok" if value is not None else "c",
        "complete": True, "unit": UNITS[indicator], "definition_version": "1",
        "authorities": 1 if level == "Local authority" else 12,
    }  # fmt: skip
    return row | rest


def table(*rows):
    return pl.DataFrame(rows, schema=SCHEMA)


def share(area, top, bottom, **rest):
    return cell(area, round(100 * top / bottom, 1), counts=(float(top), float(bottom)), **rest)


# Neighbours


def neighbours_of_390(values):
    return [cell(code, value) for code, value in zip(NEIGHBOURS_OF_390, values, strict=False)]


@given(st.lists(st.one_of(st.none(), st.integers(0, 1000).map(lambda tenths: tenths / 10)), min_size=0, max_size=10))
def test_the_value_of_neighbours_is_the_median_or_the_mean_of_those_that_have_one(values):
    cells = table(cell("390", 20.0), *neighbours_of_390(values))
    known = [value for value in values if value is not None]
    for statistic, of_all in (("median", statistics.median), ("mean", statistics.fmean)):
        made = neighbour_values(cells, Neighbours(statistic=statistic)).filter(area_code="390")
        [row] = made.select("level", "value", "status", "authorities", "numerator", "denominator").rows()
        expected = math.floor(round(of_all(known) * 100, 6) + 0.5) / 100 if known else None
        assert row == (
            "Statistical neighbours", pytest.approx(expected) if known else None, "ok" if known else "x", len(known),
            None, None,
        )  # fmt: skip


def test_it_is_no_ratio_of_sums():
    rows = [share(NEIGHBOURS_OF_390[0], 1, 2), share(NEIGHBOURS_OF_390[1], 90, 100), share("390", 1, 5)]

    assert neighbour_values(table(*rows)).filter(area_code="390")["value"].to_list() == [70.0]


def test_one_that_is_missing_or_incomplete_makes_it_incomplete():
    every = neighbours_of_390([float(value) for value in range(10)])
    assert neighbour_values(table(cell("390", 1.0), *every)).filter(area_code="390")["complete"].to_list() == [True]
    for spoiled in (every[1:], [*every[1:], every[0] | {"complete": False}]):
        assert not neighbour_values(table(cell("390", 1.0), *spoiled)).filter(area_code="390")["complete"].item()


def test_years_readings_and_groups_are_not_mixed():
    code = NEIGHBOURS_OF_390[0]
    cells = table(
        *(cell("390", 1.0, year=year) for year in (2024, 2025)),
        cell(code, 10.0, year=2024),
        cell(code, 30.0),
        cell(code, 50.0, reading="ever"),
        cell(code, 70.0, breakdown="sex", group="Female"),
        cell(code, 90.0, level="Regional"),
    )

    assert neighbour_values(cells).filter(area_code="390").select("period", "value").rows() == [
        ("2024", 10.0), ("2025", 30.0)
    ]  # fmt: skip


def test_another_model_can_be_given():
    model = pl.DataFrame({"la_code": ["390", "390"], "neighbour_la_code": ["302", "303"]})
    cells = table(cell("390", 1.0), cell("302", 5.0), cell("303", 8.0), *neighbours_of_390([90.0] * 3))

    [row] = neighbour_values(cells, Neighbours(model)).select("area_code", "value", "authorities").rows()
    assert row == ("390", 6.5, 2)
    with pytest.raises(csc.UsageError, match="neighbours have a median or a mean, not 'mode'"):
        Neighbours(statistic="mode")
    with pytest.raises(csc.UsageError, match="la_code and neighbour_la_code"):
        Neighbours(pl.DataFrame({"code": ["390"]}))
    with pytest.raises(csc.UsageError, match="No local authority has the code"):
        Neighbours(pl.DataFrame({"la_code": ["390"], "neighbour_la_code": ["999"]}))


# Positions

BY_AREA = ("area_code", "value", "rank", "tied", "ranked", "ranked_from")


def test_equal_values_share_the_better_rank():
    cells = table(cell("390", 20.0), cell("391", 30.0), cell("392", 30.0), cell("393"), cell("394", 10.0))

    assert positions(cells).select(BY_AREA).rows() == [
        ("390", 20.0, 3, 1, 4, "highest"), ("391", 30.0, 1, 2, 4, "highest"), ("392", 30.0, 1, 2, 4, "highest"),
        ("393", None, None, None, 4, "highest"), ("394", 10.0, 4, 1, 4, "highest"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("polarity", "ranked_from", "ranks"),
    [("lower", "lowest", [1, 2]), ("higher", "highest", [2, 1]), ("none", "highest", [2, 1])],
)
def test_a_rank_counts_from_the_lowest_only_where_the_definition_says_that_it_is_better(
    monkeypatch, polarity, ranked_from, ranks
):
    spec = catalogue().indicator("rereferrals").model_copy(update={"polarity": polarity})
    loaded = dataclasses.replace(catalogue(), indicators={"rereferrals": spec})
    monkeypatch.setattr("csc_indicators.comparators.catalogue", lambda: loaded)
    made = positions(table(cell("390", 1.0), cell("391", 2.0)))

    assert (made["ranked_from"].to_list(), made["rank"].to_list()) == ([ranked_from] * 2, ranks)


@given(st.lists(st.integers(0, 40).map(float), min_size=8, max_size=30))
def test_quarters_go_by_interpolated_quartiles(values):
    codes = [str(code) for code in range(300, 300 + len(values))]
    made = positions(table(*(cell(code, value) for code, value in zip(codes, values, strict=True))))
    first, middle, last = np.quantile(values, [0.25, 0.5, 0.75])  # its default is what spreadsheets do
    names = ["lowest quarter", "second quarter", "third quarter", "highest quarter"]
    expected = [names[sum(value > bound + 1e-9 for bound in (first, middle, last))] for value in values]
    if first == last:
        expected = [None] * len(values)

    assert made["quarter"].to_list() == expected


def test_there_are_no_quarters_of_a_few():
    seven = [cell(str(code), float(code)) for code in range(300, 307)]

    assert positions(table(*seven))["quarter"].null_count() == 7
    assert positions(table(*seven, cell("390", 1.0)))["quarter"].null_count() == 0


def z_of(top, bottom, centre):
    return (top / bottom - centre) / math.sqrt(centre * (1 - centre) / bottom)


@given(st.integers(5, 2000).flatmap(lambda bottom: st.tuples(st.integers(0, bottom), st.just(bottom))))
def test_a_funnel_tells_what_chance_would_do_to_an_authority_of_that_size(counts):
    top, bottom = counts
    england = cell("E92000001", 22.6, level="National")
    [row] = positions(table(share("390", top, bottom), england)).iter_rows(named=True)
    z = z_of(top, bottom, 0.226)
    place = "far " * (abs(z) > 3.0902) + ("above" if z > 0 else "below") if abs(z) > 1.96 else "within"
    spread = 1.959964 * math.sqrt(0.226 * 0.774 / bottom)

    if min(abs(abs(z) - limit) for limit in (1.96, 3.0902)) > 1e-4:
        assert row["funnel"] == place
    assert (row["centre"], row["centre_of"]) == (22.6, "England")
    assert row["limit_lower"] == pytest.approx(max(0, 100 * (0.226 - spread)), abs=1e-4)
    assert row["limit_upper"] == pytest.approx(100 * (0.226 + spread), abs=1e-4)


def test_without_england_the_centre_is_that_of_all_who_are_there():
    made = positions(table(share("390", 10, 100), share("391", 30, 100), cell("392")))

    assert made.select("centre", "centre_of", "funnel").rows() == [
        (20.0, "authorities shown", "below"), (20.0, "authorities shown", "above"), (None, None, None)
    ]  # fmt: skip


@pytest.mark.parametrize(("centre", "top", "funnel"), [(100.0, 40, None), (100.0, 200, "within"), (0.0, 40, None)])
def test_a_centre_that_leaves_no_room_says_nothing_of_other_values(centre, top, funnel):
    made = positions(table(share("390", top, 200), cell("E92000001", centre, level="National")))

    assert made["funnel"].to_list() == [funnel]


def test_a_rate_varies_as_events_do_and_a_mean_has_no_funnel():
    rate = cell("390", 600.0, counts=(600.0, 10_000.0), indicator="referrals")
    england = cell("E92000001", 550.0, level="National", indicator="referrals")
    [row] = positions(table(rate, england)).iter_rows(named=True)
    assert row["limit_upper"] == pytest.approx(10_000 * (0.055 + 1.959964 * math.sqrt(0.055 / 10_000)), abs=1e-3)
    assert row["funnel"] == "above"
    for indicator in ("sdq_score", "agency_rate"):
        [row] = positions(table(cell("390", 14.2, counts=(142.0, 10.0), indicator=indicator))).iter_rows(named=True)
        assert (row["funnel"], row["centre"], row["rank"]) == (None, None, 1)


# Differences


def test_a_difference_has_newcombes_interval():
    """Newcombe (1998), Statistics in Medicine 17, 873-890, method 10: 56/70 and 48/80 differ by 0.0524 to 0.3339."""
    cells = with_intervals(table(share("390", 56, 70), share("E92000001", 48, 80, level="National")))
    [row] = differences(cells).iter_rows(named=True)

    assert (row["compared_with"], row["difference"]) == ("National", 20.0)
    assert row["difference_lower"] == pytest.approx(5.24, abs=0.01)
    assert row["difference_upper"] == pytest.approx(33.39, abs=0.01)
    assert row["differs"] == "higher"


@given(st.tuples(st.integers(1, 300), st.integers(1, 300)), st.tuples(st.integers(1, 300), st.integers(1, 300)))
def test_what_differs_one_way_differs_the_other_way_round(one, other):
    def differs(first, second):
        first, second = ((min(pair), max(pair)) for pair in (first, second))
        cells = table(share("390", *first), share("E92000001", *second, level="National", authorities=153))
        return differences(cells)["differs"].item()

    opposite = {"higher": "lower", "lower": "higher", "within chance": "within chance"}
    assert differs(one, other) == opposite[differs(other, one)]


def test_every_comparator_has_its_row():
    cells = table(
        share("302", 30, 100), share("302", 20, 100, year=2024), share("302", 1, 100, year=2022),
        share("E12000007", 2000, 9000, level="Regional", authorities=33),
        share("E13000002", 900, 5000, level="Regional", authorities=19),
        share("E12000001", 900, 5000, level="Regional", authorities=12),
        share("E92000001", 20_000, 90_000, level="National", authorities=153),
        cell("302", 24.5, level="Statistical neighbours", authorities=9),
    )  # fmt: skip
    made = differences(cells).filter(period="2025")

    assert made.select("compared_with", "comparator_code", "comparator_value", "comparator_authorities").rows() == [
        ("Statistical neighbours", "302", 24.5, 9),
        ("Regional", "E12000007", 22.2, 33),
        ("Regional", "E13000002", 18.0, 19),
        ("National", "E92000001", 22.2, 153),
        ("Previous period", "302", 20.0, 1),
    ]
    # The year before last is no period before; a year without one is compared with nothing.
    assert differences(cells).filter(compared_with="Previous period")["period"].to_list() == ["2025"]


def test_a_quarter_is_compared_with_the_quarter_before_and_not_with_the_year():
    first = {"period": "2023-24 Q4", "period_start": dt.date(2024, 1, 1), "period_end": dt.date(2024, 3, 31)}
    second = {"period": "2024-25 Q1", "period_start": dt.date(2024, 4, 1), "period_end": dt.date(2024, 6, 30)}
    cells = table(share("390", 5, 100) | first, share("390", 6, 100) | second, share("390", 9, 100, year=2024))
    made = differences(cells)

    assert made.select("period", "comparator_name").rows() == [("2024-25 Q1", "Area 390, 2023-24 Q4")]


def test_neighbours_are_taken_as_they_stand():
    cells = table(share("390", 30, 100), cell("390", 24.5, level="Statistical neighbours"))
    [row] = differences(with_intervals(cells)).iter_rows(named=True)
    [own] = with_intervals(cells).filter(level="Local authority").iter_rows(named=True)

    assert row["difference_lower"] == pytest.approx(own["lower"] - 24.5, abs=0.01)
    assert row["difference_upper"] == pytest.approx(own["upper"] - 24.5, abs=0.01)


def test_what_is_hidden_is_compared_with_nothing_and_says_nothing():
    cells = table(cell("390"), share("E92000001", 20_000, 90_000, level="National"))
    [row] = differences(cells).iter_rows(named=True)

    assert (row["difference"], row["differs"], row["comparator_value"]) == (None, None, 22.2)
    assert positions(cells).select("rank", "quarter", "funnel").row(0) == (None, None, None)


def test_an_incomplete_figure_gets_no_verdict():
    england = share("E92000001", 20_000, 90_000, level="National", authorities=153)
    before = share("390", 10, 100, year=2024)
    for own, earlier, verdicts in (
        ({"complete": False}, {}, [None, None]),
        ({}, {"complete": False}, ["higher", None]),
    ):
        made = differences(table(share("390", 60, 100, **own), before | earlier, england)).filter(period="2025")
        assert made["differs"].to_list() == verdicts
        assert made["difference"].null_count() == 0


def test_an_area_of_one_authority_is_that_authority_and_no_comparator():
    cells = table(
        share("390", 60, 100), share("E12000001", 60, 100, level="Regional", authorities=1),
        share("E92000001", 70, 200, level="National", authorities=2),
    )  # fmt: skip

    assert differences(cells)["compared_with"].to_list() == ["National"]


def test_what_is_no_table_of_cells_is_said():
    for compare in (positions, differences):
        assert compare(table(cell("390", 1.0)).clear()).is_empty()
        with pytest.raises(csc.UsageError, match="cells lack the columns indicator, reading"):
            compare(pl.DataFrame({"a": [1]}))


def test_means_have_a_difference_and_no_verdict():
    cells = table(
        cell("390", 14.2, counts=(142.0, 10.0), indicator="sdq_score"),
        cell("E92000001", 13.9, indicator="sdq_score", level="National"),
    )
    [row] = differences(cells).iter_rows(named=True)

    assert (row["difference"], row["difference_lower"], row["differs"]) == (0.3, None, None)


def test_figures_without_an_interval_get_that_of_their_counts_and_others_keep_theirs():
    given_one = share("391", 30, 100, lower=1.0, upper=99.0)
    made = with_intervals(table(share("390", 30, 100), given_one, cell("392")))

    assert made.select(pl.col("lower", "upper").round(1)).rows() == [(21.9, 39.6), (1.0, 99.0), (None, None)]


def test_all_of_it_over_figures_computed_from_returns():
    every = ["Local authority", "Regional", "National", "Statistical neighbours"]
    cells = csc.compute("fixtures/region", ["rereferrals", "referrals"], levels=every, by="sex").frame
    own = cells.filter(level="Local authority")

    assert positions(cells).select(*KEY, "area_code").rows() == own.select(*KEY, "area_code").rows()
    made = differences(cells)
    assert made.select(*KEY, "area_code", "compared_with", "comparator_code").is_duplicated().any() is False
    assert set(made["compared_with"]) == {"Statistical neighbours", "Regional", "National", "Previous period"}
    # Nothing is worked out of a cell that is hidden.
    hidden = own.filter(pl.col("value").is_null()).select(*KEY, "area_code")
    assert hidden.height > 0
    assert (
        made.join(hidden, on=[*KEY, "area_code"], how="semi")["difference"].null_count()
        == made.join(hidden, on=[*KEY, "area_code"], how="semi").height
    )
