"""Sums, values, intervals and statuses: against values known from elsewhere, and at every edge."""

from __future__ import annotations

import datetime as dt
import math
from decimal import ROUND_HALF_UP, Decimal
from statistics import NormalDist

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from csc_indicators.aggregation import MEASURES, Z_95, aggregate, byar_interval, labelled, sums, wilson_interval
from csc_indicators.catalogue import catalogue
from csc_indicators.codes import LA_CODE, SEX
from csc_indicators.periods import quarters, year
from csc_indicators.rounding import rounded, rounded_ratio

PERCENT = catalogue().indicator("rereferrals")
RATE = catalogue().indicator("referrals")
MEAN = catalogue().indicator("referrals_per_child")


def evaluated(*expressions):
    return pl.select(*(expression.alias(str(place)) for place, expression in enumerate(expressions))).row(0)


# Intervals


@pytest.mark.parametrize(
    ("numerator", "denominator", "lower", "upper"),
    [
        # Newcombe (1998), Statistics in Medicine 17, table I, method 3.
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
        (29, 29, 0.8830, 1.0),
    ],
)
def test_the_interval_of_a_share_is_wilsons(numerator, denominator, lower, upper):
    found = evaluated(*wilson_interval(pl.lit(float(numerator)), pl.lit(float(denominator))))

    assert [round(bound, 4) for bound in found] == [lower, upper]


@pytest.mark.parametrize(
    ("count", "lower", "upper"),
    [
        # Exact Poisson limits from tables; Byar's are within a few hundredths of them from ten on.
        (10, 4.80, 18.39),
        (20, 12.22, 30.89),
        (50, 37.11, 65.92),
        (100, 81.36, 121.63),
    ],
)
def test_the_interval_of_a_count_is_near_the_exact_one(count, lower, upper):
    found = evaluated(*byar_interval(pl.lit(float(count))))

    assert found == (pytest.approx(lower, abs=0.03), pytest.approx(upper, abs=0.03))


def test_the_interval_of_a_count_is_byars_formula():
    # Breslow and Day (1987), volume II, page 69, for 65 observed: 50.2 to 82.8.
    assert [round(bound, 1) for bound in evaluated(*byar_interval(pl.lit(65.0)))] == [50.2, 82.8]
    assert evaluated(*byar_interval(pl.lit(0.0))) == (0.0, pytest.approx(3.67, abs=0.02))


def test_the_normal_point_is_that_of_95_percent():
    assert pytest.approx(NormalDist().inv_cdf(0.975), abs=1e-12) == Z_95


@given(st.integers(1, 10_000).flatmap(lambda whole: st.tuples(st.integers(0, whole), st.just(whole))))
def test_a_share_lies_within_its_interval_and_the_interval_within_0_and_1(counts):
    numerator, denominator = counts
    lower, upper = evaluated(*wilson_interval(pl.lit(float(numerator)), pl.lit(float(denominator))))
    share = numerator / denominator

    assert 0.0 <= lower <= share + 1e-12
    assert share - 1e-12 <= upper <= 1.0
    assert (lower == 0.0) == (numerator == 0)
    assert (upper == 1.0) == (numerator == denominator)
    # Wilson's bounds are where the share is exactly z standard errors away.
    for bound in {lower, upper} - {0.0, 1.0}:
        assert (share - bound) ** 2 == pytest.approx(Z_95**2 * bound * (1 - bound) / denominator, rel=1e-6)


# Rounding


@pytest.mark.parametrize(
    ("numerator", "denominator", "scale", "decimals", "value"),
    [
        (246, 480, 100.0, 1, 51.3),  # 51.25 exactly
        (1, 8, 100.0, 1, 12.5),
        (1, 16, 100.0, 1, 6.3),  # 6.25
        (1, 32, 100.0, 1, 3.1),  # 3.125
        (5, 1000, 100.0, 0, 1.0),  # 0.5
        (25, 1000, 100.0, 0, 3.0),  # 2.5, where half to even would give 2
        (1005, 1000, 1.0, 2, 1.01),  # 1.005, which no binary fraction holds
        (2675, 1000, 1.0, 2, 2.68),  # likewise
        (1, 3, 100.0, 1, 33.3),
        (2, 3, 100.0, 1, 66.7),
        (0, 7, 100.0, 1, 0.0),
        (7, 7, 100.0, 1, 100.0),
        (298, 40414, 10_000.0, 1, 73.7),
    ],
)
def test_a_ratio_is_rounded_half_up(numerator, denominator, scale, decimals, value):
    expression = rounded_ratio(pl.lit(float(numerator)), pl.lit(float(denominator)), scale, decimals)

    assert evaluated(expression) == (value,)


@given(st.integers(0, 200_000), st.integers(1, 200_000), st.sampled_from((1, 100, 10_000)), st.integers(0, 2))
def test_a_ratio_is_rounded_as_exact_arithmetic_rounds_it(numerator, denominator, scale, decimals):
    expression = rounded_ratio(pl.lit(float(numerator)), pl.lit(float(denominator)), float(scale), decimals)
    exact = Decimal(numerator) * scale * 10**decimals / Decimal(denominator)

    assert evaluated(expression) == (float(exact.quantize(Decimal(1), ROUND_HALF_UP).scaleb(-decimals)),)


@pytest.mark.parametrize(
    ("value", "decimals", "expected"), [(0.25, 1, 0.3), (0.35, 0, 0.0), (12.5, 0, 13.0), (99.96, 1, 100.0)]
)
def test_a_number_is_rounded_half_up(value, decimals, expected):
    assert evaluated(rounded(pl.lit(value), decimals)) == (expected,)


# Cells


def records(*rows, periods):
    """Unit records: (authority, period, numerator, denominator, complete, sex)."""
    columns = ("la_code", "period", "numerator", "denominator", "complete", "sex")
    schema = {"la_code": LA_CODE, "period": pl.Enum([each.label for each in periods]), "numerator": pl.Float64,
              "denominator": pl.Float64, "complete": pl.Boolean, "sex": SEX.dtype}  # fmt: skip
    return pl.DataFrame([dict(zip(columns, row, strict=True)) for row in rows], schema=schema)


def coverage(*spans):
    schema = {"la_code": LA_CODE, "collection": pl.String, "observed_from": pl.Date, "observed_to": pl.Date}
    rows = [(code, "cin", dt.date.fromisoformat(begins), dt.date.fromisoformat(ends)) for code, begins, ends in spans]
    return pl.DataFrame(rows, schema=schema, orient="row")


WHOLE = coverage(("390", "2023-04-01", "2025-03-31"))


def cells(frame, spec=PERCENT, *, periods, covered=WHOLE, by=()):
    on = max(period.end for period in periods)
    return aggregate(sums(frame, by=by, on=on).collect(), spec, periods=periods, coverage=covered, by=by)


def only(frame, *columns):
    return frame.select(columns).rows()


def test_a_cell_is_a_sum_over_a_sum_with_its_value_and_interval():
    periods = [year(2025)]
    frame = records(
        *[("390", "2025", 1.0, 1.0, True, "F")] * 5, *[("390", "2025", 0.0, 1.0, True, "M")] * 35, periods=periods
    )

    where = ["period", "level", "area_code", "breakdown", "group"]
    assert cells(frame, periods=periods).columns == [*where, *MEASURES, "units", "authorities", "of_authorities"]
    assert cells(frame, periods=periods).rows() == [
        ("2025", "Local authority", "390", "total", "Total", 5.0, 40.0, 12.5, 5.5, 26.1, "ok", True, 40, 1, 1)
    ]


def test_groups_stand_after_the_totals_and_add_up_to_them():
    periods = [year(2024), year(2025)]
    covered = coverage(("391", "2023-04-01", "2025-03-31"), ("390", "2023-04-01", "2025-03-31"))
    frame = records(("391", "2025", 1.0, 1.0, True, "M"), ("390", "2025", 0.0, 1.0, True, "F"),
                    ("390", "2024", 1.0, 1.0, True, None), ("390", "2024", 1.0, 1.0, True, "U"),
                    periods=periods)  # fmt: skip
    found = cells(frame, periods=periods, covered=covered, by=["sex"])

    assert only(found.filter(breakdown="total"), "area_code", "period", "numerator", "denominator") == [
        ("390", "2024", 2.0, 2.0), ("390", "2025", 0.0, 1.0), ("391", "2024", 0.0, 0.0), ("391", "2025", 1.0, 1.0)
    ]  # fmt: skip
    assert only(found.filter(breakdown="sex", area_code="390"), "period", "group", "numerator", "denominator") == [
        ("2024", "Female", 0.0, 0.0), ("2024", "Male", 0.0, 0.0), ("2024", "Unknown", 2.0, 2.0),
        ("2025", "Female", 0.0, 1.0), ("2025", "Male", 0.0, 0.0), ("2025", "Unknown", 0.0, 0.0),
    ]  # fmt: skip
    assert found["breakdown"].unique(maintain_order=True).to_list() == ["total", "sex"]


def test_nothing_in_a_covered_period_is_a_zero_and_no_value():
    periods = [year(2025)]
    found = cells(records(periods=periods), periods=periods)

    assert only(found, *MEASURES) == [(0.0, 0.0, None, None, None, "z", True)]


def test_a_numerator_of_nothing_is_a_value_of_zero():
    periods = [year(2025)]
    found = cells(records(("390", "2025", 0.0, 1.0, True, "F"), periods=periods), periods=periods)

    assert only(found, "numerator", "denominator", "value", "lower", "status") == [(0.0, 1.0, 0.0, 0.0, "ok")]


def test_a_period_that_no_census_touches_is_not_available():
    periods = [year(2023), year(2026)]
    found = cells(records(periods=periods), periods=periods, by=["sex"])

    assert only(found, *MEASURES) == [(None, None, None, None, None, "x", False)] * 8


def test_a_value_that_rounds_to_zero_says_so():
    periods = [year(2025)]
    frame = records(
        ("390", "2025", 1.0, 1.0, True, "F"), *[("390", "2025", 0.0, 1.0, True, "F")] * 2000, periods=periods
    )

    assert only(cells(frame, periods=periods), "value", "status") == [(0.0, "k")]
    assert only(cells(frame.head(2000), periods=periods), "value", "status") == [(0.1, "ok")]
    below = records(("390", "2025", -1.0, 2000.0, True, "F"), periods=periods)
    assert only(cells(below, MEAN, periods=periods), "value", "status") == [(0.0, "k")]


@pytest.mark.parametrize(
    ("spans", "complete"),
    [
        ([("2024-04-01", "2025-03-31")], True),
        ([("2020-04-01", "2026-03-31")], True),
        ([("2024-04-01", "2025-03-30")], False),
        ([("2024-04-02", "2025-03-31")], False),
        ([("2024-04-01", "2024-09-30"), ("2024-10-02", "2025-03-31")], False),
    ],
)
def test_a_cell_is_complete_when_one_span_holds_the_period_and_every_record_is(spans, complete):
    periods = [year(2025)]
    covered = coverage(*(("390", *span) for span in spans))
    sound = ("390", "2025", 0.0, 1.0, True, "F")

    assert only(cells(records(sound, periods=periods), periods=periods, covered=covered), "complete") == [(complete,)]
    spoiled = records(sound, ("390", "2025", 0.0, 1.0, False, "M"), periods=periods)
    found = cells(spoiled, periods=periods, covered=covered, by=["sex"])
    assert only(found, "group", "complete") == [
        ("Total", False), ("Female", complete), ("Male", False), ("Unknown", False)
    ]  # fmt: skip


def test_a_period_that_the_census_touches_is_shown_as_far_as_it_goes():
    periods = quarters(2025)
    covered = coverage(("390", "2024-04-01", "2024-07-01"))
    frame = records(("390", "2024-25 Q2", 1.0, 1.0, True, "F"), periods=periods)

    assert only(cells(frame, periods=periods, covered=covered), "period", "numerator", "status", "complete") == [
        ("2024-25 Q1", 0.0, "z", True), ("2024-25 Q2", 1.0, "ok", False),
        ("2024-25 Q3", None, "x", False), ("2024-25 Q4", None, "x", False),
    ]  # fmt: skip


def test_a_rate_is_per_10_000_children_of_the_mid_year_before_the_years_end():
    periods = [year(2024), year(2025)]
    frame = records(*[("390", "2025", 1.0, None, True, "F")] * 298, periods=periods)
    found = cells(frame, RATE, periods=periods, by=["sex"])

    assert only(found.filter(breakdown="total"), "denominator", "value", "lower", "upper", "status") == [
        (40052.0, 0.0, 0.0, 0.9, "ok"), (40414.0, 73.7, 65.6, 82.6, "ok")
    ]  # fmt: skip
    assert set(only(found.filter(breakdown="sex"), "denominator", "value", "status")) == {(None, None, "x")}


def test_a_rate_without_a_population_is_not_available():
    periods = [year(2012)]
    covered = coverage(("390", "2011-04-01", "2012-03-31"))
    found = cells(
        records(("390", "2012", 1.0, None, True, "F"), periods=periods), RATE, periods=periods, covered=covered
    )

    assert only(found, "numerator", "denominator", "value", "status") == [(1.0, None, None, "x")]


def test_a_mean_has_two_decimals_and_no_interval():
    periods = [year(2025)]
    frame = records(*(("390", "2025", float(value), 1.0, True, "F") for value in (1, 1, 3)), periods=periods)

    found = cells(frame, MEAN, periods=periods)

    assert only(found, "numerator", "denominator", "value", "lower", "upper", "status") == [
        (5.0, 3.0, 1.67, None, None, "ok")
    ]  # fmt: skip


@given(
    st.lists(st.tuples(st.sampled_from(("390", "391")), st.booleans(), st.sampled_from("FMU")), max_size=60),
    st.integers(0, 60),
)
def test_sums_of_two_parts_add_up_to_the_sums_of_the_whole(units, cut):
    periods = [year(2025)]
    covered = coverage(("390", "2024-04-01", "2025-03-31"), ("391", "2024-04-01", "2025-03-31"))

    def counted(part):
        rows = [(code, "2025", float(yes), 1.0, True, sex) for code, yes, sex in part]
        found = cells(records(*rows, periods=periods), periods=periods, covered=covered, by=["sex"])
        return found.select("numerator", "denominator")

    first, second, whole = counted(units[:cut]), counted(units[cut:]), counted(units)
    assert (first + second).rows() == whole.rows()


def test_cells_are_labelled_with_what_they_are():
    periods = quarters(2025)
    frame = cells(records(periods=periods), periods=periods)
    table = labelled(frame, PERCENT, reading="ever", parameters="window_months=ever", periods=periods, version="7")

    assert table.columns == [
        "indicator", "reading", "parameters", "period", "period_start", "period_end", "level", "area_code", "area_name",
        "breakdown", "group", "numerator", "denominator", "value", "lower", "upper", "status", "complete", "unit",
        "definition_version", "authorities", "units",
    ]  # fmt: skip
    assert table.row(1)[:11] == (
        "rereferrals", "ever", "window_months=ever", "2024-25 Q2", dt.date(2024, 7, 1), dt.date(2024, 9, 30),
        "Local authority", "390", "Gateshead", "total", "Total",
    )  # fmt: skip
    assert table.row(1)[-4:-1] == ("percent", "7", 1)


def test_an_authority_without_a_name_keeps_its_code():
    periods = [year(2025)]
    frame = cells(records(periods=periods), periods=periods, covered=coverage(("999", "2024-04-01", "2025-03-31")))
    table = labelled(frame, PERCENT, reading="published", parameters="", periods=periods, version="1")

    assert only(table, "area_code", "area_name") == [("999", "999")]


def test_the_expected_rounding_of_these_tests_is_not_pythons():
    """`round` goes half to even, which is not how DfE rounds; the tests above would not tell if it were used."""
    assert (round(2.5), math.floor(2.5 + 0.5)) == (2, 3)
