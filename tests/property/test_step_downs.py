"""Steps down from a plan: what is special to following children over time."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from csc_indicators.errors import UsageError
from csc_indicators.indicators import REGISTRY
from csc_indicators.survival import daily_counts, kaplan_meier, merged
from tests.lib import case_histories, histories
from tests.lib.families import CASES, arguments


def test_entry_to_care_alone_without_periods_of_care_is_refused():
    frames = CASES.frames({"child_protection_plans": [{}]})
    positional, _ = arguments("deescalation_sustained", frames)

    with pytest.raises(UsageError, match="pass care_episodes, or add referral"):
        REGISTRY["deescalation_sustained"](*positional, periods=[histories.year(2025)], re_presentation=("care_entry",))


@given(tables=case_histories.case_histories(), data=st.data())
def test_the_censored_estimate_is_the_same_whoever_adds_up_the_days(tables, data):
    """Counts by day of each authority, merged, give what all units together give."""
    periods = histories.period_lists().filter(lambda several: len(several) == 1)
    frames = CASES.frames(tables)
    positional, optional = arguments("deescalation_sustained", frames)
    records = REGISTRY["deescalation_sustained"](
        *positional, periods=data.draw(periods), **optional, follow_up="censored", plan_type="either"
    )
    apart = daily_counts(records, ["period", "la_code"]).drop("la_code").collect()
    whole = daily_counts(records, ["period"]).collect()
    together = merged(apart, ["period"]).collect()
    assert kaplan_meier(together).to_dicts() == kaplan_meier(whole).to_dicts()
    assert (
        together.select(pl.col("period").cast(pl.String), "daily").to_dicts()
        == whole.select(pl.col("period").cast(pl.String), "daily").to_dicts()
    )
