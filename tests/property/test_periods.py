"""The calendar in Python and in polars agree on every day, and periods tile time."""

import itertools
from datetime import date, timedelta

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from csc_indicators import periods

EVERY_DAY = pl.date_range(date(1990, 1, 1), date(2035, 12, 31), eager=True).alias("day")
EDGE_DAYS = EVERY_DAY.filter(
    (EVERY_DAY.dt.day() <= 2) | (EVERY_DAY.dt.day() >= 28) | (EVERY_DAY.dt.offset_by("1d").dt.day() == 1)
)
ONE_DAY = timedelta(days=1)

days = st.dates(date(1990, 1, 1), date(2035, 12, 31))
reporting_years = st.integers(1991, 2035)
kinds = st.sampled_from(["year", "quarter", "month", "rolling_year"])


year_ranges = st.tuples(reporting_years, st.integers(0, 4)).map(lambda pair: (pair[0], min(pair[0] + pair[1], 2035)))


@settings(deadline=None)
@given(st.integers(-240, 240))
def test_moving_every_edge_day_by_months_agrees_with_python_and_with_polars(months_later):
    frame = EDGE_DAYS.to_frame()
    moved = frame.select(periods.add_months_expr(pl.col("day"), months_later)).to_series()
    assert moved.to_list() == [periods.add_months(day, months_later) for day in EDGE_DAYS]
    assert moved.equals(EDGE_DAYS.dt.offset_by(f"{months_later}mo").alias("moved_date"))


@pytest.mark.parametrize("months", [0, 1, 3, 6, 12, 24])
def test_windows_agree_on_every_day(months):
    starts = EVERY_DAY.to_frame().select(periods.months_before(pl.col("day"), months)).to_series()
    assert starts.to_list() == [periods.add_months(day, -months) for day in EVERY_DAY]


@settings(deadline=None)
@given(days)
def test_age_on_every_edge_day_agrees_with_python(birth):
    frame = EDGE_DAYS.to_frame()
    on_each_day = frame.select(periods.completed_years_expr(pl.lit(birth), pl.col("day"))).to_series()
    assert on_each_day.to_list() == [periods.completed_years(birth, on) for on in EDGE_DAYS]
    of_each_birth = frame.select(periods.completed_years_expr(pl.col("day"), pl.lit(birth))).to_series()
    assert of_each_birth.to_list() == [periods.completed_years(each, birth) for each in EDGE_DAYS]


def test_age_of_every_leap_day_child_on_every_edge_day():
    births = EVERY_DAY.filter((EVERY_DAY.dt.month() == 2) & (EVERY_DAY.dt.day() == 29)).alias("birth")
    pairs = births.to_frame().join(EDGE_DAYS.to_frame(), how="cross")
    ages = pairs.select(periods.completed_years_expr(pl.col("birth"), pl.col("day"))).to_series()
    assert ages.to_list() == [periods.completed_years(*pair) for pair in pairs.iter_rows()]


@given(days, days)
def test_age_goes_up_by_one_on_each_anniversary(birth, on):
    age = periods.completed_years(birth, on)
    if on < birth:
        assert age is None
        return

    # The anniversary of 29 February is 1 March in a common year, one day after the same day twelve months on.
    def anniversary(number):
        moved = periods.add_months(birth, 12 * number)
        return moved if moved.day == birth.day else moved + ONE_DAY

    assert anniversary(age) <= on < anniversary(age + 1)


@given(days, st.integers(0, 240))
def test_a_window_never_reaches_further_than_its_months(day, months):
    start = periods.add_months(day, -months)
    assert start <= day
    assert (day.year * 12 + day.month) - (start.year * 12 + start.month) == months
    assert start.day == day.day or (start.day < day.day and (start + ONE_DAY).day == 1)


@given(days)
def test_a_day_is_in_its_reporting_year(day):
    year = periods.year(periods.reporting_year_of(day))
    assert year.start <= day <= year.end


@given(year_ranges, st.sampled_from(["year", "quarter", "month"]))
def test_years_quarters_and_months_tile_the_years(ends, kind):
    made = periods.periods_between(*ends, kind)
    assert made[0].start == date(ends[0] - 1, 4, 1)
    assert made[-1].end == date(ends[1], 3, 31)
    for earlier, later in itertools.pairwise(made):
        assert later.start == earlier.end + ONE_DAY


@given(reporting_years)
def test_months_and_quarters_sum_to_the_year(reporting_year):
    year = periods.year(reporting_year)
    length = (year.end - year.start).days + 1
    assert length in (365, 366)
    for parts in (periods.months(reporting_year), periods.quarters(reporting_year)):
        assert sum((part.end - part.start).days + 1 for part in parts) == length
        assert {part.reporting_year for part in parts} == {reporting_year}
    months = periods.months(reporting_year)
    for number, quarter in enumerate(periods.quarters(reporting_year)):
        assert (quarter.start, quarter.end) == (months[3 * number].start, months[3 * number + 2].end)


@given(reporting_years)
def test_a_rolling_year_is_twelve_whole_months(reporting_year):
    both = periods.months(reporting_year - 1) + periods.months(reporting_year)
    for number, (month, rolling) in enumerate(
        zip(periods.months(reporting_year), periods.rolling_years(reporting_year), strict=True), start=1
    ):
        assert rolling.end == month.end
        assert rolling.label == f"year to {month.label}"
        assert rolling.start == both[number].start
        assert rolling.reporting_year == reporting_year


@given(year_ranges, kinds)
def test_every_label_reads_back_as_its_period(ends, kind):
    for period in periods.periods_between(*ends, kind):
        assert periods.parse_period(period.label) == period


@settings(deadline=None)
@given(year_ranges, st.sampled_from(["year", "quarter", "month"]), st.randoms(use_true_random=False))
def test_period_of_every_day_agrees_with_a_search(ends, kind, random):
    asked = [period for period in periods.periods_between(*ends, kind) if random.random() < 0.8]
    asked = asked or [periods.year(ends[0])]
    random.shuffle(asked)
    found = EVERY_DAY.to_frame().select(periods.period_of(pl.col("day"), asked)).to_series()
    expected = dict.fromkeys(EVERY_DAY)
    for period in asked:
        expected.update(dict.fromkeys(pl.date_range(period.start, period.end, eager=True), period.label))
    assert found.to_list() == [expected[day] for day in EVERY_DAY]


@settings(deadline=None, max_examples=40)
@given(
    st.lists(days | st.none(), max_size=30),
    st.lists(st.tuples(days, st.integers(0, 900)), min_size=1, max_size=8),
    st.sampled_from(["in-memory", "streaming"]),
)
def test_in_periods_agrees_with_a_search_for_any_periods(seen, spans, engine):
    asked = [
        periods.Period(f"span {number}", start, start + timedelta(days=length), "month")
        for number, (start, length) in enumerate(spans)
    ]
    frame = pl.DataFrame({"seen": seen}, schema={"seen": pl.Date}).with_row_index("row")
    made = periods.in_periods(frame, "seen", asked).collect(engine=engine)
    assert made.select("row", "period").rows() == [
        (row, period.label)
        for row, day in enumerate(seen)
        for period in asked
        if day is not None and period.start <= day <= period.end
    ]


@settings(deadline=None, max_examples=30)
@given(st.lists(days, max_size=60), reporting_years)
def test_events_of_the_months_sum_to_the_year_and_to_the_last_rolling_year(seen, reporting_year):
    frame = pl.DataFrame({"seen": seen}, schema={"seen": pl.Date})

    def events(asked):
        return periods.in_periods(frame, "seen", asked).collect().height

    in_year = events([periods.year(reporting_year)])
    assert events(periods.months(reporting_year)) == in_year
    assert events(periods.quarters(reporting_year)) == in_year
    assert events(periods.rolling_years(reporting_year)[-1:]) == in_year
