"""The true figures of the indicators of cases, from the histories themselves, before any return is written.

Each function is its definition once more, in the published reading, over histories that hold everything that ever
happened. It shares no code with the readers or the indicators: where a figure computed from returns differs, either one
of the two is wrong, or the returns do not carry what the figure asks for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import polars as pl

from csc_indicators.synthetic.days import after_months, working_days_between, year_end, year_start
from csc_indicators.synthetic.draws import Whole

Figure: TypeAlias = tuple[float, float | None]
"""Numerator and denominator, in the units of the indicator; none for a rate of the population."""
PRIVATE_FOSTERING = ("8B", "8C", "8D", "8E", "8F")
NO_FACTORS = "21"
NOT_IN_NEED = ("RC8", "RC9")
DIED, MOVED_AWAY = "RC2", "RC5"
ASSESSED_WITHIN, CONFERENCE_WITHIN = 45, 15
"""Working days."""
DECIMALS = 6
FIRST_REVIEW, NEXT_REVIEW = 3, 6
"""Months."""
TWO_YEARS = 730
"""Days of a plan, the first and the last counted."""


@dataclass(frozen=True)
class Year:
    """One year: its first and last day, the last day that the returns reach, and its number."""

    first: int
    last: int
    reached: int
    number: int

    def holds(self, column: str) -> pl.Expr:
        """Whether a date lies in the year."""
        return pl.col(column).is_between(self.first, self.last)


Histories: TypeAlias = Mapping[str, pl.DataFrame]


def referrals(h: Histories, year: Year) -> Figure:
    """Referrals of the year."""
    return h["cases"].filter(year.holds("referral_date")).height, None


def referrals_no_further_action(h: Histories, year: Year) -> Figure:
    """Referrals of the year with no further action, of all."""
    found = h["cases"].filter(year.holds("referral_date"))
    return int(found["no_further_action"].sum()), found.height


def rereferrals(h: Histories, year: Year) -> Figure:
    """Referrals with another one on an earlier day, no more than twelve calendar months before."""
    # Earlier than that, no referral is within twelve months of one of the year.
    earliest = int(after_months(np.array([year.first]), -12)[0])
    ordered = h["cases"].filter(pl.col("referral_date").is_between(earliest, year.last)).sort("child", "referral_date")
    ordered = ordered.with_columns(before=pl.col("referral_date").shift().over("child")).filter(
        year.holds("referral_date")
    )
    since = pl.Series(after_months(_days(ordered, "referral_date"), -12))
    return int((ordered["before"] >= since).sum()), ordered.height


def referrals_per_child(h: Histories, year: Year) -> Figure:
    """All referrals so far of the children referred in the year."""
    now = h["cases"].filter(year.holds("referral_date")).select("child").unique()
    so_far = h["cases"].filter(pl.col("referral_date") <= year.last).join(now, on="child", how="semi")
    return so_far.height, now.height


def assessments_completed(h: Histories, year: Year) -> Figure:
    """Assessments authorised in the year."""
    return h["assessments"].filter(year.holds("authorisation_date")).height, None


def assessments_within_45_days(h: Histories, year: Year) -> Figure:
    """Those authorised within 45 working days of their start, of all."""
    found = h["assessments"].filter(year.holds("authorisation_date"))
    took = working_days_between(_days(found, "start_date"), _days(found, "authorisation_date"))
    return int((took <= ASSESSED_WITHIN).sum()), found.height


def _latest_factors(h: Histories, year: Year) -> pl.DataFrame:
    found = h["assessment_factors"].filter(year.holds("authorisation_date"))
    latest = pl.col("authorisation_date") == pl.col("authorisation_date").max().over("child", "case")
    return found.filter(latest)


def assessment_factors(h: Histories, year: Year) -> Figure:
    """Factors of the latest assessment of each case in the year."""
    return _latest_factors(h, year).filter(pl.col("factor") != NO_FACTORS).height, None


def privately_fostered(h: Histories, year: Year) -> Figure:
    """Children whose latest assessment of a case finds a private foster carer."""
    return _latest_factors(h, year).filter(pl.col("factor").is_in(PRIVATE_FOSTERING))["child"].n_unique(), None


def children_in_need(h: Histories, year: Year) -> Figure:
    """Cases that led to action and are open at the end of the year."""
    is_open = (pl.col("referral_date") <= year.last) & (pl.col("closure_date") > year.last)
    return h["cases"].filter(~pl.col("no_further_action"), is_open).height, None


def children_in_need_in_year(h: Histories, year: Year) -> Figure:
    """Children with a case open on any day of the year, but for those found not to be in need by its end."""
    in_year = (pl.col("referral_date") <= year.last) & (pl.col("closure_date") >= year.first)
    not_in_need = pl.col("closure_reason").is_in(NOT_IN_NEED) & (pl.col("closure_date") <= year.last)
    return h["cases"].filter(~pl.col("no_further_action"), in_year, ~not_in_need)["child"].n_unique(), None


def section_47_enquiries(h: Histories, year: Year) -> Figure:
    """Enquiries that began in the year."""
    return h["enquiries"].filter(year.holds("start_date")).height, None


def _conferences(h: Histories, year: Year) -> pl.DataFrame:
    """Children and days of the conferences of the year, after an enquiry or at a transfer."""
    enquired = h["enquiries"].select("child", day="conference_date")
    moved_in = h["cases"].select("child", day="transfer_conference_date")
    return pl.concat([enquired, moved_in]).filter(year.holds("day")).unique()


def section_47_to_conference(h: Histories, year: Year) -> Figure:
    """Conferences of the year beside its enquiries."""
    return _conferences(h, year).height, section_47_enquiries(h, year)[0]


def initial_conferences(h: Histories, year: Year) -> Figure:
    """Conferences of the year."""
    return _conferences(h, year).height, None


def conferences_within_15_days(h: Histories, year: Year) -> Figure:
    """Conferences no more than 15 working days after their enquiry began, of all after an enquiry."""
    held = h["enquiries"].filter(year.holds("conference_date"))
    took = working_days_between(_days(held, "start_date"), _days(held, "conference_date"))
    return int((took <= CONFERENCE_WITHIN).sum()), held.height


def _open_plans(h: Histories, year: Year) -> pl.DataFrame:
    return h["plans"].filter(pl.col("start_date") <= year.last, pl.col("end_date") > year.last)


def child_protection_plans(h: Histories, year: Year) -> Figure:
    """Children on a plan at the end of the year."""
    return _open_plans(h, year)["child"].n_unique(), None


def child_protection_plan_starts(h: Histories, year: Year) -> Figure:
    """Plans that began in the year."""
    return h["plans"].filter(year.holds("start_date")).height, None


def repeat_child_protection_plans(h: Histories, year: Year) -> Figure:
    """Plans of the year of children who had been on one before."""
    begun = h["plans"].filter(year.holds("start_date"))
    return int((begun["previous_plans"] > 0).sum()), begun.height


def plans_open_two_years(h: Histories, year: Year) -> Figure:
    """Plans that have been open for 730 days or more, the first and the last counted, of those open at the end."""
    is_open = _open_plans(h, year)
    return int((year.last - is_open["start_date"] + 1 >= TWO_YEARS).sum()), is_open.height


def plan_reviews_in_time(h: Histories, year: Year) -> Figure:
    """Plans open for three months or more whose first review came within three months, and later ones within six."""
    is_open = _open_plans(h, year)
    is_open = is_open.filter(pl.Series(after_months(_days(is_open, "start_date"), FIRST_REVIEW)) <= year.last)
    reviews = h["reviews"].filter(pl.col("review_date") <= year.last)
    # The day by which the next review was due after the start and after each review, and when it came; the last wait
    # ends with the year. A plan without a review waits in vain.
    of_plan = ["child", "start_date"]
    waits = reviews.join(is_open.select(of_plan), on=of_plan, how="semi").sort(*of_plan, "review_date")
    first = waits.group_by(of_plan).agg(since=pl.col("start_date").first(), until=pl.col("review_date").first())
    later = waits.select(
        *of_plan, since="review_date", until=pl.col("review_date").shift(-1).over(of_plan).fill_null(year.last)
    )
    late = pl.concat(
        [
            table.filter(pl.col("until") > pl.Series(after_months(_days(table, "since"), months)))
            for table, months in ((first, FIRST_REVIEW), (later, NEXT_REVIEW))
        ]
    )
    in_time = first.join(late, on=of_plan, how="anti")
    return in_time.height, is_open.height


def deescalation_sustained(h: Histories, year: Year) -> Figure:
    """Plans that ended by step-down and were not followed by another plan or a referral within two years.

    Children who died, turned eighteen, came into care or moved to another authority by the day after the end, or before
    the two years were over, are left out, and so are plans whose two years the returns do not reach.
    """
    ended = h["plans"].filter(year.holds("end_date"))
    ended = ended.with_columns(
        window=pl.Series(after_months(_days(ended, "end_date"), 24)).cast(pl.Int32),
        row=pl.int_range(pl.len()),
    ).join(h["children"].select("child", "adult_date"), on="child")
    again = _within(ended, h["plans"].select("child", day="start_date"))
    on_next_day = _within(ended, h["plans"].select("child", day="start_date"), until=1)
    referred = _within(ended, h["cases"].select("child", day="referral_date"))
    own_case = h["cases"].filter(pl.col("closure_reason") == MOVED_AWAY).select("child", "case", "closure_date")
    moved = ended.join(own_case, on=["child", "case"]).filter(pl.col("closure_date") <= pl.col("window"))["row"]
    deaths = h["cases"].filter(pl.col("closure_reason") == DIED).select("child", died="closure_date")
    died = ended.join(deaths, on="child").filter(pl.col("died") <= pl.col("window"))["row"]
    care = ended.join(h["periods_of_care"].select("child", enters="start_date", leaves="end_date"), on="child")
    next_day = pl.col("end_date") + 1
    in_care = care.filter(pl.col("enters") <= pl.col("window"), pl.col("leaves") > next_day)["row"]
    left = {*died, *moved, *in_care}
    kept = ended.filter(
        pl.col("window") <= year.reached,
        pl.col("adult_date") > pl.col("window"),
        ~pl.col("row").is_in([*left, *on_next_day]),
    )
    return kept.filter(~pl.col("row").is_in([*again, *referred])).height, kept.height


def _within(ended: pl.DataFrame, events: pl.DataFrame, *, until: int | None = None) -> list[int]:
    """The plans after whose end such an event comes, no later than the end of the window or so many days on."""
    last = pl.col("window") if until is None else pl.col("end_date") + until
    found = ended.join(events, on="child").filter(pl.col("day") > pl.col("end_date"), pl.col("day") <= last)
    return found["row"].unique().to_list()


def _days(table: pl.DataFrame, column: str) -> Whole:
    return table[column].to_numpy().astype(np.int64)


TRUTHS: Mapping[str, Callable[[Histories, Year], Figure]] = {
    truth.__name__: truth
    for truth in (
        referrals,
        referrals_no_further_action,
        rereferrals,
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
"""What is known of the histories, by the id of the indicator."""


def reporting_years(years: range) -> list[Year]:
    """Years to their 31 March, of returns that reach the last of them."""
    reached = year_end(years[-1])
    return [Year(year_start(year), year_end(year), reached, year) for year in years]


def true_figures(
    histories: Histories,
    la_code: str,
    years: Sequence[Year],
    truths: Mapping[str, Callable[[Histories, Year], Figure]],
) -> pl.DataFrame:
    """`indicator, la_code, period, numerator, denominator` of each indicator and year."""
    rows = [
        (name, la_code, str(year.number), *map(_amount, truth(histories, year)))
        for name, truth in truths.items()
        for year in years
    ]
    schema = {
        "indicator": pl.String,
        "la_code": pl.String,
        "period": pl.String,
        "numerator": pl.Float64,
        "denominator": pl.Float64,
    }
    return pl.DataFrame(rows, schema=schema, orient="row")


def _amount(number: float | None) -> float | None:
    """Rounded to six decimals, as sums of full-time equivalents and pounds must be to be the same in any order."""
    return None if number is None else round(float(number), DECIMALS)
