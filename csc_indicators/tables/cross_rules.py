"""What the rows of a validated CIN census must satisfy together.

These rules change nothing: the rows stay in the figures, and each finding says how many there are and what it means for
them. The numbers in brackets are DfE's own validation rules.
"""

from __future__ import annotations

import polars as pl

from csc_indicators.codes import DISABILITY, NO_DISABILITY
from csc_indicators.tables.rules import CrossRule, Tables


def _children_without_episode(tables: Tables) -> pl.DataFrame:
    return tables["children"].join(tables["episodes"], on="child_key", how="anti")


def _cases(tables: Tables) -> pl.DataFrame:
    """Episodes in each child's order; a referral with no further action and no closure date opened no case."""
    no_case = pl.col("no_further_action").fill_null(value=False) & pl.col("closure_date").is_null()
    return tables["episodes"].filter(~no_case).sort("child_key", "referral_date", "episode_key")


def _overlapping_episodes(tables: Tables) -> pl.DataFrame:
    """Episodes referred while an earlier one of the child was open; one referred the day the other closed is not."""
    episodes = _cases(tables)
    far_ahead = pl.lit(pl.Series([2**31 - 1], dtype=pl.Int32)).first()
    end = pl.col("closure_date").to_physical().fill_null(far_ahead)
    latest_end = end.cum_max().shift(1).over("child_key")
    return episodes.filter(pl.col("referral_date").to_physical() < latest_end)


def _second_open_episodes(tables: Tables) -> pl.DataFrame:
    still_open = _cases(tables).filter(pl.col("closure_date").is_null())
    return still_open.filter(~pl.col("child_key").is_last_distinct())


def _same_day_referrals(tables: Tables) -> pl.DataFrame:
    return tables["episodes"].filter(pl.struct("child_key", "referral_date").is_duplicated())


def _open_episodes_not_returned(tables: Tables) -> pl.DataFrame:
    cases = _cases(tables)
    return cases.filter(pl.col("closure_date").is_null() & (pl.col("census_year") < pl.col("latest_census_year")))


def _activity_before_referral(tables: Tables) -> pl.DataFrame:
    return tables["episodes"].filter(pl.col("first_activity_date") < pl.col("referral_date"))


def _shared_pupil_numbers(tables: Tables) -> pl.DataFrame:
    numbered = tables["children"].filter(pl.col("unique_pupil_number").is_not_null())
    return numbered.filter(pl.struct("la_code", "unique_pupil_number").is_duplicated())


def _plans_with_earlier(tables: Tables) -> pl.DataFrame:
    """Plans with the day on which the child's first other plan among the returns had ended, null if none had."""
    plans = tables["child_protection_plans"].sort("child_key", "start_date", "plan_key")
    return plans.with_columns(_earlier_end=pl.col("end_date").cum_min().forward_fill().shift(1).over("child_key"))


def _earlier_plan() -> pl.Expr:
    return (pl.col("_earlier_end") <= pl.col("start_date")).fill_null(value=False)


def _previous_plans_not_counted(tables: Tables) -> pl.DataFrame:
    none_reported = pl.col("number_of_previous_plans").fill_null(0) == 0
    return _plans_with_earlier(tables).filter(none_reported & _earlier_plan())


def _previous_plans_not_returned(tables: Tables) -> pl.DataFrame:
    # Only where the returns reach back to the child's birth can a plan before them be ruled out.
    since_birth = pl.col("observed_from") <= pl.col("birth_date")
    return _plans_with_earlier(tables).filter((pl.col("number_of_previous_plans") > 0) & ~_earlier_plan() & since_birth)


def _none_with_other_disabilities(tables: Tables) -> pl.DataFrame:
    none = pl.lit(NO_DISABILITY, dtype=DISABILITY.dtype)
    some_other = (pl.col("disability") != none).any().over("child_key")
    return tables["disabilities"].filter((pl.col("disability") == none) & some_other)


CROSS_RULES: tuple[CrossRule, ...] = (
    CrossRule(
        "child_without_episode",
        "children",
        "",
        _children_without_episode,
        "a child without any episode that can be used (8590); the child is in no figure",
        "return only children with a referral or an open case in the year",
    ),
    CrossRule(
        "overlapping_episodes",
        "episodes",
        "referral_date",
        _overlapping_episodes,
        "the referral was made while an earlier case of the child was open (8820); it counts as a referral",
        "record new concerns about an open case as activity of that case, not as a referral",
    ),
    CrossRule(
        "two_open_episodes",
        "episodes",
        "closure_date",
        _second_open_episodes,
        "the child has a later case that is open too (8815)",
        "close the earlier case or merge the two",
    ),
    CrossRule(
        "same_day_referrals",
        "episodes",
        "referral_date",
        _same_day_referrals,
        "the child has another referral on the same day; each counts as a referral, neither as the other's repeat",
        "check whether one referral was recorded twice",
    ),
    CrossRule(
        "activity_before_referral",
        "episodes",
        "referral_date",
        _activity_before_referral,
        "an assessment, enquiry or plan of the case began before its referral (1103, 2889, 1105, 4015); days are "
        "counted from the referral as it stands",
        "correct the date of the referral, or move the activity to the case that it belongs to",
    ),
    CrossRule(
        "open_episode_not_returned",
        "episodes",
        "closure_date",
        _open_episodes_not_returned,
        "the case was open when last returned and is missing from the latest census; it counts as open up to the last "
        "census that holds it",
        "return the case with its closure date, or ask for the census in which it closed",
    ),
    CrossRule(
        "previous_plans_not_counted",
        "child_protection_plans",
        "number_of_previous_plans",
        _previous_plans_not_counted,
        "no previous plan is reported, and an earlier plan of the child is among the returns; the published share of "
        "repeat plans goes by what is reported",
        "count the child's previous plans again, or ask for the reading that goes by the plans themselves",
    ),
    CrossRule(
        "previous_plans_not_returned",
        "child_protection_plans",
        "number_of_previous_plans",
        _previous_plans_not_returned,
        "a previous plan is reported, and none is among the returns, which reach back to the child's birth; a share of "
        "repeat plans that goes by the plans themselves does not count it",
        "check the number of previous plans; one in another authority is counted by some authorities and not by others",
    ),
    CrossRule(
        "shared_pupil_number",
        "children",
        "unique_pupil_number",
        _shared_pupil_numbers,
        "another child of the authority has the same unique pupil number (1520); if the two are one, what happened to "
        "it is counted as of two children",
        "return one child under one id, or correct the pupil number",
    ),
    CrossRule(
        "none_with_other_disabilities",
        "disabilities",
        "disability",
        _none_with_other_disabilities,
        "no disability is recorded beside a disability (8790); the child counts as disabled",
        "remove the code for no disability",
    ),
)
"""Every rule across rows."""
