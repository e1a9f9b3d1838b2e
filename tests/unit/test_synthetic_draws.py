"""Draws and days of the simulation: the same on every machine, within bounds, as likely as they are meant to be."""

from __future__ import annotations

import datetime as dt
from calendar import monthrange
from pathlib import Path

import numpy as np
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from csc_indicators import synthetic
from csc_indicators.synthetic.days import after_months, after_working_days, day_of, working_days_between
from csc_indicators.synthetic.draws import Draws
from csc_indicators.synthetic.rates import of_authority, rates
from csc_indicators.working_days import working_days_expr

KEYS = np.arange(20_000)
DAYS = st.dates(dt.date(2000, 1, 1), dt.date(2030, 12, 31))


def test_draws_are_these_numbers_on_every_machine_and_version_of_python():
    draws = Draws(seed=1, la_code="302")
    assert draws.below("one", np.arange(6), 1000).tolist() == [323, 110, 83, 284, 588, 82]
    assert draws.of_spans("two", np.arange(6), [[1, 0, 9], [3, 100, 199]]).tolist() == [197, 109, 2, 8, 116, 111]


def test_draws_differ_by_seed_authority_and_name():
    drawn = {
        tuple(Draws(seed, la_code).below(name, np.arange(20), 2**31))
        for seed in (1, 2)
        for la_code in ("302", "303")
        for name in ("one", "two")
    }
    assert len(drawn) == 8


def test_a_draw_does_not_depend_on_who_is_drawn_beside_it():
    draws = Draws(1, "302")
    assert draws.below("one", KEYS, 1000)[7:9].tolist() == draws.below("one", np.array([7, 8]), 1000).tolist()


def test_what_is_drawn_is_as_likely_as_its_weight():
    chosen = np.bincount(Draws(1, "302").chosen("way", KEYS, [1, 0, 3]), minlength=3) / KEYS.size
    assert abs(chosen[0] - 0.25) < 0.015
    assert chosen[1] == 0
    happens = Draws(1, "302").happens("event", KEYS, 300).mean()
    assert abs(happens - 0.3) < 0.015


def test_spans_hold_their_ends():
    drawn = Draws(1, "302").of_spans("days", KEYS, [[1, 3, 5], [1, 9, 9]])
    assert set(drawn.tolist()) == {3, 4, 5, 9}


@given(DAYS, st.integers(-36, 36))
@settings(deadline=None)
def test_months_later_is_the_same_day_or_the_last_of_a_shorter_month(day, months):
    turned = day.month - 1 + months
    year, month = day.year + turned // 12, turned % 12 + 1
    expected = dt.date(year, month, min(day.day, monthrange(year, month)[1]))
    assert after_months(np.array([day_of(day)]), months)[0] == day_of(expected)


@given(DAYS, st.integers(0, 90))
@settings(deadline=None)
def test_working_days_are_those_that_the_indicators_count(day, count):
    start = after_working_days(np.array([day_of(day)]), np.array([0]))
    end = after_working_days(start, np.array([count]))
    frame = pl.DataFrame({"start": start, "end": end}).cast(pl.Int32).cast(pl.Date)

    assert working_days_between(start, end).tolist() == [count]
    assert frame.select(working_days_expr(pl.col("start"), pl.col("end"))).item() == count


def test_authorities_differ_and_each_lies_within_its_spread():
    found = [of_authority(Draws(1, str(code)))["no_further_action"] for code in range(200, 400)]
    assert len(set(found)) > 50
    assert 0 <= min(found) < 14
    assert 20 < sorted(found)[100] < 100
    assert 178 < max(found) <= 256


def test_every_rate_is_asked_for():
    """A rate that nothing draws by would look as if it could be set."""
    source = "".join(
        file.read_text(encoding="utf-8")
        for file in Path(synthetic.__file__).parent.glob("*.py")
        if file.name != "rates.py"
    )
    for table, held in rates().items():
        assert f'"{table}"' in source or table == "authority", table
        for name, value in held.items():
            # What has a table of its own is drawn by its table's name; ways out of care are drawn one after another.
            assert f'"{name}"' in source or (table == "factor" and isinstance(value, int)), (table, name)
