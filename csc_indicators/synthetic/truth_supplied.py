"""The true figures of what is supplied beside the returns, from the histories, before any table is written.

As in `truth_cases`: each function is its definition once more, in the published or first reading.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import polars as pl

from csc_indicators.synthetic.days import after_months
from csc_indicators.synthetic.truth_cases import Figure, Histories, Year

SCHOOL_AGE = (5, 15)
PERSISTENT, SEVERE = 10, 50
"""Per cent of the possible sessions."""
SUMMER = (8, 9)
FOLLOWED_MONTHS = 12
CARE, SOCIAL_CARE, FAMILY_HELP, ALL_SERVICES = (
    "children_looked_after", "childrens_social_care", "family_help", "all_services",
)  # fmt: skip


def _line(h: Histories, year: Year, line: str) -> int:
    """Pounds of a line in all."""
    return int(h["finance"].filter(pl.col("funding").is_null(), year=year.number, line=line)["amount"].sum())


def spend_on_care_share(h: Histories, year: Year) -> Figure:
    """Pounds on children looked after, of those on children's social care."""
    return _line(h, year, CARE), _line(h, year, SOCIAL_CARE)


def spend_not_on_care_share(h: Histories, year: Year) -> Figure:
    """Pounds on children's social care but for children looked after, of all on children's social care."""
    whole = _line(h, year, SOCIAL_CARE)
    return whole - _line(h, year, CARE), whole


def childrens_spend_share(h: Histories, year: Year) -> Figure:
    """Pounds on children's social care, of those on all services."""
    return _line(h, year, SOCIAL_CARE), _line(h, year, ALL_SERVICES)


def spend_per_child(h: Histories, year: Year) -> Figure:
    """Pounds on children's social care over the children in the population."""
    return _line(h, year, SOCIAL_CARE), int(h["population"].filter(year=year.number)["population"].sum())


def permanent_grant_share(h: Histories, year: Year) -> Figure:
    """Pounds of Family Help from grants without an end, of those whose funding is known."""
    known = h["finance"].filter(pl.col("funding").is_not_null(), year=year.number, line=FAMILY_HELP)
    return int(known.filter(funding="permanent_grant")["amount"].sum()), int(known["amount"].sum())


def leadership_turnover(h: Histories, year: Year) -> Figure:
    """Changes of holders in the year, over the posts that somebody held by its end."""
    begun = h["post_holders"].filter(pl.col("start_date") <= year.last).sort("post", "start_date")
    after_another = pl.int_range(pl.len()).over("post") > 0
    changes = begun.with_columns(after_another=after_another).filter(
        "after_another", pl.col("start_date") >= year.first
    )
    return changes.height, begun["post"].n_unique()


def leadership_judgement(h: Histories, year: Year) -> Figure:
    """One where an inspection had ended by the end of the year."""
    return int((h["inspections"]["inspection_date"] <= year.last).any()), None


def _at_school(h: Histories, year: Year) -> pl.DataFrame:
    """Children with a social worker, of school age, who could attend."""
    rows = h["attendance"].filter(pl.col("age").is_between(*SCHOOL_AGE), pl.col("sessions_possible") > 0)
    return rows.filter(year=year.number)


def school_absence(h: Histories, year: Year) -> Figure:
    """Sessions missed, of those possible."""
    there = _at_school(h, year)
    return int(there["sessions_missed"].sum()), int(there["sessions_possible"].sum())


def _absent(per_cent: int) -> Callable[[Histories, Year], Figure]:
    """Children who missed so much of what was possible for them."""

    def figure(h: Histories, year: Year) -> Figure:
        there = _at_school(h, year)
        missed = pl.col("sessions_missed") * 100 >= pl.col("sessions_possible") * per_cent
        return there.filter(missed).height, there.height

    return figure


def ks2_expected_standard(h: Histories, year: Year) -> Figure:
    """Children who reached the standard, of those with a result."""
    known = h["attainment"].filter(pl.col("expected_standard").is_not_null(), year=year.number)
    return int(known["expected_standard"].sum()), known.height


def _scores(column: str) -> Callable[[Histories, Year], Figure]:
    """Scores, kept in tenths, added up, over the children who have one."""

    def figure(h: Histories, year: Year) -> Figure:
        known = h["attainment"].filter(pl.col(column).is_not_null(), year=year.number)
        return int(known[column].sum()) / 10, known.height

    return figure


def school_moves(h: Histories, year: Year) -> Figure:
    """Children looked after at the end of the year who changed school in it, in care and not in summer."""
    care = h["periods_of_care"].filter(pl.col("start_date") <= year.last, pl.col("end_date") > year.first)
    there = care.filter(pl.col("end_date") > year.last).select("child").unique()
    in_care_from = care.group_by("child").agg(in_care_from=pl.col("start_date").min())
    schools = h["school_history"].with_columns(earlier=pl.int_range(pl.len()).over("child") > 0)
    here = schools.filter(pl.col("start_date") <= year.last, pl.col("end_date") >= year.first)
    here = here.join(there, on="child", how="semi").join(in_care_from, on="child")
    month = pl.col("start_date").cast(pl.Int32).cast(pl.Date).dt.month()
    moved = here.filter(
        "earlier",
        pl.col("start_date") >= year.first,
        pl.col("start_date") >= pl.col("in_care_from"),
        ~month.is_in(SUMMER),
    )
    return moved["child"].n_unique(), here["child"].n_unique()


def section_31_proceedings_home(h: Histories, year: Year) -> Figure:
    """Proceedings that ended with the child living with its parents, of those that ended in the year."""
    ended = h["court_outcomes"].filter(year.holds("end_date"))
    return ended.filter(outcome="with_parents").height, ended.height


def family_group_decision_making(h: Histories, year: Year) -> Figure:
    """Children to whose families it was offered, of those who entered pre-proceedings in the year."""
    begun = h["family_group_decisions"].filter(year.holds("start_date"))
    return int(begun["offered"].sum()), begun.height


def conference_partner_attendance(h: Histories, year: Year) -> Figure:
    """Invited agencies that came to a conference of the year, of those invited."""
    invited = h["conference_attendance"].filter(year.holds("conference_date"))
    return int(invited["attended"].sum()), invited.height


def early_help_to_referral(h: Histories, year: Year) -> Figure:
    """Spells that ended in the year and were followed by a referral within twelve months, of those followed so long."""
    ended = h["early_help"].filter(year.holds("end_date"))
    window = pl.Series("window", after_months(ended["end_date"].cast(pl.Int64).to_numpy(), FOLLOWED_MONTHS))
    ended = ended.with_columns(window).filter(pl.col("window") <= year.reached)
    again = ended.join(h["cases"].select("child", "referral_date"), on="child").filter(
        pl.col("referral_date").is_between("end_date", "window")
    )
    return again.select("child", "start_date").n_unique() if again.height else 0, ended.height


def post_vacancy_rate(h: Histories, year: Year) -> Figure:
    """Full-time equivalents vacant, of those vacant and in post."""
    posts = h["posts_by_kind"].filter(year=year.number)
    vacant = int(posts["vacancies"].sum())
    return vacant / 100, (vacant + int(posts["in_post"].sum())) / 100


def care_leavers_lasting_relationship(h: Histories, year: Year) -> Figure:
    """Care leavers with a lasting relationship, of those on the list."""
    listed = h["lasting_relationships"].filter(year=year.number)
    return int(listed["identified"].sum()), listed.height


def injury_admissions(h: Histories, year: Year) -> Figure:
    """Admissions, over the population of the published rate."""
    row = h["injury_admissions"].filter(year=year.number)
    return int(row["admissions"].sum()), int(row["population"].sum())


def deprivation(h: Histories, year: Year) -> Figure:
    """The score, over one authority."""
    row = h["deprivation"].filter(year=year.number)
    return float(np.round(int(row["score"].sum()) / 1000, 3)), row.height


SUPPLIED_TRUTHS: Mapping[str, Callable[[Histories, Year], Figure]] = {
    "spend_on_care_share": spend_on_care_share,
    "spend_not_on_care_share": spend_not_on_care_share,
    "childrens_spend_share": childrens_spend_share,
    "spend_per_child": spend_per_child,
    "permanent_grant_share": permanent_grant_share,
    "leadership_turnover": leadership_turnover,
    "leadership_judgement": leadership_judgement,
    "school_absence": school_absence,
    "persistent_absence": _absent(PERSISTENT),
    "severe_absence": _absent(SEVERE),
    "ks2_expected_standard": ks2_expected_standard,
    "ks2_progress": _scores("progress"),
    "attainment_8": _scores("attainment_8"),
    "school_moves": school_moves,
    "section_31_proceedings_home": section_31_proceedings_home,
    "family_group_decision_making": family_group_decision_making,
    "conference_partner_attendance": conference_partner_attendance,
    "early_help_to_referral": early_help_to_referral,
    "post_vacancy_rate": post_vacancy_rate,
    "care_leavers_lasting_relationship": care_leavers_lasting_relationship,
    "injury_admissions": injury_admissions,
    "deprivation": deprivation,
}
"""What is known of what is supplied, by the id of the indicator."""
