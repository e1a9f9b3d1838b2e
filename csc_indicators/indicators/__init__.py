"""The indicators: one module a family, one pure function an indicator, named as its spec is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import polars as pl

from csc_indicators.indicators.assessments import (
    assessment_factors,
    assessments_completed,
    assessments_within_45_days,
    privately_fostered,
)
from csc_indicators.indicators.deescalation import deescalation_sustained
from csc_indicators.indicators.need import children_in_need, children_in_need_in_year
from csc_indicators.indicators.plans import (
    child_protection_plan_starts,
    child_protection_plans,
    plan_reviews_in_time,
    plans_open_two_years,
    repeat_child_protection_plans,
)
from csc_indicators.indicators.referrals import (
    referrals,
    referrals_no_further_action,
    referrals_per_child,
    rereferrals,
)
from csc_indicators.indicators.section_47 import (
    conferences_within_15_days,
    initial_conferences,
    section_47_enquiries,
    section_47_to_conference,
)

REGISTRY: Mapping[str, Callable[..., pl.LazyFrame]] = MappingProxyType(
    {
        function.__name__: function
        for function in (
            referrals,
            rereferrals,
            referrals_no_further_action,
            referrals_per_child,
            assessments_completed,
            assessments_within_45_days,
            assessment_factors,
            privately_fostered,
            children_in_need,
            children_in_need_in_year,
            section_47_enquiries,
            section_47_to_conference,
            initial_conferences,
            conferences_within_15_days,
            child_protection_plans,
            child_protection_plan_starts,
            repeat_child_protection_plans,
            plans_open_two_years,
            plan_reviews_in_time,
            deescalation_sustained,
        )
    }
)
"""Every indicator function by its id."""
