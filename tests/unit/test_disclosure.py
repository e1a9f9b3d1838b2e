"""Disclosure control: each rule on a table small enough to check by eye."""

from __future__ import annotations

import copy
import dataclasses
import datetime as dt

import polars as pl
import pytest

import csc_indicators as csc
from csc_indicators.catalogue import catalogue
from csc_indicators.disclosure import Policy, Published, policy, publish, read_policies
from csc_indicators.errors import FatalFindings, UsageError
from csc_indicators.suppression import Facts, hide

POLICY = Policy(
    name="made_up",
    title="Small counts hidden",
    source="tests",
    threshold=5,
    rounding={"Local authority": 1, "Regional": 10, "National": 10, "Statistical neighbours": 10},
)
SCHEMA = {
    **dict.fromkeys(("indicator", "reading", "parameters", "period", "level", "area_code"), pl.String()),
    **dict.fromkeys(("breakdown", "group"), pl.String()),
    **dict.fromkeys(("numerator", "denominator", "value", "lower", "upper"), pl.Float64()),
    **dict.fromkeys(("status", "unit"), pl.String()),
}
POLICY_TEXT = """
[gentle]
title = "Gentle"
source = "tests"
threshold = 2
secondary = false
ratio_from = "unrounded"
[gentle.rounding]
"Local authority" = 1
"Regional" = 5
"National" = 5
"Statistical neighbours" = 5
"""


def cell(group="Total", numerator=0, denominator=None, *, unit="count", **others):
    value = numerator / denominator if denominator and numerator is not None else numerator
    row = {
        "indicator": "referrals",
        "reading": "default",
        "parameters": "",
        "period": "2025",
        "level": "Local authority",
        "area_code": "E09000001",
        "breakdown": "total" if group == "Total" else "sex",
        "group": group,
        "numerator": numerator,
        "denominator": denominator,
        "value": value,
        "lower": value,
        "upper": value,
        "status": "ok",
        "unit": unit,
    }
    return {**row, **others}


def line(counts, *, total=None, **others):
    """A breakdown and its total; `counts` by group."""
    groups = [cell(group, count, **others) for group, count in counts.items()]
    return [cell("Total", sum(counts.values()) if total is None else total, **others), *groups]


def released(rows, rule=POLICY, **choices):
    frame = pl.DataFrame(rows, schema=SCHEMA)
    return publish(frame, dict.fromkeys(frame["indicator"].unique(), rule), **choices).frame


def numerators(rows, rule=POLICY, **choices):
    return released(rows, rule, **choices)["numerator"].to_list()


# Policies


def test_the_shipped_policy_for_the_children_in_need_census():
    shipped = policy("dfe_cin")
    assert (shipped.threshold, shipped.secondary, shipped.ratio_from) == (5, True, "unrounded")
    assert dict(shipped.rounding) == {
        "Local authority": 1,
        "Regional": 10,
        "National": 10,
        "Statistical neighbours": 10,
    }


def test_every_indicator_has_a_policy_of_its_collection():
    of_collection = {
        "cin": {"dfe_cin"},
        "ssda903": {"dfe_cla", "dfe_care_leavers"},
        "workforce": {"dfe_workforce", "workforce_people"},
        "context": {"supplied_aggregates", "supplied_children", "supplied_sums"},
    }
    for spec in catalogue().indicators.values():
        collection = spec.tables[0].partition(".")[0]
        assert spec.disclosure in of_collection[collection], spec.id
        of_leavers = spec.tables[0] == "ssda903.care_leavers"
        assert (spec.disclosure == "dfe_care_leavers") == of_leavers, spec.id
        policy(spec.disclosure)


def test_an_unknown_policy_is_answered_with_the_nearest_name():
    with pytest.raises(UsageError, match=r"no disclosure policy is called 'dfe_cni'\. Did you mean \"dfe_cin\"\?"):
        policy("dfe_cni")


def test_a_policy_is_read_as_written():
    gentle = read_policies(POLICY_TEXT)["gentle"]
    assert (gentle.name, gentle.threshold, gentle.secondary, gentle.rounding["Regional"]) == ("gentle", 2, False, 5)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("threshold = 2", "treshold = 2", "unknown key 'treshold'. Did you mean \"threshold\"?"),
        ("threshold = 2", "", "missing key 'threshold'"),
        ("threshold = 2", "threshold = true", "threshold must be a whole number, 0 or more"),
        ("threshold = 2", "threshold = -1", "threshold must be a whole number, 0 or more"),
        ("secondary = false", 'secondary = "no"', "secondary must be true or false"),
        ("secondary = false", 'secondary = false\nprotects = "rows"', 'protects must be "counts" or "units"'),
        ('"unrounded"', '"rounded"', 'ratio_from must be "unrounded"'),
        ('source = "tests"', 'source = " "', "source must be text that is not empty"),
        ('"National" = 5', '"England" = 5', "rounding has no level 'National'"),
        ('"National" = 5', '"National" = 0', "rounding of 'National' must be a whole number, 1 or more"),
        ('"National" = 5', '"National" = 5\n"Natonal" = 5', "unknown level 'Natonal'. Did you mean \"National\"?"),
        ("[gentle.rounding]", "[gentle.other]", "unknown key 'other'"),
        ("[gentle]", "stray = 1\n[gentle]", "'stray' must be a table, one for each policy"),
        ("[gentle]", "[gentle", "policies.toml cannot be read"),
    ],
)
def test_a_fault_in_a_policy_is_refused(old, new, message):
    with pytest.raises(FatalFindings) as caught:
        read_policies(POLICY_TEXT.replace(old, new))
    assert message in str(caught.value)


def test_a_rounding_that_is_no_table_is_refused():
    with pytest.raises(UsageError, match="disclosure policy 'made_up': rounding must be a table of levels"):
        dataclasses.replace(POLICY, rounding=10)


# Published


def test_only_publish_makes_a_published():
    frame = pl.DataFrame([cell("Total", 30)], schema=SCHEMA)
    with pytest.raises(TypeError, match=r"only csc_indicators\.disclosure\.publish makes a Published"):
        Published(frame, restricted=False, policies=("made_up",))
    made = publish(frame, {"referrals": POLICY})
    with pytest.raises(TypeError):
        dataclasses.replace(made, restricted=False)
    with pytest.raises(dataclasses.FrozenInstanceError):
        made.restricted = True
    assert (made.restricted, made.policies) == (False, ("made_up",))
    assert copy.copy(made) is not made


def test_internal_publishes_everything_and_says_so():
    frame = pl.DataFrame(line({"Female": 3, "Male": 40}, level="National"), schema=SCHEMA)
    made = publish(frame, {"referrals": POLICY}, internal=True)
    assert made.restricted
    assert made.frame.equals(frame)


def test_no_cells_are_published_as_no_cells():
    made = publish(pl.DataFrame(schema=SCHEMA), {})
    assert (made.frame.height, made.restricted, made.policies) == (0, False, ())


# What is small


@pytest.mark.parametrize(("count", "shown", "status"), [(0, 0, "ok"), (1, None, "c"), (5, None, "c"), (6, 6, "ok")])
def test_counts_of_one_to_the_threshold_are_hidden(count, shown, status):
    row = released([cell("Total", count)]).row(0, named=True)
    assert (row["numerator"], row["value"], row["status"]) == (shown, shown, status)


def test_a_hidden_numerator_of_a_rate_takes_the_value_but_not_the_population():
    row = released([cell("Total", 4, 3, unit="rate_per_10000")]).row(0, named=True)
    assert [row[name] for name in ("numerator", "denominator", "value", "lower", "upper", "status")] == [
        None,
        3.0,
        None,
        None,
        None,
        "c",
    ]


def test_a_hidden_numerator_of_a_percentage_leaves_the_denominator():
    row = released([cell("Total", 4, 60, unit="percent")]).row(0, named=True)
    assert (row["numerator"], row["denominator"], row["value"], row["status"]) == (None, 60.0, None, "c")


def test_a_hidden_denominator_hides_its_numerator_unless_that_is_zero():
    shown = released([cell("Total", 2, 3, unit="percent"), cell("Total", 0, 3, unit="percent", period="2024")])
    assert shown["numerator"].to_list() == [None, 0.0]
    assert shown["denominator"].to_list() == [None, None]
    assert shown["value"].to_list() == [None, None]
    assert shown["status"].to_list() == ["c", "c"]


def test_the_sum_behind_a_mean_is_hidden_with_its_count_and_not_for_being_small():
    shown = released(
        [
            cell("Total", 300, 4, unit="mean"),
            cell("Total", 0, 4, unit="mean", period="2024"),
            cell("Total", 2.5, 40, unit="mean", period="2023"),
        ]
    )
    assert shown["numerator"].to_list() == [None, None, 2.5]
    assert shown["denominator"].to_list() == [None, None, 40.0]
    assert shown["status"].to_list() == ["c", "c", "ok"]


@pytest.mark.parametrize("status", ["z", "x", "u", "k"])
def test_other_symbols_stay_where_nothing_is_hidden(status):
    rows = [
        cell("Total", None, None, status=status),
        cell("Total", 0, 0, unit="percent", status=status, value=None, period="2024"),
        cell("Total", 2, None, status=status, period="2023"),
    ]
    shown = released(rows)
    assert shown["numerator"].to_list() == [None, 0.0, None]
    assert shown["status"].to_list() == [status, status, "c"]


# What gives it away


def test_the_smallest_other_group_covers_a_hidden_one():
    assert numerators(line({"Female": 3, "Male": 20, "Unknown": 8})) == [31, None, 20, None]


def test_equal_groups_are_chosen_between_by_label():
    assert numerators(line({"A": 9, "B": 9, "C": 3})) == [21, None, 9, None]


def test_a_zero_covers_nothing_and_stays():
    assert numerators(line({"Female": 3, "Male": 20, "Unknown": 0})) == [23, None, None, 0]


def test_two_ones_that_add_up_to_two_need_a_third():
    assert numerators(line({"A": 1, "B": 1, "C": 9, "D": 30})) == [41, None, None, None, 30]


def test_two_small_groups_with_two_ways_to_add_up_need_no_third():
    assert numerators(line({"A": 1, "B": 2, "C": 9, "D": 30})) == [42, None, None, 9, 30]


def test_six_ones_hide_their_total_and_so_a_group_of_every_other_breakdown():
    ages = [cell(group, 1, breakdown="age_band") for group in "ABCDEF"]
    rows = [cell("Total", 6), *ages, cell("Female", 6), cell("Male", 0), cell("Yes", 6, breakdown="disabled")]
    assert numerators(rows) == [None] * 8 + [0, None]


def test_a_group_that_is_the_whole_total_is_not_small():
    assert numerators(line({"Female": 7, "Male": 0})) == [7, 7, 0]


def test_groups_that_do_not_add_up_to_the_total_are_no_sum():
    assert numerators(line({"1A": 3, "1B": 20, "1C": 9}, total=25)) == [25, None, 20, 9]


def test_groups_without_a_total_are_no_sum():
    assert numerators([cell("17", 3), cell("18", 20)]) == [None, 20]


def test_without_secondary_suppression_only_small_counts_go():
    rule = dataclasses.replace(POLICY, secondary=False)
    assert numerators(line({"Female": 3, "Male": 20}), rule) == [23, None, 20]


def test_denominators_that_add_up_are_covered_too():
    rows = [
        cell("Total", 20, 63, unit="percent"),
        cell("Female", 0, 3, unit="percent"),
        cell("Male", 11, 40, unit="percent"),
        cell("Unknown", 9, 20, unit="percent"),
    ]
    shown = released(rows)
    # The smallest other denominator goes with its numerator, and that numerator then needs one more.
    assert shown["denominator"].to_list() == [63, None, 40, None]
    assert shown["numerator"].to_list() == [20, 0, None, None]


def test_a_numerator_is_at_most_its_denominator():
    # 5 of 7 and 8 of 8: the hidden pair adds up to 13, so the first is 5, 6 or 7, and nothing more need go.
    rows = [
        cell("Total", 43, 65, unit="percent"),
        cell("A", 5, 7, unit="percent"),
        cell("B", 8, 8, unit="percent"),
        cell("C", 30, 50, unit="percent"),
        cell("B", 8, 9, unit="percent", period="2024"),
    ]
    assert numerators(rows) == [43, None, None, 30, 8]


def test_a_small_numerator_with_no_room_needs_a_further_one():
    # 1 of 9 and 6 of 6: were both hidden alone, the first could still be 2, because 6 could be 5.
    rows = [
        cell("Total", 37, 65, unit="percent"),
        cell("A", 1, 9, unit="percent"),
        cell("B", 6, 6, unit="percent"),
        cell("C", 30, 50, unit="percent"),
        cell("B", 6, 9, unit="percent", period="2024"),
    ]
    assert numerators(rows) == [37, None, None, 30, 6]


def test_the_same_count_under_another_indicator_is_hidden_as_well():
    cases = {"Female": (1, 12), "Male": (20, 90), "Unknown": (8, 9)}
    rows = line({group: count for group, (_, count) in cases.items()})
    again = {"unit": "percent", "indicator": "rereferrals"}
    rows += [cell("Total", 29, 111, **again), *(cell(group, *pair, **again) for group, pair in cases.items())]
    rows += line({"Female": 12, "Male": 90, "Unknown": 9}, indicator="others")
    shown = released(rows)
    assert shown["numerator"].to_list() == [111, 12, 90, 9, 29, None, 20, None, 111, 12, 90, 9]
    cases["Female"] = (0, 5)
    rows = line({group: count for group, (_, count) in cases.items()})
    rows += [cell("Total", 28, 104, **again), *(cell(group, *pair, **again) for group, pair in cases.items())]
    shown = released(rows)
    assert shown["numerator"].to_list() == [104, None, 90, None, 28, 0, None, None]
    assert shown["denominator"].to_list() == [None] * 4 + [104, None, 90, None]


def test_a_total_hidden_in_one_indicator_is_hidden_where_it_stands_alone():
    rows = [*line(dict.fromkeys("ABCDEF", 1)), cell("Total", 6, indicator="others")]
    assert numerators(rows) == [None] * 8


# Areas


def areas(counts, level, *, codes=None, **others):
    return [
        cell("Total", count, level=level, area_code=code, **others)
        for code, count in zip(codes or [f"{level} {place}" for place in range(9)], counts, strict=False)
    ]


def test_an_authority_cannot_be_had_from_an_exact_total_of_the_authorities():
    exact = dataclasses.replace(POLICY, rounding=dict.fromkeys(POLICY.rounding, 1))
    rows = areas([3, 20, 40], "Local authority") + areas([63], "National")
    assert numerators(rows, exact) == [None, None, 40, 63]


def test_rounding_covers_an_authority_where_it_leaves_room():
    rows = areas([3, 20, 40], "Local authority") + areas([63], "National")
    assert numerators(rows) == [None, 20, 40, 60]


def test_and_not_where_it_leaves_none():
    # 1 + 63 is 64, the most that rounds to 60: the authority could only be 1.
    rows = areas([1, 23, 40], "Local authority") + areas([64], "National")
    assert numerators(rows) == [None, None, 40, 60]


def test_a_total_that_covers_more_than_the_authorities_present_is_no_sum():
    exact = dataclasses.replace(POLICY, rounding=dict.fromkeys(POLICY.rounding, 1))
    rows = areas([3, 20, 40], "Local authority") + areas([900], "National")
    assert numerators(rows, exact) == [None, 20, 40, 900]


def test_several_regions_need_to_know_their_authorities():
    exact = dataclasses.replace(POLICY, rounding=dict.fromkeys(POLICY.rounding, 1))
    rows = areas([3, 20, 40, 50], "Local authority", codes=["A", "B", "C", "D"])
    rows += areas([23, 90], "Regional", codes=["R1", "R2"])
    assert numerators(rows, exact) == [None, 20, 40, 50, 23, 90]
    regions = {"A": ["R1"], "B": ["R1"], "C": ["R2"], "D": ["R2"]}
    assert numerators(rows, exact, above=regions) == [None, None, 40, 50, 23, 90]


def test_the_parts_of_london_are_tied_to_london_where_nothing_smaller_is_shown():
    exact = dataclasses.replace(POLICY, rounding=dict.fromkeys(POLICY.rounding, 1))
    rows = areas([223, 3, 220], "Regional", codes=["London", "Inner", "Outer"])
    assert numerators(rows, exact, above={"Inner": ["London"], "Outer": ["London"]}) == [223, None, None]


def test_rounding_covers_nothing_beside_a_ratio_which_gives_the_count_back():
    rows = areas([3, 20, 40], "Local authority", unit="rate_per_10000")
    england = areas([63], "National", unit="rate_per_10000", denominator=9000, value=70.0)
    assert numerators([*rows, *england]) == [None, None, 40, 60]
    assert numerators([*rows, {**england[0], "value": None}]) == [None, 20, 40, 60]


def test_a_region_of_one_authority_is_that_authority():
    exact = dataclasses.replace(POLICY, rounding=dict.fromkeys(POLICY.rounding, 1))
    rows = areas([3, 20, 30], "Local authority", codes=["A", "B", "C"])
    rows += areas([23, 30], "Regional", codes=["R1", "R2"]) + areas([53], "National")
    above = {"A": ["R1"], "B": ["R1"], "C": ["R2"]}
    assert numerators(rows, exact, above=above) == [None, None, 30, 23, 30, 53]
    alone = [*areas([3, 30], "Local authority", codes=["A", "C"]), *areas([3, 30], "Regional", codes=["R1", "R2"])]
    assert numerators(alone, exact, above=above) == [None, 30, None, 30]


# What is one number


def test_a_band_that_is_in_time_by_definition_has_one_number_for_both_of_its_counts():
    bands = {"1 to 10": (3, 3), "11 to 45": (40, 40), "41 to 45": (9, 9), "46 or more": (0, 7)}
    rows = [cell("Total", 52, 59, unit="percent")]
    rows += [cell(band, *counts, unit="percent", breakdown="days") for band, counts in bands.items()]
    shown = released(rows)
    # The cover of the denominators must be among those that cover the numerators.
    assert shown["numerator"].to_list() == [52, None, 40, None, 0]
    assert shown["denominator"].to_list() == [59, None, 40, None, 7]


def test_a_denominator_that_stands_beside_every_group_is_that_of_the_total():
    # Six ones hide their total of six, which stands alone as well, and under every factor.
    rows = [*line(dict.fromkeys("ABCDEF", 1)), cell("Total", 6, indicator="alone")]
    rows += [cell(group, 0, 6, unit="ratio", indicator="factors") for group in ("Total", "1A", "2B")]
    shown = released(rows)
    assert shown["numerator"].to_list() == [None] * 8 + [0] * 3
    assert shown["denominator"].to_list()[-3:] == [None] * 3


def test_groups_are_one_line_whether_or_not_their_total_is_shown():
    groups = {"17": 3, "18": 20, "19": 9}
    rows = [*line(groups), *(cell(group, count, indicator="others") for group, count in groups.items())]
    assert numerators(rows) == [32, None, 20, None, None, 20, None]


def test_ages_in_single_years_are_added_up_to_bands_of_ages():
    years = {"17": 3, "18": 40, "19": 9, "20": 45, "21": 46}
    rows = [cell("Total", sum(years.values()))]
    rows += [cell(age, count, breakdown="age_year") for age, count in years.items()]
    rows += [cell("17 to 18", 43, breakdown="care_leaver_age"), cell("19 to 21", 100, breakdown="care_leaver_age")]
    frame = pl.DataFrame(rows, schema=SCHEMA)
    dated = frame.with_columns(period_end=dt.date(2025, 3, 31))
    shown = [publish(each, {"referrals": POLICY}).frame["numerator"].to_list() for each in (frame, dated)]
    # Only with its days is a table known to hold both; then 17 needs a cover within its band as well.
    assert shown == [[143, None, 40, None, 45, 46, 43, 100], [143, None, None, 9, 45, 46, 43, 100]]


# Rounding


@pytest.mark.parametrize(("count", "printed"), [(0, 0), (6, 10), (14, 10), (15, 20), (24, 20), (25, 30), (104, 100)])
def test_counts_of_larger_areas_are_rounded_half_up(count, printed):
    rows = [
        cell("Total", count, level="Regional"),
        cell("Total", count, count, unit="percent", level="National", value=100.0),
        cell("Total", count, 777, unit="rate_per_10000", level="National", indicator="rates", value=1.5),
    ]
    shown = released(rows)
    assert shown["numerator"].to_list() == [printed] * 3
    assert shown["denominator"].to_list() == [None, printed, 777]
    assert shown["value"].to_list() == [printed, 100.0, 1.5]
    assert numerators([cell("Total", count)], dataclasses.replace(POLICY, threshold=0)) == [count]


def test_a_count_that_rounds_to_zero_says_so():
    rule = dataclasses.replace(POLICY, threshold=2)
    shown = released([cell("Total", 4, level="National"), cell("Total", 0, level="National", period="2024")], rule)
    assert shown["numerator"].to_list() == [0, 0]
    assert shown["status"].to_list() == ["k", "ok"]


def test_the_median_of_neighbours_passes_through():
    row = cell("Total", None, None, unit="percent", level="Statistical neighbours", value=21.35)
    assert released([row]).row(0, named=True)["value"] == 21.35


def test_columns_rows_and_other_columns_are_kept():
    frame = pl.DataFrame(line({"Female": 3, "Male": 20, "Unknown": 9}), schema=SCHEMA).with_columns(
        complete=pl.lit(value=True), indicator=pl.col("indicator").cast(pl.Categorical)
    )
    shown = publish(frame, {"referrals": POLICY}).frame
    assert shown.schema == frame.schema
    assert shown.drop("numerator", "value", "lower", "upper", "status").equals(
        frame.drop("numerator", "value", "lower", "upper", "status")
    )


# What is no count: the units behind it are protected

UNITS_POLICY = dataclasses.replace(POLICY, protects="units", rounding=dict.fromkeys(POLICY.rounding, 1))
UNITS_SCHEMA = {**SCHEMA, "units": pl.Int64()}


def worked(group, days, posts, units, **others):
    """Days lost of so many workers, as a mean of full-time posts."""
    return {**cell(group, days, posts, unit="mean", **others), "units": units}


def shown_of_units(rows, rule=UNITS_POLICY, **choices):
    frame = pl.DataFrame(rows, schema=UNITS_SCHEMA)
    return publish(frame, {"referrals": rule}, **choices).frame.select("numerator", "denominator", "value", "status")


def test_a_figure_of_few_units_is_hidden_whole_and_another_with_it():
    rows = [
        worked("Total", 90, 38.5, 40),
        worked("Manager", 40, 0.5, 1),
        worked("Case holder", 30, 20, 21),
        worked("Other", 20, 18, 18),
    ]
    assert shown_of_units(rows).rows() == [
        (90, 38.5, 90 / 38.5, "ok"),
        (None, None, None, "c"),
        (30, 20, 1.5, "ok"),
        (None, None, None, "c"),
    ]


def test_what_is_shown_of_units_is_neither_whole_nor_rounded():
    assert shown_of_units([worked("Total", 12.25, 6.75, 7, level="National")]).row(0)[:2] == (12.25, 6.75)


def test_a_figure_of_no_units_is_a_nought_that_stays():
    rows = [worked("Total", 12, 9, 12), worked("Manager", 0, 0, 0), worked("Other", 12, 9, 12)]
    assert shown_of_units(rows)["status"].to_list() == ["ok", "ok", "ok"]


@pytest.mark.parametrize("internal", [True, False])
def test_the_number_of_units_is_never_written(internal):
    frame = pl.DataFrame([worked("Total", 90, 38.5, 40)], schema=UNITS_SCHEMA)
    assert "units" not in publish(frame, {"referrals": UNITS_POLICY}, internal=internal).frame.columns


def test_cells_that_do_not_say_their_units_are_refused():
    with pytest.raises(UsageError, match="cells lack the column units, by which referrals are protected"):
        released([cell("Total", 90, 38.5, unit="mean")], UNITS_POLICY)


def test_a_policy_of_units_rounds_nothing():
    with pytest.raises(
        UsageError, match="rounding of 'Regional' must be 1: numbers that are no counts are not rounded"
    ):
        dataclasses.replace(UNITS_POLICY, rounding=POLICY.rounding)


# What is refused


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (cell("Total", 12.5), "referrals: counts that are negative or not whole; nothing can be published"),
        (cell("Total", -12), "referrals: counts that are negative or not whole; nothing can be published"),
        (cell("Total", float("nan")), "referrals: counts that are negative or not whole; nothing can be published"),
        (
            cell("Total", 13, 12, unit="percent"),
            "referrals: numerators above their denominator; nothing can be published",
        ),
        (cell("Total", 12, unit="median"), "which numbers to protect is not known for the unit median"),
        (cell("Total", 12, level="Ward"), "no rounding is known for the level Ward"),
        (cell("Total", 12, indicator="plans"), "no disclosure policy is given for plans"),
    ],
)
def test_what_cannot_be_protected_is_refused(row, message):
    frame = pl.DataFrame([row], schema=SCHEMA)
    with pytest.raises(UsageError) as caught:
        publish(frame, {"referrals": POLICY})
    assert str(caught.value) == message


def test_a_cell_given_twice_is_refused():
    with pytest.raises(UsageError, match="referrals: cells that occur more than once; nothing can be published"):
        released([cell("Total", 12), cell("Total", 13)])


def test_a_missing_column_is_named():
    with pytest.raises(UsageError, match="cells lack the columns unit"):
        publish(pl.DataFrame(schema=SCHEMA).drop("unit"), {})


# The search itself


def test_a_limit_takes_the_larger_quantity_along():
    # One child of one beside twenty of twenty: both denominators and both numerators can move together.
    facts = Facts(
        counts=[1, 20, 21, 1, 19, 20],
        sums=[((0, 1), 2), ((3, 4), 5)],
        limits=[(3, 0), (4, 1), (5, 2)],
    )
    assert sorted(hide(facts, [0, 3])) == [0, 1, 3, 4]


def test_where_nothing_in_the_sum_is_left_the_limit_beyond_it_goes():
    # The numerator cannot rise above its denominator, and at 1 it cannot fall.
    assert sorted(hide(Facts(counts=[1, 1, 30, 31], sums=[((1, 2), 3)], limits=[(0, 1)]), [0])) == [0, 1, 2]


def test_a_mean_is_not_shown_beside_hidden_groups_that_stand_for_its_values():
    """Of 12 children referred 1, 2 or 3 times, 20 times in all, two hidden groups would share 5 children and 13."""
    by_times = {"breakdown": "times_referred", "indicator": "referrals_per_child"}
    rows = [
        cell(numerator=20, denominator=12, unit="mean", indicator="referrals_per_child"),
        *(
            cell(str(times), times * number, number, unit="mean", **by_times)
            for times, number in ((1, 7), (2, 2), (3, 3))
        ),
        cell(numerator=9, denominator=9, unit="mean", indicator="referrals_per_child", period="2024"),
        cell("1", 9, 9, unit="mean", **by_times, period="2024"),
    ]
    made = publish(pl.DataFrame(rows, schema=SCHEMA), {"referrals_per_child": POLICY}).frame

    assert made.select("numerator", "denominator", "value", "status").rows() == [
        (None, 12, None, "c"), (None, 7, None, "c"), (None, None, None, "c"), (None, None, None, "c"),
        (9, 9, 1, "ok"), (9, 9, 1, "ok"),
    ]  # fmt: skip


def test_the_groups_that_stand_for_values_are_those_whose_mean_is_one_number():
    records = csc.compute("fixtures/region", "referrals_per_child", by="times_referred", internal=True).frame
    groups = records.filter(
        pl.col("breakdown") == "times_referred", pl.col("denominator") > 0, pl.col("group") != "5 or more"
    )

    assert groups.select((pl.col("numerator") / pl.col("denominator")).alias("each"), "group").unique().height == 4
    published = csc.compute("fixtures/region", "referrals_per_child", by="times_referred").frame
    hidden = published.filter(pl.col("denominator").is_null())["period"].unique()
    assert len(hidden) > 0
    assert published.filter(pl.col("period").is_in(hidden.implode()))["value"].drop_nulls().is_empty()


def test_a_figure_and_its_opposite_do_not_give_each_other_away():
    """3 of 20 in unsuitable accommodation are 20 less the 17 in suitable accommodation; workers are among both."""
    numerators = {"suitable": 17, "unsuitable": 3, "in_work": 19}
    rows = [cell(numerator=each, denominator=20, unit="percent", indicator=name) for name, each in numerators.items()]
    made = publish(pl.DataFrame(rows, schema=SCHEMA), dict.fromkeys(numerators, POLICY)).frame

    assert made["numerator"].to_list() == [None, None, 19]
    assert made["denominator"].to_list() == [20, 20, 20]


def test_no_figure_of_care_leavers_is_had_from_its_opposite():
    opposites = ["care_leavers_suitable_accommodation", "care_leavers_unsuitable_accommodation"]
    requests = [csc.Request(name, "of_known") for name in opposites]
    frame = csc.compute("fixtures/looked_after", requests, by="sex").frame
    keys = ["period", "area_code", "breakdown", "group"]
    both = frame.filter(indicator=opposites[0]).join(frame.filter(indicator=opposites[1]), on=keys, suffix="_opposite")
    hidden = both.filter(pl.col("numerator").is_null() | pl.col("numerator_opposite").is_null())
    alone = hidden.filter(pl.col("numerator").is_null() != pl.col("numerator_opposite").is_null())

    assert hidden.height > 0
    # Beside a hidden one the other is hidden too, or all of the denominator or none of it, or the denominator is.
    assert alone.filter(
        pl.col("denominator").is_not_null(), pl.coalesce("numerator", "numerator_opposite") > 0
    ).is_empty()
