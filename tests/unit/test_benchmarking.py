"""An authority's figure beside its neighbours', its region's and England's: which rows, which period, which rule."""

from __future__ import annotations

import polars as pl
import pytest

import csc_indicators as csc
from csc_indicators.benchmarking import benchmark
from csc_indicators.comparators import Neighbours
from csc_indicators.geography import statistical_neighbours
from tests.unit.test_comparators import SCHEMA, cell, share

NEIGHBOURS = statistical_neighbours("390")["neighbour_la_code"].cast(pl.String).to_list()


def published(*rows):
    frame = pl.DataFrame(rows, schema=SCHEMA)
    return frame.with_columns(release=pl.lit("Children in need"), vintage=pl.lit("2025"))


def figures(year=2025, **rest):
    """Published figures of the authority, its neighbours, its region and England."""
    around = [share(code, 10 + place, 100, year=year, **rest) for place, code in enumerate(NEIGHBOURS)]
    return [
        share("390", 20, 100, year=year, **rest), *around, share("301", 99, 100, year=year, **rest),
        share("E12000001", 240, 1200, level="Regional", year=year, authorities=12, **rest),
        share("E12000002", 900, 1200, level="Regional", year=year, authorities=24, **rest),
        share("E92000001", 22_600, 100_000, level="National", year=year, authorities=153, **rest),
    ]  # fmt: skip


def own(value_of=(54, 298), year=2025, **rest):
    return pl.DataFrame([share("390", *value_of, year=year, **rest)], schema=SCHEMA)


def test_the_own_figure_comes_first_then_neighbours_region_england_and_each_neighbour():
    made = benchmark(published(*figures()), indicator="rereferrals", la_code="390", own=own())

    assert made.table.select("role", "area_code", "value", "source").rows()[:5] == [
        ("own", "390", 18.1, "computed"),
        ("own, published", "390", 20.0, "published"),
        ("Statistical neighbours", "390", 14.5, "from published values"),
        ("Regional", "E12000001", 20.0, "published"),
        ("National", "E92000001", 22.6, "published"),
    ]
    assert made.table.filter(role="neighbour")["area_code"].to_list() == NEIGHBOURS
    assert made.table.filter(role="Statistical neighbours")["authorities"].to_list() == [10]
    assert made.period == "2025"
    assert made.notes == ('Same rule: "Within 12 months of the previous referral".',
                          "Published figures: Children in need, 2025.")  # fmt: skip


def test_every_difference_is_of_the_own_figure_from_the_other():
    table = benchmark(published(*figures()), indicator="rereferrals", la_code="390", own=own()).table

    assert table["difference"].to_list()[0] is None
    for row in table.filter(pl.col("role") != "own").iter_rows(named=True):
        assert row["difference"] == pytest.approx(18.1 - row["value"], abs=0.006)
        assert row["difference_lower"] < row["difference"] < row["difference_upper"]
        tells = "within chance" if row["difference_lower"] <= 0 <= row["difference_upper"] else None
        assert row["differs"] == (tells or ("higher" if row["difference"] > 0 else "lower"))


def test_the_own_figure_takes_the_place_of_the_published_one_among_all_authorities():
    made = benchmark(published(*figures()), indicator="rereferrals", la_code="390", own=own((500, 1000)))
    [row] = made.positions.iter_rows(named=True)

    # The ten neighbours, one other authority at 99 %, and the own 50 % in place of 20 %.
    assert (row["rank"], row["ranked"], row["quarter"]) == (2, 12, "highest quarter")
    assert (row["centre"], row["centre_of"], row["funnel"]) == (22.6, "England", "far above")


def test_without_extracts_the_published_figure_is_the_own_one():
    made = benchmark(published(*figures()), indicator="rereferrals", la_code="390")

    assert made.table.select("value", "source").row(0) == (20.0, "published")
    assert made.notes == ("Published figures: Children in need, 2025.",)


def test_a_difference_in_rule_is_said():
    other = own(reading="ever", parameters="window_months=ever")
    made = benchmark(published(*figures()), indicator="rereferrals", la_code="390", own=other)

    assert made.notes[0] == (
        'Different rules: the own figure is "At any time after a previous referral", with '
        'window_months=ever; the published ones are "Within 12 months of the previous referral". The difference may be '
        "one of rules."
    )
    assert made.table.select("value", "difference").rows()[:3] == [(18.1, None), (20.0, -1.9), (14.5, 3.6)]


def test_a_reading_that_is_published_too_is_compared_with_its_own_figures():
    both = published(*figures(), *figures(reading="children"))
    made = benchmark(both, indicator="rereferrals", la_code="390", own=own(reading="children"))

    assert made.notes[0] == 'Same rule: "Children re-referred within 12 months, of children referred".'
    assert made.table.height == 15


def test_an_incomplete_figure_is_said_to_be():
    made = benchmark(published(*figures()), indicator="rereferrals", la_code="390", own=own(complete=False))

    assert made.notes[1].startswith("The own figure is incomplete")


def test_the_latest_period_that_both_have_is_taken_and_another_can_be_asked_for():
    both = published(*figures(2023), *figures(2024))
    mine = pl.concat([own(year=year) for year in (2023, 2024, 2025)])

    assert benchmark(both, indicator="rereferrals", la_code="390", own=mine).period == "2024"
    assert benchmark(both, indicator="rereferrals", la_code="390", own=mine, period="2023").period == "2023"
    with pytest.raises(
        csc.NothingComputed,
        match=r"for 2025: there is a computed figure of Gateshead \(390\) for 2023, 2024, 2025, and there are "
        "published figures for 2023, 2024",
    ):
        benchmark(both, indicator="rereferrals", la_code="390", own=mine, period="2025")


def test_figures_by_group_are_compared_group_by_group():
    groups = [("care_leaver_age", "17-18"), ("care_leaver_age", "19-21")]
    rows = [row for breakdown, group in groups for row in figures(breakdown=breakdown, group=group)]
    rows = [row | {"indicator": "care_leavers_eet"} for row in rows]
    mine = pl.DataFrame(
        [share("390", 10, 40, breakdown=breakdown, group=group) | {"indicator": "care_leavers_eet"}
         for breakdown, group in groups], schema=SCHEMA,
    )  # fmt: skip
    table = benchmark(published(*rows), indicator="care_leavers_eet", la_code="390", own=mine).table

    assert table["group"].value_counts(sort=True).rows() == [("17-18", 15), ("19-21", 15)]
    assert table.filter(role="own")["value"].to_list() == [25.0, 25.0]


def test_a_hidden_figure_stays_hidden():
    mine = pl.DataFrame([cell("390")], schema=SCHEMA)
    made = benchmark(published(*figures()), indicator="rereferrals", la_code="390", own=mine)

    assert made.table.select("value", "status").row(0) == (None, "c")
    assert made.table["difference"].null_count() == made.table.height


def test_london_is_compared_with_both_its_regions():
    rows = [share("302", 20, 100), share("E12000007", 200, 900, level="Regional"),
            share("E13000002", 150, 700, level="Regional"), share("E13000001", 50, 200, level="Regional")]  # fmt: skip
    table = benchmark(published(*rows), indicator="rereferrals", la_code="302").table

    assert table.filter(role="Regional")["area_code"].to_list() == ["E12000007", "E13000002"]


def test_the_mean_and_another_model_are_used_when_asked_for():
    model = Neighbours(pl.DataFrame({"la_code": ["390"] * 2, "neighbour_la_code": NEIGHBOURS[:2]}), statistic="mean")
    table = benchmark(published(*figures()), indicator="rereferrals", la_code="390", neighbours=model).table

    assert table.filter(role="Statistical neighbours").select("value", "authorities").row(0) == (10.5, 2)
    assert table.filter(role="neighbour").height == 2


def test_figures_that_cannot_be_one_are_refused():
    two = pl.concat([own(), own(reading="ever", parameters="window_months=ever")])
    with pytest.raises(csc.UsageError, match="under several readings"):
        benchmark(published(*figures()), indicator="rereferrals", la_code="390", own=two)
    with pytest.raises(csc.UsageError, match='as text: "2025"'):
        benchmark(published(*figures()), indicator="rereferrals", la_code="390", period=2025)


def test_a_model_without_the_authority_is_said():
    model = Neighbours(pl.DataFrame({"la_code": ["302"], "neighbour_la_code": ["303"]}), name="model.csv")
    made = benchmark(published(*figures()), indicator="rereferrals", la_code="390", neighbours=model)

    assert made.notes[-1] == "Gateshead (390) has no neighbours in the model (model.csv)."


def test_what_cannot_be_set_beside_anything_is_said():
    with pytest.raises(csc.NothingComputed, match=r"no published figures of referrals.*published add FILE"):
        benchmark(published(*figures()), indicator="referrals", la_code="390")
    with pytest.raises(csc.NothingComputed, match="it is not known to be published"):
        benchmark(published(*figures()), indicator="deescalation_sustained", la_code="390")
    with pytest.raises(csc.UsageError, match="No local authority has the code"):
        benchmark(published(*figures()), indicator="rereferrals", la_code="39")
    with pytest.raises(csc.UsageError, match="Did you mean"):
        benchmark(published(*figures()), indicator="rereferral", la_code="390")
