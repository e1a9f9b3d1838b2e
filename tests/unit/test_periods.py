"""Periods are named, built and read back exactly, and a wrong one gets a useful answer."""

from datetime import date, datetime

import polars as pl
import pytest

from csc_indicators import periods
from csc_indicators.errors import UsageError
from csc_indicators.periods import Period

ENGINES = ["in-memory", "streaming"]


def test_a_reporting_year():
    assert periods.year(2025) == Period("2025", date(2024, 4, 1), date(2025, 3, 31), "year")
    assert periods.year(2025).reporting_year == 2025
    assert periods.year(2025).mid_year == 2024


def test_years_include_both_ends():
    assert periods.years(2022, 2025) == tuple(periods.year(each) for each in (2022, 2023, 2024, 2025))
    assert periods.years(2025, 2025) == (periods.year(2025),)


def test_quarters():
    assert periods.quarters(2025) == (
        Period("2024-25 Q1", date(2024, 4, 1), date(2024, 6, 30), "quarter"),
        Period("2024-25 Q2", date(2024, 7, 1), date(2024, 9, 30), "quarter"),
        Period("2024-25 Q3", date(2024, 10, 1), date(2024, 12, 31), "quarter"),
        Period("2024-25 Q4", date(2025, 1, 1), date(2025, 3, 31), "quarter"),
    )
    assert periods.quarters(2000)[0].label == "1999-00 Q1"


def test_months():
    made = periods.months(2024)
    assert [period.label for period in made] == [
        "2023-04", "2023-05", "2023-06", "2023-07", "2023-08", "2023-09",
        "2023-10", "2023-11", "2023-12", "2024-01", "2024-02", "2024-03",
    ]  # fmt: skip
    assert made[10] == Period("2024-02", date(2024, 2, 1), date(2024, 2, 29), "month")
    assert {period.reporting_year for period in made} == {2024}


def test_rolling_years():
    made = periods.rolling_years(2025)
    assert made[2] == Period("year to 2024-06", date(2023, 7, 1), date(2024, 6, 30), "rolling_year")
    assert (made[-1].start, made[-1].end) == (periods.year(2025).start, periods.year(2025).end)
    assert len(made) == 12
    assert {period.mid_year for period in made} == {2024}


@pytest.mark.parametrize(("kind", "count"), [("year", 2), ("quarter", 8), ("month", 24), ("rolling_year", 24)])
def test_periods_between(kind, count):
    made = periods.periods_between(2024, 2025, kind)
    assert len(made) == count
    assert {period.kind for period in made} == {kind}
    assert list(made) == sorted(made, key=lambda period: period.end)
    assert {period.reporting_year for period in made} == {2024, 2025}


@pytest.mark.parametrize(
    ("label", "start", "end"),
    [
        ("2025", date(2024, 4, 1), date(2025, 3, 31)),
        (" 2025 ", date(2024, 4, 1), date(2025, 3, 31)),
        ("2024-25 Q3", date(2024, 10, 1), date(2024, 12, 31)),
        ("1999-00 Q4", date(2000, 1, 1), date(2000, 3, 31)),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29)),
        ("2011-12", date(2011, 12, 1), date(2011, 12, 31)),
        ("year to 2024-06", date(2023, 7, 1), date(2024, 6, 30)),
    ],
)
def test_parse_period(label, start, end):
    period = periods.parse_period(label)
    assert (period.start, period.end) == (start, end)
    assert period.label == label.strip()


FORMS = "type a reporting year (2025), a quarter (2024-25 Q1), a month (2024-04) or twelve months (year to 2024-06)."


@pytest.mark.parametrize(
    ("label", "hint"),
    [
        ("2024-25", " The year that starts in April 2024 is 2025."),
        ("2024/25", " The year that starts in April 2024 is 2025."),
        ("2024-2025", " The year that starts in April 2024 is 2025."),
        ("2024-26", ""),
        ("2024-25 Q5", ""),
        ("2024-26 Q1", ""),
        ("2024-13", ""),
        ("2024-00", ""),
        ("year to 2024", ""),
        ("25", ""),
        ("", ""),
        ("٢٠٢٥", ""),
    ],
)
def test_a_label_that_names_no_period(label, hint):
    with pytest.raises(UsageError) as caught:
        periods.parse_period(label)
    assert str(caught.value) == f"{label!r} is not a period: {FORMS}{hint}"


@pytest.mark.parametrize("wrong", [25, 1900, 2100, "2025", None])
@pytest.mark.parametrize("make", [periods.year, periods.quarters, periods.months, periods.rolling_years])
def test_a_year_that_is_none(make, wrong):
    with pytest.raises(UsageError) as caught:
        make(wrong)
    assert str(caught.value) == (
        f"{wrong!r} is not a reporting year: give the year in which it ends, as a number from 1901 to 2099 "
        "(2025 is April 2024 to March 2025)."
    )


def test_the_first_and_last_years_there_are():
    assert periods.months(1901)[0].start == date(1900, 4, 1)
    assert periods.months(2099)[-1].end == date(2099, 3, 31)
    with pytest.raises(UsageError, match="1900 is not a reporting year"):
        periods.parse_period("1900-03")


def test_years_that_run_backwards():
    with pytest.raises(UsageError) as caught:
        periods.years(2025, 2022)
    assert str(caught.value) == "The years run backwards, from 2025 to 2022: ask for 2022 to 2025."


def test_a_kind_that_is_none():
    with pytest.raises(UsageError) as caught:
        periods.periods_between(2024, 2025, "week")
    assert str(caught.value) == ("'week' is not a kind of period: choose one of year, quarter, month, rolling_year.")


def test_a_period_that_ends_before_it_starts():
    with pytest.raises(UsageError) as caught:
        Period("mine", date(2025, 1, 2), date(2025, 1, 1), "month")
    assert str(caught.value) == "Period mine ends (2025-01-01) before it starts (2025-01-02): swap the two dates."


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2024, 2, 29), 48, date(2028, 2, 29)),
        (date(2024, 2, 29), -12, date(2023, 2, 28)),
        (date(2023, 2, 28), 12, date(2024, 2, 28)),
        (date(2024, 1, 31), 1, date(2024, 2, 29)),
        (date(2024, 3, 31), -1, date(2024, 2, 29)),
        (date(2024, 12, 31), 2, date(2025, 2, 28)),
        (date(2024, 1, 1), -1, date(2023, 12, 1)),
        (date(2024, 5, 17), 0, date(2024, 5, 17)),
    ],
)
def test_add_months(day, months, expected):
    assert periods.add_months(day, months) == expected
    frame = pl.DataFrame({"day": [day]})
    assert frame.select(periods.add_months_expr(pl.col("day"), months)).rows() == [(expected,)]
    if months <= 0:
        assert frame.select(periods.months_before(pl.col("day"), -months)).rows() == [(expected,)]


@pytest.mark.parametrize("months", [-1, 1.5, "12", 1201])
def test_the_length_of_a_window_is_a_whole_number_of_months(months):
    with pytest.raises(UsageError) as caught:
        periods.months_before(pl.col("day"), months)
    assert str(caught.value) == (f"{months!r} is not the length of a window: give a whole number of months such as 12.")


def test_a_move_is_a_whole_number_of_months():
    with pytest.raises(UsageError, match=r"^2\.5 is not a number of months: give a whole number such as 12\.$"):
        periods.add_months_expr(pl.col("day"), 2.5)


@pytest.mark.parametrize(
    ("birth", "on", "age"),
    [
        (date(2007, 6, 15), date(2025, 6, 14), 17),
        (date(2007, 6, 15), date(2025, 6, 15), 18),
        (date(2008, 2, 29), date(2025, 2, 28), 16),
        (date(2008, 2, 29), date(2025, 3, 1), 17),
        (date(2008, 2, 29), date(2024, 2, 28), 15),
        (date(2008, 2, 29), date(2024, 2, 29), 16),
        (date(2008, 2, 28), date(2025, 2, 28), 17),
        (date(2007, 12, 31), date(2025, 1, 1), 17),
        (date(2025, 3, 31), date(2025, 3, 31), 0),
        (date(2025, 4, 1), date(2025, 3, 31), None),
    ],
)
def test_completed_years(birth, on, age):
    assert periods.completed_years(birth, on) == age
    frame = pl.DataFrame({"birth": [birth], "on": [on]})
    assert frame.select(periods.completed_years_expr(pl.col("birth"), pl.col("on"))).rows() == [(age,)]
    assert frame.select(periods.completed_years_expr(pl.col("birth"), pl.lit(on))).rows() == [(age,)]


def test_columns_of_dates_keep_absent_and_impossible_dates_as_null():
    frame = pl.DataFrame({"day": [None, date(203, 1, 1), date(1899, 12, 31), date(2100, 1, 1), date(1900, 1, 1)]})
    made = frame.select(
        periods.months_before(pl.col("day"), 1),
        periods.completed_years_expr(pl.col("day"), pl.lit(date(2000, 1, 1))),
        periods.period_of(pl.col("day"), periods.years(2024, 2025)),
    )
    assert made.rows() == [(None, None, None)] * 4 + [(date(1899, 12, 1), 100, None)]
    assert dict(made.schema) == {
        "moved_date": pl.Date,
        "completed_years": pl.Int16,
        "period": pl.Enum(["2024", "2025"]),
    }


DAYS = pl.DataFrame(
    {
        "row": [1, 2, 3, 4, 5, 6],
        "seen": [date(2024, 4, 1), date(2024, 3, 31), None, date(2025, 3, 31), date(2025, 4, 1), date(2023, 4, 1)],
    }
)


@pytest.mark.parametrize("engine", ENGINES)
def test_period_of(engine):
    expression = periods.period_of(pl.col("seen"), periods.years(2024, 2025))
    made = DAYS.lazy().with_columns(expression).collect(engine=engine)
    assert made["period"].to_list() == ["2025", "2024", None, "2025", None, "2024"]
    assert made["period"].dtype == pl.Enum(["2024", "2025"])


def test_period_of_leaves_gaps_and_takes_periods_in_any_order():
    apart = [periods.year(2025), periods.parse_period("2023-04")]
    made = DAYS.select(periods.period_of(pl.col("seen"), apart))["period"]
    assert made.to_list() == ["2025", None, None, "2025", None, "2023-04"]
    assert made.dtype == pl.Enum(["2025", "2023-04"])


def test_period_of_a_single_day():
    day = Period("census day", date(2025, 3, 31), date(2025, 3, 31), "month")
    assert DAYS.select(periods.period_of(pl.col("seen"), [day]))["period"].to_list() == [
        None, None, None, "census day", None, None,
    ]  # fmt: skip


def test_period_of_counts_the_whole_of_the_last_day():
    frame = pl.DataFrame({"seen": [datetime(2025, 3, 31, 23, 59), datetime(2025, 4, 1)]})  # noqa: DTZ001
    assert frame.select(periods.period_of(pl.col("seen"), [periods.year(2025)]))["period"].to_list() == ["2025", None]
    assert periods.in_periods(frame, "seen", [periods.year(2025)]).collect().height == 1


def test_period_of_refuses_periods_that_overlap():
    with pytest.raises(UsageError) as caught:
        periods.period_of(pl.col("seen"), periods.rolling_years(2025))
    assert str(caught.value) == (
        "Periods year to 2024-04 and year to 2024-05 overlap: use in_periods, which repeats rows."
    )
    sharing_a_day = [
        Period("a", date(2024, 4, 1), date(2024, 4, 2), "month"),
        Period("b", date(2024, 4, 2), date(2024, 4, 3), "month"),
    ]
    with pytest.raises(UsageError, match="Periods a and b overlap"):
        periods.period_of(pl.col("seen"), sharing_a_day)
    with pytest.raises(UsageError, match="Periods 2025 and 2024-25 Q1 overlap"):
        periods.period_of(pl.col("seen"), [periods.quarters(2025)[0], periods.year(2025)][::-1])


@pytest.mark.parametrize("engine", ENGINES)
def test_in_periods_that_do_not_overlap(engine):
    made = periods.in_periods(DAYS.lazy(), "seen", periods.years(2024, 2025)).collect(engine=engine)
    assert made.select("row", "period").rows() == [(1, "2025"), (2, "2024"), (4, "2025"), (6, "2024")]
    assert made.columns == ["row", "seen", "period"]


@pytest.mark.parametrize("engine", ENGINES)
def test_in_periods_with_a_gap(engine):
    apart = [periods.year(2025), periods.parse_period("2023-04")]
    made = periods.in_periods(DAYS, "seen", apart).collect(engine=engine)
    assert made.select("row", "period").rows() == [(1, "2025"), (4, "2025"), (6, "2023-04")]


@pytest.mark.parametrize("engine", ENGINES)
def test_in_periods_that_overlap_repeats_rows(engine):
    spans = [periods.year(2025), periods.parse_period("year to 2024-04"), periods.parse_period("2024-04")]
    made = periods.in_periods(DAYS.lazy(), "seen", spans).collect(engine=engine)
    assert made.select("row", "period").rows() == [
        (1, "2025"),
        (1, "year to 2024-04"),
        (1, "2024-04"),
        (2, "year to 2024-04"),
        (4, "2025"),
    ]
    assert made.schema == {"row": pl.Int64, "seen": pl.Date, "period": periods.period_dtype(spans)}


@pytest.mark.parametrize("spans", [periods.years(2024, 2025), periods.rolling_years(2025)])
def test_in_periods_of_an_empty_table_has_the_same_columns(spans):
    made = periods.in_periods(DAYS.head(0), "seen", spans).collect()
    assert made.is_empty()
    assert made.schema == {"row": pl.Int64, "seen": pl.Date, "period": periods.period_dtype(spans)}


@pytest.mark.parametrize("spans", [periods.years(2024, 2025), periods.rolling_years(2025)])
def test_in_periods_replaces_a_period_already_there(spans):
    once = periods.in_periods(DAYS, "seen", spans).collect()
    again = periods.in_periods(DAYS.with_columns(period=pl.lit("mine")), "seen", spans).collect()
    assert again.select(once.columns).equals(once)


@pytest.mark.parametrize("spans", [periods.years(2024, 2025), periods.rolling_years(2025)])
def test_in_periods_can_count_by_any_day_column(spans):
    renamed = DAYS.rename({"seen": "period_day", "row": "day"})
    made = periods.in_periods(renamed, "period_day", spans).collect()
    assert made.columns == ["day", "period_day", "period"]
    assert made["day"].to_list() == periods.in_periods(DAYS, "seen", spans).collect()["row"].to_list()


def test_no_periods_or_the_same_twice():
    for use in (
        periods.period_dtype,
        lambda spans: periods.period_of(pl.col("seen"), spans),
        lambda spans: periods.in_periods(DAYS, "seen", spans),
    ):
        with pytest.raises(UsageError) as caught:
            use([])
        assert str(caught.value) == "No period was asked for: give at least one, such as year(2025)."
        with pytest.raises(UsageError) as caught:
            use([periods.year(2025), periods.year(2024), periods.year(2025)])
        assert str(caught.value) == "Period 2025 was asked for more than once: name each period once."
