"""Children's social care indicators for England: definitions you can read, figures you can check.

>>> import csc_indicators as csc
>>> cin = csc.read_cin_census("fixtures/region")
>>> records = csc.rereferrals(cin.episodes, periods=csc.years(2024, 2025))
>>> records.collect()["numerator"].sum() > 0
True
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from csc_indicators.aggregation import aggregate as aggregate
    from csc_indicators.annex_a import AnnexA as AnnexA
    from csc_indicators.annex_a import read_annex_a as read_annex_a
    from csc_indicators.benchmarking import benchmark as benchmark
    from csc_indicators.catalogue import definition as definition
    from csc_indicators.census_years import workforce_year as workforce_year
    from csc_indicators.census_years import workforce_years as workforce_years
    from csc_indicators.comparators import Neighbours as Neighbours
    from csc_indicators.comparators import differences as differences
    from csc_indicators.comparators import positions as positions
    from csc_indicators.disclosure import Published as Published
    from csc_indicators.disclosure import policy as policy
    from csc_indicators.disclosure import publish as publish
    from csc_indicators.engines.local import Computation as Computation
    from csc_indicators.engines.local import compute as compute
    from csc_indicators.engines.local import records as records
    from csc_indicators.engines.requests import Request as Request
    from csc_indicators.errors import CscError as CscError
    from csc_indicators.errors import FatalFindings as FatalFindings
    from csc_indicators.errors import Finding as Finding
    from csc_indicators.errors import NothingComputed as NothingComputed
    from csc_indicators.errors import UnreadableFile as UnreadableFile
    from csc_indicators.errors import UsageError as UsageError
    from csc_indicators.extracts.published import read_published as read_published
    from csc_indicators.histories.groups import social_care_groups as social_care_groups
    from csc_indicators.indicators.adoption import adoption_match_time as adoption_match_time
    from csc_indicators.indicators.assessments import assessment_factors as assessment_factors
    from csc_indicators.indicators.assessments import assessments_completed as assessments_completed
    from csc_indicators.indicators.assessments import assessments_within_45_days as assessments_within_45_days
    from csc_indicators.indicators.assessments import privately_fostered as privately_fostered
    from csc_indicators.indicators.attainment import attainment_8 as attainment_8
    from csc_indicators.indicators.attainment import ks2_expected_standard as ks2_expected_standard
    from csc_indicators.indicators.attainment import ks2_progress as ks2_progress
    from csc_indicators.indicators.attendance import persistent_absence as persistent_absence
    from csc_indicators.indicators.attendance import school_absence as school_absence
    from csc_indicators.indicators.attendance import severe_absence as severe_absence
    from csc_indicators.indicators.care_leaver_accommodation import (
        care_leavers_suitable_accommodation as care_leavers_suitable_accommodation,
    )
    from csc_indicators.indicators.care_leaver_accommodation import (
        care_leavers_unsuitable_accommodation as care_leavers_unsuitable_accommodation,
    )
    from csc_indicators.indicators.care_leavers import care_leavers_apprenticeships as care_leavers_apprenticeships
    from csc_indicators.indicators.care_leavers import care_leavers_eet as care_leavers_eet
    from csc_indicators.indicators.care_leavers import care_leavers_higher_education as care_leavers_higher_education
    from csc_indicators.indicators.care_leavers import care_leavers_in_touch as care_leavers_in_touch
    from csc_indicators.indicators.deescalation import deescalation_sustained as deescalation_sustained
    from csc_indicators.indicators.family_network import care_proceedings_home as care_proceedings_home
    from csc_indicators.indicators.family_network import family_network_care as family_network_care
    from csc_indicators.indicators.family_network import family_network_leavers as family_network_leavers
    from csc_indicators.indicators.finance import childrens_spend_share as childrens_spend_share
    from csc_indicators.indicators.finance import permanent_grant_share as permanent_grant_share
    from csc_indicators.indicators.finance import spend_not_on_care_share as spend_not_on_care_share
    from csc_indicators.indicators.finance import spend_on_care_share as spend_on_care_share
    from csc_indicators.indicators.finance import spend_per_child as spend_per_child
    from csc_indicators.indicators.health import convictions as convictions
    from csc_indicators.indicators.health import dental_checks as dental_checks
    from csc_indicators.indicators.health import health_assessments as health_assessments
    from csc_indicators.indicators.health import immunisations as immunisations
    from csc_indicators.indicators.health import substance_misuse as substance_misuse
    from csc_indicators.indicators.leadership import leadership_judgement as leadership_judgement
    from csc_indicators.indicators.leadership import leadership_turnover as leadership_turnover
    from csc_indicators.indicators.looked_after import care_ceases as care_ceases
    from csc_indicators.indicators.looked_after import care_starts as care_starts
    from csc_indicators.indicators.looked_after import children_in_care as children_in_care
    from csc_indicators.indicators.looked_after import foster_care as foster_care
    from csc_indicators.indicators.looked_after import residential_care as residential_care
    from csc_indicators.indicators.looked_after import supported_accommodation as supported_accommodation
    from csc_indicators.indicators.missing import missing_from_care as missing_from_care
    from csc_indicators.indicators.need import children_in_need as children_in_need
    from csc_indicators.indicators.need import children_in_need_in_year as children_in_need_in_year
    from csc_indicators.indicators.outcomes import sdq_cause_for_concern as sdq_cause_for_concern
    from csc_indicators.indicators.outcomes import sdq_completed as sdq_completed
    from csc_indicators.indicators.outcomes import sdq_score as sdq_score
    from csc_indicators.indicators.plans import child_protection_plan_starts as child_protection_plan_starts
    from csc_indicators.indicators.plans import child_protection_plans as child_protection_plans
    from csc_indicators.indicators.plans import plan_reviews_in_time as plan_reviews_in_time
    from csc_indicators.indicators.plans import plans_open_two_years as plans_open_two_years
    from csc_indicators.indicators.plans import repeat_child_protection_plans as repeat_child_protection_plans
    from csc_indicators.indicators.referrals import referrals as referrals
    from csc_indicators.indicators.referrals import referrals_no_further_action as referrals_no_further_action
    from csc_indicators.indicators.referrals import referrals_per_child as referrals_per_child
    from csc_indicators.indicators.referrals import rereferrals as rereferrals
    from csc_indicators.indicators.schools import school_moves as school_moves
    from csc_indicators.indicators.section_47 import conferences_within_15_days as conferences_within_15_days
    from csc_indicators.indicators.section_47 import initial_conferences as initial_conferences
    from csc_indicators.indicators.section_47 import section_47_enquiries as section_47_enquiries
    from csc_indicators.indicators.section_47 import section_47_to_conference as section_47_to_conference
    from csc_indicators.indicators.stability import long_term_stability as long_term_stability
    from csc_indicators.indicators.stability import placement_distance as placement_distance
    from csc_indicators.indicators.stability import placement_instability as placement_instability
    from csc_indicators.indicators.stability import social_worker_changes as social_worker_changes
    from csc_indicators.indicators.supplied import (
        care_leavers_lasting_relationship as care_leavers_lasting_relationship,
    )
    from csc_indicators.indicators.supplied import conference_partner_attendance as conference_partner_attendance
    from csc_indicators.indicators.supplied import deprivation as deprivation
    from csc_indicators.indicators.supplied import early_help_to_referral as early_help_to_referral
    from csc_indicators.indicators.supplied import family_group_decision_making as family_group_decision_making
    from csc_indicators.indicators.supplied import injury_admissions as injury_admissions
    from csc_indicators.indicators.supplied import post_vacancy_rate as post_vacancy_rate
    from csc_indicators.indicators.supplied import section_31_proceedings_home as section_31_proceedings_home
    from csc_indicators.indicators.workforce import agency_rate as agency_rate
    from csc_indicators.indicators.workforce import social_worker_turnover as social_worker_turnover
    from csc_indicators.indicators.workforce import vacancy_rate as vacancy_rate
    from csc_indicators.indicators.workforce_capacity import caseload as caseload
    from csc_indicators.indicators.workforce_capacity import sickness_absence as sickness_absence
    from csc_indicators.indicators.workforce_equity import agency_pay_ratio as agency_pay_ratio
    from csc_indicators.indicators.workforce_equity import workforce_ethnicity as workforce_ethnicity
    from csc_indicators.indicators.workforce_service import agency_assignment_length as agency_assignment_length
    from csc_indicators.indicators.workforce_service import social_worker_retention as social_worker_retention
    from csc_indicators.indicators.workforce_service import social_worker_tenure as social_worker_tenure
    from csc_indicators.loading import Extracts as Extracts
    from csc_indicators.loading import load as load
    from csc_indicators.loading import read_cin_census as read_cin_census
    from csc_indicators.loading import read_context as read_context
    from csc_indicators.loading import read_ssda903 as read_ssda903
    from csc_indicators.loading import read_workforce as read_workforce
    from csc_indicators.outputs.ees import write_ees as write_ees
    from csc_indicators.outputs.screening.screen import screen as screen
    from csc_indicators.outputs.store import add_published as add_published
    from csc_indicators.outputs.store import add_results as add_results
    from csc_indicators.outputs.store import published_figures as published_figures
    from csc_indicators.outputs.workbook import write_workbook as write_workbook
    from csc_indicators.periods import Period as Period
    from csc_indicators.periods import months as months
    from csc_indicators.periods import quarters as quarters
    from csc_indicators.periods import year as year
    from csc_indicators.periods import years as years
    from csc_indicators.sensitivity import every_reading as every_reading
    from csc_indicators.sensitivity import vary as vary
    from csc_indicators.synthetic.synthesis import synthesise as synthesise
    from csc_indicators.tables.cin import CinCensus as CinCensus
    from csc_indicators.tables.context import Context as Context
    from csc_indicators.tables.ssda903 import Ssda903 as Ssda903
    from csc_indicators.tables.workforce import Workforce as Workforce

_HOME = {
    "AnnexA": "annex_a",
    "CinCensus": "tables.cin",
    "Computation": "engines.local",
    "Context": "tables.context",
    "CscError": "errors",
    "Extracts": "loading",
    "FatalFindings": "errors",
    "Finding": "errors",
    "Neighbours": "comparators",
    "NothingComputed": "errors",
    "Period": "periods",
    "Published": "disclosure",
    "Request": "engines.requests",
    "Ssda903": "tables.ssda903",
    "UnreadableFile": "errors",
    "UsageError": "errors",
    "Workforce": "tables.workforce",
    "add_published": "outputs.store",
    "add_results": "outputs.store",
    "adoption_match_time": "indicators.adoption",
    "agency_assignment_length": "indicators.workforce_service",
    "agency_pay_ratio": "indicators.workforce_equity",
    "agency_rate": "indicators.workforce",
    "aggregate": "aggregation",
    "assessment_factors": "indicators.assessments",
    "assessments_completed": "indicators.assessments",
    "assessments_within_45_days": "indicators.assessments",
    "attainment_8": "indicators.attainment",
    "benchmark": "benchmarking",
    "care_ceases": "indicators.looked_after",
    "care_leavers_apprenticeships": "indicators.care_leavers",
    "care_leavers_eet": "indicators.care_leavers",
    "care_leavers_higher_education": "indicators.care_leavers",
    "care_leavers_in_touch": "indicators.care_leavers",
    "care_leavers_lasting_relationship": "indicators.supplied",
    "care_leavers_suitable_accommodation": "indicators.care_leaver_accommodation",
    "care_leavers_unsuitable_accommodation": "indicators.care_leaver_accommodation",
    "care_proceedings_home": "indicators.family_network",
    "care_starts": "indicators.looked_after",
    "caseload": "indicators.workforce_capacity",
    "child_protection_plan_starts": "indicators.plans",
    "child_protection_plans": "indicators.plans",
    "children_in_care": "indicators.looked_after",
    "children_in_need": "indicators.need",
    "children_in_need_in_year": "indicators.need",
    "childrens_spend_share": "indicators.finance",
    "compute": "engines.local",
    "conference_partner_attendance": "indicators.supplied",
    "conferences_within_15_days": "indicators.section_47",
    "convictions": "indicators.health",
    "deescalation_sustained": "indicators.deescalation",
    "definition": "catalogue",
    "dental_checks": "indicators.health",
    "deprivation": "indicators.supplied",
    "differences": "comparators",
    "early_help_to_referral": "indicators.supplied",
    "every_reading": "sensitivity",
    "family_group_decision_making": "indicators.supplied",
    "family_network_care": "indicators.family_network",
    "family_network_leavers": "indicators.family_network",
    "foster_care": "indicators.looked_after",
    "health_assessments": "indicators.health",
    "immunisations": "indicators.health",
    "initial_conferences": "indicators.section_47",
    "injury_admissions": "indicators.supplied",
    "ks2_expected_standard": "indicators.attainment",
    "ks2_progress": "indicators.attainment",
    "leadership_judgement": "indicators.leadership",
    "leadership_turnover": "indicators.leadership",
    "load": "loading",
    "long_term_stability": "indicators.stability",
    "missing_from_care": "indicators.missing",
    "months": "periods",
    "permanent_grant_share": "indicators.finance",
    "persistent_absence": "indicators.attendance",
    "placement_distance": "indicators.stability",
    "placement_instability": "indicators.stability",
    "plan_reviews_in_time": "indicators.plans",
    "plans_open_two_years": "indicators.plans",
    "policy": "disclosure",
    "positions": "comparators",
    "post_vacancy_rate": "indicators.supplied",
    "privately_fostered": "indicators.assessments",
    "publish": "disclosure",
    "published_figures": "outputs.store",
    "quarters": "periods",
    "read_annex_a": "annex_a",
    "read_cin_census": "loading",
    "read_context": "loading",
    "read_published": "extracts.published",
    "read_ssda903": "loading",
    "read_workforce": "loading",
    "records": "engines.local",
    "referrals": "indicators.referrals",
    "referrals_no_further_action": "indicators.referrals",
    "referrals_per_child": "indicators.referrals",
    "repeat_child_protection_plans": "indicators.plans",
    "rereferrals": "indicators.referrals",
    "residential_care": "indicators.looked_after",
    "school_absence": "indicators.attendance",
    "school_moves": "indicators.schools",
    "screen": "outputs.screening.screen",
    "sdq_cause_for_concern": "indicators.outcomes",
    "sdq_completed": "indicators.outcomes",
    "sdq_score": "indicators.outcomes",
    "section_31_proceedings_home": "indicators.supplied",
    "section_47_enquiries": "indicators.section_47",
    "section_47_to_conference": "indicators.section_47",
    "severe_absence": "indicators.attendance",
    "sickness_absence": "indicators.workforce_capacity",
    "social_care_groups": "histories.groups",
    "social_worker_changes": "indicators.stability",
    "social_worker_retention": "indicators.workforce_service",
    "social_worker_tenure": "indicators.workforce_service",
    "social_worker_turnover": "indicators.workforce",
    "spend_not_on_care_share": "indicators.finance",
    "spend_on_care_share": "indicators.finance",
    "spend_per_child": "indicators.finance",
    "substance_misuse": "indicators.health",
    "supported_accommodation": "indicators.looked_after",
    "synthesise": "synthetic.synthesis",
    "vacancy_rate": "indicators.workforce",
    "vary": "sensitivity",
    "workforce_ethnicity": "indicators.workforce_equity",
    "workforce_year": "census_years",
    "workforce_years": "census_years",
    "write_ees": "outputs.ees",
    "write_workbook": "outputs.workbook",
    "year": "periods",
    "years": "periods",
}
"""Where each public name lives; imported when first used, so that `import csc_indicators` stays quick."""

__all__ = [*_HOME, "__version__"]  # noqa: PLE0604 (names from one table) # pyright: ignore[reportUnsupportedDunderAll]


def __getattr__(name: str) -> Any:  # noqa: ANN401 (any public name)
    if name not in _HOME:
        raise AttributeError(f"module 'csc_indicators' has no attribute {name!r}")
    value = getattr(importlib.import_module(f"csc_indicators.{_HOME[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return list(__all__)
