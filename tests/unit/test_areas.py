"""Regions, the parts of London, England and reorganised authorities: sums of unrounded cells, by code and year."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import csc_indicators as csc
from csc_indicators.area_membership import (
    LEVELS,
    area_members,
    area_names,
    areas_above,
    joined_authorities,
    reorganisations,
)
from csc_indicators.areas import checked_levels, with_areas
from csc_indicators.geography import authority_names, local_authorities, regions
from csc_indicators.periods import quarters, year, years
from csc_indicators.survival import kaplan_meier
from tests.lib.raw_census import census, child, episode, validated

UPPER = ("Regional", "National")
IN_2025 = (year(2025),)


def authority_cells(*rows, daily=None):
    """Cells of authorities: (authority, period, numerator, denominator), of total; complete unless they say not."""
    frame = pl.DataFrame(
        [(code, period, "total", "Total", top, bottom, *(rest or [True])) for code, period, top, bottom, *rest in rows],
        schema={"la_code": pl.String, "period": pl.String, "breakdown": pl.String, "group": pl.String,
                "numerator": pl.Float64, "denominator": pl.Float64, "complete": pl.Boolean},
        orient="row",
    ).with_columns(units=pl.col("denominator").cast(pl.Int64))  # fmt: skip
    return frame if daily is None else frame.with_columns(daily=pl.Series(daily))


def found(cells, *columns, periods=IN_2025, **choices):
    return with_areas(cells, periods, **choices).select(columns or ("area_code", "numerator", "denominator")).rows()


def test_a_region_and_england_are_the_sums_of_their_authorities():
    cells = authority_cells(("390", "2025", 1.0, 4.0), ("391", "2025", 2.0, 5.0), ("330", "2025", 8.0, 9.0))

    assert found(cells, levels=("Local authority", *UPPER)) == [
        ("390", 1.0, 4.0), ("391", 2.0, 5.0), ("330", 8.0, 9.0),
        ("E12000001", 3.0, 9.0), ("E12000005", 8.0, 9.0), ("E92000001", 11.0, 18.0),
    ]  # fmt: skip


def test_london_is_shown_whole_and_in_its_two_parts_and_counts_once_in_england():
    cells = authority_cells(("202", "2025", 1.0, 4.0), ("302", "2025", 2.0, 5.0))

    assert found(cells, levels=UPPER) == [
        ("E12000007", 3.0, 9.0), ("E13000001", 1.0, 4.0), ("E13000002", 2.0, 5.0), ("E92000001", 3.0, 9.0)
    ]  # fmt: skip


def test_an_area_says_how_many_of_its_authorities_it_is_of_and_is_complete_with_all_of_them():
    every = [code for code in authority_names(2025) if area_of(code) == "E12000001"]
    whole = authority_cells(*((code, "2025", 1.0, 2.0) for code in every))
    columns = ("numerator", "complete", "authorities", "of_authorities")

    assert found(whole, *columns, levels=("Regional",)) == [(12.0, True, 12, 12)]
    assert found(whole.head(11), *columns, levels=("Regional",)) == [(11.0, False, 11, 12)]
    spoiled = whole.with_columns(complete=pl.col("la_code") != every[3])
    assert found(spoiled, *columns, levels=("Regional",)) == [(12.0, False, 12, 12)]
    assert found(whole, *columns, levels=("National",)) == [(12.0, False, 12, 153)]


def area_of(code):
    return dict(local_authorities().select(pl.col("la_code").cast(pl.String), "region_code").iter_rows())[code]


def test_an_authority_without_a_return_adds_nothing_and_an_area_without_any_is_not_known():
    cells = authority_cells(("390", "2025", None, None, False), ("391", "2025", 2.0, 5.0), ("330", "2025", None, None))

    assert found(cells, "area_code", "numerator", "authorities", levels=("Regional",)) == [
        ("E12000001", 2.0, 1), ("E12000005", None, 0)
    ]  # fmt: skip


def test_a_population_that_is_not_known_of_one_authority_is_not_known_of_the_area():
    cells = authority_cells(("836", "2019", 2.0, None), ("837", "2019", 3.0, 90.0))

    assert found(cells, periods=[year(2019)], levels=("Regional",)) == [("E12000009", 5.0, None)]


def test_membership_goes_by_the_year_of_the_period():
    cells = authority_cells(("909", "2023", 5.0, 9.0), ("942", "2024", 2.0, 4.0), ("943", "2024", 3.0, 4.0))
    columns = ("period", "numerator", "authorities", "of_authorities")

    assert found(cells, *columns, periods=years(2023, 2024), levels=("Regional",)) == [
        ("2023", 5.0, 1, 23), ("2024", 5.0, 2, 24)
    ]  # fmt: skip
    # An authority is none of a year after its end, whoever returned something under its code.
    late = authority_cells(("909", "2024", 7.0, 9.0), ("942", "2024", 2.0, 4.0))
    assert found(late, *columns, periods=[year(2024)], levels=("Regional",)) == [("2024", 2.0, 1, 24)]


def test_reorganised_authorities_can_be_one_area_over_the_years():
    cells = authority_cells(
        ("909", "2023", 5.0, 9.0), ("909", "2024", None, None), ("940", "2023", 1.0, 2.0), ("940", "2024", 1.0, 2.0),
        ("942", "2023", None, None), ("942", "2024", 2.0, 4.0), ("943", "2023", None, None), ("943", "2024", 3.0, 4.0),
        ("390", "2023", 6.0, 7.0), ("390", "2024", 6.0, 8.0),
    )  # fmt: skip
    columns = ("area_code", "period", "numerator", "authorities", "of_authorities")

    assert found(cells, *columns, periods=years(2023, 2024), joined=True) == [
        ("390", "2023", 6.0, 1, 1), ("390", "2024", 6.0, 1, 1),
        ("940+941", "2023", 1.0, 1, 2), ("940+941", "2024", 1.0, 1, 2),
        ("942+943", "2023", 5.0, 1, 1), ("942+943", "2024", 5.0, 2, 2),
    ]  # fmt: skip
    assert area_names()["940+941"] == "North Northamptonshire with West Northamptonshire (until 2021: Northamptonshire)"


def test_joined_areas_have_the_same_region_as_their_authorities_and_add_up_in_every_year():
    joined = joined_authorities()
    assert sorted(joined["area_code"].unique()) == ["838+839", "940+941", "942+943"]
    touched = set(reorganisations()["from_la_code"]) | set(reorganisations()["to_la_code"])
    assert set(joined["la_code"]) == touched
    for code, area in joined.select("la_code", "area_code").iter_rows():
        assert areas_above()[code] == areas_above()[area]
    # Old authorities end in the year before the new ones begin.
    ends = dict(joined.filter(pl.col("last_year").is_not_null()).select("la_code", "last_year").iter_rows())
    for old, first in reorganisations().select("from_la_code", "first_year").iter_rows():
        assert ends[old] == first - 1


def test_counts_by_day_merge_so_that_an_estimate_is_of_the_areas_units():
    one = [{"followed_days": 10, "events": 1, "units": 4}, {"followed_days": 700, "events": 0, "units": 3}]
    other = [{"followed_days": 10, "events": 2, "units": 3}, {"followed_days": 300, "events": 1, "units": 2}]
    cells = authority_cells(("390", "2025", 1.0, 4.0), ("391", "2025", 2.0, 5.0), daily=[one, other])
    region = with_areas(cells, [year(2025)], levels=("Regional",))
    together = {10: (3, 7), 300: (1, 2), 700: (0, 3)}

    assert region["daily"].to_list() == [
        [{"followed_days": days, "events": events, "units": units} for days, (events, units) in together.items()]
    ]
    survived = (1 - 3 / 12) * (1 - 1 / 5)
    assert kaplan_meier(region.select("daily"))["value"].to_list() == [pytest.approx(survived)]


@given(
    st.lists(
        st.tuples(st.sampled_from(["202", "302", "390", "391", "330"]), st.integers(0, 9), st.integers(0, 9)),
        max_size=40,
    )
)
def test_every_level_holds_each_unit_once(units):
    totals = {}
    for code, top, bottom in units:
        tops, bottoms = totals.get(code, (0, 0))
        totals[code] = (tops + top, bottoms + top + bottom)
    if not totals:
        return
    cells = authority_cells(*((code, "2025", float(a), float(b)) for code, (a, b) in totals.items()))
    by_level = with_areas(cells, [year(2025)], levels=("Local authority", *UPPER))
    parts = pl.col("area_code").str.starts_with("E13")
    for level in ("Local authority", *UPPER):
        sums = by_level.filter(~parts, level=level).select(pl.col("numerator", "denominator").sum()).row(0)
        assert sums == tuple(float(sum(pair[place] for pair in totals.values())) for place in (0, 1))


def test_every_authority_is_in_one_region_in_england_and_those_of_london_in_one_part():
    named = dict(regions().select("region_code", "part_of").iter_rows())
    for code in authority_names(2025):
        areas = area_members().filter(la_code=code)["area_code"].unique().to_list()
        whole = [area for area in areas if area in named and named[area] is None]
        parts = [area for area in areas if named.get(area)]
        assert len(whole) == 1
        assert len(parts) == (1 if whole == ["E12000007"] else 0)
        assert "E92000001" in areas


def test_levels_are_known_by_name():
    assert checked_levels("National") == ("National",)
    with pytest.raises(csc.UsageError, match=r"no level 'Region'. Did you mean \"Regional\"\?"):
        checked_levels(["Region"])
    with pytest.raises(csc.UsageError, match="no level was asked for"):
        checked_levels([])
    assert set(LEVELS) == {"Local authority", "Regional", "National", "Statistical neighbours"}


# From files to figures

EVERY = ["Local authority", "Regional", "National", "Statistical neighbours"]


def test_figures_of_areas_are_the_figures_of_the_sums_and_say_what_they_lack():
    own = csc.compute("fixtures/region", "rereferrals", periods=year(2025), internal=True).frame
    table = csc.compute("fixtures/region", "rereferrals", periods=year(2025), levels=EVERY, internal=True).frame
    top, bottom = own["numerator"].sum(), own["denominator"].sum()
    [region] = table.filter(level="Regional").iter_rows(named=True)

    assert table.filter(level="Local authority").equals(own)
    assert (region["numerator"], region["denominator"]) == (top, bottom)
    assert region["value"] == int(1000 * top / bottom + 0.5) / 10
    assert region["area_name"] == "North East (3 of 12 authorities)"
    assert not region["complete"]
    assert table.filter(level="National")["area_name"].to_list() == ["England (3 of 153 authorities)"]


def test_an_authority_alone_is_compared_with_all_that_are_there():
    every = csc.compute("fixtures/region", "rereferrals", levels=EVERY, by="sex").frame
    one = csc.compute("fixtures/region", "rereferrals", levels=EVERY, by="sex", la_codes="390").frame

    of_it = pl.col("area_code").is_in(["390", "E12000001", "E92000001"])
    assert one.equals(every.filter(of_it))
    assert one["level"].unique(maintain_order=True).to_list() == EVERY


def test_groups_that_are_shares_of_all_are_shares_of_all_in_the_area():
    """Factors per 100 assessments: the denominator of each is that of the area, whatever its groups add up to."""
    request = csc.Request("assessment_factors", parameters={"rate_basis": "episodes_with_factor"})
    frame = csc.compute("fixtures/region", request, levels=EVERY[:2], internal=True).frame
    for rows in frame.partition_by("period", "level", "area_code"):
        assert rows.height > 10
        assert rows["denominator"].n_unique() == 1


def test_an_authority_of_a_joined_area_is_shown_with_the_others_whatever_levels_are_asked_for():
    both = census(child("1", episode("2024-05-10"), episode("2024-11-10")), la_code="940")
    other = census(child("1", episode("2024-05-10")), la_code="941")
    extracts = validated(both, other)
    asked = {"periods": csc.year(2025), "la_codes": "940", "joined": True, "internal": True}
    alone = csc.compute(extracts, "referrals", **asked)
    with_region = csc.compute(extracts, "referrals", levels=EVERY[:2], **asked).frame

    assert alone.frame.select("area_code", "numerator", "authorities").rows() == [("940+941", 3.0, 2)]
    assert with_region.filter(level="Local authority").equals(alone.frame)


def test_an_incomplete_joined_area_is_noted():
    extracts = validated(census(child("1", episode("2024-05-10")), la_code="940"))
    notes = csc.compute(extracts, "rereferrals", periods=csc.year(2025), joined=True).notes

    assert any("is incomplete for 940+941 in 2025" in note for note in notes)


def test_every_kind_of_period_has_its_areas():
    frame = csc.compute("fixtures/region", "referrals", periods=quarters(2025), levels="Regional").frame

    assert frame["period"].to_list() == [period.label for period in quarters(2025)]
    assert frame["status"].unique().to_list() == ["ok"]
