"""The indicators: one module a family, one pure function an indicator, named as its spec is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import polars as pl

from csc_indicators.indicators.adoption import adoption_match_time
from csc_indicators.indicators.assessments import (
    assessment_factors,
    assessments_completed,
    assessments_within_45_days,
    privately_fostered,
)
from csc_indicators.indicators.attainment import attainment_8, ks2_expected_standard, ks2_progress
from csc_indicators.indicators.attendance import persistent_absence, school_absence, severe_absence
from csc_indicators.indicators.care_leaver_accommodation import (
    care_leavers_suitable_accommodation,
    care_leavers_unsuitable_accommodation,
)
from csc_indicators.indicators.care_leavers import (
    care_leavers_apprenticeships,
    care_leavers_eet,
    care_leavers_higher_education,
    care_leavers_in_touch,
)
from csc_indicators.indicators.deescalation import deescalation_sustained
from csc_indicators.indicators.family_network import care_proceedings_home, family_network_care, family_network_leavers
from csc_indicators.indicators.finance import (
    childrens_spend_share,
    permanent_grant_share,
    spend_not_on_care_share,
    spend_on_care_share,
    spend_per_child,
)
from csc_indicators.indicators.health import (
    convictions,
    dental_checks,
    health_assessments,
    immunisations,
    substance_misuse,
)
from csc_indicators.indicators.leadership import leadership_judgement, leadership_turnover
from csc_indicators.indicators.looked_after import (
    care_ceases,
    care_starts,
    children_in_care,
    foster_care,
    residential_care,
    supported_accommodation,
)
from csc_indicators.indicators.missing import missing_from_care
from csc_indicators.indicators.need import children_in_need, children_in_need_in_year
from csc_indicators.indicators.outcomes import sdq_cause_for_concern, sdq_completed, sdq_score
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
from csc_indicators.indicators.schools import school_moves
from csc_indicators.indicators.section_47 import (
    conferences_within_15_days,
    initial_conferences,
    section_47_enquiries,
    section_47_to_conference,
)
from csc_indicators.indicators.stability import (
    long_term_stability,
    placement_distance,
    placement_instability,
    social_worker_changes,
)
from csc_indicators.indicators.supplied import (
    care_leavers_lasting_relationship,
    conference_partner_attendance,
    deprivation,
    early_help_to_referral,
    family_group_decision_making,
    injury_admissions,
    post_vacancy_rate,
    section_31_proceedings_home,
)
from csc_indicators.indicators.workforce import agency_rate, social_worker_turnover, vacancy_rate
from csc_indicators.indicators.workforce_capacity import caseload, sickness_absence
from csc_indicators.indicators.workforce_equity import agency_pay_ratio, workforce_ethnicity
from csc_indicators.indicators.workforce_service import (
    agency_assignment_length,
    social_worker_retention,
    social_worker_tenure,
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
            children_in_care,
            care_starts,
            care_ceases,
            foster_care,
            residential_care,
            supported_accommodation,
            family_network_care,
            family_network_leavers,
            care_proceedings_home,
            placement_distance,
            placement_instability,
            long_term_stability,
            sdq_score,
            sdq_cause_for_concern,
            sdq_completed,
            social_worker_changes,
            adoption_match_time,
            missing_from_care,
            convictions,
            health_assessments,
            dental_checks,
            immunisations,
            substance_misuse,
            care_leavers_eet,
            care_leavers_higher_education,
            care_leavers_apprenticeships,
            care_leavers_suitable_accommodation,
            care_leavers_unsuitable_accommodation,
            care_leavers_in_touch,
            social_worker_turnover,
            agency_rate,
            vacancy_rate,
            caseload,
            sickness_absence,
            social_worker_tenure,
            social_worker_retention,
            agency_assignment_length,
            workforce_ethnicity,
            agency_pay_ratio,
            spend_on_care_share,
            spend_not_on_care_share,
            spend_per_child,
            childrens_spend_share,
            permanent_grant_share,
            leadership_turnover,
            leadership_judgement,
            school_absence,
            persistent_absence,
            severe_absence,
            ks2_expected_standard,
            ks2_progress,
            attainment_8,
            school_moves,
            section_31_proceedings_home,
            family_group_decision_making,
            conference_partner_attendance,
            early_help_to_referral,
            post_vacancy_rate,
            care_leavers_lasting_relationship,
            injury_admissions,
            deprivation,
        )
    }
)
"""Every indicator function by its id."""
