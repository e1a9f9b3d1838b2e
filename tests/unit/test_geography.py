"""Authorities, populations and neighbours are what their sources say, and a wrong code gets a useful answer."""

import hashlib
from importlib import resources

import polars as pl
import pytest

from csc_indicators import geography
from csc_indicators.codes import LA_CODE
from csc_indicators.errors import UsageError

REFERENCE = resources.files("csc_indicators") / "reference"


def test_every_reference_file_is_described_and_unchanged():
    sources = geography.reference_sources()
    files = {each.name for each in REFERENCE.iterdir() if each.name.endswith(".csv")}
    assert {source.file for source in sources.values()} == files
    for source in sources.values():
        assert hashlib.sha256((REFERENCE / source.file).read_bytes()).hexdigest() == source.sha256, source.file
        assert source.licence == "Open Government Licence v3.0"
        assert source.attribution == (
            "Contains public sector information licensed under the Open Government Licence v3.0."
        )
        assert source.title
        assert source.publisher
        assert source.vintage


def test_the_readme_names_every_file_and_its_vintage():
    text = (REFERENCE / "README.md").read_text(encoding="utf-8")
    for source in geography.reference_sources().values():
        assert f"`{source.file}`" in text
        assert f"| {source.vintage} |" in text


def test_vintages_are_those_of_the_sources():
    assert geography.POPULATION_VINTAGE == "mid-2012 to mid-2024, as published to spring 2026"
    assert geography.NEIGHBOURS_VINTAGE == "2025 model"
    assert geography.AUTHORITIES_VINTAGE == "reporting years 2013 to 2025"


def test_local_authorities_shape():
    frame = geography.local_authorities()
    assert dict(frame.schema) == {
        "la_code": LA_CODE,
        "ons_code": pl.String,
        "name": pl.String,
        "region_code": pl.String,
        "region_name": pl.String,
        "london_part": pl.String,
        "first_year": pl.Int16,
        "last_year": pl.Int16,
    }
    assert frame.height == 161
    assert frame["la_code"].n_unique() == 158
    assert frame["ons_code"].n_unique() == 161
    assert frame.select(pl.exclude("london_part", "last_year")).null_count().sum_horizontal().item() == 0
    assert frame.equals(frame.sort("la_code", "first_year"))


def test_authorities_by_region_in_2025():
    now = geography.local_authorities().filter(pl.col("last_year").is_null())
    assert dict(now.group_by("region_name").len().iter_rows()) == {
        "North East": 12,
        "North West": 24,
        "Yorkshire and The Humber": 15,
        "East Midlands": 10,
        "West Midlands": 14,
        "East of England": 11,
        "South East": 19,
        "South West": 15,
        "London": 33,
    }
    assert dict(now.drop_nulls("london_part").group_by("london_part").len().iter_rows()) == {
        "Inner London": 14,
        "Outer London": 19,
    }
    assert set(now.drop_nulls("london_part")["region_name"]) == {"London"}


def test_regions():
    frame = geography.regions()
    assert frame.filter(pl.col("part_of").is_null())["region_code"].to_list() == [f"E1200000{n}" for n in range(1, 10)]
    assert frame.drop_nulls("part_of").rows() == [
        ("E13000001", "Inner London", "E12000007"),
        ("E13000002", "Outer London", "E12000007"),
    ]
    assert set(geography.local_authorities()["london_part"].drop_nulls()) <= set(frame["region_name"])


@pytest.mark.parametrize(
    ("la_code", "last_of_old", "old", "new"),
    [
        ("825", 2020, "E10000002", "E06000060"),
        ("815", 2023, "E10000023", "E06000065"),
        ("933", 2023, "E10000027", "E06000066"),
    ],
)
def test_an_authority_that_changed_its_ons_code_resolves_by_year(la_code, last_of_old, old, new):
    assert geography.local_authority(la_code, 2013).ons_code == old
    assert geography.local_authority(la_code, last_of_old).ons_code == old
    assert geography.local_authority(la_code, last_of_old + 1).ons_code == new
    assert geography.local_authority(la_code, 2026).ons_code == new
    assert geography.local_authority(la_code).ons_code == new


def test_local_authority_in_full():
    assert geography.local_authority("202") == geography.LocalAuthority(
        la_code="202",
        ons_code="E09000007",
        name="Camden",
        region_code="E12000007",
        region_name="London",
        london_part="Inner London",
        first_year=2013,
        last_year=None,
    )
    assert geography.local_authority("909").last_year == 2023
    assert geography.local_authority("909").london_part is None


@pytest.mark.parametrize(
    ("gone", "last_year", "come"),
    [
        ({"835", "836", "837"}, 2019, {"838", "839"}),
        ({"928"}, 2021, {"940", "941"}),
        ({"909"}, 2023, {"942", "943"}),
    ],
)
def test_reorganisations_change_who_exists(gone, last_year, come):
    before, after = geography.authority_names(last_year), geography.authority_names(last_year + 1)
    assert set(before) - set(after) == gone
    assert set(after) - set(before) == come


def test_authority_names_by_year():
    assert {
        year: len(geography.authority_names(year)) for year in (2013, 2019, 2020, 2021, 2022, 2023, 2024, 2025)
    } == {
        2013: 152,
        2019: 152,
        2020: 151,
        2021: 151,
        2022: 152,
        2023: 152,
        2024: 153,
        2025: 153,
    }
    assert geography.authority_names(2026) == geography.authority_names(2025)
    assert geography.authority_names(2019)["835"] == geography.authority_names(2020)["838"] == "Dorset"


def test_no_two_authorities_of_a_year_share_a_name():
    for year in range(2013, 2026):
        names = list(geography.authority_names(year).values())
        assert len(names) == len(set(names)), year


def test_region_of():
    assert geography.region_of("392") == ("E12000001", "North East")
    assert geography.region_of("909").name == geography.region_of("942").name == "North West"


@pytest.mark.parametrize(
    ("asked", "advice"),
    [
        ("Barnett", "did you mean 302 (Barnet)?"),
        ("kent", "did you mean 886 (Kent)?"),
        ("E06000066", "did you mean 933 (Somerset)?"),
        ("3022", "did you mean 302 (Barnet)?"),
        ("???????", "give the three digits DfE uses, such as 302 for Barnet."),
    ],
)
def test_an_unknown_code_is_answered_with_the_nearest(asked, advice):
    for ask in (
        geography.local_authority,
        geography.region_of,
        geography.statistical_neighbours,
        lambda code: geography.population(code, 2024),
    ):
        with pytest.raises(UsageError) as caught:
            ask(asked)
        assert str(caught.value) == f"No local authority has the code {asked!r}: {advice}"


@pytest.mark.parametrize(
    ("la_code", "year", "message"),
    [
        ("835", 2020, "Dorset (835) is an authority from 2013 to 2019, not in 2020: in 2020 there was 838 (Dorset)."),
        ("838", 2019, "Dorset (838) is an authority from 2020, not in 2019: in 2019 there was 835 (Dorset)."),
        ("839", 2019, "Bournemouth, Christchurch and Poole (839) is an authority from 2020, not in 2019."),
        ("302", 2012, "The list of authorities begins in reporting year 2013: 2012 is too early."),
    ],
)
def test_an_authority_outside_its_years(la_code, year, message):
    with pytest.raises(UsageError) as caught:
        geography.local_authority(la_code, year)
    assert str(caught.value) == message


def test_authority_names_before_the_list_begins():
    with pytest.raises(UsageError, match="begins in reporting year 2013: 2012 is too early"):
        geography.authority_names(2012)


def test_populations_shape():
    frame = geography.populations()
    assert dict(frame.schema) == {"la_code": LA_CODE, "mid_year": pl.Int16, "population": pl.Int32}
    assert frame.height == 1976
    assert frame.unique(["la_code", "mid_year"]).height == 1976
    assert frame["population"].min() > 0
    missing = frame.filter(pl.col("population").is_null())
    assert set(missing["la_code"]) == {"835", "836", "837"}
    assert set(missing["mid_year"]) == set(range(2012, 2019))
    assert missing.height == 21


def test_populations_are_of_the_authorities_of_the_reporting_year():
    for year in range(2013, 2026):
        assert set(geography.population_for_reporting_year(year)["la_code"]) == set(geography.authority_names(year))


def test_population_totals_give_the_published_england_rates():
    totals = dict(geography.populations().group_by("mid_year").agg(pl.col("population").sum()).iter_rows())
    assert totals[2024] == 12_183_016
    # Children in need at 31 March, as published (rounded to ten), give the rates per 10,000 published beside them.
    assert round(403_090 / totals[2022] * 10_000, 1) == 338.7
    assert round(399_460 / totals[2023] * 10_000, 1) == 331.2


def test_population_of_one_authority():
    assert geography.population("201", 2012) == 716
    assert geography.population("943", 2024) == 39_153
    assert geography.population("943", 2022) is None
    assert geography.population("835", 2018) is None
    assert geography.population("838", 2019) is not None


def test_a_reporting_year_uses_the_mid_year_before():
    rates_of_2013 = geography.population_for_reporting_year(2013)
    assert rates_of_2013.columns == ["la_code", "population"]
    assert rates_of_2013.filter(la_code="201")["population"].to_list() == [716]


@pytest.mark.parametrize("mid_year", [2011, 2025])
def test_a_mid_year_without_estimates(mid_year):
    message = (
        f"There is no population for mid-{mid_year}: estimates run from mid-2012 to mid-2024, "
        "so rates can be had for reporting years 2013 to 2025."
    )
    with pytest.raises(UsageError) as caught:
        geography.population("302", mid_year)
    assert str(caught.value) == message
    with pytest.raises(UsageError) as caught:
        geography.population_for_reporting_year(mid_year + 1)
    assert str(caught.value) == message


def test_statistical_neighbours_of_one_authority():
    frame = geography.statistical_neighbours("302")
    assert frame["rank"].to_list() == list(range(1, 11))
    assert frame["neighbour_la_code"].to_list() == [
        "320", "870", "310", "317", "315", "306", "209", "312", "309", "307",
    ]  # fmt: skip
    assert set(frame["closeness"]) == {"Close"}


def test_statistical_neighbours_of_every_authority():
    frame = geography.statistical_neighbours()
    assert dict(frame.schema) == {
        "la_code": LA_CODE,
        "rank": pl.UInt8,
        "neighbour_la_code": LA_CODE,
        "closeness": geography.CLOSENESS,
    }
    assert frame.height == 1530
    assert set(frame["la_code"]) == set(geography.authority_names(2025))
    assert set(frame["neighbour_la_code"]) <= set(geography.authority_names(2025))
    assert frame.filter(pl.col("la_code") == pl.col("neighbour_la_code")).is_empty()
    assert frame.unique(["la_code", "neighbour_la_code"]).height == 1530
    assert dict(frame.group_by("closeness").len().iter_rows()) == {
        "Extremely close": 12,
        "Very close": 820,
        "Close": 513,
        "Somewhat close": 136,
        "Not close": 49,
    }
    # Bands never get nearer as the rank goes down.
    assert (
        frame.select((pl.col("closeness").to_physical().cast(pl.Int8).diff().over("la_code") < 0).any()).item() is False
    )


def test_an_authority_that_is_gone_has_no_neighbours():
    with pytest.raises(UsageError) as caught:
        geography.statistical_neighbours("909")
    assert str(caught.value) == (
        "Cumbria (909) is not in the 2025 model of statistical neighbours: in 2025 there was 942 (Cumberland)."
    )


def test_a_caller_cannot_change_the_shared_tables():
    for table in (
        geography.local_authorities,
        geography.regions,
        geography.populations,
        geography.statistical_neighbours,
    ):
        before = table()
        changed = table()
        changed.insert_column(0, pl.lit(1).alias("mine"))
        assert table().equals(before)
        assert "mine" not in table().columns
