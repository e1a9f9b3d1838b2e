"""What other supplied tables tell: proceedings, decision making, partners, posts, injuries and what care leavers have.

Every function is pure: a supplied table in, unit records out. See `unit_records` for the shape.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import polars as pl

from csc_indicators.context_codes import HOME_WITH_PARENTS, PARTNER_AGENCY, POST_KIND, PROCEEDINGS_OUTCOME
from csc_indicators.histories.people import age_at
from csc_indicators.histories.referrals import ALWAYS
from csc_indicators.histories.supplied import of_years
from csc_indicators.indicators.keywords import checked
from csc_indicators.indicators.unit_records import Definition, unit_records
from csc_indicators.periods import Period, add_months_expr, in_periods

Table = pl.DataFrame | pl.LazyFrame
NOTHING = pl.lit(0.0)


@checked
def section_31_proceedings_home(
    court_outcomes: Table,
    *,
    periods: Sequence[Period],
    youngest: int | None = None,
    oldest: int | None = None,
    why: bool = False,
) -> pl.LazyFrame:
    """Proceedings under section 31 that ended in each period with the child living with its parents.

    Args:
        court_outcomes: The supplied `court_outcomes`, one row a child and proceedings.
        periods: The periods to count in.
        youngest: The youngest age counted, on the day the proceedings ended; None for any, known or not.
        oldest: The oldest age counted; None for any, known or not.
        why: Also say which clause decided each of the proceedings that ended in the period.

    Returns:
        Unit records, one a child's proceedings: numerator 1 with its parents, denominator 1, and `age`.

    Source: specs/indicators/section_31_proceedings_home.toml.

    >>> from csc_indicators.examples import example_context_tables
    >>> from csc_indicators.periods import year
    >>> tables = example_context_tables({"court_outcomes": [{"end_date": "2024-11-20", "outcome": "with_parents"}]})
    >>> records = section_31_proceedings_home(tables["context.court_outcomes"], periods=[year(2025)]).collect()
    >>> records["numerator"].sum()
    1.0
    """
    age = pl.col("age")
    definition = Definition(
        kind="share",
        unit_table="context.court_outcomes",
        unit_id="court_outcomes_key",
        unit_row="court_outcomes_key",
        date="end_date",
        complete=ALWAYS,
        denominator={
            "old_enough": ALWAYS if youngest is None else age >= youngest,
            "young_enough": ALWAYS if oldest is None else age <= oldest,
        },
        numerator={"with_parents": pl.col("outcome") == pl.lit(HOME_WITH_PARENTS, dtype=PROCEEDINGS_OUTCOME.dtype)},
        attributes=("age",),
    )
    rows = in_periods(court_outcomes, "end_date", periods).with_columns(age_at("end_date"))
    return unit_records(rows, definition, why=why)


@checked
def family_group_decision_making(
    family_group_decisions: Table,
    *,
    periods: Sequence[Period],
    stage: Literal["offered", "held"] = "offered",
    unknown: Literal["keep", "drop"] = "keep",
    why: bool = False,
) -> pl.LazyFrame:
    """Children who entered pre-proceedings in each period to whom family group decision making was offered.

    Args:
        family_group_decisions: The supplied `family_group_decisions`, or that of the CIN census, one row a child and
            pre-proceedings.
        periods: The periods to count in.
        stage: Whether it was offered, or held.
        unknown: Whether children of whom it is not known stay in the denominator.
        why: Also say which clause decided each of the pre-proceedings that began in the period.

    Returns:
        Unit records, one a child's pre-proceedings: numerator 1 when offered (or held), denominator 1.

    Source: specs/indicators/family_group_decision_making.toml.

    >>> from csc_indicators.examples import example_context_tables
    >>> from csc_indicators.periods import year
    >>> rows = [{"start_date": "2024-05-10", "offered": True}, {"child_id": "B", "start_date": "2024-06-10"}]
    >>> tables = example_context_tables({"family_group_decisions": rows})
    >>> records = family_group_decision_making(tables["context.family_group_decisions"], periods=[year(2025)]).collect()
    >>> records["numerator"].sum(), records["denominator"].sum()
    (1.0, 2.0)
    """
    definition = Definition(
        kind="share",
        unit_table="context.family_group_decisions",
        unit_id="family_group_decisions_key",
        unit_row="family_group_decisions_key",
        date="start_date",
        complete=ALWAYS,
        denominator={"known": ALWAYS if unknown == "keep" else pl.col(stage).is_not_null()},
        numerator={"reached_stage": pl.col(stage)},
    )
    return unit_records(in_periods(family_group_decisions, "start_date", periods), definition, why=why)


@checked
def conference_partner_attendance(
    conference_attendance: Table,
    *,
    periods: Sequence[Period],
    agencies: Sequence[str] = PARTNER_AGENCY.codes,
    why: bool = False,
) -> pl.LazyFrame:
    """Invitations of agencies to initial child protection conferences of each period that they came to.

    Args:
        conference_attendance: The supplied `conference_attendance`, one row an agency invited to a conference.
        periods: The periods to count in.
        agencies: Which agencies.
        why: Also say which clause decided each invitation to a conference of the period.

    Returns:
        Unit records, one an invitation, with its `partner_agency`: numerator 1 when the agency was there, denominator
        1.

    Source: specs/indicators/conference_partner_attendance.toml.

    >>> from csc_indicators.examples import example_context_tables
    >>> from csc_indicators.periods import year
    >>> rows = [{"agency": "police", "attended": True}, {"agency": "health"}]
    >>> tables = example_context_tables(
    ...     {"conference_attendance": [row | {"conference_date": "2024-05-24"} for row in rows]}
    ... )
    >>> records = conference_partner_attendance(tables["context.conference_attendance"], periods=[year(2025)]).collect()
    >>> records["numerator"].sum(), records["denominator"].sum()
    (1.0, 2.0)
    """
    definition = Definition(
        kind="share",
        unit_table="context.conference_attendance",
        unit_id="conference_attendance_key",
        unit_row="conference_attendance_key",
        date="conference_date",
        complete=ALWAYS,
        denominator={
            "agency_counted": pl.col("agency").is_in(pl.Series(agencies, dtype=PARTNER_AGENCY.dtype).implode())
        },
        numerator={"attended": pl.col("attended")},
        attributes=(pl.col("agency").alias("partner_agency"),),
    )
    return unit_records(in_periods(conference_attendance, "conference_date", periods), definition, why=why)


@checked
def post_vacancy_rate(
    posts: Table,
    *,
    periods: Sequence[Period],
    kinds: Sequence[str] = POST_KIND.codes,
    why: bool = False,
) -> pl.LazyFrame:
    """Vacancies in posts of children's services, as a share of those posts, by kind of post.

    Args:
        posts: The supplied `posts`, one row a kind of post and year.
        periods: Reporting years.
        kinds: Which kinds of post.
        why: Also say which clause decided each row of the year.

    Returns:
        Unit records, one a kind of post, with its `post_kind`: numerator the full-time equivalents vacant, denominator
        those vacant and in post.

    Source: specs/indicators/post_vacancy_rate.toml.

    >>> from csc_indicators.examples import example_context_tables
    >>> from csc_indicators.periods import year
    >>> tables = example_context_tables({"posts": [{"vacancies": 2.5, "in_post": 10}]})
    >>> records = post_vacancy_rate(tables["context.posts"], periods=[year(2025)]).collect()
    >>> records["numerator"].sum(), records["denominator"].sum()
    (2.5, 12.5)
    """
    definition = Definition(
        kind="mean",
        unit_table="context.posts",
        unit_id="posts_key",
        unit_row="posts_key",
        date="period_end",
        complete=ALWAYS,
        denominator={"kind_counted": pl.col("post").is_in(pl.Series(kinds, dtype=POST_KIND.dtype).implode())},
        numerator={"vacant": pl.col("vacancies") > 0},
        value=pl.col("vacancies"),
        weight=pl.col("vacancies") + pl.col("in_post"),
        attributes=(pl.col("post").alias("post_kind"),),
    )
    return unit_records(of_years(posts, periods), definition, why=why)


@checked
def injury_admissions(injury_admissions: Table, *, periods: Sequence[Period], why: bool = False) -> pl.LazyFrame:
    """Admissions of children and young people to hospital for injury, for each 10,000 of their population.

    Args:
        injury_admissions: The supplied `injury_admissions`, one row an authority and year, as published.
        periods: Reporting years.
        why: Also say which clause decided each row of the year.

    Returns:
        Unit records, one an authority: numerator its admissions, denominator the population of the published rate.

    Source: specs/indicators/injury_admissions.toml.

    >>> from csc_indicators.examples import example_context_tables
    >>> from csc_indicators.periods import year
    >>> tables = example_context_tables({"injury_admissions": [{"admissions": 48, "population": 6400}]})
    >>> records = injury_admissions(tables["context.injury_admissions"], periods=[year(2025)]).collect()
    >>> records["numerator"].sum(), records["denominator"].sum()
    (48.0, 6400.0)
    """
    definition = Definition(
        kind="mean",
        unit_table="context.injury_admissions",
        unit_id="injury_admissions_key",
        unit_row="injury_admissions_key",
        date="period_end",
        complete=ALWAYS,
        denominator={"population_known": pl.col("population") > 0},
        value=pl.col("admissions"),
        weight=pl.col("population"),
    )
    return unit_records(of_years(injury_admissions, periods), definition, why=why)


@checked
def care_leavers_lasting_relationship(
    lasting_relationships: Table, *, periods: Sequence[Period], why: bool = False
) -> pl.LazyFrame:
    """Care leavers who have a lasting relationship identified, from a local record.

    Args:
        lasting_relationships: The supplied `lasting_relationships`, one row a care leaver and year.
        periods: Reporting years.
        why: Also say which clause decided each row of the year.

    Returns:
        Unit records, one a care leaver: numerator 1 when one is identified, denominator 1.

    Source: specs/indicators/care_leavers_lasting_relationship.toml.

    >>> from csc_indicators.examples import example_context_tables
    >>> from csc_indicators.periods import year
    >>> tables = example_context_tables({"lasting_relationships": [{"identified": True}]})
    >>> records = care_leavers_lasting_relationship(
    ...     tables["context.lasting_relationships"], periods=[year(2025)]
    ... ).collect()
    >>> records["numerator"].sum()
    1.0
    """
    definition = Definition(
        kind="share",
        unit_table="context.lasting_relationships",
        unit_id="lasting_relationships_key",
        unit_row="lasting_relationships_key",
        date="period_end",
        complete=ALWAYS,
        numerator={"identified": pl.col("identified")},
    )
    return unit_records(of_years(lasting_relationships, periods), definition, why=why)


@checked
def deprivation(deprivation: Table, *, periods: Sequence[Period], why: bool = False) -> pl.LazyFrame:
    """The supplied score of deprivation of each authority, to be set beside its other figures.

    Args:
        deprivation: The supplied `deprivation`, one row an authority and year.
        periods: Reporting years.
        why: Also say which clause decided each row of the year.

    Returns:
        Unit records, one an authority: numerator its score, denominator 1.

    Source: specs/indicators/deprivation.toml.

    >>> from csc_indicators.examples import example_context_tables
    >>> from csc_indicators.periods import year
    >>> tables = example_context_tables({"deprivation": [{"score": 0.168}]})
    >>> deprivation(tables["context.deprivation"], periods=[year(2025)]).collect()["numerator"].sum()
    0.168
    """
    definition = Definition(
        kind="mean",
        unit_table="context.deprivation",
        unit_id="deprivation_key",
        unit_row="deprivation_key",
        date="period_end",
        complete=ALWAYS,
        denominator={"score_supplied": pl.col("score").is_not_null()},
        value=pl.col("score"),
    )
    return unit_records(of_years(deprivation, periods), definition, why=why)


@checked
def early_help_to_referral(
    early_help: Table,
    episodes: Table,
    *,
    periods: Sequence[Period],
    window_months: int | None = 12,
    why: bool = False,
) -> pl.LazyFrame:
    """Spells of early help that ended in each period and were followed by a referral to social care.

    Args:
        early_help: The supplied `early_help`, one row a spell.
        episodes: The validated `CinCensus.episodes`, one row a referral, of the same authorities and child ids.
        periods: The periods in which the spells ended.
        window_months: Within how many months of the end a referral counts; None for ever.
        why: Also say which clause decided each spell that ended in the period.

    Returns:
        Unit records, one a spell: numerator 1 when a referral followed, denominator 1; `matched_row` is the referral.
        A spell whose window reaches beyond the censuses of its authority stays, awaiting, and counts nothing; without
        an end of the window no spell is ever complete.

    Source: specs/indicators/early_help_to_referral.toml.

    >>> from csc_indicators.examples import example_context_tables
    >>> from csc_indicators.periods import year
    >>> tables = example_context_tables(
    ...     {"early_help": [{"end_date": "2024-06-30"}], "episodes": [{"referral_date": "2025-06-30"}]}
    ... )
    >>> early_help_to_referral(
    ...     tables["context.early_help"], tables["cin.episodes"], periods=[year(2025)]
    ... ).collect()["numerator"].sum()
    1.0
    """
    referrals = episodes.lazy().select("la_code", "child_id", "referral_date", "episode_key")
    reached = episodes.lazy().group_by("la_code").agg(cases_known_to=pl.col("observed_to").max())
    ended = in_periods(early_help, "end_date", periods)
    # The first referral on or after the end; only of who was referred at all is one looked for.
    following = (
        ended.select("period", "la_code", "child_id", "early_help_key", "end_date")
        .join(referrals, on=["la_code", "child_id"], how="inner")
        .filter(pl.col("referral_date") >= pl.col("end_date"))
        .sort("referral_date", "episode_key")
        .group_by("period", "early_help_key")
        .agg(pl.col("referral_date").first(), pl.col("episode_key").first())
    )
    rows = ended.join(following, on=["period", "early_help_key"], how="left").join(reached, on="la_code", how="left")
    within = pl.col("referral_date").is_not_null()
    followed_up, complete = ALWAYS, pl.lit(value=False)
    if window_months is not None:
        last = add_months_expr(pl.col("end_date"), window_months)
        within = pl.col("referral_date") <= last
        followed_up, complete = last <= pl.col("cases_known_to"), ALWAYS
    definition = Definition(
        kind="share",
        unit_table="context.early_help",
        unit_id="early_help_key",
        unit_row="early_help_key",
        date="end_date",
        complete=complete,
        denominator={
            "authority_returned_cases": pl.col("cases_known_to").is_not_null(),
            "followed_up": followed_up,
        },
        numerator={"referral_followed": within},
        matched=pl.when(within).then("episode_key"),
        matched_table="episodes",
        followed_up="followed_up",
    )
    return unit_records(rows, definition, why=why)
